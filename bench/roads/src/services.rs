//! Whole answers beside OSRM and Valhalla: places in, the way told and drawn out.
//!
//! Each engine has the extract and a profile for cars of its own, so their ways differ from ours; how
//! much is told. OSRM also gets our own roads ([`Network`]), where it must agree with us, and lays
//! the same traffic on them. The peers come with Python (`scripts/setup.sh peers`); without it
//! their columns are left out, which is said.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use ems_hierarchy::splitmix64;
use ems_model::Timestamp;
use ems_roads::{Roads, Traffic, TrafficFile};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::measured::{Answers, Cost, Pair, read_pairs};
use crate::network::{Network, Untold};
use crate::{graph, median_ms};

const N_PAIRS: u64 = 1000;
/// Of the median. OSRM has places to 0.1 m and rounds each segment to the millisecond.
const TIMES_APART_MAX: f64 = 0.001;
const NOW: Timestamp = Timestamp::from_micros(0);
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/peers.py");
const PROFILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/as-ours.lua");
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/bin/python");

/// An engine with what it took.
struct Engine {
    name: &'static str,
    import: Vec<Cost>,
    answers: Answers,
}

#[derive(Deserialize)]
struct UnderTraffic {
    cpu_ms: f64,
    seconds: Vec<Option<f64>>,
}

/// Prints the table of one extract; `pairs` are seeded places of the city where no file gives them.
pub(crate) fn print(extract: &Path, pairs: Option<&Path>) -> anyhow::Result<()> {
    let folder = folder(extract)?;
    let roads = graph::roads(extract)?;
    let pairs = match pairs {
        Some(file) => std::fs::read_to_string(file)?,
        None => seeded(&roads),
    };
    std::fs::write(folder.join("pairs.csv"), pairs)?;
    let bench = Bench { extract: extract.canonicalize()?, folder };
    let mut engines = vec![bench.ours()?];
    if Path::new(PYTHON).exists() {
        let versions: Value = bench.peer(&["versions"])?;
        println!("\nwhole answers, CPU time; {versions}; ours / theirs in brackets");
        engines.extend(bench.peers()?);
    } else {
        println!("\nwhole answers, CPU time");
        println!("OSRM, Valhalla: skipped, they are not installed (scripts/setup.sh peers)");
    }
    print_table(&engines);
    let [ours, peers @ ..] = &engines[..] else { return Ok(()) };
    peers.iter().try_for_each(|peer| print_lengths(&ours.answers, peer))?;
    if peers.is_empty() { Ok(()) } else { bench.on_our_roads(&roads, &ours.answers) }
}

/// A folder of its own for each extract, beside what cargo builds.
fn folder(extract: &Path) -> anyhow::Result<PathBuf> {
    let name = extract.file_name().context("an extract has a name")?.to_string_lossy();
    // OSRM takes `.osm.pbf` off anywhere in a path, not only at its end.
    let name = name.split('.').next().unwrap_or("city");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/services").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn seeded(roads: &Roads) -> String {
    let place = |n: u64| {
        let share = splitmix64(4_000_000 + n) as f64 / u64::MAX as f64;
        let at = roads.somewhere(share).position();
        format!("{},{}", at.lat(), at.lon())
    };
    (0..N_PAIRS).map(|i| format!("{},{}\n", place(2 * i), place(2 * i + 1))).collect()
}

/// The files of one extract.
struct Bench {
    extract: PathBuf,
    folder: PathBuf,
}

impl Bench {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn ours(&self) -> anyhow::Result<Engine> {
        let (extract, stored) = (self.extract.display().to_string(), self.path("roads.bin"));
        let me = std::env::current_exe()?;
        Ok(Engine {
            name: "ours",
            import: ask(Command::new(&me).args(["ours-build", &extract, &stored]))?,
            answers: ask(Command::new(&me).args([
                "ours-answers",
                &stored,
                &self.path("pairs.csv"),
            ]))?,
        })
    }

    fn peer<T: DeserializeOwned>(&self, arguments: &[&str]) -> anyhow::Result<T> {
        ask(Command::new(PYTHON).arg(PEERS).args(arguments))
    }

    fn peers(&self) -> anyhow::Result<[Engine; 3]> {
        Ok([
            self.osrm("OSRM CH", "CH", "contract")?,
            self.osrm("OSRM MLD", "MLD", "partition,customize")?,
            self.valhalla()?,
        ])
    }

