//! Times by Dijkstra's search, beside which the fast ones are held.

use ems_hierarchy::{FAR, Seed, distances_from};
use ems_model::Millis;

use crate::roads::Roads;
use crate::snap::Snap;
use crate::turn_graph;

impl Roads {
    /// What [`Roads::times_from`] gives, found by looking at every turn of the city: the answer to
    /// hold it against.
    pub fn times_from_plainly(&self, from: &Snap, to: &[Snap]) -> Vec<Option<Millis>> {
        let first_turns = self.leaving(from).into_iter().flat_map(|leg| {
            let turns = self.parts().turns.of(leg.arc).iter();
            turns.map(move |turn| Seed { node: turn.state, weight: leg.after + turn.millis })
        });
        let graph = turn_graph::graph(self.parts());
        let labels =
            distances_from(&graph, self.metric().input_weights(), &first_turns.collect::<Vec<_>>());
        let time = |snap: &Snap| {
            let ends = self.goal(snap).unwrap_or_default();
            let round = ends.iter().map(|end| labels[end.node as usize] + end.weight);
            let is_here = self.junction(from).is_some() && self.is_near(from, snap);
            let ahead =
                if is_here { self.drive_nowhere(from) } else { self.drive_ahead(from, snap) };
            let ahead = ahead.map(|drive| drive.millis);
            let least = round.chain(ahead).fold(FAR, u32::min);
            (least < FAR).then(|| Millis::new(least.into()))
        };
        to.iter().map(time).collect()
    }
}
