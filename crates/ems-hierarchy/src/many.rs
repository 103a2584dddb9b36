//! Between many places.

use crate::groups::Groups;
use crate::hierarchy::{NONE, Slope};
use crate::metric::{FAR, Metric};
use crate::query::{Ascent, Climb, Seed, least_sum};

/// Distances between all pairs: `from.len()` rows of `to.len()`, [`FAR`] where there is no way.
///
/// Each place climbs once, if links join its seeds; a pair is then the least sum over the ancestors
/// that both share.
///
/// # Panics
/// As [`crate::Query::distance`].
pub fn matrix(metric: &Metric, from: &[&[Seed]], to: &[&[Seed]]) -> Vec<u32> {
    let ahead = Climbed::of(metric, Slope::Up, from);
    let back = Climbed::of(metric, Slope::Down, to);
    let in_tree_order = Neighbours::of(&ahead, &back);
    let mut distances = vec![FAR; from.len() * to.len()];
    for (way, &source) in (0..).zip(&ahead.place_of) {
        let labels = ahead.labels.of(way);
        let row = &mut distances[source * to.len()..][..to.len()];
        in_tree_order.each_target(way, |target, n_shared| {
            let other = &back.labels.of(target)[..n_shared];
            let least = &mut row[back.place_of[target as usize]];
            *least = (*least).min(least_sum(&labels[..n_shared], other));
        });
    }
    distances
}

/// The labels and ancestors of many places, from the root down, a group a way to the root.
struct Climbed {
    /// By way.
    place_of: Vec<usize>,
    labels: Groups<u32>,
    ranks: Groups<u32>,
}

impl Climbed {
    fn of(metric: &Metric, slope: Slope, places: &[&[Seed]]) -> Self {
        let mut ascent = Ascent::default();
        let (labels, ranks) = (Groups::default(), Groups::default());
        let mut climbed = Self { place_of: Vec::new(), labels, ranks };
        for (idx, place) in places.iter().enumerate() {
            ascent.run::<false>(metric, slope, place);
            for (labels, ranks) in ascent.climbs().iter().map(Climb::tables) {
                climbed.place_of.push(idx);
                climbed.labels.push(labels.iter().copied());
                climbed.ranks.push(ranks.iter().copied());
            }
        }
        climbed
    }
}

/// Sources and targets in the order of the tree: what two of them share is what all between them
/// share.
struct Neighbours {
    /// `(way, is a target's)`.
    sorted: Vec<(u32, bool)>,
    /// How many ancestors each shares with the next.
    n_shared: Vec<usize>,
    /// Where each source stands.
    place_of: Vec<usize>,
}

impl Neighbours {
    fn of(ahead: &Climbed, back: &Climbed) -> Self {
        let sources = (0..ahead.ranks.n_groups()).map(|place| (place, false));
        let targets = (0..back.ranks.n_groups()).map(|place| (place, true));
        let mut sorted: Vec<(u32, bool)> = sources.chain(targets).collect();
        let ranks = |&(place, is_target): &(u32, bool)| {
            if is_target { back.ranks.of(place) } else { ahead.ranks.of(place) }
        };
        sorted.sort_unstable_by(|a, b| ranks(a).cmp(ranks(b)).then(a.cmp(b)));
        let n_equal = |pair: &[(u32, bool)]| {
            let pairs = ranks(&pair[0]).iter().zip(ranks(&pair[1]));
            pairs.take_while(|(a, b)| a == b).count()
        };
        let n_shared = sorted.windows(2).map(n_equal).collect();
        let mut place_of = vec![0; ahead.ranks.n_groups() as usize];
        for (at, &(place, _)) in sorted.iter().enumerate().filter(|(_, (_, target))| !target) {
            place_of[place as usize] = at;
        }
        Self { sorted, n_shared, place_of }
    }

    /// Calls with each target and how many ancestors it shares with the source.
    fn each_target(&self, source: u32, mut call: impl FnMut(u32, usize)) {
        let at = self.place_of[source as usize];
        let mut n = usize::MAX;
        for next in at + 1..self.sorted.len() {
            n = n.min(self.n_shared[next - 1]);
            if let (target, true) = self.sorted[next] {
                call(target, n);
            }
        }
        let mut n = usize::MAX;
        for next in (0..at).rev() {
            n = n.min(self.n_shared[next]);
            if let (target, true) = self.sorted[next] {
                call(target, n);
            }
        }
    }
}

/// A table for distances around one place; keep it to use it again.
#[derive(Debug, Default)]
pub struct Field {
    /// By rank; [`UNKNOWN`] until asked for.
    known: Vec<u32>,
    /// The ranks that are known.
    touched: Vec<u32>,
    trail: Vec<u32>,
}

