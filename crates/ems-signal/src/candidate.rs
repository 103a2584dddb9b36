//! What may be a beat: a peak of the energy and the wave under it.

use crate::peaks::REACH;
use crate::template::{Match, Templates};
use crate::trail::Trail;
use crate::wave::{BEND_DELAY, ENERGY_DELAY, SMOOTH_DELAY, Wave};

/// Samples from a complex' centre to when it is measured.
const MEASURED_AFTER: u64 = ENERGY_DELAY + REACH as u64;
/// The complex is looked at within so many samples of its centre: 128 ms.
const SIDE: usize = 16;
const WINDOW: usize = 2 * SIDE + 1;
/// The R wave is looked for within so many samples of the centre: 48 ms.
const R_SIDE: usize = 6;
/// The level before and after the complex is the mean of so many samples.
const LEVEL: usize = 7;
/// The sharpest bend is looked for among so many samples.
const BENDS: usize = 20;
/// The line before the complex.
const BEFORE: usize = 36;

/// A complex and how it looks, in microvolts and samples of 8 ms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Candidate {
    /// The middle of its energy.
    pub(crate) centre: u64,
    /// Where its R wave is, in samples from the centre.
    pub(crate) r_offset: f32,
    /// The R wave from the mean around it, over the size.
    pub(crate) tip: f32,
    /// The path within 96 ms.
    pub(crate) energy: f32,
    /// The steepest rise and fall.
    pub(crate) slopes: [f32; 2],
    /// The sharpest bend.
    pub(crate) bend: f32,
    /// From the lowest to the highest.
    pub(crate) size: f32,
    /// For how many of 24 samples the energy is above half of the peak.
    pub(crate) width: f32,
    /// How far the level after it is from the one before.
    pub(crate) shift: f32,
    /// Mean distance of the raw line before it from the smooth one.
    pub(crate) roughness: f32,
    /// Mean energy of a second, and of the 0.3 s before.
    pub(crate) usual_energy: f32,
    pub(crate) quiet_energy: f32,
    /// Against the usual kind of beat and the rarer one.
    pub(crate) matches: [Match; 2],
}

impl Candidate {
    /// Measures the complex whose energy peaked [`REACH`] samples before the newest one.
    pub(crate) fn measure(wave: &Wave, templates: &Templates, peak: u64) -> Option<Self> {
        let centre = peak.checked_sub(ENERGY_DELAY)?;
        let smooth: &[f32; WINDOW] = wave.smooth.ending(centre + SMOOTH_DELAY + SIDE as u64);
        let slopes: &[f32; WINDOW] = wave.slope.ending(centre + SMOOTH_DELAY + SIDE as u64);
        let energies: &[f32; 2 * REACH] = wave.energy.ending(peak + REACH as u64);
        let energy = wave.energy.at(peak);
        let [low, high] = extremes(&smooth[6..WINDOW - 6]);
        let [steepest_fall, steepest_rise] = extremes(slopes);
        let size = high - low;
        let (r_offset, from_mean) = r_wave(smooth);
        let now = centre + MEASURED_AFTER;
        Some(Self {
            centre,
            r_offset,
            tip: from_mean / size.max(1e-3),
            energy,
            slopes: [steepest_rise.max(0.0), (-steepest_fall).max(0.0)],
            bend: highest::<BENDS>(&wave.bend, centre + BEND_DELAY + BENDS as u64 / 2).0,
            size,
            width: count(energies, |it| it > energy / 2.0),
            shift: (mean(&smooth[..LEVEL]) - mean(&smooth[WINDOW - LEVEL..])).abs(),
            roughness: roughness(wave, centre),
            usual_energy: mean(wave.energy.ending::<128>(now)),
            quiet_energy: mean(wave.energy.ending::<BEFORE>(peak.wrapping_sub(REACH as u64))),
            matches: templates.compare(&wave.slope, centre),
        })
    }

    /// The steepest slope.
    pub(crate) fn slope(&self) -> f32 {
        self.slopes[0].max(self.slopes[1])
    }

    /// The likeness to the kind that it is more like.
    pub(crate) fn likeness(&self) -> f32 {
        self.matches[0].likeness.max(self.matches[1].likeness)
    }
}

/// The highest value of the `N` samples that end with `last`, and how many samples before it.
pub(crate) fn highest<const N: usize>(trail: &Trail, last: u64) -> (f32, usize) {
    let values: &[f32; N] = trail.ending(last);
    let higher = |best: (f32, usize), (idx, &value): (usize, &f32)| {
        if value > best.0 { (value, N - 1 - idx) } else { best }
    };
    values.iter().enumerate().fold((0.0, 0), higher)
}

pub(crate) fn extremes(values: &[f32]) -> [f32; 2] {
    values.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], &value| {
        [low.min(value), high.max(value)]
    })
}

/// Where the smooth line is farthest from its mean, from the centre, and how far.
fn r_wave(smooth: &[f32; WINDOW]) -> (f32, f32) {
    let mean = mean(smooth);
    let middle = WINDOW / 2;
    let farther = |best: usize, idx: usize| {
        if (smooth[idx] - mean).abs() > (smooth[best] - mean).abs() { idx } else { best }
    };
    let at = (middle - R_SIDE..=middle + R_SIDE).fold(middle - R_SIDE, farther);
    let offset = whole(at) - whole(middle) + vertex([smooth[at - 1], smooth[at], smooth[at + 1]]);
    (offset, smooth[at] - mean)
}

/// Where the parabola through three samples turns, from the middle one.
fn vertex([before, at, after]: [f32; 3]) -> f32 {
    let bend = before - 2.0 * at + after;
    let off = if bend == 0.0 { 0.0 } else { (before - after) / (2.0 * bend) };
    off.clamp(-0.5, 0.5)
}

fn roughness(wave: &Wave, centre: u64) -> f32 {
    let until = centre.wrapping_sub(REACH as u64);
    let raw: &[f32; BEFORE] = wave.raw.ending(until);
    let smooth: &[f32; BEFORE] = wave.smooth.ending(until.wrapping_add(SMOOTH_DELAY));
    raw.iter().zip(smooth).map(|(raw, smooth)| (raw - smooth).abs()).sum::<f32>() / whole(BEFORE)
}

pub(crate) fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / whole(values.len())
}

fn count(values: &[f32], is_counted: impl Fn(f32) -> bool) -> f32 {
    values.iter().map(|&value| f32::from(u8::from(is_counted(value)))).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a small count")]
pub(crate) fn whole(count: usize) -> f32 {
    count as f32
}
