//! How fast roads are by their class and the hour of the week.
//!
//! A file of factors: a road's speed is that of the map times the factor of its class in that
//! hour. It is what is expected where nothing is known of the moment; live overlays go before it.

use std::collections::BTreeMap;

use ems_model::{HOURS_A_WEEK, HourOfWeek, Timestamp};
use serde::Deserialize;

use crate::network::{NO_WAY, whole};
use crate::profile::CLASSES;
use crate::roads::Roads;

/// The factors that ship: an assumption, see the head of the file.
pub const WEEK: &str = include_str!("../../../data/profiles/week.toml");

const FACTOR_MIN: f64 = 0.05;
const FACTOR_MAX: f64 = 1.5;
const HOUR_MICROS: i64 = 3_600_000_000;
const OFFSET_MINS_MAX: i32 = 14 * 60;

/// Factors of speed by class of road and hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    utc_offset_mins: i32,
    /// By class, then by hour.
    factors: Vec<[f64; HOURS_A_WEEK]>,
}

/// A file of factors that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeekError {
    /// Not TOML, an unknown key, or a missing one.
    #[error("week of speeds cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A class that OpenStreetMap roads do not have.
    #[error("week of speeds: class \"{class}\" is unknown: use one of {}", CLASSES.join(", "))]
    Class {
        /// The class as written.
        class: String,
    },
    /// A day that has no 24 hours.
    #[error("week of speeds: {curve} has {n_hours} hours: give 24, from midnight on")]
    Hours {
        /// Whose.
        curve: String,
        /// How many there are.
        n_hours: usize,
    },
    /// A number that makes no sense.
    #[error("week of speeds: {what} = {value} is outside {min}..={max}: correct it")]
    Number {
        /// Where.
        what: String,
        /// What was written.
        value: f64,
        /// The least that is accepted.
        min: f64,
        /// The greatest that is accepted.
        max: f64,
    },
    /// A curve that is named but not there.
    #[error(
        "week of speeds: class {class} names curve \"{curve}\", which is not there: add [curves.{curve}]"
    )]
    Curve {
        /// Whose.
        class: String,
        /// The name.
        curve: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Local time is UTC and so many minutes; no summer time.
    utc_offset_mins: i32,
    curves: BTreeMap<String, Curve>,
    /// The curve of each class; a class that is not named is driven at the map's speed.
    classes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Curve {
    /// Monday to Friday.
    workday: Vec<f64>,
    saturday: Vec<f64>,
    sunday: Vec<f64>,
}

impl Week {
    /// Reads and checks a file.
    pub fn parse(text: &str) -> Result<Self, WeekError> {
        let file: File = toml::from_str(text)?;
        let mins = file.utc_offset_mins;
        let most = f64::from(OFFSET_MINS_MAX);
        check("utc_offset_mins", f64::from(mins), -most, most)?;
        let mut factors = vec![[1.0; HOURS_A_WEEK]; CLASSES.len()];
        for (class, name) in &file.classes {
            let idx = CLASSES.iter().position(|known| known == class);
            let idx = idx.ok_or_else(|| WeekError::Class { class: class.clone() })?;
            let missing = || WeekError::Curve { class: class.clone(), curve: name.clone() };
            factors[idx] = file.curves.get(name).ok_or_else(missing)?.week(name)?;
        }
        Ok(Self { utc_offset_mins: mins, factors })
    }

    /// The hour of the week by local time.
    pub fn hour(&self, at: Timestamp) -> HourOfWeek {
        HourOfWeek::of(at, self.utc_offset_mins)
    }

    /// When the hour around a moment ends.
    pub fn hour_ends(&self, at: Timestamp) -> Timestamp {
        let offset = i64::from(self.utc_offset_mins) * 60_000_000;
        let local = at.as_micros().saturating_add(offset);
        let into = local.rem_euclid(HOUR_MICROS);
        Timestamp::from_micros(at.as_micros().saturating_add(HOUR_MICROS - into))
    }

    /// How many times the map's speed a class of road is driven in an hour.
    pub(crate) fn factor(&self, class: u8, hour: HourOfWeek) -> f64 {
        self.factors[class as usize][hour.get()]
    }
}

impl Curve {
    fn week(&self, name: &str) -> Result<[f64; HOURS_A_WEEK], WeekError> {
        let days =
            [("workday", &self.workday), ("saturday", &self.saturday), ("sunday", &self.sunday)];
        for (day, hours) in days {
            let n_hours = hours.len();
            if n_hours != 24 {
                return Err(WeekError::Hours { curve: format!("{name}.{day}"), n_hours });
            }
            for &factor in hours {
                check(&format!("{name}.{day}"), factor, FACTOR_MIN, FACTOR_MAX)?;
            }
        }
        Ok(std::array::from_fn(|hour| {
            let day = match hour / 24 {
                5 => &self.saturday,
                6 => &self.sunday,
                _ => &self.workday,
            };
            day[hour % 24]
        }))
    }
}

fn check(what: &str, value: f64, min: f64, max: f64) -> Result<(), WeekError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(WeekError::Number { what: what.to_owned(), value, min, max })
    }
}

