//! What the light that a finger lets through says: perfusion, and saturation by the ratio of
//! ratios.

use ems_model::{Estimate, WhyMissing};

use crate::pulse_train::LIKE;
use crate::pulses::Pulse;
use crate::robust::{median, spread};

/// Feet of one pulse in both lights lie within this.
const SAME_S: f64 = 0.15;
/// Pulses that say something.
const PULSES_MIN: usize = 5;

/// A line from the ratio of ratios to saturation: `at_zero` - `slope` × ratio, %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OximeterCurve {
    /// Saturation at ratio 0, %.
    pub at_zero: f64,
    /// Saturation lost a unit of ratio, %.
    pub slope: f64,
    /// How far off the curve is for the sensor at hand, one standard deviation, %.
    pub sd: f64,
    /// Whether it was measured for the sensor at hand.
    pub is_verified: bool,
}

impl OximeterCurve {
    /// The line of textbooks, 110 - 25 R (Webster, Design of Pulse Oximeters, 1997, unverified):
    /// no sensor's own, so nothing that follows from it is a calibrated saturation. Its deviation
    /// is the project's guess.
    pub const TEXTBOOK: Self = Self { at_zero: 110.0, slope: 25.0, sd: 4.0, is_verified: false };

    /// The saturation at a ratio of ratios, %, 100 at most.
    pub fn saturation(&self, ratio: Estimate) -> Estimate {
        let value = (self.at_zero - self.slope * ratio.value).clamp(0.0, 100.0);
        Estimate { value, sd: self.sd.hypot(self.slope * ratio.sd) }
    }
}

/// The pulse's part of the light, %: the median over clean pulses. The light was turned over, so
/// that pulses rise: `foot_level` is below 0.
pub fn perfusion_index<'a>(
    pulses: impl Iterator<Item = (f64, &'a Pulse)>,
) -> Result<Estimate, WhyMissing> {
    let depths: Vec<f64> = clean(pulses).into_iter().map(|(_, depth)| 100.0 * depth).collect();
    estimate(&depths)
}

/// The pulse's part of the red light over that of the infrared one, pulse by pulse.
pub fn ratio_of_ratios<'a>(
    red: impl Iterator<Item = (f64, &'a Pulse)>,
    infrared: impl Iterator<Item = (f64, &'a Pulse)>,
) -> Result<Estimate, WhyMissing> {
    let infrared = clean(infrared);
    let ratios = clean(red).into_iter().filter_map(|(foot, depth)| {
        let same = infrared.iter().find(|it| (it.0 - foot).abs() <= SAME_S)?;
        (same.1 > 0.0).then(|| depth / same.1)
    });
    estimate(&ratios.collect::<Vec<_>>())
}

/// Feet and depths of clean pulses.
fn clean<'a>(pulses: impl Iterator<Item = (f64, &'a Pulse)>) -> Vec<(f64, f64)> {
    let clean = pulses.filter(|(_, pulse)| pulse.likeness >= LIKE && pulse.foot_level < 0.0);
    let depth = |pulse: &Pulse| (pulse.top_level - pulse.foot_level) / -pulse.foot_level;
    clean.map(|(foot, pulse)| (foot, depth(pulse))).collect()
}

fn estimate(values: &[f64]) -> Result<Estimate, WhyMissing> {
    let middle = median(values).zip(spread(values)).filter(|_| values.len() >= PULSES_MIN);
    let (value, wide) = middle.ok_or(WhyMissing::BadQuality)?;
    #[expect(clippy::cast_precision_loss, reason = "pulses of some seconds")]
    let sd = wide / (values.len() as f64).sqrt();
    Ok(Estimate { value, sd })
}
