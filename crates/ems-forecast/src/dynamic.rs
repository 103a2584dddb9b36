//! One series as a level that drifts, a damped slope, and effects of the calendar: a dynamic linear
//! model, followed by the Kalman filter (West and Harrison, "Bayesian Forecasting and Dynamic
//! Models", 2nd edition, chapters 4, 6 and 8; quoted from memory). With a fixed memory the level is simple
//! exponential smoothing, with a slope it is a damped trend.

use std::f64::consts::TAU;

use ems_model::Date;
use nalgebra::{DMatrix, DVector};

use crate::calendar::Calendar;

/// How a model follows its series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Days over which the level forgets: the reciprocal of the gain of exponential smoothing.
    pub memory_days: f64,
    /// How the slope moves; `None` for a level alone.
    pub slope: Option<Slope>,
}

/// A slope that dies out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// The share of the slope that is left a day later, below 1.
    pub damping: f64,
    /// Standard deviation of its daily change, in those of the noise.
    pub step: f64,
}

/// Days of the year as sine and cosine of one and two waves.
const HARMONICS: usize = 2;
const LEVEL: usize = 0;
const SLOPE: usize = 1;
const WEEKDAYS: usize = 2;
const SEASON: usize = WEEKDAYS + 6;
const HOLIDAYS: usize = SEASON + 2 * HARMONICS;

/// Standard deviations that effects are expected to have, in those of one day's noise: what a
/// history cannot yet tell from noise stays near zero. Chosen by rolling origins, see
/// docs/forecast.md.
const WEEKDAY_PRIOR: f64 = 0.3;
const SEASON_PRIOR: f64 = 0.15;
const HOLIDAY_PRIOR: f64 = 1.5;

/// An error above so many standard deviations moves the model no further than this, and teaches it
/// accordingly less (Huber's weights).
const SURPRISE_MAX: f64 = 4.0;

/// What the calendar says of each day, shared by all series.
#[derive(Debug)]
pub(crate) struct Design {
    rows: Vec<DVector<f64>>,
}

impl Design {
    pub(crate) fn new(first: Date, n_days: usize, calendar: &Calendar) -> Self {
        let days = (0..).take(n_days).map(|day| first + day);
        Self { rows: days.map(|date| row(date, calendar)).collect() }
    }
}

fn row(date: Date, calendar: &Calendar) -> DVector<f64> {
    let mut row = DVector::zeros(HOLIDAYS + calendar.n_effects());
    row[LEVEL] = 1.0;
    match usize::from(date.weekday()) {
        6 => row.rows_mut(WEEKDAYS, 6).fill(-1.0),
        weekday => row[WEEKDAYS + weekday] = 1.0,
    }
    let year = f64::from(date.days()) / 365.2425;
    for (wave, at) in (1_u8..).zip((SEASON..HOLIDAYS).step_by(2)) {
        let angle = TAU * year * f64::from(wave);
        (row[at], row[at + 1]) = angle.sin_cos();
    }
    if let Some(effect) = calendar.effect(date) {
        row[HOLIDAYS + effect] = 1.0;
    }
    row
}

/// What a model said of a series while it followed it.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// The mean expected of each day the evening before.
    pub(crate) one_ahead: Vec<f64>,
    /// Means of the days that followed each of the mornings asked for.
    pub(crate) ahead: Vec<Vec<f64>>,
}

impl Member {
    /// Follows a series; on each of `mornings`, in order, it looks up to `n_ahead` days ahead, and
    /// after the last day as far as the design goes.
    pub(crate) fn follow(
        self,
        counts: &[Option<u32>],
        design: &Design,
        mornings: &[usize],
        n_ahead: usize,
    ) -> Track {
        let mut filter = Filter::new(self, counts, design.rows[0].len());
        let mut track = Track { one_ahead: Vec::new(), ahead: Vec::new() };
        for day in 0..=counts.len() {
            if mornings.binary_search(&day).is_ok() {
                let is_last = day == counts.len();
                let n_rows = design.rows.len();
                let end = if is_last { n_rows } else { n_rows.min(day + n_ahead) };
                track.ahead.push(filter.ahead(&design.rows[day..end]));
            }
            if let Some(count) = counts.get(day) {
                track.one_ahead.push(filter.step(&design.rows[day], *count));
            }
        }
        track
    }
}

struct Filter {
    damping: f64,
    /// Variances: of a day's noise, of the level's daily step and of the slope's.
    noise: f64,
    level_step: f64,
    slope_step: f64,
    state: DVector<f64>,
    spread: DMatrix<f64>,
}

