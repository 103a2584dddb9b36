//! Intervals and voltages against hearts whose own are known.

use ems_ecg::{Criteria, Ecg, EcgError, Lead, Missing, Patient, Qtc, Report, Sex};

use crate::heart::Heart;

pub(crate) const MAN: Patient = Patient { age: Some(60), sex: Some(Sex::Male) };

pub(crate) fn report_of(heart: &Heart, patient: Patient) -> Report {
    let record = heart.record();
    let leads: Vec<_> = record.iter().map(|(lead, samples)| (*lead, samples.as_slice())).collect();
    let ecg = Ecg::new(heart.hz, &leads).unwrap();
    Report::new(&ecg, patient, &Criteria::standard()).unwrap()
}

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
                (75.0, 200.0, 170.0),
                (110.0, 140.0, 90.0),
            ] {
                let heart = Heart { pr: Some(pr), qrs, noise, ..Heart::steady(hz, bpm) };
                let it = report_of(&heart, MAN).measurements;
                let told = format!("{hz} Hz, noise {noise}, {bpm}/min, PR {pr}, QRS {qrs}: {it:?}");
                assert!((it.heart_rate.unwrap() - bpm).abs() < 1.0, "{told}");
                assert!((it.pr_ms.unwrap() - pr).abs() <= 14.0, "{told}");
                assert!((it.qrs_ms - qrs).abs() <= 14.0, "{told}");
                assert!((it.qt_ms.unwrap() - heart.qt).abs() <= 16.0, "{} {told}", heart.qt);
                assert!((it.p_ms.unwrap() - heart.p).abs() <= 20.0, "{told}");
            }
        }
    }
}

#[test]
fn st_is_measured_at_j_without_distortion() {
    for st in [-0.2, -0.05, 0.0, 0.1, 0.3] {
        for bpm in [45.0, 70.0, 100.0] {
            let mut heart = Heart { noise: 10.0, ..Heart::steady(500, bpm) };
            heart.lead_mut(Lead::V3).st = st;
            let it = report_of(&heart, MAN).measurements;
            let j = it.of(Lead::V3).unwrap().st_j_mv;
            assert!((j - st).abs() < 0.03, "{j} of {st} mV at {bpm}/min");
            let other = it.of(Lead::V6).unwrap().st_j_mv;
            assert!(other.abs() < 0.03, "{other} mV in V6 at {bpm}/min");
        }
    }
}

#[test]
fn a_corrected_qt_is_the_qt_at_60_a_minute() {
    let at_60 = Qtc::new(400.0, 1000.0);
    for ms in [at_60.bazett_ms, at_60.fridericia_ms, at_60.framingham_ms, at_60.hodges_ms] {
        assert!((ms - 400.0).abs() < 1e-9);
    }
    let at_100 = Qtc::new(300.0, 600.0);
    for (ms, expected) in [
        (at_100.bazett_ms, 387.3),
        (at_100.fridericia_ms, 355.7),
        (at_100.framingham_ms, 361.6),
        (at_100.hodges_ms, 370.0),
    ] {
        assert!((ms - expected).abs() < 0.1, "{ms} for {expected}");
    }
}

#[test]
fn limb_leads_follow_from_two_and_missing_ones_are_named() {
    let heart = Heart::steady(500, 70.0);
    let record = heart.record();
    let leads: Vec<_> = record.iter().map(|(lead, samples)| (*lead, samples.as_slice())).collect();
    let ecg = Ecg::new(500, &leads).unwrap();
    assert_eq!(ecg.derived(), [Lead::III, Lead::AVR, Lead::AVL, Lead::AVF]);
    let of = |lead| ecg.wave(lead).unwrap();
    for at in (0..ecg.n_samples()).step_by(37) {
        let sum = of(Lead::AVR)[at] + of(Lead::AVL)[at] + of(Lead::AVF)[at];
        assert!(sum.abs() < 1.0, "{sum} µV: the augmented leads add up to nothing");
    }
    let two = Ecg::new(500, &leads[2..4]).unwrap();
    let report = Report::new(&two, MAN, &Criteria::standard()).unwrap();
    assert_eq!(report.measurements.axis_deg, None);
    assert!(report.missing.contains(&Missing::NoFrontalLeads));
    assert!(report.missing.contains(&Missing::NoLead(Lead::II)));
}

#[test]
fn what_cannot_be_analysed_is_refused_with_a_remedy() {
    let flat = vec![3.0; 5000];
    for (hz, samples, error) in [
        (50, &flat[..], EcgError::Rate { hz: 50 }),
        (500, &flat[..500], EcgError::Length { secs: 1 }),
        (500, &flat[..], EcgError::NoLead),
    ] {
        assert_eq!(Ecg::new(hz, &[(Lead::II, samples)]).unwrap_err(), error);
    }
    assert_eq!(Ecg::new(500, &[]).unwrap_err(), EcgError::Length { secs: 0 });
}
