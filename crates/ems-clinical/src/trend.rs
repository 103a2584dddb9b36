//! The chance that a patient is worse soon, from how vital signs stand and how they move: a
//! logistic regression, fitted by Newton's method, and how well its chances hold.
//!
//! The model ships without weights: they are worth what they were fitted on, and what fits them
//! here (`golden-hour vitals trend`) is a simulator.

use std::collections::VecDeque;

use ems_model::{Millis, Timestamp, Vitals};

/// Vital signs that are followed: heart rate, respiratory rate, saturation, systolic pressure.
const N_SIGNS: usize = 4;
/// Where each stands, and how it moves.
pub const N_FEATURES: usize = 2 * N_SIGNS;
/// Readings that a trend must have.
const READINGS_MIN: usize = 5;
/// Newton's steps at most; it ends after five to ten.
const STEPS_MAX: usize = 50;
/// How strongly weights are drawn to 0, so that a fit exists where a feature parts the patients.
const RIDGE: f64 = 1.0;

/// Where vital signs stand (their unit) and how they move (the same a minute).
pub type Features = [f64; N_FEATURES];

/// The latest readings of one patient.
#[derive(Debug, Clone)]
pub struct Trend {
    window: Millis,
    readings: VecDeque<(Timestamp, [f64; N_SIGNS])>,
}

impl Trend {
    /// Follows readings for so long.
    pub fn new(window: Millis) -> Self {
        Self { window, readings: VecDeque::new() }
    }

    /// Takes a reading; one that lacks a sign is left out.
    pub fn on_vitals(&mut self, now: Timestamp, vitals: &Vitals) {
        while self.readings.front().is_some_and(|(at, _)| now.since(*at) > self.window) {
            self.readings.pop_front();
        }
        let signs = || {
            Some([
                f64::from(vitals.heart_rate?),
                f64::from(vitals.respiratory_rate?),
                f64::from(vitals.spo2?),
                f64::from(vitals.systolic?),
            ])
        };
        self.readings.extend(signs().map(|signs| (now, signs)));
    }

    /// Levels and slopes by least squares; `None` before half a window was seen.
    pub fn features(&self) -> Option<Features> {
        let (first, last) = (self.readings.front()?.0, self.readings.back()?.0);
        let is_long = last.since(first) + last.since(first) >= self.window;
        if !is_long || self.readings.len() < READINGS_MIN {
            return None;
        }
        let mut features = [0.0; N_FEATURES];
        for sign in 0..N_SIGNS {
            let points = self
                .readings
                .iter()
                .map(|(at, signs)| (at.since(first).as_secs_f64() / 60.0, signs[sign]));
            let (level, slope) = line(&points, last.since(first).as_secs_f64() / 60.0);
            (features[sign], features[N_SIGNS + sign]) = (level, slope);
        }
        Some(features)
    }
}

/// A line through points by least squares: its height at `at`, and its slope.
fn line(points: &(impl Iterator<Item = (f64, f64)> + Clone), at: f64) -> (f64, f64) {
    let n = points.clone().fold(0.0, |n, _| n + 1.0);
    let mean = |of: fn((f64, f64)) -> f64| points.clone().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (sxy, sxx) = points.clone().fold((0.0, 0.0), |(sxy, sxx), point| {
        (sxy + (point.0 - x) * (point.1 - y), sxx + (point.0 - x).powi(2))
    });
    let slope = if sxx > 0.0 { sxy / sxx } else { 0.0 };
    (y + slope * (at - x), slope)
}

/// A fitted logistic regression on standardised features.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendModel {
    means: Features,
    spreads: Features,
    /// The intercept, then a weight a feature.
    pub weights: [f64; N_FEATURES + 1],
}

impl TrendModel {
    /// Fits a model to features and what came of them; `None` where either outcome is absent.
    /// Cost: steps times samples times features squared.
    pub fn fit(samples: &[(Features, bool)]) -> Option<Self> {
        let n_worse = samples.iter().filter(|(_, is_worse)| *is_worse).count();
        if n_worse == 0 || n_worse == samples.len() {
            return None;
        }
        let (means, spreads) = scales(samples);
        let mut model = Self { means, spreads, weights: [0.0; N_FEATURES + 1] };
        for _ in 0..STEPS_MAX {
            let step = model.newton(samples)?;
            for (weight, step) in model.weights.iter_mut().zip(step) {
                *weight += step;
            }
            if step.iter().all(|step| step.abs() < 1e-8) {
                break;
            }
        }
        Some(model)
    }

