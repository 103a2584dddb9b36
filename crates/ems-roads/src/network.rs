//! From ways to edges: the stretches of road between junctions.
//!
//! A way is cut where it meets another, where it ends, and at barriers that stop the vehicle
//! (there each side gets a node of its own, so that nothing passes). Edges keep every point of
//! their way.

use ems_model::Position;

use crate::exception::Exceptions;
use crate::import::complaints::Complaints;
use crate::import::osm::{Osm, OsmWay, Tags};
use crate::profile::{Pace, Profile, WayUse, is_round};

/// An arc that may not be driven.
pub(crate) const NO_WAY: u32 = u32::MAX;

/// The longest time that one arc may take: 24 hours.
pub(crate) const ARC_MILLIS_MAX: u32 = 24 * 3_600_000;

/// A stretch of road between two nodes. Its arcs are `2 * edge` (tail to head) and
/// `2 * edge + 1` (head to tail).
#[derive(Debug, Clone)]
pub(crate) struct RawEdge {
    pub(crate) tail: u32,
    pub(crate) head: u32,
    /// Milliseconds of each arc, or [`NO_WAY`].
    pub(crate) millis: [u32; 2],
    /// Index in [`crate::profile::CLASSES`].
    pub(crate) class: u8,
    /// By which exceptions each arc is driven.
    pub(crate) exceptions: [Exceptions; 2],
    /// Index in the network's names.
    pub(crate) name: u32,
    /// Whether it is part of a roundabout.
    pub(crate) is_round: bool,
    /// From tail to head, at least two points.
    pub(crate) shape: Vec<Position>,
    /// The length of the shape.
    pub(crate) metres: f64,
}

/// The edges of one way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WayEdges {
    pub(crate) way: i64,
    pub(crate) first: u32,
    pub(crate) end: u32,
}

/// All edges of a city, before turns and islands are looked at.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) n_nodes: u32,
    pub(crate) edges: Vec<RawEdge>,
    /// By way id.
    pub(crate) ways: Vec<WayEdges>,
    /// Node of the network by OSM node index; `NO_NODE` where no edge ends.
    pub(crate) node_of: Vec<u32>,
    /// Street names; the first is empty.
    pub(crate) names: Vec<String>,
}

/// No edge ends at this OSM node.
pub(crate) const NO_NODE: u32 = u32::MAX;

impl Network {
    /// Cuts every way that the profile uses into edges.
    pub(crate) fn build(osm: &Osm, profile: &Profile, complaints: &mut Complaints) -> Self {
        let judged: Vec<(&OsmWay, WayUse)> = osm
            .ways
            .iter()
            .filter_map(|way| Some((way, profile.judge(&way.tags, complaints)?)))
            .collect();
        let lines: Vec<Vec<u32>> =
            judged.iter().map(|(way, _)| node_idxs(osm, way, complaints)).collect();
        let mut build = Builder {
            osm,
            marks: marks(osm, profile, &lines),
            network: Self { node_of: vec![NO_NODE; osm.nodes.len()], ..Self::default() },
            names: NameList::default(),
        };
        for ((way, usage), line) in judged.iter().zip(&lines) {
            build.add_way(way, usage, line);
        }
        build.network.names = build.names.list();
        build.network
    }

    /// The edges of a way, by index.
    pub(crate) fn edges_of(&self, way: i64) -> std::ops::Range<u32> {
        match self.ways.binary_search_by_key(&way, |w| w.way) {
            Ok(idx) => self.ways[idx].first..self.ways[idx].end,
            Err(_) => 0..0,
        }
    }

    /// The node where an arc starts.
    pub(crate) fn tail(&self, arc: u32) -> u32 {
        let edge = &self.edges[(arc / 2) as usize];
        if arc.is_multiple_of(2) { edge.tail } else { edge.head }
    }

    /// The node where an arc ends.
    pub(crate) fn head(&self, arc: u32) -> u32 {
        self.tail(arc ^ 1)
    }

    pub(crate) fn millis(&self, arc: u32) -> u32 {
        self.edges[(arc / 2) as usize].millis[(arc % 2) as usize]
    }

    pub(crate) fn is_drivable(&self, arc: u32) -> bool {
        self.millis(arc) != NO_WAY
    }

    pub(crate) fn n_arcs(&self) -> u32 {
        2 * u32::try_from(self.edges.len()).expect("edges are numbered by u32")
    }
}

