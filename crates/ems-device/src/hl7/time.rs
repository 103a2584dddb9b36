//! `YYYYMMDDHHMM[SS[.SSSS]][+ZZZZ]` (HL7 version 2.6, 2.A.22).

use ems_model::{Date, Timestamp};

use crate::reading::{Moment, time_of_day_us};

/// The moment that a field gives; `None` where it is coarser than a minute, or none.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let zone_at = text.find(['+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
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

/// A UTC time as a field gives it.
pub(super) fn field(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits + "+0000"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_puts_a_time_on_the_shared_timeline() {
        for (text, shown) in [
            ("20120512115858.123-0400", Some("2012-05-12T15:58:58.123Z")),
            ("20260912120000.0000+0530", Some("2026-09-12T06:30:00Z")),
            ("201205121158", Some("2012-05-12T11:58:00")),
            ("20120512", None),
            ("20121312115858", None),
            ("20120512115858+99", None),
            ("", None),
            ("é2012051211", None),
        ] {
            let found = moment(text).map(|it| it.to_string());
            assert_eq!(found.as_deref(), shown, "{text}");
        }
    }
}
