//! Whether the wave itself fibrillates or flutters, whatever the beats are.

use std::collections::VecDeque;

use super::rules::VentricularFibrillationRule;
use crate::filter::Band;
use crate::rate::{Rate, count, mean};

/// Samples a second that the wave is looked at with.
const INNER: Rate = Rate(125.0);
const WINDOW: usize = 500;
/// Twice a second.
const STEP: usize = 62;
/// The line before a complex where a P wave would be: 64 to 256 ms before R, in our samples.
const LINE: usize = 24;
const LINE_UNTIL: usize = 8;
/// What the band delays a wave by, in our samples.
const DELAY: usize = 2;

/// What a window of 4 s looked like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WaveLook {
    /// What is left when the wave is added to itself half a period later, 0 (a sine) to 1.
    pub(crate) leakage: f64,
    /// The share of samples beyond a fifth of the largest.
    pub(crate) crossing_share: f64,
    /// Of the slopes: 1.5 for a sine, some 25 for narrow complexes.
    pub(crate) slope_kurtosis: f64,
    /// Between the first and the last hundredth, millivolts.
    pub(crate) span_mv: f64,
    /// Of its mean period.
    pub(crate) frequency_hz: f64,
}

impl WaveLook {
    pub(crate) fn is_fibrillation(&self, rule: &VentricularFibrillationRule) -> bool {
        self.leakage < rule.leakage_below
            && self.crossing_share > rule.crossing_share_above
            && self.slope_kurtosis < rule.slope_kurtosis_below
            && self.span_mv > rule.span_above_mv
            && self.frequency_hz > rule.frequency_above_hz
            && self.frequency_hz < rule.frequency_below_hz
    }
}

/// Brings samples to 125 Hz and 1 to 30 Hz, and looks at them twice a second.
#[derive(Debug, Clone)]
pub(crate) struct WaveWatch {
    /// Input samples for one of ours.
    ratio: f64,
    until_next: f64,
    sum: f64,
    n_summed: usize,
    level: f64,
    band: Band,
    window: VecDeque<f64>,
    until_look: usize,
    n_missing: usize,
    n_input: u64,
}

impl WaveWatch {
    pub(crate) fn new(hz: u32) -> Self {
        let ratio = f64::from(hz) / INNER.0;
        Self {
            ratio,
            until_next: ratio,
            sum: 0.0,
            n_summed: 0,
            level: 0.0,
            band: Band::new(INNER, 1.0, 30.0),
            window: VecDeque::with_capacity(WINDOW),
            until_look: WINDOW,
            n_missing: 0,
            n_input: 0,
        }
    }

    /// Takes a sample in microvolts, NaN for a missing one; a look every half second once 4 s came.
    ///
    /// A window of which more than a tenth is missing gives none.
    pub(crate) fn push(&mut self, microvolts: f32) -> Option<WaveLook> {
        if microvolts.is_finite() {
            self.level = f64::from(microvolts);
        } else {
            self.n_missing += 1;
        }
        self.sum += self.level;
        self.n_summed += 1;
        self.n_input += 1;
        self.until_next -= 1.0;
        let mut look = None;
        // Rates from 100 Hz give up to two samples for one.
        while self.until_next <= 0.0 {
            self.until_next += self.ratio;
            let sample =
                if self.n_summed == 0 { self.level } else { self.sum / count(self.n_summed) };
            (self.sum, self.n_summed) = (0.0, 0);
            look = self.take(sample).or(look);
        }
        look
    }

    /// The line before the R wave at an input sample of the last 3 s, from its mean.
    pub(crate) fn line_before(&self, sample: u64) -> Option<[f64; LINE]> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "samples of the last seconds"
        )]
        let back = (self.n_input.checked_sub(sample)? as f64 / self.ratio).round() as usize;
        let until = (self.window.len() + DELAY).checked_sub(back + LINE_UNTIL)?;
        let from = until.checked_sub(LINE)?;
        let mut line = [0.0; LINE];
        line.iter_mut().zip(self.window.range(from..until)).for_each(|(to, it)| *to = *it);
        let level = mean(line).unwrap_or(0.0);
        Some(line.map(|it| it - level))
    }

    fn take(&mut self, sample: f64) -> Option<WaveLook> {
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        let filtered = self.band.push(sample);
        self.window.push_back(filtered);
        self.until_look -= 1;
        if self.until_look > 0 {
            return None;
        }
        self.until_look = STEP;
        let n_missing = std::mem::take(&mut self.n_missing);
        let is_whole = count(n_missing) < self.ratio * count(STEP) / 10.0;
        is_whole.then(|| look(self.window.make_contiguous()))
    }
}

/// Cost: some 3,000 operations.
fn look(window: &[f64]) -> WaveLook {
    let slopes: Vec<f64> = window.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let path: f64 = slopes.iter().map(|it| it.abs()).sum();
    let area: f64 = window.iter().map(|it| it.abs()).sum();
    // Half of the mean period: pi times the mean size over the mean slope.
    let half = std::f64::consts::PI * area / path.max(1e-9);
    let half_period = half_samples(half);
    let pairs = || window[half_period..].iter().zip(window);
    let left: f64 = pairs().map(|(a, b)| (a + b).abs()).sum();
    let whole: f64 = pairs().map(|(a, b)| a.abs() + b.abs()).sum();
    let largest = window.iter().fold(0.0_f64, |largest, it| largest.max(it.abs()));
    let n_beyond = window.iter().filter(|it| it.abs() > 0.2 * largest).count();
    let moment = |power: i32| mean(slopes.iter().map(|it| it.powi(power))).unwrap_or(0.0);
    WaveLook {
        leakage: left / whole.max(1e-9),
        crossing_share: count(n_beyond) / count(window.len()),
        slope_kurtosis: moment(4) / moment(2).powi(2).max(1e-9),
        span_mv: span(window) / 1000.0,
        frequency_hz: INNER.0 / (2.0 * count(half_period)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held to half a window"
)]
fn half_samples(half: f64) -> usize {
    half.round().clamp(1.0, count(WINDOW / 2)) as usize
}

/// From the first to the last hundredth.
fn span(window: &[f64]) -> f64 {
    let mut sorted = window.to_vec();
    sorted.sort_by(f64::total_cmp);
    let hundredth = window.len() / 100;
    sorted[sorted.len() - 1 - hundredth] - sorted[hundredth]
}

/// The line before complexes as it usually is: where P waves stand, each is like it.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsualLine {
    line: Option<[f64; LINE]>,
}

/// How fast it follows.
const LEARNING: f64 = 0.1;

impl UsualLine {
    /// How like a line is, -1 to 1; `None` for the first. Learns it.
    pub(crate) fn compare(&mut self, line: &[f64; LINE]) -> Option<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let Some(usual) = &mut self.line else {
            self.line = Some(*line);
            return None;
        };
        let likeness = dot(line, usual) / (dot(line, line) * dot(usual, usual)).sqrt().max(1e-9);
        usual.iter_mut().zip(line).for_each(|(usual, it)| *usual += LEARNING * (it - *usual));
        Some(likeness)
    }
}
