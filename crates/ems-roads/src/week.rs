//! How fast roads are by their class and the hour of the week.
//!
//! A file of factors: a road's speed is that of the map times the factor of its class in that
//! hour. It is what is expected where nothing is known of the moment; live overlays go before it.

use std::collections::BTreeMap;

use ems_model::{Millis, Timestamp};
use serde::Deserialize;

use crate::network::{NO_WAY, whole};
use crate::profile::CLASSES;
use crate::roads::Roads;

/// The factors that ship: an assumption, see the head of the file.
pub const WEEK: &str = include_str!("../../../data/profiles/week.toml");

/// Hours of a week, from Monday's first.
pub(crate) const HOURS: usize = 7 * 24;

const FACTOR_MIN: f64 = 0.05;
const FACTOR_MAX: f64 = 1.5;
/// 1970-01-01 was a Thursday: the Monday before it began so many days earlier.
const DAYS_SINCE_MONDAY: i64 = 3;
const OFFSET_MINS_MAX: i64 = 14 * 60;

/// Factors of speed by class of road and hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    offset: Millis,
    /// By class, then by hour.
    factors: Vec<[f64; HOURS]>,
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
    utc_offset_mins: i64,
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
        check("utc_offset_mins", float(mins), -float(OFFSET_MINS_MAX), float(OFFSET_MINS_MAX))?;
        let mut factors = vec![[1.0; HOURS]; CLASSES.len()];
        for (class, name) in &file.classes {
            let idx = CLASSES.iter().position(|known| known == class);
            let idx = idx.ok_or_else(|| WeekError::Class { class: class.clone() })?;
            let missing = || WeekError::Curve { class: class.clone(), curve: name.clone() };
            factors[idx] = file.curves.get(name).ok_or_else(missing)?.week(name)?;
        }
        Ok(Self { offset: Millis::from_mins(mins), factors })
    }

    /// The hour of the week, 0..168 from Monday's first, by local time.
    pub fn hour(&self, at: Timestamp) -> usize {
        let local = (at + self.offset).as_micros();
        let hours = local.div_euclid(3_600_000_000) + 24 * DAYS_SINCE_MONDAY;
        usize::try_from(hours.rem_euclid(168)).expect("0..168 is in range")
    }

    /// How many times the map's speed a class of road is driven in an hour.
    pub(crate) fn factor(&self, class: u8, hour: usize) -> f64 {
        self.factors[class as usize][hour]
    }
}

impl Curve {
    fn week(&self, name: &str) -> Result<[f64; HOURS], WeekError> {
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

#[expect(clippy::cast_precision_loss, reason = "minutes of a day, or refused")]
fn float(mins: i64) -> f64 {
    mins as f64
}

impl Roads {
    /// These roads at the speeds of an hour of the week, without live overlays. Cost: a whole
    /// customisation.
    ///
    /// # Panics
    /// If the hour is not in 0..168.
    #[must_use]
    pub fn in_hour(&self, week: &Week, hour: usize) -> Self {
        let millis = self.millis_in_hour(week, hour);
        self.with_bare(millis)
    }

    /// Milliseconds of each arc in an hour of the week; [`NO_WAY`] where it may not be driven.
    pub(crate) fn millis_in_hour(&self, week: &Week, hour: usize) -> Vec<u32> {
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
        assert!(week.factor(primary, 8) < week.factor(primary, 3));
        assert!(week.factor(primary, 8) < week.factor(primary, 6 * 24 + 8), "Sunday is quiet");
        let ferry = u8::try_from(CLASSES.iter().position(|c| *c == "ferry").unwrap()).unwrap();
        assert!((0..HOURS).all(|hour| week.factor(ferry, hour).to_bits() == 1.0_f64.to_bits()));
    }

    #[test]
    fn hours_are_counted_from_monday_by_local_time() {
        let mut week = Week::parse(WEEK).unwrap();
        for (text, offset_mins, hour) in [
            ("2026-11-23T00:00:00Z", 0, 0),
            ("2026-11-25T08:59:59Z", 0, 2 * 24 + 8),
            ("2026-11-29T23:00:00Z", 0, 167),
            ("2026-11-29T23:00:00Z", 60, 0),
            ("1970-01-01T00:00:00Z", 0, 3 * 24),
        ] {
            week.offset = Millis::from_mins(offset_mins);
            assert_eq!(week.hour(Timestamp::from_rfc3339(text).unwrap()), hour, "{text}");
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
