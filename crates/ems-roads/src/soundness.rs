//! Whether the parts of a road graph fit each other: every index that is followed later.

use ems_hierarchy::{Frame, Topology};

use crate::codec::DecodeError;
use crate::network::{ARC_MILLIS_MAX, NO_WAY};
use crate::profile::CLASSES;
use crate::roads::{Edge, Parts, shape};
use crate::snap_index::Piece;

/// Checks all but the hierarchy.
pub(crate) fn check(parts: &Parts) -> Result<(), DecodeError> {
    if parts.edges.is_empty() {
        return Err(DecodeError::Empty);
    }
    let ends = parts.edges[1..].iter().map(|e| e.first_point as usize).chain([parts.points.len()]);
    for (edge, end) in parts.edges.iter().zip(ends) {
        check_edge(edge, end, parts.names.len())?;
    }
    if parts.edges[0].first_point != 0 {
        return Err(DecodeError::Range("first point of an edge"));
    }
    if u32::try_from(2 * parts.edges.len() + parts.memory_arcs.len()).is_err() {
        return Err(DecodeError::Range("edge count"));
    }
    let is_length = |metres: &f64| metres.is_finite() && *metres >= 0.0;
    if parts.metres.len() != parts.edges.len() || !parts.metres.iter().all(is_length) {
        return Err(DecodeError::Range("length of an edge"));
    }
    if !parts.pieces.iter().all(|&piece| is_piece(parts, piece)) {
        return Err(DecodeError::Range("piece of an edge"));
    }
    check_turns(parts)
}

fn check_edge(edge: &Edge, end: usize, n_names: usize) -> Result<(), DecodeError> {
    let is_time = |&millis: &u32| millis == NO_WAY || (1..=ARC_MILLIS_MAX).contains(&millis);
    let is_used = edge.millis != [NO_WAY; 2];
    let rules = [
        (edge.first_point as usize + 2 <= end, "first point of an edge"),
        ((edge.name as usize) < n_names, "name of an edge"),
        ((edge.class as usize) < CLASSES.len(), "class of an edge"),
        (edge.exceptions.iter().all(|e| e.is_known()), "exceptions of an edge"),
        (is_used && edge.millis.iter().all(is_time), "time of an edge"),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err(DecodeError::Range(what)),
        None => Ok(()),
    }
}

fn check_turns(parts: &Parts) -> Result<(), DecodeError> {
    let n_arcs = 2 * parts.edges.len();
    let n_states = n_arcs + parts.memory_arcs.len();
    let turns = &parts.turns;
    let is_rising = turns.first.is_sorted() && turns.first.first() == Some(&0);
    let ends_right = turns.first.last().map(|&l| l as usize) == Some(turns.list.len());
    if turns.first.len() != n_states + 1 || !is_rising || !ends_right {
        return Err(DecodeError::Range("first turn of a state"));
    }
    if parts.memory_arcs.iter().any(|&arc| arc as usize >= n_arcs) {
        return Err(DecodeError::Range("arc of a state"));
    }
    let arc = |state: usize| match state.checked_sub(n_arcs) {
        Some(idx) => parts.memory_arcs[idx] as usize,
        None => state,
    };
    let ends = |arc: usize| {
        let edge = &parts.edges[arc / 2];
        let is_open = edge.millis[arc % 2] != NO_WAY;
        let (from, to) =
            if arc.is_multiple_of(2) { (edge.tail, edge.head) } else { (edge.head, edge.tail) };
        (from, to, is_open)
    };
    for state in 0..n_states {
        let (_, head, is_open) = ends(arc(state));
        for turn in &turns.list[turns.first[state] as usize..turns.first[state + 1] as usize] {
            let is_state = (turn.state as usize) < n_states;
            let is_joined = is_state && {
                let (tail, _, is_next_open) = ends(arc(turn.state as usize));
                tail == head && is_open && is_next_open
            };
            if !is_joined || turn.millis > ARC_MILLIS_MAX {
                return Err(DecodeError::Range("turn"));
            }
        }
    }
    Ok(())
}

fn is_piece(parts: &Parts, piece: Piece) -> bool {
    let edge = piece.edge as usize;
    edge < parts.edges.len() && (piece.segment as usize) + 1 < shape(parts, edge).len()
}

/// Checks the order and the tree of a stored hierarchy: each turn leads up or down in it, and all
/// states of an edge are on one way to the root.
pub(crate) fn check_topology(parts: &Parts, topology: Topology) -> Result<Frame, DecodeError> {
    let damaged = || DecodeError::Range("hierarchy");
    if topology.order.len() != parts.turns.n_states() {
        return Err(damaged());
    }
    let frame = topology.frame().map_err(|_| damaged())?;
    let is_along = |(state, to): (u32, u32)| frame.is_way(&mut [state, to]);
    let turns = (0..).zip(parts.turns.first.windows(2)).flat_map(|(state, ends)| {
        let list = &parts.turns.list[ends[0] as usize..ends[1] as usize];
        list.iter().map(move |turn| (state, turn.state))
    });
    let is_sound = turns.into_iter().all(is_along) && are_edges_ways(parts, &frame);
    if is_sound { Ok(frame) } else { Err(damaged()) }
}

fn are_edges_ways(parts: &Parts, frame: &Frame) -> bool {
    let n_arcs = u32::try_from(2 * parts.edges.len()).expect("arcs were counted before");
    let plain = (0..n_arcs).step_by(2).all(|arc| frame.is_way(&mut [arc, arc + 1]));
    let memory = parts.memory_of();
    let mut of_edges = memory.chunk_by(|a, b| a.0 / 2 == b.0 / 2);
    plain
        && of_edges.all(|states| {
            let arc = states[0].0 & !1;
            let mut all: Vec<u32> =
                states.iter().map(|&(_, state)| state).chain([arc, arc + 1]).collect();
            frame.is_way(&mut all)
        })
}
