//! Picks the peaks of the energy: the highest within 96 ms on either side.

use crate::trail::Trail;

/// A peak is told so many samples after it.
pub(crate) const REACH: usize = 12;

/// Gives where the energy had a peak, [`REACH`] samples later.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeakPicker {
    highest: f32,
    at: u64,
}

impl PeakPicker {
    /// Looks at the energy at `now`, the newest.
    #[inline]
    pub(crate) fn push(&mut self, now: u64, energy: &Trail) -> Option<u64> {
        let value = energy.at(now);
        if value >= self.highest {
            (self.highest, self.at) = (value, now);
            return None;
        }
        if now < self.at + REACH as u64 { None } else { self.turn(now, energy) }
    }

    /// The highest is [`REACH`] samples old: goes on from the highest after it.
    fn turn(&mut self, now: u64, energy: &Trail) -> Option<u64> {
        let (at, height) = (self.at, self.highest);
        let before: &[f32; REACH] = energy.ending(at.wrapping_sub(1));
        let after: &[f32; REACH] = energy.ending(now);
        (self.highest, self.at) = (f32::NEG_INFINITY, at + 1);
        for (&value, idx) in after.iter().zip(at + 1..) {
            if value >= self.highest {
                (self.highest, self.at) = (value, idx);
            }
        }
        before.iter().all(|&value| value <= height).then_some(at)
    }
}