fn node_idxs(osm: &Osm, way: &OsmWay, complaints: &mut Complaints) -> Vec<u32> {
    let mut idxs: Vec<u32> = Vec::with_capacity(way.refs.len());
    for &id in &way.refs {
        match osm.node_idx(id) {
            Some(idx) => {
                idxs.push(u32::try_from(idx).expect("extracts hold fewer than 2^32 nodes"));
            }
            None => complaints.add("road nodes outside the extract, left out", || {
                format!("node {id} of way {}", way.id)
            }),
        }
    }
    idxs.dedup();
    idxs
}

/// What a node of a way means for cutting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// On no way, or inside one only.
    Inside,
    /// Where ways meet or end.
    Junction,
    /// A barrier that stops the vehicle.
    Blocked,
}

fn marks(osm: &Osm, profile: &Profile, lines: &[Vec<u32>]) -> Vec<Mark> {
    let mut n_uses = vec![0u8; osm.nodes.len()];
    for line in lines {
        for &idx in line {
            n_uses[idx as usize] = n_uses[idx as usize].saturating_add(1);
        }
        for &idx in line.first().into_iter().chain(line.last()) {
            n_uses[idx as usize] = n_uses[idx as usize].saturating_add(1);
        }
    }
    let mark = |&n: &u8| if n > 1 { Mark::Junction } else { Mark::Inside };
    let mut marks: Vec<Mark> = n_uses.iter().map(mark).collect();
    for node in osm.tagged.iter().filter(|node| profile.is_blocked_by(&node.tags)) {
        if let Some(idx) = osm.node_idx(node.id) {
            marks[idx] = Mark::Blocked;
        }
    }
    marks
}

struct Builder<'a> {
    osm: &'a Osm,
    marks: Vec<Mark>,
    network: Network,
    names: NameList,
}

impl Builder<'_> {
    fn add_way(&mut self, way: &OsmWay, usage: &WayUse, line: &[u32]) {
        let first = self.network.n_arcs() / 2;
        let name = self.names.index(street_name(&way.tags));
        let is_round = is_round(&way.tags);
        let is_by_length = matches!(usage.pace, Pace::Speed { .. });
        let total_metres = if is_by_length { 0.0 } else { metres(&self.places(line)) };
        if is_too_long(usage.pace, total_metres) {
            return;
        }
        let mut start = 0;
        for at in 1..line.len() {
            let is_cut = at + 1 == line.len() || self.marks[line[at] as usize] != Mark::Inside;
            if is_cut {
                self.add_edge(&line[start..=at], usage, (name, is_round), total_metres);
                start = at;
            }
        }
        let end = self.network.n_arcs() / 2;
        self.network.ways.push(WayEdges { way: way.id, first, end });
    }

    fn add_edge(
        &mut self,
        line: &[u32],
        usage: &WayUse,
        (name, is_round): (u32, bool),
        way_metres: f64,
    ) {
        let shape = self.places(line);
        let edge_metres = metres(&shape);
        let (forward, backward) = arc_millis(usage.pace, edge_metres, way_metres);
        let edge = RawEdge {
            tail: self.node(line[0]),
            head: self.node(line[line.len() - 1]),
            millis: [
                if usage.forward { forward } else { NO_WAY },
                if usage.backward { backward } else { NO_WAY },
            ],
            class: usage.class,
            exceptions: usage.exceptions,
            name,
            is_round,
            shape,
            metres: edge_metres,
        };
        self.network.edges.push(edge);
    }

    fn places(&self, line: &[u32]) -> Vec<Position> {
        line.iter().map(|&idx| self.osm.nodes[idx as usize].1).collect()
    }

    /// The network's node at an OSM node: always a new one at a barrier.
    fn node(&mut self, osm_idx: u32) -> u32 {
        let known = self.network.node_of[osm_idx as usize];
        let is_blocked = self.marks[osm_idx as usize] == Mark::Blocked;
        if known != NO_NODE && !is_blocked {
            return known;
        }
        let node = self.network.n_nodes;
        self.network.n_nodes += 1;
        self.network.node_of[osm_idx as usize] = node;
        node
    }
}

fn street_name(tags: &Tags) -> &str {
    tags.get("name").or_else(|| tags.get("ref")).unwrap_or_default()
}

/// The length of a line of points.
pub(crate) fn metres(line: &[Position]) -> f64 {
    line.windows(2).map(|pair| pair[0].metres_to(pair[1])).sum()
}

/// Whether a ferry of unknown duration leads out of the city.
fn is_too_long(pace: Pace, way_metres: f64) -> bool {
    match pace {
        Pace::Sailing { kmh, millis_max, .. } => way_metres * 3600.0 / kmh > millis_max,
        _ => false,
    }
}

