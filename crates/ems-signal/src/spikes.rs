//! Takes out spikes of a few milliseconds: Hampel's identifier over a streaming median.

use crate::lanes::{Lanes, Loop};
use crate::rate::Rate;
use crate::tail::Tail;

/// Replaces each sample that stands out from the median of 24 ms by that median.
///
/// A spike is no longer than 6 ms. A sample is one when it is more than three scaled median
/// deviations, and [`LEAST_MICROVOLTS`], from the median (Hampel 1974; unverified), and when the
/// line beside it is still: an R wave has slopes on both sides, and stays whole. What is taken out
/// is counted; a pacemaker's pulses are, too.
#[derive(Debug, Clone)]
pub(crate) struct Spikes<const QUADS: usize> {
    reach: usize,
    tail: Tail<QUADS>,
    found: Lanes<QUADS>,
}

const SPIKE_MS: u32 = 6;
const LEAST_MICROVOLTS: f32 = 100.0;
/// Three standard deviations, of which the median deviation is 0.6745.
const DEVIATIONS: f32 = 3.0 / 0.6745;
/// So many samples are looked at together.
const LOOKED_AT: usize = 8;
/// Samples of the longest window, at 2000 Hz.
const WINDOW_MAX: usize = 4 * 12 + 1;

impl<const QUADS: usize> Spikes<QUADS> {
    pub(crate) fn new(rate: Rate) -> Self {
        let reach = rate.len(SPIKE_MS);
        Self { reach, tail: Tail::new(4 * reach), found: Lanes::splat(0.0) }
    }

    /// How many samples late a sample comes out.
    pub(crate) const fn delay(&self) -> usize {
        2 * self.reach
    }

    /// Samples taken out of each lead since the last call.
    pub(crate) fn take_found(&mut self) -> Lanes<QUADS> {
        std::mem::replace(&mut self.found, Lanes::splat(0.0))
    }

    #[cold]
    fn take_out(&mut self, window: &[Lanes<QUADS>], sample: &mut Lanes<QUADS>) {
        let height = standing([0, 1, 2, 3, 4].map(|at| window[at * self.reach]));
        for lead in 0..Lanes::<QUADS>::N_LEADS {
            if height.lead(lead) > LEAST_MICROVOLTS {
                let values = window.iter().map(|it| it.lead(lead));
                if let Some(median) = hampel(values, sample.lead(lead)) {
                    sample.leads_mut()[lead] = median;
                    self.found.leads_mut()[lead] += 1.0;
                }
            }
        }
    }
}

impl<const QUADS: usize> Loop<&mut [Lanes<QUADS>]> for Spikes<QUADS> {
    type Told = ();

    #[inline(always)]
    fn run(&mut self, block: &mut [Lanes<QUADS>]) {
        let (reach, n_samples) = (self.reach, block.len());
        let line = self.tail.before(block);
        let part = |at: usize| &line[at * reach..at * reach + n_samples];
        let (far, near, middle, next, last) = (part(0), part(1), part(2), part(3), part(4));
        block.copy_from_slice(middle);
        for from in (0..n_samples).step_by(LOOKED_AT) {
            let until = n_samples.min(from + LOOKED_AT);
            let mut highest = Lanes::splat(0.0);
            for at in from..until {
                highest =
                    highest.max(standing([far[at], near[at], middle[at], next[at], last[at]]));
            }
            if highest.highest() > LEAST_MICROVOLTS {
                for at in from..until {
                    self.take_out(&line[at..=at + 4 * reach], &mut block[at]);
                }
            }
        }
        self.tail.keep(&line);
    }
}

/// How far the middle stands out from the line beside it, less how far that line itself moves.
#[inline(always)]
fn standing<const QUADS: usize>(
    [far, near, middle, next, last]: [Lanes<QUADS>; 5],
) -> Lanes<QUADS> {
    let height = (middle - (near + next) * 0.5).abs();
    height - (near - far).abs() - (next - last).abs()
}

/// The median of `values`, if `sample` is none of theirs.
fn hampel(values: impl Iterator<Item = f32>, sample: f32) -> Option<f32> {
    let mut sorted = [0.0; WINDOW_MAX];
    let n_values = sorted.iter_mut().zip(values).map(|(slot, value)| *slot = value).count();
    let sorted = &mut sorted[..n_values];
    let middle = median(sorted);
    for value in &mut *sorted {
        *value = (*value - middle).abs();
    }
    let limit = (DEVIATIONS * median(sorted)).max(LEAST_MICROVOLTS);
    ((sample - middle).abs() > limit).then_some(middle)
}

fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
