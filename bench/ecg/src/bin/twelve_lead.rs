//! What is said of the labelled 12-lead records against their SNOMED codes, and their intervals.
//!
//! usage: cargo run --release --bin twelve_lead

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bench_ecg::records::data_root;
use ems_device::{Header, Recording};
use ems_ecg::{Criteria, Ecg, Lead, Patient, Report, Sex, Statement};

/// A label, its SNOMED codes, and the statements that mean the same.
type Row = (&'static str, &'static [&'static str], &'static [Statement]);

const ROWS: [Row; 18] = {
    use Statement as S;
    [
        ("sinus rhythm", &["426783006"], &[S::SinusRhythm]),
        ("sinus bradycardia", &["426177001"], &[S::SinusBradycardia]),
        ("sinus tachycardia", &["427084000"], &[S::SinusTachycardia]),
        ("atrial fibrillation", &["164889003"], &[S::AtrialFibrillation]),
        ("atrial tachycardia", &["713422000"], &[S::SupraventricularTachycardia, S::Tachycardia]),
        ("premature atrial", &["284470004"], &[S::PrematureAtrial]),
        (
            "premature ventricular",
            &["427172004"],
            &[S::PrematureVentricular, S::VentricularBigeminy],
        ),
        ("right bundle branch block", &["59118001"], &[S::RightBundleBranchBlock]),
        ("incomplete RBBB", &["713426002"], &[S::IncompleteRightBundleBranchBlock]),
        ("nonspecific conduction delay", &["698252002"], &[S::IntraventricularDelay]),
        ("atrial flutter", &["164890007"], &[S::AtrialFlutter]),
        (
            "second- and third-degree AV block",
            &["27885002", "195042002", "54016002", "426183003"],
            &[
                S::CompleteBlock,
                S::AdvancedBlock,
                S::SecondDegreeTypeTwo,
                S::TwoToOneBlock,
                S::SecondDegreeTypeOne,
                S::SecondDegreeBlock,
            ],
        ),
        ("first-degree AV block", &["270492004"], &[S::FirstDegreeBlock]),
        ("long QT", &["111975006"], &[S::LongQt]),
        (
            "left ventricular hypertrophy or voltage",
            &["164873001", "55827005"],
            &[S::LeftVentricularVoltage],
        ),
        (
            "ST change, any",
            &["55930002", "428750005", "164930006"],
            &[S::StDepression, S::StElevationInfarction, S::PosteriorInfarction],
        ),
        ("T inversion or change", &["59931005", "164934002"], &[S::TInversion]),
        ("ST elevation infarction", &["164931005", "164865005"], &[S::StElevationInfarction]),
    ]
};

fn main() -> anyhow::Result<()> {
    let mut cells: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    println!("record,hr,p,pr,qrs,qt,qtcf,axis");
    let mut n_records = 0;
    for path in headers()? {
        let (labels, report) = analysed(&path)?;
        n_records += 1;
        for (name, codes, statements) in ROWS {
            let is_label = codes.iter().any(|code| labels.iter().any(|it| it == code));
            let is_said = report.findings.iter().any(|it| statements.contains(&it.statement));
            let cell = cells.entry(name).or_default();
            cell[0] += u32::from(is_label && is_said);
            cell[1] += u32::from(is_label && !is_said);
            cell[2] += u32::from(!is_label && is_said);
        }
    }
    println!("\n{n_records} records: label, said and labelled, labelled only, said only");
    for (name, [both, label, said]) in cells {
        println!("{name:42} {both:3} {label:3} {said:3}");
    }
    Ok(())
}

fn headers() -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(data_root().join("twelve_lead"))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "hea"));
    paths.sort();
    Ok(paths)
}

/// The codes of a record, and what is said of it; its intervals are printed.
fn analysed(path: &Path) -> anyhow::Result<(Vec<String>, Report)> {
    let header = Header::parse(&fs::read(path)?)?;
    let file = header.signals[0].file.clone();
    let bytes = fs::read(path.with_file_name(&file))?;
    let (recording, _) = Recording::decode(&header, &[(&file, &bytes)])?;
    let value = |name: &str| {
        let mut own = recording.comments.iter().filter_map(|line| line.strip_prefix(name));
        own.next().map_or(String::new(), |it| it.trim().to_owned())
    };
    let sex = if value("Sex:") == "Female" { Sex::Female } else { Sex::Male };
    let patient = Patient { age: value("Age:").parse().ok(), sex: Some(sex) };
    let signals = recording.signals.iter();
    let leads: Vec<_> = signals
        .filter_map(|signal| Some((Lead::of_name(signal.lead())?, signal.microvolts()?)))
        .collect();
    let leads: Vec<_> = leads.iter().map(|(lead, samples)| (*lead, samples.as_slice())).collect();
    let ecg = Ecg::new(recording.hz.round() as u32, &leads)?;
    let report = Report::new(&ecg, patient, &Criteria::standard())?;
    let it = &report.measurements;
    let shown = |value: Option<f64>| value.map_or(String::new(), |it| format!("{it:.0}"));
    let qtc = it.qtc.map(|qtc| qtc.fridericia_ms);
    println!(
        "{},{},{},{},{:.0},{},{},{}",
        recording.name,
        shown(it.heart_rate),
        shown(it.p_ms),
        shown(it.pr_ms),
        it.qrs_ms,
        shown(it.qt_ms),
        shown(qtc),
        shown(it.axis_deg)
    );
    Ok((value("Dx:").split(',').map(str::to_owned).collect(), report))
}
