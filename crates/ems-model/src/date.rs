//! Days of the calendar, without a clock or a zone.

use std::fmt;
use std::ops::Add;

use crate::iso::{civil_from_days, date_from_iso, days_from_civil, days_in};

/// A day of the Gregorian calendar: days since 1970-01-01, negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// Reads `2018-04-26`; years 1970..=2199.
    pub fn from_iso8601(text: &str) -> Option<Self> {
        date_from_iso(text).and_then(Self::of_civil)
    }

    /// The day of a year, a month 1..=12 and a day of the month; `None` where there is none, as on
    /// 30 February, or the year is outside 1970..=2199.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        Self::of_civil([year.into(), month.into(), day.into()])
    }

    fn of_civil([year, month, day]: [i64; 3]) -> Option<Self> {
        let is_date = (1970..=2199).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        let days = is_date.then(|| days_from_civil(year, month, day))?;
        i32::try_from(days).ok().map(Self)
    }

    /// The day of a count of days since 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day of the week: 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((i64::from(self.0) + 3).rem_euclid(7)).expect("a week has seven days")
    }

    /// Year, month 1..=12, day of the month 1..=31.
    pub fn civil(self) -> (i32, u8, u8) {
        let (year, month, day) = civil_from_days(self.0.into());
        let small = |number: i64| u8::try_from(number).expect("a month or a day is below 32");
        let year = i32::try_from(year).expect("an i32 of days is fewer than 2^31 years");
        (year, small(month), small(day))
    }

    /// Days since `earlier`, negative if `earlier` is later.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm that Meeus gives,
    /// "Astronomical Algorithms", chapter 8; quoted from memory, checked by a table of dates).
    pub fn easter(year: i32) -> Option<Self> {
        let (golden, century, of_century) = (year % 19, year / 100, year % 100);
        let corrected = (century - (century + 8) / 25 + 1) / 3;
        let moon = (19 * golden + century - century / 4 - corrected + 15) % 30;
        let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
        let late = (golden + 11 * moon + 22 * to_sunday) / 451;
        let number = moon + to_sunday - 7 * late + 114;
        Self::new(year, u8::try_from(number / 31).ok()?, u8::try_from(number % 31 + 1).ok()?)
    }
}

impl Add<i32> for Date {
    type Output = Self;
    fn add(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back_as_it_was_written() {
        for days in 0..84_006 {
            let date = Date::from_days(days);
            assert_eq!(Date::from_iso8601(&date.to_string()), Some(date));
        }
        for text in ["2018-02-29", "2018-13-01", "18-01-01", "2018-1-1", "2018-01-01T00:00", ""] {
            assert_eq!(Date::from_iso8601(text), None, "{text}");
        }
    }

    #[test]
    fn a_week_begins_on_monday() {
        let date = Date::from_iso8601("2018-04-25").unwrap();
        assert_eq!([date.weekday(), (date + 4).weekday(), (date + 5).weekday()], [2, 6, 0]);
    }

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for text in ["2000-04-23", "2008-03-23", "2011-04-24", "2016-03-27", "2018-04-01"] {
            let date = Date::from_iso8601(text).unwrap();
            assert_eq!(Date::easter(date.civil().0), Some(date), "{text}");
        }
    }
}
