//! From an R wave to the foot of its pulse, and what that says of pressure.
//!
//! From the R wave on it is, strictly, the pulse's arrival: the heart's own delay before it
//! ejects is part of it, and changes with more than pressure. So it gives a trend and no level.

use ems_model::{Estimate, WhyMissing};

use crate::robust::{median, spread};

/// A pulse arrives so long after its R wave; a monitor may delay the wave beside the ECG.
const ARRIVES_S: std::ops::RangeInclusive<f64> = 0.05..=0.6;
/// Pulses that say something.
const PAIRS_MIN: usize = 8;
/// In a clean pair of channels this share of pulses has its R wave.
const PAIRED: f64 = 0.7;
/// How much stiffer arteries get with pressure, 1/mmHg (Hughes et al. 1979 as used by Chen et
/// al., Med Biol Eng Comput 2000;38:569-574; unverified).
const STIFFENING: f64 = 0.017;
/// How unsure that is for a patient at hand, as a share: the project's own assumption.
const STIFFENING_SD: f64 = 0.3;

/// The time from R wave to foot, ms: the median over pulses, and how much it varies from beat to
/// beat. Both lists: seconds on one timeline, rising.
pub fn transit_time(r_waves: &[f64], feet: &[f64]) -> Result<Estimate, WhyMissing> {
    let before = |foot: f64| {
        let idx = r_waves.partition_point(|at| *at <= foot - ARRIVES_S.start());
        let delay = foot - r_waves[idx.checked_sub(1)?];
        ARRIVES_S.contains(&delay).then_some(1000.0 * delay)
    };
    let delays: Vec<f64> = feet.iter().filter_map(|foot| before(*foot)).collect();
    if feet.len() < PAIRS_MIN || r_waves.len() < PAIRS_MIN {
        return Err(WhyMissing::TooShort);
    }
    let is_paired = share(delays.len(), feet.len()) >= PAIRED;
    let told = median(&delays).zip(spread(&delays)).filter(|_| is_paired);
    let (value, sd) = told.ok_or(WhyMissing::BadQuality)?;
    Ok(Estimate { value, sd })
}

/// How systolic pressure changed since pulses took `then`, mmHg, by how much faster they are `now`
/// (Moens and Korteweg with Hughes' stiffening: P - P₀ = 2/γ ln(T₀/T)). Its deviation does not
/// yet have what drifts with time.
pub fn pressure_change(then: Estimate, now: Estimate) -> Estimate {
    let value = 2.0 / STIFFENING * (then.value / now.value).ln();
    let by_time = 2.0 / STIFFENING * (then.sd / then.value).hypot(now.sd / now.value);
    Estimate { value, sd: by_time.hypot(STIFFENING_SD * value) }
}

#[expect(clippy::cast_precision_loss, reason = "pulses of half a minute")]
fn share(n: usize, of: usize) -> f64 {
    n as f64 / of as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(offset: impl Fn(u32) -> f64) -> Vec<f64> {
        (0..24).map(|idx| f64::from(idx) * 0.8 + offset(idx)).collect()
    }

    #[test]
    fn the_time_is_told_with_how_it_varies() {
        let swing = |idx: u32| if idx.is_multiple_of(2) { 0.21 } else { 0.23 };
        let told = transit_time(&beats(|_| 0.0), &beats(swing)).unwrap();
        assert!((told.value - 220.0).abs() < 11.0, "{told:?}");
        assert!((5.0..20.0).contains(&told.sd), "{told:?}");
    }

    #[test]
    fn pulses_without_their_beats_say_nothing() {
        let feet = beats(|_| 0.22);
        assert_eq!(transit_time(&[], &feet), Err(WhyMissing::TooShort));
        let others: Vec<f64> = (0..40).map(|idx| f64::from(idx) * 1.71).collect();
        assert_eq!(transit_time(&others, &feet), Err(WhyMissing::BadQuality));
    }

    #[test]
    fn faster_pulses_are_a_higher_pressure_of_the_size_of_the_law() {
        let at = |value| Estimate { value, sd: 2.0 };
        assert!(pressure_change(at(220.0), at(220.0)).value.abs() < 1e-12);
        let higher = pressure_change(at(220.0), at(200.0));
        // 2 / 0.017 × ln 1.1 = 11.2 mmHg.
        assert!((higher.value - 11.213).abs() < 0.01, "{higher:?}");
        assert!(higher.sd > 0.3 * higher.value);
        assert!(pressure_change(at(200.0), at(220.0)).value < 0.0);
    }
}
