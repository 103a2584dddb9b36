//! Reads a stream between its samples, as another's grid asks.

use std::collections::VecDeque;
use std::f64::consts::PI;

/// Samples on either side that a value is made of, at a rate that is not lowered.
const SIDE: usize = 16;
/// Kaiser's window: what it lets through of other frequencies is 80 dB down (from memory).
const SHAPE: f64 = 8.0;
/// No rate is lowered to less than this part at once.
const LOWEST: f64 = 0.05;

/// A stream that can be read at any place between its samples, [`Self::delay_samples`] late.
///
/// A windowed sinc over 32 samples, more where the rate is lowered, so that what the new grid
/// cannot
/// hold is taken out. Frequencies up to 0.4 of the lower rate come out within -60 dB of what they
/// are.
/// Cost: 32 sines and square roots a value, more where the rate is lowered.
#[derive(Debug, Clone)]
pub struct Regrid {
    /// What passes, of the input's half rate.
    pass: f64,
    side: usize,
    kept: VecDeque<f32>,
    /// The number of the first kept sample.
    first: u64,
}

impl Regrid {
    /// Sets up for reading a stream of `from_hz` at `to_hz`, both by the same clock and above 0.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "16 to 320"
    )]
    pub fn new(from_hz: f64, to_hz: f64) -> Self {
        let pass = (to_hz / from_hz).clamp(LOWEST, 1.0);
        let side = (SIDE as f64 / pass).ceil() as usize;
        Self { pass, side, kept: VecDeque::new(), first: 0 }
    }

    /// Takes the next sample; NaN for a missing one.
    pub fn push(&mut self, sample: f32) {
        self.kept.push_back(sample);
        if self.kept.len() > 4 * self.side {
            self.kept.pop_front();
            self.first += 1;
        }
    }

    /// So many samples beyond a place are needed to read it.
    pub const fn delay_samples(&self) -> usize {
        self.side
    }

    /// The number of the next sample to be pushed.
    pub fn n_pushed(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    /// The value at sample `place`, with its part: `None` if samples that it is made of are
    /// missing,
    /// not there yet or no longer kept.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among the kept samples"
    )]
    pub fn at(&self, place: f64) -> Option<f32> {
        let from = place.floor() - self.side as f64 + 1.0 - self.first as f64;
        if from.is_nan() || from < 0.0 || from > self.kept.len() as f64 {
            return None;
        }
        let from = from as usize;
        let until = from + 2 * self.side;
        if until > self.kept.len() {
            return None;
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for (at, &sample) in (from..until).zip(self.kept.range(from..until)) {
            let off = (self.first + at as u64) as f64 - place;
            let weight = sinc(off * self.pass) * kaiser(off / self.side as f64);
            sum += weight * f64::from(sample);
            weights += weight;
        }
        let value = sum / weights;
        value.is_finite().then_some(value as f32)
    }
}

fn sinc(at: f64) -> f64 {
    if at.abs() < 1e-9 { 1.0 } else { (PI * at).sin() / (PI * at) }
}

/// The window over -1..=1.
fn kaiser(at: f64) -> f64 {
    bessel(SHAPE * (1.0 - at * at).max(0.0).sqrt()) / bessel(SHAPE)
}

/// The modified Bessel function of order 0 by its series.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..40 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
        if term < 1e-12 * sum {
            break;
        }
    }
    sum
}
