//! A row of each rule: what is said of a heart, and what is not.

use ems_ecg::{Criteria, Ecg, Lead, Missing, Patient, Report, RhythmRules, Sex, Statement};

use crate::heart::Heart;
use crate::measuring::{MAN, report_of};

fn says(report: &Report, statement: Statement) -> bool {
    report.findings.iter().any(|it| it.statement == statement)
}

#[test]
fn the_tables_that_ship_can_be_read() {
    assert_eq!(Criteria::standard().name, "golden-hour-12-lead/1");
    assert_eq!(RhythmRules::standard().name, "golden-hour-rhythm/1");
}

/// Fourth Universal Definition of MI: V2 and V3 by age and sex, two neighbours.
#[test]
fn st_elevation_is_judged_by_age_sex_and_neighbours() {
    use Sex::{Female, Male};
    for (leads, millivolts, age, sex, is_said) in [
        (&[Lead::V2, Lead::V3][..], 0.23, Some(60), Some(Male), true),
        (&[Lead::V2, Lead::V3], 0.17, Some(60), Some(Male), false),
        (&[Lead::V2, Lead::V3], 0.17, Some(60), Some(Female), true),
        (&[Lead::V2, Lead::V3], 0.12, Some(60), Some(Female), false),
        (&[Lead::V2, Lead::V3], 0.22, Some(30), Some(Male), false),
        (&[Lead::V2, Lead::V3], 0.28, Some(30), Some(Male), true),
        (&[Lead::V2, Lead::V5], 0.28, Some(60), Some(Male), false),
        (&[Lead::V5, Lead::V6], 0.13, Some(60), Some(Male), true),
        (&[Lead::V5, Lead::V6], 0.07, Some(60), Some(Male), false),
        // III and aVF follow from I and II.
        (&[Lead::II], 0.15, Some(60), Some(Male), true),
    ] {
        let mut heart = Heart::steady(500, 70.0);
        for lead in leads {
            heart.lead_mut(*lead).st = millivolts;
        }
        let report = report_of(&heart, Patient { age, sex });
        let found = says(&report, Statement::StElevationInfarction);
        assert_eq!(found, is_said, "{leads:?} {millivolts} mV {age:?} {sex:?}");
    }
    let mut heart = Heart::steady(500, 70.0);
    for lead in [Lead::V2, Lead::V3] {
        heart.lead_mut(lead).st = 0.18;
    }
    let unknown = report_of(&heart, Patient::default());
    assert!(unknown.missing.contains(&Missing::NoAgeOrSex));
}

fn left_block() -> Heart {
    let mut heart = Heart { qrs: 150.0, qt: 420.0, ..Heart::steady(500, 70.0) };
    for lead in [Lead::I, Lead::V5, Lead::V6] {
        let own = heart.lead_mut(lead);
        (own.q, own.r, own.s, own.t) = (0.0, 1.0, 0.0, -0.2);
    }
    for lead in [Lead::V1, Lead::V2, Lead::V3] {
        let own = heart.lead_mut(lead);
        (own.q, own.r, own.s, own.t) = (0.0, 0.15, 1.4, 0.4);
    }
    heart
}

#[test]
fn bundle_branches_are_told_apart() {
    let left = report_of(&left_block(), MAN);
    assert!(says(&left, Statement::LeftBundleBranchBlock), "{:?}", left.findings);
    assert!(!says(&left, Statement::StElevationInfarction));
    let mut heart = Heart { qrs: 140.0, ..Heart::steady(500, 70.0) };
    for lead in [Lead::I, Lead::V5, Lead::V6] {
        heart.lead_mut(lead).s = 0.4;
    }
    let v1 = heart.lead_mut(Lead::V1);
    (v1.r, v1.s, v1.r2) = (0.2, 0.4, 0.8);
    let right = report_of(&heart, MAN);
    assert!(says(&right, Statement::RightBundleBranchBlock), "{:?}", right.findings);
    heart.qrs = 114.0;
    let part = report_of(&heart, MAN);
    assert!(says(&part, Statement::IncompleteRightBundleBranchBlock), "{:?}", part.findings);
    let none = report_of(&Heart::steady(500, 70.0), MAN);
    let codes: Vec<_> = none.findings.iter().map(|it| it.statement).collect();
    assert_eq!(codes, [Statement::SinusRhythm]);
}

