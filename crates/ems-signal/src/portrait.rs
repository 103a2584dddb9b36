//! What a beat's class is told by: its looks and its place among its neighbours.

use std::collections::VecDeque;

use crate::candidate::{Candidate, mean};
use crate::features::N_FEATURES;
use crate::memory::samples;
use crate::trail::Trail;
use crate::wave::{SMOOTH_DELAY, Wave};

/// Numbers that a beat's class is told by; NaN for one that is not known.
pub const N_PORTRAIT: usize = N_FEATURES + SHAPE + OTHERS;
/// The wave around the centre, every 16 ms.
const SHAPE: usize = 16;
const OTHERS: usize = 20;
/// A beat's portrait is finished by the next beat, or after this: 2 s in samples of 8 ms.
const LONGEST: u64 = 250;
/// The line before a complex, with its P wave: 64 to 256 ms before the centre.
const BEFORE: usize = 25;
const BEFORE_UNTIL: u64 = 8;
/// The line after it, with its T wave: 112 to 312 ms after the centre.
const AFTER: usize = 26;
const AFTER_UNTIL: u64 = 39;
/// A beat of this likeness to the usual ones shows what is usual before and after them.
const USUAL: f32 = 0.9;
const LEARNING: f32 = 0.1;
/// Portraits that nobody took beyond this many are dropped, oldest first.
const KEPT: usize = 64;

/// Paints each beat once the next one is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Painter {
    sitter: Option<Sitter>,
    before: Usual<BEFORE>,
    after: Usual<AFTER>,
    /// The mean interval of the last beats, some 30.
    interval: Option<f32>,
    /// The mean change from an interval to the next, over the usual one.
    irregularity: f32,
    finished: VecDeque<Portrait>,
}

/// A beat and the numbers that its class is told by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Portrait {
    /// The beat's R wave, as in [`crate::Beat::sample`].
    pub sample: u64,
    /// Its numbers.
    pub numbers: [f32; N_PORTRAIT],
}

/// The beat whose next one has not come yet.
#[derive(Debug, Clone)]
struct Sitter {
    sample: u64,
    candidate: Candidate,
    features: [f32; N_FEATURES],
    shape: [f32; SHAPE],
    /// Likeness and distance of the line before it and after it.
    lines: [[f32; 2]; 2],
    intervals: [f32; 2],
}

impl Painter {
    /// Takes a beat; finishes the one before it.
    pub(crate) fn on_beat(
        &mut self,
        wave: &Wave,
        sample: u64,
        candidate: Candidate,
        features: [f32; N_FEATURES],
    ) {
        let before_it = self.sitter.take();
        let interval = before_it
            .as_ref()
            .map_or(f32::NAN, |before| samples(candidate.centre - before.candidate.centre));
        let earlier = before_it.as_ref().map_or(f32::NAN, |before| before.intervals[0]);
        if let Some(before) = before_it {
            self.finish(&before, Some(&candidate));
        }
        let is_usual = candidate.matches[0].likeness > USUAL;
        let before =
            line::<BEFORE>(&wave.smooth, candidate.centre - BEFORE_UNTIL.min(candidate.centre));
        let after = line::<AFTER>(&wave.smooth, candidate.centre + AFTER_UNTIL);
        let lines = [
            self.before.compare(&before, candidate.size, is_usual),
            self.after.compare(&after, candidate.size, is_usual),
        ];
        let shape = shape(&wave.smooth, &candidate);
        let intervals = [interval, earlier];
        if interval.is_finite() {
            let mean = self.interval.unwrap_or(interval);
            self.interval = Some(mean + (interval - mean) / 30.0);
            let change = ((interval - earlier).abs() / mean).min(1.0);
            let change = if earlier.is_nan() { 0.0 } else { change };
            self.irregularity += (change - self.irregularity) / 30.0;
        }
        self.sitter = Some(Sitter { sample, candidate, features, shape, lines, intervals });
    }

    /// Finishes a beat after which none came for 2 s.
    pub(crate) fn on_wake(&mut self, now: u64) {
        let is_due = |sitter: &mut Sitter| now > sitter.candidate.centre + LONGEST;
        if let Some(sitter) = self.sitter.take_if(is_due) {
            self.finish(&sitter, None);
        }
    }

