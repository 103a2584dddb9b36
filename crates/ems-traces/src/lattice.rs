//! The states that a chain may be in, each with its cheapest past.

use ems_roads::ArcPoint;

use crate::matcher::MatchedFix;

/// A fix placed on an arc, with the cheapest way to have come there.
#[derive(Debug, Clone, Copy)]
struct Node {
    placed: MatchedFix,
    from: Option<usize>,
    /// How many nodes lie before it on its way.
    depth: usize,
}

/// Where a way may stand now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    node: usize,
    /// −ln of its probability, without constants.
    pub(crate) cost: f64,
    /// How many fixes were left out since its node.
    pub(crate) n_skips: u32,
}

/// A candidate and the cheapest way to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    pub(crate) placed: MatchedFix,
    pub(crate) cost: f64,
    /// The index of the end that it follows.
    pub(crate) end: usize,
}

/// All ways of one chain.
#[derive(Debug, Default)]
pub(crate) struct Lattice {
    nodes: Vec<Node>,
    ends: Vec<End>,
    /// The depth of the first node that is not decided.
    n_decided: usize,
}

/// A way that is so much more costly than the best is given up: e^−25 of its probability.
const COST_SLACK: f64 = 25.0;

/// So many ways go on without the newest fix.
const N_CARRIED_MAX: usize = 4;

/// Nodes that are kept before those without a future are cleared away.
const N_NODES_CLEARED_AT: usize = 4096;

impl Lattice {
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn ends(&self) -> &[End] {
        &self.ends
    }

    pub(crate) fn placed(&self, end: &End) -> &MatchedFix {
        &self.nodes[end.node].placed
    }

    pub(crate) fn points(&self) -> Vec<ArcPoint> {
        self.ends.iter().map(|end| self.placed(end).point).collect()
    }

    /// The cheapest way.
    pub(crate) fn best(&self) -> Option<End> {
        self.ends.iter().copied().min_by(|a, b| a.cost.total_cmp(&b.cost))
    }

    /// The most fixes that any end leaves out at its tail.
    pub(crate) fn n_skips_most(&self) -> u32 {
        self.ends.iter().map(|end| end.n_skips).max().unwrap_or_default()
    }

    /// Whether no end may leave out another fix.
    pub(crate) fn is_spent(&self, n_skips_max: u32) -> bool {
        self.ends.iter().all(|end| end.n_skips >= n_skips_max)
    }

    /// Begins with a fix's candidates and their costs.
    pub(crate) fn begin(candidates: impl Iterator<Item = (MatchedFix, f64)>) -> Self {
        let mut lattice = Self::default();
        for (placed, cost) in candidates {
            let end = lattice.grow(placed, cost, None);
            lattice.ends.push(end);
        }
        lattice.prune();
        lattice
    }

    /// Goes on to a fix's candidates, each from its cheapest end; ends without it cost `skip_cost`
    /// more, unless that made more than `n_skips_max`.
    pub(crate) fn advance(&mut self, reached: Vec<Reached>, skip_cost: f64, n_skips_max: u32) {
        let mut ends = Vec::new();
        for Reached { placed, cost, end } in reached {
            ends.push(self.grow(placed, cost, Some(self.ends[end].node)));
        }
        let mut carried: Vec<End> = std::mem::take(&mut self.ends)
            .into_iter()
            .map(|end| End { cost: end.cost + skip_cost, n_skips: end.n_skips + 1, ..end })
            .filter(|end| end.n_skips <= n_skips_max)
            .collect();
        carried.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        ends.extend(carried.into_iter().take(N_CARRIED_MAX));
        self.ends = ends;
        self.prune();
    }

    /// Notes on all ends that the unit was still there.
    pub(crate) fn stay(&mut self, until: ems_model::Timestamp) {
        for idx in 0..self.ends.len() {
            let end = self.ends[idx];
            if end.n_skips == 0 {
                self.nodes[end.node].placed.left = until;
            }
        }
    }

    /// Takes what the cheapest way says of all but its last `n_open` fixes.
    pub(crate) fn decide(&mut self, n_open: usize) -> Vec<MatchedFix> {
        let Some(best) = self.best() else { return Vec::new() };
        let way = self.way_to(best.node);
        let Some(&last) = way.len().checked_sub(n_open + 1).and_then(|idx| way.get(idx)) else {
            return Vec::new();
        };
        let depth = self.nodes[last].depth;
        let is_open = |&&node: &&usize| (self.n_decided..=depth).contains(&self.nodes[node].depth);
        let decided = way.iter().filter(is_open).map(|&n| self.nodes[n].placed).collect();
        self.n_decided = depth + 1;
        self.keep_descendants(last);
        decided
    }

    fn keep_descendants(&mut self, ancestor: usize) {
        let depth = self.nodes[ancestor].depth;
        let ends = std::mem::take(&mut self.ends);
        let descends = |end: &End| {
            let way = self.way_to(end.node);
            way.iter().rev().find(|&&n| self.nodes[n].depth <= depth) == Some(&ancestor)
        };
        self.ends = ends.into_iter().filter(descends).collect();
        if self.nodes.len() > N_NODES_CLEARED_AT {
            self.clear(ancestor);
        }
    }

    /// Forgets all nodes but those on the ways from `root` to the ends.
    fn clear(&mut self, root: usize) {
        let mut is_kept = vec![false; self.nodes.len()];
        for end in &self.ends {
            for node in self.way_to(end.node) {
                is_kept[node] = self.nodes[node].depth >= self.nodes[root].depth;
            }
        }
        let mut moved = vec![None; self.nodes.len()];
        let mut kept = Vec::new();
        for (idx, node) in self.nodes.iter().enumerate().filter(|(idx, _)| is_kept[*idx]) {
            moved[idx] = Some(kept.len());
            kept.push(Node { from: node.from.and_then(|from| moved[from]), ..*node });
        }
        for end in &mut self.ends {
            end.node = moved[end.node].expect("the ways to the ends are kept");
        }
        self.nodes = kept;
    }

    /// The nodes of a way that are still known, oldest first.
    fn way_to(&self, node: usize) -> Vec<usize> {
        let mut way: Vec<usize> =
            std::iter::successors(Some(node), |&node| self.open_parent(node)).collect();
        way.reverse();
        way
    }

    /// The node before, down to the last decided one.
    fn open_parent(&self, node: usize) -> Option<usize> {
        let is_open = self.nodes[node].depth >= self.n_decided;
        self.nodes[node].from.filter(|_| is_open)
    }

    fn grow(&mut self, placed: MatchedFix, cost: f64, from: Option<usize>) -> End {
        let depth = from.map_or(0, |from| self.nodes[from].depth + 1);
        self.nodes.push(Node { placed, from, depth });
        End { node: self.nodes.len() - 1, cost, n_skips: 0 }
    }

    fn prune(&mut self) {
        let Some(best) = self.best() else { return };
        self.ends.retain(|end| end.cost <= best.cost + COST_SLACK);
    }
}
