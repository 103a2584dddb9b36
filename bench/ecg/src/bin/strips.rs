//! Flutter and AV block in strips of ten seconds, two leads, beside the rhythm that people said.
//!
//! usage: cargo run --release --bin strips

use std::collections::BTreeMap;
use std::fs;

use bench_ecg::records::data_root;
use ems_device::{Annotation, Header, Recording, decode_annotations};
use ems_ecg::{Criteria, Ecg, Lead, Patient, Report, Statement};

const SECS: usize = 10;
const BLOCKS: [Statement; 6] = [
    Statement::CompleteBlock,
    Statement::AdvancedBlock,
    Statement::SecondDegreeTypeTwo,
    Statement::TwoToOneBlock,
    Statement::SecondDegreeTypeOne,
    Statement::SecondDegreeBlock,
];

/// Strips, those told flutter, a block, fibrillation.
type Counts = [u32; 4];

fn main() -> anyhow::Result<()> {
    let mut by_rhythm: BTreeMap<String, Counts> = BTreeMap::new();
    let mut by_record: BTreeMap<String, Counts> = BTreeMap::new();
    for folder in ["mitdb", "afib"] {
        let entries = fs::read_dir(data_root().join(folder))?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<_> = paths.collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|it| it == "hea"));
        paths.sort();
        for path in paths {
            let header = Header::parse(&fs::read(&path)?)?;
            let file = header.signals[0].file.clone();
            let bytes = fs::read(path.with_file_name(&file))?;
            let (recording, _) = Recording::decode(&header, &[(&file, &bytes)])?;
            let (notes, _) = decode_annotations(&fs::read(path.with_extension("atr"))?);
            for (rhythm, counts) in strips(&recording, &notes) {
                for (of, key) in
                    [(&mut by_rhythm, rhythm.clone()), (&mut by_record, recording.name.clone())]
                {
                    let sum = of.entry(key).or_default();
                    sum.iter_mut().zip(counts).for_each(|(sum, it)| *sum += it);
                }
            }
        }
    }
    println!("strips, told flutter, AV block, fibrillation");
    for (name, counts) in by_rhythm.iter().chain(&by_record) {
        println!("{name:>12} {counts:5?}");
    }
    Ok(())
}

/// Of each strip of one rhythm that can be analysed: the rhythm, and what was told.
fn strips(recording: &Recording, notes: &[Annotation]) -> Vec<(String, Counts)> {
    let hz = recording.hz.round() as usize;
    let waves: Vec<Vec<f32>> =
        recording.signals.iter().filter_map(|signal| signal.microvolts()).collect();
    let n = waves.iter().map(Vec::len).min().unwrap_or(0);
    let mut all = vec![];
    for from in (0..n.saturating_sub(hz * SECS)).step_by(hz * SECS) {
        let until = from + hz * SECS;
        let changes = notes.iter().filter(|note| note.aux.starts_with('('));
        let before = changes.clone().rfind(|note| note.sample <= from as i64 + 1);
        let within = changes.filter(|note| (from as i64 + 2..until as i64).contains(&note.sample));
        let rhythm =
            before.map_or("?".to_owned(), |note| note.aux.trim_end_matches('\0').to_owned());
        if within.count() > 0 {
            continue;
        }
        let leads: Vec<(Lead, &[f32])> = [Lead::II, Lead::V1]
            .into_iter()
            .zip(waves.iter().map(|wave| &wave[from..until]))
            .collect();
        let report = Ecg::new(hz as u32, &leads)
            .ok()
            .and_then(|ecg| Report::new(&ecg, Patient::default(), &Criteria::standard()).ok());
        let Some(report) = report else { continue };
        let says = |kinds: &[Statement]| {
            u32::from(report.findings.iter().any(|it| kinds.contains(&it.statement)))
        };
        all.push((
            rhythm,
            [
                1,
                says(&[Statement::AtrialFlutter]),
                says(&BLOCKS),
                says(&[Statement::AtrialFibrillation]),
            ],
        ));
    }
    all
}
