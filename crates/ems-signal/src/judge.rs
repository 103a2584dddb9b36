//! Decides which peaks are beats.

use std::collections::VecDeque;

use crate::beats::Beat;
use crate::rate::Rate;

/// A peak of the energy and the samples under it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    /// Where its R wave would be.
    pub(crate) sample: u64,
    /// Mean slope in the QRS band, microvolts per 10 ms.
    pub(crate) energy: f64,
    /// Steepest slope, microvolts per 10 ms.
    pub(crate) slope: f64,
    /// Whether it goes one way only, as a baseline shift does.
    pub(crate) is_step: bool,
}

/// Energy from here between the noise's and the beats' is a beat's.
const THRESHOLD: f64 = 0.3125;
/// A beat before this part of the usual interval is early and must be stronger, up to twice.
const EARLY: f64 = 0.7;
/// From this part of the beats' energy a peak is strong.
const STRONG: f64 = 0.9;
/// Called back at this part of the threshold.
const CALL_BACK: f64 = 0.5;
/// Called back when no beat came for this many RR intervals.
const CALL_BACK_INTERVALS: f64 = 1.5;
/// Called back only from so many times the noise.
const CALL_BACK_NOISE: f64 = 1.5;
/// A complex this soon after a beat is too early to be called back.
const CALL_BACK_MS: u32 = 360;
/// A complex within half an interval, and within these bounds, may be a T wave.
const T_WAVE_MS: [u32; 2] = [360, 480];
/// A T wave is flatter than this part of its beat.
const T_WAVE_SLOPE: f64 = 0.5;
/// No energy below this is a beat, microvolts per 10 ms: about a QRS complex of 0.1 mV.
const FLOOR: f64 = 3.0;
const LEARNING_MS: u32 = 1800;
/// After so long without a beat it learns anew.
const RELEARN_MS: u32 = 8000;
/// A candidate is known this long after its sample at the latest.
const DECISION_MS: u32 = 400;
/// The filters' start is not learnt from.
const SETTLING_MS: u32 = 100;

/// Thresholds, memory of beats and noise, and the beats found.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    rate: Rate,
    learning: Option<Learning>,
    beats: Recent,
    noise: Recent,
    intervals: Recent,
    last: Option<Candidate>,
    since: u64,
    strong: f64,
    missed: Option<Candidate>,
    found: VecDeque<Beat>,
}

#[derive(Debug, Clone, Default)]
struct Learning {
    until: u64,
    heard: Vec<Candidate>,
}

impl Judge {
    pub(crate) fn new(rate: Rate) -> Self {
        let learning = Learning { until: rate.samples(LEARNING_MS), heard: vec![] };
        Self {
            rate,
            learning: Some(learning),
            beats: Recent::default(),
            noise: Recent::default(),
            intervals: Recent::default(),
            last: None,
            since: 0,
            strong: 0.0,
            missed: None,
            found: VecDeque::new(),
        }
    }

    pub(crate) fn poll_output(&mut self) -> Option<Beat> {
        self.found.pop_front()
    }

    /// The energy from which a peak is sure to be no P wave.
    pub(crate) fn strong(&self) -> f64 {
        if self.learning.is_some() { 0.0 } else { self.strong }
    }

    pub(crate) fn on_candidate(&mut self, now: u64, candidate: Candidate) {
        match &mut self.learning {
            Some(learning) => learning.heard.push(candidate),
            None => self.classify(now, candidate),
        }
    }

    /// Ends learning, calls back a missed beat, or starts to learn anew.
    pub(crate) fn on_wake(&mut self, now: u64) {
        if self.learning.as_ref().is_some_and(|learning| now >= learning.until) {
            self.learn(now);
        }
        if self.is_late(now) {
            self.call_back(now);
        }
        if self.learning.is_none() && now >= self.since + self.rate.samples(RELEARN_MS) {
            let until = now + self.rate.samples(LEARNING_MS);
            self.learning = Some(Learning { until, heard: vec![] });
        }
    }

