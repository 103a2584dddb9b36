//! Times as people write them: RFC 3339, section 5.6, and what ISO 8601 allows beside it.

use crate::time::Timestamp;

impl Timestamp {
    /// Reads `2026-01-31T08:15:00[.5]Z`, or with a zone such as `+01:00`; years 1970..=2199.
    ///
    /// A leap second is the first of the next minute. A time without a zone is none.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let (millis, has_zone) = read(text)?;
        has_zone.then_some(Self::from_millis(millis))
    }

    /// As [`Timestamp::from_rfc3339`]; a time without a zone is UTC, seconds may be left out.
    pub fn from_iso8601(text: &str) -> Option<Self> {
        read(text).map(|(millis, _)| Self::from_millis(millis))
    }
}

impl Timestamp {
    /// Writes `2026-01-31T08:15:00Z`: UTC, without the fraction of its second.
    pub fn to_rfc3339(self) -> String {
        let secs = self.as_micros().div_euclid(1_000_000);
        let (days, of_day) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Milliseconds since 1970, and whether a zone was named.
fn read(text: &str) -> Option<(i64, bool)> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = date_from_iso(date)?;
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [hour, minute, second] = match clock.len() {
        5 => {
            let [hour, minute] = numbers(clock.split(':'), [2, 2])?;
            [hour, minute, 0]
        }
        _ => numbers(clock.split(':'), [2, 2, 2])?,
    };
    let is_date = (1970..=2199).contains(&year) && (1..=12).contains(&month);
    let is_clock = hour <= 23 && minute <= 59 && second <= 60;
    if !is_date || !is_clock || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let millis = (seconds - zone_secs(zone)?) * 1000 + millis_of(fraction)?;
    Some((millis, !zone.is_empty()))
}

/// Year, month and day as they stand in `2026-01-31`, not yet checked to be a date.
pub(crate) fn date_from_iso(text: &str) -> Option<[i64; 3]> {
    numbers(text.split('-'), [4, 2, 2])
}

/// Exactly so many whole numbers of those widths.
fn numbers<'a, const N: usize>(
    mut parts: impl Iterator<Item = &'a str>,
    widths: [usize; N],
) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn millis_of(fraction: &str) -> Option<i64> {
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    fraction.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn zone_secs(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None | Some('Z' | 'z') => return (zone.len() <= 1).then_some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let [hours, minutes] = match zone.len() {
        6 => numbers(zone[1..].split(':'), [2, 2])?,
        5 => {
            let [both] = numbers(std::iter::once(&zone[1..]), [4])?;
            [both / 100, both % 100]
        }
        _ => return None,
    };
    (hours <= 14 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

pub(crate) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Hinnant, "chrono-compatible
/// low-level date algorithms").
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day: the inverse of [`days_from_civil`].
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + 400 * era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_the_standard_writes_it() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1985-04-12T23:20:50.52Z", Some(482_196_050_520)),
            ("1996-12-19T16:39:57-08:00", Some(851_042_397_000)),
            ("1990-12-31T23:59:60Z", Some(662_688_000_000)),
            ("2026-02-29T08:00:00Z", None),
            ("2026-01-31T24:00:00Z", None),
            ("2026-01-31", None),
            ("2026-01-31T08:15:00+25:00", None),
            ("", None),
        ] {
            let read = Timestamp::from_rfc3339(text);
            assert_eq!(read, millis.map(Timestamp::from_millis), "{text}");
        }
    }

    #[test]
    fn only_iso_knows_a_time_without_a_zone() {
        let bare = "2026-01-31T08:15";
        assert_eq!(Timestamp::from_rfc3339(bare), None);
        let utc = Timestamp::from_rfc3339("2026-01-31T08:15:00Z");
        assert_eq!(Timestamp::from_iso8601(bare), utc);
    }

    #[test]
    fn dates_are_counted_as_the_calendar_does() {
        for (text, secs) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T00:00Z", Some(951_782_400)),
            ("2026-11-23T03:58:56Z", Some(1_795_406_336)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-01-01T24:00:00Z", None),
            ("2026-01-01T00:00:00+2500", None),
            ("2026-01-01", None),
        ] {
            assert_eq!(
                Timestamp::from_iso8601(text),
                secs.map(|s: i64| Timestamp::from_millis(s * 1000)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_reads_back_as_it_was_written() {
        for day in -100..70_000 {
            let at = Timestamp::from_millis(day * 86_413_000);
            let read = Timestamp::from_rfc3339(&at.to_rfc3339());
            assert_eq!(read, (day >= 0).then_some(at), "{at:?}");
        }
    }
}
