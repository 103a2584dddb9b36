//! How well the quality of a second tells the seconds in which the finder errs: the area under the
//! curve (AUC) of the index and of the noise, 0.5 for chance. First leads, outside flutter.
//!
//! usage: cargo run --release --bin quality

use std::collections::BTreeSet;

use bench_ecg::found::found;
use bench_ecg::records::{self, Record};
use ems_signal::{BeatFinder, Quality, QualityMeter, outside, pair_beats};

fn main() -> anyhow::Result<()> {
    let noisy = records::annotated("noise")?;
    for level in ["24", "12", "06", "00"] {
        let some: Vec<_> = noisy.iter().filter(|it| it.name.ends_with(level)).collect();
        row(&format!("118, 119 with em at {level} dB"), &some)?;
    }
    row(
        "118, 119 with em, all",
        &noisy.iter().filter(|it| it.name.contains('e')).collect::<Vec<_>>(),
    )?;
    let mitdb = records::annotated("mitdb")?;
    row("MIT-BIH", &mitdb.iter().collect::<Vec<_>>())
}

fn row(title: &str, records: &[&Record]) -> anyhow::Result<()> {
    let mut seconds = vec![];
    for record in records {
        seconds.extend(judged(record)?);
    }
    let n_wrong = seconds.iter().filter(|it| it.1).count();
    let auc =
        |of: fn(&Quality) -> f32| auc(seconds.iter().map(|(it, is_wrong)| (of(it), *is_wrong)));
    let share = |wrong: bool, below: f32| {
        let all = seconds.iter().filter(|it| it.1 == wrong);
        100.0 * all.clone().filter(|it| it.0.index < below).count() as f64
            / all.count().max(1) as f64
    };
    println!(
        "{title:26} {n_wrong:5} of {:6} seconds with errors; AUC {:.3} by the index, {:.3} by the noise; \
         index below 0.5 in {:.1} % of them and {:.1} % of the others",
        seconds.len(),
        auc(|it| -it.index),
        auc(|it| it.noise_microvolts),
        share(true, 0.5),
        share(false, 0.5),
    );
    Ok(())
}

/// The seconds of a record, and whether a beat in them was missed or told falsely.
fn judged(record: &Record) -> anyhow::Result<Vec<(Quality, bool)>> {
    let hz = i64::from(record.hz);
    let truth = outside(&record.truth(), 2 * hz, &record.flutter);
    let (told, _) = found(BeatFinder::new(record.hz)?, &record.leads[0]);
    let told = outside(&told, 2 * hz, &record.flutter);
    let pairs = pair_beats(&truth, &told, hz * 150 / 1000);
    let [of_truth, of_told]: [BTreeSet<usize>; 2] =
        [pairs.iter().map(|it| it.0).collect(), pairs.iter().map(|it| it.1).collect()];
    let missed = truth.iter().enumerate().filter(|it| !of_truth.contains(&it.0));
    let false_ones = told.iter().enumerate().filter(|it| !of_told.contains(&it.0));
    let wrong: BTreeSet<i64> = missed.chain(false_ones).map(|it| it.1 / hz).collect();
    let mut meter = QualityMeter::new(record.hz)?;
    let mut seconds = vec![];
    for &sample in &record.leads[0] {
        meter.push(sample);
        if let Some(quality) = meter.poll_output() {
            let second = quality.until_sample.cast_signed() / hz - 1;
            if second >= 2 {
                seconds.push((quality, wrong.contains(&second)));
            }
        }
    }
    Ok(seconds)
}

/// The chance that a wrong second has a higher value than another, ties counted half.
fn auc(values: impl Iterator<Item = (f32, bool)>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut sum, mut n_wrong) = (0.0, 0.0, 0.0);
    for tie in values.chunk_by(|a, b| a.0 == b.0) {
        let wrong = tie.iter().filter(|it| it.1).count() as f64;
        let right = tie.len() as f64 - wrong;
        sum += wrong * (below + right / 2.0);
        (below, n_wrong) = (below + right, n_wrong + wrong);
    }
    sum / (below * n_wrong).max(1.0)
}
