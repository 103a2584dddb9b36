//! Laws of the hierarchy, beside a plain search.

mod plain;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ems_hierarchy::{
    Blocks, ClimbedPlaces, FAR, Field, Fork, Graph, Hierarchy, InTurn, Metric, OrderError, Query,
    Seed, Sketch, Sweep, Topology, Update, Updater, Work, edge_order, matrix, node_order,
    refined_order,
};
use plain::distances_from;
use proptest::prelude::*;

/// A small graph, its weights, an order, and changes of weights.
#[derive(Debug, Clone)]
struct Case {
    n_nodes: u32,
    arcs: Vec<[u32; 2]>,
    weights: Vec<u32>,
    order: Vec<u32>,
    changes: Vec<Vec<(u32, u32)>>,
}

fn weight() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..100u32, 1 => Just(FAR), 1 => FAR - 1..u32::MAX]
}

fn case() -> impl Strategy<Value = Case> {
    (2..24u32, 0..70u32).prop_flat_map(|(n_nodes, n_arcs)| {
        let arcs = prop::collection::vec([0..n_nodes, 0..n_nodes], n_arcs as usize);
        let order = Just((0..n_nodes).collect::<Vec<u32>>()).prop_shuffle();
        let change = (0..n_arcs.max(1), weight());
        let changes = prop::collection::vec(prop::collection::vec(change, 0..6), 0..4);
        let weights = prop::collection::vec(weight(), n_arcs as usize);
        (arcs, weights, order, changes, any::<bool>()).prop_map(
            move |(mut arcs, weights, order, changes, is_dissected)| {
                arcs.sort_unstable();
                let sketch = Sketch { n_nodes, edges: &arcs, points: &[], widths: &[] };
                let order = if is_dissected { node_order(&sketch, &InTurn) } else { order };
                let changes = if n_arcs == 0 { Vec::new() } else { changes };
                Case { n_nodes, arcs, weights, order, changes }
            },
        )
    })
}

impl Case {
    fn metric(&self) -> Metric {
        let graph = Graph::from_arcs(self.n_nodes, &self.arcs).expect("arcs join its nodes");
        let hierarchy = Hierarchy::build(&graph, &self.order, &[]).expect("a permutation");
        Metric::customise(Arc::new(hierarchy), &self.weights)
    }
}

/// Compares every kind of query with the plain search.
fn check_all_queries(case: &Case, metric: &Metric) {
    let weights = metric.input_weights();
    let all: Vec<[Seed; 1]> = (0..case.n_nodes).map(|node| [Seed::at(node)]).collect();
    let places: Vec<&[Seed]> = all.iter().map(|seed| &seed[..]).collect();
    let table = matrix(metric, &places, &places);
    let mut query = Query::default();
    let mut back = Field::default();
    let (mut sweep, mut near) = (Sweep::default(), Sweep::default());
    let blocks = Blocks::of(metric.hierarchy(), 1);
    let mut targets = ClimbedPlaces::targets();
    for (idx, place) in places.iter().enumerate() {
        targets.put(metric, idx, &[Seed { node: 0, weight: 7 }]);
        targets.put(metric, idx, place);
    }
    for from in 0..case.n_nodes {
        let expected = distances_from(case.n_nodes, &case.arcs, weights, from);
        let mut ahead = Field::default();
        let mut ahead = ahead.from(metric, &[Seed::at(from)]);
        sweep.from(metric, &[Seed::at(from)]);
        for limit in [0, 30, 90, 200] {
            near.from_within(metric, &blocks, &[Seed::at(from)], limit);
            let found = (0..case.n_nodes).map(|to| near.distance(metric, to).min(limit + 1));
            let wanted = expected.iter().map(|&least| least.min(limit + 1));
            assert!(found.eq(wanted), "within {limit} from {from}");
        }
        let mut n_called = 0;
        targets.each_distance(metric, &[Seed::at(from)], |to, distance| {
            n_called += 1;
            assert_eq!(distance, expected[to], "kept from {from} to {to}");
        });
        assert_eq!(n_called, case.n_nodes);
        for to in 0..case.n_nodes {
            let (a, b) = ([Seed::at(from)], [Seed::at(to)]);
            let least = expected[to as usize];
            assert_eq!(query.distance(metric, &a, &b), least, "{from} to {to}");
            let in_table = table[(from * case.n_nodes + to) as usize];
            assert_eq!(in_table, least, "matrix {from} to {to}");
            assert_eq!(ahead.distance(&b), least, "field from {from} to {to}");
            assert_eq!(sweep.distance(metric, to), least, "sweep from {from} to {to}");
            assert_eq!(back.to(metric, &b).distance(&a), least, "field {from} to {to}");
            check_path(case, metric, &mut query, from, to, least);
        }
    }
}