impl Filter {
    fn new(member: Member, counts: &[Option<u32>], n_columns: usize) -> Self {
        let (level, noise, unit) = scale(counts);
        let Slope { damping, step } = member.slope.unwrap_or(Slope { damping: 0.0, step: 0.0 });
        let gain = 1.0 / member.memory_days;
        let slope_step = noise * step * step;
        let mut state = DVector::zeros(n_columns);
        state[LEVEL] = level;
        let mut spread = DMatrix::identity(n_columns, n_columns) * (unit * HOLIDAY_PRIOR.powi(2));
        spread[(LEVEL, LEVEL)] = unit;
        spread[(SLOPE, SLOPE)] = slope_step / (1.0 - damping * damping);
        for at in WEEKDAYS..SEASON {
            spread[(at, at)] = unit * WEEKDAY_PRIOR.powi(2);
        }
        for at in SEASON..HOLIDAYS {
            let wave = if at < SEASON + 2 { 1.0 } else { 2.0 };
            spread[(at, at)] = unit * (SEASON_PRIOR / wave).powi(2);
        }
        let level_step = noise * gain * gain / (1.0 - gain);
        Self { damping, noise, level_step, slope_step, state, spread }
    }

    /// The mean expected of a day, before it is learnt from.
    fn step(&mut self, row: &DVector<f64>, count: Option<u32>) -> f64 {
        self.pass_a_night();
        let expected = row.dot(&self.state);
        if let Some(count) = count {
            self.learn(row, f64::from(count) - expected);
        }
        expected
    }

    fn pass_a_night(&mut self) {
        self.state[LEVEL] += self.state[SLOPE];
        self.state[SLOPE] *= self.damping;
        let slope = self.spread.row(SLOPE).into_owned();
        let mut level = self.spread.row_mut(LEVEL);
        level += &slope;
        let slope = self.spread.column(SLOPE).into_owned();
        let mut level = self.spread.column_mut(LEVEL);
        level += &slope;
        self.spread.row_mut(SLOPE).scale_mut(self.damping);
        self.spread.column_mut(SLOPE).scale_mut(self.damping);
        self.spread[(LEVEL, LEVEL)] += self.level_step;
        self.spread[(SLOPE, SLOPE)] += self.slope_step;
    }

    fn learn(&mut self, row: &DVector<f64>, error: f64) {
        let gain = &self.spread * row;
        let variance = row.dot(&gain) + self.noise;
        let surprise = error.abs() / (SURPRISE_MAX * variance.sqrt());
        let variance = variance * surprise.max(1.0);
        self.state.axpy(error / variance, &gain, 1.0);
        self.spread.ger(-1.0 / variance, &gain, &gain, 1.0);
    }

    fn ahead(&self, rows: &[DVector<f64>]) -> Vec<f64> {
        let mut state = self.state.clone();
        let mean = |row: &DVector<f64>| {
            state[LEVEL] += state[SLOPE];
            state[SLOPE] *= self.damping;
            row.dot(&state)
        };
        rows.iter().map(mean).collect()
    }
}

/// The level of a series' first eight weeks, the variance of its noise, and that of the unit in
/// which effects are expected: no less than Poisson's.
///
/// The noise is half the squared difference of days a week apart, by its median: neither a trend
/// nor a few odd days disturb it. Where most days are alike, as with rare incidents, by its mean.
fn scale(counts: &[Option<u32>]) -> (f64, f64, f64) {
    const CHI_SQUARED_MEDIAN: f64 = 0.4549;
    let known: Vec<f64> = counts.iter().flatten().map(|&count| f64::from(count)).collect();
    let first = mean(&known[..known.len().min(56)]);
    let overall = mean(&known);
    let pairs = counts.iter().zip(counts.iter().skip(7));
    let differ = |(a, b): (&Option<u32>, &Option<u32>)| Some(f64::from((*a)?) - f64::from((*b)?));
    let mut squares: Vec<f64> = pairs.filter_map(differ).map(|d| d * d / 2.0).collect();
    squares.sort_by(f64::total_cmp);
    let median =
        squares.get(squares.len() / 2).map_or(overall, |median| median / CHI_SQUARED_MEDIAN);
    let noise = if median > 0.0 { median } else { mean(&squares) };
    let noise = noise.max(1e-6 * (1.0 + overall));
    (first, noise, noise.max(overall))
}

#[expect(clippy::cast_precision_loss, reason = "a history has at most 36,600 days")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
