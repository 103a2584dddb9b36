//! Learns the trees that tell classes of beats from MIT-BIH DS1 and the paced records, and says how
//! well they tell those of patients not learnt from.
//!
//! usage: classes [--write]

use bench_ecg::boost::{Boosting, Rows, learn};
use bench_ecg::found::portraits;
use bench_ecg::records::{self, Record};
use ems_signal::{BeatClass, Classes, N_FEATURES, N_PORTRAIT, Portrait, pair_beats};

/// The portraits of a record with the class of each, `None` for what was no beat.
type Sitting = Vec<(Portrait, Option<BeatClass>)>;

const FOLDS: usize = 11;
const PACED: [&str; 4] = ["102", "104", "107", "217"];
/// S, V, F and Q: how much a beat of the class counts, against 1 for another.
const WEIGHTS: [f32; 4] = [1.0, 1.0, 0.5, 1.0];
const HOW: Boosting = Boosting { n_trees: 60, rate: 0.05, ridge: 3.0 };

/// Where the numbers that a portrait adds to the finder's own start.
const RR: usize = N_FEATURES + 16;
/// What is asked about S, V, F and Q: a few patients teach no more.
const ASKED: [&[usize]; 4] = [
    &[
        2,
        7,
        11,
        12,
        22,
        23,
        RR,
        RR + 1,
        RR + 2,
        RR + 3,
        RR + 4,
        RR + 5,
        RR + 7,
        RR + 8,
        RR + 18,
        RR + 19,
    ],
    &[
        0,
        2,
        4,
        5,
        6,
        7,
        10,
        11,
        12,
        21,
        27,
        30,
        32,
        33,
        36,
        37,
        RR,
        RR + 1,
        RR + 2,
        RR + 4,
        RR + 7,
        RR + 8,
        RR + 9,
        RR + 10,
        RR + 11,
        RR + 12,
        RR + 13,
        RR + 14,
        RR + 15,
        RR + 18,
    ],
    &[0, 4, 6, 7, 10, 11, 12, 21, 30, 33, RR, RR + 1, RR + 8, RR + 10, RR + 12],
    &[5, 6, 10, 11, 12, 22, 27, 30, 32, 33, 38, 39, RR, RR + 6],
];

fn main() -> anyhow::Result<()> {
    let records = records::annotated("mitdb")?;
    let sittings: Vec<Sitting> = records.iter().map(sitting).collect::<Result<_, _>>()?;
    let mut told = [[0usize; 5]; 5];
    let mut by_record = vec![];
    for fold in 0..FOLDS {
        let is_left_out = |idx: usize| idx % FOLDS == fold;
        let classes = learnt(&sittings, |idx| !is_left_out(idx));
        for idx in (0..records.len()).filter(|&idx| is_left_out(idx)) {
            let counts = counts(&sittings[idx], &classes);
            by_record.push((records[idx].name.clone(), counts));
            if !PACED.contains(&&*records[idx].name) {
                add(&mut told, &counts);
            }
        }
    }
    by_record.sort();
    for (name, counts) in by_record {
        print(&name, &counts);
    }
    print("DS1, left out", &told);
    told.iter().for_each(|row| println!("{row:6?}"));
    if std::env::args().any(|arg| arg == "--write") {
        let classes = learnt(&sittings, |_| true);
        let mut told = [[0; 5]; 5];
        sittings.iter().for_each(|it| add(&mut told, &counts(it, &classes)));
        print("learnt from", &told);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/ecg/classes.trees");
        std::fs::write(path, classes.to_text())?;
    }
    Ok(())
}

fn sitting(record: &Record) -> anyhow::Result<Sitting> {
    let portraits = portraits(record.hz, &record.leads[0])?;
    let samples: Vec<i64> = portraits.iter().map(|it| it.sample.cast_signed()).collect();
    let pairs = pair_beats(&record.truth(), &samples, i64::from(record.hz) * 150 / 1000);
    let mut classes = vec![None; portraits.len()];
    for (beat, portrait) in pairs {
        classes[portrait] = BeatClass::of_symbol(record.beats[beat].1);
    }
    Ok(portraits.into_iter().zip(classes).collect())
}

fn learnt(sittings: &[Sitting], is_in: impl Fn(usize) -> bool) -> Classes {
    let of = |class: usize| {
        let mut rows = Rows::<N_PORTRAIT>::default();
        for (group, sitting) in sittings.iter().enumerate().filter(|(idx, _)| is_in(*idx)) {
            for (portrait, truth) in sitting {
                let Some(truth) = truth else { continue };
                let is_it = *truth == BeatClass::ALL[class + 1];
                rows.push(portrait.numbers, is_it);
                *rows.weights.last_mut().expect("just pushed") =
                    if is_it { WEIGHTS[class] } else { 1.0 };
                *rows.groups.last_mut().expect("just pushed") = group as u16;
            }
        }
        even_out(&mut rows);
        learn(&rows, HOW, |feature| ASKED[class].contains(&feature))
    };
    Classes::new([of(0), of(1), of(2), of(3)])
}

/// Lets no patient outweigh the others by the number of such beats.
fn even_out(rows: &mut Rows<N_PORTRAIT>) {
    let n_groups = rows.groups.iter().max().map_or(0, |&most| usize::from(most) + 1);
    let mut sums = vec![[0.0f32; 2]; n_groups];
    let all = rows.groups.iter().zip(&rows.labels);
    for (&group, &label) in all.clone() {
        sums[usize::from(group)][usize::from(label)] += 1.0;
    }
    for (weight, (&group, &label)) in rows.weights.iter_mut().zip(all) {
        *weight *= 10.0 / sums[usize::from(group)][usize::from(label)].sqrt();
    }
}

/// Beats by true and told class.
fn counts(sitting: &Sitting, classes: &Classes) -> [[usize; 5]; 5] {
    let mut counts = [[0; 5]; 5];
    for (portrait, truth) in sitting {
        if let Some(truth) = truth {
            counts[*truth as usize][classes.tell(portrait) as usize] += 1;
        }
    }
    counts
}

fn add(sum: &mut [[usize; 5]; 5], counts: &[[usize; 5]; 5]) {
    for (sum, counts) in sum.iter_mut().zip(counts) {
        sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
}

/// Sensitivity and positive predictivity of S and V; for V, fusions and unknown beats do not count
/// as wrong, nor unknown ones for S (EC57).
fn print(name: &str, counts: &[[usize; 5]; 5]) {
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    let of = |class: usize, forgiven: &[usize]| {
        let all: usize = counts[class].iter().sum();
        let told: usize =
            (0..5).filter(|it| !forgiven.contains(it)).map(|it| counts[it][class]).sum();
        (percent(counts[class][class], all), percent(counts[class][class], told), all)
    };
    let ((s_se, s_pp, n_s), (v_se, v_pp, n_v)) = (of(1, &[4]), of(2, &[3, 4]));
    println!(
        "{name:>14} S {n_s:5} Se {s_se:6.2} +P {s_pp:6.2}  V {n_v:5} Se {v_se:6.2} +P {v_pp:6.2}"
    );
}
