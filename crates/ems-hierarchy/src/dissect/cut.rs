//! Small balanced cuts by growing flows.
//!
//! A line is swept over the nodes in one direction: the first few are sources, the last few are
//! targets, and a maximum flow between them gives a minimum cut. Then the smaller side swallows
//! what it reaches, takes one node more, and the flow grows: a series of cuts, each better
//! balanced than the one before (Hamann and Strasser, "Graph bisection with Pareto optimization",
//! JEA 23, 2018; started from a sweep as by Schild and Sommer, "On balanced separators in road
//! networks", SEA 2015, and Gottesbüren et al., "Faster and better nested dissection orders for
//! customizable contraction hierarchies", Algorithms 12(9), 2019).

use super::region::Region;
use crate::groups::number;

/// Nodes on either side of a cut.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// The widths of the edges that it cuts, summed.
    pub(super) width: u32,
    /// How many nodes the smaller side has.
    pub(super) n_small: u32,
    /// Whether each node is on the smaller side.
    pub(super) is_small: Vec<bool>,
}

/// A side starts with one of so many nodes.
const START_SHARE: usize = 10;
/// The smaller side must have one of so many nodes, if any cut gives it.
const BALANCE_SHARE: usize = 5;

impl Cut {
    /// This cut, or another if it is better.
    pub(super) fn or_better(self, other: Self, n_nodes: usize) -> Self {
        if other.is_better_than(Some(&self), n_nodes) { other } else { self }
    }

    /// Less width for each node of the smaller side is better, once it is balanced enough.
    fn is_better_than(&self, other: Option<&Self>, n_nodes: usize) -> bool {
        let Some(other) = other else { return true };
        let is_balanced = |cut: &Self| cut.n_small as usize * BALANCE_SHARE >= n_nodes;
        let cross = |a: &Self, b: &Self| u64::from(a.width) * u64::from(b.n_small);
        match (is_balanced(self), is_balanced(other)) {
            (true, false) => true,
            (false, true) => false,
            _ => cross(self, other) < cross(other, self),
        }
    }
}

/// The best cut along one sweep that is better than `best`, or that.
pub(super) fn best_cut(region: &Region, keys: &[f64], best: Option<Cut>) -> Option<Cut> {
    let n = region.n_nodes();
    let mut flow = Flow::start(region, keys);
    let mut best = best;
    flow.saturate();
    loop {
        let cut = flow.cut();
        let is_enough = 2 * cut.n_small + 1 >= number(n);
        if cut.n_small > 0 && cut.is_better_than(best.as_ref(), n) {
            best = Some(Cut { is_small: flow.smaller_side(), ..cut });
        }
        if is_enough || is_beaten(flow.value, best.as_ref(), n) || !flow.advance(keys) {
            return best;
        }
    }
}

/// Whether even a perfect balance would not help a cut of such a width.
fn is_beaten(width: u32, best: Option<&Cut>, n_nodes: usize) -> bool {
    let ideal = Cut { width, n_small: number(n_nodes / 2).max(1), is_small: Vec::new() };
    !ideal.is_better_than(best, n_nodes)
}

/// The sources or the targets.
struct Half {
    /// 1 for sources, from which flow leaves; -1 for targets.
    sign: i16,
    is_in: Vec<bool>,
    n_in: usize,
    /// Members from which something new may be reached.
    front: Vec<u32>,
    /// What is reached without being a member.
    reached: Vec<u32>,
    /// The step at which a node is reached, or 0.
    level: Vec<u32>,
    /// Nodes beside members.
    rim: Vec<u32>,
}

impl Half {
    fn of(region: &Region, sign: i16, members: &[u32]) -> Self {
        let n = region.n_nodes();
        let mut half = Self {
            sign,
            is_in: vec![false; n],
            n_in: 0,
            front: members.to_vec(),
            reached: Vec::new(),
            level: vec![0; n],
            rim: Vec::new(),
        };
        for &node in members {
            half.admit(region, node);
        }
        half
    }

    fn admit(&mut self, region: &Region, node: u32) {
        self.is_in[node as usize] = true;
        self.n_in += 1;
        self.rim.extend(region.sides.of(node).iter().map(|side| side.head));
    }

    fn size(&self) -> usize {
        self.n_in + self.reached.len()
    }

    fn has(&self, node: u32) -> bool {
        self.is_in[node as usize] || self.level[node as usize] > 0
    }

    /// Finds all that the front reaches; says whether a member of the other half is beside it.
    fn explore(&mut self, region: &Region, flow: &[i16], other: &[bool]) -> bool {
        for node in self.reached.drain(..) {
            self.level[node as usize] = 0;
        }
        let mut meets = false;
        let mut next = 0;
        loop {
            let (node, level) = match self.front.get(next) {
                Some(&node) => (node, 1),
                None => match self.reached.get(next - self.front.len()) {
                    Some(&node) => (node, self.level[node as usize] + 1),
                    None => return meets,
                },
            };
            next += 1;
            for side in region.sides.of(node) {
                if self.has(side.head) || !is_open(region, flow, side.edge, self.sign) {
                    continue;
                }
                if other[side.head as usize] {
                    meets = true;
                } else {
                    self.level[side.head as usize] = level;
                    self.reached.push(side.head);
                }
            }
        }
    }

