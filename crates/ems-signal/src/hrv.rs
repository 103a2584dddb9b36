//! Heart rate variability in time, frequency and shape.
//!
//! Definitions are those of the Task Force of ESC and NASPE (Eur Heart J 1996;17:354-381): NN
//! intervals lie between neighbouring normal beats. Poincaré's axes follow Brennan et al. (IEEE
//! Trans Biomed Eng 2001;48:1342-1347), sample entropy Richman and Moorman (Am J Physiol
//! 2000;278:H2039-2049). Numbers from memory, unverified.

use crate::lomb::{Band, band_powers};
use crate::robust::mean;

/// Shorter records are refused: HF needs a minute (Task Force, p. 363).
const RECORD_MIN_S: f64 = 60.0;
/// LF needs two minutes.
const LF_MIN_S: f64 = 120.0;
/// A triangular index needs twenty minutes.
const TRIANGULAR_MIN_S: f64 = 1200.0;
/// NN intervals that say something.
const INTERVALS_MIN: usize = 30;
/// A longer or shorter interval is no heart beat's.
const INTERVAL_MS: std::ops::RangeInclusive<f64> = 250.0..=3000.0;
/// What is 50 ms but for rounding is not over 50 ms.
const TIE_MS: f64 = 1e-6;
/// The bins of the triangular index, ms: 1/128 s.
const BIN_MS: f64 = 7.8125;
/// Sample entropy looks at so many last intervals at most: its cost is their square.
const ENTROPY_MAX: usize = 5000;

/// Beats of a record: seconds, rising, and whether each is a normal one.
pub type ClassedTimes<'a> = &'a [(f64, bool)];

/// What the intervals of a record say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hrv {
    /// NN intervals.
    pub n_intervals: usize,
    /// The share of all intervals that were left out: at a beat that is not normal, or too long or
    /// short, 0..=1.
    pub left_out: f64,
    /// From the first beat to the last, seconds.
    pub length_s: f64,
    /// The mean NN interval, ms.
    pub mean_nn: f64,
    /// The standard deviation of NN intervals, ms.
    pub sdnn: f64,
    /// The root of the mean squared difference of neighbouring NN intervals, ms.
    pub rmssd: f64,
    /// The share of neighbouring NN intervals that differ by more than 50 ms, %.
    pub pnn50: f64,
    /// All NN intervals over those in the fullest bin of 1/128 s; `None` under 20 minutes.
    pub triangular_index: Option<f64>,
    /// Poincaré's short axis, ms.
    pub sd1: f64,
    /// Poincaré's long axis, ms.
    pub sd2: f64,
    /// Power of 0.04 to 0.15 Hz, ms²; `None` under two minutes.
    pub lf: Option<f64>,
    /// Power of 0.15 to 0.4 Hz, ms².
    pub hf: f64,
    /// Sample entropy, two intervals long, within 0.2 SDNN; `None` where no three match.
    pub sample_entropy: Option<f64>,
}

/// Why a record's variability is not told.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum HrvError {
    /// It is too short.
    #[error("{length_s:.0} s of beats are less than {RECORD_MIN_S:.0}: give a longer recording")]
    TooShort {
        /// From the first beat to the last, seconds.
        length_s: f64,
    },
    /// Too few of its intervals are normal.
    #[error(
        "{n_intervals} of {n_all} intervals are between normal beats, fewer than {INTERVALS_MIN}: choose a cleaner lead"
    )]
    TooFew {
        /// NN intervals.
        n_intervals: usize,
        /// All intervals.
        n_all: usize,
    },
}

impl Hrv {
    /// LF over HF.
    pub fn lf_over_hf(&self) -> Option<f64> {
        self.lf.filter(|_| self.hf > 0.0).map(|lf| lf / self.hf)
    }
}

