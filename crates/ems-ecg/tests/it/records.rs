//! Recorded hearts, where the data are at hand.

use std::fs;
use std::path::Path;

use ems_device::{Header, Recording, decode_annotations};
use ems_ecg::{Criteria, Ecg, Lead, Patient, Report, Statement};
use ems_model::HeartRhythm;

use crate::rhythm::follow;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/");

fn recording(name: &str) -> Option<Recording> {
    let path = Path::new(ROOT).join(name);
    let Ok(text) = fs::read(path.with_extension("hea")) else {
        eprintln!("SKIPPED: {} is absent", path.display());
        return None;
    };
    let header = Header::parse(&text).unwrap();
    let file = header.signals[0].file.clone();
    let bytes = fs::read(path.with_file_name(&file)).unwrap();
    Some(Recording::decode(&header, &[(&file, &bytes)]).unwrap().0)
}

fn report(name: &str) -> Option<Report> {
    let recording = recording(name)?;
    let leads: Vec<_> = recording
        .signals
        .iter()
        .filter_map(|signal| Some((Lead::of_name(signal.lead())?, signal.microvolts()?)))
        .collect();
    let leads: Vec<_> = leads.iter().map(|(lead, samples)| (*lead, samples.as_slice())).collect();
    let ecg = Ecg::new(recording.hz as u32, &leads).unwrap();
    Some(Report::new(&ecg, Patient::default(), &Criteria::standard()).unwrap())
}

#[test]
fn labelled_records_are_said_to_be_what_their_labels_say() {
    for (name, statement) in [
        ("twelve_lead/E07500", Statement::SinusBradycardia),
        ("twelve_lead/E07501", Statement::SinusTachycardia),
        ("twelve_lead/E07506", Statement::SinusRhythm),
        ("twelve_lead/E07510", Statement::RightBundleBranchBlock),
        ("twelve_lead/E07507", Statement::LongQt),
        ("twelve_lead/E07505", Statement::LeftVentricularVoltage),
        ("twelve_lead/JS20000", Statement::SinusTachycardia),
    ] {
        let Some(report) = report(name) else { return };
        let found = report.findings.iter().any(|it| it.statement == statement);
        assert!(found, "{name}: {:?}", report.findings);
    }
}

/// The six episodes of ventricular flutter of record 207, and no other.
#[test]
fn ventricular_flutter_is_told_and_noise_is_not() {
    let Some(recording) = recording("mitdb/207") else { return };
    let labels = fs::read(Path::new(ROOT).join("mitdb/207.atr")).unwrap();
    let (labels, _) = decode_annotations(&labels);
    let at = |symbol: &str| {
        let own = labels.iter().filter(|it| it.symbol() == symbol);
        own.map(|it| it.sample as u64).collect::<Vec<_>>()
    };
    let told = follow(360, &recording.signals[0].microvolts().unwrap());
    let own: Vec<_> =
        told.iter().filter(|it| it.rhythm == HeartRhythm::VentricularFibrillation).collect();
    for (from, until) in at("[").into_iter().zip(at("]")) {
        let is_told = own.iter().any(|it| (from..until + 5 * 360).contains(&it.told_at));
        let is_still = own.iter().any(|it| it.told_at < from && from < it.told_at + 10 * 360);
        assert!(is_told || is_still, "{from}: {own:?}");
    }
    let Some(recording) = self::recording("noise/118e00") else { return };
    let told = follow(360, &recording.signals[0].microvolts().unwrap());
    assert!(told.iter().all(|it| it.rhythm != HeartRhythm::VentricularFibrillation), "{told:?}");
}
