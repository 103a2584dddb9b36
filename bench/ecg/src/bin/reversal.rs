//! How well reversed electrodes are told: recorded 12-lead strips whose leads are exchanged by
//! arithmetic. Every other record, by name, is the half that the limits were set on.
//!
//! usage: cargo run --release --bin reversal

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bench_ecg::records::data_root;
use ems_device::{Header, Recording};
use ems_signal::{Cleaner, Lanes, Mains, Placement, PlacementWatch, Reversal};

const NAMES: [&str; 8] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"];

/// One record's I, II and V1 to V6, in microvolts.
struct Strip {
    hz: u32,
    samples: Vec<[f32; 8]>,
}

fn main() -> anyhow::Result<()> {
    let strips = strips()?;
    let halves: [Vec<&Strip>; 2] = [0, 1].map(|half| strips.iter().skip(half).step_by(2).collect());
    for (title, half) in ["limits set on", "held out"].into_iter().zip(&halves) {
        println!(
            "{title}: {} records of 8 to 10 s; told as what, highest excess by decile",
            half.len()
        );
        row("as recorded", half, |it| it)?;
        row("left arm and leg", half, |[one, two, rest @ ..]| with_limbs(two, one, rest))?;
        for kind in Placement::KINDS {
            row(&format!("{kind:?}"), half, |sample| reversed(kind, sample))?;
        }
    }
    Ok(())
}

fn with_limbs(one: f32, two: f32, chest: [f32; 6]) -> [f32; 8] {
    let [v1, v2, v3, v4, v5, v6] = chest;
    [one, two, v1, v2, v3, v4, v5, v6]
}

fn reversed(kind: Reversal, mut sample: [f32; 8]) -> [f32; 8] {
    let [one, two, rest @ ..] = sample;
    match kind {
        Reversal::Arms => with_limbs(-one, two - one, rest),
        Reversal::RightArmLeg => with_limbs(one - two, -two, rest),
        Reversal::Chest(lower) => {
            sample.swap(usize::from(lower) + 1, usize::from(lower) + 2);
            sample
        }
    }
}

/// Prints what each record, changed so, is told to be.
fn row(
    title: &str,
    strips: &[&Strip],
    change: impl Fn([f32; 8]) -> [f32; 8],
) -> anyhow::Result<()> {
    let mut told: Vec<Option<Reversal>> = vec![];
    let mut highest: Vec<f64> = vec![];
    for strip in strips {
        let (reversal, excess) = watch(strip, &change)?;
        told.push(reversal);
        highest.push(excess);
    }
    told.sort_unstable();
    print!("{title:18}");
    for run in told.chunk_by(|a, b| a == b) {
        let name = run[0].map_or("nothing".to_owned(), |it| format!("{it:?}"));
        print!(" {} {name};", run.len());
    }
    highest.sort_by(f64::total_cmp);
    let decile = |it: usize| highest[it * (highest.len() - 1) / 10];
    println!(
        "  {:.2} {:.2} {:.2} {:.2} {:.2}",
        decile(0),
        decile(1),
        decile(5),
        decile(9),
        decile(10)
    );
    Ok(())
}

/// What is told at the end, and the highest excess.
fn watch(
    strip: &Strip,
    change: impl Fn([f32; 8]) -> [f32; 8],
) -> anyhow::Result<(Option<Reversal>, f64)> {
    let mut cleaner = Cleaner::<2>::new(strip.hz, Mains::Auto)?;
    let mut watch = PlacementWatch::new(strip.hz)?;
    let mut block: Vec<_> = strip.samples.iter().map(|it| Lanes::of(&change(*it))).collect();
    let mut cleaned = vec![];
    cleaner.clean(&mut block, &mut cleaned);
    let (mut told, mut excess) = (None, f64::NEG_INFINITY);
    for sample in cleaned {
        watch.push(std::array::from_fn(|lead| sample.measured(lead)));
        if let Some(placement) = watch.poll_output() {
            told = placement.reversal.or(told);
            excess = placement.excess.into_iter().fold(excess, f64::max);
        }
    }
    Ok((told, excess))
}

fn strips() -> anyhow::Result<Vec<Strip>> {
    let entries = fs::read_dir(data_root().join("twelve_lead"))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|it| it.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "hea"));
    paths.sort();
    paths.iter().map(|path| strip(path)).collect()
}

fn strip(path: &Path) -> anyhow::Result<Strip> {
    let header = Header::parse(&fs::read(path)?)?;
    let file = header.signals[0].file.clone();
    let bytes = fs::read(path.with_file_name(&file))?;
    let (recording, _) = Recording::decode(&header, &[(&file, &bytes)])?;
    let lead = |name: &str| {
        let mut own = recording.signals.iter().filter(|it| it.lead().eq_ignore_ascii_case(name));
        own.next().and_then(|it| it.microvolts()).with_context(|| format!("{name} of {path:?}"))
    };
    let leads = NAMES.map(lead).into_iter().collect::<Result<Vec<_>, _>>()?;
    let hz = recording.hz.round() as u32;
    let n_samples = leads[0].len().min(10 * hz as usize);
    let samples = (0..n_samples).map(|at| std::array::from_fn(|lead| leads[lead][at])).collect();
    Ok(Strip { hz, samples })
}
