//! Puts a device's times on the gateway's timeline.

use ems_model::{Millis, Timestamp};

/// The offset of one device's clock, found out when it is plainly wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DeviceClock {
    offset_us: i64,
}

/// Nothing is measured later than now, but for this much of clock error.
const FUTURE_MAX: Millis = Millis::new(1000);

impl DeviceClock {
    /// A device time as corrected so far.
    pub(crate) const fn correct(self, at: Timestamp) -> Timestamp {
        Timestamp::from_micros(at.as_micros().saturating_add(self.offset_us))
    }

    /// Whether a corrected time cannot be: in the future, or more than `past_max` ago.
    pub(crate) fn is_wrong(now: Timestamp, corrected: Timestamp, past_max: Millis) -> bool {
        let age_us = now.as_micros().saturating_sub(corrected.as_micros());
        age_us < -FUTURE_MAX.get() * 1000 || age_us > past_max.get().saturating_mul(1000)
    }

    /// Moves the clock by what it has run away.
    pub(crate) const fn shift(&mut self, by_us: i64) {
        self.offset_us = self.offset_us.saturating_add(by_us);
    }

    /// Sets the clock so that device time `at` is `actually`; gives how far it was off.
    pub(crate) const fn step(&mut self, at: Timestamp, actually: Timestamp) -> Millis {
        let was = self.correct(at);
        self.offset_us = actually.as_micros().saturating_sub(at.as_micros());
        Millis::new(was.as_micros().saturating_sub(actually.as_micros()) / 1000)
    }
}
