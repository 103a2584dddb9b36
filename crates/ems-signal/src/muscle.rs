//! Smooths muscle noise where a lead has it, and leaves what is steep and large.

use crate::biquad::Biquad;
use crate::lanes::Lanes;
use crate::rate::Rate;
use crate::sections::{Section, narrow};

/// Splits a lead at 15 Hz and takes from the upper part what is no larger than that part usually
/// is, down to nothing on a quiet lead (the non-negative garrote of Breiman 1995; unverified).
///
/// With a threshold of T the tip of an R wave that stands H above the smooth line loses T²/H.
#[derive(Debug, Clone)]
pub(crate) struct Muscle<const QUADS: usize> {
    smooth: Section<QUADS>,
    usual: Lanes<QUADS>,
    adapt: f32,
}

const SPLIT_HZ: f64 = 15.0;
const USUAL_S: f64 = 0.5;
/// A QRS complex counts as so many times the usual.
const HELD: f32 = 3.0;
/// The upper part of a quiet lead, in microvolts.
const QUIET_MICROVOLTS: f32 = 10.0;
const THRESHOLD: f32 = 2.0;

impl<const QUADS: usize> Muscle<QUADS> {
    /// And how many samples late a sample comes out.
    pub(crate) fn new(rate: Rate) -> (Self, usize) {
        let design = Biquad::bessel(rate, SPLIT_HZ);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2 to 40")]
        let late = (design.group_delay_s(rate, 1.0) * rate.hz()).round() as usize;
        let muscle = Self {
            smooth: Section::new(&design),
            usual: Lanes::splat(0.0),
            adapt: narrow(1.0 / (USUAL_S * rate.hz())),
        };
        (muscle, late)
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, sample: Lanes<QUADS>, late: Lanes<QUADS>) -> Lanes<QUADS> {
        let smooth = self.smooth.push(sample);
        let fine = late - smooth;
        let usual = self.usual;
        let size = fine.abs().min(usual * HELD + Lanes::splat(1.0));
        self.usual = usual + (size - usual) * self.adapt;
        let limit = self.usual.map(|it| THRESHOLD * (it - QUIET_MICROVOLTS).max(0.0));
        smooth + fine.zip(limit, shrink)
    }
}

#[inline]
fn shrink(fine: f32, limit: f32) -> f32 {
    let left = fine - limit * limit / fine;
    if fine.abs() > limit { left } else { 0.0 }
}
