//! `golden-hour roads bench`: what the hierarchy costs on a graph that anybody may bring.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use ems_hierarchy::{
    FAR, Graph, Hierarchy, ListedGraph, Metric, Query, Seed, Sketch, Updater, distances_from,
    matrix, node_order, refined_order, splitmix64,
};
use rustix::time::{ClockId, clock_gettime};

use crate::cores::Cores;

use super::report::{Report, Update};

const EXAMPLES: &str = "\
Example:
  golden-hour roads bench --graph USA-road-t.NY.gr --coordinates USA-road-d.NY.co

Forms that are read, as plain text:
  DIMACS   p sp NODES ARCS, then a TAIL HEAD WEIGHT (whole numbers below 1073741823)
  PACE     p tw NODES EDGES, then A B; edge line i, from 0, weighs 1 + splitmix64(i) mod 100000
           in both directions
  At most 67108864 nodes; distances of 1073741823 and more count as unreachable. Memory is about
  1 kB for each node of a road network.

Times are CPU times of this process, of which only the order is made on all cores; of what is
done often, the median of five. The check compares random pairs and a row of the matrix with
Dijkstra's search, before and after weights change, and ends with an error if one differs.";

/// Time the engine on a graph file and check its answers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BenchArgs {
    /// The graph.
    #[arg(long, value_name = "FILE.gr")]
    graph: PathBuf,
    /// Where its nodes are, for a better order (DIMACS .co); without it the graph alone is cut.
    #[arg(long, value_name = "FILE.co")]
    coordinates: Option<PathBuf>,
    /// How many random pairs to compare with Dijkstra's search.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    checks: u32,
    /// Which random pairs and changes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

const N_RUNS: usize = 5;
const N_QUERIES: u32 = 10_000;
const MATRIX_SIDE: u32 = 200;
const N_CHANGES: [u32; 2] = [100, 1000];

impl BenchArgs {
    /// Measures, checks and prints.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let bench = self.read()?;
        let report = bench.measure(self.checks)?;
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
        } else {
            write!(out, "{report}")?;
        }
        Ok(())
    }

    fn read(&self) -> anyhow::Result<Bench> {
        tell("reading the graph ...");
        let listed = read_text(&self.graph, ListedGraph::parse)?;
        let points = match &self.coordinates {
            Some(path) => read_text(path, |text| listed.parse_coordinates(text))?,
            None => Vec::new(),
        };
        Ok(Bench {
            name: self.graph.display().to_string(),
            graph: Graph::from_arcs(listed.n_nodes, &listed.arcs)?,
            listed,
            points,
            seed: self.seed,
        })
    }
}

fn read_text<T, E>(path: &Path, parse: impl FnOnce(&str) -> Result<T, E>) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let shown = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| {
        format!("{} cannot be read as text: unpack it first if it is packed", shown())
    })?;
    parse(&text).with_context(shown)
}

/// A graph and what is asked of it.
struct Bench {
    name: String,
    graph: Graph,
    listed: ListedGraph,
    /// Empty if unknown.
    points: Vec<[f64; 2]>,
    seed: u64,
}

impl Bench {
    fn measure(&self, n_checks: u32) -> anyhow::Result<Report> {
        tell("ordering the nodes ...");
        let start = Instant::now();
        let (order_ms, order) = timed(|| self.order());
        let order_wall_ms = start.elapsed().as_secs_f64() * 1000.0;
        let order = order?;
        tell("building and customising ...");
        let (build_ms, hierarchy) = timed(|| Hierarchy::build(&self.graph, &order, &[]));
        let hierarchy = Arc::new(hierarchy?);
        let customise = || Metric::customise(Arc::clone(&hierarchy), &self.listed.weights);
        let (customise_ms, metric) = median(customise);
        let updates = N_CHANGES.map(|n| self.update(&metric, n)).to_vec();
        tell("asking ...");
        let (queries_ms, _) = median(|| self.distances(&metric, N_QUERIES));
        let (matrix_ms, _) = median(|| self.matrix(&metric));
        let n_checked = self.check(&metric, n_checks)?;
        Ok(Report {
            graph: self.name.clone(),
            n_nodes: hierarchy.n_nodes(),
            n_arcs: hierarchy.n_input_arcs(),
            n_pairs: hierarchy.n_pairs(),
            height: hierarchy.height(),
            order_ms,
            order_wall_ms,
            build_ms,
            customise_ms,
            updates,
            query_us: queries_ms * 1000.0 / f64::from(N_QUERIES),
            matrix_side: MATRIX_SIDE,
            matrix_ms,
            n_checked,
            memory_peak_mib: memory_peak_mib(),
        })
    }

    /// Both directions of a road are one edge to the order.
    fn order(&self) -> anyhow::Result<Vec<u32>> {
        let arcs = self.listed.arcs.iter();
        let mut edges: Vec<[u32; 2]> = arcs.map(|&[a, b]| [a.min(b), a.max(b)]).collect();
        edges.sort_unstable();
        edges.dedup();
        let n_nodes = self.listed.n_nodes;
        let cores = Cores::all();
        let sketch = Sketch { n_nodes, edges: &edges, points: &self.points, widths: &[] };
        Ok(refined_order(&self.graph, &node_order(&sketch, &cores), &[], &cores)?)
    }

