//! The hour of the week, in local time.

use crate::time::Timestamp;

/// How many hours a week has.
pub const HOURS_A_WEEK: usize = 168;

/// An hour of the week: 0 is Monday from 00:00 to 01:00, 167 the last of Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourOfWeek(u8);

/// Microseconds in an hour.
const HOUR_MICROS: i64 = 3_600_000_000;

/// 1970-01-01 was a Thursday.
const FIRST_HOUR: i64 = 3 * 24;

impl HourOfWeek {
    /// The hour of a point in time where the clock is `utc_offset_mins` ahead of UTC.
    pub fn of(at: Timestamp, utc_offset_mins: i32) -> Self {
        let local = at.as_micros().saturating_add(i64::from(utc_offset_mins) * 60_000_000);
        let hours = local.div_euclid(HOUR_MICROS).saturating_add(FIRST_HOUR);
        Self(u8::try_from(hours.rem_euclid(168)).expect("a week has 168 hours"))
    }

    /// The hour of a number; `None` from 168 on.
    pub fn new(hour: usize) -> Option<Self> {
        u8::try_from(hour).ok().filter(|_| hour < HOURS_A_WEEK).map(Self)
    }

    /// Its number, 0..168.
    pub fn get(self) -> usize {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hour_is_mondays_by_the_local_clock() {
        // 2024-01-01 was a Monday; its midnight in UTC is 1,704,067,200 s.
        for (secs, offset_mins, want) in [
            (1_704_067_200, 0, 0),
            (1_704_067_199, 0, 167),
            (1_704_067_200, 60, 1),
            (1_704_067_200, -30, 167),
            (1_704_067_200 + 86_400 + 3_599, 0, 24),
            (-1, 0, 71),
        ] {
            let at = Timestamp::from_millis(secs * 1000);
            assert_eq!(HourOfWeek::of(at, offset_mins).get(), want, "{secs} s {offset_mins} min");
        }
    }
}
