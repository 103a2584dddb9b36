//! Tells each second whether a lead can be trusted.

use crate::biquad::Biquad;
use crate::rate::{Rate, UnsupportedRate};

/// What a lead looked like for a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeadState {
    /// Usable.
    Good,
    /// Usable with care: muscle noise or hum above 0.3 mV.
    Noisy,
    /// A line without even noise: a dead amplifier, or asystole behind a strong filter.
    Flat,
    /// The amplifier is at its limit.
    Saturated,
    /// More than half of the samples are missing: the electrode is off.
    Off,
}

/// One second of one lead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// The first sample after that second, counted from 0 at the first pushed one.
    pub until_sample: u64,
    /// The verdict.
    pub state: LeadState,
    /// The median peak-to-peak of 50 ms above 25 Hz, in microvolts.
    pub noise_microvolts: f32,
}

/// Judges one lead second by second.
#[derive(Debug, Clone)]
pub struct QualityMeter {
    rate: Rate,
    now: u64,
    origin: Option<f64>,
    high_pass: Biquad,
    samples: Vec<f64>,
    noise: Vec<f64>,
    finished: Option<Quality>,
}

const FLAT_MICROVOLTS: f64 = 3.0;
const NOISY_MICROVOLTS: f64 = 300.0;
const NOISE_HZ: f64 = 25.0;
const BLOCK_MS: u32 = 50;
/// A clipped wave stays at its limit for so long.
const CLIPPED_MS: u32 = 60;
/// No amplifier is at its limit within this.
const CLIPPED_MICROVOLTS: f64 = 500.0;

impl QualityMeter {
    /// Sets up for one lead at `hz`, 100..=2000.
    pub fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        Ok(Self {
            rate,
            now: 0,
            origin: None,
            high_pass: Biquad::high_pass(rate, NOISE_HZ),
            samples: vec![],
            noise: vec![],
            finished: None,
        })
    }

    /// Takes one sample in microvolts as measured, NaN for a missing one.
    pub fn push(&mut self, microvolts: f32) {
        self.now += 1;
        let sample = f64::from(microvolts);
        if sample.is_finite() {
            let origin = *self.origin.get_or_insert(sample);
            self.samples.push(sample);
            self.noise.push(self.high_pass.push(sample - origin));
        } else {
            self.origin = None;
            self.high_pass.reset();
        }
        if self.now.is_multiple_of(self.rate.samples(1000)) {
            self.finished = Some(self.judge());
            self.samples.clear();
            self.noise.clear();
        }
    }

    /// The second that has just ended; kept until the next one ends.
    pub fn poll_output(&mut self) -> Option<Quality> {
        self.finished.take()
    }

    fn judge(&self) -> Quality {
        let noise = self.noise();
        let state = if self.samples.len() < self.rate.len(500) {
            LeadState::Off
        } else if span(&self.samples) < FLAT_MICROVOLTS {
            LeadState::Flat
        } else if self.is_clipped() {
            LeadState::Saturated
        } else if noise > NOISY_MICROVOLTS {
            LeadState::Noisy
        } else {
            LeadState::Good
        };
        #[expect(clippy::cast_possible_truncation, reason = "an amplitude for people")]
        Quality { until_sample: self.now, state, noise_microvolts: noise as f32 }
    }

    fn noise(&self) -> f64 {
        let mut spans: Vec<_> = self.noise.chunks(self.rate.len(BLOCK_MS)).map(span).collect();
        spans.sort_by(f64::total_cmp);
        spans.get(spans.len() / 2).copied().unwrap_or(0.0)
    }

    /// Whether the wave stays at one of its extremes, far from its middle.
    fn is_clipped(&self) -> bool {
        let (low, high) = extremes(&self.samples);
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted[sorted.len() / 2];
        let is_far = |limit: f64| (limit - middle).abs() > (high - low) / 3.0;
        let is_at =
            |limit: f64| is_far(limit) && self.longest_run(limit) > self.rate.len(CLIPPED_MS);
        high - low > CLIPPED_MICROVOLTS && (is_at(low) || is_at(high))
    }

    fn longest_run(&self, limit: f64) -> usize {
        let is_there = |sample: &f64| (sample - limit).abs() < 0.5;
        self.samples.split(|sample| !is_there(sample)).map(<[f64]>::len).max().unwrap_or(0)
    }
}

fn span(samples: &[f64]) -> f64 {
    let (low, high) = extremes(samples);
    (high - low).max(0.0)
}

fn extremes(samples: &[f64]) -> (f64, f64) {
    samples.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &sample| {
        (low.min(sample), high.max(sample))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of(wave: impl Fn(usize) -> f32) -> LeadState {
        let mut meter = QualityMeter::new(250).unwrap();
        (0..250).for_each(|idx| meter.push(wave(idx)));
        let quality = meter.poll_output().unwrap();
        assert_eq!(quality.until_sample, 250);
        quality.state
    }

    #[test]
    fn a_second_is_judged_by_what_came() {
        let ripple = |idx: usize| if idx.is_multiple_of(2) { 4.0 } else { 0.0 };
        let beat = |idx: usize| if idx == 100 { 1000.0 } else { ripple(idx) };
        assert_eq!(state_of(beat), LeadState::Good);
        assert_eq!(state_of(|_| 120.0), LeadState::Flat);
        assert_eq!(state_of(|_| f32::NAN), LeadState::Off);
        assert_eq!(state_of(|idx| if idx % 4 < 2 { 400.0 } else { -400.0 }), LeadState::Noisy);
        let clipped = |idx: usize| if idx > 200 { 5000.0 } else { ripple(idx) };
        assert_eq!(state_of(clipped), LeadState::Saturated);
    }
}
