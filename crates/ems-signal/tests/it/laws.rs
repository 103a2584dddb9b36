//! What holds for any heart at any sampling rate.

use ems_signal::{
    Beat, BeatFinder, Cleaner, HeartRate, LeadState, LeadsFinder, Mains, QualityMeter,
};
use proptest::prelude::*;

const RATES: [u32; 6] = [100, 125, 250, 360, 500, 1000];

/// A P wave, a QRS complex of `millivolts` and a T wave around each beat at `beats` seconds.
fn heart(hz: u32, secs: f64, beats: &[f64], millivolts: f64) -> Vec<f32> {
    let bump = |at: f64, width: f64| (-at * at / (2.0 * width * width)).exp();
    let beat = |at: f64| {
        0.12 * bump(at + 0.17, 0.025) - 0.12 * bump(at + 0.025, 0.008) + bump(at, 0.010)
            - 0.25 * bump(at - 0.025, 0.009)
            + 0.30 * bump(at - 0.27, 0.05)
    };
    let sample = |idx: u32| {
        let now = f64::from(idx) / f64::from(hz);
        let near = beats.iter().filter(|&&at| (at - now).abs() < 1.0);
        1000.0 * millivolts * near.map(|&at| beat(now - at)).sum::<f64>()
    };
    (0..(secs * f64::from(hz)) as u32).map(|idx| sample(idx) as f32).collect()
}

fn every(interval: f64, from: f64, to: f64) -> Vec<f64> {
    let n_beats = ((to - from) / interval).ceil() as u32;
    (0..n_beats).map(|idx| from + interval * f64::from(idx)).collect()
}

fn find(hz: u32, samples: &[f32]) -> Vec<Beat> {
    let mut finder = BeatFinder::new(hz).unwrap();
    let mut found = vec![];
    for &sample in samples {
        finder.push(sample);
        found.extend(std::iter::from_fn(|| finder.poll_output()));
    }
    found
}

#[test]
fn every_beat_is_found_at_its_r_wave_within_400_ms_at_any_rate() {
    for hz in RATES {
        for bpm in [30.0, 45.0, 72.0, 120.0, 180.0, 230.0] {
            let truth = every(60.0 / bpm, 0.7, 58.0);
            let found = find(hz, &heart(hz, 60.0, &truth, 1.0));
            assert_eq!(found.len(), truth.len(), "{bpm} beats/min at {hz} Hz");
            for (beat, at) in found.iter().zip(&truth) {
                let off = beat.sample as f64 / f64::from(hz) - at;
                assert!(off.abs() < 0.012, "{off} s at {hz} Hz, {bpm} beats/min");
                let wait = (beat.found_at - beat.sample) * 1000 / u64::from(hz);
                let is_learning = beat.found_at <= 2 * u64::from(hz);
                assert!(wait <= 400 || is_learning, "{wait} ms at {hz} Hz, {bpm} beats/min");
            }
        }
    }
}

#[test]
fn small_and_large_complexes_are_found_alike() {
    let truth = every(0.8, 0.5, 28.0);
    for millivolts in [0.2, 0.5, 3.0, -1.0] {
        let found = find(250, &heart(250, 30.0, &truth, millivolts));
        assert_eq!(found.len(), truth.len(), "{millivolts} mV");
    }
}

#[test]
fn the_first_beats_are_told_within_two_seconds() {
    for hz in RATES {
        let found = find(hz, &heart(hz, 2.0, &every(0.8, 0.3, 2.0), 1.0));
        assert!(found.len() >= 2, "{found:?} at {hz} Hz");
    }
}

#[test]
fn a_line_without_beats_has_none() {
    let hum = |idx: u16| (f32::from(idx) * 1.2566).sin() * 20.0;
    let noise = (0..7500).map(|idx| hum(idx) + f32::from(idx.wrapping_mul(7919) % 13));
    for line in [vec![0.0; 7500], vec![f32::NAN; 7500], noise.collect()] {
        assert_eq!(find(250, &line), [], "{:?}", &line[..5]);
    }
}

#[test]
fn asystole_is_seen_as_silence_and_beats_after_it_are_found() {
    let truth = [every(0.8, 0.5, 20.0), every(0.8, 50.0, 68.0)].concat();
    let mut finder = BeatFinder::new(250).unwrap();
    let mut rate = HeartRate::new(250);
    let mut n_found = 0;
    for (idx, &sample) in heart(250, 70.0, &truth, 1.0).iter().enumerate() {
        finder.push(sample);
        while let Some(beat) = finder.poll_output() {
            rate.on_beat(beat);
            n_found += 1;
        }
        match idx {
            4500 => assert_eq!(rate.at(4500).map(ems_model::Bpm::get), Some(75)),
            7500 => assert!(rate.silence(7500).unwrap().get() > 9000 && rate.at(7500).is_none()),
            _ => {}
        }
    }
    assert_eq!(n_found, truth.len());
}

#[test]
fn a_lost_electrode_and_its_offset_make_no_beat() {
    let truth = every(0.8, 0.5, 28.0);
    let mut samples = heart(250, 30.0, &truth, 1.0);
    samples[2100..2600].fill(f32::NAN);
    samples[2600..].iter_mut().for_each(|sample| *sample += 9000.0);
    let seen = truth.iter().filter(|&&at| !(8.3..10.5).contains(&at)).count();
    let found = find(250, &samples);
    assert!(found.iter().all(|beat| !(2125..2600).contains(&beat.sample)), "{found:?}");
    assert!(found.len().abs_diff(seen) <= 1, "{} of {seen}", found.len());
}

#[test]
fn several_leads_find_each_beat_once_while_one_of_them_is_lost() {
    let truth = every(0.8, 0.5, 58.0);
    let mut leads = [1.0, -0.6, 0.4].map(|millivolts| heart(250, 60.0, &truth, millivolts));
    leads[1][5000..9000].fill(f32::NAN);
    let mut finder = LeadsFinder::new(250, 3).unwrap();
    for at in 0..leads[0].len() {
        finder.push(&leads.each_ref().map(|lead| lead[at]));
    }
    finder.finish();
    let found: Vec<Beat> = std::iter::from_fn(|| finder.poll_output()).collect();
    assert_eq!(found.len(), truth.len());
    for (beat, at) in found.iter().zip(truth) {
        assert!((beat.sample as f64 / 250.0 - at).abs() < 0.04, "{beat:?} for {at} s");
        let is_late = beat.found_at > 500 && beat.found_at - beat.sample > 100;
        assert!(!is_late, "{beat:?}");
    }
}

proptest! {
    #[test]
    fn no_samples_make_an_engine_panic(
        hz in 100u32..=2000,
        samples in prop::collection::vec(
            prop_oneof![
                8 => -5000.0f32..5000.0,
                1 => prop::sample::select(&[f32::NAN, f32::INFINITY, f32::MAX, f32::MIN, 0.0][..]),
            ],
            0..6000,
        ),
    ) {
        let mut cleaner = Cleaner::new(hz, Mains::Hz60).unwrap();
        let mut meter = QualityMeter::new(hz).unwrap();
        for &sample in &samples {
            cleaner.push(sample);
            meter.push(sample);
            if let Some(quality) = meter.poll_output() {
                prop_assert!(quality.state != LeadState::Flat);
            }
        }
        let found = find(hz, &samples);
        prop_assert!(found.windows(2).all(|pair| pair[0].sample < pair[1].sample));
        prop_assert!(found.iter().all(|beat| beat.sample <= beat.found_at));
    }
}
