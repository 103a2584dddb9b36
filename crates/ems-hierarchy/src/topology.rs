//! A hierarchy's arcs as they are stored, so that a graph need not be contracted again.
//!
//! All higher neighbours of a node are its ancestors, and no two of them have one depth: a depth
//! names an arc's end. What is read is checked as a whole: each list must be one that some
//! contraction of this graph could have made, else it is refused.

use crate::graph::Graph;
use crate::groups::{Groups, number};
use crate::hierarchy::{Hierarchy, NONE, Slope, Tree, ranks};

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

    /// The hierarchy that was stored, of the same graph and links as [`Hierarchy::build`] had.
    ///
    /// Costs about half of building it (measured): finding and checking all detours is the rest.
    pub fn from_topology(
        graph: &Graph,
        topology: Topology,
        links: &[[u32; 2]],
    ) -> Result<Self, NotOfGraph> {
        let n = graph.n_nodes() as usize;
        let counts = topology.n_arcs.each_ref().map(Vec::len);
        if topology.depths.len() != n || counts != [n; 2] {
            return Err(NotOfGraph("number of nodes"));
        }
        let rank_of = ranks(graph.n_nodes(), &topology.order).map_err(|_| NotOfGraph("order"))?;
        let parent = parents(&topology.depths)?;
        let ends = Slope::BOTH.map(|slope| ends(&topology, slope));
        let [up, down] = ends;
        let ends = [up?, down?];
        let tree = Tree { rank_of, node_at: topology.order, parent, depth: topology.depths };
        if !links.iter().all(|&link| tree.is_link(link)) {
            return Err(NotOfGraph("links"));
        }
        Self::assemble(graph, tree, ends).ok_or(NotOfGraph("arcs"))
    }
}

impl Tree {
    /// Whether one of two nodes is above the other.
    fn is_link(&self, [a, b]: [u32; 2]) -> bool {
        let rank = |node: u32| self.rank_of.get(node as usize).copied().unwrap_or(NONE);
        let (mut low, high) = (rank(a).min(rank(b)), rank(a).max(rank(b)));
        while low < high {
            low = self.parent[low as usize];
        }
        low == high && low != NONE
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

/// The higher ends of one slope's arcs.
fn ends(topology: &Topology, slope: Slope) -> Result<Groups<u32>, NotOfGraph> {
    let (counts, depths) = (&topology.n_arcs[slope as usize], &topology.end_depths[slope as usize]);
    let n_ends: usize = counts.iter().map(|&n| usize::from(n)).sum();
    if n_ends != depths.len() || u32::try_from(n_ends).is_err() {
        return Err(NotOfGraph("number of arcs"));
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
            return Err(NotOfGraph("ends of arcs"));
        }
        for (slot, &depth) in ends[start..end].iter_mut().zip(list) {
            *slot = trail.0[usize::from(depth)];
        }
        trail.step(number(rank), depth);
    }
    Ok(Groups::of_counts(counts, ends))
}
