//! The nodes in halves that know nothing of each other.

use std::ops::Range;

use crate::groups::number;
use crate::hierarchy::NONE;

/// What takes less effort than this is not parted: nanoseconds, about.
const EFFORT_MIN: u64 = 200_000;

/// Ranks that follow each other, whose arcs hang on those of no lower rank outside.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) nodes: Range<u32>,
    /// Its lower nodes, in two spans side by side, if there is enough of them.
    pub(crate) halves: Option<Box<[Span; 2]>>,
}

impl Span {
    /// All nodes of an elimination tree in which those below each node stand right before it.
    pub(crate) fn of(parent: &[u32], effort_below: &[u64]) -> Self {
        Cutter { lowest: lowest(parent), effort_below }.span(0..number(parent.len()))
    }

    /// The nodes above both halves.
    pub(crate) fn own(&self) -> Range<u32> {
        let start = self.halves.as_deref().map_or(self.nodes.start, |[_, high]| high.nodes.end);
        start..self.nodes.end
    }
}

/// By rank: the lowest rank below it, or its own.
pub(crate) fn lowest(parent: &[u32]) -> Vec<u32> {
    let mut lowest: Vec<u32> = (0..number(parent.len())).collect();
    for (rank, &above) in parent.iter().enumerate().filter(|&(_, &above)| above != NONE) {
        lowest[above as usize] = lowest[above as usize].min(lowest[rank]);
    }
    lowest
}

struct Cutter<'a> {
    lowest: Vec<u32>,
    effort_below: &'a [u64],
}

impl Cutter<'_> {
    fn span(&self, nodes: Range<u32>) -> Span {
        let mut end = nodes.end;
        let mut halves = None;
        while halves.is_none() && self.is_much(&(nodes.start..end)) {
            let start = self.lowest[end as usize - 1];
            let [low, high] = [nodes.start..start, start..end];
            match (self.is_much(&low), self.is_much(&high)) {
                (true, true) => halves = Some(Box::new([self.span(low), self.span(high)])),
                (true, false) => end = start,
                (false, _) => end -= 1,
            }
        }
        Span { nodes, halves }
    }

    fn is_much(&self, nodes: &Range<u32>) -> bool {
        let [start, end] = [nodes.start, nodes.end].map(|rank| self.effort_below[rank as usize]);
        end - start >= EFFORT_MIN
    }
}
