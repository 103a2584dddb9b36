//! From one place to every node at once.

use crate::hierarchy::{NONE, Slope};
use crate::metric::{FAR, Metric};
use crate::query::Seed;

/// The distances between one place and all nodes; keep it to use its table again.
///
/// The place climbs to the root; then each node, from the highest down, takes the least way over
/// higher ones, which are done (Delling, Goldberg, Nowatzyk, Werneck, "PHAST: hardware-accelerated
/// shortest path trees", JPDC 73(7), 2013). Costs a look at half of the hierarchy's arcs, in
/// the order of memory.
#[derive(Debug, Default)]
pub struct Sweep {
    /// By rank.
    distances: Vec<u32>,
}

impl Sweep {
    /// Measures from a place to all nodes. Its seeds need no link between them.
    pub fn from(&mut self, metric: &Metric, place: &[Seed]) {
        self.run(metric, place, Slope::Down);
    }

    /// Measures from all nodes to a place.
    pub fn to(&mut self, metric: &Metric, place: &[Seed]) {
        self.run(metric, place, Slope::Up);
    }

    /// What was measured last: the distance of a node, [`FAR`] where there is no way.
    ///
    /// # Panics
    /// If nothing was measured on this metric's hierarchy, or it has no such node.
    pub fn distance(&self, metric: &Metric, node: u32) -> u32 {
        self.distances[metric.hierarchy().rank_of[node as usize] as usize]
    }

    fn run(&mut self, metric: &Metric, place: &[Seed], slope: Slope) {
        self.distances.clear();
        self.distances.resize(metric.hierarchy().n_nodes() as usize, FAR);
        for &seed in place {
            self.climb(metric, seed, slope.other());
        }
        self.descend(metric, slope);
    }

    fn climb(&mut self, metric: &Metric, seed: Seed, slope: Slope) {
        let hierarchy = metric.hierarchy();
        let (wing, weights) = (hierarchy.wing(slope), metric.weights(slope));
        let mut at = hierarchy.rank_of[seed.node as usize];
        let own = &mut self.distances[at as usize];
        *own = (*own).min(seed.weight);
        while at != NONE {
            let label = self.distances[at as usize];
            let arcs = if label < FAR { wing.ends.range(at) } else { 0..0 };
            for (&end, &weight) in wing.ends.items()[arcs.clone()].iter().zip(&weights[arcs]) {
                let least = &mut self.distances[end as usize];
                *least = (*least).min(label + weight);
            }
            at = hierarchy.parent[at as usize];
        }
    }

    fn descend(&mut self, metric: &Metric, slope: Slope) {
        let (wing, weights) = (metric.hierarchy().wing(slope), metric.weights(slope));
        for rank in (0..metric.hierarchy().n_nodes()).rev() {
            let arcs = wing.ends.range(rank);
            let over = wing.ends.items()[arcs.clone()].iter().zip(&weights[arcs]);
            let own = self.distances[rank as usize];
            self.distances[rank as usize] = over
                .map(|(&end, &weight)| weight + self.distances[end as usize])
                .fold(own, u32::min);
        }
    }
}
