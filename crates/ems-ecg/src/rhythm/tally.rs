//! How uneven the intervals are, and how unlike the lines before the complexes.

use std::collections::VecDeque;

use super::rules::AtrialFibrillationRule;
use crate::rate::{count, median};

/// Beats that say anything.
const BEATS_MIN: usize = 8;

/// The last beats, and whether they come as in atrial fibrillation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    beats: VecDeque<Tallied>,
    is_fibrillation: bool,
}

/// A beat as it is tallied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tallied {
    /// Seconds before it; `None` beside a ventricular beat or a gap.
    pub(crate) interval: Option<f64>,
    /// How the line before it is like the usual one; `None` for a ventricular beat.
    pub(crate) likeness: Option<f64>,
}

impl Tally {
    /// Takes a beat.
    pub(crate) fn push(&mut self, beat: Tallied, rule: &AtrialFibrillationRule) {
        if self.beats.len() >= rule.intervals {
            self.beats.pop_front();
        }
        self.beats.push_back(beat);
        let limit = if self.is_fibrillation { rule.score_to_end } else { rule.score_to_begin };
        self.is_fibrillation = self.score(rule).is_some_and(|score| score >= limit);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) const fn is_fibrillation(&self) -> bool {
        self.is_fibrillation
    }

    /// The share of uneven pairs, less what steady lines speak against fibrillation.
    fn score(&self, rule: &AtrialFibrillationRule) -> Option<f64> {
        let lines: Vec<f64> = self.beats.iter().filter_map(|beat| beat.likeness).collect();
        let likeness = median(lines.iter().copied()).filter(|_| lines.len() >= BEATS_MIN)?;
        Some(self.share(rule.differ_above)? - rule.likeness_weight * likeness)
    }

    /// The share of pairs of intervals that differ by more than so much of their median.
    fn share(&self, differ_above: f64) -> Option<f64> {
        let known: Vec<f64> = self.beats.iter().filter_map(|beat| beat.interval).collect();
        let usual = median(known.iter().copied()).filter(|_| known.len() >= BEATS_MIN)?;
        let limit = differ_above * usual;
        let apart = |(idx, own): (usize, &f64)| {
            known[..idx].iter().filter(|other| (*other - own).abs() > limit).count()
        };
        let n_apart: usize = known.iter().enumerate().map(apart).sum();
        Some(count(n_apart) / count(known.len() * (known.len() - 1) / 2))
    }
}