impl Roads {
    /// These roads at the speeds of an hour of the week, without live overlays. Cost: a whole
    /// customisation.
    #[must_use]
    pub fn in_hour(&self, week: &Week, hour: HourOfWeek) -> Self {
        let millis = self.millis_in_hour(week, hour);
        self.with_bare(millis)
    }

    /// Milliseconds of each arc in an hour of the week; [`NO_WAY`] where it may not be driven.
    pub(crate) fn millis_in_hour(&self, week: &Week, hour: HourOfWeek) -> Vec<u32> {
        let edges = self.parts().edges.iter();
        let slowed = |edge: &crate::roads::Edge| {
            let factor = week.factor(edge.class, hour);
            edge.millis
                .map(|free| if free == NO_WAY { NO_WAY } else { whole(f64::from(free) / factor) })
        };
        edges.flat_map(slowed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_week_parses_and_rush_hours_are_slower_than_nights() {
        let week = Week::parse(WEEK).unwrap();
        let primary = u8::try_from(CLASSES.iter().position(|c| *c == "primary").unwrap()).unwrap();
        let at = |hour| week.factor(primary, HourOfWeek::new(hour).unwrap());
        assert!(at(8) < at(3));
        assert!(at(8) < at(6 * 24 + 8), "Sunday is quiet");
        let ferry = u8::try_from(CLASSES.iter().position(|c| *c == "ferry").unwrap()).unwrap();
        assert!(
            (0..HOURS_A_WEEK)
                .filter_map(HourOfWeek::new)
                .all(|hour| week.factor(ferry, hour).to_bits() == 1.0_f64.to_bits())
        );
    }

    #[test]
    fn an_hour_ends_by_the_local_clock() {
        for offset_mins in [0, 60, 330, -210, 345] {
            let offset = format!("utc_offset_mins = {offset_mins}");
            let week = Week::parse(&WEEK.replace("utc_offset_mins = 60", &offset)).unwrap();
            for millis in [-1, 0, 1, 1_704_067_200_000, 1_704_067_199_999] {
                let at = Timestamp::from_millis(millis);
                let ends = week.hour_ends(at);
                let last = Timestamp::from_micros(ends.as_micros() - 1);
                assert!(at < ends && week.hour(last) == week.hour(at), "{offset} {millis}");
                assert_ne!(week.hour(ends), week.hour(at), "{offset} {millis}");
            }
        }
    }

    #[test]
    fn a_week_that_cannot_be_used_says_what_to_correct() {
        for (from, to, part) in [
            ("primary = ", "highstreet = ", "class \"highstreet\" is unknown: use one of motorway"),
            (
                "utc_offset_mins = 60",
                "utc_offset_mins = 900",
                "utc_offset_mins = 900 is outside -840..=840",
            ),
            (
                "[curves.main]",
                "[curves.other]",
                "names curve \"main\", which is not there: add [curves.main]",
            ),
        ] {
            let error = Week::parse(&WEEK.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let short = WEEK.replacen("workday = [", "workday = [0.01, ", 1);
        assert!(Week::parse(&short).unwrap_err().to_string().contains("has 25 hours: give 24"));
    }
}