fn check_path(case: &Case, metric: &Metric, query: &mut Query, from: u32, to: u32, least: u32) {
    let Some(path) = query.path(metric, &[Seed::at(from)], &[Seed::at(to)]) else {
        assert_eq!(least, FAR, "{from} to {to}");
        return;
    };
    assert_eq!((path.weight, path.start), (least, from));
    let mut at = from;
    let mut sum = 0;
    for &arc in &path.arcs {
        let [tail, head] = case.arcs[arc as usize];
        assert_eq!(tail, at, "arcs follow each other");
        (at, sum) = (head, sum + metric.input_weights()[arc as usize]);
    }
    assert_eq!((at, sum), (to, least));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_query_gives_what_a_plain_search_gives(case in case()) {
        check_all_queries(&case, &case.metric());
    }

    #[test]
    fn an_update_gives_what_customising_anew_gives(case in case()) {
        let mut metric = case.metric();
        let mut updater = Updater::default();
        for changes in &case.changes {
            let before = metric.clone();
            metric.update(&mut updater, changes);
            let mut anew = before.input_weights().to_vec();
            for &(arc, weight) in changes {
                anew[arc as usize] = weight;
            }
            prop_assert_eq!(&metric, &before.with_weights(&anew));
            let expected = Case { weights: anew, ..case.clone() };
            check_all_queries(&expected, &metric);
        }
    }

    #[test]
    fn seeds_of_one_place_count_each_with_its_weight(
        case in case(),
        spent in [0..50u32, 0..50u32],
        is_linked in any::<bool>(),
    ) {
        let (a, b) = (0, case.n_nodes - 1);
        let graph = Graph::from_arcs(case.n_nodes, &case.arcs).unwrap();
        let links = if is_linked { &[[a, b]][..] } else { &[] };
        let hierarchy = Hierarchy::build(&graph, &case.order, links).unwrap();
        let metric = Metric::customise(Arc::new(hierarchy), &case.weights);
        let seeds = [Seed { node: a, weight: spent[0] }, Seed { node: b, weight: spent[1] }];
        let weights = metric.input_weights().to_vec();
        let from = |node| distances_from(case.n_nodes, &case.arcs, &weights, node);
        let [from_a, from_b] = [from(a), from(b)];
        let mut sweep = Sweep::default();
        let mut query = Query::default();
        let mut sources = ClimbedPlaces::sources();
        sources.put(&metric, 0, &seeds);
        let onward = [from_a[b as usize] + spent[0], from_b[a as usize] + spent[1]];
        let round = onward.into_iter().chain(spent).fold(FAR, u32::min);
        let both = [Seed::at(b), Seed::at(a)];
        prop_assert_eq!(query.distance(&metric, &seeds, &both), round);
        prop_assert_eq!(matrix(&metric, &[&seeds], &[&both, &seeds])[0], round);
        for to in 0..case.n_nodes {
            let least = (from_a[to as usize] + spent[0]).min(from_b[to as usize] + spent[1]);
            let least = least.min(FAR);
            let goal = [Seed::at(to)];
            prop_assert_eq!(query.distance(&metric, &seeds, &goal), least);
            prop_assert_eq!(Field::default().from(&metric, &seeds).distance(&goal), least);
            prop_assert_eq!(Field::default().to(&metric, &goal).distance(&seeds), least);
            sweep.from(&metric, &seeds);
            prop_assert_eq!(sweep.distance(&metric, to), least);
            sweep.to(&metric, &goal);
            let back = |seed: &Seed| sweep.distance(&metric, seed.node) + seed.weight;
            prop_assert_eq!(back(&seeds[0]).min(back(&seeds[1])).min(FAR), least);
            prop_assert_eq!(matrix(&metric, &[&seeds], &[&goal])[0], least);
            let path = query.path(&metric, &seeds, &goal);
            prop_assert_eq!(path.as_ref().map_or(FAR, |path| path.weight), least);
            if let Some(path) = path {
                let seed = seeds.iter().filter(|seed| seed.node == path.start);
                let sum: u32 = path.arcs.iter().map(|&arc| weights[arc as usize]).sum();
                prop_assert!(seed.map(|seed| seed.weight + sum).any(|sum| sum == least));
            }
            let mut kept = None;
            sources.each_distance(&metric, &goal, |_, distance| kept = Some(distance));
            prop_assert_eq!(kept, Some(least));
        }
    }
}

