//! The memory that a hierarchy, a metric and one query keep, beside RoutingKit's.
//!
//! Each engine works in a process of its own, that gets the graph and an order (ours) and nothing
//! else. Counted is by how much its resident memory (`VmRSS`) has grown when all is built, which sees
//! alike what C++ and Rust hold. Blocks from 64 KiB on are mapped one by one
//! (`MALLOC_MMAP_THRESHOLD_`), so that what is freed is given back.
//!
//!     cargo run --release --manifest-path bench/roads/Cargo.toml --bin memory -- TOWN.osm.pbf GRAPH.gr

#[expect(dead_code, reason = "changes and pairs are for the times")]
#[path = "../graph.rs"]
mod graph;

use std::io::{Read, Write, stdin};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, ensure};
use ems_hierarchy::{
    FAR, Graph, Hierarchy, InTurn, Metric, Query, Seed, Sketch, node_order, refined_order,
};
use graph::Roadmap;
use routingkit_cch::{CCH, CCHMetric, CCHQuery};

const ENGINES: [&str; 2] = ["ems-hierarchy", "RoutingKit"];

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [engine] = &words[..]
        && ENGINES.contains(&engine.as_str())
    {
        return measure(engine);
    }
    for path in &words {
        for (what, map) in Roadmap::read(path.as_ref())? {
            println!("{path}, graph of {what}");
            compare(&map)?;
        }
    }
    Ok(())
}

/// Runs each engine in a process of its own.
fn compare(map: &Roadmap) -> anyhow::Result<()> {
    let lists = [order(map)?, map.arcs.concat(), map.weights.clone()];
    let mut kept = Vec::new();
    for engine in ENGINES {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(engine)
            .env("MALLOC_MMAP_THRESHOLD_", "65536")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().context("a pipe")?;
        for list in &lists {
            input.write_all(&u32::try_from(list.len())?.to_le_bytes())?;
            input
                .write_all(&list.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>())?;
        }
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{engine} failed");
        let mib = String::from_utf8(output.stdout)?.trim().parse::<f64>()? / 1024.0;
        println!("  {engine:<14} {mib:>8.1} MiB");
        kept.push(mib);
    }
    println!("  ours / theirs  {:>8.2}", kept[0] / kept[1]);
    Ok(())
}

/// The order that the import made, or a new one.
fn order(map: &Roadmap) -> anyhow::Result<Vec<u32>> {
    if let Some(order) = &map.order {
        return Ok(order.clone());
    }
    let mut edges: Vec<[u32; 2]> = map.arcs.iter().map(|&[a, b]| [a.min(b), a.max(b)]).collect();
    edges.sort_unstable();
    edges.dedup();
    let sketch = Sketch { n_nodes: map.n_nodes, edges: &edges, points: &map.places, widths: &[] };
    let graph = Graph::from_arcs(map.n_nodes, &map.arcs)?;
    Ok(refined_order(&graph, &node_order(&sketch, &InTurn), &[], &InTurn)?)
}

fn measure(engine: &str) -> anyhow::Result<()> {
    let [order, arcs, weights] = [read_list()?, read_list()?, read_list()?];
    let n_nodes = u32::try_from(order.len())?;
    let ends = |end: usize| arcs.iter().skip(end).step_by(2).copied();
    let before = resident_kib()?;
    let (grown, distance) = if engine == ENGINES[0] {
        let arcs: Vec<[u32; 2]> = ends(0).zip(ends(1)).map(|(tail, head)| [tail, head]).collect();
        let graph = Graph::from_arcs(n_nodes, &arcs)?;
        let hierarchy = Hierarchy::build(&graph, &order, &[])?;
        drop((arcs, graph));
        let metric = Metric::customise(Arc::new(hierarchy), &weights);
        let mut query = Query::default();
        let distance = query.distance(&metric, &[Seed::at(0)], &[Seed::at(n_nodes / 2)]);
        (resident_kib()?.saturating_sub(before), distance)
    } else {
        let (tail, head): (Vec<u32>, Vec<u32>) = (ends(0).collect(), ends(1).collect());
        let cch = CCH::new(&order, &tail, &head, |_| {}, false);
        drop((tail, head));
        let metric = CCHMetric::new(&cch, weights.clone());
        let mut query = CCHQuery::new(&metric);
        query.add_source(0, 0);
        query.add_target(n_nodes / 2, 0);
        let distance = query.run().distance().unwrap_or(FAR);
        (resident_kib()?.saturating_sub(before), distance)
    };
    ensure!(distance <= FAR, "no distance is greater");
    println!("{grown}");
    Ok(())
}

/// A length and as many words, from standard input.
fn read_list() -> anyhow::Result<Vec<u32>> {
    let mut length = [0; 4];
    stdin().read_exact(&mut length)?;
    let mut bytes = vec![0; 4 * u32::from_le_bytes(length) as usize];
    stdin().read_exact(&mut bytes)?;
    Ok(bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect())
}

/// What the system holds in memory for this process.
fn resident_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.context("no VmRSS")?.trim().trim_end_matches(" kB").parse()?)
}
