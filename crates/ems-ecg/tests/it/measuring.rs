//! Intervals and voltages against hearts whose own are known.

use ems_ecg::{Criteria, Ecg, Lead, Patient, Report, Sex};

use crate::heart::Heart;

pub(crate) fn report_of(heart: &Heart, patient: Patient) -> Report {
    let record = heart.record();
    let leads: Vec<_> = record.iter().map(|(lead, samples)| (*lead, samples.as_slice())).collect();
    let ecg = Ecg::new(heart.hz, &leads).unwrap();
    Report::new(&ecg, patient, &Criteria::standard()).unwrap()
}

pub(crate) const MAN: Patient = Patient { age: Some(60), sex: Some(Sex::Male) };

#[test]
fn intervals_are_those_of_the_heart() {
    for hz in [250, 500, 1000] {
        for noise in [0.0, 15.0] {
            for (bpm, pr, qrs) in [
                (45.0, 160.0, 90.0),
                (60.0, 160.0, 90.0),
                (60.0, 260.0, 90.0),
                (75.0, 130.0, 80.0),
                (75.0, 160.0, 140.0),
                (75.0, 180.0, 180.0),
                (110.0, 140.0, 90.0),
            ] {
                let heart =
                    Heart { pr: Some(pr), qrs, noise, ..Heart::steady(hz, bpm) };
                let it = report_of(&heart, MAN).measurements;
                let told = format!(
                    "{hz} Hz, noise {noise}, {bpm}/min: PR {:?} of {pr}, QRS {} of {qrs}, QT {:?} of {}, P {:?} of {}",
                    it.pr_ms, it.qrs_ms, it.qt_ms, heart.qt, it.p_ms, heart.p
                );
                eprintln!("{told}");
            }
        }
    }
}
