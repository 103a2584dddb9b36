//! Leads side by side: one sample of each, in groups of four that the compiler keeps in registers.

use std::ops::{Add, Mul, Sub};

/// A loop over the samples of leads.
pub(crate) trait Loop<B> {
    /// What it tells in the end.
    type Told;

    /// Goes through them; to be inlined, so that [`wide`] reaches into it.
    fn run(&mut self, block: B) -> Self::Told;
}

/// Runs a loop with the widest registers that the processor has; what it gives is the same at every
/// width.
pub(crate) fn wide<B, L: Loop<B>>(on: &mut L, block: B) -> L::Told {
    pulp::Arch::new().dispatch(Wide { on, block })
}

struct Wide<'a, L, B> {
    on: &'a mut L,
    block: B,
}

impl<B, L: Loop<B>> pulp::WithSimd for Wide<'_, L, B> {
    type Output = L::Told;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> L::Told {
        self.on.run(self.block)
    }
}

/// Leads in a group.
const GROUP: usize = 4;

/// One sample of up to `4 * QUADS` leads, in microvolts; NaN for a missing one.
///
/// Each lead is reckoned by itself and in the same order at every width, so a lead gives the same
/// bits among eleven others as alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lanes<const QUADS: usize>([[f32; GROUP]; QUADS]);

impl<const QUADS: usize> Lanes<QUADS> {
    /// How many leads there is room for.
    pub const N_LEADS: usize = GROUP * QUADS;

    /// The same value for each lead.
    #[inline(always)]
    pub const fn splat(value: f32) -> Self {
        Self([[value; GROUP]; QUADS])
    }

    /// Takes the leads' samples; leads beyond them are at zero, samples beyond the leads are left
    /// out.
    #[inline]
    pub fn of(samples: &[f32]) -> Self {
        let mut lanes = Self::splat(0.0);
        for (lane, &sample) in lanes.0.as_flattened_mut().iter_mut().zip(samples) {
            *lane = sample;
        }
        lanes
    }

    /// One for each lead whose bit is set, else zero.
    #[inline(always)]
    pub(crate) fn of_bits(leads: u32) -> Self {
        let mut lanes = Self::splat(0.0);
        for (lead, lane) in lanes.0.as_flattened_mut().iter_mut().enumerate() {
            *lane = if leads >> lead & 1 == 1 { 1.0 } else { 0.0 };
        }
        lanes
    }

    /// One lead's sample.
    #[inline(always)]
    pub fn lead(&self, lead: usize) -> f32 {
        self.0.as_flattened()[lead]
    }

    /// All leads' samples.
    #[inline(always)]
    pub fn leads(&self) -> &[f32] {
        self.0.as_flattened()
    }

    #[inline(always)]
    pub(crate) fn leads_mut(&mut self) -> &mut [f32] {
        self.0.as_flattened_mut()
    }

    #[inline(always)]
    pub(crate) fn map(mut self, change: impl Fn(f32) -> f32) -> Self {
        for group in &mut self.0 {
            for lane in group {
                *lane = change(*lane);
            }
        }
        self
    }

    #[inline(always)]
    pub(crate) fn zip(mut self, other: Self, join: impl Fn(f32, f32) -> f32) -> Self {
        for (group, others) in self.0.iter_mut().zip(&other.0) {
            for (lane, &other) in group.iter_mut().zip(others) {
                *lane = join(*lane, other);
            }
        }
        self
    }

    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    /// What there is, else the other's.
    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| if a.is_nan() { b } else { a })
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        self.map(f32::abs)
    }

    /// Held to `-limit..=limit`.
    #[inline(always)]
    pub(crate) fn within(self, limit: Self) -> Self {
        self.min(limit).max(limit * -1.0)
    }

    #[inline(always)]
    pub(crate) fn sum(self) -> f32 {
        self.fold(|a, b| a + b)
    }

    #[inline(always)]
    pub(crate) fn highest(self) -> f32 {
        self.fold(|a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn fold(self, join: impl Fn(f32, f32) -> f32) -> f32 {
        let mut all = self.0[0];
        for group in &self.0[1..] {
            for (one, &other) in all.iter_mut().zip(group) {
                *one = join(*one, other);
            }
        }
        join(join(all[0], all[2]), join(all[1], all[3]))
    }

    /// Sorts each lead's values by themselves.
    pub(crate) fn sort(values: &mut [Self]) {
        for end in (1..values.len()).rev() {
            for at in 0..end {
                let (low, high) = (values[at].min(values[at + 1]), values[at].max(values[at + 1]));
                (values[at], values[at + 1]) = (low, high);
            }
        }
    }
}

impl<const QUADS: usize> Add for Lanes<QUADS> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl<const QUADS: usize> Sub for Lanes<QUADS> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl<const QUADS: usize> Mul for Lanes<QUADS> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl<const QUADS: usize> Mul<f32> for Lanes<QUADS> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, factor: f32) -> Self {
        self.map(|value| value * factor)
    }
}