    /// Makes members of all that was reached.
    fn swallow(&mut self, region: &Region) {
        for node in std::mem::take(&mut self.reached) {
            self.level[node as usize] = 0;
            self.admit(region, node);
        }
        let is_in = &self.is_in;
        self.rim.retain(|&node| !is_in[node as usize]);
    }

    /// The node to take next: one that does not join the halves, if there is one; then the first
    /// of the sweep.
    fn next_on_rim(&self, keys: &[f64], other: &Self) -> Option<u32> {
        let depth = |node: u32| keys[node as usize] * f64::from(self.sign);
        let free = self.rim.iter().copied().filter(|&node| !other.is_in[node as usize]);
        free.min_by(|&a, &b| {
            let by_key = depth(a).total_cmp(&depth(b));
            other.has(a).cmp(&other.has(b)).then(by_key).then(a.cmp(&b))
        })
    }

    fn pierce(&mut self, region: &Region, node: u32) {
        self.front = vec![node];
        self.admit(region, node);
    }
}

/// Whether one more unit may flow along (sign 1) or against (sign -1) a side of an edge.
fn is_open(region: &Region, flow: &[i16], edge: u32, sign: i16) -> bool {
    let along = if edge.is_multiple_of(2) { sign } else { -sign };
    flow[(edge / 2) as usize] * along < region.width(edge / 2)
}

/// A flow between two halves that grow.
struct Flow<'a> {
    region: &'a Region,
    /// Units on each edge, from its first end to its second: its width at most, either way.
    units: Vec<i16>,
    value: u32,
    sources: Half,
    targets: Half,
    /// The next side to try of each node, in one search.
    next: Vec<u32>,
}

impl<'a> Flow<'a> {
    fn start(region: &'a Region, keys: &[f64]) -> Self {
        let n = region.n_nodes();
        let n_start = (n / START_SHARE).clamp(1, n / 2);
        let mut nodes: Vec<u32> = (0..number(n)).collect();
        let by_key =
            |a: &u32, b: &u32| keys[*a as usize].total_cmp(&keys[*b as usize]).then(a.cmp(b));
        nodes.select_nth_unstable_by(n_start - 1, by_key);
        nodes[n_start..].select_nth_unstable_by(n - 2 * n_start, by_key);
        Self {
            region,
            units: vec![0; region.edges.len()],
            value: 0,
            sources: Half::of(region, 1, &nodes[..n_start]),
            targets: Half::of(region, -1, &nodes[n - n_start..]),
            next: vec![0; n],
        }
    }

    /// Makes the flow greatest (Dinitz, 1970) and finds what each half reaches.
    fn saturate(&mut self) {
        while self.sources.explore(self.region, &self.units, &self.targets.is_in) {
            self.next.fill(0);
            for at in 0..self.sources.front.len() {
                while self.push_one(self.sources.front[at]) {
                    self.value += 1;
                }
            }
        }
        self.targets.explore(self.region, &self.units, &self.sources.is_in);
    }

    /// Sends one unit from a source along rising levels to a target, if there is such a way.
    fn push_one(&mut self, source: u32) -> bool {
        let mut path: Vec<u32> = Vec::new();
        let mut trail = vec![source];
        while let Some(&node) = trail.last() {
            let sides = self.region.sides.of(node);
            let Some(side) = sides.get(self.next[node as usize] as usize) else {
                trail.pop();
                path.pop();
                if let Some(&before) = trail.last() {
                    self.next[before as usize] += 1;
                }
                continue;
            };
            let is_target = self.targets.is_in[side.head as usize];
            let rises = self.sources.level[side.head as usize] > self.level_of(node);
            if is_open(self.region, &self.units, side.edge, 1) && (is_target || rises) {
                path.push(side.edge);
                if is_target {
                    self.send_along(&path);
                    return true;
                }
                trail.push(side.head);
            } else {
                self.next[node as usize] += 1;
            }
        }
        false
    }

    /// 0 for sources.
    fn level_of(&self, node: u32) -> u32 {
        self.sources.level[node as usize]
    }

    fn send_along(&mut self, path: &[u32]) {
        for &edge in path {
            self.units[(edge / 2) as usize] += if edge.is_multiple_of(2) { 1 } else { -1 };
        }
    }

    /// The cut around the smaller half, without its nodes.
    fn cut(&self) -> Cut {
        let n_small = number(self.sources.size().min(self.targets.size()));
        Cut { width: self.value, n_small, is_small: Vec::new() }
    }

    fn are_sources_smaller(&self) -> bool {
        self.sources.size() <= self.targets.size()
    }

    fn smaller_side(&self) -> Vec<bool> {
        let half = if self.are_sources_smaller() { &self.sources } else { &self.targets };
        (0..number(self.region.n_nodes())).map(|node| half.has(node)).collect()
    }

    /// Lets the smaller half grow by a node beside it; `false` where there is none.
    fn advance(&mut self, keys: &[f64]) -> bool {
        let (half, other) = if self.are_sources_smaller() {
            (&mut self.sources, &self.targets)
        } else {
            (&mut self.targets, &self.sources)
        };
        half.swallow(self.region);
        let Some(pierced) = half.next_on_rim(keys, other) else { return false };
        half.pierce(self.region, pierced);
        if other.has(pierced) {
            self.saturate();
        } else {
            half.explore(self.region, &self.units, &other.is_in);
        }
        true
    }
}
