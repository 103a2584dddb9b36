//! What the trees are asked about: a candidate beside the beats before it and what is around it.

use crate::candidate::{Candidate, extremes, highest};
use crate::memory::{Memory, samples};
use crate::trail::Trail;
use crate::wave::{BEND_DELAY, ENERGY_DELAY, SMOOTH_DELAY, Wave};

/// Numbers that a candidate is judged by; NaN for one that is not known yet.
pub const N_FEATURES: usize = 40;

/// Where among them stands how often the lead was wrong of late, 0 to 1.
pub(crate) const FALSE_SHARE: usize = 24;

/// Samples from a complex' centre to the verdict: 336 ms.
pub(crate) const JUDGED_AFTER: u64 = 42;
/// What is around a complex starts so many samples from its centre.
const ASIDE: u64 = 13;
/// All the energy after it that is known by then.
const AFTER: usize = 22;
const BEFORE: usize = 28;
/// The T wave: 112 to 304 ms after the centre.
const T_WAVE: usize = 25;
const P_WAVE: usize = 22;
const ASIDE_AFTER: usize = 26;
const T_WAVE_UNTIL: u64 = 38;

/// Looks at a candidate [`JUDGED_AFTER`] samples or more after its centre.
pub(crate) fn features(
    wave: &Wave,
    memory: &Memory,
    candidate: &Candidate,
    next: Option<&Candidate>,
) -> [f32; N_FEATURES] {
    let it = candidate;
    let last = memory.last.unwrap_or_default();
    let since_last = memory.last.map_or(f32::NAN, |last| samples(it.centre - last.centre));
    let around = Around::of(wave, it.centre);
    let missed = memory.missed.filter(|missed| missed.centre + ASIDE <= it.centre);
    let usual = it.matches[0];
    let [rise, fall] = it.slopes;
    [
        it.energy / memory.energy(it.centre),
        it.energy / memory.noise.median,
        since_last / memory.intervals.median,
        since_last / 125.0,
        it.slope() / memory.slopes.median,
        rise.min(fall) / it.slope(),
        it.width,
        it.size / memory.sizes.median,
        it.roughness / it.size,
        it.shift / it.size,
        it.likeness(),
        usual.likeness,
        usual.gain,
        it.energy / it.usual_energy,
        it.energy / it.quiet_energy,
        it.energy / around.after.0,
        samples(around.after.1 as u64),
        it.energy / around.before.0,
        samples(around.before.1 as u64),
        missed.map_or(f32::NAN, |missed| it.energy / missed.energy),
        missed.map_or(f32::NAN, |missed| it.likeness() - missed.likeness()),
        (it.tip - memory.tips.median).abs(),
        memory.intervals.spread() / memory.intervals.median,
        memory.intervals.last() / memory.intervals.median,
        memory.false_share,
        it.energy / last.energy,
        it.slope() / last.slope(),
        around.t_wave / it.size,
        samples(memory.intervals.len() as u64),
        next.map_or(f32::NAN, |next| it.likeness() - next.likeness()),
        it.size / it.slope() * (memory.slopes.median / memory.sizes.median),
        since_last / memory.intervals.last(),
        it.bend / it.slope(),
        it.bend / memory.bends.median,
        it.bend / around.bends[0],
        it.bend / around.bends[1],
        it.slope() / around.slopes[0],
        it.slope() / around.slopes[1],
        it.size / it.slope(),
        around.p_wave / it.size,
    ]
}

fn range(values: &[f32]) -> f32 {
    let [low, high] = extremes(values);
    high - low
}

fn steepest<const N: usize>(slopes: &Trail, last: u64) -> f32 {
    slopes.ending::<N>(last).iter().fold(0.0, |most, slope| slope.abs().max(most))
}

/// The energy beside a complex, and the T wave after it.
struct Around {
    before: (f32, usize),
    after: (f32, usize),
    /// The sharpest bend and the steepest slope before and after.
    bends: [f32; 2],
    slopes: [f32; 2],
    p_wave: f32,
    t_wave: f32,
}

impl Around {
    fn of(wave: &Wave, centre: u64) -> Self {
        let energy_at = centre + ENERGY_DELAY;
        let t_wave: &[f32; T_WAVE] = wave.smooth.ending(centre + SMOOTH_DELAY + T_WAVE_UNTIL);
        let p_wave: &[f32; P_WAVE] =
            wave.smooth.ending((centre + SMOOTH_DELAY).wrapping_sub(ASIDE));
        let bend_at = centre + BEND_DELAY;
        let slope_at = centre + SMOOTH_DELAY;
        Self {
            before: highest::<BEFORE>(&wave.energy, energy_at.wrapping_sub(ASIDE)),
            after: highest::<AFTER>(&wave.energy, centre + JUDGED_AFTER),
            bends: [
                highest::<BEFORE>(&wave.bend, bend_at.wrapping_sub(ASIDE)).0,
                highest::<ASIDE_AFTER>(&wave.bend, bend_at + T_WAVE_UNTIL).0,
            ],
            slopes: [
                steepest::<BEFORE>(&wave.slope, slope_at.wrapping_sub(ASIDE)),
                steepest::<ASIDE_AFTER>(&wave.slope, slope_at + T_WAVE_UNTIL),
            ],
            p_wave: range(p_wave),
            t_wave: range(t_wave),
        }
    }
}
