//! What the last beats and their classes show: runs, turns, jumps of the rate.

use std::collections::VecDeque;

use ems_model::HeartRhythm;
use ems_signal::BeatClass;

use super::rules::RhythmRules;
use super::tally::{Tallied, Tally};
use crate::rate::{count, median};

/// Beats kept: as many as the longest rule looks at.
const KEPT: usize = 24;
/// The rate is that of so many intervals.
const RATED: usize = 8;
/// Longer than this between two beats is a gap and no interval, in seconds.
const GAP_S: f64 = 4.0;

/// A classed beat.
#[derive(Debug, Clone, Copy)]
struct ClassedBeat {
    sample: u64,
    class: BeatClass,
}

/// The last beats of a lead.
#[derive(Debug, Clone)]
pub(crate) struct Beats {
    hz: f64,
    last: VecDeque<ClassedBeat>,
    tally: Tally,
    /// Where an uneven stretch began.
    uneven_since: Option<u64>,
    jump: Option<Jump>,
}

/// A tachycardia that began at once.
#[derive(Debug, Clone, Copy)]
struct Jump {
    since: u64,
    interval: f64,
}

/// A rhythm and the sample that it goes back to.
pub(crate) type Since = (HeartRhythm, u64);

impl Beats {
    pub(crate) fn new(hz: u32) -> Self {
        Self {
            hz: f64::from(hz),
            last: VecDeque::new(),
            tally: Tally::default(),
            uneven_since: None,
            jump: None,
        }
    }

    /// After what was no rhythm, or hid it, all begins again.
    pub(crate) fn clear(&mut self) {
        self.last.clear();
        self.tally.clear();
        (self.uneven_since, self.jump) = (None, None);
    }

    /// Takes a beat, with how like the line before it is to the usual one.
    pub(crate) fn push(
        &mut self,
        sample: u64,
        class: BeatClass,
        likeness: Option<f64>,
        rules: &RhythmRules,
    ) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(ClassedBeat { sample, class });
        let interval = self.last_intervals().next().filter(|it| *it < GAP_S);
        let is_beside = self.last.iter().rev().take(2).any(|beat| is_ventricular(beat.class));
        let interval = interval.filter(|_| !is_beside);
        self.tally.push(Tallied { interval, likeness }, &rules.atrial_fibrillation);
        self.uneven_since = match (self.tally.is_fibrillation(), self.uneven_since) {
            (true, None) => self.nth_last(rules.atrial_fibrillation.intervals / 2),
            (true, since) => since,
            (false, _) => None,
        };
        self.watch_jump(rules);
    }

    /// What they show now, the most dangerous first; `None` for fewer than three beats.
    pub(crate) fn rhythm(&self, rules: &RhythmRules, before: HeartRhythm) -> Option<Since> {
        let fibrillation = || Some((HeartRhythm::AtrialFibrillation, self.uneven_since?));
        let jump = || Some((HeartRhythm::SupraventricularTachycardia, self.jump?.since));
        self.ventricular_run(rules)
            .or_else(|| self.turns(2, 3, HeartRhythm::VentricularBigeminy))
            .or_else(|| self.turns(3, 3, HeartRhythm::VentricularTrigeminy))
            .or_else(fibrillation)
            .or_else(jump)
            .or_else(|| self.band(rules, before))
    }

    /// The median rate a minute.
    pub(crate) fn rate(&self) -> Option<f64> {
        let intervals: Vec<f64> =
            self.last_intervals().take(RATED).filter(|it| *it < GAP_S).collect();
        median(intervals).map(|interval| 60.0 / interval)
    }

    /// Intervals in seconds, the last one first.
    fn last_intervals(&self) -> impl Iterator<Item = f64> {
        let later = self.last.iter().rev();
        let earlier = self.last.iter().rev().skip(1);
        #[expect(clippy::cast_precision_loss, reason = "samples between beats are few")]
        later
            .zip(earlier)
            .map(|(later, earlier)| later.sample.saturating_sub(earlier.sample) as f64 / self.hz)
    }

    fn nth_last(&self, n: usize) -> Option<u64> {
        self.last.iter().rev().nth(n).or(self.last.front()).map(|beat| beat.sample)
    }

    fn ventricular_run(&self, rules: &RhythmRules) -> Option<Since> {
        let rule = &rules.ventricular_run;
        let n_run = self.last.iter().rev().take_while(|beat| is_ventricular(beat.class)).count();
        if n_run < rule.beats {
            return None;
        }
        let mean = self.last_intervals().take(n_run - 1).sum::<f64>() / count(n_run - 1);
        let rhythm = if 60.0 / mean >= rule.tachycardia_from {
            HeartRhythm::VentricularTachycardia
        } else {
            HeartRhythm::Idioventricular
        };
        Some((rhythm, self.nth_last(n_run - 1)?))
    }

    /// A ventricular beat after every `period - 1` others, `times` over.
    fn turns(&self, period: usize, times: usize, rhythm: HeartRhythm) -> Option<Since> {
        let n_beats = period * times;
        if self.last.len() < n_beats {
            return None;
        }
        let last: Vec<bool> =
            self.last.iter().rev().take(n_beats).map(|beat| is_ventricular(beat.class)).collect();
        let phase = last.iter().position(|it| *it)?;
        let is_turn = |(idx, is_own): (usize, &bool)| (idx % period == phase) == *is_own;
        let holds = phase < period && last.iter().enumerate().all(is_turn);
        holds.then(|| self.nth_last(n_beats - 1)).flatten().map(|since| (rhythm, since))
    }

    /// A rate that jumps and stays, without ventricular beats.
    fn watch_jump(&mut self, rules: &RhythmRules) {
        let rule = &rules.supraventricular_tachycardia;
        let intervals: Vec<f64> = self.last_intervals().take(KEPT).collect();
        let last = intervals.first().copied().unwrap_or(f64::NAN);
        if let Some(jump) = self.jump {
            self.jump = (last < jump.interval * 1.25).then_some(jump);
            return;
        }
        if intervals.len() < rule.beats + RATED {
            return;
        }
        let (new, old) = intervals.split_at(rule.beats - 1);
        let usual = median(old[1..RATED].iter().copied()).unwrap_or(f64::NAN);
        let slowest = new.iter().copied().fold(0.0, f64::max);
        let is_conducted =
            self.last.iter().rev().take(rule.beats).all(|beat| !is_ventricular(beat.class));
        let is_jump =
            slowest <= 60.0 / rule.rate_from && slowest < rule.interval_ratio_below * usual;
        if is_jump && is_conducted {
            let since = self.nth_last(rule.beats - 1);
            self.jump = since.map(|since| Jump { since, interval: slowest });
        }
    }

    /// Slow, usual or fast; a rate near a limit stays where it was.
    fn band(&self, rules: &RhythmRules, before: HeartRhythm) -> Option<Since> {
        let rule = &rules.rate;
        let rate = self.rate().filter(|_| self.last.len() >= 3)?;
        let slack = |is_in: bool| if is_in { rule.hysteresis } else { 0.0 };
        let slow = rule.bradycardia_below + slack(before == HeartRhythm::Bradycardia);
        let fast = rule.tachycardia_above - slack(before == HeartRhythm::Tachycardia);
        let rhythm = match rate {
            _ if rate < slow => HeartRhythm::Bradycardia,
            _ if rate > fast => HeartRhythm::Tachycardia,
            _ => HeartRhythm::UsualRate,
        };
        Some((rhythm, self.nth_last(2)?))
    }
}

pub(crate) const fn is_ventricular(class: BeatClass) -> bool {
    matches!(class, BeatClass::Ventricular)
}
