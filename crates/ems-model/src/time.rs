//! Points in time and lengths of time, as plain integers.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z on the timeline that all roles share.
///
/// Arithmetic stops at the ends of time: a device may say any number, and a clock that is absurdly
/// wrong must neither stop a role nor come out on the other side as right.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of time in milliseconds; negative where a later point is subtracted from an earlier.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Millis(i64);

/// A length of time in microseconds, where milliseconds are too coarse: packets on a link.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Micros(i64);

impl Timestamp {
    /// Wraps microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Wraps milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The time since `earlier`, negative if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0) / 1000)
    }

    /// The time since `earlier` to the microsecond, negative if `earlier` is later.
    pub const fn micros_since(self, earlier: Self) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }
}

impl Micros {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Wraps a count of microseconds.
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// Milliseconds as microseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// The count of microseconds.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Milliseconds with their fraction.
    #[expect(clippy::cast_precision_loss, reason = "spans on a link stay far below 2^52 us")]
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Wraps a count of milliseconds.
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// Whole seconds as milliseconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Whole minutes as milliseconds.
    pub const fn from_mins(mins: i64) -> Self {
        Self(mins.saturating_mul(60_000))
    }

    /// The count of milliseconds.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Seconds with their fraction.
    #[expect(clippy::cast_precision_loss, reason = "spans of a service stay far below 2^52 ms")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The length without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;
    fn add(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0.saturating_mul(1000)))
    }
}

impl Sub<Millis> for Timestamp {
    type Output = Self;
    fn sub(self, span: Millis) -> Self {
        Self(self.0.saturating_sub(span.0.saturating_mul(1000)))
    }
}

impl Add<Micros> for Timestamp {
    type Output = Self;
    fn add(self, span: Micros) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Micros> for Timestamp {
    type Output = Self;
    fn sub(self, span: Micros) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Millis {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Millis {
    /// Writes minutes and seconds as a dispatcher reads them: `14:10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let secs = self.0.unsigned_abs() / 1000;
        write!(f, "{sign}{}:{:02}", secs / 60, secs % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_as_minutes_and_seconds() {
        for (ms, text) in [(0, "0:00"), (59_999, "0:59"), (850_000, "14:10"), (-61_000, "-1:01")] {
            assert_eq!(Millis::new(ms).to_string(), text, "{ms} ms");
        }
    }

    #[test]
    fn adding_a_span_and_asking_for_it_gives_it_back() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!((start + Millis::from_secs(90)).since(start), Millis::from_secs(90));
        assert_eq!((start + Millis::from_secs(90)) - Millis::from_secs(90), start);
    }

    #[test]
    fn an_absurd_clock_stays_far_off_instead_of_coming_round() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let (first, last) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
        let century = Millis::from_mins(100 * 365 * 24 * 60);
        assert!(now.since(first) > century && now.since(last) < Millis::ZERO - century);
        assert_eq!((first - century, last + century), (first, last));
        assert_eq!(now + Millis::new(i64::MAX), last);
        assert!(Millis::new(i64::MIN).abs() > century);
        assert_eq!(Millis::new(i64::MIN).to_string(), "-153722867280912:55");
    }
}
