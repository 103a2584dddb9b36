//! Dijkstra's search on days.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The arcs that a search follows: out of nodes, or backwards into them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arcs<'a> {
    /// By node: where its arcs begin.
    pub(crate) first: &'a [u32],
    /// By arc: the node at its other end.
    pub(crate) ends: &'a [u32],
    /// By arc: days.
    pub(crate) days: &'a [f64],
}

impl Arcs<'_> {
    pub(crate) fn of(&self, node: u32) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.range(node).map(|arc| (self.ends[arc], self.days[arc]))
    }

    pub(crate) fn range(&self, node: u32) -> std::ops::Range<usize> {
        self.first[node as usize] as usize..self.first[node as usize + 1] as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Reached {
    days: f64,
    node: u32,
}

impl Eq for Reached {}

impl Ord for Reached {
    /// The nearest is the greatest; of equals the lower node.
    fn cmp(&self, other: &Self) -> Ordering {
        other.days.total_cmp(&self.days).then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A search that may be told not to go on from a node. Its memory is used again.
#[derive(Debug)]
pub(crate) struct Pruned {
    days: Vec<f64>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reached>,
}

impl Pruned {
    pub(crate) fn new(n_nodes: usize) -> Self {
        Self { days: vec![f64::INFINITY; n_nodes], touched: Vec::new(), heap: BinaryHeap::new() }
    }

    /// Visits nodes from the nearest on; where `visit` says false, no path goes on from there.
    pub(crate) fn run(
        &mut self,
        arcs: Arcs<'_>,
        from: u32,
        mut visit: impl FnMut(u32, f64) -> bool,
    ) {
        self.reach(from, 0.0);
        while let Some(Reached { days, node }) = self.heap.pop() {
            if days > self.days[node as usize] || !visit(node, days) {
                continue;
            }
            for (end, arc_days) in arcs.of(node) {
                self.reach(end, days + arc_days);
            }
        }
        for node in self.touched.drain(..) {
            self.days[node as usize] = f64::INFINITY;
        }
    }

    fn reach(&mut self, node: u32, days: f64) {
        let known = &mut self.days[node as usize];
        if days < *known {
            if known.is_infinite() {
                self.touched.push(node);
            }
            *known = days;
            self.heap.push(Reached { days, node });
        }
    }
}

/// Days from a node to every other along the arcs; infinite where none lead.
pub(crate) fn from_one(arcs: Arcs<'_>, from: u32) -> Vec<f64> {
    let n_nodes = arcs.first.len() - 1;
    let mut all = vec![f64::INFINITY; n_nodes];
    Pruned::new(n_nodes).run(arcs, from, |node, days| {
        all[node as usize] = days;
        true
    });
    all
}
