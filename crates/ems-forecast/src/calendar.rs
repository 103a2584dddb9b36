//! The days of a country on which people do not live as on others.

use ems_model::Date;
use serde::Deserialize;

/// Public holidays and what kind of effect each has: `data/holidays/*.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calendar {
    rules: Vec<(Rule, usize)>,
    effects: Vec<String>,
}

/// A calendar file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// Not TOML, an unknown key, or a missing one.
    #[error("calendar cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A holiday that names no day, two, or one that no year has.
    #[error(
        "holiday \"{holiday}\": {fact}: give on = \"MM-DD\", easter = DAYS, \
         weekday with nth and month, or dates = [\"YYYY-MM-DD\"]"
    )]
    Rule {
        /// Its name.
        holiday: String,
        /// What is wrong with it.
        fact: String,
    },
}

impl Calendar {
    /// Reads a file of holidays.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let file: File = toml::from_str(text)?;
        let mut calendar = Self::default();
        for holiday in &file.holiday {
            let rule = holiday
                .rule()
                .map_err(|fact| CalendarError::Rule { holiday: holiday.name.clone(), fact })?;
            let effect = calendar.effect_named(&holiday.effect);
            calendar.rules.push((rule, effect));
        }
        Ok(calendar)
    }

    /// Which effect a day has, 0..[`Calendar::n_effects`]; `None` on a day like others.
    ///
    /// Costs a few operations a rule.
    pub fn effect(&self, date: Date) -> Option<usize> {
        self.rules.iter().find(|(rule, _)| rule.holds(date)).map(|&(_, effect)| effect)
    }

    /// How many kinds of effect there are.
    pub fn n_effects(&self) -> usize {
        self.effects.len()
    }

    fn effect_named(&mut self, name: &str) -> usize {
        let known = self.effects.iter().position(|effect| effect == name);
        known.unwrap_or_else(|| {
            self.effects.push(name.to_owned());
            self.effects.len() - 1
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    days: Days,
    n_days: i32,
    except: Vec<Date>,
    from: i32,
}

#[derive(Debug, Clone, PartialEq)]
enum Days {
    /// Month and day of the month.
    On(u8, u8),
    /// Days after Easter Sunday.
    Easter(i32),
    /// Weekday (0 is Monday), which of the month (from its end if negative), month.
    Nth(u8, i8, u8),
    Dates(Vec<Date>),
}

impl Rule {
    fn holds(&self, date: Date) -> bool {
        let begins = |first: Date| first.civil().0 >= self.from && self.days.begin(first);
        !self.except.contains(&date) && (0..self.n_days).any(|ago| begins(date + -ago))
    }
}

impl Days {
    fn begin(&self, date: Date) -> bool {
        let (year, month, day) = date.civil();
        match self {
            Self::On(of_month, of_day) => (month, day) == (*of_month, *of_day),
            Self::Easter(after) => Date::easter(year).is_some_and(|easter| easter + *after == date),
            Self::Nth(weekday, nth, of_month) => {
                month == *of_month && date.weekday() == *weekday && is_nth(date, *nth)
            }
            Self::Dates(dates) => dates.contains(&date),
        }
    }
}

/// Whether a day is the nth of its weekday in its month, counted from the end if negative.
fn is_nth(date: Date, nth: i8) -> bool {
    let is_in_month = |weeks: i32| (date + 7 * weeks).civil().1 == date.civil().1;
    let (last, step) = (i32::from(nth.unsigned_abs()), -i32::from(nth.signum()));
    is_in_month(step * (last - 1)) && !is_in_month(step * last)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "a file says whose days it holds")]
    name: String,
    holiday: Vec<Holiday>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    effect: String,
    on: Option<String>,
    easter: Option<i32>,
    weekday: Option<Weekday>,
    nth: Option<i8>,
    month: Option<u8>,
    dates: Option<Vec<String>>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    from: i32,
    days: Option<u8>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Holiday {
    fn rule(&self) -> Result<Rule, String> {
        let except = dates(&self.except)?;
        let n_days = i32::from(self.days.unwrap_or(1));
        Ok(Rule { days: self.which_days()?, n_days, except, from: self.from })
    }

    fn which_days(&self) -> Result<Days, String> {
        match (&self.on, self.easter, self.weekday, &self.dates) {
            (Some(on), None, None, None) => month_and_day(on),
            (None, Some(after), None, None) => Ok(Days::Easter(after)),
            (None, None, Some(weekday), None) => self.nth_of(weekday),
            (None, None, None, Some(list)) => dates(list).map(Days::Dates),
            _ => Err("it names no day, or more than one".to_owned()),
        }
    }

    fn nth_of(&self, weekday: Weekday) -> Result<Days, String> {
        let weekday = weekday as u8;
        match (self.nth, self.month) {
            (Some(nth @ (-5..=-1 | 1..=5)), Some(month @ 1..=12)) => {
                Ok(Days::Nth(weekday, nth, month))
            }
            (nth, month) => Err(format!(
                "nth {nth:?} is outside -5..=-1 and 1..=5, or month {month:?} outside 1..=12"
            )),
        }
    }
}

fn month_and_day(text: &str) -> Result<Days, String> {
    // 2000 was a leap year: 29 February is a day.
    let date = Date::from_iso8601(&format!("2000-{text}"));
    let (_, month, day) = date.ok_or_else(|| format!("\"{text}\" is no day of a year"))?.civil();
    Ok(Days::On(month, day))
}

fn dates(texts: &[String]) -> Result<Vec<Date>, String> {
    let date = |text: &String| {
        Date::from_iso8601(text).ok_or_else(|| format!("\"{text}\" is no date from 1970 to 2199"))
    };
    texts.iter().map(date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(calendar: &Calendar, date: &str) -> Option<String> {
        let effect = calendar.effect(Date::from_iso8601(date).unwrap());
        effect.map(|effect| calendar.effects[effect].clone())
    }

    #[test]
    fn a_year_of_wales_has_the_days_that_wales_had_off() {
        let wales = include_str!("../../../data/holidays/england-wales.toml");
        let calendar = Calendar::parse(wales).unwrap();
        for (date, effect) in [
            ("2017-01-01", Some("new year")),
            ("2017-01-02", Some("bank holiday")),
            ("2017-01-03", None),
            ("2017-04-14", Some("good friday")),
            ("2017-04-17", Some("bank holiday")),
            ("2017-05-01", Some("bank holiday")),
            ("2017-05-08", None),
            ("2017-05-22", None),
            ("2017-05-29", Some("bank holiday")),
            ("2017-08-28", Some("bank holiday")),
            ("2017-12-25", Some("christmas")),
            ("2017-12-30", Some("between")),
            ("2017-12-31", Some("new year's eve")),
            ("2020-05-04", None),
            ("2020-05-08", Some("bank holiday")),
        ] {
            assert_eq!(named(&calendar, date).as_deref(), effect, "{date}");
        }
    }

    #[test]
    fn the_fourth_thursday_is_not_always_the_last() {
        let usa = include_str!("../../../data/holidays/usa.toml");
        let calendar = Calendar::parse(usa).unwrap();
        for (date, effect) in [
            ("2017-11-23", Some("thanksgiving")),
            ("2017-11-30", None),
            ("2019-06-19", None),
            ("2021-06-19", Some("day off")),
        ] {
            assert_eq!(named(&calendar, date).as_deref(), effect, "{date}");
        }
    }

    #[test]
    fn a_day_that_no_year_has_is_refused_by_name() {
        for (rule, fact) in [
            ("on = \"02-30\"", "\"02-30\" is no day of a year"),
            ("easter = 1\non = \"01-01\"", "it names no day, or more than one"),
            ("weekday = \"monday\"\nnth = 6\nmonth = 5", "nth Some(6) is outside"),
            ("dates = [\"2018-02-29\"]", "\"2018-02-29\" is no date"),
        ] {
            let text = format!("name = \"x\"\n[[holiday]]\nname = \"a\"\neffect = \"b\"\n{rule}\n");
            let error = Calendar::parse(&text).unwrap_err().to_string();
            assert!(error.contains("holiday \"a\"") && error.contains(fact), "{error}");
        }
    }
}
