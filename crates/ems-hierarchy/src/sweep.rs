//! From one place to every node at once.

use std::ops::Range;

use crate::blocks::Blocks;
use crate::hierarchy::{Hierarchy, NONE, Slope};
use crate::metric::{FAR, Metric};
use crate::query::Seed;
use crate::slab::{ByDepth, by_depth};

/// The distances between one place and all nodes; keep it to use its table again.
///
/// The place climbs to the root; then each node, from the highest down, takes the least way over
/// higher ones, which are done (Delling, Goldberg, Nowatzyk, Werneck, "PHAST: hardware-accelerated
/// shortest path trees", JPDC 73(7), 2013). Costs a look at half of the hierarchy's arcs, in
/// the order of memory: those below a node stand right before it, so that the distances of a
/// node's ancestors are a table by depth, which stays in the nearest cache.
#[derive(Debug)]
pub struct Sweep {
    /// By rank.
    distances: Vec<u32>,
    /// Of the node last done and its ancestors.
    by_depth: Box<ByDepth>,
    /// The ranks looked at, the highest first; what is not among them is [`FAR`].
    swept: Vec<Range<u32>>,
}

impl Default for Sweep {
    fn default() -> Self {
        Self { distances: Vec::new(), by_depth: by_depth(), swept: Vec::new() }
    }
}

impl Sweep {
    /// Measures from a place to all nodes. Its seeds need no link between them.
    pub fn from(&mut self, metric: &Metric, place: &[Seed]) {
        self.run(metric, place, Slope::Down);
    }

    /// Measures from all nodes to a place.
    pub fn to(&mut self, metric: &Metric, place: &[Seed]) {
        self.run(metric, place, Slope::Up);
    }

    /// What was measured last: the distance of a node, [`FAR`] where there is no way.
    ///
    /// # Panics
    /// If nothing was measured on this metric's hierarchy, or it has no such node.
    pub fn distance(&self, metric: &Metric, node: u32) -> u32 {
        self.distances[metric.hierarchy().rank_of[node as usize] as usize]
    }

    /// Measures from a place to all nodes that are at most so far. Others are told to be farther
    /// than that, and most of them are not looked at.
    ///
    /// # Panics
    /// If the blocks are of another hierarchy.
    pub fn from_within(&mut self, metric: &Metric, blocks: &Blocks, place: &[Seed], limit: u32) {
        self.clear(metric);
        let rank = |seed: &Seed| metric.hierarchy().rank(seed.node);
        let seeds: Vec<u32> = place.iter().map(rank).collect();
        for &seed in place {
            self.climb(metric, seed, Slope::Up);
        }
        let (mut at, mut end) = (0, metric.hierarchy().n_nodes());
        while let Some(block) = blocks.get(at) {
            self.descend(metric, Slope::Down, block.end..end);
            let is_near = |&depth: &u16| self.by_depth[usize::from(depth)] <= limit;
            let holds_seed = seeds.iter().any(|rank| (block.first..block.end).contains(rank));
            (at, end) = if holds_seed || blocks.gates(at).iter().any(is_near) {
                (at + 1, block.end)
            } else {
                (block.after, block.first)
            };
        }
        self.descend(metric, Slope::Down, 0..end);
    }

    /// What was measured last, by [`Hierarchy::rank`]; [`FAR`] and more where there is no way.
    pub fn by_rank(&self) -> &[u32] {
        &self.distances
    }

    /// The ranks that were looked at, the highest first: with a node, all above it in the tree.
    pub fn swept(&self) -> &[Range<u32>] {
        &self.swept
    }

    fn run(&mut self, metric: &Metric, place: &[Seed], slope: Slope) {
        self.clear(metric);
        for &seed in place {
            self.climb(metric, seed, slope.other());
        }
        self.descend(metric, slope, 0..metric.hierarchy().n_nodes());
    }

    fn clear(&mut self, metric: &Metric) {
        for ranks in self.swept.drain(..) {
            self.distances[ranks.start as usize..ranks.end as usize].fill(FAR);
        }
        self.distances.resize(metric.hierarchy().n_nodes() as usize, FAR);
    }

    fn climb(&mut self, metric: &Metric, seed: Seed, slope: Slope) {
        let hierarchy = metric.hierarchy();
        let (wing, weights) = (hierarchy.wing(slope), metric.weights(slope));
        let mut at = hierarchy.rank_of[seed.node as usize];
        let own = &mut self.distances[at as usize];
        *own = (*own).min(seed.weight);
        while at != NONE {
            let label = self.distances[at as usize];
            let arcs = if label < FAR { wing.ends.range(at) } else { 0..0 };
            for (&end, &weight) in wing.ends.items()[arcs.clone()].iter().zip(&weights[arcs]) {
                let least = &mut self.distances[end as usize];
                *least = (*least).min(label + weight);
            }
            at = hierarchy.parent[at as usize];
        }
    }

    /// Settles some ranks from the highest down; all above them are settled.
    fn descend(&mut self, metric: &Metric, slope: Slope, ranks: Range<u32>) {
        if ranks.is_empty() {
            return;
        }
        let hierarchy = metric.hierarchy();
        let (wing, weights) = (hierarchy.wing(slope), metric.weights(slope));
        let above = &mut *self.by_depth;
        for rank in ranks.clone().rev() {
            let arcs = wing.ends.range(rank);
            let over = wing.depths[arcs.clone()].iter().zip(&weights[arcs]);
            let own = &mut self.distances[rank as usize];
            *own = over.map(|(&end, &weight)| weight + above[end as usize]).fold(*own, u32::min);
            above[hierarchy.depth[rank as usize] as usize] = *own;
        }
        match self.swept.last_mut() {
            Some(last) if last.start == ranks.end => last.start = ranks.start,
            _ => self.swept.push(ranks),
        }
    }
}

impl Hierarchy {
    /// Where a node stands in the order, the one contracted first at the front.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn rank(&self, node: u32) -> u32 {
        self.rank_of[node as usize]
    }
}
