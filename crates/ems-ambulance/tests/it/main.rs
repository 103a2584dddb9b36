//! The gateway as its host sees it: pieces and numbers in, frames out.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "tests"
)]

mod clocks;
mod facts;
mod laws;
mod sensors;

use ems_ambulance::{Gateway, GatewayConfig};
use ems_device::EcgChunk;
use ems_model::{Alarm, Frame, FrameBody, Millis, Timestamp, UnitId, Vitals, WaveChunk};

pub(crate) const HZ: u32 = 250;
pub(crate) const PIECE_MS: i64 = 40;

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + ms)
}

pub(crate) fn gateway() -> Gateway {
    Gateway::new(UnitId::new("A103").unwrap(), GatewayConfig::default(), 41)
}

/// A heart of 75 beats/min, its R waves 300 ms after each 800 ms.
pub(crate) fn heart(ms: i64) -> f32 {
    let bump = |at: f64, width: f64| (-at * at / (2.0 * width * width)).exp();
    let now = ms.rem_euclid(800) as f64 / 1000.0 - 0.3;
    (1000.0 * bump(now, 0.010) - 250.0 * bump(now - 0.025, 0.009) + 250.0 * bump(now - 0.27, 0.05))
        as f32
}

/// A piece of 40 ms of lead II from `ms` on.
pub(crate) fn piece(ms: i64, wave: impl Fn(i64) -> f32) -> EcgChunk {
    let microvolts = (0..10).map(|idx| wave(ms + idx * 4)).collect();
    EcgChunk { at: at(ms), lead: "II".into(), hz: HZ, microvolts }
}

/// Lets the device send from `from_ms` to `to_ms` with the gateway's seconds in between.
pub(crate) fn run(
    gateway: &mut Gateway,
    from_ms: i64,
    to_ms: i64,
    wave: impl Fn(i64) -> f32,
) -> Vec<Frame> {
    let mut ms = from_ms;
    while ms < to_ms {
        let now = at(ms) + Millis::new(PIECE_MS);
        gateway.on_ecg(now, &piece(ms, &wave));
        gateway.on_wake(now);
        ms += PIECE_MS;
    }
    frames(gateway)
}

pub(crate) fn frames(gateway: &mut Gateway) -> Vec<Frame> {
    std::iter::from_fn(|| gateway.poll_output()).collect()
}

pub(crate) fn waves(frames: &[Frame]) -> Vec<(Timestamp, &WaveChunk)> {
    let wave = |frame: &'_ Frame| matches!(frame.body, FrameBody::Wave(_));
    let waves = frames.iter().filter(|frame| wave(frame));
    waves
        .map(|frame| match &frame.body {
            FrameBody::Wave(chunk) => (frame.at, chunk),
            _ => unreachable!("only waves are left"),
        })
        .collect()
}

pub(crate) fn vitals(frames: &[Frame]) -> Vec<(Timestamp, Vitals)> {
    let vitals = frames.iter().filter_map(|frame| match frame.body {
        FrameBody::Vitals { vitals, .. } => Some((frame.at, vitals)),
        _ => None,
    });
    vitals.collect()
}

pub(crate) fn alarms(frames: &[Frame]) -> Vec<(Timestamp, Alarm)> {
    let alarms = frames.iter().filter_map(|frame| match &frame.body {
        FrameBody::Alarm { alarm } => Some((frame.at, alarm.clone())),
        _ => None,
    });
    alarms.collect()
}