    /// The chance of becoming worse, 0..=1.
    pub fn chance(&self, features: &Features) -> f64 {
        let inputs = self.inputs(features);
        let sum: f64 = self.weights.iter().zip(inputs).map(|(weight, input)| weight * input).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    fn inputs(&self, features: &Features) -> [f64; N_FEATURES + 1] {
        let mut inputs = [1.0; N_FEATURES + 1];
        for idx in 0..N_FEATURES {
            inputs[idx + 1] = (features[idx] - self.means[idx]) / self.spreads[idx];
        }
        inputs
    }

    /// One step of Newton's method on the penalised likelihood.
    fn newton(&self, samples: &[(Features, bool)]) -> Option<[f64; N_FEATURES + 1]> {
        let mut slope = [0.0; N_FEATURES + 1];
        let mut curve = [[0.0; N_FEATURES + 1]; N_FEATURES + 1];
        for (features, is_worse) in samples {
            let (inputs, chance) = (self.inputs(features), self.chance(features));
            let miss = f64::from(u8::from(*is_worse)) - chance;
            for row in 0..=N_FEATURES {
                slope[row] += miss * inputs[row];
                for column in 0..=N_FEATURES {
                    curve[row][column] += chance * (1.0 - chance) * inputs[row] * inputs[column];
                }
            }
        }
        for idx in 1..=N_FEATURES {
            slope[idx] -= RIDGE * self.weights[idx];
            curve[idx][idx] += RIDGE;
        }
        solve(curve, slope)
    }
}

fn scales(samples: &[(Features, bool)]) -> (Features, Features) {
    #[expect(clippy::cast_precision_loss, reason = "samples are counted in millions at most")]
    let n = samples.len() as f64;
    let (mut means, mut spreads) = ([0.0; N_FEATURES], [0.0; N_FEATURES]);
    for idx in 0..N_FEATURES {
        let values = || samples.iter().map(|(features, _)| features[idx]);
        means[idx] = values().sum::<f64>() / n;
        let spread = (values().map(|it| (it - means[idx]).powi(2)).sum::<f64>() / n).sqrt();
        spreads[idx] = if spread > 0.0 { spread } else { 1.0 };
    }
    (means, spreads)
}

/// Gauss' elimination with pivots; `None` where the matrix is singular.
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot = (column..N)
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        if matrix[column][column].abs() < 1e-12 {
            return None;
        }
        for row in column + 1..N {
            let factor = matrix[row][column] / matrix[column][column];
            let above = matrix[column];
            for (cell, above) in matrix[row].iter_mut().zip(above).skip(column) {
                *cell -= factor * above;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}

/// How well chances held on patients that no fit has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Tenths of the patients, those with the least chances first.
    pub bins: Vec<CalibrationBin>,
    /// Mean squared difference of chance and outcome (Brier 1950).
    pub brier: f64,
    /// The same for who always names the share of all.
    pub brier_of_share: f64,
    /// The chance that one who became worse had the greater chance of two.
    pub auc: f64,
}

/// One tenth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationBin {
    /// Patients.
    pub n: usize,
    /// The mean chance that was told.
    pub told: f64,
    /// The share that became worse.
    pub came: f64,
}

impl Calibration {
    /// Compares chances with what came; `None` where either outcome is absent.
    #[expect(clippy::cast_precision_loss, reason = "samples are counted in millions at most")]
    pub fn of(mut told: Vec<(f64, bool)>) -> Option<Self> {
        told.sort_by(|a, b| a.0.total_cmp(&b.0));
        let n = told.len() as f64;
        let came = |told: &[(f64, bool)]| told.iter().filter(|(_, came)| *came).count() as f64;
        let n_worse = came(&told);
        if n_worse < 1.0 || n - n_worse < 1.0 {
            return None;
        }
        let share = n_worse / n;
        let brier = |chance: &dyn Fn(f64) -> f64| {
            let misses = told.iter().map(|(it, came)| chance(*it) - f64::from(u8::from(*came)));
            misses.map(|miss| miss * miss).sum::<f64>() / n
        };
        let bins = told.chunks(told.len().div_ceil(10)).map(|bin| CalibrationBin {
            n: bin.len(),
            told: bin.iter().map(|(chance, _)| chance).sum::<f64>() / bin.len() as f64,
            came: came(bin) / bin.len() as f64,
        });
        Some(Self {
            bins: bins.collect(),
            brier: brier(&|chance| chance),
            brier_of_share: brier(&|_| share),
            auc: auc(&told, n_worse),
        })
    }
}

