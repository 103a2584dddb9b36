//! The graph on which everything stands.

use crate::groups::{Groups, number};

/// A directed graph. Nodes and arcs are numbered from zero; arcs in order of the node they leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    heads: Groups<u32>,
}

/// Arcs that make no graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("arc {arc} joins node {node}, but the graph has {n_nodes} nodes: check the arc list")]
pub struct NoSuchNode {
    /// Index of the arc in the list given.
    pub arc: usize,
    /// The node named.
    pub node: u32,
    /// How many nodes there are; they are numbered from 0.
    pub n_nodes: u32,
}

impl Graph {
    /// Builds the graph of arcs `[tail, head]`; equal tails keep the order given.
    pub fn from_arcs(n_nodes: u32, arcs: &[[u32; 2]]) -> Result<Self, NoSuchNode> {
        for (arc, ends) in arcs.iter().enumerate() {
            if let Some(&node) = ends.iter().find(|&&node| node >= n_nodes) {
                return Err(NoSuchNode { arc, node, n_nodes });
            }
        }
        let pairs = arcs.iter().map(|&[tail, head]| (tail, head));
        Ok(Self { heads: Groups::sorted(n_nodes as usize, pairs) })
    }

    /// How many nodes there are.
    pub fn n_nodes(&self) -> u32 {
        self.heads.n_groups()
    }

    /// How many arcs there are.
    pub fn n_arcs(&self) -> u32 {
        number(self.heads.items().len())
    }

    /// The nodes that arcs from a node lead to.
    pub fn heads(&self, tail: u32) -> &[u32] {
        self.heads.of(tail)
    }

    /// The numbers of the arcs that leave a node.
    pub fn arcs(&self, tail: u32) -> std::ops::Range<usize> {
        self.heads.range(tail)
    }

    /// `(tail, head)` of every arc, in their order.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        self.heads.pairs()
    }
}
