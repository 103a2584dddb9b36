//! Devices whose clocks run otherwise than the gateway's, and electrodes on each other's places.

use ems_ambulance::{Gateway, GatewayComplaint};
use ems_device::EcgChunk;
use ems_model::{ClockWatch, ElectrodesExchanged, FrameBody, Millis, Timestamp};

use crate::{HZ, at, frames, gateway, heart, waves};

const PIECE: i64 = 10;
const PIECE_US: i64 = PIECE * 1_000_000 / HZ as i64;
/// What a piece is on its way, at least.
const WAY_US: i64 = 8_000;

/// A device whose clock is `ahead_us` ahead at first and samples `ppm` millionths too slowly; its
/// pieces are up to 30 ms longer on their way, but for some.
struct Device {
    lead: &'static str,
    ahead_us: i64,
    ppm: i64,
}

impl Device {
    /// When sample `sample` is taken by the gateway's clock.
    fn taken_us(&self, sample: i64) -> i64 {
        let nominal = sample * 1_000_000 / i64::from(HZ);
        at(0).as_micros() + nominal + nominal * self.ppm / 1_000_000
    }

    fn piece(&self, idx: i64, wave: impl Fn(i64) -> f32) -> (Timestamp, EcgChunk) {
        let first = idx * PIECE;
        let ms = |sample| (self.taken_us(sample) - at(0).as_micros()) / 1000;
        let microvolts = (first..first + PIECE).map(|it| wave(ms(it))).collect();
        // Its own clock counts its samples as even.
        let by_device = at(0).as_micros() + self.ahead_us + first * 1_000_000 / i64::from(HZ);
        let piece = EcgChunk {
            at: Timestamp::from_micros(by_device),
            lead: self.lead.into(),
            hz: HZ,
            microvolts,
        };
        let jitter_us = (idx * 7919 % 31) * 1000;
        (Timestamp::from_micros(self.taken_us(first + PIECE) + WAY_US + jitter_us), piece)
    }
}

/// How far the last waves of `secs` seconds are from when they were taken, and the clock as told.
fn after_a_drive(device: &Device, secs: i64) -> (i64, Option<ClockWatch>) {
    let mut gateway = gateway();
    let (mut n_sent, mut off_us, mut clock) = (0, 0, None);
    for idx in 0..secs * 1_000_000 / PIECE_US {
        let (now, piece) = device.piece(idx, heart);
        gateway.on_ecg(now, &piece);
        gateway.on_wake(now);
        let told = frames(&mut gateway);
        for (at, chunk) in waves(&told) {
            off_us = at.as_micros() - device.taken_us(n_sent);
            n_sent += chunk.microvolts.len() as i64;
        }
        clock = told.iter().rev().find_map(clock_of).or(clock);
    }
    (off_us, clock)
}

fn clock_of(frame: &ems_model::Frame) -> Option<ClockWatch> {
    match &frame.body {
        FrameBody::Watch { leads, .. } => leads[0].clock,
        _ => None,
    }
}

#[test]
fn a_clock_that_drifts_is_followed_and_told_with_its_uncertainty() {
    let even = Device { lead: "II", ahead_us: 0, ppm: 0 };
    let (even_us, _) = after_a_drive(&even, 600);
    for ppm in [-300, -50, 0, 50, 300] {
        let (off_us, clock) = after_a_drive(&Device { ppm, ..even }, 600);
        let clock = clock.unwrap();
        // Ten minutes of 300 ppm are 180 ms.
        let run_away_us = off_us - even_us;
        assert!(run_away_us.abs() <= 5_000, "{run_away_us} us at {ppm} ppm");
        assert!((i64::from(clock.drift_ppm) - ppm).abs() <= 15, "{clock:?} at {ppm} ppm");
        assert!(clock.sd_us < 5_000, "{clock:?}");
    }
}

