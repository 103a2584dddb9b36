//! What breathing does to the pulses and to the ECG, as points in time.

use ems_model::{Estimate, WhyMissing};

use crate::breaths::{BREATHS_LOOK_S, breath_rate, fuse_breaths};
use crate::pulse_train::{LIKE, PulseTrain};

/// A heart beat: when its R wave was, seconds, and how large its complex is, in any unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeartBeat {
    /// When.
    pub at: f64,
    /// The size of its complex.
    pub size: f64,
}

/// Breaths a minute by the pulses of a wave: their level, their height and their distance swing
/// with breath (Karlen et al. 2013, unverified).
pub fn pulse_breaths(train: &PulseTrain, at: f64) -> Result<Estimate, WhyMissing> {
    train.check(at)?;
    let pulses = train.last(at, BREATHS_LOOK_S).filter(|(_, pulse)| pulse.likeness >= LIKE);
    let pulses: Vec<_> = pulses.collect();
    let level: Vec<_> = pulses.iter().map(|(foot, pulse)| (*foot, pulse.top_level)).collect();
    let height: Vec<_> =
        pulses.iter().map(|(foot, it)| (*foot, it.top_level - it.foot_level)).collect();
    let distance = distances(&pulses.iter().map(|(foot, _)| *foot).collect::<Vec<_>>());
    fuse_breaths(&[breath_rate(&level), breath_rate(&height), breath_rate(&distance)])
}

/// Breaths a minute by the beats of one lead: complexes grow and shrink as the chest turns the
/// heart's axis, and beats come faster while breathing in.
pub fn ecg_breaths(beats: &[HeartBeat]) -> Result<Estimate, WhyMissing> {
    let size: Vec<_> = beats.iter().map(|beat| (beat.at, beat.size)).collect();
    let distance = distances(&beats.iter().map(|beat| beat.at).collect::<Vec<_>>());
    fuse_breaths(&[breath_rate(&size), breath_rate(&distance)])
}

/// Intervals at their ends; those that a missed or a premature beat makes are left out.
fn distances(times: &[f64]) -> Vec<(f64, f64)> {
    let pairs = times.windows(2).map(|pair| (pair[1], pair[1] - pair[0]));
    let all: Vec<_> = pairs.collect();
    let middle = crate::robust::median(&all.iter().map(|it| it.1).collect::<Vec<_>>());
    let is_usual = |it: &(f64, f64)| middle.is_some_and(|middle| (it.1 / middle - 1.0).abs() < 0.3);
    all.into_iter().filter(is_usual).collect()
}
