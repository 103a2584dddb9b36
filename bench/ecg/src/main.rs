//! Our beats beside those of WFDB's XQRS and GQRS and of NeuroKit, on the same leads in one run.
//!
//! The peers run in `target/ecg-peers`, which `scripts/setup.sh ecg-peers` makes; without it their
//! columns are left out. Speeds are samples a CPU second of one core.

mod patients;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use bench_ecg::found::{found, strip_points};
use bench_ecg::records::{self, Record};
use cpu_time::ProcessTime;
use ems_signal::{BeatFinder, LeadsFinder, Score, compare_beats, outside};

const PEERS: [&str; 3] = ["gqrs", "xqrs", "neurokit"];

/// What each finder is measured on.
struct Data {
    mitdb: Vec<Record>,
    noisy: Vec<Record>,
    strips: Vec<Record>,
}

/// Beats by record, and samples a second.
struct Found {
    name: &'static str,
    beats: BTreeMap<String, Vec<i64>>,
    speed: f64,
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|it| it == "patients") {
        return patients::print(args.get(1).map(|it| it.parse()).transpose()?);
    }
    let data = Data {
        mitdb: records::annotated("mitdb")?,
        noisy: records::annotated("noise")?,
        strips: records::strips()?,
    };
    let ours = ours(&data)?;
    let mut all = vec![ours];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ecg-peers");
    if folder.join("complete").exists() {
        all.extend(peers(&data, &folder)?);
    } else {
        println!("peers: skipped, target/ecg-peers is not complete");
    }
    print(&data, &all);
    println!("both leads: MIT-BIH {:.3} %", both_leads(&data.mitdb)?.der());
    for level in ["24", "12", "06", "00"] {
        let noisy = data.noisy.iter().filter(|it| it.name.ends_with(level)).cloned();
        println!(
            "    118, 119 at {level} dB {:.3} %",
            both_leads(&noisy.collect::<Vec<_>>())?.der()
        );
    }
    patients::print(None)
}

impl Data {
    fn all(&self) -> impl Iterator<Item = &Record> {
        self.mitdb.iter().chain(&self.noisy).chain(&self.strips)
    }
}

fn ours(data: &Data) -> anyhow::Result<Found> {
    let mut beats = BTreeMap::new();
    for record in data.all() {
        beats.insert(record.name.clone(), found(BeatFinder::new(record.hz)?, &record.leads[0]).0);
    }
    let start = ProcessTime::now();
    for record in &data.mitdb {
        let mut finder = BeatFinder::new(record.hz)?;
        finder.push_block(&record.leads[0]);
        while finder.poll_output().is_some() {}
    }
    let n_samples: usize = data.mitdb.iter().map(|record| record.leads[0].len()).sum();
    Ok(Found { name: "ours", beats, speed: n_samples as f64 / start.elapsed().as_secs_f64() })
}

/// Leaves the leads for `peers.py`, runs it, and reads what it found.
fn peers(data: &Data, folder: &Path) -> anyhow::Result<Vec<Found>> {
    let leads = folder.join("leads");
    fs::create_dir_all(&leads)?;
    let stem = |record: &Record| leads.join(format!("{}_{}", record.name, record.hz));
    for record in data.all() {
        let millivolts = record.leads[0].iter().flat_map(|it| (it / 1000.0).to_le_bytes());
        fs::write(with_ending(&stem(record), "f32"), millivolts.collect::<Vec<u8>>())?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/peers.py");
    let mut python = Command::new(folder.join("bin/python"));
    let output = python.arg(script).arg(&leads).output().context("target/ecg-peers/bin/python")?;
    if !output.status.success() {
        bail!("peers.py: {}", String::from_utf8_lossy(&output.stderr));
    }
    let told = String::from_utf8(output.stdout)?;
    let speed = |name: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(','));
        line.and_then(|it| it.parse().ok()).with_context(|| format!("peers.py: no speed of {name}"))
    };
    let of = |name: &'static str| {
        let mut beats = BTreeMap::new();
        for record in data.all() {
            let text = fs::read_to_string(with_ending(&stem(record), &format!("{name}.csv")))?;
            let mut samples: Vec<i64> = text.lines().filter_map(|it| it.parse().ok()).collect();
            samples.sort_unstable();
            beats.insert(record.name.clone(), samples);
        }
        Ok(Found { name, beats, speed: speed(name)? })
    };
    PEERS.into_iter().map(of).collect()
}

fn with_ending(stem: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", stem.display()))
}

fn print(data: &Data, all: &[Found]) {
    println!("first lead; DER in %, from minute 5 unless said; ratios are ours over the peer's");
    print!("{:36}", "");
    all.iter().for_each(|it| print!("{:>12}", it.name));
    all[1..].iter().for_each(|it| print!("{:>12}", format!("/ {}", it.name)));
    println!();
    let der = |records: &[&Record], from_secs, reach_ms| {
        let sum = |it: &Found| score(records, it, from_secs, reach_ms).der();
        all.iter().map(sum).collect::<Vec<_>>()
    };
    let mitdb: Vec<_> = data.mitdb.iter().collect();
    for (from_secs, reach_ms) in [(300, 150), (300, 50), (300, 25), (0, 150)] {
        let title = format!("MIT-BIH, {reach_ms} ms, from {from_secs} s");
        row(&title, &der(&mitdb, from_secs, reach_ms), 3);
    }
    for level in ["24", "12", "06", "00"] {
        let noisy = data.noisy.iter().filter(|it| it.name.ends_with(level)).collect::<Vec<_>>();
        row(&format!("118, 119 with em at {level} dB"), &der(&noisy, 300, 150), 3);
    }
    let points = |it: &Found| strip_points(&data.strips, |strip| it.beats[&strip.name].clone()).0;
    row("CPSC2019 strips, 75 ms, points", &all.iter().map(points).collect::<Vec<_>>(), 3);
    row("samples a second", &all.iter().map(|it| it.speed).collect::<Vec<_>>(), 0);
}

fn row(title: &str, values: &[f64], digits: usize) {
    print!("{title:36}");
    values.iter().for_each(|value| print!("{value:>12.digits$}"));
    values[1..].iter().for_each(|value| print!("{:>12.3}", values[0] / value));
    println!();
}

fn score(records: &[&Record], it: &Found, from_secs: i64, reach_ms: i64) -> Score {
    records.iter().fold(Score::default(), |mut sum, record| {
        let hz = i64::from(record.hz);
        let truth = outside(&record.truth(), from_secs * hz, &record.flutter);
        let found = outside(&it.beats[&record.name], from_secs * hz, &record.flutter);
        sum += compare_beats(&truth, &found, hz * reach_ms / 1000);
        sum
    })
}

/// Both leads of MIT-BIH together.
fn both_leads(records: &[Record]) -> anyhow::Result<Score> {
    let mut sum = Score::default();
    for record in records {
        let mut finder = LeadsFinder::new(record.hz, 2)?;
        for (&a, &b) in record.leads[0].iter().zip(&record.leads[1]) {
            finder.push(&[a, b]);
        }
        finder.finish();
        let found = std::iter::from_fn(|| finder.poll_output()).map(|it| it.sample.cast_signed());
        let hz = i64::from(record.hz);
        let truth = outside(&record.truth(), 300 * hz, &record.flutter);
        let found = outside(&found.collect::<Vec<_>>(), 300 * hz, &record.flutter);
        sum += compare_beats(&truth, &found, hz * 150 / 1000);
    }
    Ok(sum)
}