#[test]
fn what_a_clock_is_off_at_first_is_told_and_left_for_it_may_be_the_way() {
    let late = |ahead_us| {
        let (off_us, clock) = after_a_drive(&Device { lead: "II", ahead_us, ppm: 0 }, 60);
        (off_us, clock.unwrap().late)
    };
    let (even_us, even_late) = late(0);
    let (off_us, two_seconds) = late(-2_000_000);
    assert_eq!(off_us - even_us, -2_000_000);
    assert_eq!(two_seconds, even_late + Millis::new(2_000));
    assert!((5..=15).contains(&even_late.get()), "{even_late:?}: the shortest way is 8 ms");
}

#[test]
fn a_clock_that_is_set_is_no_drift() {
    let mut gateway = gateway();
    let run = |gateway: &mut Gateway, from: i64, ahead_us: i64| {
        let device = Device { lead: "II", ahead_us, ppm: 0 };
        for idx in from..from + 60_000_000 / PIECE_US {
            let (now, piece) = device.piece(idx, heart);
            gateway.on_ecg(now, &piece);
            gateway.on_wake(now);
        }
        let told = frames(gateway);
        told.iter().rev().find_map(clock_of).unwrap().drift_ppm
    };
    assert!(run(&mut gateway, 0, 0).abs() <= 15);
    assert!(run(&mut gateway, 60_000_000 / PIECE_US, -900_000).abs() <= 15);
}

/// The eight leads of one heart: each sees it at its own size, V1 and V2 from behind.
const SIZES: [(&str, f32); 8] = [
    ("I", 0.7),
    ("II", 1.0),
    ("V1", -0.6),
    ("V2", -0.2),
    ("V3", 0.4),
    ("V4", 1.0),
    ("V5", 1.3),
    ("V6", 1.1),
];

/// Lets the chest leads come from a device of another clock, and gives what is told in the end.
fn electrodes(sizes: [(&'static str, f32); 8]) -> (Gateway, Vec<GatewayComplaint>) {
    let mut gateway = gateway();
    for idx in 0..30_000_000 / PIECE_US {
        let mut last = at(0);
        for (lead, size) in sizes {
            let is_chest = lead.starts_with('V');
            let (ahead_us, ppm) = if is_chest { (0, 100) } else { (-40_000, -100) };
            let device = Device { lead, ahead_us, ppm };
            let (now, piece) = device.piece(idx, |ms| size * heart(ms));
            last = last.max(now);
            gateway.on_ecg(last, &piece);
        }
        gateway.on_wake(last);
        frames(&mut gateway);
    }
    let complaints = std::iter::from_fn(|| gateway.poll_complaint()).collect();
    (gateway, complaints)
}

#[test]
fn exchanged_electrodes_are_told_once_and_shown_until_the_next_patient() {
    let with = |changes: &[(usize, f32)]| {
        let mut sizes = SIZES;
        for &(place, size) in changes {
            sizes[place].1 = size;
        }
        sizes
    };
    for (sizes, exchanged) in [
        (SIZES, None),
        (with(&[(0, -0.7)]), Some(ElectrodesExchanged::Arms)),
        (with(&[(1, -1.0)]), Some(ElectrodesExchanged::RightArmLeg)),
        (with(&[(3, 1.0), (5, -0.2)]), None),
        (with(&[(4, 1.0), (5, 0.4)]), Some(ElectrodesExchanged::Chest(3))),
    ] {
        let (mut gateway, complaints) = electrodes(sizes);
        let now = at(40_000);
        assert_eq!(gateway.view(now).electrodes, exchanged, "{sizes:?}");
        let told: Vec<_> = exchanged.map(GatewayComplaint::Electrodes).into_iter().collect();
        assert_eq!(complaints, told, "{sizes:?}");
        gateway.on_assignment(now, Some(ems_model::IncidentId(9)));
        assert_eq!(gateway.view(now).electrodes, None, "they were another patient's");
    }
}
