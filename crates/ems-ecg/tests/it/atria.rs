//! Atria that go their own way: flutter, and what the AV node does not let through.

use ems_ecg::{Report, Statement};

use crate::heart::Heart;
use crate::measuring::{MAN, report_of};

const KINDS: [Statement; 7] = {
    use Statement as S;
    [
        S::AtrialFlutter,
        S::CompleteBlock,
        S::AdvancedBlock,
        S::SecondDegreeTypeTwo,
        S::TwoToOneBlock,
        S::SecondDegreeTypeOne,
        S::SecondDegreeBlock,
    ]
};

fn said(report: &Report) -> Vec<Statement> {
    let findings = report.findings.iter().map(|it| it.statement);
    findings.filter(|statement| KINDS.contains(statement)).collect()
}

/// P waves every `pp`, of which those after a `None` are not conducted: the PR of each by turns.
fn conducted(pp: f64, pr: &[Option<f64>]) -> Heart {
    let n_waves = (10_000.0 / pp) as usize;
    let p_at: Vec<f64> = (0..n_waves).map(|idx| 340.0 + pp * idx as f64).collect();
    let led = p_at.iter().zip(pr.iter().cycle()).filter_map(|(at, pr)| Some(at + (*pr)?));
    let onsets: Vec<f64> = led.collect();
    let first = onsets[0];
    let rr: Vec<f64> = onsets.windows(2).map(|pair| pair[1] - pair[0]).chain([2000.0]).collect();
    // The first beat of a heart is at half a second.
    let p_at = p_at.iter().map(|at| at - first + 500.0).collect();
    Heart { rr, pr: None, p_at, qt: 380.0, ..Heart::steady(500, 60.0) }
}

fn fluttering(period: f64, ratios: &[u32]) -> Heart {
    let n_beats = (9000.0 / period / f64::from(ratios.iter().max().copied().unwrap())) as usize;
    let rr = ratios.iter().cycle().take(n_beats).map(|ratio| period * f64::from(*ratio)).collect();
    let mut heart = Heart::steady(500, 60.0);
    heart.leads.iter_mut().for_each(|(_, volts)| volts.t *= 0.5);
    Heart { rr, pr: None, flutter: Some(period), qt: 300.0, ..heart }
}

#[test]
fn each_kind_of_block_is_told_with_noise_and_without() {
    use Statement as S;
    let (own, long) = (Some(170.0), Some(300.0));
    for noise in [0.0, 10.0] {
        for (name, heart, kind) in [
            ("2:1", conducted(650.0, &[own, None]), S::TwoToOneBlock),
            ("2:1, slow", conducted(800.0, &[own, None]), S::TwoToOneBlock),
            ("3:1", conducted(600.0, &[own, None, None]), S::AdvancedBlock),
            ("3:2 of type 2", conducted(800.0, &[own, own, None]), S::SecondDegreeTypeTwo),
            ("4:3 of type 2", conducted(750.0, &[own, own, own, None]), S::SecondDegreeTypeTwo),
            (
                "Wenckebach 4:3",
                conducted(800.0, &[own, Some(250.0), long, None]),
                S::SecondDegreeTypeOne,
            ),
            ("Wenckebach 3:2", conducted(850.0, &[own, Some(270.0), None]), S::SecondDegreeTypeOne),
        ] {
            let report = report_of(&Heart { noise, ..heart }, MAN);
            assert_eq!(said(&report), [kind], "{name}, noise {noise}: {:?}", report.findings);
        }
    }
}

#[test]
fn ventricles_that_beat_for_themselves_are_a_complete_block() {
    for (pp, rr, qrs) in [(800.0, 1500.0, 140.0), (700.0, 1370.0, 90.0), (900.0, 1640.0, 150.0)] {
        let p_at = (0..(10_000.0 / pp) as usize).map(|idx| 120.0 + pp * idx as f64).collect();
        let n_beats = (9400.0 / rr) as usize + 1;
        let heart =
            Heart { rr: vec![rr; n_beats], pr: None, p_at, qrs, ..Heart::steady(500, 40.0) };
        let report = report_of(&Heart { qt: 430.0, noise: 8.0, ..heart }, MAN);
        assert_eq!(said(&report), [Statement::CompleteBlock], "{pp} {rr}: {:?}", report.findings);
    }
}

/// A 2:1 flutter is not among them: nothing lies between its T waves and complexes.
#[test]
fn flutter_is_told_whether_its_conduction_is_even_or_not() {
    for noise in [0.0, 10.0] {
        for (period, ratios) in
            [(200.0, &[4][..]), (220.0, &[3]), (230.0, &[2, 4, 3, 4]), (190.0, &[4, 2, 3])]
        {
            let heart = Heart { noise, ..fluttering(period, ratios) };
            let report = report_of(&heart, MAN);
            let told = format!("{period} ms, {ratios:?}, noise {noise}: {:?}", report.findings);
            assert_eq!(said(&report), [Statement::AtrialFlutter], "{told}");
        }
    }
}

#[test]
fn hearts_that_conduct_each_wave_are_told_neither() {
    let steady = |bpm| Heart::steady(500, bpm);
    let early = Heart {
        rr: vec![800.0, 800.0, 520.0, 1080.0, 800.0, 800.0, 520.0, 1080.0],
        ..steady(75.0)
    };
    let sinus_arrhythmia = Heart {
        rr: vec![700.0, 760.0, 840.0, 900.0, 930.0, 880.0, 800.0, 740.0, 700.0],
        ..steady(75.0)
    };
    let hearts = [
        steady(40.0),
        steady(60.0),
        steady(75.0),
        steady(100.0),
        steady(125.0),
        steady(150.0),
        Heart { pr: Some(280.0), ..steady(70.0) },
        Heart { pr: None, ..steady(70.0) },
        Heart { pr: None, ..steady(180.0) },
        early,
        sinus_arrhythmia,
    ];
    for heart in hearts {
        for noise in [0.0, 10.0, 25.0] {
            let report = report_of(&Heart { noise, ..heart.clone() }, MAN);
            let told = format!("{:?} {:?}: {:?}", heart.rr, heart.pr, report.findings);
            assert!(said(&report).is_empty(), "{told}");
        }
    }
}
