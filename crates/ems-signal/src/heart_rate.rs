//! The heart rate from the beats of one lead.

use std::collections::VecDeque;

use ems_model::{Bpm, Millis};

use crate::beats::Beat;

/// Takes the median of the last RR intervals.
#[derive(Debug, Clone)]
pub struct HeartRate {
    hz: u32,
    beats: VecDeque<u64>,
}

/// The median is over at most this many beats.
const MAX_BEATS: usize = 9;
/// Without a beat for so long the rate is not known.
const STALE_MS: u64 = 4000;
/// Fewer beats than this say nothing.
const MIN_BEATS: usize = 3;

impl HeartRate {
    /// Starts without a beat; `hz` is the rate of the beats' samples, above 0.
    pub fn new(hz: u32) -> Self {
        Self { hz: hz.max(1), beats: VecDeque::new() }
    }

    /// Takes a beat, each later than the one before.
    pub fn on_beat(&mut self, beat: Beat) {
        if self.silence_ms(beat.sample).is_some_and(|silence| silence > STALE_MS) {
            self.beats.clear();
        }
        if self.beats.len() == MAX_BEATS {
            self.beats.pop_front();
        }
        self.beats.push_back(beat.sample);
    }

    /// The rate as known at `sample`; `None` for less than 3 beats, or when the last is 4 s old.
    pub fn at(&self, sample: u64) -> Option<Bpm> {
        let is_fresh = self.silence_ms(sample)? <= STALE_MS;
        if !is_fresh || self.beats.len() < MIN_BEATS {
            return None;
        }
        let beats = self.beats.iter().zip(self.beats.iter().skip(1));
        let mut intervals: Vec<u64> = beats.map(|(from, to)| to.saturating_sub(*from)).collect();
        intervals.sort_unstable();
        let twice = intervals[intervals.len() / 2] + intervals[(intervals.len() - 1) / 2];
        let bpm = (120 * u64::from(self.hz) + twice / 2) / twice.max(1);
        Bpm::new(u16::try_from(bpm).unwrap_or(u16::MAX)).ok()
    }

    /// The time from the last beat to `sample`; `None` before the first beat.
    pub fn silence(&self, sample: u64) -> Option<Millis> {
        let ms = self.silence_ms(sample)?;
        Some(Millis::new(i64::try_from(ms).unwrap_or(i64::MAX)))
    }

    fn silence_ms(&self, sample: u64) -> Option<u64> {
        let last = self.beats.back()?;
        Some(sample.saturating_sub(*last).saturating_mul(1000) / u64::from(self.hz))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate_of(beats: &[u64], at: u64) -> Option<u16> {
        let mut rate = HeartRate::new(250);
        for &sample in beats {
            rate.on_beat(Beat { sample, found_at: sample });
        }
        rate.at(at).map(Bpm::get)
    }

    #[test]
    fn the_rate_is_the_median_and_goes_stale() {
        for (beats, at, bpm) in [
            (&[0, 250][..], 260, None),
            (&[0, 250, 500], 510, Some(60)),
            (&[0, 250, 500], 1500, Some(60)),
            (&[0, 250, 500], 1501, None),
            (&[0, 250, 350, 600, 850], 900, Some(60)),
            (&[0, 250, 500, 5000], 5010, None),
            (&[0, 100, 200, 300], 310, Some(150)),
        ] {
            assert_eq!(rate_of(beats, at), bpm, "{beats:?} at {at}");
        }
    }
}
