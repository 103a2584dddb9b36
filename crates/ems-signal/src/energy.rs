//! Turns a lead into the steepness of what looks like a QRS complex.

use std::collections::VecDeque;

use crate::biquad::Biquad;
use crate::rate::Rate;

const HIGH_PASS_HZ: f64 = 5.0;
const LOW_PASS_HZ: f64 = 16.0;
const SLOPE_MS: u32 = 10;
const MEAN_MS: u32 = 80;
/// Where the delay of the band-pass is taken.
const CENTRE_HZ: f64 = 10.0;

/// Band-pass 5 to 16 Hz, slope over 10 ms, rectified, mean over 80 ms.
#[derive(Debug, Clone)]
pub(crate) struct QrsEnergy {
    high_pass: Biquad,
    low_pass: Biquad,
    band: VecDeque<f64>,
    slopes: VecDeque<f64>,
    sum: f64,
    delay: u64,
}

impl QrsEnergy {
    pub(crate) fn new(rate: Rate) -> Self {
        let high_pass = Biquad::high_pass(rate, HIGH_PASS_HZ);
        let low_pass = Biquad::low_pass(rate, LOW_PASS_HZ);
        Self {
            delay: delay(rate, &high_pass, &low_pass),
            high_pass,
            low_pass,
            band: VecDeque::from(vec![0.0; rate.len(SLOPE_MS)]),
            slopes: VecDeque::from(vec![0.0; rate.len(MEAN_MS)]),
            sum: 0.0,
        }
    }

    /// Samples by which the energy of a complex comes after its middle.
    pub(crate) const fn delay(&self) -> u64 {
        self.delay
    }

    /// Takes a sample in microvolts, gives the mean slope in microvolts per 10 ms.
    pub(crate) fn push(&mut self, microvolts: f64) -> f64 {
        let band = self.low_pass.push(self.high_pass.push(microvolts));
        let slope = (band - shift(&mut self.band, band)).abs();
        self.sum += slope - shift(&mut self.slopes, slope);
        // Rounding may leave the sum a hair below zero after a strong complex.
        self.sum.max(0.0) / as_f64(self.slopes.len())
    }
}

/// Puts a value in at the back and takes the oldest out.
fn shift(line: &mut VecDeque<f64>, value: f64) -> f64 {
    line.push_back(value);
    line.pop_front().unwrap_or(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "a length of a few hundred samples")]
fn as_f64(len: usize) -> f64 {
    len as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a delay is a few samples, checked not to be negative"
)]
fn delay(rate: Rate, high_pass: &Biquad, low_pass: &Biquad) -> u64 {
    let filters =
        high_pass.group_delay_s(rate, CENTRE_HZ) + low_pass.group_delay_s(rate, CENTRE_HZ);
    let means = f64::from(SLOPE_MS + MEAN_MS) / 2000.0;
    ((filters + means) * rate.hz()).round().max(0.0) as u64
}
