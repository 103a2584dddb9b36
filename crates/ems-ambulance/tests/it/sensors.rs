//! Virtual sensors and the pulse wave's word against alarms of the ECG, made up and recorded.

use std::f64::consts::TAU;
use std::path::PathBuf;

use ems_ambulance::Gateway;
use ems_device::{EcgChunk, VitalsReading, WaveKind, WavePiece};
use ems_model::{
    AlarmKind, Derived, DerivedOutcome, DerivedQuantity, Estimate, FrameBody, IncidentId, Millis,
    MmHg, Vitals, WhyMissing,
};

use crate::{HZ, PIECE_MS, alarms, at, frames, gateway, heart, piece};

/// A piece of 40 ms of a wave at 250 Hz from `ms` on.
fn wave(channel: &str, kind: WaveKind, ms: i64, level: impl Fn(f64) -> f64) -> WavePiece {
    let sample = |idx: i64| level((ms + idx * 4) as f64 / 1000.0) as f32;
    let samples = (0..10).map(sample).collect();
    WavePiece { at: at(ms), channel: channel.into(), kind, hz: HZ, samples }
}

/// A pulse of 75 a minute, whose foot is 200 ms after the R waves of [`heart`]; 0..=1.
fn pulse(secs: f64) -> f64 {
    let phase = (secs - 0.5).rem_euclid(0.8);
    let up = (phase / 0.12).min(1.0);
    let bump = |at: f64, width: f64| (-((phase - at) / width).powi(2) / 2.0).exp();
    if up < 1.0 {
        (1.0 - (TAU / 2.0 * up).cos()) / 2.0
    } else {
        (-(phase - 0.12) / 0.2).exp() + 0.1 * bump(0.4, 0.05)
    }
}

/// What each second's devices send.
struct Devices<'a> {
    ecg: &'a dyn Fn(i64) -> f32,
    waves: &'a dyn Fn(i64) -> Vec<WavePiece>,
}

fn run(gateway: &mut Gateway, from_ms: i64, to_ms: i64, devices: &Devices<'_>) {
    for ms in (from_ms..to_ms).step_by(PIECE_MS as usize) {
        let now = at(ms) + Millis::new(PIECE_MS);
        gateway.on_ecg(now, &piece(ms, devices.ecg));
        for piece in &(devices.waves)(ms) {
            gateway.on_wave(now, piece);
        }
        gateway.on_wake(now);
    }
}

fn told(gateway: &Gateway, ms: i64, quantity: DerivedQuantity) -> Derived {
    let derived = gateway.view(at(ms)).derived;
    derived.into_iter().find(|it| it.quantity == quantity).unwrap_or_else(|| panic!("{quantity:?}"))
}

fn estimate(gateway: &Gateway, ms: i64, quantity: DerivedQuantity) -> Estimate {
    match told(gateway, ms, quantity).outcome {
        DerivedOutcome::Known(estimate) => estimate,
        DerivedOutcome::Missing { why } => panic!("{quantity:?} is missing: {why:?}"),
    }
}

fn cuff(gateway: &mut Gateway, ms: i64, systolic: u16) {
    let vitals = Vitals { systolic: MmHg::new(systolic).ok(), ..Vitals::default() };
    gateway.on_reading(at(ms), &VitalsReading { at: at(ms), vitals });
}

/// 15 breaths a minute move the pulse's height by a fifth, its level, the chest, and the complexes.
fn breath(secs: f64) -> f64 {
    (TAU * secs / 4.0).sin()
}

fn warped(ms: i64) -> i64 {
    ms + (30.0 * breath(ms as f64 / 1000.0)).round() as i64
}

