//! Takes off what needs no cut: dead ends, and nodes of degree two, over and over.
//!
//! In each round no two neighbours go, so that a chain of `k` nodes becomes a tree of height
//! `log k`, not `k`.

use super::region::Edge;
use super::{Sketch, What};

/// What is left to cut, and what went before it.
#[derive(Debug)]
pub(super) struct Core {
    /// Nodes or edges taken off, in the order in which they are contracted.
    pub(super) taken: Vec<u32>,
    /// Edges of the core.
    pub(super) edges: Vec<Edge>,
}

/// The graph as it shrinks: the neighbours of each node, each with the edge to it.
struct Shrinking<'a> {
    what: What,
    /// By edge; empty if all are 1.
    widths: &'a [u8],
    near: Vec<Vec<(u32, u32)>>,
    is_gone: Vec<bool>,
    /// The round in which a neighbour of the node went.
    touched_in: Vec<u32>,
    taken: Vec<u32>,
}

/// Peels the graph of the edges; loops are no concern of anyone and go first.
pub(super) fn peel(what: What, sketch: &Sketch<'_>) -> Core {
    let mut graph = Shrinking::of(what, sketch);
    let mut waiting: Vec<u32> = (0..sketch.n_nodes).collect();
    for round in 1.. {
        waiting = graph.take_round(round, &waiting);
        if waiting.is_empty() {
            break;
        }
    }
    graph.core()
}

impl<'a> Shrinking<'a> {
    fn of(what: What, sketch: &Sketch<'a>) -> Self {
        let n_nodes = sketch.n_nodes as usize;
        let mut graph = Self {
            what,
            widths: sketch.widths,
            near: vec![Vec::new(); n_nodes],
            is_gone: vec![false; n_nodes],
            touched_in: vec![0; n_nodes],
            taken: Vec::new(),
        };
        for (edge, &[a, b]) in (0..).zip(sketch.edges) {
            if a == b {
                graph.take_edge(edge);
            } else {
                graph.join(a, b, edge);
            }
        }
        graph
    }

    /// Takes every thin node that has not lost a neighbour in this round; gives those to look at
    /// in the next.
    fn take_round(&mut self, round: u32, waiting: &[u32]) -> Vec<u32> {
        let mut next = Vec::new();
        for &node in waiting {
            if self.is_gone[node as usize] || self.near[node as usize].len() > 2 {
                continue;
            }
            if self.touched_in[node as usize] == round {
                next.push(node);
                continue;
            }
            for (neighbour, _) in self.take(node) {
                self.touched_in[neighbour as usize] = round;
                next.push(neighbour);
            }
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    /// Takes a node of at most two edges and joins its neighbours.
    fn take(&mut self, node: u32) -> Vec<(u32, u32)> {
        self.is_gone[node as usize] = true;
        let near = std::mem::take(&mut self.near[node as usize]);
        for &(neighbour, edge) in &near {
            self.near[neighbour as usize].retain(|&(n, e)| (n, e) != (node, edge));
        }
        if self.what == What::Nodes {
            self.taken.push(node);
        }
        match near[..] {
            [] => {}
            [(_, edge)] => self.take_edge(edge),
            [(a, first), (b, second)] if a == b => {
                self.take_edge(first);
                self.take_edge(second);
            }
            [(a, first), (b, second), ..] => {
                // The narrower edge is the better cut.
                let is_first = self.width(first) <= self.width(second);
                let (kept, taken) = if is_first { (first, second) } else { (second, first) };
                self.take_edge(taken);
                self.join(a, b, kept);
            }
        }
        near
    }

    fn width(&self, edge: u32) -> u8 {
        self.widths.get(edge as usize).copied().unwrap_or(1)
    }

    fn take_edge(&mut self, edge: u32) {
        if self.what == What::Edges {
            self.taken.push(edge);
        }
    }

    /// Parallel edges are one where nodes are ordered, and all of them count where edges are.
    fn join(&mut self, a: u32, b: u32, edge: u32) {
        let is_known = self.near[a as usize].iter().any(|&(near, _)| near == b);
        if self.what == What::Nodes && is_known {
            return;
        }
        self.near[a as usize].push((b, edge));
        self.near[b as usize].push((a, edge));
    }

    fn core(self) -> Core {
        let mut edges = Vec::new();
        for (node, near) in (0u32..).zip(&self.near) {
            let upward = near.iter().filter(|&&(other, _)| node < other);
            edges.extend(upward.map(|&(other, edge)| Edge {
                ends: [node, other],
                number: edge,
                width: self.width(edge),
            }));
        }
        Core { taken: self.taken, edges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_and_chains_need_no_cut() {
        let chain: Vec<[u32; 2]> = (0..9).map(|n| [n, n + 1]).collect();
        for what in [What::Nodes, What::Edges] {
            let core = peel(what, &Sketch { n_nodes: 10, edges: &chain, points: &[], widths: &[] });
            assert!(core.edges.is_empty(), "{what:?}");
            let n = if what == What::Nodes { 10 } else { 9 };
            let mut taken = core.taken.clone();
            taken.sort_unstable();
            assert_eq!(taken, (0..n).collect::<Vec<_>>(), "{what:?}: each once");
        }
    }

    #[test]
    fn a_knot_of_four_stays_whole_and_its_tail_goes() {
        let edges = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3], [3, 4], [4, 5]];
        let core =
            peel(What::Edges, &Sketch { n_nodes: 6, edges: &edges, points: &[], widths: &[] });
        assert_eq!(core.edges.len(), 6);
        assert_eq!(core.taken.len(), 2);
    }
}
