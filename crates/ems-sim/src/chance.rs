//! Chance: one stream of numbers for each purpose and index, so that the order in which things
//! happen never changes what chance decides.

use ems_model::Millis;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;

/// What a stream of chance is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// When, where and who: by call.
    Call = 1,
    /// How long people take over a call: by call.
    People = 2,
    /// A patient's body: by call.
    Body = 3,
    /// How full a hospital is: by hospital.
    Occupancy = 4,
    /// Faults of the simulated world: by unit, or 0 for the centre.
    Fault = 5,
    /// Delays of messages: by unit, or 0 for the centre.
    Delay = 6,
    /// Calls of a fleet: by quantity drawn.
    FleetCall = 7,
    /// What a crew finds on scene: by call.
    Findings = 8,
    /// Which hours of a day are drawn again: by policy.
    Resample = 9,
    /// A course of vital signs: by patient.
    Course = 10,
}

/// The stream for one purpose and index under a seed.
pub(crate) fn stream(seed: u64, purpose: Purpose, idx: u64) -> Pcg64Mcg {
    let low = mix(seed ^ mix(purpose as u64));
    let high = mix(low ^ mix(idx.wrapping_add(0x5851_f42d_4c95_7f2d)));
    Pcg64Mcg::new((u128::from(high) << 64) | u128::from(mix(high ^ low)))
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood, OOPSLA 2014): spreads near seeds apart.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number from 0 to 1, 1 left out.
pub(crate) fn share(rng: &mut Pcg64Mcg) -> f64 {
    rng.random()
}

/// A number of the standard normal distribution.
pub(crate) fn normal(rng: &mut Pcg64Mcg) -> f64 {
    StandardNormal.sample(rng)
}

/// Where `share` (0..1) falls among weights; `None` where they are all zero.
pub(crate) fn pick(share: f64, weights: impl Iterator<Item = f64> + Clone) -> Option<usize> {
    let mut left = share * weights.clone().sum::<f64>();
    let mut last = None;
    for (idx, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
        if left < weight {
            return Some(idx);
        }
        (left, last) = (left - weight, Some(idx));
    }
    last
}

/// How long something takes: lognormal, by its median and the length that nine of ten stay under.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spread {
    median_s: f64,
    p90_s: f64,
}

/// The standard normal distribution's 90 % quantile.
const Z_P90: f64 = 1.281_551_565_544_6;
/// Draws beyond this many standard deviations are cut: nobody takes a week.
const Z_MAX: f64 = 3.0;

impl Spread {
    /// Whether the numbers can be: 0 < median <= p90 <= a day.
    pub(crate) fn is_valid(&self) -> bool {
        self.median_s > 0.0 && self.median_s <= self.p90_s && self.p90_s <= 86_400.0
    }

    /// Draws a length of time.
    #[expect(clippy::cast_possible_truncation, reason = "a valid spread stays below a year")]
    pub(crate) fn draw(&self, rng: &mut Pcg64Mcg) -> Millis {
        Millis::new((self.draw_s(rng) * 1000.0).round() as i64)
    }

    fn draw_s(&self, rng: &mut Pcg64Mcg) -> f64 {
        lognormal(self.median_s, self.p90_s, rng)
    }
}

/// A lognormal number by its median and 90 % quantile.
pub(crate) fn lognormal(median: f64, p90: f64, rng: &mut Pcg64Mcg) -> f64 {
    let sigma = (p90 / median).ln() / Z_P90;
    median * (sigma * normal(rng).clamp(-Z_MAX, Z_MAX)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_purpose_and_index_alone() {
        let first = |seed, purpose, idx| share(&mut stream(seed, purpose, idx));
        let same = first(7, Purpose::Call, 3);
        assert!((same - first(7, Purpose::Call, 3)).abs() < f64::EPSILON);
        for other in
            [first(8, Purpose::Call, 3), first(7, Purpose::Call, 4), first(7, Purpose::People, 3)]
        {
            assert!((same - other).abs() > 1e-9);
        }
    }

    #[test]
    fn half_of_the_draws_lie_below_the_median_and_nine_of_ten_below_p90() {
        let spread = Spread { median_s: 60.0, p90_s: 120.0 };
        let mut rng = stream(1, Purpose::People, 0);
        let draws: Vec<_> = (0..10_000).map(|_| spread.draw(&mut rng)).collect();
        let below = |secs| draws.iter().filter(|d| **d < Millis::from_secs(secs)).count();
        assert!((4800..=5200).contains(&below(60)), "{}", below(60));
        assert!((8850..=9150).contains(&below(120)), "{}", below(120));
    }

    #[test]
    fn a_weight_of_zero_is_never_picked() {
        for share in [0.0, 0.2, 0.99, 1.0] {
            assert_eq!(pick(share, [0.0, 3.0, 0.0].into_iter()), Some(1), "{share}");
        }
        assert_eq!(pick(0.5, [0.0].into_iter()), None);
    }
}
