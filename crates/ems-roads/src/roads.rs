//! The road graph of a city: edges with their shape and names, and the turns between them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use ems_hierarchy::{Fork, Hierarchy, InTurn, Metric, Topology};
use ems_model::Position;

use crate::Bounds;
use crate::codec::DecodeError;
use crate::exception::Exceptions;
use crate::junction::Junctions;
use crate::network::{NO_WAY, Network, RawEdge, metres};
use crate::profile::{CLASSES, Turning};
use crate::snap::Snap;
use crate::snap_index::{Piece, SnapIndex};
use crate::soundness::{check, check_topology};
use crate::speeds::Speeds;
use crate::turns::{States, Turns};
use crate::{snap_index, turn_graph};

/// The stored form of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) tail: u32,
    pub(crate) head: u32,
    /// Milliseconds of each arc on a free road, or [`NO_WAY`].
    pub(crate) millis: [u32; 2],
    /// Where its points start in the shape list; they end where the next edge's start.
    pub(crate) first_point: u32,
    pub(crate) name: u32,
    pub(crate) class: u8,
    /// Whether it is part of a roundabout.
    pub(crate) is_round: bool,
    /// By which exceptions each arc is driven.
    pub(crate) exceptions: [Exceptions; 2],
}

/// What `roads.bin` holds.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) profile: String,
    pub(crate) names: Vec<String>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) points: Vec<Position>,
    /// The arcs of the states after those that are arcs themselves.
    pub(crate) memory_arcs: Vec<u32>,
    pub(crate) turns: Turns,
    /// Edges in the order of their contraction.
    pub(crate) order: Vec<u32>,
    /// The straight pieces that a place can be on, in the order of their index.
    pub(crate) pieces: Vec<Piece>,
    /// The length of each edge.
    pub(crate) metres: Vec<f64>,
}

impl Parts {
    /// The arc that a state drives along.
    pub(crate) fn arc_of(&self, state: u32) -> u32 {
        match (state as usize).checked_sub(2 * self.edges.len()) {
            Some(idx) => self.memory_arcs[idx],
            None => state,
        }
    }

    /// `(arc, state)` of the states that are no arcs, sorted.
    pub(crate) fn memory_of(&self) -> Vec<(u32, u32)> {
        let first = u32::try_from(2 * self.edges.len()).expect("arcs are numbered by u32");
        let mut memory_of: Vec<(u32, u32)> =
            self.memory_arcs.iter().copied().zip(first..).collect();
        memory_of.sort_unstable();
        memory_of
    }

    /// Milliseconds of each arc on a free road, or [`NO_WAY`].
    pub(crate) fn free_millis(&self) -> Vec<u32> {
        self.edges.iter().flat_map(|edge| edge.millis).collect()
    }
}

/// A stretch of road between two junctions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// The numbers of the junctions at its tail and its head.
    pub ends: [u32; 2],
    /// Where these are.
    pub places: [Position; 2],
    /// Milliseconds from tail to head and back; `None` where it may not be driven or is closed.
    pub millis: [Option<u32>; 2],
}

/// The road graph of a city, for one profile of driving and one state of its traffic.
///
/// Immutable: what is not in the pack is made once, when it is first needed (see
/// [`Roads::decode`]), and never changes. A clone is cheap: it shares the map, the hierarchy and
/// the speeds; what [`Roads::under`] gives shares the map and the hierarchy. Queries are exact
/// shortest times under the turn rules, in whole milliseconds.
#[derive(Clone)]
pub struct Roads {
    map: Arc<Map>,
    speeds: Arc<Speeds>,
    /// Who does what may be done at once.
    fork: Arc<dyn Fork>,
}

/// What stays when speeds change.
struct Map {
    parts: Arc<Parts>,
    /// Made when it is first asked for.
    hierarchy: LazyLock<Arc<Hierarchy>, MakeHierarchy>,
    /// `(arc, state)` of the states that are no arcs, sorted.
    memory_of: Vec<(u32, u32)>,
    /// Made when it is first asked for.
    junctions: OnceLock<Junctions>,
    index: SnapIndex,
    bounds: Bounds,
    /// Metres of street up to and with each edge, for [`Roads::somewhere`].
    street_metres: Vec<f64>,
}

