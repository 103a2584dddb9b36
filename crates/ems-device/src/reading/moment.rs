//! When something was measured, as exactly as its message says.

use std::fmt;

use ems_model::{Date, Timestamp};

/// A time as a device or recording gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// On the shared timeline.
    Utc(Timestamp),
    /// On the device's own clock, whose zone is not known; kept as though it were UTC.
    Local(Timestamp),
    /// Microseconds since the device or the recording started.
    Elapsed(i64),
}

const DAY_US: i64 = 86_400_000_000;

/// Whether a clock can show it, in microseconds of the day.
pub(crate) fn time_of_day_us(hour: u8, minute: u8, second: u8) -> Option<i64> {
    let is_clock = hour < 24 && minute < 60 && second < 60;
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    is_clock.then_some(seconds * 1_000_000)
}

impl Moment {
    /// A date and a time of that day on a clock whose zone is not known.
    pub(crate) fn local(date: Date, time_of_day_us: i64) -> Self {
        Self::Local(Timestamp::from_micros(i64::from(date.days()) * DAY_US + time_of_day_us))
    }

    /// The same moment so many microseconds later.
    #[must_use]
    pub fn after(self, micros: i64) -> Self {
        let later = |at: Timestamp| Timestamp::from_micros(at.as_micros().saturating_add(micros));
        match self {
            Self::Utc(at) => Self::Utc(later(at)),
            Self::Local(at) => Self::Local(later(at)),
            Self::Elapsed(since) => Self::Elapsed(since.saturating_add(micros)),
        }
    }
}

/// `2026-01-31T08:15:00.250Z`, without `Z` on a clock of an unknown zone, `+12.5s` since the start.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, zone) = match *self {
            Self::Utc(at) => (at, "Z"),
            Self::Local(at) => (at, ""),
            Self::Elapsed(micros) => {
                let sign = if micros < 0 { '-' } else { '+' };
                let (secs, rest) =
                    (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
                return write!(f, "{sign}{secs}{}s", Fraction(rest));
            }
        };
        let rest = at.as_micros().rem_euclid(1_000_000).unsigned_abs();
        write!(f, "{}{}{zone}", at.to_rfc3339().trim_end_matches('Z'), Fraction(rest))
    }
}

/// Microseconds as `.25`; nothing where there are none.
struct Fraction(u64);

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return Ok(());
        }
        f.write_str(format!(".{:06}", self.0).trim_end_matches('0'))
    }
}

/// The moment that `YYYYMMDDHHMM[SS[.SSSS]][+ZZZZ]` gives (HL7 version 2.6, 2.A.22; DICOM PS3.5,
/// 6.2); `None` where it is coarser than a minute, or none.
pub(crate) fn clock_time(text: &str) -> Option<Moment> {
    let zone_at = text.find(['+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    // Some monitors leave the point out.
    let without_point = || clock.split_at_checked(14).unwrap_or((clock, ""));
    let (whole, fraction) = clock.split_once('.').unwrap_or_else(without_point);
    let is_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_digits || ![12, 14].contains(&whole.len()) {
        return None;
    }
    let two = |at: usize| whole.get(at..at + 2)?.parse::<u8>().ok();
    let date = Date::new(whole.get(..4)?.parse().ok()?, two(4)?, two(6)?)?;
    let second = if whole.len() == 14 { two(12)? } else { 0 };
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let of_day = time_of_day_us(two(8)?, two(10)?, second)? + micros.parse::<i64>().ok()?;
    let Moment::Local(local) = Moment::local(date, of_day) else { return None };
    if zone.is_empty() {
        return Some(Moment::Local(local));
    }
    Some(Moment::Utc(Timestamp::from_micros(local.as_micros() - zone_us(zone)?)))
}

fn zone_us(zone: &str) -> Option<i64> {
    let (sign, digits) = zone.split_at_checked(1)?;
    let is_clock = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let hours: i64 = digits.get(..2)?.parse().ok().filter(|hours| *hours < 24 && is_clock)?;
    let minutes: i64 = digits.get(2..)?.parse().ok().filter(|minutes| *minutes < 60)?;
    let micros = (hours * 60 + minutes) * 60_000_000;
    Some(if sign == "-" { -micros } else { micros })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_says_how_much_is_known_of_it() {
        let date = Date::new(2026, 1, 31).unwrap();
        let local = Moment::local(date, time_of_day_us(8, 15, 0).unwrap() + 250_000);
        let Moment::Local(at) = local else { panic!("{local}") };
        for (moment, shown) in [
            (local, "2026-01-31T08:15:00.25"),
            (Moment::Utc(at).after(750_000), "2026-01-31T08:15:01Z"),
            (Moment::Elapsed(-12_500_000), "-12.5s"),
            (Moment::Elapsed(8), "+0.000008s"),
        ] {
            assert_eq!(moment.to_string(), shown);
        }
        assert_eq!(time_of_day_us(24, 0, 0), None);
    }

    #[test]
    fn a_zone_puts_a_time_on_the_shared_timeline() {
        for (text, shown) in [
            ("20120512115858.123-0400", Some("2012-05-12T15:58:58.123Z")),
            ("20260912120000.0000+0530", Some("2026-09-12T06:30:00Z")),
            ("201205121158", Some("2012-05-12T11:58:00")),
            ("20120512115858123", Some("2012-05-12T11:58:58.123")),
            ("2012051211585", None),
            ("20120512", None),
            ("20121312115858", None),
            ("20120512115858+99", None),
            ("", None),
            ("é2012051211", None),
        ] {
            let found = clock_time(text).map(|it| it.to_string());
            assert_eq!(found.as_deref(), shown, "{text}");
        }
    }
}
