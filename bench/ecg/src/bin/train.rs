//! Learns the trees that find beats, and says how well they find them in records not learnt from.
//!
//! usage: train [--write]

use std::io::Write as _;
use std::time::Instant;

use bench_ecg::boost::{Boosting, Dice, Rows, Trend, learn};
use bench_ecg::found::{found, strip_points};
use bench_ecg::records::{self, Record};
use bench_ecg::teach::{self, View};
use ems_signal::{BeatFinder, DEPTH, N_FEATURES, Score, Trees, compare_beats, outside};

type BeatTrees = Trees<N_FEATURES>;

struct Data {
    mitdb: Vec<Record>,
    afib: Vec<Record>,
    noisy: Vec<Record>,
    strips: Vec<Record>,
    /// The second channels of the noise records: the first ones are in the noisy records.
    noise: Vec<Vec<f32>>,
}

const HOW: Boosting = Boosting { n_trees: 100, rate: 0.15, ridge: 5.0, depth: DEPTH };

/// How often each record is shown, whether as a mixture of leads, reshaped, with noise, cut; and
/// its weight.
const VIEWS: [(usize, bool, bool, bool, bool, f32); 6] = [
    (1, false, false, false, false, 1.0),
    (1, false, false, false, true, 1.0),
    (1, true, false, false, true, 0.7),
    (2, true, true, false, true, 0.7),
    (1, false, false, true, true, 0.4),
    (1, true, true, true, true, 0.4),
];

fn main() -> anyhow::Result<()> {
    let data = Data::read()?;
    let is_written = std::env::args().any(|arg| arg == "--write");
    let halves = [0, 1].map(|half| train(&data, Some(half)));
    evaluate(&data, |half| &halves[half], "held out");
    if is_written {
        let trees = train(&data, None);
        evaluate(&data, |_| &trees, "learnt from");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/ecg/beats.trees");
        std::fs::File::create(path)?.write_all(trees.to_text().as_bytes())?;
    }
    Ok(())
}

impl Data {
    fn read() -> anyhow::Result<Self> {
        let noise = |name: &str| {
            let record = records::read(&records::data_root().join("noise").join(name))?;
            Ok::<_, anyhow::Error>(record.leads[1].clone())
        };
        Ok(Self {
            mitdb: records::annotated("mitdb")?,
            afib: records::annotated("afib")?,
            noisy: records::annotated("noise")?,
            strips: records::strips()?,
            noise: ["em", "ma", "bw", "em"]
                .iter()
                .map(|name| noise(name))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Which half a record is in: MIT-BIH by turns, CPSC2021 by patient.
fn half_of(data: &Data, record: &Record) -> usize {
    let name = &record.name[..record.name.len().min(3)];
    match data.mitdb.iter().position(|it| it.name == name) {
        Some(idx) => idx % 2,
        None => record
            .name
            .split('_')
            .nth(1)
            .map_or(0, |patient| ["101", "35", "8"].iter().filter(|it| **it == patient).count()),
    }
}

/// Learns from all records but those of one half.
fn train(data: &Data, left_out: Option<usize>) -> BeatTrees {
    let mut trees = None;
    for round in 0..3 {
        let start = Instant::now();
        let rows = rows(data, left_out, trees.as_ref());
        let n_yes = rows.labels.iter().filter(|&&label| label).count();
        let learnt = learn(&rows, HOW, |_| Some(Trend::Free));
        eprintln!(
            "round {round}: {} rows, {n_yes} beats, {:?}",
            rows.labels.len(),
            start.elapsed()
        );
        trees = Some(learnt);
    }
    trees.expect("three rounds")
}

fn rows(data: &Data, left_out: Option<usize>, trees: Option<&BeatTrees>) -> Rows<N_FEATURES> {
    let mut dice = Dice(1);
    let mut all = Rows::default();
    for (group, record) in data.mitdb.iter().chain(&data.afib).enumerate() {
        if left_out == Some(half_of(data, record)) {
            continue;
        }
        for (n_views, is_mixed, is_reshaped, is_noisy, is_cut, weight) in VIEWS {
            for _ in 0..n_views {
                let mixed = is_mixed.then(|| std::f32::consts::PI * dice.unit());
                let view = View { mixed, is_reshaped, is_noisy, is_cut };
                let mut rows = teach::rows(record, view, &data.noise, trees, &mut dice);
                rows.weights.fill(weight);
                rows.groups.fill(group as u16);
                all.extend(&rows);
            }
        }
    }
    all
}

fn evaluate<'a>(data: &Data, trees: impl Fn(usize) -> &'a BeatTrees, title: &str) {
    println!("== {title}");
    let of = |record: &Record| trees(half_of(data, record));
    let mut worst = vec![];
    for (from_secs, reach_ms) in [(300, 150), (300, 50), (300, 25), (0, 150)] {
        let mut sum = Score::default();
        for record in &data.mitdb {
            let score = measure(record, 0, of(record), from_secs, reach_ms);
            sum += score;
            if (from_secs, reach_ms) == (300, 150) {
                worst.push((score.n_missed + score.n_false, record.name.clone(), score));
            }
        }
        print(&format!("mitdb from {from_secs} s, {reach_ms} ms"), sum);
    }
    worst.sort_by_key(|it| std::cmp::Reverse(it.0));
    for (_, name, score) in worst.iter().take(8) {
        print(name, *score);
    }
    let lead2 = data.mitdb.iter().fold(Score::default(), |mut sum, record| {
        sum += measure(record, 1, of(record), 300, 150);
        sum
    });
    print("mitdb second lead", lead2);
    for level in ["24", "12", "06", "00"] {
        let mut sum = Score::default();
        for record in data.noisy.iter().filter(|it| it.name.ends_with(level)) {
            sum += measure(record, 0, of(record), 300, 150);
        }
        print(&format!("118, 119 at {level} dB"), sum);
    }
    let mut sum = Score::default();
    for record in &data.afib {
        sum += measure(record, 0, of(record), 0, 150);
    }
    print("afib", sum);
    for half in [0, 1] {
        let finder = || BeatFinder::with_scorer(500, trees(half)).expect("500 Hz");
        let (points, shown) =
            strip_points(&data.strips, |strip| found(finder(), &strip.leads[0]).0);
        println!("strips {points:.3} {shown}");
    }
}

fn print(name: &str, score: Score) {
    println!(
        "{name:>24} missed {:5} false {:5} Se {:6.2} +P {:6.2} DER {:6.3} %",
        score.n_missed,
        score.n_false,
        score.se(),
        score.pp(),
        score.der()
    );
}

fn measure(
    record: &Record,
    lead: usize,
    trees: &BeatTrees,
    from_secs: i64,
    reach_ms: i64,
) -> Score {
    let hz = i64::from(record.hz);
    let finder = BeatFinder::with_scorer(record.hz, trees).expect("a rate within 100..=2000");
    let (found, _) = found(finder, &record.leads[lead]);
    let truth = outside(&record.truth(), from_secs * hz, &record.flutter);
    let found = outside(&found, from_secs * hz, &record.flutter);
    compare_beats(&truth, &found, hz * reach_ms / 1000)
}
