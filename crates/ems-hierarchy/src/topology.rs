//! A hierarchy's arcs as they are stored, so that a graph need not be contracted again.
//!
//! All higher neighbours of a node are its ancestors, and no two of them have one depth: a depth
//! names an arc's end. Reading goes in two steps: the tree is checked at once ([`Frame`]), which
//! costs little; the arcs are laid into it when they are first needed. Whatever fits the tree can
//! be made whole: lists that no contraction of the graph could have made are made anew.

use crate::graph::Graph;
use crate::groups::{Groups, number};
use crate::hierarchy::{Hierarchy, NONE, Slope, Tree, ranks};
use crate::span::lowest;

/// The order of a graph's nodes, its elimination tree and all arcs, without weights.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topology {
    /// The nodes, the one contracted first at the front; those below a node stand right before it.
    pub order: Vec<u32>,
    /// By place in the order: steps from the tree's root.
    pub depths: Vec<u16>,
    /// By place in the order: how many arcs lead to higher nodes, and how many from them.
    pub n_arcs: [Vec<u16>; 2],
    /// The depths of these nodes, by place in the order, falling for each.
    pub end_depths: [Vec<u16>; 2],
}

/// Lists that are no hierarchy of this graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored hierarchy is not of this graph ({0}): build it anew")]
pub struct NotOfGraph(&'static str);

/// A stored hierarchy of which the order and the tree are sound.
#[derive(Debug)]
pub struct Frame {
    topology: Topology,
    rank_of: Vec<u32>,
    parent: Vec<u32>,
    /// By rank: the lowest rank below it, or its own.
    lowest: Vec<u32>,
}

impl Hierarchy {
    /// What is worth storing.
    pub fn topology(&self) -> Topology {
        let wings = Slope::BOTH.map(|slope| self.wing(slope));
        let n_arcs = |rank| wings.map(|wing| wing.ends.of(rank).len());
        let count = |slope: usize| {
            let counts = (0..self.n_nodes()).map(|rank| n_arcs(rank)[slope]);
            counts.map(|n| u16::try_from(n).expect("a node has at most one arc a depth")).collect()
        };
        Topology {
            order: self.node_at.clone(),
            depths: self.depth.clone(),
            n_arcs: [count(0), count(1)],
            end_depths: wings.map(|wing| wing.depths.clone()),
        }
    }

    /// The hierarchy that was stored. All nodes that a search may start from together must be on
    /// one way of the frame ([`Frame::is_way`]).
    ///
    /// Costs about half of building it (measured): finding and checking all detours is the rest.
    pub fn from_frame(graph: &Graph, frame: Frame) -> Result<Self, NotOfGraph> {
        if graph.n_nodes() != number(frame.rank_of.len()) {
            return Err(NotOfGraph("number of nodes"));
        }
        if !graph.ends().all(|(tail, head)| frame.is_way(&mut [tail, head])) {
            return Err(NotOfGraph("order"));
        }
        let [up, down] = Slope::BOTH.map(|slope| ends(&frame.topology, slope));
        let tree = frame.tree();
        let stored = up.zip(down);
        let stored = stored.and_then(|(up, down)| Self::assemble(graph, tree.clone(), [up, down]));
        Ok(stored.unwrap_or_else(|| Self::contracted(graph, tree)))
    }
}

impl Topology {
    /// Checks the order and the tree. Costs about as much as reading them.
    pub fn frame(self) -> Result<Frame, NotOfGraph> {
        let n = self.order.len();
        if [&self.depths, &self.n_arcs[0], &self.n_arcs[1]].iter().any(|list| list.len() != n) {
            return Err(NotOfGraph("number of nodes"));
        }
        let rank_of = ranks(number(n), &self.order).map_err(|_| NotOfGraph("order"))?;
        let parent = parents(&self.depths)?;
        Ok(Frame { topology: self, rank_of, lowest: lowest(&parent), parent })
    }
}

impl Frame {
    /// Whether each two of the nodes are above each other; sorts the nodes, the lowest first.
    pub fn is_way(&self, nodes: &mut [u32]) -> bool {
        let rank = |node: u32| self.rank_of.get(node as usize).copied().unwrap_or(NONE);
        nodes.sort_unstable_by_key(|&node| rank(node));
        let is_above = |low: u32, high: u32| high != NONE && self.lowest[high as usize] <= low;
        nodes.windows(2).all(|pair| is_above(rank(pair[0]), rank(pair[1])))
    }

    fn tree(self) -> Tree {
        Tree {
            rank_of: self.rank_of,
            node_at: self.topology.order,
            parent: self.parent,
            depth: self.topology.depths,
        }
    }
}

/// The last rank met at each depth, from the highest rank down: the ancestors of the next.
struct Trail(Vec<u32>);

impl Trail {
    /// Goes on to the next lower rank.
    fn step(&mut self, rank: u32, depth: u16) {
        self.0.truncate(depth.into());
        self.0.push(rank);
    }
}

fn parents(depths: &[u16]) -> Result<Vec<u32>, NotOfGraph> {
    let mut trail = Trail(Vec::new());
    let mut parent = vec![NONE; depths.len()];
    for (rank, &depth) in depths.iter().enumerate().rev() {
        if usize::from(depth) > trail.0.len() {
            return Err(NotOfGraph("depths"));
        }
        if let Some(above) = depth.checked_sub(1) {
            parent[rank] = trail.0[usize::from(above)];
        }
        trail.step(number(rank), depth);
    }
    Ok(parent)
}

/// The higher ends of one slope's arcs; `None` where they do not lie above.
fn ends(topology: &Topology, slope: Slope) -> Option<Groups<u32>> {
    let (counts, depths) = (&topology.n_arcs[slope as usize], &topology.end_depths[slope as usize]);
    let n_ends: usize = counts.iter().map(|&n| usize::from(n)).sum();
    if n_ends != depths.len() || u32::try_from(n_ends).is_err() {
        return None;
    }
    let mut trail = Trail(Vec::new());
    let mut ends = vec![0; n_ends];
    let mut start = n_ends;
    for (rank, &depth) in topology.depths.iter().enumerate().rev() {
        let end = start;
        start -= usize::from(counts[rank]);
        let list = &depths[start..end];
        let falls = list.windows(2).all(|pair| pair[0] > pair[1]);
        if !falls || list.first().is_some_and(|&first| first >= depth) {
            return None;
        }
        for (slot, &depth) in ends[start..end].iter_mut().zip(list) {
            *slot = trail.0[usize::from(depth)];
        }
        trail.step(number(rank), depth);
    }
    Some(Groups::of_counts(counts, ends))
}