/// Tells the variability of a record. Cost: the square of its intervals, up to 5,000 of them.
pub fn hrv(beats: ClassedTimes<'_>) -> Result<Hrv, HrvError> {
    let length_s = beats.last().map_or(0.0, |last| last.0 - beats[0].0);
    if length_s < RECORD_MIN_S {
        return Err(HrvError::TooShort { length_s });
    }
    let runs = nn_runs(beats);
    let nn: Vec<f64> = runs.iter().flatten().map(|interval| interval.ms).collect();
    let (n_intervals, n_all) = (nn.len(), beats.len() - 1);
    if n_intervals < INTERVALS_MIN {
        return Err(HrvError::TooFew { n_intervals, n_all });
    }
    let pairs: Vec<(f64, f64)> =
        runs.iter().flat_map(|run| run.windows(2).map(|it| (it[0].ms, it[1].ms))).collect();
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| b - a).collect();
    let squares: Vec<f64> = differences.iter().map(|it| it * it).collect();
    let n_over_50 = differences.iter().filter(|it| it.abs() > 50.0 + TIE_MS).count();
    let along = |sign: f64| pairs.iter().map(|(a, b)| (b + sign * a) / 2.0_f64.sqrt()).collect();
    let (across, along): (Vec<f64>, Vec<f64>) = (along(-1.0), along(1.0));
    let sdnn = deviation(&nn);
    let series: Vec<(f64, f64)> = runs.iter().flatten().map(|it| (it.at, it.ms)).collect();
    let [lf, hf] = band_powers(&series, [Band::new(0.04, 0.15), Band::new(0.15, 0.4)]);
    Ok(Hrv {
        n_intervals,
        left_out: 1.0 - count(n_intervals) / count(n_all),
        length_s,
        mean_nn: mean(&nn).unwrap_or(f64::NAN),
        sdnn,
        rmssd: mean(&squares).unwrap_or(f64::NAN).sqrt(),
        pnn50: 100.0 * count(n_over_50) / count(differences.len()),
        triangular_index: (length_s >= TRIANGULAR_MIN_S).then(|| triangular_index(&nn)),
        sd1: deviation(&across),
        sd2: deviation(&along),
        lf: (length_s >= LF_MIN_S).then_some(lf),
        hf,
        sample_entropy: sample_entropy(&nn[nn.len().saturating_sub(ENTROPY_MAX)..], 0.2 * sdnn),
    })
}

/// An NN interval and when it ended.
#[derive(Debug, Clone, Copy)]
struct Interval {
    at: f64,
    ms: f64,
}

/// The NN intervals, those in a row together.
fn nn_runs(beats: ClassedTimes<'_>) -> Vec<Vec<Interval>> {
    let mut runs: Vec<Vec<Interval>> = vec![vec![]];
    for pair in beats.windows(2) {
        let ms = 1000.0 * (pair[1].0 - pair[0].0);
        let is_nn = pair[0].1 && pair[1].1 && INTERVAL_MS.contains(&ms);
        match runs.last_mut() {
            Some(run) if is_nn => run.push(Interval { at: pair[1].0, ms }),
            Some(run) if !run.is_empty() => runs.push(vec![]),
            _ => {}
        }
    }
    runs
}

fn triangular_index(nn: &[f64]) -> f64 {
    let mut bins: Vec<f64> = nn.iter().map(|ms| (ms / BIN_MS).floor()).collect();
    bins.sort_by(f64::total_cmp);
    let fullest = bins.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(<[f64]>::len).max();
    count(nn.len()) / count(fullest.unwrap_or(1))
}