type MakeHierarchy = Box<dyn FnOnce() -> Arc<Hierarchy> + Send>;

impl fmt::Debug for Roads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roads")
            .field("profile", &self.map.parts.profile)
            .field("n_edges", &self.map.parts.edges.len())
            .field("n_turns", &self.map.parts.turns.list.len())
            .field("bounds", &self.map.bounds)
            .finish_non_exhaustive()
    }
}

impl Roads {
    /// The same roads, whose traffic is read and laid on by the threads of `fork`: what they answer
    /// is the same.
    #[must_use]
    pub fn on(&self, fork: Arc<dyn Fork>) -> Self {
        Self { fork, ..self.clone() }
    }

    pub(crate) fn fork(&self) -> &dyn Fork {
        &*self.fork
    }

    /// The box around all roads.
    pub fn bounds(&self) -> Bounds {
        self.map.bounds
    }

    /// How many edges (stretches of road between junctions) there are.
    pub fn n_edges(&self) -> usize {
        self.map.parts.edges.len()
    }

    /// All edges, by their number.
    pub fn edges(&self) -> impl Iterator<Item = Stretch> {
        let millis = |arc: usize| Some(self.speeds.millis[arc]).filter(|&millis| millis != NO_WAY);
        self.map.parts.edges.iter().enumerate().map(move |(idx, edge)| {
            let line = shape(&self.map.parts, idx);
            Stretch {
                ends: [edge.tail, edge.head],
                places: [line[0], line[line.len() - 1]],
                millis: [millis(2 * idx), millis(2 * idx + 1)],
            }
        })
    }

    /// How many turns between arcs are allowed.
    pub fn n_turns(&self) -> usize {
        self.map.parts.turns.list.len()
    }

    /// The name of the profile that the times are for.
    pub fn profile(&self) -> &str {
        &self.map.parts.profile
    }

    /// The name of the street, or its reference number; `None` where the map has neither.
    pub fn street_at(&self, snap: &Snap) -> Option<&str> {
        let edge = self.map.parts.edges.get(snap.edge as usize)?;
        Some(self.map.parts.names[edge.name as usize].as_str()).filter(|name| !name.is_empty())
    }

    /// The length of all streets that people live on, metres.
    pub fn street_metres(&self) -> f64 {
        self.map.street_metres.last().copied().unwrap_or_default()
    }

    /// The point at `share` (0..=1) of the length of all streets that people live on: a uniform
    /// share gives a uniform place in town. Motorways, tracks and ferries are left out.
    ///
    /// # Panics
    /// Never: edges are numbered by `u32` when the graph is built.
    pub fn somewhere(&self, share: f64) -> Snap {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let wanted = share * self.street_metres();
        let edge = self.map.street_metres.partition_point(|&m| m < wanted).min(self.n_edges() - 1);
        let before = if edge == 0 { 0.0 } else { self.map.street_metres[edge - 1] };
        let length = self.map.street_metres[edge] - before;
        let fraction = if length > 0.0 { (wanted - before) / length } else { 0.0 };
        self.point_on(u32::try_from(edge).expect("edges are numbered by u32"), fraction)
    }

    /// The hierarchy on which routes are searched.
    pub fn hierarchy(&self) -> &Hierarchy {
        &self.map.hierarchy
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.map.parts
    }

    /// Makes what the first question would wait for: the hierarchy, the metric of these speeds, and
    /// the streets of each junction.
    pub fn warm_up(&self) {
        self.metric();
        self.junctions();
    }

    pub(crate) fn metric(&self) -> &Metric {
        self.speeds.metric(self)
    }

    /// The points of an edge, tail first: at least two.
    ///
    /// # Panics
    /// If there is no such edge.
    pub fn shape(&self, edge: u32) -> &[Position] {
        shape(&self.map.parts, edge as usize)
    }

    pub(crate) fn snap_index(&self) -> &SnapIndex {
        &self.map.index
    }

    pub(crate) fn junctions(&self) -> &Junctions {
        self.map.junctions.get_or_init(|| Junctions::of(&self.map.parts.edges))
    }

