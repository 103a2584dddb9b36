//! Our roads written as an extract in OpenStreetMap XML, so that OSRM drives the same roads at the
//! same speeds and under the same turns (`peers/as-ours.lua`).
//!
//! A way is one of our edges; junctions keep their numbers, the points between get new ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ems_model::Position;
use ems_roads::{Roads, Stretch};

/// The nodes of each edge, from its tail to its head.
pub(crate) struct Network<'a> {
    roads: &'a Roads,
    edges: Vec<Stretch>,
    nodes: Vec<Vec<u64>>,
}

/// Turns of which the engine is not told: they are forbidden by where one comes from earlier.
pub(crate) struct Untold(pub(crate) usize);

impl<'a> Network<'a> {
    pub(crate) fn of(roads: &'a Roads) -> Self {
        let edges: Vec<Stretch> = roads.edges().collect();
        let n_junctions = edges.iter().flat_map(|edge| edge.ends).max().map_or(0, u64::from) + 1;
        let mut fresh = n_junctions + 1..;
        let nodes = (0..).zip(&edges).map(|(number, edge)| {
            let [tail, head] = edge.ends.map(|end| u64::from(end) + 1);
            let n_between = roads.shape(number).len() - 2;
            let between: Vec<u64> = fresh.by_ref().take(n_between).collect();
            [vec![tail], between, vec![head]].concat()
        });
        let nodes = nodes.collect();
        Self { roads, edges, nodes }
    }

    /// The extract, and how many arcs lead into a rule over ways, which it leaves out.
    pub(crate) fn xml(&self) -> (String, Untold) {
        let mut text =
            String::from("<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>\n");
        for (node, place) in self.places() {
            let (lat, lon) = (place.lat(), place.lon());
            line(
                &mut text,
                format_args!("<node id='{node}' version='1' lat='{lat:.7}' lon='{lon:.7}'/>"),
            );
        }
        for edge in 0..self.edges.len() {
            self.write_way(&mut text, edge);
        }
        let (forbidden, untold) = self.forbidden();
        for (number, [from, to]) in (1..).zip(forbidden) {
            self.write_restriction(&mut text, number, from, to);
        }
        line(&mut text, format_args!("</osm>"));
        (text, untold)
    }

    /// Rows of OSRM's file of speeds for a direction of an edge; `backward` from its head.
    pub(crate) fn write_speeds(&self, text: &mut String, edge: usize, backward: bool, kmh: u32) {
        for pair in self.nodes[edge].windows(2) {
            let [from, to] = if backward { [pair[1], pair[0]] } else { [pair[0], pair[1]] };
            line(text, format_args!("{from},{to},{kmh}"));
        }
    }

    fn places(&self) -> BTreeMap<u64, Position> {
        let of_edge = |(number, nodes): (u32, &Vec<u64>)| {
            nodes.iter().copied().zip(self.roads.shape(number).iter().copied()).collect::<Vec<_>>()
        };
        (0..).zip(&self.nodes).flat_map(of_edge).collect()
    }

    fn write_way(&self, text: &mut String, edge: usize) {
        line(text, format_args!("<way id='{}' version='1'>", edge + 1));
        for node in &self.nodes[edge] {
            line(text, format_args!("<nd ref='{node}'/>"));
        }
        line(text, format_args!("<tag k='highway' v='road'/>"));
        for (key, arc) in ["forward_kmh", "backward_kmh"].into_iter().zip(2 * edge..) {
            if let Some(kmh) = self.kmh(arc) {
                line(text, format_args!("<tag k='{key}' v='{kmh:.6}'/>"));
            }
        }
        line(text, format_args!("</way>"));
    }

    /// Whole milliseconds are a rougher speed on short arcs; none may be taken for closed.
    fn kmh(&self, arc: usize) -> Option<f64> {
        let millis = self.edges[arc / 2].millis[arc % 2]?;
        let arc = u32::try_from(arc).expect("arcs are numbered by u32");
        Some((self.roads.arc_metres(arc) * 3600.0 / f64::from(millis)).max(0.1))
    }

    /// Pairs of arcs that meet without a turn from one to the other.
    fn forbidden(&self) -> (Vec<[usize; 2]>, Untold) {
        let n_arcs = 2 * self.edges.len();
        let mut allowed = BTreeSet::new();
        let mut remembering = BTreeSet::new();
        for turn in self.roads.turn_graph().turns {
            let [from, to] = turn.map(|state| state as usize);
            allowed.insert([from, to]);
            if to >= n_arcs {
                remembering.insert(from);
            }
        }
        let mut leaving: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let is_open = |arc: &usize| self.edges[arc / 2].millis[arc % 2].is_some();
        for arc in (0..n_arcs).filter(is_open) {
            leaving.entry(self.edges[arc / 2].ends[arc % 2]).or_default().push(arc);
        }
        let exits = |from: usize| leaving.get(&self.head(from)).into_iter().flatten();
        let forbidden = (0..n_arcs)
            .filter(|from| is_open(from) && !remembering.contains(from))
            .flat_map(|from| exits(from).map(move |&to| [from, to]))
            .filter(|turn| turn[0] ^ 1 != turn[1] && !allowed.contains(turn));
        (forbidden.collect(), Untold(remembering.len()))
    }

    fn head(&self, arc: usize) -> u32 {
        self.edges[arc / 2].ends[1 - arc % 2]
    }

    fn write_restriction(&self, text: &mut String, number: usize, from: usize, to: usize) {
        let via = self.head(from) + 1;
        let [from, to] = [from / 2 + 1, to / 2 + 1];
        line(text, format_args!("<relation id='{number}' version='1'>"));
        line(text, format_args!("<member type='way' ref='{from}' role='from'/>"));
        line(text, format_args!("<member type='node' ref='{via}' role='via'/>"));
        line(text, format_args!("<member type='way' ref='{to}' role='to'/>"));
        line(
            text,
            format_args!("<tag k='type' v='restriction'/><tag k='restriction' v='no_left_turn'/>"),
        );
        line(text, format_args!("</relation>"));
    }
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("a string takes what is written");
}
