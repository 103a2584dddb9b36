//! One lead: cleaned, watched, cut into pieces.

use std::collections::VecDeque;

use ems_device::EcgChunk;
use ems_ecg::{RhythmRules, RhythmWatch};
use ems_model::{Bpm, ClockWatch, HeartRhythm, Millis, Timestamp, WaveChunk};
use ems_signal::{
    Classes, Cleaner, HeartRate, LeadState, Mains, Painter, QualityMeter, UnsupportedRate,
};

use crate::sensors::LeadBeat;
use crate::timeline::{Joint, Span, Timeline, shifted};

/// A piece of wave is at least so long,
const PIECE_MIN: Millis = Millis::new(20);
/// and at most so long.
const PIECE_MAX: Millis = Millis::new(100);
/// The view shows so much.
const TRAIL_MS: u64 = 10_000;
/// Half of what a complex lasts.
const COMPLEX_HALF: Millis = Millis::new(60);
/// A lead from which nothing came for so long is off.
const SILENT: Millis = Millis::new(2000);

/// One lead from its first sample on.
#[derive(Debug, Clone)]
pub(crate) struct Lead {
    name: String,
    hz: u32,
    timeline: Timeline,
    cleaner: Cleaner,
    meter: QualityMeter,
    painter: Painter,
    rate: HeartRate,
    rhythm: RhythmWatch,
    /// Samples taken so far, missing ones included.
    n_taken: u64,
    /// Cleaned samples that wait to be sent; the first is sample `n_sent`.
    held: VecDeque<f32>,
    n_sent: u64,
    /// Beats that the next piece tells of, as samples of the cleaned wave.
    marks: Vec<u64>,
    /// Cleaned samples that nobody took yet.
    fresh: Vec<f32>,
    /// The last second as it came, for the sizes of complexes.
    raw: VecDeque<f32>,
    /// Beats that nobody took yet.
    beats: Vec<LeadBeat>,
    state: Option<LeadState>,
    usable_since: Option<u64>,
    heard_at: Timestamp,
    /// No piece starts before the end of the last one.
    sent_until: Timestamp,
    /// What was sent; nothing where a sample was missing.
    trail: VecDeque<Option<i16>>,
}

