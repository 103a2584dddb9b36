//! Finds the pulses of a pressure or plethysmogram wave, causally and in a stream.
//!
//! A pulse is where the wave rises most within 128 ms: the slope sum of Zong et al. (Comput Cardiol
//! 2003;30:259-262), with a threshold that follows the last pulses. Its foot is where the steepest
//! tangent meets the level before it (intersecting tangents). Each pulse is compared with the
//! usual shape, as Orphanidou et al. do (IEEE J Biomed Health Inform 2015;19:832-838, unverified).

use std::collections::VecDeque;

use crate::shape::Shape;

/// The wave's rise is summed over this.
const SUM_S: f64 = 0.128;
/// Two pulses are this far apart at least.
const APART_S: f64 = 0.3;
/// The threshold is this share of the middle of the last seconds' steepest rises.
const SHARE: f64 = 0.5;
/// Seconds whose steepest rises make the threshold.
const SECONDS: usize = 8;
/// What is kept of the wave: the longest look back and ahead of a pulse's steepest rise.
const KEPT_S: f64 = 1.5;
/// A pulse's level before it lies at most this long before its steepest rise.
const FOOT_S: f64 = 0.3;
/// The tangent is taken over this.
const TANGENT_S: f64 = 0.024;
/// Its top is at most this long after its steepest rise; so late is a pulse known.
const TOP_S: f64 = 0.4;
/// Shapes of pulses are compared from so long before the steepest rise
const SHAPE_BEFORE_S: f64 = 0.12;
/// until so long after it: also a fast heart's pulse is no shorter.
const SHAPE_AFTER_S: f64 = 0.24;
/// A wave that stays at one value for so long near its top is cut off.
const CLIPPED_S: f64 = 0.1;

/// One pulse. Places are samples from the wave's first, with fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pulse {
    /// Where it begins: the foot.
    pub foot: f64,
    /// Where it rises most.
    pub steepest: f64,
    /// Where it is highest.
    pub top: f64,
    /// The wave at the level before it, in the wave's unit.
    pub foot_level: f64,
    /// The wave at its top.
    pub top_level: f64,
    /// How much it is like the usual pulse, -1..=1; 0 where it is cut off or incomplete.
    pub likeness: f64,
}

/// A sampling rate at which no pulse can be found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("sampling rate {hz} Hz is outside 10..=2000: set the device to a rate within")]
pub struct UnsupportedWaveRate {
    /// The rate.
    pub hz: f64,
}

/// Finds pulses. Samples of one channel in, in any unit, NaN for a missing one; each pulse is out
/// 0.4 s after its steepest rise. Cost: some tens of operations a sample.
#[derive(Debug, Clone)]
pub struct PulseFinder {
    hz: f64,
    n_taken: u64,
    /// The last samples; missing ones hold the level, and are marked.
    wave: VecDeque<(f64, bool)>,
    /// The sum of the last rises.
    rise: f64,
    steps: VecDeque<f64>,
    seconds: VecDeque<f64>,
    second: f64,
    /// Where the wave rose most, and how much: pulses whose top may be still to come.
    candidates: VecDeque<(u64, f64)>,
    /// The candidate that was told last.
    told: Option<u64>,
    shape: Shape,
    found: VecDeque<Pulse>,
}

impl PulseFinder {
    /// Starts without a pulse; `hz`: samples a second, 10..=2000.
    pub fn new(hz: f64) -> Result<Self, UnsupportedWaveRate> {
        if !(10.0..=2000.0).contains(&hz) {
            return Err(UnsupportedWaveRate { hz });
        }
        Ok(Self {
            hz,
            n_taken: 0,
            wave: VecDeque::new(),
            rise: 0.0,
            steps: VecDeque::new(),
            seconds: VecDeque::new(),
            second: 0.0,
            candidates: VecDeque::new(),
            told: None,
            shape: Shape::default(),
            found: VecDeque::new(),
        })
    }

    /// Takes the next sample.
    pub fn push(&mut self, sample: f64) {
        let before = self.wave.back().map_or(f64::NAN, |(level, _)| *level);
        let level = if sample.is_finite() { sample } else { before };
        let step = (level - before).max(0.0);
        self.keep(level, sample.is_finite());
        self.follow(if step.is_finite() { step } else { 0.0 });
        self.n_taken += 1;
        self.settle();
    }

    /// The next pulse.
    pub fn poll_output(&mut self) -> Option<Pulse> {
        self.found.pop_front()
    }

    fn keep(&mut self, level: f64, is_there: bool) {
        self.wave.push_back((level, is_there));
        if self.wave.len() > self.samples(KEPT_S) {
            self.wave.pop_front();
        }
    }

    /// Sums the rises, and takes the steepest above the threshold for a candidate.
    fn follow(&mut self, step: f64) {
        self.steps.push_back(step);
        if self.steps.len() > self.samples(SUM_S) {
            self.steps.pop_front();
        }
        // Summed anew, for a running sum keeps the errors of a step that was huge.
        self.rise = self.steps.iter().sum();
        self.second = self.second.max(self.rise);
        if self.rise <= self.threshold() || self.rise <= 0.0 {
            return self.end_second();
        }
        self.nominate();
        self.end_second();
    }

