//! Rhythms of leads against those that people annotated.
//!
//! usage: cargo run --release --bin rhythm

use std::fs;
use std::path::{Path, PathBuf};

use bench_ecg::mat;
use bench_ecg::records::data_root;
use ems_device::{Annotation, Header, Recording, decode_annotations};
use ems_ecg::{RhythmRules, RhythmWatch};
use ems_model::HeartRhythm;
use ems_signal::{Classes, Painter, QualityMeter};

/// A lead, what people said of its rhythm, and what was told.
struct Watched {
    name: String,
    secs: f64,
    /// Start, end in seconds, and the annotation: `(AFIB`, `(N`; `[` for ventricular flutter.
    truth: Vec<(f64, f64, String)>,
    told: Vec<Span>,
}

/// A stretch of one rhythm, in seconds.
#[derive(Clone, Copy)]
struct Span {
    rhythm: HeartRhythm,
    from: f64,
    until: f64,
    told_at: f64,
    told_until: f64,
}

fn main() -> anyhow::Result<()> {
    let afib = folder("afib", 0)?;
    let mitdb = folder("mitdb", 0)?;
    let mitdb_second = folder("mitdb", 1)?;
    let noise = folder("noise", 0)?;
    let cu = vf_records()?;
    fibrillation("CPSC2021", &afib);
    fibrillation("MIT-BIH", &mitdb);
    for (name, records) in [("MIT-BIH, first leads", &mitdb), ("second leads", &mitdb_second)] {
        for (rhythm, labels) in [
            (HeartRhythm::VentricularFibrillation, &["["][..]),
            (HeartRhythm::VentricularTachycardia, &["(VT"][..]),
            (HeartRhythm::VentricularBigeminy, &["(B"][..]),
            (HeartRhythm::VentricularTrigeminy, &["(T"][..]),
            (HeartRhythm::SupraventricularTachycardia, &["(SVTA"][..]),
            (HeartRhythm::Asystole, &[][..]),
        ] {
            episodes(name, records, rhythm, labels);
        }
    }
    println!("\nventricular tachycardia told for 2 s, as the alarm asks");
    for (name, records) in [
        ("MIT-BIH", &mitdb),
        ("second leads", &mitdb_second),
        ("noise", &noise),
        ("CPSC2021", &afib),
    ] {
        lasting(name, records, HeartRhythm::VentricularTachycardia, &["(VT", "["], 2.0);
    }
    long_runs(&mitdb);
    for rhythm in [
        HeartRhythm::VentricularFibrillation,
        HeartRhythm::VentricularTachycardia,
        HeartRhythm::Asystole,
    ] {
        episodes("noise", &noise, rhythm, &[]);
        episodes("CPSC2021", &afib, rhythm, &[]);
    }
    println!("\nCU: first told fibrillation, s");
    for record in &cu {
        let own: Vec<_> = told(record, HeartRhythm::VentricularFibrillation).collect();
        let first = own.first().map_or("none".to_owned(), |span| format!("{:.1}", span.told_at));
        let secs: f64 = own.iter().map(|span| span.until - span.from).sum();
        println!(
            "{:8} first {first:>6}  episodes {:2}  s {secs:4.0} of {:.0}",
            record.name,
            own.len(),
            record.secs
        );
    }
    Ok(())
}

fn told_for(record: &Watched, rhythm: HeartRhythm, secs: f64) -> impl Iterator<Item = &Span> {
    told(record, rhythm).filter(move |span| span.told_until - span.told_at >= secs)
}

fn told(record: &Watched, rhythm: HeartRhythm) -> impl Iterator<Item = &Span> {
    record.told.iter().filter(move |span| span.rhythm == rhythm)
}