    pub(crate) fn hierarchy_handle(&self) -> &Arc<Hierarchy> {
        &self.map.hierarchy
    }

    /// The length of an edge.
    pub(crate) fn edge_metres(&self, edge: u32) -> f64 {
        self.map.parts.metres[edge as usize]
    }

    pub(crate) fn speeds(&self) -> &Speeds {
        &self.speeds
    }

    /// The same map at other speeds.
    pub(crate) fn at(&self, speeds: Speeds) -> Self {
        Self { speeds: Arc::new(speeds), ..self.clone() }
    }

    /// Milliseconds of an arc; `None` where it may not be driven, is closed or is not there.
    pub(crate) fn arc_millis(&self, arc: u32) -> Option<u32> {
        self.speeds.millis.get(arc as usize).copied().filter(|&millis| millis != NO_WAY)
    }

    /// Milliseconds of an edge's arcs, or [`NO_WAY`].
    pub(crate) fn edge_millis(&self, edge: u32) -> [u32; 2] {
        [0, 1].map(|side| self.speeds.millis[2 * edge as usize + side])
    }

    /// All states that drive along an arc, its own first.
    pub(crate) fn states_of(&self, arc: u32) -> impl Iterator<Item = u32> {
        let from = self.map.memory_of.partition_point(|&(a, _)| a < arc);
        let more = self.map.memory_of[from..].iter().take_while(move |&&(a, _)| a == arc);
        std::iter::once(arc).chain(more.map(|&(_, state)| state))
    }

    pub(crate) fn point_on(&self, edge: u32, fraction: f64) -> Snap {
        let shape = self.shape(edge);
        let mut left = metres(shape) * fraction;
        let mut position = shape[0];
        for pair in shape.windows(2) {
            let length = pair[0].metres_to(pair[1]);
            if left <= length {
                let share = if length > 0.0 { left / length } else { 0.0 };
                position = pair[0].towards(pair[1], share);
                break;
            }
            (left, position) = (left - length, pair[1]);
        }
        Snap { edge, fraction, position, off_road_metres: 0.0, only: None }
    }

    /// Checks parts that were just made, orders their edges and builds the hierarchy.
    pub(crate) fn ordered(mut parts: Parts, fork: &dyn Fork) -> Result<Self, DecodeError> {
        check(&parts)?;
        parts.order = turn_graph::order_edges(&parts.edges, &parts.points, fork);
        let hierarchy = turn_graph::hierarchy(&parts, fork)?;
        Self::of(Arc::new(parts), Box::new(move || hierarchy))
    }

    /// Checks stored parts against each other; the hierarchy waits until it is needed.
    pub(crate) fn stored(parts: Parts, topology: Topology) -> Result<Self, DecodeError> {
        check(&parts)?;
        let frame = check_topology(&parts, topology)?;
        let parts = Arc::new(parts);
        let shared = Arc::clone(&parts);
        let hierarchy = move || {
            let hierarchy = Hierarchy::from_frame(&turn_graph::graph(&shared), frame);
            Arc::new(hierarchy.expect("all turns were held against the frame"))
        };
        Self::of(parts, Box::new(hierarchy))
    }

    fn of(parts: Arc<Parts>, hierarchy: MakeHierarchy) -> Result<Self, DecodeError> {
        let millis = parts.free_millis();
        let map = Map {
            hierarchy: LazyLock::new(hierarchy),
            memory_of: parts.memory_of(),
            junctions: OnceLock::new(),
            index: SnapIndex::of(&parts),
            bounds: Bounds::around(parts.points.iter().copied()).ok_or(DecodeError::Empty)?,
            street_metres: street_metres(&parts),
            parts,
        };
        let speeds = Arc::new(Speeds::bare(millis));
        Ok(Self { map: Arc::new(map), speeds, fork: Arc::new(InTurn) })
    }
}