    /// Takes this place for a pulse, or for the better place of the last one.
    fn nominate(&mut self) {
        let apart = self.samples(APART_S) as u64;
        let here = (self.n_taken, self.rise);
        match self.candidates.back_mut() {
            Some(last) if here.0 - last.0 < apart => {
                if here.1 > last.1 {
                    *last = here;
                }
            }
            None if self.told.is_some_and(|told| here.0 - told < apart) => {}
            _ => self.candidates.push_back(here),
        }
    }

    fn threshold(&self) -> f64 {
        let mut seconds: Vec<f64> = self.seconds.iter().copied().chain([self.second]).collect();
        seconds.sort_by(f64::total_cmp);
        SHARE * seconds[seconds.len() / 2]
    }

    fn end_second(&mut self) {
        if (self.n_taken + 1).is_multiple_of(self.samples(1.0) as u64) {
            self.seconds.push_back(std::mem::take(&mut self.second));
            if self.seconds.len() == SECONDS {
                self.seconds.pop_front();
            }
        }
    }

    /// Tells a candidate once its top must have come.
    fn settle(&mut self) {
        let Some((at, _)) = self.candidates.front().copied() else { return };
        if self.n_taken - at < self.samples(TOP_S) as u64 {
            return;
        }
        self.candidates.pop_front();
        self.told = Some(at);
        let pulse = self.measure(at);
        self.found.extend(pulse);
    }

    /// Measures the pulse whose slope sum was highest at sample `at`.
    fn measure(&mut self, at: u64) -> Option<Pulse> {
        let first = self.n_taken - self.wave.len() as u64;
        let end = usize::try_from(at - first).ok()?;
        let steepest = self.steepest(end)?;
        let top = self.top(steepest)?;
        let low = self.low(steepest)?;
        let (foot_level, top_level) = (self.level(low), self.level(top));
        let foot = self.tangent_foot(steepest, low, foot_level);
        let likeness = self.likeness(steepest, top);
        #[expect(clippy::cast_precision_loss, reason = "a wave has fewer samples than f64 counts")]
        let from_start = |place: f64| place + first as f64;
        Some(Pulse {
            foot: from_start(foot),
            steepest: from_start(count(steepest)),
            top: from_start(count(top)),
            foot_level,
            top_level,
            likeness,
        })
    }

    /// The later end of the step about which the summed rise is steepest: its centre of gravity,
    /// for the steepest single step is a matter of noise.
    fn steepest(&self, end: usize) -> Option<usize> {
        let from = (end + 1).saturating_sub(self.samples(SUM_S)).max(1);
        let step = |idx: usize| (self.level(idx) - self.level(idx - 1)).max(0.0).powi(2);
        let weight: f64 = (from..=end).map(step).sum();
        let place = (from..=end).map(|idx| step(idx) * count(idx)).sum::<f64>() / weight;
        (weight > 0.0 && place.is_finite()).then(|| whole(place))
    }

    /// Where the tangent about the steepest rise meets the level before it.
    fn tangent_foot(&self, steepest: usize, low: usize, foot_level: f64) -> f64 {
        let half = self.samples(TANGENT_S / 2.0);
        let (from, to) =
            (steepest.saturating_sub(half), (steepest + half).min(self.wave.len() - 1));
        let slope = (self.level(to) - self.level(from)) / count(to - from).max(1.0);
        let back = (self.level(from) - foot_level) / slope;
        if back.is_finite() { (count(from) - back).max(count(low)) } else { count(low) }
    }

    /// Where the wave is highest, the first such place, before it is back at its steepest.
    fn top(&self, steepest: usize) -> Option<usize> {
        let end = (steepest + self.samples(TOP_S)).min(self.wave.len());
        let is_up = |idx: &usize| self.level(*idx) >= self.level(steepest);
        let up: Vec<usize> = (steepest..end).take_while(is_up).collect();
        up.into_iter().rev().max_by(|a, b| self.level(*a).total_cmp(&self.level(*b)))
    }

    /// Where the wave is lowest before its steepest rise, the last such place.
    fn low(&self, steepest: usize) -> Option<usize> {
        let from = steepest.saturating_sub(self.samples(FOOT_S));
        (from..steepest).rev().min_by(|a, b| self.level(*a).total_cmp(&self.level(*b)))
    }

    /// How much the pulse is like the usual one; 0 for one that is cut off or lacks samples.
    fn likeness(&mut self, steepest: usize, top: usize) -> f64 {
        let Some(from) = steepest.checked_sub(self.samples(SHAPE_BEFORE_S)) else { return 0.0 };
        let to = (steepest + self.samples(SHAPE_AFTER_S)).min(self.wave.len());
        let highest = self.level(top);
        let n_highest = (top..self.wave.len())
            .take_while(|idx| self.level(*idx).total_cmp(&highest).is_eq())
            .count();
        let is_whole = self.wave.range(from..to).all(|(_, is_there)| *is_there);
        if !is_whole || n_highest > self.samples(CLIPPED_S) {
            return 0.0;
        }
        let piece: Vec<f64> = (from..to).map(|idx| self.level(idx)).collect();
        self.shape.compare(&piece)
    }

