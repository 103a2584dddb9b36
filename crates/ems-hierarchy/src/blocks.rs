//! Parts of a hierarchy that a sweep up to a limit may leave out.

use crate::groups::{Groups, number};
use crate::hierarchy::{Hierarchy, NONE, Slope};
use crate::slab::by_depth;

/// Subtrees of a hierarchy, large and small, each with the higher nodes from which it is come to.
/// Where all of these are too far, so is everything in the block.
#[derive(Debug, Clone)]
pub struct Blocks {
    /// From the highest ranks down, each before those inside it.
    blocks: Vec<Block>,
    /// By block: the depths of the nodes above it with an arc down into it.
    gates: Groups<u16>,
}

/// A subtree, whose ranks follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) first: u32,
    pub(crate) end: u32,
    /// The block that follows those inside it.
    pub(crate) after: u32,
}

/// How many times as many nodes a block of the next level may have.
const GROWTH: u32 = 4;

impl Blocks {
    /// Finds the blocks for sweeps away from a place; the smallest have at most `least` nodes (one
    /// or more), those of each further level four times as many. Costs a look at all arcs down for
    /// each level.
    pub fn of(hierarchy: &Hierarchy, least: u32) -> Self {
        let sizes = sizes(hierarchy);
        let level = |size: u32| {
            let n_least = size.div_ceil(least.max(1));
            (n_least - 1).checked_ilog(GROWTH).map_or(0, |log| log + 1)
        };
        let is_top = |&rank: &u32| {
            let above = hierarchy.parent[rank as usize];
            above == NONE || level(sizes[above as usize]) > level(sizes[rank as usize])
        };
        let block =
            |rank: u32| Block { first: rank + 1 - sizes[rank as usize], end: rank + 1, after: 0 };
        let mut blocks: Vec<Block> =
            (0..hierarchy.n_nodes()).rev().filter(is_top).map(block).collect();
        for at in 0..blocks.len() {
            let inside = blocks[at + 1..].partition_point(|inner| inner.end > blocks[at].first);
            blocks[at].after = number(at + 1 + inside);
        }
        let (mut gates, mut seen_in) = (Groups::default(), by_depth());
        for (block, stamp) in blocks.iter().zip(1..) {
            gates.push(gates_of(hierarchy, block, |depth| {
                std::mem::replace(&mut seen_in[usize::from(depth)], stamp) != stamp
            }));
        }
        Self { blocks, gates }
    }

    pub(crate) fn get(&self, at: u32) -> Option<Block> {
        self.blocks.get(at as usize).copied()
    }

    pub(crate) fn gates(&self, at: u32) -> &[u16] {
        self.gates.of(at)
    }
}

/// By rank: how many nodes stand below each, itself counted.
fn sizes(hierarchy: &Hierarchy) -> Vec<u32> {
    let mut sizes = vec![1; hierarchy.parent.len()];
    for (rank, &above) in hierarchy.parent.iter().enumerate().filter(|(_, above)| **above != NONE) {
        sizes[above as usize] += sizes[rank];
    }
    sizes
}

/// The depths above a block that have an arc down into it; `is_new` says of each if it is told for
/// the first time.
fn gates_of(hierarchy: &Hierarchy, block: &Block, mut is_new: impl FnMut(u16) -> bool) -> Vec<u16> {
    let wing = hierarchy.wing(Slope::Down);
    let top = hierarchy.depth[block.end as usize - 1];
    let arcs = wing.ends.range(block.first).start..wing.ends.range(block.end - 1).end;
    let depths = wing.depths[arcs].iter().copied();
    depths.filter(|&depth| depth < top && is_new(depth)).collect()
}