/// Keeps the main part of a network and lays out its turns; also says how many edges were left
/// out, not being reachable from every other edge and back. The order of contraction is left empty.
pub(crate) fn main_part(
    network: Network,
    forbidden: &BTreeSet<Vec<u32>>,
    rule: &Turning,
    profile: &str,
) -> (Parts, usize) {
    let all = States::build(&network, forbidden, rule);
    let is_main = all.main_group();
    let mut is_kept = vec![false; network.n_arcs() as usize];
    for (&arc, _) in all.arc_of.iter().zip(&is_main).filter(|(_, main)| **main) {
        is_kept[arc as usize] = network.is_drivable(arc);
    }
    drop(all);
    let n_before = network.edges.len();
    let (network, new_arc) = without_islands(network, &is_kept);
    let moved = |path: &Vec<u32>| path.iter().map(|&arc| new_arc[arc as usize]).collect();
    let forbidden: BTreeSet<Vec<u32>> = forbidden.iter().filter_map(moved).collect();
    let states = States::build(&network, &forbidden, rule);
    let n_left_out = n_before - network.edges.len();
    (parts(network, states, profile), n_left_out)
}

/// The network of kept arcs only, and each old arc's new number.
fn without_islands(mut network: Network, is_kept: &[bool]) -> (Network, Vec<Option<u32>>) {
    let mut new_arc = vec![None; is_kept.len()];
    let mut edges = Vec::with_capacity(network.edges.len());
    for (old, mut edge) in std::mem::take(&mut network.edges).into_iter().enumerate() {
        if !is_kept[2 * old] && !is_kept[2 * old + 1] {
            continue;
        }
        let new = u32::try_from(2 * edges.len()).expect("arcs are numbered by u32");
        for (side, arc) in (0..2).zip([new, new + 1]) {
            if is_kept[2 * old + side] {
                new_arc[2 * old + side] = Some(arc);
            } else {
                edge.millis[side] = NO_WAY;
            }
        }
        edges.push(edge);
    }
    network.edges = edges;
    (network, new_arc)
}

fn parts(network: Network, states: States, profile: &str) -> Parts {
    let memory_arcs = states.arc_of[network.n_arcs() as usize..].to_vec();
    let mut points = Vec::new();
    let mut edge = |raw: &RawEdge| {
        let first_point = u32::try_from(points.len()).expect("points are numbered by u32");
        points.extend(&raw.shape);
        Edge {
            tail: raw.tail,
            head: raw.head,
            millis: raw.millis,
            first_point,
            name: raw.name,
            class: raw.class,
            is_round: raw.is_round,
            exceptions: raw.exceptions,
        }
    };
    let edges: Vec<Edge> = network.edges.iter().map(&mut edge).collect();
    let mut parts = Parts {
        profile: profile.to_owned(),
        names: network.names,
        edges,
        points,
        memory_arcs,
        turns: states.turns,
        order: Vec::new(),
        pieces: Vec::new(),
        metres: network.edges.iter().map(|raw| raw.metres).collect(),
    };
    parts.pieces = snap_index::order(&parts, on_land(&parts.edges));
    parts
}

/// The points of an edge, tail first.
pub(crate) fn shape(parts: &Parts, edge: usize) -> &[Position] {
    let end = parts.edges.get(edge + 1).map_or(parts.points.len(), |e| e.first_point as usize);
    &parts.points[parts.edges[edge].first_point as usize..end]
}

/// Roads where nobody is to be found waiting for an ambulance, or only by accident.
const NO_STREETS: &[&str] =
    &["motorway", "motorway_link", "trunk_link", "track", "ferry", "busway"];

fn street_metres(parts: &Parts) -> Vec<f64> {
    let mut total = 0.0;
    let is_street = CLASSES.iter().map(|class| !NO_STREETS.contains(class)).collect::<Vec<_>>();
    let add = |(edge, metres): (&Edge, &f64)| {
        total += if is_street[edge.class as usize] { *metres } else { 0.0 };
        total
    };
    parts.edges.iter().zip(&parts.metres).map(add).collect()
}

/// Ferries are no place to be found on: they are not in the index.
fn on_land(edges: &[Edge]) -> impl Iterator<Item = u32> {
    (0..).zip(edges).filter(|(_, edge)| CLASSES[edge.class as usize] != "ferry").map(|(idx, _)| idx)
}