proptest! {
    #[test]
    fn a_stored_hierarchy_answers_as_the_one_that_was_built(
        case in case(),
        damage in prop::option::of((0..4usize, any::<prop::sample::Index>(), 0..30u16)),
    ) {
        let link = [0, case.n_nodes - 1];
        let graph = Graph::from_arcs(case.n_nodes, &case.arcs).unwrap();
        let built = Hierarchy::build(&graph, &case.order, &[link]).unwrap();
        let mut stored = built.topology();
        if let Some((list, at, value)) = damage {
            let Topology { depths, n_arcs: [up, _], end_depths: [ends, others], .. } = &mut stored;
            let list = [depths, up, ends, others].into_iter().nth(list).unwrap();
            if !list.is_empty() {
                let at = at.index(list.len());
                list[at] = value;
            }
        }
        let frame = stored.clone().frame().ok().filter(|frame| frame.is_way(&mut link.clone()));
        let read = frame.map(|frame| Hierarchy::from_frame(&graph, frame));
        if let Some(Ok(hierarchy)) = read {
            check_all_queries(&case, &Metric::customise(Arc::new(hierarchy), &case.weights));
        } else {
            prop_assert_ne!(stored, built.topology());
        }
    }
}

#[test]
fn an_order_that_is_no_order_is_refused() {
    let graph = Graph::from_arcs(3, &[[0, 1], [1, 2]]).unwrap();
    for (order, expected) in [
        (vec![0, 1], OrderError::Length { found: 2, expected: 3 }),
        (vec![0, 1, 1], OrderError::Node { node: 1, n_nodes: 3 }),
        (vec![0, 1, 3], OrderError::Node { node: 3, n_nodes: 3 }),
    ] {
        assert_eq!(Hierarchy::build(&graph, &order, &[]).unwrap_err(), expected);
    }
}

#[test]
fn an_arc_to_nowhere_is_refused() {
    let error = Graph::from_arcs(2, &[[0, 1], [1, 2]]).unwrap_err().to_string();
    assert_eq!(error, "arc 1 joins node 2, but the graph has 2 nodes: check the arc list");
}

/// A grid of streets, both ways, with weights that look random.
fn grid(side: u32) -> (Vec<[u32; 2]>, Vec<u32>) {
    let mut arcs = Vec::new();
    for node in 0..side * side {
        if node % side + 1 < side {
            arcs.extend([[node, node + 1], [node + 1, node]]);
        }
        if node + side < side * side {
            arcs.extend([[node, node + side], [node + side, node]]);
        }
    }
    arcs.sort_unstable();
    let weights = (0..arcs.len()).map(|arc| noise(arc) % 1000).collect();
    (arcs, weights)
}

fn noise(n: usize) -> u32 {
    let n = u32::try_from(n).expect("a small number");
    n.wrapping_add(1).wrapping_mul(0x9e37_79b1) >> 7
}

