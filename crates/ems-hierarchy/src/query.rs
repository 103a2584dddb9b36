//! Between two places: each climbs its way to the root, and they meet where the sum is least.

use crate::climbed::n_equal;
use crate::groups::number;
use crate::hierarchy::{Hierarchy, NONE, Slope};
use crate::metric::{FAR, Metric};

/// A node where a search starts or ends, with what is spent before or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// The node, as the graph numbers it.
    pub node: u32,
    /// At most half of [`FAR`].
    pub weight: u32,
}

impl Seed {
    /// A node itself.
    pub fn at(node: u32) -> Self {
        Self { node, weight: 0 }
    }
}

/// The least way between two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The sum of its arcs' weights and those of both seeds.
    pub weight: u32,
    /// The node where it starts: one of the seeds.
    pub start: u32,
    /// The graph's arcs, in order; none where start and end are one node.
    pub arcs: Vec<u32>,
}

/// Finds distances and paths, one after the other; holds tables, so keep one a thread.
///
/// A place may be several nodes. Those that a link joins, as the hierarchy was built, cost one way
/// to the root; each that none joins costs one more.
#[derive(Debug, Default)]
pub struct Query {
    ahead: Ascent,
    back: Ascent,
}

impl Query {
    /// The least weight of a way between two places; [`FAR`] where there is none.
    ///
    /// # Panics
    /// If a place has no seed.
    pub fn distance(&mut self, metric: &Metric, from: &[Seed], to: &[Seed]) -> u32 {
        self.ahead.run::<false>(metric, Slope::Up, from);
        self.back.run::<false>(metric, Slope::Down, to);
        let pairs = self.pairs().map(|(ahead, back)| {
            let n_shared = ahead.n_shared(back);
            least_sum(&ahead.labels[..n_shared], &back.labels[..n_shared])
        });
        pairs.fold(FAR, u32::min)
    }

    /// The least way itself; `None` where there is none.
    ///
    /// # Panics
    /// As [`Query::distance`].
    pub fn path(&mut self, metric: &Metric, from: &[Seed], to: &[Seed]) -> Option<Path> {
        self.ahead.run::<true>(metric, Slope::Up, from);
        self.back.run::<true>(metric, Slope::Down, to);
        let meets = self.pairs().flat_map(|(ahead, back)| {
            let sum = |depth: usize| ahead.labels[depth] + back.labels[depth];
            (0..ahead.n_shared(back)).map(move |depth| (sum(depth), depth, ahead, back))
        });
        let (weight, meet, ahead, back) = meets.min_by_key(|&(weight, ..)| weight)?;
        if weight >= FAR {
            return None;
        }
        let mut climbed = ahead.trail(meet);
        climbed.reverse();
        let start = climbed.first().map_or(ahead.ranks[meet], |&(low, _)| low);
        let mut arcs = Vec::new();
        for (low, high) in climbed {
            metric.unpack(Slope::Up, low, high, &mut arcs);
        }
        for (low, high) in back.trail(meet) {
            metric.unpack(Slope::Down, low, high, &mut arcs);
        }
        Some(Path { weight, start: metric.hierarchy().node_at[start as usize], arcs })
    }

    fn pairs(&self) -> impl Iterator<Item = (&Climb, &Climb)> {
        let [ahead, back] = [&self.ahead, &self.back].map(Ascent::climbs);
        ahead.iter().flat_map(move |ahead| back.iter().map(move |back| (ahead, back)))
    }
}

/// The least sum of two labels at one depth.
pub(crate) fn least_sum(ahead: &[u32], back: &[u32]) -> u32 {
    ahead.iter().zip(back).map(|(a, b)| a + b).fold(FAR, u32::min)
}

/// The ways of one place to the root: one for all seeds that links join.
#[derive(Debug, Default)]
pub(crate) struct Ascent {
    /// Those in use first.
    climbs: Vec<Climb>,
    n_climbs: usize,
    /// Seeds that are on no way yet.
    left: Vec<Seed>,
}

impl Ascent {
    /// Labels all ancestors; with `TRACED`, notes where each label came from.
    pub(crate) fn run<const TRACED: bool>(
        &mut self,
        metric: &Metric,
        slope: Slope,
        seeds: &[Seed],
    ) {
        assert!(!seeds.is_empty(), "a place has a seed");
        let hierarchy = metric.hierarchy();
        self.left.clear();
        self.left.extend(seeds);
        self.n_climbs = 0;
        while let Some(lowest) = self.left.iter().map(|seed| hierarchy.rank(seed.node)).min() {
            if self.n_climbs == self.climbs.len() {
                self.climbs.push(Climb::default());
            }
            let climb = &mut self.climbs[self.n_climbs];
            let is_on_way = |seed: &mut Seed| hierarchy.is_above(lowest, hierarchy.rank(seed.node));
            climb.seeds.clear();
            climb.seeds.extend(self.left.extract_if(.., is_on_way));
            climb.run::<TRACED>(metric, slope, lowest);
            self.n_climbs += 1;
        }
    }