    fn osrm(&self, name: &'static str, algorithm: &str, steps: &str) -> anyhow::Result<Engine> {
        let (extract, stored) = (self.extract.display().to_string(), self.path(algorithm));
        Ok(Engine {
            name,
            import: self.peer(&["osrm_build", &extract, &stored, "car", steps])?,
            answers: self.peer(&["osrm_answers", &stored, algorithm, &self.path("pairs.csv")])?,
        })
    }

    fn valhalla(&self) -> anyhow::Result<Engine> {
        let (extract, stored) = (self.extract.display().to_string(), self.path("valhalla"));
        Ok(Engine {
            name: "Valhalla",
            import: self.peer(&["valhalla_build", &extract, &stored])?,
            answers: self.peer(&["valhalla_answers", &stored, &self.path("pairs.csv")])?,
        })
    }

    /// OSRM on our own roads: its times beside ours, free and under the same traffic.
    fn on_our_roads(&self, roads: &Roads, ours: &Answers) -> anyhow::Result<()> {
        let network = Network::of(roads);
        let (xml, Untold(n_untold)) = network.xml();
        let (extract, stored) = (self.path("ours.osm"), self.path("ours"));
        std::fs::write(&extract, xml)?;
        let steps = "partition,customize";
        let _: Vec<Cost> = self.peer(&["osrm_build", &extract, &stored, PROFILE, steps])?;
        let free: Answers =
            self.peer(&["osrm_answers", &stored, "MLD", &self.path("pairs.csv")])?;
        println!(
            "OSRM MLD on our roads and speeds, without the rules over ways of {n_untold} arcs:"
        );
        let ratio = ours.route_us / free.route_us;
        println!("  whole answer: {:.0} us ({ratio:.4})", free.route_us);
        print_times("    on free roads", &ours.seconds, &free.seconds)?;
        let pairs = read_pairs(&self.folder.join("pairs.csv"))?;
        [100, 1000, usize::MAX]
            .into_iter()
            .try_for_each(|n| self.traffic(&network, roads, &pairs, n))
    }

    /// A file of traffic up to the first answer, ours and OSRM's.
    fn traffic(
        &self,
        network: &Network<'_>,
        roads: &Roads,
        pairs: &[Pair],
        n: usize,
    ) -> anyhow::Result<()> {
        let (ours, theirs, n) = traffic(network, roads, n);
        std::fs::write(self.folder.join("speeds.csv"), theirs)?;
        let files = [self.path("ours"), self.path("speeds.csv"), self.path("pairs.csv")];
        let theirs: UnderTraffic = self.peer(&["osrm_traffic", &files[0], &files[1], &files[2]])?;
        let (ms, under) = first_answer(roads, &ours, &pairs[0])?;
        let ratio = ms / theirs.cpu_ms;
        println!(
            "  {n} arcs of traffic to the first answer: ours {ms:.2} ms, OSRM {:.0} ms ({ratio:.4})",
            theirs.cpu_ms
        );
        let seconds: Vec<Option<f64>> = pairs.iter().map(|pair| time(&under, pair)).collect();
        print_times("    under it", &seconds, &theirs.seconds)
    }
}

/// Our file of traffic read, laid and asked under: the median CPU time of some runs, and the roads.
fn first_answer(roads: &Roads, file: &str, pair: &Pair) -> anyhow::Result<(f64, Roads)> {
    let mut under = Err(anyhow::anyhow!("no run"));
    let ms = median_ms(|| {
        under = laid(roads, file).inspect(|now| {
            time(now, pair);
        });
    });
    Ok((ms, under?))
}

fn laid(roads: &Roads, file: &str) -> anyhow::Result<Roads> {
    let read = TrafficFile::parse(file.as_bytes(), roads, NOW)?.traffic;
    Ok(roads.under(&Traffic::default().with(&read, NOW), NOW))
}

fn time(roads: &Roads, pair: &Pair) -> Option<f64> {
    let [from, to] = [roads.snap(pair[0]).ok()?, roads.snap(pair[1]).ok()?];
    Some(roads.time(&from, &to)?.as_secs_f64())
}

fn ask<T: DeserializeOwned>(command: &mut Command) -> anyhow::Result<T> {
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{command:?} failed");
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("it printed nothing")?;
    serde_json::from_str(line).with_context(|| format!("{command:?} printed {line:.200}"))
}

