//! What the pulses of one channel say together: their rate, and whether they can be trusted.

use std::collections::VecDeque;

use ems_model::{Estimate, WhyMissing};

use crate::pulses::Pulse;
use crate::robust::{median, spread};

/// A rate is told over this.
const LOOK_S: f64 = 12.0;
/// Pulses that say something.
const PULSES_MIN: usize = 5;
/// A pulse this much like the usual one is a clean one.
pub(crate) const LIKE: f64 = 0.8;
/// In a clean channel this share of pulses is.
const CLEAN: f64 = 0.75;
/// Pulses are kept for so long: what slow breaths need.
const KEPT_S: f64 = 90.0;

/// The last pulses of one channel. Times are seconds from its first sample.
#[derive(Debug, Clone)]
pub struct PulseTrain {
    hz: f64,
    pulses: VecDeque<Pulse>,
}

impl PulseTrain {
    /// Starts without a pulse; `hz`: samples a second of what the pulses were found in.
    pub fn new(hz: f64) -> Self {
        Self { hz, pulses: VecDeque::new() }
    }

    /// Takes the next pulse.
    pub fn push(&mut self, pulse: Pulse) {
        self.pulses.push_back(pulse);
        while self.pulses.front().is_some_and(|it| pulse.foot - it.foot > KEPT_S * self.hz) {
            self.pulses.pop_front();
        }
    }

    /// Pulses whose foot lies in the last `secs` before `at`, oldest first: the foot's time, and
    /// the pulse.
    pub fn last(&self, at: f64, secs: f64) -> impl Iterator<Item = (f64, &Pulse)> {
        let pulses = self.pulses.iter().map(|pulse| (pulse.foot / self.hz, pulse));
        pulses.filter(move |(foot, _)| (at - secs..=at).contains(foot))
    }

    /// The share of clean pulses in the last 12 s, 0..=1; `None` for fewer than five.
    pub fn quality(&self, at: f64) -> Option<f64> {
        let pulses: Vec<_> = self.last(at, LOOK_S).collect();
        let n_clean = pulses.iter().filter(|(_, pulse)| pulse.likeness >= LIKE).count();
        (pulses.len() >= PULSES_MIN).then(|| ratio(n_clean, pulses.len()))
    }

    /// Whether the channel can be trusted at `at`.
    pub fn check(&self, at: f64) -> Result<(), WhyMissing> {
        match self.quality(at) {
            None => Err(WhyMissing::TooShort),
            Some(quality) if quality < CLEAN => Err(WhyMissing::BadQuality),
            Some(_) => Ok(()),
        }
    }

    /// Pulses a minute by their median interval over 12 s; its deviation by their spread and by the
    /// length of a sample.
    pub fn rate(&self, at: f64) -> Result<Estimate, WhyMissing> {
        self.check(at)?;
        let feet: Vec<f64> = self.last(at, LOOK_S).map(|(foot, _)| foot).collect();
        let intervals: Vec<f64> = feet.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let interval = median(&intervals).ok_or(WhyMissing::TooShort)?;
        if at - feet[feet.len() - 1] > 2.0 * interval + 0.5 {
            return Err(WhyMissing::TooOld);
        }
        let by_spread = spread(&intervals).unwrap_or(0.0) / ratio(intervals.len(), 1).sqrt();
        let sd = by_spread.hypot(1.0 / self.hz) * 60.0 / (interval * interval);
        Ok(Estimate { value: 60.0 / interval, sd })
    }
}

#[expect(clippy::cast_precision_loss, reason = "pulses are counted in hundreds")]
fn ratio(n: usize, of: usize) -> f64 {
    n as f64 / of as f64
}
