//! The bandwidth for measuring: 0.5 to 150 Hz without a shift in phase.
//!
//! A filter of zero phase may cut at up to 0.67 Hz without distorting the ST segment, and adults'
//! ECGs need 150 Hz (AHA/ACC/HRS 2007 recommendations for the standardization of the ECG, part I;
//! unverified). It looks ahead, so it is for recordings and not for a monitor.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use crate::rate::{Rate, count};

/// Two passes of 1.5 dB each at 0.5 Hz: a Butterworth section at 0.4 Hz.
const HIGH_PASS_HZ: f64 = 0.4;
/// Two passes of 1.5 dB each at 150 Hz.
const LOW_PASS_HZ: f64 = 187.0;
/// So much of the recording is mirrored at its ends, for the filter to settle.
const SETTLING_MS: f64 = 4000.0;

/// Takes wander and what lies above 150 Hz out of a lead; missing samples (NaN) hold the level.
pub(crate) fn for_measuring(rate: Rate, microvolts: &[f32]) -> Vec<f64> {
    let mut wave = without_gaps(microvolts);
    zero_phase(&mut wave, rate, &Section::high_pass(rate, HIGH_PASS_HZ));
    if LOW_PASS_HZ < 0.45 * rate.0 {
        zero_phase(&mut wave, rate, &Section::low_pass(rate, LOW_PASS_HZ));
    }
    wave
}

fn without_gaps(microvolts: &[f32]) -> Vec<f64> {
    let first = microvolts.iter().find(|it| it.is_finite()).copied().unwrap_or(0.0);
    let mut level = f64::from(first);
    let held = microvolts.iter().map(|&sample| {
        if sample.is_finite() {
            level = f64::from(sample);
        }
        level
    });
    held.collect()
}

/// Forward and backward, the ends mirrored through their last samples.
fn zero_phase(wave: &mut Vec<f64>, rate: Rate, section: &Section) {
    let n_mirrored = rate.samples(SETTLING_MS).min(wave.len().saturating_sub(1));
    let (Some(&first), Some(&last)) = (wave.first(), wave.last()) else { return };
    let before = wave[1..=n_mirrored].iter().rev().map(|it| 2.0 * first - it);
    let after = wave[wave.len() - 1 - n_mirrored..wave.len() - 1].iter().rev();
    let after = after.map(|it| 2.0 * last - it);
    let mut padded: Vec<f64> = before.chain(wave.iter().copied()).chain(after).collect();
    for _ in 0..2 {
        section.run(&mut padded);
        padded.reverse();
    }
    let n_samples = wave.len();
    *wave = padded.split_off(n_mirrored);
    wave.truncate(n_samples);
}

/// A Butterworth section of second order (R. Bristow-Johnson's audio cookbook).
#[derive(Debug, Clone, Copy)]
struct Section {
    forward: [f64; 3],
    back: [f64; 2],
}

impl Section {
    fn high_pass(rate: Rate, cutoff_hz: f64) -> Self {
        let (cos, alpha) = shape(rate, cutoff_hz);
        let side = f64::midpoint(1.0, cos);
        Self::new([side, -2.0 * side, side], cos, alpha)
    }

    fn low_pass(rate: Rate, cutoff_hz: f64) -> Self {
        let (cos, alpha) = shape(rate, cutoff_hz);
        let side = (1.0 - cos) / 2.0;
        Self::new([side, 2.0 * side, side], cos, alpha)
    }

    fn new(forward: [f64; 3], cos: f64, alpha: f64) -> Self {
        let whole = 1.0 + alpha;
        Self {
            forward: forward.map(|it| it / whole),
            back: [-2.0 * cos / whole, (1.0 - alpha) / whole],
        }
    }

    /// Filters in place, started as if the first sample had stood for ever.
    fn run(&self, wave: &mut [f64]) {
        let mut memory = self.settled(wave.first().copied().unwrap_or(0.0));
        for sample in wave {
            *sample = self.push(*sample, &mut memory);
        }
    }

    /// The memory after `level` has stood for ever.
    fn settled(&self, level: f64) -> [f64; 2] {
        let [b0, b1, b2] = self.forward;
        let [a1, a2] = self.back;
        let gain = (b0 + b1 + b2) / (1.0 + a1 + a2);
        let second = level * (b2 - a2 * gain);
        [level * (b1 - a1 * gain) + second, second]
    }

    /// Transposed direct form II.
    fn push(&self, sample: f64, memory: &mut [f64; 2]) -> f64 {
        let [b0, b1, b2] = self.forward;
        let [a1, a2] = self.back;
        let out = b0 * sample + memory[0];
        memory[0] = b1 * sample - a1 * out + memory[1];
        memory[1] = b2 * sample - a2 * out;
        out
    }
}

/// A causal band, one sample at a time: for looking at waves, not for measuring them.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    sections: [(Section, [f64; 2]); 2],
    is_started: bool,
}

impl Band {
    pub(crate) fn new(rate: Rate, from_hz: f64, until_hz: f64) -> Self {
        let sections = [Section::high_pass(rate, from_hz), Section::low_pass(rate, until_hz)];
        Self { sections: sections.map(|section| (section, [0.0; 2])), is_started: false }
    }

    pub(crate) fn push(&mut self, sample: f64) -> f64 {
        if !self.is_started {
            // As if the first sample had stood for ever: an electrode's offset draws no step.
            let (section, memory) = &mut self.sections[0];
            *memory = section.settled(sample);
            self.is_started = true;
        }
        self.sections.iter_mut().fold(sample, |it, (section, memory)| section.push(it, memory))
    }
}

fn shape(rate: Rate, cutoff_hz: f64) -> (f64, f64) {
    let angle = TAU * cutoff_hz / rate.0;
    (angle.cos(), angle.sin() * FRAC_1_SQRT_2)
}

/// The mean over `n` samples around each one, shorter at the ends.
pub(crate) fn smoothed(wave: &[f64], n: usize) -> Vec<f64> {
    let reach = n / 2;
    let mean_around = |at: usize| {
        let around = &wave[at.saturating_sub(reach)..(at + reach + 1).min(wave.len())];
        around.iter().sum::<f64>() / count(around.len())
    };
    (0..wave.len()).map(mean_around).collect()
}
