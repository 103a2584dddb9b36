//! The graph of turns in the words of the hierarchy.

use std::sync::Arc;

use ems_hierarchy::{Fork, Graph, Hierarchy, Sketch, edge_order, refined_order};
use ems_model::Position;

use crate::codec::DecodeError;
use crate::mercator::project;
use crate::network::NO_WAY;
use crate::roads::{Edge, Parts, Roads};

/// The graph on which routes are searched, as plain lists: what another engine may be given.
#[derive(Debug, Clone)]
pub struct TurnGraph {
    /// Where each node is, by its number: the start of the arc that is driven along.
    pub places: Vec<Position>,
    /// The nodes that each turn joins, by the node it leaves.
    pub turns: Vec<[u32; 2]>,
    /// Milliseconds of each turn and of the arc that it leaves.
    pub weights: Vec<u32>,
}

impl Roads {
    /// The graph of turns. Costs about its size.
    pub fn turn_graph(&self) -> TurnGraph {
        let parts = self.parts();
        let place = |state: u32| {
            let arc = parts.arc_of(state);
            let line = self.shape(arc / 2);
            if arc.is_multiple_of(2) { line[0] } else { line[line.len() - 1] }
        };
        TurnGraph {
            places: (0..n_states(parts)).map(place).collect(),
            turns: turns(parts),
            weights: self.metric().input_weights().to_vec(),
        }
    }
}

/// The order in which edges are contracted, the least important first.
///
/// A small cut of the road network is a small separator of its graph of turns.
pub(crate) fn order_edges(edges: &[Edge], points: &[Position], fork: &dyn Fork) -> Vec<u32> {
    let ends: Vec<[u32; 2]> = edges.iter().map(|edge| [edge.tail, edge.head]).collect();
    let n_nodes = ends.iter().flatten().max().map_or(0, |&node| node + 1);
    let mut places = vec![[0.0; 2]; n_nodes as usize];
    let last_points = edges[1..].iter().map(|edge| edge.first_point as usize).chain([points.len()]);
    for (edge, end) in edges.iter().zip(last_points) {
        places[edge.tail as usize] = project(points[edge.first_point as usize]);
        places[edge.head as usize] = project(points[end - 1]);
    }
    let n_open = |edge: &Edge| edge.millis.iter().map(|&millis| u8::from(millis != NO_WAY)).sum();
    let widths: Vec<u8> = edges.iter().map(n_open).collect();
    edge_order(&Sketch { n_nodes, edges: &ends, points: &places, widths: &widths }, fork)
}

/// The hierarchy over states; all states of one edge are linked, each to each other.
pub(crate) fn hierarchy(parts: &Parts, fork: &dyn Fork) -> Result<Arc<Hierarchy>, DecodeError> {
    let mut states_of = vec![Vec::new(); parts.edges.len()];
    for state in (0..n_states(parts)).rev() {
        states_of[(parts.arc_of(state) / 2) as usize].push(state);
    }
    let links: Vec<[u32; 2]> = states_of.iter().flat_map(|states| all_pairs(states)).collect();
    let states = |&edge: &u32| states_of.get(edge as usize).into_iter().flatten().copied();
    let order: Vec<u32> = parts.order.iter().flat_map(states).collect();
    let graph = graph(parts);
    let built = refined_order(&graph, &order, &links, fork)
        .and_then(|order| Hierarchy::build(&graph, &order, &links));
    Ok(Arc::new(built.map_err(|_| DecodeError::Range("order of edges"))?))
}

fn all_pairs(states: &[u32]) -> impl Iterator<Item = [u32; 2]> {
    let with_later =
        |(at, &state): (usize, &u32)| states[at + 1..].iter().map(move |&b| [state, b]);
    states.iter().enumerate().flat_map(with_later)
}

/// States and the turns between them.
pub(crate) fn graph(parts: &Parts) -> Graph {
    let graph = Graph::from_arcs(n_states(parts), &turns(parts));
    graph.expect("turns lead to states, which was checked before")
}

fn turns(parts: &Parts) -> Vec<[u32; 2]> {
    let of_state = |from| parts.turns.of(from).iter().map(move |turn| [from, turn.state]);
    (0..n_states(parts)).flat_map(of_state).collect()
}

fn n_states(parts: &Parts) -> u32 {
    u32::try_from(parts.turns.n_states()).expect("states are numbered by u32")
}

/// The weight of each turn: its own, and the arc that it leaves.
///
/// `millis`: of each arc, [`NO_WAY`] where it is closed.
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