/// Minus the logarithm of the chance that runs of two that match within `within` match for a third.
fn sample_entropy(nn: &[f64], within: f64) -> Option<f64> {
    let is_near = |a: usize, b: usize| (nn[a] - nn[b]).abs() <= within;
    let (mut n_two, mut n_three) = (0_u64, 0_u64);
    for a in 0..nn.len().saturating_sub(2) {
        for b in a + 1..nn.len() - 2 {
            if is_near(a, b) && is_near(a + 1, b + 1) {
                n_two += 1;
                n_three += u64::from(is_near(a + 2, b + 2));
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "pairs of thousands of intervals")]
    let (n_two, n_three) = (n_two as f64, n_three as f64);
    (n_three > 0.0).then(|| (n_two / n_three).ln())
}

/// The standard deviation of a sample.
fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values).unwrap_or(f64::NAN);
    let square: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    (square / (count(values.len()) - 1.0)).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "intervals are counted in hundreds of thousands")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// Beats whose interval swings by `ms` about 800 ms, `hz` times a second.
    fn swinging(ms: f64, hz: f64, length_s: f64) -> Vec<(f64, bool)> {
        let mut at = 0.0;
        let next = |at: f64| at + 0.8 + ms / 1000.0 * (TAU * hz * at).sin();
        std::iter::from_fn(|| {
            at = next(at);
            (at < length_s).then_some((at, true))
        })
        .collect()
    }

    #[test]
    fn a_swing_has_its_power_in_its_band_and_its_deviation() {
        for (hz, is_hf) in [(0.1, false), (0.25, true)] {
            let told = hrv(&swinging(30.0, hz, 600.0)).unwrap();
            let power = 30.0 * 30.0 / 2.0;
            let (inside, outside) =
                if is_hf { (told.hf, told.lf) } else { (told.lf.unwrap(), Some(told.hf)) };
            assert!((inside / power - 1.0).abs() < 0.1, "{hz} Hz: {inside} of {power} ms²");
            assert!(outside.unwrap() < 0.03 * power, "{hz} Hz: {told:?}");
            assert!((told.sdnn - power.sqrt()).abs() < 0.5, "{hz} Hz: {}", told.sdnn);
            let by_axes = f64::midpoint(told.sd1.powi(2), told.sd2.powi(2)).sqrt();
            assert!((by_axes - told.sdnn).abs() < 0.3, "{by_axes}");
            assert!((told.rmssd - 2.0_f64.sqrt() * told.sd1).abs() < 0.1, "{told:?}");
            assert!(told.sample_entropy.unwrap() < 0.6, "a swing is regular: {told:?}");
        }
    }

    #[test]
    fn an_ectopic_beat_is_left_out_with_both_its_intervals() {
        let mut beats = swinging(0.0, 0.1, 300.0);
        let n_all = beats.len() - 1;
        for idx in (20..300).step_by(40) {
            beats[idx].0 -= 0.3;
            beats[idx].1 = false;
        }
        let told = hrv(&beats).unwrap();
        assert!(told.sdnn < 1e-6 && told.rmssd < 1e-6 && told.pnn50.abs() < 1e-12, "{told:?}");
        assert_eq!(told.n_intervals, n_all - 14);
        assert!((told.left_out - 14.0 / f64::from(u32::try_from(n_all).unwrap())).abs() < 1e-12);
    }

    #[test]
    fn too_short_and_too_ectopic_records_are_refused() {
        let beats = swinging(20.0, 0.1, 59.0);
        assert!(matches!(hrv(&beats), Err(HrvError::TooShort { .. })));
        assert!(matches!(hrv(&[]), Err(HrvError::TooShort { .. })));
        let short = hrv(&swinging(20.0, 0.1, 90.0)).unwrap();
        assert_eq!((short.lf, short.triangular_index), (None, None));
        let bigeminy: Vec<_> = swinging(20.0, 0.1, 90.0)
            .iter()
            .enumerate()
            .map(|(idx, it)| (it.0, idx % 2 == 0))
            .collect();
        let error = hrv(&bigeminy).unwrap_err().to_string();
        assert!(error.starts_with("0 of 111 intervals are between normal beats"), "{error}");
    }

    #[test]
    fn rmssd_and_pnn50_are_those_of_hand() {
        // 800 and 860 ms by turns: every difference is 60 ms.
        let beats: Vec<_> = (0..100_u32)
            .scan(0.0, |at, idx| {
                *at += if idx % 2 == 0 { 0.8 } else { 0.86 };
                Some((*at, true))
            })
            .collect();
        let told = hrv(&beats).unwrap();
        assert!((told.rmssd - 60.0).abs() < 1e-6 && (told.pnn50 - 100.0).abs() < 1e-9, "{told:?}");
        assert!((told.sdnn - 30.0).abs() < 0.3 && (told.mean_nn - 830.0).abs() < 1.0, "{told:?}");
    }
}
