//! The graphs that are measured.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, bail};
use ems_hierarchy::{FAR, ListedGraph, splitmix64};
use ems_roads::{ImportRequest, Overlay, Profile, Roads, TurnGraph, import};

/// A graph of nodes, with an arc for each direction that may be driven.
pub(crate) struct Roadmap {
    pub(crate) n_nodes: u32,
    /// By tail.
    pub(crate) arcs: Vec<[u32; 2]>,
    /// Milliseconds of each arc.
    pub(crate) weights: Vec<u32>,
    /// Longitude and latitude of each node; empty if unknown.
    pub(crate) places: Vec<[f64; 2]>,
    /// The order that the import made; without it one is made and timed.
    pub(crate) order: Option<Vec<u32>>,
}

impl Roadmap {
    /// The graphs of a file, each with what it is.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<(&'static str, Self)>> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("pbf") => {
                let roads = roads(path)?;
                Ok(vec![("nodes", Self::of_nodes(&roads)?), ("turns", Self::of_turns(&roads))])
            }
            Some("gr") => Ok(vec![("nodes", Self::of_listing(&std::fs::read_to_string(path)?)?)]),
            _ => bail!("{} is neither an .osm.pbf nor a .gr file", path.display()),
        }
    }

    /// Every turn of the roads, with what it costs.
    fn of_turns(roads: &Roads) -> Self {
        let TurnGraph { places, turns, weights } = roads.turn_graph();
        Self {
            n_nodes: u32::try_from(places.len()).expect("states are numbered by u32"),
            arcs: turns,
            weights,
            places: places.iter().map(|place| [place.lon(), place.lat()]).collect(),
            order: Some(roads.hierarchy().topology().order),
        }
    }

    /// The roads without their turns.
    fn of_nodes(roads: &Roads) -> anyhow::Result<Self> {
        let mut index = std::collections::BTreeMap::new();
        let mut places = Vec::new();
        let mut arcs = Vec::new();
        for edge in roads.edges() {
            let ends = [0, 1].map(|end| {
                *index.entry(edge.ends[end]).or_insert_with(|| {
                    let place = edge.places[end];
                    places.push([place.lon(), place.lat()]);
                    u32::try_from(places.len() - 1).expect("nodes are numbered by u32")
                })
            });
            let [forward, backward] = edge.millis;
            arcs.extend(forward.map(|millis| (ends, millis)));
            arcs.extend(backward.map(|millis| ([ends[1], ends[0]], millis)));
        }
        let n_nodes = u32::try_from(places.len())?;
        Ok(Self { places, ..Self::of_arcs(n_nodes, arcs) })
    }

    fn of_listing(text: &str) -> anyhow::Result<Self> {
        let ListedGraph { n_nodes, arcs, weights } = ListedGraph::parse(text)?;
        Ok(Self::of_arcs(n_nodes, arcs.into_iter().zip(weights).collect()))
    }

    fn of_arcs(n_nodes: u32, mut arcs: Vec<([u32; 2], u32)>) -> Self {
        arcs.sort_by_key(|&([tail, _], _)| tail);
        arcs.retain(|&([tail, head], weight)| tail != head && weight < FAR);
        let (arcs, weights) = arcs.into_iter().unzip();
        Self { n_nodes, arcs, weights, places: Vec::new(), order: None }
    }

    fn node(&self, n: u64) -> u32 {
        u32::try_from(splitmix64(n) % u64::from(self.n_nodes)).expect("below a u32")
    }

    /// Pairs of nodes, the same in each run.
    pub(crate) fn pairs(&self, n: usize) -> Vec<(u32, u32)> {
        (0..n as u64).map(|i| (self.node(2 * i), self.node(2 * i + 1))).collect()
    }

    /// Sources and targets of a matrix.
    pub(crate) fn matrix_ends(&self, side: usize) -> (Vec<u32>, Vec<u32>) {
        let nodes = |from: u64| (from..from + side as u64).map(|i| self.node(i)).collect();
        (nodes(1_000_000), nodes(2_000_000))
    }

    /// Arcs that become half as fast or twice as fast, in turn by round.
    pub(crate) fn changes(&self, n: usize, round: u64) -> Vec<(u32, u32)> {
        let change = |i: u64| {
            let arc = usize::try_from(splitmix64(3_000_000 + 10_000 * round + i)).expect("64 bits");
            let arc = arc % self.arcs.len();
            let weight = self.weights[arc];
            let weight = if round.is_multiple_of(2) { weight * 2 } else { (weight / 2).max(1) };
            (u32::try_from(arc).expect("arcs are numbered by u32"), weight)
        };
        (0..n as u64).map(change).collect()
    }
}

/// The roads of an extract as everyone drives them.
pub(crate) fn roads(path: &Path) -> anyhow::Result<Roads> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let request = ImportRequest {
        name: "bench".into(),
        profile: Profile::parse(ems_roads::NORMAL)?,
        overlay: Overlay::default(),
    };
    Ok(import(file, &request, &mut |_| {})?.roads)
}
