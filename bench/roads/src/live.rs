//! Answers while speeds change: a whole city's traffic without turns, and units near a call.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::ensure;
use ems_hierarchy::{
    FAR, Fork, Graph, Hierarchy, InTurn, Metric, Query, Seed, Sketch, Work, distances_from,
    node_order,
};
use ems_model::Timestamp;
use ems_roads::{Flow, MovingSet, Roads, Snap, Traffic, TrafficFile};

use crate::queries::{row_of, shares, traffic, wall_row};

const NOW: Timestamp = Timestamp::from_micros(0);
const N_FILES: usize = 50;
/// Of two files of half as many, by turns.
const N_ARCS_OF_TRAFFIC: usize = 4000;
const N_CALLS_A_FILE: usize = 20;
const N_NEAREST: usize = 10;
/// So many units move between two files.
const N_MOVED: usize = 50;
const N_FILES_CHECKED: usize = 3;
const NONE: u32 = u32::MAX;

/// The junctions of a city, without turn rules.
struct Junctions {
    graph: Graph,
    hierarchy: Arc<Hierarchy>,
    /// On free roads.
    metric: Metric,
    /// By arc of the roads: the graph's arc, or [`NONE`] where it may not be driven or is a loop.
    arc_of: Vec<u32>,
}

impl Junctions {
    fn of(roads: &Roads) -> anyhow::Result<Self> {
        let mut arcs: Vec<([u32; 2], u32, usize)> = Vec::new();
        let mut places = Vec::new();
        for (edge, stretch) in roads.edges().enumerate() {
            let [tail, head] = stretch.ends;
            let n_nodes = tail.max(head) as usize + 1;
            places.resize(n_nodes.max(places.len()), [0.0; 2]);
            for (end, place) in stretch.ends.into_iter().zip(stretch.places) {
                let east = place.lon() * place.lat().to_radians().cos();
                places[end as usize] = [east, place.lat()];
            }
            for (side, ends) in [[tail, head], [head, tail]].into_iter().enumerate() {
                let is_loop = tail == head;
                let millis = stretch.millis[side].filter(|_| !is_loop);
                arcs.extend(millis.map(|millis| (ends, millis, 2 * edge + side)));
            }
        }
        arcs.sort_by_key(|&([tail, _], _, _)| tail);
        let mut arc_of = vec![NONE; 2 * roads.n_edges()];
        for (idx, &(_, _, arc)) in arcs.iter().enumerate() {
            arc_of[arc] = u32::try_from(idx)?;
        }
        let ends: Vec<[u32; 2]> = arcs.iter().map(|&(ends, ..)| ends).collect();
        let weights: Vec<u32> = arcs.iter().map(|&(_, millis, _)| millis).collect();
        let n_nodes = u32::try_from(places.len())?;
        let graph = Graph::from_arcs(n_nodes, &ends)?;
        let mut edges: Vec<[u32; 2]> = ends.iter().map(|&[a, b]| [a.min(b), a.max(b)]).collect();
        edges.sort_unstable();
        edges.dedup();
        let sketch = Sketch { n_nodes, edges: &edges, points: &places, widths: &[] };
        let order = node_order(&sketch, &InTurn);
        let hierarchy = Arc::new(Hierarchy::build(&graph, &order, &[])?);
        let metric = Metric::customise(Arc::clone(&hierarchy), &weights);
        Ok(Self { graph, hierarchy, metric, arc_of })
    }

    /// A file read and laid over the junctions.
    fn under(&self, roads: &Roads, text: &str, fork: &dyn Fork) -> anyhow::Result<Metric> {
        let mut weights = self.metric.input_weights().to_vec();
        for row in TrafficFile::parse(text.as_bytes(), roads, NOW)?.traffic.rows() {
            let arc = 2 * row.edge() + u32::from(!row.is_forward());
            let of_graph = self.arc_of[arc as usize] as usize;
            let Some(weight) = weights.get_mut(of_graph) else { continue };
            *weight = match row.flow {
                Flow::Closed => FAR,
                Flow::At(kmh) => whole(roads.arc_metres(arc) * 3600.0 / kmh.get()),
                Flow::Free => *weight,
            };
        }
        Ok(Metric::customise_on(fork, Arc::clone(&self.hierarchy), &weights))
    }
}

fn whole(millis: f64) -> u32 {
    millis.round().max(1.0) as u32
}

