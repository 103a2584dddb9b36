//! Where a way ends that closures have cut.

use ems_hierarchy::{FAR, Graph, Seed, distances_from};
use ems_model::Position;

use crate::roads::Roads;
use crate::route::Route;
use crate::snap::Snap;
use crate::turn_graph;

/// No way leads from one place to another while some roads are closed.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "no way leads from {},{} to {},{} while roads are closed: {}",
    from.lat(), from.lon(), to.lat(), to.lon(), advice(self)
)]
pub struct Unreachable {
    /// The start, on its road.
    pub from: Position,
    /// The goal, on its road.
    pub to: Position,
    /// As near to the goal as can be driven from the start; `None` if the start itself is closed.
    pub drive_to: Option<Snap>,
    /// As near to the start as the goal can be driven to from; `None` if the goal itself is closed.
    pub drive_from: Option<Snap>,
}

/// Whether one drives away from a place or towards it.
#[derive(Debug, Clone, Copy)]
enum Way {
    Ahead,
    Back,
}

fn advice(unreachable: &Unreachable) -> String {
    let near = |snap: Snap, word: &str, end: &str| {
        let (place, metres) = (snap.position(), snap.off_road_metres());
        format!("{word} {},{} ({metres:.0} m from the {end})", place.lat(), place.lon())
    };
    let to = unreachable.drive_to.map(|snap| near(snap, "it can be driven to", "goal"));
    let from =
        unreachable.drive_from.map(|snap| near(snap, "the goal can be driven to from", "start"));
    let both: Vec<String> = to.into_iter().chain(from).collect();
    if both.is_empty() { "both ends are on closed roads".into() } else { both.join(", ") }
}

impl Roads {
    /// The fastest way from a snap to another or, where closures part them, how near it comes.
    ///
    /// Cost: a route; where there is none, two searches of the whole city.
    ///
    /// # Panics
    /// If either snap is of another city.
    pub fn way(&self, from: &Snap, to: &Snap) -> Result<Route, Unreachable> {
        self.route(from, to).ok_or_else(|| self.parted(from, to))
    }

    /// The nearest point on a road that is not closed in both directions, at most `metres_max`
    /// away; [`Roads::snap`] heeds no closures.
    pub fn snap_open(&self, position: Position, metres_max: f64) -> Result<Snap, crate::OffMap> {
        let is_open =
            |edge: u32| [0, 1].iter().any(|side| self.arc_millis(2 * edge + side).is_some());
        self.snap_where(position, metres_max, is_open)
    }

    fn parted(&self, from: &Snap, to: &Snap) -> Unreachable {
        let is_known = |snap: &Snap| (snap.edge as usize) < self.n_edges();
        assert!(is_known(from) && is_known(to), "a snap of another city");
        let graph = turn_graph::graph(self.parts());
        let starts: Vec<u32> = self.leaving(from).iter().map(|leg| leg.arc).collect();
        let ahead = self.beyond(&graph, self.metric().input_weights(), from, &starts);
        let goals: Vec<u32> =
            self.goal(to).unwrap_or_default().iter().map(|goal| goal.node).collect();
        let (graph, weights) = self.reversed(&graph);
        let behind = self.beyond(&graph, &weights, to, &goals);
        Unreachable {
            from: from.position,
            to: to.position,
            drive_to: self.nearest_of(&ahead, from, Way::Ahead, to.position),
            drive_from: self.nearest_of(&behind, to, Way::Back, from.position),
        }
    }

    /// Which edges are reached by a turn from one of a snap's states, by edge; from a junction
    /// these states themselves are.
    fn beyond(&self, graph: &Graph, weights: &[u32], own: &Snap, states: &[u32]) -> Vec<bool> {
        if self.junction(own).is_some() {
            let seeds: Vec<Seed> = states.iter().map(|&state| Seed::at(state)).collect();
            return self.edges_of(&distances_from(graph, weights, &seeds));
        }
        let turns =
            states.iter().flat_map(|&state| graph.heads(state).iter().zip(graph.arcs(state)));
        let open = turns.filter(|&(_, turn)| weights[turn] < FAR);
        let seeds: Vec<Seed> = open.map(|(&head, _)| Seed::at(head)).collect();
        self.edges_of(&distances_from(graph, weights, &seeds))
    }

    /// The nearest point to a place, on the edges reached or on a snap's own one.
    fn nearest_of(
        &self,
        is_reached: &[bool],
        own: &Snap,
        way: Way,
        place: Position,
    ) -> Option<Snap> {
        let on_others = self.snap_where(place, f64::INFINITY, |edge| is_reached[edge as usize]);
        let on_own = self.nearest_on_own(own, way, place);
        let both = on_own.into_iter().chain(on_others.ok());
        both.min_by(|a, b| a.off_road_metres.total_cmp(&b.off_road_metres))
    }

    /// The nearest point to a place on a snap's own edge, as far as that is open.
    fn nearest_on_own(&self, own: &Snap, way: Way, place: Position) -> Option<Snap> {
        let stays = Snap { off_road_metres: own.position.metres_to(place), ..*own };
        if self.junction(own).is_some() {
            let streets = match way {
                Way::Ahead => self.leaving(own),
                Way::Back => self.arriving(own),
            };
            return (!streets.is_empty()).then_some(stays);
        }
        let is_open = |side: u32| self.arc_millis(2 * own.edge + side).is_some();
        let (onward, backward) = match way {
            Way::Ahead => (is_open(0), is_open(1)),
            Way::Back => (is_open(1), is_open(0)),
        };
        let nearest = self.snap_where(place, f64::INFINITY, |edge| edge == own.edge).ok()?;
        let may_go = if nearest.fraction >= own.fraction { onward } else { backward };
        (onward || backward).then_some(if may_go { nearest } else { stays })
    }

    fn edges_of(&self, labels: &[u32]) -> Vec<bool> {
        let mut is_reached = vec![false; self.n_edges()];
        for (state, _) in (0u32..).zip(labels).filter(|&(_, &label)| label < FAR) {
            let arc = self.parts().arc_of(state);
            is_reached[(arc / 2) as usize] |= self.arc_millis(arc).is_some();
        }
        is_reached
    }

    /// The graph of turns, each the other way round, with its weights.
    fn reversed(&self, graph: &Graph) -> (Graph, Vec<u32>) {
        let weights = self.metric().input_weights();
        let mut turns: Vec<([u32; 2], u32)> = (0..graph.n_nodes())
            .flat_map(|tail| {
                graph.heads(tail).iter().zip(graph.arcs(tail)).map(move |it| (tail, it))
            })
            .map(|(tail, (&head, arc))| ([head, tail], weights[arc]))
            .collect();
        turns.sort_by_key(|&([tail, _], _)| tail);
        let (ends, weights): (Vec<[u32; 2]>, Vec<u32>) = turns.into_iter().unzip();
        let graph = Graph::from_arcs(graph.n_nodes(), &ends);
        (graph.expect("the same nodes"), weights)
    }
}