impl Lead {
    /// Starts with the first piece; also gives how far the device's clock is off, if it is.
    pub(crate) fn new(
        now: Timestamp,
        piece: &EcgChunk,
        mains: Mains,
        rules: &RhythmRules,
    ) -> Result<(Self, Option<Millis>), UnsupportedRate> {
        let (timeline, off) = Timeline::new(now, Span::from(piece));
        let mut lead = Self {
            name: piece.lead.clone(),
            hz: piece.hz,
            timeline,
            cleaner: Cleaner::new(piece.hz, mains)?,
            meter: QualityMeter::new(piece.hz)?,
            painter: Painter::new(piece.hz, 1)?,
            rate: HeartRate::new(piece.hz),
            rhythm: RhythmWatch::new(piece.hz, rules.clone()),
            n_taken: 0,
            held: VecDeque::new(),
            n_sent: 0,
            marks: Vec::new(),
            fresh: Vec::new(),
            raw: VecDeque::new(),
            beats: Vec::new(),
            state: None,
            usable_since: Some(0),
            heard_at: now,
            sent_until: Timestamp::from_micros(i64::MIN),
            trail: VecDeque::new(),
        };
        lead.sent_until = lead.wave_time(0);
        Ok((lead, off))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn hz(&self) -> u32 {
        self.hz
    }

    pub(crate) const fn state(&self) -> Option<LeadState> {
        self.state
    }

    /// The end of what was sent, and the last 10 s of it.
    pub(crate) const fn trail(&self) -> (Timestamp, &VecDeque<Option<i16>>) {
        (self.sent_until, &self.trail)
    }

    /// How a further piece follows.
    pub(crate) fn join(&mut self, now: Timestamp, piece: &EcgChunk) -> Joint {
        self.timeline.join(now, piece.at, self.n_taken)
    }

    /// Takes samples that follow at once, NaN for missing ones.
    pub(crate) fn take(&mut self, now: Timestamp, samples: impl Iterator<Item = f32>) {
        self.heard_at = now;
        samples.for_each(|sample| self.push(sample));
    }

    /// The samples taken so far have arrived now.
    pub(crate) fn arrived(&mut self, now: Timestamp) {
        self.timeline.arrived(now, self.n_taken);
    }

    /// What is known of its device's clock.
    pub(crate) const fn clock(&self) -> Option<ClockWatch> {
        self.timeline.clock()
    }

    /// Keeps time from going back where a lead starts afresh.
    pub(crate) fn follow(&mut self, before: &Self) {
        self.sent_until = before.sent_until;
        self.trail.clone_from(&before.trail);
    }

    /// What came, in pieces of the device's own length where that is neither too short nor too
    /// long, with the time of each first sample.
    pub(crate) fn pieces(&mut self) -> Vec<(Timestamp, WaveChunk)> {
        let n_min = self.samples_in(PIECE_MIN).max(1);
        let n_max = self.samples_in(PIECE_MAX).max(1);
        let mut pieces = vec![];
        while self.n_taken - self.n_sent >= n_min {
            pieces.extend(self.cut(n_max.min(self.n_taken - self.n_sent)));
        }
        pieces
    }

    /// All that is held: the lead has ended or its patient has changed.
    pub(crate) fn flush(&mut self) -> Vec<(Timestamp, WaveChunk)> {
        let mut pieces = self.pieces();
        pieces.extend(self.cut(self.n_taken - self.n_sent));
        pieces
    }

    /// Whether nothing came for 2 s.
    pub(crate) fn is_silent(&self, now: Timestamp) -> bool {
        now.since(self.heard_at) > SILENT
    }

    /// How long nothing came.
    pub(crate) const fn unheard(&self, now: Timestamp) -> Millis {
        now.since(self.heard_at)
    }

    /// Whether beats can be told from their absence; a flat line can, for it may be asystole.
    pub(crate) fn is_usable(&self, now: Timestamp) -> bool {
        !self.is_silent(now) && self.usable_since.is_some()
    }

    /// The heart rate, while the lead is usable.
    pub(crate) fn heart_rate(&self) -> Option<Bpm> {
        self.usable_since.and_then(|_| self.rate.at(self.n_taken))
    }

    /// The rhythm, once one was told.
    pub(crate) fn rhythm(&self) -> Option<HeartRhythm> {
        Some(self.rhythm.rhythm()).filter(|it| *it != HeartRhythm::Unknown)
    }

    /// The time without a beat since the lead can be used.
    pub(crate) fn silence(&self) -> Option<Millis> {
        let usable = self.n_taken.saturating_sub(self.usable_since?);
        let usable_ms = usable.saturating_mul(1000) / u64::from(self.hz);
        let usable = Millis::new(i64::try_from(usable_ms).unwrap_or(i64::MAX));
        Some(self.rate.silence(self.n_taken).map_or(usable, |silence| silence.min(usable)))
    }

    fn push(&mut self, sample: f32) {
        let cleaned = self.cleaner.push(sample);
        self.held.push_back(cleaned);
        self.fresh.push(cleaned);
        self.meter.push(sample);
        self.painter.push(&[sample]);
        self.rhythm.push(sample);
        self.n_taken += 1;
        self.raw.push_back(sample);
        if self.raw.len() as u64 > u64::from(self.hz) {
            self.raw.pop_front();
        }
        while let Some(beat) = self.painter.poll_beat() {
            self.rate.on_beat(beat);
            self.beats.extend(self.lead_beat(beat.sample));
            self.rhythm.on_beat(beat.sample);
            self.marks.push(beat.sample + self.samples_in(self.cleaner.group_delay()));
        }
        while let Some(portrait) = self.painter.poll_output() {
            self.rhythm.on_class(portrait.sample, Classes::learnt().tell(&portrait));
        }
        if let Some(quality) = self.meter.poll_output() {
            self.on_quality(quality.state);
            self.rhythm.on_state(quality.state);
        }
    }

    /// The cleaned samples since the last call, and when the last of them was taken as its arrival
    /// tells it, for the clocks of two devices may be far apart.
    pub(crate) fn take_fresh(&mut self) -> (Timestamp, Vec<f32>) {
        let late = self.clock().map_or(Millis::new(0), |clock| clock.late);
        let until = self.wave_time(self.n_taken.saturating_sub(1)) + late;
        (until, std::mem::take(&mut self.fresh))
    }

    /// The beats since the last call.
    pub(crate) fn take_beats(&mut self) -> Vec<LeadBeat> {
        std::mem::take(&mut self.beats)
    }

    /// A beat with the size of its complex: its deviation from its mean, for its highest sample is
    /// a matter of where the samples fall. `None` where some are missing or no longer at hand.
    fn lead_beat(&self, sample: u64) -> Option<LeadBeat> {
        let first = self.n_taken - self.raw.len() as u64;
        let half = self.samples_in(COMPLEX_HALF);
        let from = usize::try_from(sample.checked_sub(first + half)?).ok()?;
        let to = usize::try_from((sample + half).checked_sub(first)?).ok()?;
        let complex: Vec<f32> = self.raw.range(from..to.min(self.raw.len())).copied().collect();
        #[expect(clippy::cast_precision_loss, reason = "samples of a complex")]
        let n_samples = complex.len() as f32;
        let mean = complex.iter().sum::<f32>() / n_samples;
        let square = complex.iter().map(|it| (it - mean).powi(2)).sum::<f32>() / n_samples;
        square.is_finite().then(|| (self.timeline.time_of(sample), square.sqrt()))
    }

    fn on_quality(&mut self, state: LeadState) {
        self.state = Some(state);
        let is_usable = matches!(state, LeadState::Good | LeadState::Noisy | LeadState::Flat);
        self.usable_since = is_usable.then(|| self.usable_since.unwrap_or(self.n_taken));
    }

    /// Takes the next `n_samples`; a missing one ends the piece, and missing ones are passed over.
    fn cut(&mut self, n_samples: u64) -> Vec<(Timestamp, WaveChunk)> {
        let mut pieces: Vec<(Timestamp, WaveChunk)> = vec![];
        let mut first = None;
        let mut is_joined = false;
        for _ in 0..n_samples {
            let Some(sample) = self.held.pop_front() else { break };
            if !sample.is_nan() {
                if !is_joined {
                    pieces.push(self.start_piece());
                    first = Some(self.n_sent);
                }
                if let Some((_, piece)) = pieces.last_mut() {
                    piece.microvolts.push(whole(sample));
                }
            }
            self.keep((!sample.is_nan()).then(|| whole(sample)));
            is_joined = !sample.is_nan();
            self.n_sent += 1;
        }
        if let (Some((_, piece)), Some(first)) = (pieces.last_mut(), first) {
            piece.beats = self.take_marks(first);
            // One where the wave is missing has nothing to stand on.
            let n_samples = i32::try_from(piece.microvolts.len()).unwrap_or(i32::MAX);
            piece.beats.retain(|&beat| beat < n_samples);
        }
        self.sent_until = self.sent_until.max(self.wave_time(self.n_sent));
        pieces
    }

    fn start_piece(&self) -> (Timestamp, WaveChunk) {
        let at = self.wave_time(self.n_sent).max(self.sent_until);
        let (lead, hz) = (self.name.clone(), self.hz);
        (at, WaveChunk { lead, hz, microvolts: vec![], beats: vec![] })
    }

    /// The beats up to the end of what is sent, counted from sample `first`.
    fn take_marks(&mut self, first: u64) -> Vec<i32> {
        let n_sent = self.n_sent;
        let marks = self.marks.extract_if(.., |mark| *mark < n_sent);
        let offsets = marks.map(|mark| mark.cast_signed() - first.cast_signed());
        offsets.filter_map(|offset| i32::try_from(offset).ok()).collect()
    }

    /// When what the cleaned sample shows happened.
    fn wave_time(&self, sample: u64) -> Timestamp {
        shifted(self.timeline.time_of(sample), -1000 * self.cleaner.group_delay().get())
    }

    fn keep(&mut self, microvolts: Option<i16>) {
        let n_kept = usize::try_from(u64::from(self.hz) * TRAIL_MS / 1000).unwrap_or(usize::MAX);
        if self.trail.len() >= n_kept {
            self.trail.pop_front();
        }
        self.trail.push_back(microvolts);
    }

    fn samples_in(&self, span: Millis) -> u64 {
        u64::try_from(span.get()).unwrap_or(0) * u64::from(self.hz) / 1000
    }
}

#[expect(clippy::cast_possible_truncation, reason = "held to the range of i16")]
fn whole(microvolts: f32) -> i16 {
    microvolts.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}