    pub(crate) fn climbs(&self) -> &[Climb] {
        &self.climbs[..self.n_climbs]
    }
}

/// One way to the root, with tables by depth.
#[derive(Debug, Default)]
pub(crate) struct Climb {
    seeds: Vec<Seed>,
    /// The least weight at each ancestor.
    labels: Vec<u32>,
    /// The ancestors.
    ranks: Vec<u32>,
    /// The lower node from which the label came; [`NONE`] at seeds.
    came_from: Vec<u32>,
}

impl Climb {
    fn run<const TRACED: bool>(&mut self, metric: &Metric, slope: Slope, lowest: u32) {
        let hierarchy = metric.hierarchy();
        let (wing, weights) = (hierarchy.wing(slope), metric.weights(slope));
        self.plant(hierarchy, lowest);
        let mut at = lowest;
        let labels = &mut self.labels[..];
        while at != NONE {
            let depth = hierarchy.depth[at as usize];
            self.ranks[depth as usize] = at;
            let label = labels[depth as usize];
            if label < FAR {
                let arcs = wing.ends.range(at);
                for (&depth, &weight) in wing.depths[arcs.clone()].iter().zip(&weights[arcs]) {
                    let least = &mut labels[depth as usize];
                    if TRACED && label + weight < *least {
                        self.came_from[depth as usize] = at;
                    }
                    *least = (*least).min(label + weight);
                }
            }
            at = hierarchy.parent[at as usize];
        }
    }

    /// Sets the labels of the seeds.
    fn plant(&mut self, hierarchy: &Hierarchy, lowest: u32) {
        let n_ranks = usize::from(hierarchy.depth[lowest as usize]) + 1;
        self.labels.clear();
        for table in [&mut self.labels, &mut self.ranks, &mut self.came_from] {
            table.resize(n_ranks, FAR);
        }
        for seed in &self.seeds {
            let depth = hierarchy.depth[hierarchy.rank(seed.node) as usize] as usize;
            self.labels[depth] = self.labels[depth].min(seed.weight);
            self.came_from[depth] = NONE;
        }
    }

    /// How many ancestors this way shares with another, from the root down.
    fn n_shared(&self, other: &Self) -> usize {
        n_equal(&self.ranks, &other.ranks)
    }

    /// The arcs climbed to the node at a depth, as `(lower, higher)`, the last first.
    fn trail(&self, depth: usize) -> Vec<(u32, u32)> {
        let mut trail = Vec::new();
        let mut depth = depth;
        while self.came_from[depth] != NONE {
            let (low, high) = (self.came_from[depth], self.ranks[depth]);
            trail.push((low, high));
            let below = self.ranks[depth + 1..].iter();
            depth += 1 + below.take_while(|&&rank| rank != low).count();
        }
        trail
    }

    /// Labels and ranks from the root down.
    pub(crate) fn tables(&self) -> (&[u32], &[u32]) {
        (&self.labels, &self.ranks)
    }
}

impl Metric {
    /// Adds the graph's arcs behind an arc of the hierarchy.
    fn unpack(&self, slope: Slope, low: u32, high: u32, arcs: &mut Vec<u32>) {
        let wing = self.hierarchy().wing(slope);
        let arc = wing.arc(low, high).expect("a trail follows the hierarchy's arcs");
        let mut open = vec![(slope, number(arc))];
        while let Some((slope, arc)) = open.pop() {
            if let Some(input) = self.input_behind(slope, arc) {
                arcs.push(input);
            } else {
                let [first, second] = self.halves(slope, arc);
                open.extend([second, first]);
            }
        }
    }

    /// The arc of the graph that has the weight of an arc of the hierarchy.
    fn input_behind(&self, slope: Slope, arc: u32) -> Option<u32> {
        let weight = self.weights(slope)[arc as usize];
        let mut inputs = self.hierarchy().wing(slope).inputs.of(arc).iter().copied();
        inputs.find(|&input| self.input_weights()[input as usize] == weight)
    }

    /// The two arcs over a lower node whose sum an arc is, in the order driven.
    fn halves(&self, slope: Slope, arc: u32) -> [(Slope, u32); 2] {
        let wing = self.hierarchy().wing(slope);
        let low = wing.ends.group_of(arc);
        let depth = wing.depths[arc as usize];
        let (own, legs) = (self.weights(slope), self.weights(slope.other()));
        let place = arc - number(wing.ends.range(low).start);
        let halves = wing.detours.of(low).iter().find_map(|detour| {
            // Most legs are too long by themselves, which spares the look for the rest.
            if legs[detour.leg as usize] > own[arc as usize] {
                return None;
            }
            let rest = detour.arc_to(wing, place, depth)?;
            let sum = legs[detour.leg as usize] + own[rest as usize];
            (sum == own[arc as usize]).then_some((detour.leg, rest))
        });
        let (leg, rest) = halves.expect("a shortcut's weight is the sum of its halves");
        match slope {
            Slope::Up => [(Slope::Down, leg), (Slope::Up, rest)],
            Slope::Down => [(Slope::Down, rest), (Slope::Up, leg)],
        }
    }
}