/// A file of all arcs, to the first answer between junctions.
pub(crate) fn junction_row(roads: &Roads, calls: &[Snap], units: &[Snap]) -> anyhow::Result<()> {
    let junctions = Junctions::of(roads)?;
    let text = traffic(roads, usize::MAX);
    let ends: Vec<u32> = roads.edges().map(|stretch| stretch.ends[0]).collect();
    let node = |snap: &Snap| [Seed::at(ends[snap.edge() as usize])];
    let answer = |i: usize, roads: &Roads, fork: &dyn Fork| -> anyhow::Result<(Metric, u32)> {
        let metric = junctions.under(roads, &text, fork)?;
        let distance = Query::default().distance(&metric, &node(&calls[i]), &node(&units[i]));
        Ok((metric, distance))
    };
    let (metric, distance) = answer(0, roads, &InTurn)?;
    let plain = distances_from(&junctions.graph, metric.input_weights(), &node(&calls[0]));
    let right = plain[node(&units[0])[0].node as usize];
    ensure!(distance == right, "{distance} between junctions is not Dijkstra's {right}");
    row_of(N_FILES, "traffic of all arcs to first answer, no turns", |i| {
        let _ = black_box(answer(i, roads, &InTurn));
    });
    let (cores, lent) = on_two_cores(roads);
    ensure!(answer(0, &lent, &*cores)?.0.input_weights() == metric.input_weights());
    wall_row(N_FILES, "the same on two cores, wall clock", |i| {
        let _ = black_box(answer(i, &lent, &*cores));
    });
    Ok(())
}

/// A second core, where it has nothing else to do.
#[derive(Default)]
struct SecondCore {
    is_taken: AtomicBool,
}

impl Fork for SecondCore {
    fn both(&self, first: Work<'_>, second: Work<'_>) {
        if self.is_taken.swap(true, Ordering::Relaxed) {
            first();
            second();
            return;
        }
        thread::scope(|scope| {
            scope.spawn(|| {
                first();
                self.is_taken.store(false, Ordering::Relaxed);
            });
            second();
        });
    }
}

pub(crate) fn on_two_cores(roads: &Roads) -> (Arc<dyn Fork>, Roads) {
    let cores: Arc<dyn Fork> = Arc::new(SecondCore::default());
    let lent = roads.on(Arc::clone(&cores));
    (cores, lent)
}

/// The nearest of 1,000 moving units with their lines, while files of traffic come and go.
pub(crate) fn live_row(roads: &Roads, calls: &[Snap], units: &[Snap]) -> anyhow::Result<()> {
    let text = traffic(roads, N_ARCS_OF_TRAFFIC);
    let all = TrafficFile::parse(text.as_bytes(), roads, NOW)?.traffic;
    let mut units = units.to_vec();
    let mut moves = shares().skip(10_000);
    let mut micros = Vec::new();
    for (file, calls) in calls.chunks(N_CALLS_A_FILE).enumerate() {
        let rows: Traffic = all.rows().skip(file % 2).step_by(2).collect();
        let under = roads.under(&rows, NOW);
        for unit in units.iter_mut().skip(file % 20 * N_MOVED).take(N_MOVED) {
            *unit = roads.somewhere(moves.next().unwrap_or_default());
        }
        let mut fleet = MovingSet::of_sources(&under);
        units.iter().enumerate().for_each(|(idx, &unit)| fleet.put(idx, unit));
        for call in calls {
            let start = cpu_time::ThreadTime::now();
            let near = fleet.nearest(call, N_NEAREST);
            let lines: Vec<_> =
                near.iter().map(|near| under.route(&units[near.idx], call)).collect();
            micros.push(start.elapsed().as_secs_f64() * 1e6);
            ensure!(
                near.iter().zip(&lines).all(|(near, line)| {
                    line.as_ref().is_some_and(|line| line.duration == near.duration)
                }),
                "a line takes another time than its unit"
            );
        }
        if file < N_FILES_CHECKED {
            check_nearest(&under, &mut fleet, &calls[0], &units)?;
        }
    }
    crate::queries::print_row("1,000 moving units, traffic: 10 with lines", micros);
    Ok(())
}

/// The nearest take as long as Dijkstra says, and ten others no less.
fn check_nearest(
    roads: &Roads,
    fleet: &mut MovingSet<&Roads>,
    call: &Snap,
    units: &[Snap],
) -> anyhow::Result<()> {
    let plain = |unit: &Snap| roads.times_from_plainly(unit, &[*call])[0];
    let nearest = fleet.nearest(call, N_NEAREST);
    for near in &nearest {
        let time = plain(&units[near.idx]);
        ensure!(time == Some(near.duration), "{near:?} is not Dijkstra's {time:?}");
    }
    let last = nearest.last().map(|near| near.duration);
    let is_near = |idx: &usize| nearest.iter().any(|near| near.idx == *idx);
    for idx in (0..units.len()).step_by(100).filter(|idx| !is_near(idx)) {
        let time = plain(&units[idx]);
        ensure!(time.is_none() || time >= last, "unit {idx} is nearer, {time:?}");
    }
    Ok(())
}
