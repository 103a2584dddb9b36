//! Tells the rhythm as it goes.

use std::collections::VecDeque;

use ems_model::HeartRhythm;
use ems_signal::{BeatClass, LeadState};

use super::beats::{Beats, Since, is_ventricular};
use super::rules::RhythmRules;
use super::wave::{UsualLine, WaveWatch};

/// The rhythm has changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RhythmStatement {
    /// To what.
    pub rhythm: HeartRhythm,
    /// The sample that it goes back to; never before that of the statement before.
    pub since: u64,
    /// The sample at which it was told.
    pub told_at: u64,
    /// The rate a minute over the last beats, if there are some.
    pub rate: Option<f64>,
}

/// Follows the rhythm of one lead: feed it the samples, and what `ems-signal` finds in them.
///
/// Fibrillation is told 5.5 to 6 s after it began, asystole as its rule says, the others with the
/// beats that they rest on, each of which is classed one beat late.
#[derive(Debug, Clone)]
pub struct RhythmWatch {
    rules: RhythmRules,
    hz: u32,
    now: u64,
    wave: WaveWatch,
    line: UsualLine,
    n_like: u32,
    n_unlike: u32,
    is_fibrillating: bool,
    is_usable: bool,
    last_beat: Option<u64>,
    usable_since: u64,
    beats: Beats,
    told: HeartRhythm,
    told_since: u64,
    statements: VecDeque<RhythmStatement>,
}

impl RhythmWatch {
    /// Sets up for one lead at `hz`, above 0.
    pub fn new(hz: u32, rules: RhythmRules) -> Self {
        let hz = hz.max(1);
        Self {
            rules,
            hz,
            now: 0,
            wave: WaveWatch::new(hz),
            line: UsualLine::default(),
            n_like: 0,
            n_unlike: 0,
            is_fibrillating: false,
            is_usable: true,
            last_beat: None,
            usable_since: 0,
            beats: Beats::new(hz),
            told: HeartRhythm::Unknown,
            told_since: 0,
            statements: VecDeque::new(),
        }
    }

    /// Takes a sample in microvolts, as measured, NaN for a missing one.
    pub fn push(&mut self, microvolts: f32) {
        self.now += 1;
        if let Some(look) = self.wave.push(microvolts) {
            self.on_look(look.is_fibrillation(&self.rules.ventricular_fibrillation));
        }
    }

    /// A beat was found, its class not known yet.
    pub fn on_beat(&mut self, sample: u64) {
        self.last_beat = Some(sample);
    }

    /// A beat was classed.
    pub fn on_class(&mut self, sample: u64, class: BeatClass) {
        let line = self.wave.line_before(sample).filter(|_| !is_ventricular(class));
        let likeness = line.and_then(|line| self.line.compare(&line));
        self.beats.push(sample, class, likeness, &self.rules);
        self.tell();
    }

    /// The lead's state of the second.
    pub fn on_state(&mut self, state: LeadState) {
        let is_usable = matches!(state, LeadState::Good | LeadState::Noisy | LeadState::Flat);
        if is_usable && !self.is_usable {
            self.usable_since = self.now;
        }
        self.is_usable = is_usable;
        self.tell();
    }

    /// The next change.
    pub fn poll_output(&mut self) -> Option<RhythmStatement> {
        self.statements.pop_front()
    }

    /// The rhythm that was told last.
    pub const fn rhythm(&self) -> HeartRhythm {
        self.told
    }

    fn on_look(&mut self, is_like: bool) {
        let rule = &self.rules.ventricular_fibrillation;
        (self.n_like, self.n_unlike) =
            if is_like { (self.n_like + 1, 0) } else { (0, self.n_unlike + 1) };
        let is_on = self.n_like >= rule.windows_to_begin;
        let is_off = self.n_unlike >= rule.windows_to_end;
        self.is_fibrillating = is_on || (self.is_fibrillating && !is_off);
        if self.is_fibrillating {
            self.beats.clear();
        }
        self.tell();
    }

    fn tell(&mut self) {
        let Some((rhythm, since)) = self.seen() else { return };
        if rhythm == self.told {
            return;
        }
        let since = since.max(self.told_since);
        let rate = self.beats.rate();
        if matches!(rhythm, HeartRhythm::Asystole | HeartRhythm::Unknown) {
            self.beats.clear();
        }
        (self.told, self.told_since) = (rhythm, since);
        self.statements.push_back(RhythmStatement { rhythm, since, told_at: self.now, rate });
    }

    /// What is seen now and since when; `None` while too few beats are there to say anything else.
    fn seen(&self) -> Option<Since> {
        if !self.is_usable {
            return Some((HeartRhythm::Unknown, self.now));
        }
        if self.is_fibrillating {
            // The windows that began it reach back by 4 s and theirs steps.
            let back = u64::from(self.hz) * 11 / 2;
            return Some((HeartRhythm::VentricularFibrillation, self.now.saturating_sub(back)));
        }
        let quiet_since = self.last_beat.unwrap_or(0).max(self.usable_since);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a stream")]
        let silence_s = self.now.saturating_sub(quiet_since) as f64 / f64::from(self.hz);
        if silence_s >= self.rules.asystole.silence_s {
            return Some((HeartRhythm::Asystole, quiet_since));
        }
        let is_over =
            matches!(self.told, HeartRhythm::Asystole | HeartRhythm::VentricularFibrillation);
        let over = is_over.then_some((HeartRhythm::Unknown, self.now));
        self.beats.rhythm(&self.rules, self.told).or(over)
    }
}