#[test]
fn few_changes_and_many_end_where_customising_anew_ends() {
    let (arcs, weights) = grid(40);
    let sketch = Sketch { n_nodes: 1600, edges: &arcs, points: &[], widths: &[] };
    let graph = Graph::from_arcs(1600, &arcs).unwrap();
    let hierarchy = Arc::new(Hierarchy::build(&graph, &node_order(&sketch, &InTurn), &[]).unwrap());
    let mut metric = Metric::customise(Arc::clone(&hierarchy), &weights);
    // Tables that served another hierarchy before.
    let mut updater = Updater::default();
    let path = Hierarchy::build(&Graph::from_arcs(2, &[[0, 1]]).unwrap(), &[0, 1], &[]).unwrap();
    Metric::customise(Arc::new(path), &[3]).update(&mut updater, &[(0, 4)]);
    let mut outcomes = Vec::new();
    for (round, n_changes) in [1, 2, 8, 15, 20, 20, 20, 40, 8, 300, 2].into_iter().enumerate() {
        let change = |i: usize| {
            let seed = 1000 * round + i;
            let closed = noise(seed + 7).is_multiple_of(5);
            let weight = if closed { FAR } else { noise(seed + 99_999) % 1500 };
            (noise(seed + 55_555) % u32::try_from(arcs.len()).unwrap(), weight)
        };
        let mut changes: Vec<(u32, u32)> = (0..n_changes).map(change).collect();
        // Some arcs get two weights, of which the last counts.
        let again = |&(arc, _): &(u32, u32)| (arc, noise(arc as usize + round) % 1500);
        changes.extend_from_within(..n_changes / 4);
        changes[..n_changes / 2].iter_mut().for_each(|change| *change = again(change));
        outcomes.push(metric.update(&mut updater, &changes));
        assert!(metric == metric.with_weights(metric.input_weights()), "round {round}");
    }
    assert!([Update::Part, Update::Whole].iter().all(|way| outcomes.contains(way)));
}

/// Slower, faster, closed or as they were, in turn; among small weights many ways are as short.
#[test]
fn changes_of_all_kinds_repeated_and_undone_end_where_customising_anew_ends() {
    let (arcs, weights) = grid(40);
    let graph = Graph::from_arcs(1600, &arcs).unwrap();
    let sketch = Sketch { n_nodes: 1600, edges: &arcs, points: &[], widths: &[] };
    let hierarchy = Arc::new(Hierarchy::build(&graph, &node_order(&sketch, &InTurn), &[]).unwrap());
    let mut updater = Updater::default();
    let mut n_parts = 0;
    for weight_end in [3, 1000] {
        let free: Vec<u32> = weights.iter().map(|&weight| 1 + weight % weight_end).collect();
        let mut metric = Metric::customise(Arc::clone(&hierarchy), &free);
        for round in 0..60 {
            let change = |i: usize| {
                let arc = noise(100 * round + i) as usize % arcs.len();
                let now = metric.input_weights()[arc];
                let weights = [now.saturating_mul(2), now / 2, FAR, free[arc], now + 1];
                (u32::try_from(arc).unwrap(), weights[(round + i) % weights.len()])
            };
            let changes: Vec<(u32, u32)> = (0..=round % 8).map(change).collect();
            let as_before = |&(arc, _): &(u32, u32)| (arc, metric.input_weights()[arc as usize]);
            let undone: Vec<(u32, u32)> = changes.iter().map(as_before).collect();
            let before = metric.clone();
            let outcome = metric.update(&mut updater, &changes);
            n_parts += u32::from(outcome == Update::Part);
            let anew = metric.with_weights(metric.input_weights());
            assert!(metric == anew, "round {round} of weights below {weight_end}");
            if round % 3 == 0 {
                metric.update(&mut updater, &undone);
                assert!(metric == before, "round {round} of weights below {weight_end} undone");
            }
        }
    }
    assert!(n_parts > 60, "{n_parts}");
}

