//! The skin's colour at a steady rate, and the filter before a spectrum.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use crate::pulse::PulseRefusal;
use crate::skin::{SkinSample, count};

/// Samples a second of every trace.
pub(crate) const HZ: f64 = 30.0;
/// No picture for longer than this is a hole that nothing fills.
const MAX_GAP_S: f64 = 0.5;

/// Red, green and blue, or other three numbers, at [`HZ`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    pub(crate) rgb: [Vec<f64>; 3],
}

impl Trace {
    /// Pictures come when they come; between two the colour is taken to go straight.
    pub(crate) fn of(
        samples: &[SkinSample],
        pick: fn(&SkinSample) -> Option<[f64; 3]>,
    ) -> Result<Self, PulseRefusal> {
        let known: Vec<(f64, [f64; 3])> =
            samples.iter().filter_map(|it| Some((it.at.since_start(samples), pick(it)?))).collect();
        let widest = known.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(0.0, f64::max);
        if widest > MAX_GAP_S {
            return Err(PulseRefusal::Gap { secs: widest, max: MAX_GAP_S });
        }
        let mut rgb = [vec![], vec![], vec![]];
        let mut step = 0;
        for pair in known.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            while known[0].0 + count(step) / HZ < to.0 {
                let share = (known[0].0 + count(step) / HZ - from.0) / (to.0 - from.0);
                for (idx, channel) in rgb.iter_mut().enumerate() {
                    channel.push(from.1[idx] + share * (to.1[idx] - from.1[idx]));
                }
                step += 1;
            }
        }
        Ok(Self { rgb })
    }
}

trait SinceStart {
    fn since_start(self, samples: &[SkinSample]) -> f64;
}

impl SinceStart for ems_model::Timestamp {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a minute")]
    fn since_start(self, samples: &[SkinSample]) -> f64 {
        (self.as_micros() - samples[0].at.as_micros()) as f64 / 1e6
    }
}

/// Passes 0.7 to 4 Hz without delay: second-order Butterworth sections (R. Bristow-Johnson's audio
/// cookbook) forwards and backwards.
pub(crate) fn band_pass(samples: &[f64]) -> Vec<f64> {
    let mean = samples.iter().sum::<f64>() / count(samples.len().max(1));
    let mut signal: Vec<f64> = samples.iter().map(|sample| sample - mean).collect();
    for _ in 0..2 {
        run(&mut signal, high_pass(crate::pulse::BAND_HZ[0]));
        run(&mut signal, low_pass(crate::pulse::BAND_HZ[1]));
        signal.reverse();
    }
    signal
}

/// Weights of the last three samples in, and of the last two out.
type Section = ([f64; 3], [f64; 2]);

fn low_pass(cutoff_hz: f64) -> Section {
    let cos = (TAU * cutoff_hz / HZ).cos();
    let side = (1.0 - cos) / 2.0;
    section([side, 1.0 - cos, side], cutoff_hz)
}

fn high_pass(cutoff_hz: f64) -> Section {
    let side = f64::midpoint(1.0, (TAU * cutoff_hz / HZ).cos());
    section([side, -2.0 * side, side], cutoff_hz)
}

fn section(forward: [f64; 3], cutoff_hz: f64) -> Section {
    let (sin, cos) = (TAU * cutoff_hz / HZ).sin_cos();
    let alpha = sin * FRAC_1_SQRT_2;
    let scale = 1.0 / (1.0 + alpha);
    (forward.map(|weight| weight * scale), [-2.0 * cos * scale, (1.0 - alpha) * scale])
}

fn run(signal: &mut [f64], (forward, back): Section) {
    let mut memory = [0.0; 2];
    for sample in signal {
        let out = forward[0] * *sample + memory[0];
        memory[0] = forward[1] * *sample - back[0] * out + memory[1];
        memory[1] = forward[2] * *sample - back[1] * out;
        *sample = out;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_of_pulses_passes_and_the_rest_does_not() {
        for (at_hz, low, high) in [(0.1, 0.0, 0.01), (1.5, 0.9, 1.0), (10.0, 0.0, 0.05)] {
            let wave: Vec<f64> =
                (0..900).map(|idx| (TAU * at_hz * f64::from(idx) / HZ).sin()).collect();
            let peak = band_pass(&wave)[300..600].iter().fold(0.0, |peak: f64, it| peak.max(*it));
            assert!((low..=high).contains(&peak), "{peak} at {at_hz} Hz");
        }
    }
}
