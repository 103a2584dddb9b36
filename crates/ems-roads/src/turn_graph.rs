//! The graph of turns in the words of the hierarchy.

use std::sync::Arc;

use ems_hierarchy::{Graph, Hierarchy, OrderError, Sketch, edge_order};
use ems_model::Position;

use crate::mercator::project;
use crate::roads::{Edge, Parts};

/// The order in which edges are contracted, the least important first.
///
/// A small cut of the road network is a small separator of its graph of turns.
pub(crate) fn order_edges(edges: &[Edge], points: &[Position]) -> Vec<u32> {
    let ends: Vec<[u32; 2]> = edges.iter().map(|edge| [edge.tail, edge.head]).collect();
    let n_nodes = ends.iter().flatten().max().map_or(0, |&node| node + 1);
    let mut places = vec![[0.0; 2]; n_nodes as usize];
    let last_points = edges[1..].iter().map(|edge| edge.first_point as usize).chain([points.len()]);
    for (edge, end) in edges.iter().zip(last_points) {
        places[edge.tail as usize] = project(points[edge.first_point as usize]);
        places[edge.head as usize] = project(points[end - 1]);
    }
    edge_order(&Sketch { n_nodes, edges: &ends, points: &places })
}

/// The hierarchy over states; all states of one edge are linked.
pub(crate) fn hierarchy(parts: &Parts) -> Result<Arc<Hierarchy>, OrderError> {
    let mut states_of = vec![Vec::new(); parts.edges.len()];
    for state in (0..n_states(parts)).rev() {
        states_of[(parts.arc_of(state) / 2) as usize].push(state);
    }
    let states = |&edge: &u32| states_of.get(edge as usize).into_iter().flatten().copied();
    let order: Vec<u32> = parts.order.iter().flat_map(states).collect();
    let links: Vec<[u32; 2]> = states_of
        .iter()
        .flat_map(|states| states.windows(2))
        .map(|pair| [pair[0], pair[1]])
        .collect();
    Ok(Arc::new(Hierarchy::build(&graph(parts), &order, &links)?))
}

/// States and the turns between them.
pub(crate) fn graph(parts: &Parts) -> Graph {
    let of_state = |from| parts.turns.of(from).iter().map(move |turn| [from, turn.state]);
    let turns: Vec<[u32; 2]> = (0..n_states(parts)).flat_map(of_state).collect();
    let graph = Graph::from_arcs(n_states(parts), &turns);
    graph.expect("turns lead to states, which was checked before")
}

fn n_states(parts: &Parts) -> u32 {
    u32::try_from(parts.turns.n_states()).expect("states are numbered by u32")
}

/// The weight of each turn: its own, and the arc that it leaves.
///
/// `millis`: of each arc, [`crate::network::NO_WAY`] where it is closed.
pub(crate) fn weights(parts: &Parts, millis: &[u32]) -> Vec<u32> {
    let of_state = |from: u32| {
        let millis = millis[parts.arc_of(from) as usize];
        parts.turns.of(from).iter().map(move |turn| millis.saturating_add(turn.millis))
    };
    (0..n_states(parts)).flat_map(of_state).collect()
}

/// The turns that leave a state, each with its weight.
pub(crate) fn weights_of<'a>(
    parts: &'a Parts,
    state: u32,
    millis: &[u32],
) -> impl Iterator<Item = (u32, u32)> + use<'a> {
    let millis = millis[parts.arc_of(state) as usize];
    let turns = parts.turns.range(state).zip(parts.turns.of(state));
    turns.map(move |(idx, turn)| {
        let idx = u32::try_from(idx).expect("turns are numbered by u32");
        (idx, millis.saturating_add(turn.millis))
    })
}