proptest! {
    #[test]
    fn a_refined_order_answers_the_same_and_makes_no_more_pairs(case in case()) {
        let links = [[0, case.n_nodes - 1]];
        let graph = Graph::from_arcs(case.n_nodes, &case.arcs).unwrap();
        let order = refined_order(&graph, &case.order, &links, &InTurn).unwrap();
        let [before, refined] = [&case.order, &order]
            .map(|order| Hierarchy::build(&graph, order, &links).unwrap());
        prop_assert!(refined.n_pairs() <= before.n_pairs());
        check_all_queries(&case, &Metric::customise(Arc::new(refined), &case.weights));
    }
}

#[test]
fn cells_of_a_larger_graph_are_refined_each_by_itself() {
    let (arcs, _) = grid(40);
    let graph = Graph::from_arcs(1600, &arcs).unwrap();
    let sketch = Sketch { n_nodes: 1600, edges: &arcs, points: &[], widths: &[] };
    let order = node_order(&sketch, &InTurn);
    let refined = refined_order(&graph, &order, &[], &InTurn).unwrap();
    let n_pairs = |order: &[u32]| Hierarchy::build(&graph, order, &[]).unwrap().n_pairs();
    assert!(n_pairs(&refined) * 100 < n_pairs(&order) * 97, "{}", n_pairs(&refined));
    let tail = |order: &[u32]| order[1580..].to_vec();
    assert_eq!(
        tail(&refined),
        tail(&Hierarchy::build(&graph, &order, &[]).unwrap().topology().order)
    );
}

/// A thread for each piece of work.
struct Threads;

impl Fork for Threads {
    fn both(&self, first: Work<'_>, second: Work<'_>) {
        std::thread::scope(|scope| {
            scope.spawn(second);
            first();
        });
    }
}

#[test]
fn a_metric_is_the_same_whatever_does_the_work() {
    let (arcs, weights) = grid(120);
    let n_nodes = 120 * 120;
    let graph = Graph::from_arcs(n_nodes, &arcs).unwrap();
    let sketch = Sketch { n_nodes, edges: &arcs, points: &[], widths: &[] };
    let order = node_order(&sketch, &InTurn);
    // The last nodes are left alone, each a tree of its own.
    let apart: Vec<[u32; 2]> =
        arcs.iter().copied().filter(|ends| ends.iter().all(|&end| end < n_nodes - 200)).collect();
    let few = Graph::from_arcs(n_nodes, &apart).unwrap();
    for (graph, weights) in [(&graph, &weights[..]), (&few, &weights[..apart.len()])] {
        let hierarchy = Arc::new(Hierarchy::build(graph, &order, &[]).unwrap());
        let n_forked = Counted::default();
        let at_once = Metric::customise_on(&n_forked, Arc::clone(&hierarchy), weights);
        assert!(at_once == Metric::customise(hierarchy, weights));
        assert!(n_forked.0.into_inner() > 3);
    }
}

/// A thread for each piece of work, counted.
#[derive(Default)]
struct Counted(AtomicU32);

impl Fork for Counted {
    fn both(&self, first: Work<'_>, second: Work<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        Threads.both(first, second);
    }
}

#[test]
fn an_order_is_the_same_whatever_does_the_work() {
    let (arcs, _) = grid(70);
    let graph = Graph::from_arcs(4900, &arcs).unwrap();
    let points: Vec<[f64; 2]> =
        (0..4900u32).map(|n| [f64::from(n % 70), f64::from(n / 70)]).collect();
    let widths: Vec<u8> =
        (0..arcs.len()).map(|arc| if noise(arc).is_multiple_of(3) { 2 } else { 1 }).collect();
    for points in [&points[..], &[]] {
        let sketch = Sketch { n_nodes: 4900, edges: &arcs, points, widths: &widths };
        let orders = |fork: &dyn Fork| {
            let order = node_order(&sketch, fork);
            let refined = refined_order(&graph, &order, &[], fork).unwrap();
            (order, refined, edge_order(&sketch, fork))
        };
        assert_eq!(orders(&InTurn), orders(&Threads));
    }
}