    fn level(&self, idx: usize) -> f64 {
        self.wave[idx].0
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a span of seconds at a checked rate"
    )]
    fn samples(&self, secs: f64) -> usize {
        (secs * self.hz).round().max(1.0) as usize
    }
}

#[expect(clippy::cast_precision_loss, reason = "within what is kept of the wave")]
fn count(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the wave")]
fn whole(place: f64) -> usize {
    place.round() as usize
}

/// When pulses rise most, in seconds from the first sample. `samples`: one channel in any unit,
/// `hz` a second, oldest first, NaN where missing. Cost: the samples.
pub fn find_pulses(samples: &[f64], hz: f64) -> Vec<f64> {
    let Ok(mut finder) = PulseFinder::new(hz) else { return Vec::new() };
    // The last pulse is known some time after it.
    let after = std::iter::repeat_n(&f64::NAN, finder.samples(TOP_S));
    samples.iter().chain(after).for_each(|sample| finder.push(*sample));
    std::iter::from_fn(|| finder.poll_output()).map(|pulse| pulse.steepest / hz).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a minute of a wave that rises in 150 ms and falls over the rest, `rate` a minute.
    fn wave(rate: f64, hz: u32) -> Vec<f64> {
        let every = 60.0 / rate;
        let at = |idx: u32| {
            let phase = (f64::from(idx) / f64::from(hz)) % every;
            if phase < 0.15 { phase / 0.15 } else { (-(phase - 0.15) / 0.3).exp() }
        };
        (0..30 * hz).map(at).collect()
    }

    fn pulses(wave: &[f64], hz: u32) -> Vec<Pulse> {
        let mut finder = PulseFinder::new(f64::from(hz)).unwrap();
        let mut pulses = vec![];
        for sample in wave {
            finder.push(*sample);
            pulses.extend(finder.poll_output());
        }
        pulses
    }

    #[test]
    fn each_pulse_of_a_clean_wave_is_found_once() {
        for (rate, hz) in [(40.0, 125), (70.0, 250), (150.0, 125), (70.0, 63)] {
            let pulses = find_pulses(&wave(rate, hz), f64::from(hz));
            let expected = rate / 2.0;
            let n = f64::from(u32::try_from(pulses.len()).unwrap());
            assert!((n - expected).abs() <= 1.0, "{rate}/min at {hz} Hz: {n} of {expected}");
            for pair in pulses.windows(2) {
                assert!((pair[1] - pair[0] - 60.0 / rate).abs() < 0.05, "{rate}: {pair:?}");
            }
        }
    }

    #[test]
    fn a_pulse_has_its_foot_top_and_levels_and_is_known_within_half_a_second() {
        let hz = 250;
        let wave: Vec<f64> = wave(60.0, hz).iter().map(|level| 80.0 + 40.0 * level).collect();
        let mut finder = PulseFinder::new(250.0).unwrap();
        let mut n_found = 0;
        for (idx, sample) in (0_u32..).zip(&wave) {
            finder.push(*sample);
            let Some(pulse) = finder.poll_output() else { continue };
            n_found += 1;
            let late = f64::from(idx) - pulse.steepest;
            assert!(late <= 0.55 * 250.0, "{late} samples late");
            let phase = (pulse.foot / 250.0).fract();
            assert!(phase.min(1.0 - phase) < 0.012, "foot {pulse:?}");
            let rise = (pulse.top - pulse.foot) / 250.0;
            assert!((rise - 0.15).abs() < 0.02, "{rise} s to the top");
            assert!((pulse.top_level - 120.0).abs() < 1.5 && pulse.foot_level < 84.0, "{pulse:?}");
            assert!(n_found < 3 || pulse.likeness > 0.98, "{pulse:?}");
        }
        assert!(n_found >= 28, "{n_found}");
    }

    #[test]
    fn noise_and_a_cut_off_wave_are_not_like_pulses() {
        let clipped: Vec<f64> = wave(60.0, 250).iter().map(|level| level.min(0.5)).collect();
        assert!(pulses(&clipped, 250).iter().all(|pulse| pulse.likeness.abs() < 1e-12));
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24)
        };
        let noise: Vec<f64> = (0..7500).map(|_| noise()).collect();
        let found = pulses(&noise, 250);
        let n_like = found.iter().skip(1).filter(|pulse| pulse.likeness > 0.8).count();
        assert!(n_like * 20 < found.len(), "{n_like} of {}", found.len());
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert!(find_pulses(&[], 125.0).is_empty());
        assert!(find_pulses(&[f64::NAN; 1000], 125.0).is_empty());
        assert!(find_pulses(&[1.0; 1000], 125.0).is_empty());
        assert!(find_pulses(&[0.0, 1.0], 0.0).is_empty());
    }
}
