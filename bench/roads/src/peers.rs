//! RoutingKit by `routingkit-cch`, and `cch`.

use std::collections::BTreeMap;

use ems_hierarchy::FAR;
use routingkit_cch::{CCH, CCHMetric, CCHMetricPartialUpdater, CCHOneToMany, CCHQuery};

use crate::graph::Roadmap;
use crate::{MATRIX_SIDE, N_CHANGES, N_QUERIES, N_RUNS, Row, median_ms, timed};

/// Tails, heads, latitudes and longitudes, as both peers want them.
struct Columns {
    tail: Vec<u32>,
    head: Vec<u32>,
    latitude: Vec<f32>,
    longitude: Vec<f32>,
}

impl Columns {
    #[expect(clippy::cast_possible_truncation, reason = "the peers take 32-bit degrees")]
    fn of(map: &Roadmap) -> Self {
        Self {
            tail: map.arcs.iter().map(|arc| arc[0]).collect(),
            head: map.arcs.iter().map(|arc| arc[1]).collect(),
            latitude: map.places.iter().map(|place| place[1] as f32).collect(),
            longitude: map.places.iter().map(|place| place[0] as f32).collect(),
        }
    }
}

/// The peer's own order with its time, or ours where there are no coordinates.
fn order_or_ours(
    map: &Roadmap,
    ours: &[u32],
    theirs: impl FnOnce() -> Vec<u32>,
) -> (Option<f64>, Vec<u32>) {
    if map.places.is_empty() {
        return (None, ours.to_vec());
    }
    let (ms, order) = timed(theirs);
    (Some(ms), order)
}

pub(crate) fn routingkit(map: &Roadmap, our_order: &[u32]) -> Row {
    let Columns { tail, head, latitude, longitude } = Columns::of(map);
    let (order_ms, order) = order_or_ours(map, our_order, || {
        routingkit_cch::compute_order_inertial(map.n_nodes, &tail, &head, &latitude, &longitude)
    });
    let (build_ms, cch) = timed(|| CCH::new(&order, &tail, &head, |_| {}, false));
    let mut metric = CCHMetric::new(&cch, map.weights.clone());
    let customise_ms = median_ms(|| metric.reset(map.weights.clone()));
    let update_ms = N_CHANGES.map(|n| Some(routingkit_update_ms(map, &cch, n)));
    let pairs = map.pairs(N_QUERIES);
    let mut distances = Vec::new();
    let mut query = CCHQuery::new(&metric);
    let all_ms = median_ms(|| {
        let distance = |&(a, b): &(u32, u32)| {
            query.add_source(a, 0);
            query.add_target(b, 0);
            query.run().distance().unwrap_or(FAR)
        };
        distances = pairs.iter().map(distance).collect();
    });
    let (from, to) = map.matrix_ends(MATRIX_SIDE);
    let mut matrix: Vec<u32> = Vec::new();
    let matrix_ms = median_ms(|| {
        let mut targets = CCHOneToMany::new(&metric, &to);
        let rows = from.iter().flat_map(|&source| targets.distances_from(source));
        matrix = rows.map(|distance| distance.unwrap_or(FAR)).collect();
    });
    Row {
        name: "RoutingKit",
        order_ms,
        build_ms,
        n_pairs: n_pairs_of(map, &order),
        customise_ms,
        update_ms,
        query_us: all_ms * 1000.0 / N_QUERIES as f64,
        matrix_ms,
        distances,
        matrix,
    }
}

fn routingkit_update_ms(map: &Roadmap, cch: &CCH, n: usize) -> f64 {
    let mut updater = CCHMetricPartialUpdater::new(cch);
    let mut spans: Vec<f64> = (0..N_RUNS as u64)
        .map(|round| {
            let mut metric = CCHMetric::new(cch, map.weights.clone());
            let changes: BTreeMap<u32, u32> = map.changes(n, round).into_iter().collect();
            timed(|| updater.apply(&mut metric, &changes)).0
        })
        .collect();
    spans.sort_by(f64::total_cmp);
    spans[N_RUNS / 2]
}

/// RoutingKit does not tell how many arcs it made: `cch` makes the same ones of the same order.
fn n_pairs_of(map: &Roadmap, order: &[u32]) -> usize {
    cch::Cch::build(&csr(map), order).cch_arc_count()
}

pub(crate) fn cch(map: &Roadmap, our_order: &[u32]) -> Row {
    let Columns { tail, head, latitude, longitude } = Columns::of(map);
    let (order_ms, order) = order_or_ours(map, our_order, || {
        cch::inertial_order(map.n_nodes, &tail, &head, &latitude, &longitude)
    });
    let graph = csr(map);
    let (build_ms, hierarchy) = timed(|| cch::Cch::build(&graph, &order));
    let mut metric = hierarchy.customize(&map.weights);
    let customizer = hierarchy.customizer();
    let customise_ms = median_ms(|| customizer.customize_into(&map.weights, &mut metric));
    let (hierarchy_view, metric_view) = (hierarchy.view(), metric.view());
    let pairs = map.pairs(N_QUERIES);
    let mut distances = Vec::new();
    let all_ms = median_ms(|| {
        let distance =
            |&(a, b): &(u32, u32)| cch::distance(&hierarchy_view, &metric_view, a, b).min(FAR);
        distances = pairs.iter().map(distance).collect();
    });
    let (from, to) = map.matrix_ends(MATRIX_SIDE);
    let mut matrix: Vec<u32> = Vec::new();
    let matrix_ms = median_ms(|| {
        let table = cch::distance_matrix(&hierarchy_view, &metric_view, &from, &to);
        matrix = table.into_iter().map(|distance| distance.min(FAR)).collect();
    });
    Row {
        name: "cch",
        order_ms,
        build_ms,
        n_pairs: hierarchy.cch_arc_count(),
        customise_ms,
        update_ms: [None; 2],
        query_us: all_ms * 1000.0 / N_QUERIES as f64,
        matrix_ms,
        distances,
        matrix,
    }
}

fn csr(map: &Roadmap) -> cch::graph::Graph {
    let mut first_out = vec![0; map.n_nodes as usize + 1];
    for arc in &map.arcs {
        first_out[arc[0] as usize + 1] += 1;
    }
    for node in 0..map.n_nodes as usize {
        first_out[node + 1] += first_out[node];
    }
    let head = map.arcs.iter().map(|arc| arc[1]).collect();
    cch::graph::Graph { first_out, head, weight: map.weights.clone() }
}