/// Atrial fibrillation by duration.
fn fibrillation(name: &str, records: &[Watched]) {
    println!("\n{name}: atrial fibrillation, s: right, missed, false, rightly not");
    let mut sum = [0.0; 4];
    for record in records {
        let mut own = [0.0; 4];
        for tenth in 0..(record.secs * 10.0) as u32 {
            let at = f64::from(tenth) / 10.0;
            // Before the first annotation nobody said anything.
            let Some(truth) = record.truth.iter().find(|it| it.0 <= at && at < it.1) else {
                continue;
            };
            let is_true = truth.2 == "(AFIB";
            let is_told = told(record, HeartRhythm::AtrialFibrillation)
                .any(|span| span.from <= at && at < span.until);
            let cell = match (is_true, is_told) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            own[cell] += 0.1;
        }
        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        if own[..3].iter().any(|it| *it > 0.5) {
            println!("{:>12} {}", record.name, own.map(|it| format!("{it:6.0}")).join(" "));
        }
    }
    let [right, missed, wrong, rest] = sum;
    println!(
        "{:>12} Se {:.1} %  Sp {:.1} %  +P {:.1} %",
        "all",
        100.0 * right / (right + missed),
        100.0 * rest / (rest + wrong),
        100.0 * right / (right + wrong)
    );
}

/// Annotated episodes that were told, the wait for them, and told ones that overlap none.
fn episodes(name: &str, records: &[Watched], rhythm: HeartRhythm, labels: &[&str]) {
    lasting(name, records, rhythm, labels, 0.0);
}

/// Those that were told for so long.
fn lasting(name: &str, records: &[Watched], rhythm: HeartRhythm, labels: &[&str], secs: f64) {
    let told = |record| told_for(record, rhythm, secs);
    let (mut n_true, mut n_found, mut n_told, mut waits, mut hours) = (0, 0, 0, vec![], 0.0);
    let mut wrong = std::collections::BTreeMap::new();
    for record in records {
        hours += record.secs / 3600.0;
        let truth: Vec<_> =
            record.truth.iter().filter(|it| labels.contains(&it.2.as_str())).collect();
        let overlaps = |span: &Span, it: &(f64, f64, String)| {
            span.from < it.1 + 1.0 && it.0 - 1.0 < span.until
        };
        for it in &truth {
            n_true += 1;
            let first = told(record).find(|span| overlaps(span, it));
            n_found += usize::from(first.is_some());
            waits.extend(first.map(|span| span.told_at - it.0));
        }
        for span in told(record) {
            n_told += 1;
            if !truth.iter().any(|it| overlaps(span, it)) {
                *wrong.entry(record.name.as_str()).or_insert(0) += 1;
            }
        }
    }
    waits.sort_by(f64::total_cmp);
    let n_wrong: usize = wrong.values().sum();
    let wait = |at: usize| waits.get(at).map_or(f64::NAN, |it| *it);
    println!(
        "{name}, {}: {n_found} of {n_true} episodes, after {:.1} s (median), {:.1} s (most); \
         told {n_told}, \
         false {n_wrong} ({:.2} an hour of {hours:.1}): {wrong:?}",
        rhythm.code(),
        wait(waits.len() / 2),
        wait(waits.len().saturating_sub(1)),
        n_wrong as f64 / hours
    );
}

/// Annotated tachycardia and flutter of 3 s or more, and what was told there for 2 s.
fn long_runs(records: &[Watched]) {
    println!("annotated for 3 s or more");
    for record in records {
        for (from, until, label) in &record.truth {
            if !["(VT", "["].contains(&label.as_str()) || until - from < 3.0 {
                continue;
            }
            let is_there = |it: &&Span| it.from < *until && *from < it.until;
            let told = record.told.iter().filter(is_there);
            let told =
                told.map(|it| format!("{} {:.1}", it.rhythm.code(), it.told_until - it.told_at));
            let told: Vec<String> = told.collect();
            println!(
                "{:>8} {label} at {from:.0} s, {:.1} s: {}",
                record.name,
                until - from,
                told.join(", ")
            );
        }
    }
}

