//! The arcs of one node and slope while it is found out what they weigh now.

use crate::slab::{ByDepth, by_depth};

/// The weight of something before and now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) before: u32,
    pub(crate) now: u32,
}

#[derive(Debug)]
pub(crate) struct Row {
    /// By the depth of an arc's end: the arc's place in the row.
    pub(crate) table: Box<ByDepth>,
    /// What the arcs weighed before, by their places.
    pub(crate) before: Vec<u32>,
    /// The places of arcs that may have had their weight from a way that grew, and what that way
    /// weighs now.
    pub(crate) doubts: Vec<(u32, u32)>,
}

impl Default for Row {
    fn default() -> Self {
        Self { table: by_depth(), before: Vec::new(), doubts: Vec::new() }
    }
}

impl Row {
    /// Begins with a node's arcs as they were.
    pub(crate) fn load(&mut self, depths: &[u16], weights: &[u32]) {
        for (place, &depth) in (0..).zip(depths) {
            self.table[depth as usize] = place;
        }
        self.before.clear();
        self.before.extend_from_slice(weights);
        self.doubts.clear();
    }

    /// Weighs a way that changed against the arc that it may improve.
    pub(crate) fn weigh(&mut self, weights: &mut [u32], depth: u16, sum: Sum) {
        let place = self.table[depth as usize];
        let least = &mut weights[place as usize];
        if sum.now < *least {
            *least = sum.now;
        }
        if sum.before < sum.now && sum.before == self.before[place as usize] {
            self.doubts.push((place, sum.now));
        }
    }
}

impl Sum {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { before: self.before + other.before, now: self.now + other.now }
    }
}