    fn update(&self, metric: &Metric, n_arcs: u32) -> Update {
        let mut updater = Updater::default();
        let in_round = |round| {
            let (mut metric, changes) = (metric.clone(), self.changes(n_arcs, round));
            timed(|| metric.update(&mut updater, &changes)).0
        };
        Update { n_arcs, ms: middle((0..N_RUNS as u64).map(in_round).collect()) }
    }

    fn distances(&self, metric: &Metric, n: u32) -> Vec<u32> {
        let mut query = Query::default();
        let distance = |[a, b]: [u32; 2]| query.distance(metric, &[Seed::at(a)], &[Seed::at(b)]);
        self.pairs(n).map(distance).collect()
    }

    fn matrix(&self, metric: &Metric) -> Vec<u32> {
        let seeds = |side| -> Vec<[Seed; 1]> {
            (0..MATRIX_SIDE).map(|i| [Seed::at(self.node(side, i))]).collect()
        };
        let (from, to) = (seeds(2), seeds(3));
        let [from, to] = [&from, &to].map(|seeds| seeds.iter().map(<[Seed; 1]>::as_slice));
        let (from, to): (Vec<&[Seed]>, Vec<&[Seed]>) = (from.collect(), to.collect());
        matrix(metric, &from, &to)
    }

    fn check(&self, metric: &Metric, n: u32) -> anyhow::Result<u32> {
        tell(&format!("checking {n} pairs against Dijkstra's search ..."));
        self.check_pairs(metric, n)?;
        tell("checking a row of the matrix, and again after changes ...");
        self.check_row(metric)?;
        let (mut changed, mut updater) = (metric.clone(), Updater::default());
        for (round, n_arcs) in (0..).zip(N_CHANGES) {
            changed.update(&mut updater, &self.changes(n_arcs, round));
        }
        let n_again = n.div_ceil(10);
        self.check_pairs(&changed, n_again)?;
        Ok(n + MATRIX_SIDE + n_again)
    }

    fn check_pairs(&self, metric: &Metric, n: u32) -> anyhow::Result<()> {
        for ([a, b], found) in self.pairs(n).zip(self.distances(metric, n)) {
            let right = distances_from(&self.graph, metric.input_weights(), &[Seed::at(a)]);
            same([a, b], found, right[b as usize])?;
        }
        Ok(())
    }

    fn check_row(&self, metric: &Metric) -> anyhow::Result<()> {
        let from = self.node(2, 0);
        let right = distances_from(&self.graph, metric.input_weights(), &[Seed::at(from)]);
        for (i, &found) in (0..MATRIX_SIDE).zip(&self.matrix(metric)) {
            let to = self.node(3, i);
            same([from, to], found, right[to as usize])?;
        }
        Ok(())
    }

    fn pairs(&self, n: u32) -> impl Iterator<Item = [u32; 2]> {
        (0..n).map(|i| [self.node(0, i), self.node(1, i)])
    }

    fn node(&self, stream: u64, i: u32) -> u32 {
        self.below(self.listed.n_nodes, stream, i)
    }

    /// A number below `n` that looks random.
    fn below(&self, n: u32, stream: u64, i: u32) -> u32 {
        let drawn = splitmix64(splitmix64(self.seed ^ (stream << 48)).wrapping_add(i.into()));
        u32::try_from(drawn % u64::from(n.max(1))).expect("below a u32")
    }

    /// Arcs that become half as fast or twice as fast, in turn by round.
    fn changes(&self, n: u32, round: u64) -> Vec<(u32, u32)> {
        let n_arcs = self.graph.n_arcs();
        let change = |i| {
            let arc = self.below(n_arcs, 4 + round, i);
            let weight = self.listed.weights[arc as usize];
            let slower = weight.saturating_mul(2).min(FAR - 1);
            (arc, if round.is_multiple_of(2) { slower } else { weight / 2 })
        };
        if n_arcs == 0 { Vec::new() } else { (0..n).map(change).collect() }
    }
}

fn same([a, b]: [u32; 2], found: u32, right: u32) -> anyhow::Result<()> {
    ensure!(
        found == right,
        "from node {} to {}: the engine says {found}, Dijkstra's search {right}: report this with \
         the graph",
        a + 1,
        b + 1
    );
    Ok(())
}

/// CPU time of one call in milliseconds, and what it gave.
fn timed<T>(act: impl FnOnce() -> T) -> (f64, T) {
    let start = cpu_ms();
    let value = act();
    (cpu_ms() - start, value)
}

/// The median CPU time of some calls, milliseconds, and what the last gave.
fn median<T>(mut act: impl FnMut() -> T) -> (f64, T) {
    let (first, mut value) = timed(&mut act);
    let mut spans = vec![first];
    for _ in 1..N_RUNS {
        let (span, next) = timed(&mut act);
        spans.push(span);
        value = next;
    }
    (middle(spans), value)
}

fn middle(mut spans: Vec<f64>) -> f64 {
    spans.sort_by(f64::total_cmp);
    spans[spans.len() / 2]
}

/// CPU time that this process has used, milliseconds.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let span = Duration::try_from(time).expect("CPU time does not fall below nothing");
    span.as_secs_f64() * 1e3
}

/// The most memory that this process has held, MiB; `None` where the system does not tell.
fn memory_peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kib / 1024)
}

/// Progress is a courtesy: a closed standard error stops nothing.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