/// Milliseconds forward and backward, at least 1. `way_metres`: only ferries need it.
fn arc_millis(pace: Pace, edge_metres: f64, way_metres: f64) -> (u32, u32) {
    let share = if way_metres > 0.0 { edge_metres / way_metres } else { 1.0 };
    match pace {
        Pace::Speed { forward_kmh, backward_kmh } => {
            (whole(edge_metres * 3600.0 / forward_kmh), whole(edge_metres * 3600.0 / backward_kmh))
        }
        Pace::Crossing { millis } => (whole(millis * share), whole(millis * share)),
        Pace::Sailing { kmh, boarding_millis, .. } => {
            let millis = whole(edge_metres * 3600.0 / kmh + boarding_millis * share);
            (millis, millis)
        }
    }
}

/// Whole milliseconds of an arc, 1..=[`ARC_MILLIS_MAX`].
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 1..=ARC_MILLIS_MAX before the cast"
)]
pub(crate) fn whole(millis: f64) -> u32 {
    millis.round().clamp(1.0, f64::from(ARC_MILLIS_MAX)) as u32
}

/// Gives each name one index; the empty name is 0.
#[derive(Debug, Default)]
struct NameList {
    index: std::collections::BTreeMap<String, u32>,
}

impl NameList {
    fn index(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        if let Some(&idx) = self.index.get(name) {
            return idx;
        }
        let idx = u32::try_from(self.index.len() + 1).expect("names are numbered by u32");
        self.index.insert(name.to_owned(), idx);
        idx
    }

    fn list(self) -> Vec<String> {
        let mut names = vec![String::new(); self.index.len() + 1];
        for (name, idx) in self.index {
            names[idx as usize] = name;
        }
        names
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::import::osm::OsmNode;

    /// A node on a grid of about 100 m.
    pub(crate) fn place(x: i32, y: i32) -> Position {
        Position::from_e7(359_000_000 + y * 9000, 144_000_000 + x * 11_000).unwrap()
    }

    /// A way's id, nodes and tags.
    pub(crate) type Street<'a> = (i64, &'a [i64], &'a [(&'a str, &'a str)]);

    /// A town of numbered nodes on a grid and ways between them.
    pub(crate) fn town(nodes: &[(i64, i32, i32)], ways: &[Street<'_>]) -> Osm {
        let mut osm = Osm {
            nodes: nodes.iter().map(|&(id, x, y)| (id, place(x, y))).collect(),
            ways: ways
                .iter()
                .map(|&(id, refs, tags)| OsmWay { id, refs: refs.to_vec(), tags: Tags::of(tags) })
                .collect(),
            ..Osm::default()
        };
        osm.sort();
        osm
    }

    fn network(osm: &Osm) -> Network {
        Network::build(osm, &Profile::blue_light(), &mut Complaints::default())
    }

    const STREET: &[(&str, &str)] = &[("highway", "residential"), ("name", "Triq il-Kbira")];

    #[test]
    fn ways_are_cut_where_they_meet() {
        let nodes = [(1, 0, 0), (2, 1, 0), (3, 2, 0), (4, 3, 0), (5, 2, 1)];
        let osm = town(&nodes, &[(10, &[1, 2, 3, 4], STREET), (11, &[3, 5], STREET)]);
        let network = network(&osm);
        let points: Vec<usize> = network.edges.iter().map(|e| e.shape.len()).collect();
        assert_eq!(points, [3, 2, 2]);
        assert_eq!(network.n_nodes, 4);
        assert_eq!(network.edges_of(10), 0..2);
        assert_eq!(network.names, ["", "Triq il-Kbira"]);
    }

    #[test]
    fn a_bollard_parts_a_street() {
        let mut osm = town(&[(1, 0, 0), (2, 1, 0), (3, 2, 0)], &[(10, &[1, 2, 3], STREET)]);
        osm.tagged.push(OsmNode {
            id: 2,
            position: place(1, 0),
            tags: Tags::of(&[("barrier", "bollard")]),
        });
        let network = network(&osm);
        assert_eq!(network.edges.len(), 2);
        assert_ne!(network.edges[0].head, network.edges[1].tail);
    }

    #[test]
    fn a_ferry_takes_its_mapped_time_and_boarding() {
        let tags = [("route", "ferry"), ("motor_vehicle", "yes"), ("duration", "00:25")];
        let osm = town(&[(1, 0, 0), (2, 1, 0), (3, 2, 0)], &[(10, &[1, 2, 3], &tags)]);
        assert_eq!(network(&osm).edges[0].millis, [2_100_000, 2_100_000]);
    }
}
