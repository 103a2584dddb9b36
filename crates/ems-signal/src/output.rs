//! The heart's output by the pulse of arterial pressure, up to a factor that only a calibration gives.
//!
//! Liljestrand and Zander: output ∝ rate × pulse pressure / (systolic + diastolic); the best of
//! eleven such formulas against thermodilution in Sun et al. (Crit Care Med 2009;37:72-80,
//! unverified).

use ems_model::{Estimate, WhyMissing};

use crate::pulse_train::{LIKE, PulseTrain};
use crate::robust::{median, spread};

/// Pulses are looked at over this.
const LOOK_S: f64 = 20.0;
/// Pressures that an artery can have, mmHg.
const PRESSURE: std::ops::RangeInclusive<f64> = 15.0..=320.0;
/// Pulses that say something.
const PULSES_MIN: usize = 8;

/// Output in a unit of its own, a minute, from pulses of arterial pressure in mmHg; its deviation
/// has the spread from beat to beat and that of the rate, and not what the formula itself is off.
pub fn relative_output(train: &PulseTrain, at: f64) -> Result<Estimate, WhyMissing> {
    let rate = train.rate(at)?;
    let pulses = train.last(at, LOOK_S).map(|(_, pulse)| pulse);
    let is_pressure = |level| PRESSURE.contains(&level);
    let clean = pulses.filter(|it| it.likeness >= LIKE && is_pressure(it.foot_level));
    let strokes: Vec<f64> = clean
        .filter(|pulse| is_pressure(pulse.top_level))
        .map(|it| (it.top_level - it.foot_level) / (it.top_level + it.foot_level))
        .collect();
    let told = median(&strokes).zip(spread(&strokes)).filter(|_| strokes.len() >= PULSES_MIN);
    let (stroke, wide) = told.ok_or(WhyMissing::BadQuality)?;
    #[expect(clippy::cast_precision_loss, reason = "pulses of some seconds")]
    let by_beat = wide / stroke / (strokes.len() as f64).sqrt();
    let value = rate.value * stroke;
    Ok(Estimate { value, sd: value * by_beat.hypot(rate.sd / rate.value) })
}