/// Sgarbossa: concordant elevation 5 points, depression in V1 to V3 3, discordant 0.5 mV 2.
#[test]
fn in_left_bundle_branch_block_sgarbossa_judges() {
    for (lead, millivolts, is_original, is_modified) in [
        (Lead::V6, 0.15, true, true),
        (Lead::V6, 0.05, false, false),
        (Lead::V2, -0.15, true, true),
        (Lead::V2, 0.25, false, false),
        (Lead::V2, 0.45, false, true),
        (Lead::V2, 0.60, false, true),
    ] {
        let mut heart = left_block();
        heart.lead_mut(lead).st = millivolts;
        let report = report_of(&heart, MAN);
        let found = [
            says(&report, Statement::SgarbossaInfarction),
            says(&report, Statement::SmithInfarction),
        ];
        assert_eq!(
            found,
            [is_original, is_modified],
            "{lead:?} {millivolts} mV: {:?}",
            report.findings
        );
    }
}

#[test]
fn pr_qt_and_rate_are_judged_by_their_limits() {
    let steady = |bpm| Heart::steady(500, bpm);
    for (heart, statement, is_said) in [
        (Heart { pr: Some(230.0), ..steady(60.0) }, Statement::FirstDegreeBlock, true),
        (Heart { pr: Some(180.0), ..steady(60.0) }, Statement::FirstDegreeBlock, false),
        (Heart { pr: Some(100.0), p: 70.0, ..steady(60.0) }, Statement::ShortPr, true),
        (Heart { qt: 490.0, ..steady(60.0) }, Statement::LongQt, true),
        (Heart { qt: 400.0, ..steady(60.0) }, Statement::LongQt, false),
        (Heart { qt: 300.0, ..steady(60.0) }, Statement::ShortQt, true),
        (steady(50.0), Statement::SinusBradycardia, true),
        (steady(115.0), Statement::SinusTachycardia, true),
        (Heart { pr: None, ..steady(70.0) }, Statement::RegularWithoutP, true),
        (Heart { pr: None, ..steady(170.0) }, Statement::SupraventricularTachycardia, true),
        (Heart { pr: None, qrs: 150.0, ..steady(160.0) }, Statement::VentricularTachycardia, true),
    ] {
        let report = report_of(&heart, MAN);
        assert_eq!(says(&report, statement), is_said, "{statement:?}: {:?}", report.findings);
    }
}

#[test]
fn uneven_intervals_without_p_are_atrial_fibrillation_and_with_p_are_not() {
    let rr = [700.0, 520.0, 810.0, 640.0, 930.0, 560.0, 750.0, 610.0, 880.0, 540.0, 790.0, 690.0];
    let heart = Heart { rr: rr.to_vec(), pr: None, qt: 350.0, ..Heart::steady(500, 80.0) };
    let report = report_of(&heart, MAN);
    assert!(says(&report, Statement::AtrialFibrillation), "{:?}", report.findings);
    let sinus = report_of(&Heart { pr: Some(150.0), ..heart }, MAN);
    assert!(!says(&sinus, Statement::AtrialFibrillation), "{:?}", sinus.findings);
}

#[test]
fn spikes_of_a_pacemaker_are_seen_in_the_samples_as_measured() {
    let heart = Heart { pr: None, qrs: 150.0, ..Heart::steady(500, 70.0) };
    let mut record = heart.record();
    let every = 60.0 / 70.0 * 500.0;
    for (_, samples) in &mut record {
        for beat in 0..11 {
            let at = 250 - 4 + (f64::from(beat) * every) as usize;
            samples[at] += 900.0;
        }
    }
    let leads: Vec<_> = record.iter().map(|(lead, samples)| (*lead, samples.as_slice())).collect();
    let ecg = Ecg::new(500, &leads).unwrap();
    let report = Report::new(&ecg, MAN, &Criteria::standard()).unwrap();
    assert!(says(&report, Statement::PacedRhythm), "{:?}", report.findings);
    assert!(!says(&report_of(&heart, MAN), Statement::PacedRhythm));
}