    /// Finishes the last beat.
    pub(crate) fn flush(&mut self) {
        if let Some(sitter) = self.sitter.take() {
            self.finish(&sitter, None);
        }
    }

    pub(crate) fn poll_output(&mut self) -> Option<Portrait> {
        self.finished.pop_front()
    }

    fn finish(&mut self, it: &Sitter, next: Option<&Candidate>) {
        let numbers = it.numbers([self.interval.unwrap_or(f32::NAN), self.irregularity], next);
        if self.finished.len() == KEPT {
            self.finished.pop_front();
        }
        self.finished.push_back(Portrait { sample: it.sample, numbers });
    }
}

impl Sitter {
    fn numbers(
        &self,
        [usual, irregularity]: [f32; 2],
        next: Option<&Candidate>,
    ) -> [f32; N_PORTRAIT] {
        let of_next = |number: fn(&Candidate) -> f32| next.map_or(f32::NAN, number);
        let post = next.map_or(f32::NAN, |next| samples(next.centre - self.candidate.centre));
        let [pre, earlier] = self.intervals;
        let [[p_likeness, p_distance], [t_likeness, t_distance]] = self.lines;
        let others: [f32; OTHERS] = [
            pre / usual,
            post / usual,
            post / pre,
            pre / earlier,
            (pre + post) / usual,
            earlier / usual,
            usual / 125.0,
            p_likeness,
            p_distance,
            t_likeness,
            t_distance,
            of_next(|next| next.matches[0].likeness),
            self.candidate.matches[0].likeness - of_next(|next| next.matches[0].likeness),
            of_next(|next| next.size) / self.candidate.size,
            of_next(Candidate::slope) / self.candidate.slope(),
            of_next(|next| next.energy) / self.candidate.energy,
            self.candidate.tip,
            self.candidate.matches[1].likeness,
            irregularity,
            post / earlier,
        ];
        let mut numbers = [0.0; N_PORTRAIT];
        let all = self.features.iter().chain(&self.shape).chain(&others);
        numbers.iter_mut().zip(all).for_each(|(number, &value)| *number = value);
        numbers
    }
}

/// The wave every 16 ms, from its mean, over its size.
fn shape(smooth: &Trail, candidate: &Candidate) -> [f32; SHAPE] {
    let wave: &[f32; 2 * SHAPE] = smooth.ending(candidate.centre + SMOOTH_DELAY + SHAPE as u64);
    let mean = mean(wave);
    std::array::from_fn(|idx| (wave[2 * idx + 1] - mean) / candidate.size.max(1e-3))
}

/// The `N` smooth samples up to `centre`, from their mean.
fn line<const N: usize>(smooth: &Trail, until: u64) -> [f32; N] {
    let line: &[f32; N] = smooth.ending(until + SMOOTH_DELAY);
    let mean = mean(line);
    line.map(|sample| sample - mean)
}

/// A line as it usually is.
#[derive(Debug, Clone)]
struct Usual<const N: usize> {
    line: [f32; N],
    is_known: bool,
}

impl<const N: usize> Default for Usual<N> {
    fn default() -> Self {
        Self { line: [0.0; N], is_known: false }
    }
}

impl<const N: usize> Usual<N> {
    /// The correlation, and the mean distance over the complex' size; learns from a usual beat.
    fn compare(&mut self, line: &[f32; N], size: f32, is_usual: bool) -> [f32; 2] {
        let dot = |a: &[f32; N], b: &[f32; N]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let distance = self.line.iter().zip(line).map(|(a, b)| (a - b).abs()).sum::<f32>();
        let own = (dot(&self.line, &self.line) * dot(line, line)).sqrt().max(1e-3);
        let told = [dot(&self.line, line) / own, distance / size.max(1e-3)];
        let is_known = self.is_known;
        if is_usual {
            let weight = if is_known { LEARNING } else { 1.0 };
            self.line.iter_mut().zip(line).for_each(|(a, b)| *a += weight * (b - *a));
            self.is_known = true;
        }
        if is_known { told } else { [f32::NAN; 2] }
    }
}