fn watch(
    name: String,
    hz: u32,
    lead: &[f32],
    truth: Vec<(f64, f64, String)>,
) -> anyhow::Result<Watched> {
    let mut watch = RhythmWatch::new(hz, RhythmRules::standard());
    let mut painter = Painter::new(hz, 1)?;
    let mut meter = QualityMeter::new(hz)?;
    let classes = Classes::learnt();
    let mut statements = vec![];
    for &sample in lead {
        watch.push(sample);
        painter.push(&[sample]);
        meter.push(sample);
        std::iter::from_fn(|| painter.poll_beat()).for_each(|beat| watch.on_beat(beat.sample));
        while let Some(portrait) = painter.poll_output() {
            watch.on_class(portrait.sample, classes.tell(&portrait));
        }
        meter.poll_output().into_iter().for_each(|quality| watch.on_state(quality.state));
        statements.extend(std::iter::from_fn(|| watch.poll_output()));
    }
    let secs = lead.len() as f64 / f64::from(hz);
    let at = |sample: u64| sample as f64 / f64::from(hz);
    let ends = statements.iter().skip(1).map(|next| at(next.since)).chain([secs]);
    let told_ends = statements.iter().skip(1).map(|next| at(next.told_at)).chain([secs]);
    let told = statements.iter().zip(ends).zip(told_ends).map(|((it, until), told_until)| Span {
        rhythm: it.rhythm,
        from: at(it.since),
        until,
        told_at: at(it.told_at),
        told_until,
    });
    Ok(Watched { name, secs, truth, told: told.collect() })
}

fn folder(name: &str, lead: usize) -> anyhow::Result<Vec<Watched>> {
    let entries = fs::read_dir(data_root().join(name))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "atr"));
    paths.sort();
    paths.iter().map(|path| record(path, lead)).collect()
}

fn record(path: &Path, lead: usize) -> anyhow::Result<Watched> {
    let header = Header::parse(&fs::read(path.with_extension("hea"))?)?;
    let file = header.signals[0].file.clone();
    let bytes = fs::read(path.with_file_name(&file))?;
    let (recording, _) = Recording::decode(&header, &[(&file, &bytes)])?;
    let (labels, _) = decode_annotations(&fs::read(path)?);
    let lead = recording.signals[lead].microvolts().unwrap_or_default();
    let end = lead.len() as f64 / recording.hz;
    let is_healthy = recording.comments.iter().any(|it| it.starts_with("non atrial"));
    let truth = truth(&labels, recording.hz, end, is_healthy);
    watch(recording.name, recording.hz.round() as u32, &lead, truth)
}

/// Rhythms from their annotations to the next ones; CPSC2021 has none but atrial fibrillation.
fn truth(labels: &[Annotation], hz: f64, end: f64, is_healthy: bool) -> Vec<(f64, f64, String)> {
    let at = |label: &Annotation| label.sample as f64 / hz;
    let rhythm = |label: &Annotation| {
        let text = label.aux.trim_matches(['\0', ' ']).to_owned();
        text.starts_with('(').then_some((at(label), text))
    };
    let mut marks: Vec<(f64, String)> = labels.iter().filter_map(rhythm).collect();
    if marks.is_empty() || is_healthy || marks[0].0 > 1.0 {
        marks.insert(0, (0.0, "(N".to_owned()));
    }
    let ends: Vec<f64> = marks.iter().skip(1).map(|mark| mark.0).chain([end]).collect();
    let mut truth: Vec<_> =
        marks.into_iter().zip(ends).map(|((from, it), until)| (from, until, it)).collect();
    let flutter = |symbol| labels.iter().filter(move |it| it.symbol() == symbol).map(at);
    truth.extend(flutter("[").zip(flutter("]")).map(|(from, until)| (from, until, "[".to_owned())));
    truth
}

fn vf_records() -> anyhow::Result<Vec<Watched>> {
    let entries = fs::read_dir(data_root().join("vf_unannotated"))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "mat"));
    paths.sort();
    let record = |path: &PathBuf| {
        let lead: Vec<f32> =
            mat::numbers(&fs::read(path)?)?.iter().map(|it| (it * 2.5) as f32).collect();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        watch(name, 250, &lead, vec![])
    };
    paths.iter().map(record).collect()
}
