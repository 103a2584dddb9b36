//! Courses of simulated patients whom nobody cares for, to rehearse what follows vital signs.

use ems_model::{Millis, Timestamp, Vitals};

use crate::chance::{Purpose, stream};
use crate::mix::Mix;
use crate::patient::Body;

/// Readings of patient `idx` every `every` over `span`; the same seed and index give the same.
///
/// Illness grows evenly, each at its own pace, and signs wander: the law of `data/sim/mix.toml`,
/// invented for rehearsal.
pub fn course(
    mix: &Mix,
    seed: u64,
    idx: u64,
    every: Millis,
    span: Millis,
) -> Vec<(Timestamp, Vitals)> {
    let mut rng = stream(seed, Purpose::Course, idx);
    let onset = Timestamp::from_millis(0);
    let complaint = mix.draw(&mut rng);
    let (age, severity) = (complaint.draw_age(&mut rng), complaint.draw_severity(&mut rng));
    let mut body = Body::new(seed, idx, complaint, severity, age, onset);
    let mut at = onset;
    let mut readings = Vec::new();
    while at.since(onset) <= span {
        body.advance(at);
        readings.push((at, body.vitals()));
        at = at + every;
    }
    readings
}
