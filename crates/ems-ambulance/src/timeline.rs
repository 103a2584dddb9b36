//! When each sample of a lead was taken.

use std::collections::VecDeque;

use ems_device::{EcgChunk, WavePiece};
use ems_model::{ClockWatch, Millis, Timestamp};

use crate::clock::DeviceClock;
use crate::drift::Drift;

/// Counts samples into time, and joins pieces into one timeline.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    hz: u32,
    clock: DeviceClock,
    /// When sample 0 was taken, were the sampling perfectly even.
    epoch: Timestamp,
    /// Device times of the last pieces.
    recent: VecDeque<Timestamp>,
    drift: Drift,
}

/// Where a piece of a wave lies, on the device's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    at: Timestamp,
    n_samples: u64,
    hz: u32,
}

impl From<&EcgChunk> for Span {
    fn from(piece: &EcgChunk) -> Self {
        Self { at: piece.at, n_samples: piece.microvolts.len() as u64, hz: piece.hz }
    }
}

impl From<&WavePiece> for Span {
    fn from(piece: &WavePiece) -> Self {
        Self { at: piece.at, n_samples: piece.samples.len() as u64, hz: piece.hz }
    }
}

/// How a piece follows what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// At once.
    Seamless,
    /// At once, for the device's clock was set meanwhile.
    Stepped(Millis),
    /// After so many missing samples.
    Gap(u64),
    /// So late that what came before has nothing to do with it.
    Afresh,
    /// It came before.
    Repeated,
}

/// Pieces jitter by less than this.
const JITTER_US: i64 = 50_000;
/// The timeline follows the device's clock by this part of what it is off.
const FOLLOW: i64 = 16;
/// A longer gap starts afresh.
const GAP_MAX_US: i64 = 10_000_000;
/// A piece that joins nothing is not older than this.
const PAST_MAX: Millis = Millis::new(5000);
/// So many pieces are remembered to know one that comes again.
const RECENT_PIECES: usize = 16;

impl Timeline {
    /// Starts with the first piece; gives by how much the device's clock is off, if it is.
    pub(crate) fn new(now: Timestamp, piece: Span) -> (Self, Option<Millis>) {
        let mut clock = DeviceClock::default();
        let end = after(piece.at, piece.n_samples, piece.hz);
        let off = DeviceClock::is_wrong(now, end, PAST_MAX).then(|| clock.step(end, now));
        let epoch = clock.correct(piece.at);
        let recent = VecDeque::from([piece.at]);
        (Self { hz: piece.hz, clock, epoch, recent, drift: Drift::new(piece.hz) }, off)
    }

    /// When a sample was taken.
    pub(crate) fn time_of(&self, sample: u64) -> Timestamp {
        after(self.epoch, sample, self.hz)
    }

    /// The sample before `next` arrived at `now`: the timeline goes on as the device's clock runs
    /// against the gateway's.
    pub(crate) fn arrived(&mut self, now: Timestamp, next: u64) {
        let Some(last) = next.checked_sub(1) else { return };
        let by_us = self.drift.arrived(now, last, self.time_of(last));
        self.epoch = shifted(self.epoch, by_us);
        self.clock.shift(by_us);
    }

    /// What is known of the device's clock.
    pub(crate) const fn clock(&self) -> Option<ClockWatch> {
        self.drift.watch()
    }

    /// Takes the next piece, of device time `at`; the sample `next` is its first if it joins at
    /// once.
    pub(crate) fn join(&mut self, now: Timestamp, at: Timestamp, next: u64) -> Joint {
        if self.is_repeated(at) {
            return Joint::Repeated;
        }
        if DeviceClock::is_wrong(now, self.time_of(next), Millis::new(i64::MAX / 1000)) {
            return Joint::Afresh;
        }
        let off_us = self.off_us(at, next);
        if off_us.abs() <= JITTER_US {
            self.epoch = shifted(self.epoch, off_us / FOLLOW);
            return Joint::Seamless;
        }
        let is_wrong = DeviceClock::is_wrong(now, self.clock.correct(at), PAST_MAX);
        if off_us < 0 || (is_wrong && !self.is_overdue(now, next)) {
            return Joint::Stepped(self.clock.step(at, self.time_of(next)));
        }
        if is_wrong || off_us > GAP_MAX_US {
            return Joint::Afresh;
        }
        Joint::Gap(self.samples_in(off_us))
    }

    /// Whether a piece of this time came lately; remembers it.
    fn is_repeated(&mut self, at: Timestamp) -> bool {
        let is_repeated = self.recent.contains(&at);
        if self.recent.len() == RECENT_PIECES {
            self.recent.pop_front();
        }
        self.recent.push_back(at);
        is_repeated
    }

    /// Whether the next sample should have come long ago, so that the device was away.
    fn is_overdue(&self, now: Timestamp, next: u64) -> bool {
        now.since(self.time_of(next)) > PAST_MAX
    }

    fn off_us(&self, at: Timestamp, next: u64) -> i64 {
        self.clock.correct(at).as_micros().saturating_sub(self.time_of(next).as_micros())
    }

    fn samples_in(&self, span_us: i64) -> u64 {
        let span_us = u64::try_from(span_us).unwrap_or(0);
        (span_us.saturating_mul(u64::from(self.hz)) + 500_000) / 1_000_000
    }
}

/// The time `n_samples` after `start`.
pub(crate) fn after(start: Timestamp, n_samples: u64, hz: u32) -> Timestamp {
    let span_us = u128::from(n_samples) * 1_000_000 / u128::from(hz.max(1));
    shifted(start, i64::try_from(span_us).unwrap_or(i64::MAX))
}

pub(crate) const fn shifted(at: Timestamp, by_us: i64) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_add(by_us))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_MS: i64 = 1_700_000_000_000;

    fn piece(ms: i64) -> EcgChunk {
        let at = Timestamp::from_millis(START_MS + ms);
        EcgChunk { at, lead: "II".into(), hz: 250, microvolts: vec![0.0; 25] }
    }

    #[test]
    fn a_piece_joins_by_its_time_and_a_clock_that_was_set_makes_no_gap() {
        for (next_ms, now_ms, joint) in [
            (100, 200, Joint::Seamless),
            (130, 200, Joint::Seamless),
            (0, 200, Joint::Repeated),
            (1100, 1200, Joint::Gap(250)),
            (-3000, 200, Joint::Stepped(Millis::new(-3100))),
            (3_600_100, 200, Joint::Stepped(Millis::new(3_600_000))),
            (60_000, 60_100, Joint::Afresh),
        ] {
            let (mut timeline, off) =
                Timeline::new(Timestamp::from_millis(START_MS + 100), Span::from(&piece(0)));
            assert_eq!(off, None);
            let now = Timestamp::from_millis(START_MS + now_ms);
            assert_eq!(timeline.join(now, piece(next_ms).at, 25), joint, "{next_ms} ms");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_from_the_start_is_put_right() {
        let now = Timestamp::from_millis(START_MS + 86_400_100);
        let (timeline, off) = Timeline::new(now, Span::from(&piece(0)));
        assert_eq!(off, Some(Millis::new(-86_400_000)));
        assert_eq!(timeline.time_of(25), now);
    }
}