/// Distances between one place and any other, worked out when asked for and kept.
///
/// Asking for many places costs little more than the ancestors that they do not share (after
/// "lazy RPHAST": Strasser and Zeitz, "A fast and tight heuristic for A* in road networks", SEA
/// 2021).
#[derive(Debug)]
pub struct Around<'a> {
    metric: &'a Metric,
    field: &'a mut Field,
    /// The slope of the ways by which other places climb.
    slope: Slope,
}

/// No distance yet: what is known is at most [`FAR`].
const UNKNOWN: u32 = u32::MAX;

impl Field {
    /// Distances from other places to this one.
    ///
    /// # Panics
    /// If the place has no seed.
    pub fn to<'a>(&'a mut self, metric: &'a Metric, place: &[Seed]) -> Around<'a> {
        Around::begin(self, metric, place, Slope::Up)
    }

    /// Distances from this place to others.
    ///
    /// # Panics
    /// If the place has no seed.
    pub fn from<'a>(&'a mut self, metric: &'a Metric, place: &[Seed]) -> Around<'a> {
        Around::begin(self, metric, place, Slope::Down)
    }

    fn clear(&mut self, n_nodes: u32) {
        for rank in self.touched.drain(..) {
            self.known[rank as usize] = UNKNOWN;
        }
        self.known.resize(n_nodes as usize, UNKNOWN);
    }

    fn learn(&mut self, rank: u32, distance: u32) {
        self.known[rank as usize] = distance;
        self.touched.push(rank);
    }
}

impl<'a> Around<'a> {
    fn begin(field: &'a mut Field, metric: &'a Metric, place: &[Seed], slope: Slope) -> Self {
        field.clear(metric.hierarchy().n_nodes());
        let mut around = Self { metric, field, slope };
        for &seed in place {
            around.climb_from(seed);
        }
        around.descend();
        around
    }

    /// Labels the ancestors of a seed by the ways that climb from it.
    fn climb_from(&mut self, seed: Seed) {
        let hierarchy = self.metric.hierarchy();
        let wing = hierarchy.wing(self.slope.other());
        let weights = self.metric.weights(self.slope.other());
        let mut at = hierarchy.rank_of[seed.node as usize];
        self.improve_label(at, seed.weight);
        while at != NONE {
            let label = self.field.known[at as usize];
            let arcs = if label < FAR { wing.ends.range(at) } else { 0..0 };
            for (&end, &weight) in wing.ends.of(at).iter().zip(&weights[arcs]) {
                self.improve_label(end, label + weight);
            }
            at = hierarchy.parent[at as usize];
        }
    }

    fn improve_label(&mut self, rank: u32, label: u32) {
        let before = self.field.known[rank as usize];
        if before == UNKNOWN {
            self.field.learn(rank, label.min(FAR));
        } else {
            self.field.known[rank as usize] = before.min(label);
        }
    }

    /// Makes the labels distances, from the root down.
    fn descend(&mut self) {
        let mut labelled = std::mem::take(&mut self.field.touched);
        labelled.sort_unstable_by_key(|&rank| std::cmp::Reverse(rank));
        for &rank in &labelled {
            let mut at = self.metric.hierarchy().parent[rank as usize];
            while at != NONE && self.field.known[at as usize] == UNKNOWN {
                self.field.trail.push(at);
                at = self.metric.hierarchy().parent[at as usize];
            }
            self.settle_trail();
            self.field.known[rank as usize] =
                self.over_higher(rank, self.field.known[rank as usize]);
        }
        self.field.touched.extend(labelled);
    }

    /// The distance of a place, its seeds' weights included; [`FAR`] where there is no way.
    pub fn distance(&mut self, place: &[Seed]) -> u32 {
        let of_seed = |seed: &Seed| {
            let rank = self.metric.hierarchy().rank_of[seed.node as usize];
            self.of_rank(rank) + seed.weight
        };
        place.iter().map(of_seed).fold(FAR, u32::min)
    }

    fn of_rank(&mut self, rank: u32) -> u32 {
        let mut at = rank;
        while at != NONE && self.field.known[at as usize] == UNKNOWN {
            self.field.trail.push(at);
            at = self.metric.hierarchy().parent[at as usize];
        }
        self.settle_trail();
        self.field.known[rank as usize]
    }

    fn settle_trail(&mut self) {
        while let Some(next) = self.field.trail.pop() {
            let distance = self.over_higher(next, FAR);
            self.field.learn(next, distance);
        }
    }

    /// The least of a label and of all ways over higher nodes, which are known.
    fn over_higher(&self, rank: u32, label: u32) -> u32 {
        let wing = self.metric.hierarchy().wing(self.slope);
        let weights = &self.metric.weights(self.slope)[wing.ends.range(rank)];
        let over = wing.ends.of(rank).iter().zip(weights);
        over.map(|(&end, &weight)| weight + self.field.known[end as usize]).fold(label, u32::min)
    }
}
