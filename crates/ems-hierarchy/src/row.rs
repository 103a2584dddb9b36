//! The arcs of one node and slope while it is found out what they weigh now.

use crate::metric::{ByDepth, by_depth};
use crate::wing::Detour;

/// The weight of something before and now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) before: u32,
    pub(crate) now: u32,
}

/// What the arcs weigh, from the node's first on.
#[derive(Debug)]
pub(crate) struct Row {
    /// By the depth of an arc's end: the arc's place in the row.
    pub(crate) table: Box<ByDepth>,
    before: Vec<u32>,
    /// The least of what an arc weighed before and of the sums that changed.
    pub(crate) least: Vec<u32>,
    /// Whether an arc may have had its weight from a sum that has grown.
    has_lost: Vec<bool>,
    /// The places of arcs that have lost a sum as small as their weight, and got no smaller one.
    pub(crate) doubts: Vec<usize>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            table: by_depth(),
            before: Vec::new(),
            least: Vec::new(),
            has_lost: Vec::new(),
            doubts: Vec::new(),
        }
    }
}

impl Row {
    /// Begins with a node's arcs as they were.
    pub(crate) fn load(&mut self, depths: &[u16], weights: &[u32]) {
        for (place, &depth) in (0..).zip(depths) {
            self.table[depth as usize] = place;
        }
        for list in [&mut self.before, &mut self.least] {
            list.clear();
            list.extend_from_slice(weights);
        }
        self.has_lost.clear();
        self.has_lost.resize(weights.len(), false);
    }

    /// Weighs one sum against the arc at a place.
    pub(crate) fn weigh_at(&mut self, place: usize, sum: Sum) {
        self.has_lost[place] |= sum.has_grown_from(self.before[place]);
        self.least[place] = self.least[place].min(sum.now);
    }

    /// Weighs the sums over a detour, of which something changed, against the arcs that it may
    /// improve; depths and weights, before and now, are those of all arcs of the slope.
    pub(crate) fn weigh(
        &mut self,
        detour: &Detour,
        leg: Sum,
        depths: &[u16],
        [before, now]: [&[u32]; 2],
    ) {
        let rest = detour.rest();
        let (before, now) = (&before[rest.clone()], &now[rest.clone()]);
        if detour.is_run() {
            self.weigh_run(detour.at as usize, leg, before, now);
            return;
        }
        for ((&depth, &before), &now) in depths[rest].iter().zip(before).zip(now) {
            let place = self.table[depth as usize] as usize;
            self.weigh_at(place, Sum { before: leg.before + before, now: leg.now + now });
        }
    }

    /// The same for arcs that follow each other.
    fn weigh_run(&mut self, first: usize, leg: Sum, before: &[u32], now: &[u32]) {
        let n = now.len();
        for (least, now) in self.least[first..][..n].iter_mut().zip(now) {
            *least = (*least).min(leg.now + now);
        }
        let own = self.has_lost[first..][..n].iter_mut().zip(&self.before[first..][..n]);
        for ((has_lost, &own), (before, now)) in own.zip(before.iter().zip(now)) {
            let sum = Sum { before: leg.before + before, now: leg.now + now };
            *has_lost |= sum.has_grown_from(own);
        }
    }

    /// Looks for arcs that have lost a sum as small as their weight, and got no smaller one.
    pub(crate) fn find_doubts(&mut self) {
        self.doubts.clear();
        let arcs = self.has_lost.iter().zip(self.least.iter().zip(&self.before)).enumerate();
        let doubts = arcs.filter(|&(_, (&has_lost, (least, before)))| has_lost && least == before);
        self.doubts.extend(doubts.map(|(place, _)| place));
    }
}

impl Sum {
    /// Whether it was the weight given and is no more.
    fn has_grown_from(self, weight: u32) -> bool {
        self.before == weight && self.now > weight
    }
}