#[test]
fn what_is_derived_is_what_the_waves_were_made_of() {
    use DerivedQuantity::{
        CapnogramBreaths, EcgBreaths, EndTidalCo2, ImpedanceBreaths, PerfusionIndex, PulseBreaths,
        PulseRate, PulseTransitTime, RelativeCardiacOutput, ShockIndex, SystolicChange,
        UncalibratedSpo2,
    };
    // Beats come faster while breathing in.
    let warp = |secs: f64| secs + 0.03 * breath(secs);
    let light = |depth: f64| move |secs: f64| 2.0 * (1.0 - depth * pulse(warp(secs)));
    let co2 = |secs: f64| if secs.rem_euclid(4.0) < 2.0 { 0.0 } else { 38.0 };
    let pressure =
        |secs: f64| 80.0 + (40.0 + 4.0 * breath(secs)) * pulse(warp(secs)) + 2.0 * breath(secs);
    let waves = |ms: i64| {
        vec![
            wave("ABP", WaveKind::ArterialPressure, ms, pressure),
            wave("RED", WaveKind::PlethRed, ms, light(0.01)),
            wave("IR", WaveKind::PlethInfrared, ms, light(0.02)),
            wave("RESP", WaveKind::Respiration, ms, breath),
            wave("CO2", WaveKind::Co2, ms, co2),
        ]
    };
    let ecg = |ms: i64| heart(warped(ms)) * (1.0 + 0.15 * breath(ms as f64 / 1000.0) as f32);
    let mut gateway = gateway();
    gateway.on_assignment(at(0), Some(IncidentId(7)));
    run(&mut gateway, 0, 40_000, &Devices { ecg: &ecg, waves: &waves });
    cuff(&mut gateway, 40_000, 120);
    run(&mut gateway, 40_000, 60_000, &Devices { ecg: &ecg, waves: &waves });
    for (quantity, truth, within) in [
        (ShockIndex, 75.0 / 120.0, 0.02),
        (PulseRate, 75.0, 1.5),
        (ImpedanceBreaths, 15.0, 0.5),
        (PulseBreaths, 15.0, 1.5),
        (EcgBreaths, 15.0, 1.5),
        (PulseTransitTime, 220.0, 30.0),
        (SystolicChange, 0.0, 1.0),
        (RelativeCardiacOutput, 1.0, 0.05),
        (PerfusionIndex, 2.0, 0.15),
        (UncalibratedSpo2, 97.5, 0.5),
        (EndTidalCo2, 38.0, 0.1),
        (CapnogramBreaths, 15.0, 0.1),
    ] {
        let estimate = estimate(&gateway, 60_000, quantity);
        assert!((estimate.value - truth).abs() <= within, "{quantity:?} {truth}: {estimate:?}");
        assert!(estimate.sd >= 0.0 && estimate.sd.is_finite(), "{quantity:?}: {estimate:?}");
    }
    let chain = told(&gateway, 60_000, SystolicChange).chain;
    let ids: Vec<_> = chain.iter().map(|link| link.id.as_str()).collect();
    assert_eq!(ids, ["beats of ecg II", "wave ABP", "systolic"]);
    let frames = frames(&mut gateway);
    let derived = frames.iter().filter(|it| matches!(it.body, FrameBody::Derived { .. }));
    assert_eq!(derived.count(), 12, "every five seconds");
}

#[test]
fn pulses_that_come_faster_raise_the_trend_which_grows_less_sure() {
    let early = |by: f64| {
        move |ms: i64| vec![wave("PLETH", WaveKind::Pleth, ms, move |secs| pulse(secs + by))]
    };
    let mut gateway = gateway();
    let change = DerivedQuantity::SystolicChange;
    run(&mut gateway, 0, 30_000, &Devices { ecg: &heart, waves: &early(0.0) });
    let none = told(&gateway, 30_000, change).outcome;
    assert_eq!(none, DerivedOutcome::Missing { why: WhyMissing::NotCalibrated });
    cuff(&mut gateway, 30_000, 120);
    run(&mut gateway, 30_000, 40_000, &Devices { ecg: &heart, waves: &early(0.0) });
    let before = estimate(&gateway, 40_000, change);
    run(&mut gateway, 40_000, 70_000, &Devices { ecg: &heart, waves: &early(0.02) });
    let after = estimate(&gateway, 70_000, change);
    assert!((5.0..18.0).contains(&after.value), "20 of some 210 ms: {after:?}");
    assert!(after.sd > before.sd, "{before:?} {after:?}");
    run(&mut gateway, 70_000, 75_000, &Devices { ecg: &heart, waves: &|_| vec![] });
    let lost = told(&gateway, 75_000, change).outcome;
    assert_eq!(lost, DerivedOutcome::Missing { why: WhyMissing::TooOld });
}

#[test]
fn a_lead_that_shows_nothing_beside_a_clean_pulse_is_held_and_a_heart_that_stops_is_not() {
    let silent = |ms: i64| if ms < 20_000 { heart(ms) } else { 3.0 };
    for (name, stops_at, expected) in
        [("the pulse goes on", 1e9, vec![]), ("it stops, too", 20.3, vec![AlarmKind::Asystole])]
    {
        let level = |secs: f64| if secs < stops_at { pulse(secs) } else { 0.02 };
        let waves = |ms: i64| vec![wave("PLETH", WaveKind::Pleth, ms, level)];
        let mut gateway = gateway();
        run(&mut gateway, 0, 40_000, &Devices { ecg: &silent, waves: &waves });
        let kinds: Vec<_> = alarms(&frames(&mut gateway)).into_iter().map(|it| it.1.kind).collect();
        assert_eq!(kinds, expected, "{name}");
        assert_eq!(gateway.view(at(40_000)).held.len(), 1 - expected.len(), "{name}");
    }
    // Without the wave, or with one that is cut off, the same silence is told in 6 s.
    for waves in [
        Box::new(|_| vec![]) as Box<dyn Fn(i64) -> Vec<WavePiece>>,
        Box::new(|ms| vec![wave("PLETH", WaveKind::Pleth, ms, |secs| pulse(secs).min(0.3))]),
    ] {
        let mut gateway = gateway();
        run(&mut gateway, 0, 26_000, &Devices { ecg: &silent, waves: &*waves });
        let (_, alarm) = alarms(&frames(&mut gateway)).remove(0);
        assert_eq!(alarm.kind, AlarmKind::Asystole);
    }
}

