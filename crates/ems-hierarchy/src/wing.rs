//! The hierarchy's arcs of one slope, and the ways round over lower nodes.

use crate::groups::{Groups, number};
use crate::hierarchy::NONE;
use crate::inputs::Inputs;

/// A way over a lower node `v` between a node `x` and higher ones: one arc between `x` and `v`,
/// then any of a range of arcs between `v` and nodes above `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detour {
    /// Index of the arc between `x` and `v`, among the arcs of the other slope.
    pub(crate) leg: u32,
    /// The arcs between `v` and nodes above `x`: the first, and how many.
    pub(crate) first: u32,
    pub(crate) n_arcs: u16,
    /// Which of the arcs of `x` they improve, counted from its first: as many from this one on,
    /// or [`SCATTERED`].
    pub(crate) at: u16,
}

/// The arcs that a detour improves do not follow each other.
pub(crate) const SCATTERED: u16 = u16::MAX;

impl Detour {
    const NONE: Self = Self { leg: NONE, first: 0, n_arcs: 0, at: SCATTERED };

    /// The indices of the arcs between `v` and nodes above `x`.
    pub(crate) fn rest(&self) -> std::ops::Range<usize> {
        self.first as usize..self.first as usize + usize::from(self.n_arcs)
    }

    pub(crate) fn is_run(&self) -> bool {
        self.at != SCATTERED
    }

    /// The arc among those over it that ends at a depth; `place` is that of the arc it may improve.
    pub(crate) fn arc_to(&self, wing: &Wing, place: u32, depth: u16) -> Option<u32> {
        if self.is_run() {
            let skipped = place.checked_sub(self.at.into())?;
            return (skipped < self.n_arcs.into()).then_some(self.first + skipped);
        }
        let depths = &wing.depths[self.rest()];
        let at = depths.binary_search_by(|other| depth.cmp(other)).ok()?;
        Some(self.first + number(at))
    }
}

/// All arcs of one slope, by their lower node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wing {
    /// The higher ends, by rank, rising.
    pub(crate) ends: Groups<u32>,
    /// The depth of each higher end.
    pub(crate) depths: Vec<u16>,
    /// The graph's own arcs behind each arc.
    pub(crate) inputs: Inputs,
    /// Ways round over lower nodes, by the node whose arcs they may improve: runs first.
    pub(crate) detours: Groups<Detour>,
}

impl Wing {
    pub(crate) fn n_arcs(&self) -> usize {
        self.ends.items().len()
    }

    pub(crate) fn n_triangles(&self) -> usize {
        self.detours.items().iter().map(|detour| detour.rest().len()).sum()
    }

    /// The index of the arc between `low` and `high`.
    pub(crate) fn arc(&self, low: u32, high: u32) -> Option<usize> {
        let at = self.ends.of(low).binary_search(&high).ok()?;
        Some(self.ends.range(low).start + at)
    }
}

/// Finds the detours of both wings; `None` if some lead to an arc that is not there.
pub(crate) fn find_detours(wings: &mut [Wing; 2]) -> Option<()> {
    for slope in [0, 1] {
        wings[slope].detours = detours(&wings[slope].ends, &wings[1 - slope].ends)?;
    }
    Some(())
}

/// Efforts of making a node, or a detour, anew, beside one for each triangle (measured).
const NODE_EFFORT: u64 = 8;
const DETOUR_EFFORT: u64 = 4;

/// By rank, and once more: the effort of making all lower nodes anew.
pub(crate) fn effort_below(wings: &[Wing; 2], n_nodes: u32) -> Vec<u64> {
    let of_wing = |wing: &Wing, rank| -> u64 {
        wing.detours.of(rank).iter().map(|d| DETOUR_EFFORT + d.rest().len() as u64).sum()
    };
    let mut sums = vec![0];
    for rank in 0..n_nodes {
        let effort: u64 = wings.iter().map(|wing| of_wing(wing, rank)).sum();
        sums.push(sums[rank as usize] + NODE_EFFORT + effort);
    }
    sums
}

/// All detours that may improve arcs of `own`, by the node whose arcs they are; `None` if some lead
/// to an arc that is not there.
fn detours(own: &Groups<u32>, legs: &Groups<u32>) -> Option<Groups<Detour>> {
    let last = |v: u32| own.of(v).last().copied().unwrap_or_default();
    let of_node =
        |v: u32| legs.of(v).iter().take_while(move |&&x| x < last(v)).map(move |&x| (x, v));
    let n_nodes = own.n_groups();
    let mut detours = Groups::sized(n_nodes, (0..n_nodes).flat_map(of_node), Detour::NONE);
    // Runs fill a node's places from the front, the others from the back.
    let mut free: Vec<[u32; 2]> =
        (0..n_nodes).map(|x| detours.range(x)).map(|r| [number(r.start), number(r.end)]).collect();
    for v in 0..n_nodes {
        let mut rest = own.range(v);
        for (leg, &x) in legs.range(v).zip(legs.of(v)).take_while(|&(_, &x)| x < last(v)) {
            rest.start += own.items()[rest.clone()].iter().take_while(|&&end| end <= x).count();
            let at = place(own.of(x), &own.items()[rest.clone()])?;
            let [front, back] = &mut free[x as usize];
            let slot = if at == SCATTERED {
                *back -= 1;
                *back
            } else {
                *front += 1;
                *front - 1
            };
            detours.items_mut()[slot as usize] = Detour {
                leg: number(leg),
                first: number(rest.start),
                n_arcs: short(rest.len()),
                at,
            };
        }
    }
    Some(detours)
}

/// A count or a place in a row.
pub(crate) fn short(n: usize) -> u16 {
    u16::try_from(n).expect("a node has at most one arc a depth")
}

/// Where in a list a part of it begins that is not empty, or [`SCATTERED`] if others stand between;
/// `None` if it is no part of it.
fn place(list: &[u32], part: &[u32]) -> Option<u16> {
    let at = list.binary_search(part.first()?).ok()?;
    if list.get(at..at + part.len()) == Some(part) {
        return Some(short(at));
    }
    let mut others = list[at..].iter();
    part.iter().all(|end| others.any(|other| other == end)).then_some(SCATTERED)
}
