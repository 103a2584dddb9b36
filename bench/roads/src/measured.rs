//! What an engine of whole answers took, in the words that `peers/peers.py` prints, and ours: each is
//! measured in a process of its own, so that its peak of memory is its own.

use std::hint::black_box;
use std::path::Path;

use anyhow::{Context, ensure};
use ems_model::{Millis, Position};
use ems_roads::{Directions, Isochrone, Isochrones, Roads, Snap, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{MATRIX_SIDE, graph, median_ms, timed};

/// Asked before the clock starts.
const N_WARM: usize = 50;
const N_ISOCHRONES: usize = 100;

/// What a step of an import took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cost {
    pub(crate) name: String,
    pub(crate) cpu_s: f64,
    pub(crate) peak_mb: f64,
}

/// What an engine answered, and the CPU time of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answers {
    pub(crate) load_ms: f64,
    /// The mean of all pairs.
    pub(crate) route_us: f64,
    pub(crate) matrix_ms: f64,
    /// `None` where the engine draws none.
    pub(crate) isochrone_ms: Option<f64>,
    /// Of each pair; `None` where it found no way.
    pub(crate) seconds: Vec<Option<f64>>,
    pub(crate) metres: Vec<Option<f64>>,
    pub(crate) peak_mb: f64,
}

/// Two places, from and to.
pub(crate) type Pair = [Position; 2];

/// Does one of our measurements and prints it; `None` if the arguments are for none.
pub(crate) fn task(arguments: &[String]) -> anyhow::Result<Option<String>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = match words[..] {
        ["ours-build", extract, out] => serde_json::to_string(&[build(extract, out)?])?,
        ["ours-answers", roads, pairs] => serde_json::to_string(&answers(roads, pairs)?)?,
        _ => return Ok(None),
    };
    Ok(Some(text))
}

/// The whole import, map and hospitals included; the roads go to a file.
fn build(extract: &str, out: &str) -> anyhow::Result<Cost> {
    let (cpu_ms, stored) = timed(|| -> anyhow::Result<()> {
        Ok(std::fs::write(out, graph::roads(extract.as_ref())?.encode())?)
    });
    stored?;
    Ok(Cost { name: "import".into(), cpu_s: cpu_ms / 1000.0, peak_mb: peak_mb()? })
}

fn answers(roads: &str, pairs: &str) -> anyhow::Result<Answers> {
    let pairs = read_pairs(pairs.as_ref())?;
    let bytes = std::fs::read(roads)?;
    let (load_ms, roads) = timed(|| Roads::decode(&bytes));
    let roads = roads?;
    drop(bytes);
    for pair in &pairs[..N_WARM] {
        black_box(told(&roads, pair));
    }
    let (routes_ms, ways) =
        timed(|| pairs.iter().map(|pair| told(&roads, pair)).collect::<Vec<_>>());
    let column = |of: fn(&Told) -> f64| ways.iter().map(|way| way.as_ref().map(of)).collect();
    Ok(Answers {
        load_ms,
        route_us: routes_ms * 1000.0 / pairs.len() as f64,
        matrix_ms: median_ms(|| {
            black_box(matrix(&roads, &pairs[..MATRIX_SIDE]));
        }),
        isochrone_ms: Some(isochrones_ms(&roads, &pairs[..N_ISOCHRONES])),
        seconds: column(|way| way.seconds),
        metres: column(|way| way.metres),
        peak_mb: peak_mb()?,
    })
}

struct Told {
    seconds: f64,
    metres: f64,
}

/// A whole answer, from two places to the text of a page.
fn told(roads: &Roads, pair: &Pair) -> Option<Told> {
    let [from, to] = snaps(roads, pair)?;
    let directions = roads.directions(&[from, to])?;
    black_box(text(&directions));
    let route = directions.route;
    Some(Told { seconds: route.duration.as_secs_f64(), metres: route.metres })
}

fn snaps(roads: &Roads, pair: &Pair) -> Option<[Snap; 2]> {
    Some([roads.snap(pair[0]).ok()?, roads.snap(pair[1]).ok()?])
}

fn text(directions: &Directions) -> String {
    let route = &directions.route;
    let line: Vec<[f64; 2]> = route.points.iter().map(|(at, _)| [at.lon(), at.lat()]).collect();
    let steps: Vec<Value> = directions.steps.iter().map(step).collect();
    let seconds = route.duration.as_secs_f64();
    json!({ "seconds": seconds, "metres": route.metres, "line": line, "steps": steps }).to_string()
}

fn step(step: &Step) -> Value {
    json!({
        "maneuver": format!("{:?}", step.maneuver),
        "street": step.street,
        "metres": step.metres,
        "seconds": step.duration.as_secs_f64(),
        "first_point": step.first_point,
    })
}

fn matrix(roads: &Roads, pairs: &[Pair]) -> Vec<Vec<Option<Millis>>> {
    let side = |end: usize| -> Vec<Snap> {
        pairs.iter().filter_map(|pair| roads.snap(pair[end]).ok()).collect()
    };
    roads.matrix(&side(0), &side(1))
}

fn isochrones_ms(roads: &Roads, pairs: &[Pair]) -> f64 {
    let limits = [8, 15].map(Millis::from_mins);
    let (ms, ()) = timed(|| {
        let mut isochrones = Isochrones::of(roads);
        for [from, _] in pairs {
            let Ok(from) = roads.snap(*from) else { continue };
            for isochrone in isochrones.around(roads, &from, &limits) {
                black_box(rings_text(&isochrone));
            }
        }
    });
    ms / pairs.len() as f64
}

fn rings_text(isochrone: &Isochrone) -> String {
    let ring = |ring: &Vec<Position>| -> Vec<[f64; 2]> {
        ring.iter().map(|at| [at.lon(), at.lat()]).collect()
    };
    let rings: Vec<_> = isochrone.polygons.iter().flatten().map(ring).collect();
    json!(rings).to_string()
}

/// From-and-to lines without a header: `from_lat,from_lon,to_lat,to_lon`.
pub(crate) fn read_pairs(path: &Path) -> anyhow::Result<Vec<Pair>> {
    let text = std::fs::read_to_string(path)?;
    let pairs: anyhow::Result<Vec<Pair>> = text.lines().map(pair).collect();
    let pairs = pairs.with_context(|| format!("{} holds no pairs of places", path.display()))?;
    ensure!(pairs.len() >= MATRIX_SIDE, "{} has under {MATRIX_SIDE} pairs", path.display());
    Ok(pairs)
}

fn pair(line: &str) -> anyhow::Result<Pair> {
    let numbers: Result<Vec<f64>, _> = line.split(',').map(str::parse).collect();
    let &[a, b, c, d] = &numbers?[..] else { anyhow::bail!("{line} is not four numbers") };
    Ok([Position::from_degrees(a, b)?, Position::from_degrees(c, d)?])
}

/// The most memory that this process has held.
fn peak_mb() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()).context("no VmHWM")?;
    Ok(kb.parse::<f64>()? / 1024.0)
}
