//! A connected part of the graph that is still to be cut.

use crate::groups::{Groups, number};

/// One direction of an undirected edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) head: u32,
    /// `2 * edge` from the edge's first end, `2 * edge + 1` from its second; edges as the region
    /// numbers them.
    pub(super) edge: u32,
}

/// An undirected edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) ends: [u32; 2],
    /// Its number in the whole graph.
    pub(super) number: u32,
    pub(super) width: u8,
}

/// Nodes and the edges among them, numbered anew from zero.
#[derive(Debug)]
pub(super) struct Region {
    /// The number of each node in the whole graph.
    pub(super) nodes: Vec<u32>,
    /// The number of each edge in the whole graph.
    pub(super) edges: Vec<u32>,
    /// The width of each edge.
    widths: Vec<u8>,
    /// The edges by the node they are seen from.
    pub(super) sides: Groups<Side>,
}

impl Region {
    /// The graph of edges whose ends are numbered as the nodes given.
    pub(super) fn of(nodes: Vec<u32>, edges: &[Edge]) -> Self {
        let sides = edges.iter().zip(0u32..).flat_map(|(edge, idx)| {
            let [a, b] = edge.ends;
            [(a, Side { head: b, edge: 2 * idx }), (b, Side { head: a, edge: 2 * idx + 1 })]
        });
        let sides = Groups::sorted(nodes.len(), sides);
        let widths = edges.iter().map(|edge| edge.width).collect();
        Self { nodes, edges: edges.iter().map(|edge| edge.number).collect(), widths, sides }
    }

    pub(super) fn width(&self, edge: u32) -> i16 {
        self.widths[edge as usize].into()
    }

    pub(super) fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Both ends and the local number of each edge.
    pub(super) fn ends(&self) -> impl Iterator<Item = ([u32; 2], u32)> + '_ {
        let firsts = self.sides.pairs().filter(|(_, side)| side.edge % 2 == 0);
        firsts.map(|(tail, side)| ([tail, side.head], side.edge / 2))
    }

    /// The parts into which the nodes fall, by their group; nodes of group [`OUTSIDE`] and edges
    /// between groups are left out. Groups are numbered from 0.
    pub(super) fn parts(&self, group_of: &[u32], n_groups: usize) -> Vec<Self> {
        let mut place = vec![0u32; self.n_nodes()];
        let mut nodes = vec![Vec::new(); n_groups];
        for (node, &group) in group_of.iter().enumerate() {
            if let Some(list) = nodes.get_mut(group as usize) {
                place[node] = number(list.len());
                list.push(self.nodes[node]);
            }
        }
        let mut edges = vec![Vec::new(); n_groups];
        for ([a, b], edge) in self.ends() {
            let group = group_of[a as usize];
            if group == group_of[b as usize] && group != OUTSIDE {
                let ends = [place[a as usize], place[b as usize]];
                let (number, width) = (self.edges[edge as usize], self.widths[edge as usize]);
                edges[group as usize].push(Edge { ends, number, width });
            }
        }
        nodes.into_iter().zip(edges).map(|(nodes, edges)| Self::of(nodes, &edges)).collect()
    }

    /// The connected group of each node, and how many there are.
    pub(super) fn components(&self) -> (Vec<u32>, usize) {
        let mut group_of = vec![OUTSIDE; self.n_nodes()];
        let mut n_groups = 0;
        let mut open = Vec::new();
        for root in 0..number(self.n_nodes()) {
            if group_of[root as usize] != OUTSIDE {
                continue;
            }
            group_of[root as usize] = n_groups;
            open.push(root);
            while let Some(node) = open.pop() {
                for side in self.sides.of(node) {
                    if group_of[side.head as usize] == OUTSIDE {
                        group_of[side.head as usize] = n_groups;
                        open.push(side.head);
                    }
                }
            }
            n_groups += 1;
        }
        (group_of, n_groups as usize)
    }

    /// Steps from the nearest of the nodes given.
    pub(super) fn steps_from(&self, starts: &[u32]) -> Vec<u32> {
        let mut steps = vec![OUTSIDE; self.n_nodes()];
        for &start in starts {
            steps[start as usize] = 0;
        }
        let mut queue = starts.to_vec();
        let mut next = 0;
        while let Some(&node) = queue.get(next) {
            next += 1;
            for side in self.sides.of(node) {
                if steps[side.head as usize] == OUTSIDE {
                    steps[side.head as usize] = steps[node as usize] + 1;
                    queue.push(side.head);
                }
            }
        }
        steps
    }
}

/// In no group.
pub(super) const OUTSIDE: u32 = u32::MAX;