#[test]
fn a_lead_that_shakes_like_fibrillation_beside_a_clean_pulse_is_held_and_without_a_pulse_is_told() {
    let shaken = |ms: i64| {
        let now = ms as f64 / 1000.0;
        let swell = 350.0 * (1.0 + 0.3 * (1.7 * now).sin());
        let shaking = (swell * (TAU * 5.1 * now + (2.3 * now).sin()).sin()) as f32;
        if ms < 30_000 { heart(ms) } else { shaking }
    };
    let fibrillation = AlarmKind::VentricularFibrillation;
    for (name, stops_at, is_cut, is_told) in [
        ("the pulse goes on", 1e9, false, false),
        ("it stops with the heart", 30.0, false, true),
        ("it is cut off", 1e9, true, true),
    ] {
        let level = |secs: f64| if secs < stops_at { pulse(secs) } else { 0.02 };
        let level = |secs: f64| if is_cut { level(secs).min(0.3) } else { level(secs) };
        let waves = |ms: i64| vec![wave("PLETH", WaveKind::Pleth, ms, level)];
        let mut gateway = gateway();
        run(&mut gateway, 0, 45_000, &Devices { ecg: &shaken, waves: &waves });
        let told = alarms(&frames(&mut gateway));
        assert_eq!(told.iter().any(|it| it.1.kind == fibrillation), is_told, "{name}: {told:?}");
        let held = gateway.view(at(45_000)).held;
        assert_eq!(held.iter().any(|it| it.kind == fibrillation), !is_told, "{name}: {held:?}");
    }
}

#[test]
fn what_was_held_and_never_told_is_in_the_budget() {
    let pause = |ms: i64| if (20_000..32_000).contains(&ms) { 3.0 } else { heart(ms) };
    let waves = |ms: i64| vec![wave("PLETH", WaveKind::Pleth, ms, pulse)];
    let mut gateway = gateway();
    run(&mut gateway, 0, 45_000, &Devices { ecg: &pause, waves: &waves });
    let (kind, line) = gateway.alarm_budget().lines().next().unwrap();
    assert_eq!((kind, line.n_told, line.n_suppressed()), (AlarmKind::Asystole, 0, 1));
}

/// Record 01 of BIDMC (PhysioNet), in CSV: 8 minutes at 125 Hz.
#[test]
fn breaths_of_a_recorded_patient_agree_over_three_ways() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/ecg/multi/bidmc01/bidmc_01_Signals.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not here", path.display());
        return;
    };
    let rows: Vec<Vec<f32>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|field| field.trim().parse().unwrap_or(f32::NAN)).collect())
        .collect();
    let mut gateway = gateway();
    let (mut n_all, mut off) = (0, [vec![], vec![]]);
    for (idx, rows) in rows.chunks(25).enumerate() {
        let ms = idx as i64 * 200;
        let column =
            |column: usize, scale: f32| rows.iter().map(|row| scale * row[column]).collect();
        let (from, now) = (at(ms), at(ms + 200));
        let ecg = EcgChunk { at: from, lead: "II".into(), hz: 125, microvolts: column(5, 1000.0) };
        gateway.on_ecg(now, &ecg);
        for (channel, kind, index) in
            [("RESP", WaveKind::Respiration, 1), ("PLETH", WaveKind::Pleth, 2)]
        {
            let samples = column(index, 1.0);
            gateway.on_wave(
                now,
                &WavePiece { at: from, channel: channel.into(), kind, hz: 125, samples },
            );
        }
        gateway.on_wake(now);
        let seconds = (ms + 200) / 1000;
        if (ms + 200) % 1000 != 0 || seconds < 40 || seconds % 5 != 0 {
            continue;
        }
        let value = |quantity| match told(&gateway, ms + 200, quantity).outcome {
            DerivedOutcome::Known(estimate) => Some(estimate.value),
            DerivedOutcome::Missing { .. } => None,
        };
        n_all += 1;
        let Some(truth) = value(DerivedQuantity::ImpedanceBreaths) else { continue };
        for (off, quantity) in
            off.iter_mut().zip([DerivedQuantity::PulseBreaths, DerivedQuantity::EcgBreaths])
        {
            off.extend(value(quantity).map(|value| (value - truth).abs()));
        }
    }
    for (name, off, share_min, mean_max) in
        [("pulse", &off[0], 0.5, 1.5), ("ECG", &off[1], 0.5, 2.5)]
    {
        let mean = off.iter().sum::<f64>() / off.len() as f64;
        println!("breaths by {name}: {} of {n_all} told, mean error {mean:.2}/min", off.len());
        assert!(
            off.len() as f64 >= share_min * f64::from(n_all) && mean < mean_max,
            "{name}: {mean}"
        );
    }
}