/// A file of each for so many directions of edges, spread over the city, and how many they are.
fn traffic(network: &Network<'_>, roads: &Roads, n: usize) -> (String, String, usize) {
    let open = |(edge, stretch): (usize, ems_roads::Stretch)| {
        [0, 1]
            .into_iter()
            .filter(move |&side| stretch.millis[side].is_some())
            .map(move |side| (edge, side))
    };
    let all: Vec<(usize, usize)> = roads.edges().enumerate().flat_map(open).collect();
    let mut ours = String::from("edge,direction,speed_kmh,until\n");
    let mut theirs = String::new();
    let some = all.iter().step_by((all.len() / n).max(1)).take(n);
    for (&(edge, side), number) in some.clone().zip(0..) {
        let kmh = 5 + splitmix64(5_000_000 + number) as u32 % 86;
        let direction = ["forward", "backward"][side];
        writeln!(ours, "{edge},{direction},{kmh},1970-01-01T00:30:00Z").expect("a string takes it");
        network.write_speeds(&mut theirs, edge, side == 1, kmh);
    }
    (ours, theirs, some.len())
}

fn print_table(engines: &[Engine]) {
    print!("{:<28}", "");
    engines.iter().for_each(|engine| print!("{:>22}", engine.name));
    println!();
    row(engines, "import, s", |e| Some(e.import.iter().map(|step| step.cpu_s).sum()));
    row(engines, "  peak of memory, MB", |e| {
        e.import.iter().map(|step| step.peak_mb).reduce(f64::max)
    });
    row(engines, "opening, ms", |e| Some(e.answers.load_ms));
    row(engines, "whole answer, us", |e| Some(e.answers.route_us));
    row(engines, "matrix 200 x 200, ms", |e| Some(e.answers.matrix_ms));
    row(engines, "isochrones 8 + 15 min, ms", |e| e.answers.isochrone_ms);
    row(engines, "answering, peak, MB", |e| Some(e.answers.peak_mb));
}

fn row(engines: &[Engine], name: &str, of: impl Fn(&Engine) -> Option<f64>) {
    print!("{name:<28}");
    let ours = of(&engines[0]);
    for (idx, engine) in engines.iter().enumerate() {
        let cell = match (of(engine), ours) {
            (None, _) => "-".into(),
            (Some(theirs), Some(ours)) if idx > 0 => format!("{theirs:.2} ({:.4})", ours / theirs),
            (Some(value), _) => format!("{value:.2}"),
        };
        print!("{cell:>22}");
    }
    println!();
}

/// How far the peer's ways are from ours in length.
fn print_lengths(ours: &Answers, peer: &Engine) -> anyhow::Result<()> {
    let off = differences(&ours.metres, &peer.answers.metres)?;
    println!(
        "{} drives by a profile of its own: {} ways of {}, their lengths {:.1} % apart in the median, \
         {:.0} % within 5 %, {:.0} % within 10 %",
        peer.name,
        off.len(),
        ours.metres.len(),
        100.0 * off[off.len() / 2],
        share_within(&off, 0.05),
        share_within(&off, 0.1),
    );
    Ok(())
}

/// How far times are apart that should be the same.
fn print_times(what: &str, ours: &[Option<f64>], theirs: &[Option<f64>]) -> anyhow::Result<()> {
    let off = differences(ours, theirs)?;
    let median = off[off.len() / 2];
    println!(
        "{what}: {} ways of {}, times {:.3} % apart in the median, {:.1} % within 0.1 %, {:.1} % within 1 %",
        off.len(),
        ours.len(),
        100.0 * median,
        share_within(&off, 0.001),
        share_within(&off, 0.01),
    );
    ensure!(median < TIMES_APART_MAX, "OSRM takes other times on our own roads than we");
    Ok(())
}

/// |theirs - ours| / ours where both found a way, the smallest first.
fn differences(ours: &[Option<f64>], theirs: &[Option<f64>]) -> anyhow::Result<Vec<f64>> {
    let apart = |(ours, theirs): (&Option<f64>, &Option<f64>)| {
        let (ours, theirs) = ((*ours)?, (*theirs)?);
        Some((theirs - ours).abs() / ours.max(1.0))
    };
    let mut off: Vec<f64> = ours.iter().zip(theirs).filter_map(apart).collect();
    ensure!(!off.is_empty(), "no way was found by both");
    off.sort_by(f64::total_cmp);
    Ok(off)
}

fn share_within(off: &[f64], limit: f64) -> f64 {
    100.0 * off.partition_point(|&apart| apart <= limit) as f64 / off.len() as f64
}
