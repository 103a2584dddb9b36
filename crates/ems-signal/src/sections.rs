//! Second-order filters of leads side by side, in single precision.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use crate::biquad::Biquad;
use crate::lanes::Lanes;
use crate::rate::Rate;

/// A [`Biquad`] of several leads, transposed direct form II: for corners above a hundredth of the
/// rate, below which single precision does not do.
#[derive(Debug, Clone)]
pub(crate) struct Section<const QUADS: usize> {
    forward: [Lanes<QUADS>; 3],
    back: [Lanes<QUADS>; 2],
    memory: [Lanes<QUADS>; 2],
}

impl<const QUADS: usize> Section<QUADS> {
    pub(crate) fn new(design: &Biquad) -> Self {
        let (forward, back) = design.weights();
        let memory = [Lanes::splat(0.0); 2];
        let wide = |it| Lanes::splat(narrow(it));
        Self { forward: forward.map(wide), back: back.map(wide), memory }
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, sample: Lanes<QUADS>) -> Lanes<QUADS> {
        let (forward, back) = (self.forward, self.back);
        let out = sample * forward[0] + self.memory[0];
        self.memory[0] = (sample * forward[1] - out * back[0]) + self.memory[1];
        self.memory[1] = sample * forward[2] - out * back[1];
        out
    }
}

/// The Butterworth high-pass of [`Biquad::high_pass`] as a trapezoidal state-variable filter
/// (Zavalishin, The Art of VA Filter Design, chapter 4; unverified): its two integrators hold the
/// wander itself, so that single precision does at any corner.
#[derive(Debug, Clone)]
pub(crate) struct HighPass<const QUADS: usize> {
    weights: [Lanes<QUADS>; 3],
    memory: [Lanes<QUADS>; 2],
}

const DAMPING: f32 = 2.0 * narrow(FRAC_1_SQRT_2);

impl<const QUADS: usize> HighPass<QUADS> {
    pub(crate) fn new(rate: Rate, cutoff_hz: f64) -> Self {
        let gain = (PI * cutoff_hz / rate.hz()).tan();
        let first = 1.0 / (1.0 + gain * (gain + SQRT_2));
        let weights = [2.0 * first - 2.0, 2.0 * gain * first, 2.0 * gain * gain * first];
        Self { weights: weights.map(|it| Lanes::splat(narrow(it))), memory: [Lanes::splat(0.0); 2] }
    }

    /// The band and the low part are the means of their integrators before and after.
    #[inline(always)]
    pub(crate) fn push(&mut self, sample: Lanes<QUADS>) -> Lanes<QUADS> {
        let [kept, shared, fresh] = self.weights;
        let [one, two] = self.memory;
        let above = sample - two;
        let next_two = two + (one * shared + above * fresh);
        let out = sample - (two + next_two) * 0.5;
        self.memory[1] = next_two;
        let next_one = one + (one * kept + above * shared);
        self.memory[0] = next_one;
        out - (one + next_one) * (DAMPING / 2.0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "weights and microvolts need 24 bits")]
pub(crate) const fn narrow(value: f64) -> f32 {
    value as f32
}