/// By the sum of the ranks of those who became worse (Mann and Whitney 1947).
#[expect(clippy::cast_precision_loss, reason = "samples are counted in millions at most")]
fn auc(rising: &[(f64, bool)], n_worse: f64) -> f64 {
    let ranks = rising.iter().enumerate().filter(|(_, (_, came))| *came);
    let ranks: f64 = ranks.map(|(idx, _)| idx as f64 + 1.0).sum();
    let n_well = rising.len() as f64 - n_worse;
    (ranks - n_worse * (n_worse + 1.0) / 2.0) / (n_worse * n_well)
}

#[cfg(test)]
mod tests {
    use ems_model::{Bpm, BreathsPerMin, MmHg, OxygenSaturation};

    use super::*;

    #[test]
    fn a_trend_has_the_level_and_the_slope_of_its_readings() {
        let mut trend = Trend::new(Millis::from_mins(10));
        for minute in 0..=10_u16 {
            let vitals = Vitals {
                heart_rate: Bpm::new(80 + 2 * minute).ok(),
                respiratory_rate: BreathsPerMin::new(16).ok(),
                spo2: OxygenSaturation::new(98 - minute).ok(),
                systolic: MmHg::new(120).ok(),
                ..Vitals::default()
            };
            let now = Timestamp::from_millis(i64::from(minute) * 60_000);
            trend.on_vitals(now, &vitals);
            trend.on_vitals(now, &Vitals::default());
            assert_eq!(trend.features().is_some(), minute >= 5, "minute {minute}");
        }
        let expected = [100.0, 16.0, 88.0, 120.0, 2.0, 0.0, -1.0, 0.0];
        let found = trend.features().unwrap();
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }

    /// Samples whose outcome follows a known law, without chance: each feature vector comes with
    /// its share of outcomes.
    #[test]
    fn a_fit_finds_the_law_that_made_its_samples() {
        let mut samples = vec![];
        for step in 0..200_i32 {
            let x = f64::from(step - 100) / 40.0;
            let features = std::array::from_fn(|idx| if idx == 0 { x } else { 0.0 });
            let chance = 1.0 / (1.0 + (-(0.5 + 1.5 * x)).exp());
            for draw in 0..1000 {
                samples.push((features, (f64::from(draw) + 0.5) / 1000.0 < chance));
            }
        }
        let model = TrendModel::fit(&samples).unwrap();
        for x in [-2.0, -0.5, 0.0, 1.0, 2.0] {
            let features = std::array::from_fn(|idx| if idx == 0 { x } else { 0.0 });
            let chance = 1.0 / (1.0 + (-(0.5_f64 + 1.5 * x)).exp());
            assert!((model.chance(&features) - chance).abs() < 0.005, "at {x}");
        }
        assert_eq!(TrendModel::fit(&samples[..1]), None, "one outcome alone fits nothing");
    }

    #[test]
    fn calibration_tells_sure_from_useless_chances() {
        let outcomes: Vec<bool> = (0..1000).map(|idx| idx % 4 == 0).collect();
        let sure = outcomes.iter().map(|came| (f64::from(u8::from(*came)), *came)).collect();
        let sure = Calibration::of(sure).unwrap();
        assert!(sure.brier < 1e-12 && (sure.auc - 1.0).abs() < 1e-12, "{sure:?}");
        let share = Calibration::of(outcomes.iter().map(|came| (0.25, *came)).collect()).unwrap();
        assert!((share.brier - share.brier_of_share).abs() < 1e-12);
        assert_eq!(share.bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [100; 10]);
        assert_eq!(Calibration::of(vec![(0.5, true)]), None);
    }
}
