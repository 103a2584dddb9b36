//! Finds the beats of one lead.

use std::collections::VecDeque;

use crate::energy::QrsEnergy;
use crate::judge::{Candidate, Judge};
use crate::peaks::{Peak, PeakPicker, Rivals};
use crate::rate::{Rate, UnsupportedRate};

/// A beat that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Where its R wave is: samples since the first pushed one, counted from 0.
    pub sample: u64,
    /// The sample at which it was found.
    pub found_at: u64,
}

/// Finds beats causally, within 400 ms of the R wave, from the second second on.
///
/// A beat that was first held to be noise and is called back when the next one fails to come is
/// later than that; [`Beat::found_at`] tells. Beats are found in order.
#[derive(Debug, Clone)]
pub struct BeatFinder {
    rate: Rate,
    now: u64,
    origin: Option<f64>,
    level: f64,
    energy: QrsEnergy,
    peaks: PeakPicker,
    rivals: Rivals,
    history: VecDeque<f64>,
    judge: Judge,
}

/// How far back a complex is looked at.
const HISTORY_MS: u32 = 800;
/// The R wave lies within this of the energy's middle.
const R_WAVE_MS: u32 = 80;
/// Steepness is looked for within this of the energy's middle.
const SLOPE_REACH_MS: u32 = 110;
const SLOPE_MS: u32 = 10;

impl BeatFinder {
    /// Sets up for one lead at `hz`, 100..=2000.
    pub fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        Ok(Self {
            rate,
            now: 0,
            origin: None,
            level: 0.0,
            energy: QrsEnergy::new(rate),
            peaks: PeakPicker::new(rate),
            rivals: Rivals::new(rate),
            history: VecDeque::from(vec![0.0; rate.len(HISTORY_MS)]),
            judge: Judge::new(rate),
        })
    }

    /// Takes one sample in microvolts, as measured or cleaned; NaN for a missing one.
    ///
    /// Across missing samples the last level is held, and what follows goes on from there.
    pub fn push(&mut self, microvolts: f32) {
        let sample = self.without_gaps(f64::from(microvolts));
        self.history.pop_front();
        self.history.push_back(sample);
        let energy = self.energy.push(sample);
        if let Some(peak) = self.peaks.push(self.now, energy) {
            self.rivals.push(peak.at, self.candidate(peak), self.judge.strong());
        }
        if let Some(candidate) = self.rivals.poll_output(self.now) {
            self.judge.on_candidate(self.now, candidate);
        }
        self.judge.on_wake(self.now);
        self.now += 1;
    }

    /// Tells that the recording has ended, so that its last beats are found: as 0.5 s of nothing.
    pub fn finish(&mut self) {
        (0..self.rate.samples(500)).for_each(|_| self.push(f32::NAN));
    }

    /// The next beat that was found.
    pub fn poll_output(&mut self) -> Option<Beat> {
        self.judge.poll_output()
    }

    fn without_gaps(&mut self, sample: f64) -> f64 {
        if sample.is_finite() {
            let origin = *self.origin.get_or_insert(sample - self.level);
            self.level = sample - origin;
        } else {
            self.origin = None;
        }
        self.level
    }

    /// Looks at the samples under a peak of the energy.
    fn candidate(&self, peak: Peak) -> Candidate {
        let middle = peak.at.saturating_sub(self.energy.delay());
        let (up, down) = self.steepest(middle);
        Candidate {
            sample: self.r_wave(middle),
            energy: peak.height,
            slope: up.max(down),
            is_step: up < down / 8.0 || down < up / 8.0,
        }
    }

    /// The steepest rise and fall, in microvolts per 10 ms.
    fn steepest(&self, middle: u64) -> (f64, f64) {
        let step = self.rate.len(SLOPE_MS);
        let window = self.window(middle, SLOPE_REACH_MS);
        let slopes = (window.start + step..window.end)
            .map(|idx| self.history[idx] - self.history[idx - step]);
        slopes.fold((0.0, 0.0), |(up, down), slope| (slope.max(up), (-slope).max(down)))
    }

    /// The sample that is farthest from the mean around it.
    fn r_wave(&self, middle: u64) -> u64 {
        let window = self.window(middle, R_WAVE_MS);
        let samples = || window.clone().map(|idx| (idx, self.history[idx]));
        #[expect(clippy::cast_precision_loss, reason = "a length of a few hundred samples")]
        let mean = samples().map(|(_, sample)| sample).sum::<f64>() / window.len().max(1) as f64;
        let farther =
            |a: &(usize, f64), b: &(usize, f64)| (a.1 - mean).abs().total_cmp(&(b.1 - mean).abs());
        let idx = samples().max_by(farther).map_or(window.start, |(idx, _)| idx);
        (self.now + 1 + idx as u64).saturating_sub(self.history.len() as u64)
    }

    /// Indices into the history within `reach_ms` of a sample.
    fn window(&self, middle: u64, reach_ms: u32) -> std::ops::Range<usize> {
        let reach = self.rate.samples(reach_ms);
        let len = self.history.len();
        let idx = |sample: u64| {
            let idx = (sample + len as u64).saturating_sub(self.now + 1);
            usize::try_from(idx).map_or(len, |idx| idx.min(len))
        };
        idx(middle.saturating_sub(reach))..idx(middle + reach + 1)
    }
}
