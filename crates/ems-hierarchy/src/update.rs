//! New weights for some of the graph's arcs.

use crate::fork::InTurn;
use crate::hierarchy::Slope;
use crate::metric::Metric;
use crate::news::Updater;
use crate::row::Sum;
use crate::spread::Spread;

/// How a metric took new weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Only arcs of the hierarchy that depend on them were looked at.
    Part,
    /// So many depend on them that all arcs were made anew, or all above some node.
    Whole,
}

/// An arc of the graph that has a new weight: the arc of the hierarchy that stands for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) slope: Slope,
    pub(crate) arc: u32,
    pub(crate) weight: Sum,
}

/// A change of more than one arc in so many is made anew at once, unless it is of
/// [`N_CHANGES_FREE`] or fewer.
const WHOLE_SHARE: usize = 200;
const N_CHANGES_FREE: usize = 8;

impl Metric {
    /// Gives arcs of the graph new weights, as `(arc, weight)`; the last of an arc counts.
    ///
    /// Looks only at arcs whose weight may have changed; where these are too many, all are made
    /// anew. The outcome is that of [`Metric::customise`] in either case, and it costs about as
    /// much at most.
    ///
    /// # Panics
    /// If an arc is not there.
    pub fn update(&mut self, updater: &mut Updater, changes: &[(u32, u32)]) -> Update {
        let before: Vec<u32> =
            changes.iter().map(|&(input, weight)| self.replace_input(input, weight)).collect();
        let n_changes_max = self.hierarchy().n_input_arcs() as usize / WHOLE_SHARE;
        if changes.len() > n_changes_max.max(N_CHANGES_FREE) {
            self.make_anew(&InTurn);
            return Update::Whole;
        }
        let placed = changes.iter().zip(before).filter_map(|(&(input, _), before)| {
            let (slope, arc) = self.hierarchy().place_of(input)?;
            // Of an arc that is named twice only the last weight was ever its own.
            let weight = Sum { before, now: self.input_weights()[input as usize] };
            Some(Change { slope, arc, weight })
        });
        let placed: Vec<Change> = placed.collect();
        Spread::of(self, updater, &placed).run()
    }
}