    /// Takes the strongest complex heard as a beat, then judges all that were heard.
    fn learn(&mut self, now: u64) {
        let heard = self.learning.take().unwrap_or_default().heard;
        let settled = self.rate.samples(SETTLING_MS);
        let usable = heard.iter().filter(|heard| heard.sample >= settled && !heard.is_step);
        let strongest = usable.map(|heard| heard.energy).fold(0.0, f64::max);
        self.since = now;
        (self.beats, self.noise) = (Recent::default(), Recent::default());
        self.beats.push(strongest);
        for candidate in heard {
            self.classify(now, candidate);
        }
    }

    fn classify(&mut self, now: u64, candidate: Candidate) {
        if candidate.is_step || self.last.is_some_and(|last| candidate.sample <= last.sample) {
            return;
        }
        let threshold = self.threshold() * self.earliness(candidate);
        if candidate.energy > threshold && !self.is_t_wave(candidate) {
            self.accept(now, candidate);
        } else {
            self.reject(candidate);
        }
    }

    fn threshold(&self) -> f64 {
        let noise = self.noise.median().unwrap_or(0.0);
        let beats = self.beats.median().unwrap_or(0.0);
        (noise + THRESHOLD * (beats - noise)).max(FLOOR)
    }

    /// 1 for a complex that is due, up to 2 for one right after a beat.
    fn earliness(&self, candidate: Candidate) -> f64 {
        let since_last = self.last.map(|last| as_f64(candidate.sample - last.sample));
        let intervals = since_last.zip(self.intervals.median());
        intervals.map_or(1.0, |(since, usual)| 1.0 + (1.0 - since / usual / EARLY).max(0.0))
    }

    fn is_t_wave(&self, candidate: Candidate) -> bool {
        let [least, most] = T_WAVE_MS.map(|ms| as_f64(self.rate.samples(ms)));
        let window = (self.interval() / 2.0).clamp(least, most);
        self.last.is_some_and(|last| {
            as_f64(candidate.sample - last.sample) < window
                && candidate.slope < T_WAVE_SLOPE * last.slope
        })
    }

    /// The usual RR interval in samples, a second until one is known.
    fn interval(&self) -> f64 {
        self.intervals.median().unwrap_or(self.rate.hz())
    }

    fn accept(&mut self, now: u64, candidate: Candidate) {
        if let Some(last) = self.last.filter(|last| last.sample >= self.since) {
            self.intervals.push(as_f64(candidate.sample - last.sample));
        }
        self.beats.push(candidate.energy);
        self.strong = STRONG * self.beats.median().unwrap_or(0.0);
        self.last = Some(candidate);
        self.since = candidate.sample;
        self.missed = None;
        self.found.push_back(Beat { sample: candidate.sample, found_at: now });
    }

    fn reject(&mut self, candidate: Candidate) {
        self.noise.push(candidate.energy);
        let is_early = candidate.sample < self.since + self.rate.samples(CALL_BACK_MS);
        if !is_early && self.missed.is_none_or(|missed| candidate.energy > missed.energy) {
            self.missed = Some(candidate);
        }
    }

    /// Whether the next beat should have been found by now.
    fn is_late(&self, now: u64) -> bool {
        let waited = as_f64(now.saturating_sub(self.since));
        self.missed.is_some()
            && waited
                > CALL_BACK_INTERVALS * self.interval() + as_f64(self.rate.samples(DECISION_MS))
    }

    fn call_back(&mut self, now: u64) {
        let noise = CALL_BACK_NOISE * self.noise.median().unwrap_or(0.0);
        let least = (CALL_BACK * self.threshold()).max(noise).max(FLOOR);
        if let Some(missed) = self.missed.filter(|missed| missed.energy > least) {
            self.accept(now, missed);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "samples of a stream stay below 2^52")]
fn as_f64(n_samples: u64) -> f64 {
    n_samples as f64
}

/// The last eight values.
#[derive(Debug, Clone, Default)]
struct Recent {
    values: VecDeque<f64>,
}

const RECENT: usize = 8;

impl Recent {
    fn push(&mut self, value: f64) {
        if self.values.len() == RECENT {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    fn median(&self) -> Option<f64> {
        let mut sorted: Vec<_> = self.values.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let upper = *sorted.get(sorted.len() / 2)?;
        Some(f64::midpoint(upper, sorted[(sorted.len() - 1) / 2]))
    }
}
