//! The claim: on a road network the hierarchy of `ems-hierarchy` is smaller, is customised sooner
//! and answers faster than RoutingKit (crate `routingkit-cch` 0.1.4) and the crate `cch` 0.3.0.
//!
//! Each engine gets the same graph of nodes and arcs and makes its own order where the graph has
//! coordinates; without them the peers get ours. Of an extract there are two graphs: its junctions
//! without turn rules, and the graph of turns, of which our order comes with the import. Times are
//! CPU seconds of the whole process, so that an engine of many threads pays for all of them; the
//! median of five runs. Every engine's distances are compared with Dijkstra's.
//!
//! Of an extract whole answers are asked too, beside OSRM and Valhalla ([`services`]), between the
//! places of a file without a header, `from_lat,from_lon,to_lat,to_lon`, or between seeded ones.
//!
//!     scripts/bench.sh roads
//!     scripts/bench.sh roads TOWN.osm.pbf [PAIRS.csv] GRAPH.gr
//!
//! Without arguments it takes Malta. A `.gr` file is in PACE format (`p tw NODES EDGES`, then
//! `u v`, from 1); its edge `i` weighs `1 + splitmix64(i) mod 100000` both ways.

mod graph;
mod live;
mod measured;
mod network;
mod ours;
mod peers;
mod queries;
mod services;

use std::path::Path;

use anyhow::ensure;
use cpu_time::ProcessTime;
use ems_hierarchy::{Graph, Seed, distances_from};
use graph::Roadmap;

const N_RUNS: usize = 5;
const N_QUERIES: usize = 10_000;
const MATRIX_SIDE: usize = 200;
const N_CHANGES: [usize; 2] = [100, 1000];

/// What one engine did with one graph.
pub(crate) struct Row {
    name: &'static str,
    /// `None` where it was given ours.
    order_ms: Option<f64>,
    build_ms: f64,
    n_pairs: usize,
    customise_ms: f64,
    /// For each of [`N_CHANGES`]; `None` where the engine has no partial update.
    update_ms: [Option<f64>; 2],
    query_us: f64,
    /// Milliseconds of 200 by 200.
    matrix_ms: f64,
    distances: Vec<u32>,
    matrix: Vec<u32>,
}

/// The CPU time of one call in milliseconds, and what it gave.
pub(crate) fn timed<T>(act: impl FnOnce() -> T) -> (f64, T) {
    let start = ProcessTime::now();
    let value = act();
    (start.elapsed().as_secs_f64() * 1000.0, value)
}

/// The median CPU time of some calls, milliseconds.
pub(crate) fn median_ms(mut act: impl FnMut()) -> f64 {
    let mut spans: Vec<f64> = (0..N_RUNS).map(|_| timed(&mut act).0).collect();
    spans.sort_by(f64::total_cmp);
    spans[N_RUNS / 2]
}

fn main() -> anyhow::Result<()> {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if let Some(measured) = measured::task(&paths)? {
        println!("{measured}");
        return Ok(());
    }
    if paths.is_empty() {
        paths.push(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta/malta.osm.pbf").into());
    }
    let mut paths = paths.into_iter().peekable();
    while let Some(path) = paths.next() {
        for (what, map) in Roadmap::read(path.as_ref())? {
            println!(
                "\n{path}, graph of {what}: {} nodes, {} arcs; CPU time, medians of {N_RUNS}",
                map.n_nodes,
                map.arcs.len()
            );
            let order = ours::order(&map);
            let rows = [ours::row(&map), peers::routingkit(&map, &order), peers::cch(&map, &order)];
            print(&rows);
            check(&map, &rows)?;
        }
        if path.ends_with(".osm.pbf") {
            queries::print(path.as_ref())?;
            let pairs = paths.next_if(|next| next.ends_with(".csv"));
            services::print(path.as_ref(), pairs.as_deref().map(Path::new))?;
        }
    }
    Ok(())
}

fn print(rows: &[Row]) {
    println!(
        "{:<16}{:>9}{:>9}{:>10}{:>11}{:>10}{:>10}{:>10}{:>10}",
        "", "order", "build", "pairs", "customise", "100 arcs", "1000", "query us", "200x200"
    );
    let cell = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.2}"));
    for row in rows {
        println!(
            "{:<16}{:>9}{:>9.1}{:>10}{:>11.2}{:>10}{:>10}{:>10.2}{:>10.2}",
            row.name,
            cell(row.order_ms),
            row.build_ms,
            row.n_pairs,
            row.customise_ms,
            cell(row.update_ms[0]),
            cell(row.update_ms[1]),
            row.query_us,
            row.matrix_ms,
        );
    }
    for peer in &rows[1..] {
        let ratio = |ours: f64, theirs: f64| format!("{:.2}", ours / theirs);
        let order = peer.order_ms.zip(rows[0].order_ms);
        println!(
            "ours / {:<9}{:>9}{:>9}{:>10.2}{:>11}{:>10}{:>10}{:>10}{:>10}",
            peer.name,
            order.map_or("-".into(), |(theirs, ours)| ratio(ours, theirs)),
            ratio(rows[0].build_ms, peer.build_ms),
            rows[0].n_pairs as f64 / peer.n_pairs as f64,
            ratio(rows[0].customise_ms, peer.customise_ms),
            peer.update_ms[0]
                .map_or("-".into(), |p| ratio(rows[0].update_ms[0].unwrap_or(f64::NAN), p)),
            peer.update_ms[1]
                .map_or("-".into(), |p| ratio(rows[0].update_ms[1].unwrap_or(f64::NAN), p)),
            ratio(rows[0].query_us, peer.query_us),
            ratio(rows[0].matrix_ms, peer.matrix_ms),
        );
    }
}

/// All engines agree on every distance, and with Dijkstra on those from twenty nodes.
fn check(map: &Roadmap, rows: &[Row]) -> anyhow::Result<()> {
    for row in &rows[1..] {
        ensure!(row.distances == rows[0].distances, "{} has other distances than we", row.name);
        ensure!(row.matrix == rows[0].matrix, "{} has another matrix than we", row.name);
    }
    let graph = Graph::from_arcs(map.n_nodes, &map.arcs)?;
    let pairs = map.pairs(N_QUERIES);
    for (&(from, to), &distance) in pairs.iter().zip(&rows[0].distances).step_by(N_QUERIES / 20) {
        let plain = distances_from(&graph, &map.weights, &[Seed::at(from)]);
        ensure!(plain[to as usize] == distance, "{from} to {to}: {distance} is not Dijkstra's");
    }
    let (from, to) = map.matrix_ends(MATRIX_SIDE);
    for (&source, distances) in from.iter().zip(rows[0].matrix.chunks(MATRIX_SIDE)).step_by(20) {
        let plain = distances_from(&graph, &map.weights, &[Seed::at(source)]);
        let right = to.iter().zip(distances).all(|(&t, &d)| plain[t as usize] == d);
        ensure!(right, "the matrix row of {source} is not Dijkstra's");
    }
    println!("all distances agree; {} of them are Dijkstra's too", 20 + 10 * MATRIX_SIDE);
    Ok(())
}
