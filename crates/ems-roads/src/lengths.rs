//! How far it is by road: the hierarchy under lengths in place of times.

use ems_hierarchy::{FAR, Metric, Query, Seed, matrix};

use crate::arcs::ArcPoint;
use crate::roads::Roads;

/// Metres that a second of a turn's cost counts for: town speed, so that turning round is neither
/// free nor forbidden.
const TURN_METRES_A_SECOND: f64 = 10.0;

/// Shortest lengths between points of one particular [`Roads`], whatever the speeds.
///
/// Building it costs a whole customisation.
#[derive(Debug)]
pub struct Lengths {
    metric: Metric,
    /// Centimetres by arc, at least 1.
    arcs: Vec<u32>,
}

impl Lengths {
    /// Lays lengths over the hierarchy of the roads.
    pub fn of(roads: &Roads) -> Self {
        let n_arcs = u32::try_from(2 * roads.n_edges()).expect("arcs are numbered by u32");
        let arcs: Vec<u32> =
            (0..n_arcs).map(|arc| centimetres(roads.arc_metres(arc)).max(1)).collect();
        let parts = roads.parts();
        let of_state = |state| {
            let arc = arcs[parts.arc_of(state) as usize];
            parts
                .turns
                .of(state)
                .iter()
                .map(move |turn| arc.saturating_add(turn_length(turn.millis)))
        };
        let n_states = u32::try_from(parts.turns.n_states()).expect("states are numbered by u32");
        let weights: Vec<u32> = (0..n_states).flat_map(of_state).collect();
        Self { metric: roads.metric().with_weights(&weights), arcs }
    }

    /// Metres from each of `from` to each of `to`, rows of `to.len()`; `None` where no drive leads
    /// on. Each second that a turn costs counts as ten metres.
    pub fn between(&self, roads: &Roads, from: &[ArcPoint], to: &[ArcPoint]) -> Vec<Option<f64>> {
        let starts: Vec<[Seed; 1]> = from.iter().map(|point| [Seed::at(point.arc)]).collect();
        let goals: Vec<Vec<Seed>> =
            to.iter().map(|point| roads.goal_of(point, self.before(point))).collect();
        let starts: Vec<&[Seed]> = starts.iter().map(|seeds| &seeds[..]).collect();
        let goals: Vec<&[Seed]> = goals.iter().map(|seeds| &seeds[..]).collect();
        let all = matrix(&self.metric, &starts, &goals);
        let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (a, b)));
        pairs.zip(all).map(|((a, b), sum)| self.length(roads, a, b, sum)).collect()
    }

    /// `sum`: the least from the start of the arc of `a`.
    fn length(&self, roads: &Roads, a: &ArcPoint, b: &ArcPoint, sum: u32) -> Option<f64> {
        let before = self.before(a);
        if a.arc != b.arc {
            return (sum < FAR).then(|| metres(sum - before));
        }
        match self.before(b).checked_sub(before) {
            Some(ahead) => Some(metres(ahead)),
            None => self.round(roads, a, b),
        }
    }

    /// Out at the end of an arc and back onto it, to a point behind.
    fn round(&self, roads: &Roads, a: &ArcPoint, b: &ArcPoint) -> Option<f64> {
        let goal = roads.goal_of(b, self.before(b));
        let first = self.arcs[a.arc as usize] - self.before(a);
        let after = |turn: usize| {
            let next = roads.parts().turns.list[turn];
            let seed = Seed { node: next.state, weight: first + turn_length(next.millis) };
            Query::default().distance(&self.metric, &[seed], &goal)
        };
        let best = roads.parts().turns.range(a.arc).map(after).min()?;
        (best < FAR).then(|| metres(best))
    }

    fn before(&self, point: &ArcPoint) -> u32 {
        crate::search::passed(self.arcs[point.arc as usize], point.along)
    }
}

fn turn_length(millis: u32) -> u32 {
    centimetres(f64::from(millis) / 1000.0 * TURN_METRES_A_SECOND)
}

fn metres(centimetres: u32) -> f64 {
    f64::from(centimetres) / 100.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cast to the nearest u32"
)]
fn centimetres(metres: f64) -> u32 {
    (metres * 100.0).round() as u32
}
