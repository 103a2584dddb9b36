//! `ems-hierarchy`.

use std::sync::Arc;

use ems_hierarchy::{
    Graph, Hierarchy, InTurn, Metric, Query, Seed, Sketch, Updater, matrix, node_order,
    refined_order,
};

use crate::graph::Roadmap;
use crate::{MATRIX_SIDE, N_CHANGES, N_QUERIES, N_RUNS, Row, median_ms, timed};

pub(crate) fn order(map: &Roadmap) -> Vec<u32> {
    map.order.clone().unwrap_or_else(|| new_order(map))
}

fn new_order(map: &Roadmap) -> Vec<u32> {
    // Both directions of a road are one edge to the order.
    let mut edges: Vec<[u32; 2]> = map.arcs.iter().map(|&[a, b]| [a.min(b), a.max(b)]).collect();
    edges.sort_unstable();
    edges.dedup();
    let squeeze = |&[lon, lat]: &[f64; 2]| [lon * lat.to_radians().cos(), lat];
    let points: Vec<[f64; 2]> = map.places.iter().map(squeeze).collect();
    let sketch = Sketch { n_nodes: map.n_nodes, edges: &edges, points: &points, widths: &[] };
    refined_order(&graph_of(map), &node_order(&sketch, &InTurn), &[], &InTurn)
        .expect("the order is of this graph")
}

fn graph_of(map: &Roadmap) -> Graph {
    Graph::from_arcs(map.n_nodes, &map.arcs).expect("arcs join nodes of the map")
}

pub(crate) fn row(map: &Roadmap) -> Row {
    let (order_ms, order) = timed(|| order(map));
    let graph = graph_of(map);
    let build = || Hierarchy::build(&graph, &order, &[]).expect("the order is of this graph");
    let (build_ms, hierarchy) = timed(build);
    let hierarchy = Arc::new(hierarchy);
    let mut metric = Metric::customise(Arc::clone(&hierarchy), &map.weights);
    let customise_ms =
        median_ms(|| metric = Metric::customise(Arc::clone(&hierarchy), &map.weights));
    let update_ms = N_CHANGES.map(|n| Some(update_ms(map, &metric, n)));
    let pairs = map.pairs(N_QUERIES);
    let mut query = Query::default();
    let mut distances = Vec::new();
    let all_ms = median_ms(|| {
        let distance =
            |&(a, b): &(u32, u32)| query.distance(&metric, &[Seed::at(a)], &[Seed::at(b)]);
        distances = pairs.iter().map(distance).collect();
    });
    let (from, to) = map.matrix_ends(MATRIX_SIDE);
    let seeds = |nodes: Vec<u32>| nodes.into_iter().map(|n| [Seed::at(n)]).collect::<Vec<_>>();
    let (from, to) = (seeds(from), seeds(to));
    let mut table = Vec::new();
    let matrix_ms = median_ms(|| table = matrix(&metric, &places(&from), &places(&to)));
    Row {
        name: "ems-hierarchy",
        order_ms: map.order.is_none().then_some(order_ms),
        build_ms,
        n_pairs: hierarchy.n_pairs(),
        customise_ms,
        update_ms,
        query_us: all_ms * 1000.0 / N_QUERIES as f64,
        matrix_ms,
        distances,
        matrix: table,
    }
}

fn places(seeds: &[[Seed; 1]]) -> Vec<&[Seed]> {
    seeds.iter().map(|seed| &seed[..]).collect()
}

fn update_ms(map: &Roadmap, metric: &Metric, n: usize) -> f64 {
    let mut updater = Updater::default();
    let mut spans: Vec<f64> = (0..N_RUNS as u64)
        .map(|round| {
            let (mut metric, changes) = (metric.clone(), map.changes(n, round));
            timed(|| metric.update(&mut updater, &changes)).0
        })
        .collect();
    spans.sort_by(f64::total_cmp);
    spans[N_RUNS / 2]
}
