//! The rhythm of a stream.

use ems_ecg::{Lead, RhythmRules, RhythmStatement, RhythmWatch};
use ems_model::HeartRhythm;
use ems_signal::{Classes, Painter, QualityMeter};
use proptest::prelude::*;

use crate::heart::Heart;

/// All that is told of a lead.
pub(crate) fn follow(hz: u32, lead: &[f32]) -> Vec<RhythmStatement> {
    let mut watch = RhythmWatch::new(hz, RhythmRules::standard());
    let mut painter = Painter::new(hz, 1).unwrap();
    let mut meter = QualityMeter::new(hz).unwrap();
    let mut told = vec![];
    for &sample in lead {
        watch.push(sample);
        painter.push(&[sample]);
        meter.push(sample);
        std::iter::from_fn(|| painter.poll_beat()).for_each(|it| watch.on_beat(it.sample));
        while let Some(portrait) = painter.poll_output() {
            watch.on_class(portrait.sample, Classes::learnt().tell(&portrait));
        }
        meter.poll_output().into_iter().for_each(|it| watch.on_state(it.state));
        told.extend(std::iter::from_fn(|| watch.poll_output()));
    }
    told
}

/// Lead II, 10 s at a steady rate.
fn lead(bpm: f64) -> Vec<f32> {
    let record = Heart { noise: 5.0, ..Heart::steady(250, bpm) }.record();
    record.into_iter().find(|(lead, _)| *lead == Lead::II).unwrap().1
}

/// An irregular sine of about 5 Hz.
fn fibrillation(secs: u32, microvolts: f64) -> Vec<f32> {
    let sample = |idx: u32| {
        let now = f64::from(idx) / 250.0;
        let swell = 1.0 + 0.3 * (1.7 * now).sin();
        let turn = std::f64::consts::TAU * 5.1 * now + (2.3 * now).sin();
        (microvolts * swell * turn.sin()) as f32
    };
    (0..250 * secs).map(sample).collect()
}

#[test]
fn fibrillation_is_told_within_ten_seconds_and_ends_with_it() {
    for microvolts in [150.0, 400.0, 1500.0] {
        let calm = lead(75.0).repeat(2);
        let stream = [calm.clone(), fibrillation(15, microvolts), calm].concat();
        // A fine one looks like asystole at first, which is told as well.
        let told: Vec<_> = follow(250, &stream)
            .into_iter()
            .filter(|it| it.rhythm != HeartRhythm::Asystole)
            .collect();
        let rhythms: Vec<_> = told.iter().map(|it| it.rhythm).collect();
        let expected = [
            HeartRhythm::UsualRate,
            HeartRhythm::VentricularFibrillation,
            HeartRhythm::Unknown,
            HeartRhythm::UsualRate,
        ];
        assert_eq!(rhythms, expected, "{microvolts} µV");
        let late = (told[1].told_at - 20 * 250) as f64 / 250.0;
        assert!((2.0..10.0).contains(&late), "{late} s at {microvolts} µV");
        assert!(told[2].told_at < (35 + 8) * 250, "{:?}", told[2]);
    }
}

#[test]
fn silence_is_asystole_after_four_seconds_and_a_missing_lead_is_not() {
    let told = follow(250, &[lead(75.0).repeat(2), vec![4.0; 10 * 250]].concat());
    let last = told.last().unwrap();
    assert_eq!(last.rhythm, HeartRhythm::Asystole);
    let silent = (last.told_at - last.since) as f64 / 250.0;
    assert!((4.0..5.0).contains(&silent), "{silent} s");
    let told = follow(250, &[lead(75.0).repeat(2), vec![f32::NAN; 10 * 250]].concat());
    assert_eq!(told.last().unwrap().rhythm, HeartRhythm::Unknown);
}

#[test]
fn rates_are_told_by_their_bands() {
    for (bpm, rhythm) in [
        (45.0, HeartRhythm::Bradycardia),
        (75.0, HeartRhythm::UsualRate),
        (120.0, HeartRhythm::Tachycardia),
    ] {
        assert_eq!(follow(250, &lead(bpm).repeat(2)).last().unwrap().rhythm, rhythm, "{bpm}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever comes: times do not go back, and nothing is told before it was seen.
    #[test]
    fn statements_are_in_order(parts in prop::collection::vec((0_u8..5, 1_usize..8), 1..6)) {
        let part = |(kind, secs): &(u8, usize)| match kind {
            0 => lead(70.0)[..250 * secs].to_vec(),
            1 => fibrillation(u32::try_from(*secs).unwrap(), 300.0),
            2 => vec![f32::NAN; 250 * secs],
            3 => vec![2.0; 250 * secs],
            _ => lead(140.0)[..250 * secs].to_vec(),
        };
        let told = follow(250, &parts.iter().flat_map(part).collect::<Vec<_>>());
        for pair in told.windows(2) {
            prop_assert!(pair[0].since <= pair[1].since && pair[0].told_at <= pair[1].told_at);
            prop_assert!(pair[0].rhythm != pair[1].rhythm);
        }
        prop_assert!(told.iter().all(|it| it.since <= it.told_at));
    }
}
