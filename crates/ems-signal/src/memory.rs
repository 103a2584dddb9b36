//! What is remembered of a lead's beats, and of what was none.

use crate::candidate::Candidate;
use crate::template::Templates;
use crate::wave::Wave;

/// From this time without a beat on the beats' level is doubted: 1.5 s, in samples of 8 ms.
const DOUBT: f32 = 187.5;
/// A beat of this score teaches its shape.
const SURE: f32 = 1.0;
const NOISE_MEMORY: f32 = 0.8;

/// Levels, intervals and shapes of the last beats.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) energies: Recent,
    pub(crate) slopes: Recent,
    pub(crate) bends: Recent,
    pub(crate) sizes: Recent,
    pub(crate) tips: Recent,
    pub(crate) intervals: Recent,
    /// Energies of what was no beat.
    pub(crate) noise: Recent,
    /// How often, of late, something of a quarter of a beat's energy was no beat.
    pub(crate) false_share: f32,
    pub(crate) templates: Templates,
    pub(crate) last: Option<Candidate>,
    /// The strongest since the last beat that was held to be none.
    pub(crate) missed: Option<Candidate>,
    /// Where level and silence count from: the last beat, or the start.
    since: u64,
}

impl Memory {
    /// Starts with the level of what was heard so far.
    pub(crate) fn start(&mut self, now: u64, heard: impl Iterator<Item = Candidate>) {
        let strongest = heard.fold(None, |best: Option<Candidate>, it| {
            if best.is_none_or(|best| it.energy > best.energy) { Some(it) } else { best }
        });
        self.since = now;
        if let Some(strongest) = strongest {
            self.keep_levels(&strongest);
        }
    }

    /// The level of the beats' energy; falls while none comes.
    pub(crate) fn energy(&self, centre: u64) -> f32 {
        let silence = samples(centre.saturating_sub(self.since));
        let doubt = if silence > DOUBT { DOUBT / silence } else { 1.0 };
        self.energies.median * doubt * doubt
    }

    pub(crate) fn accept(&mut self, wave: &Wave, candidate: Candidate, score: f32) {
        if let Some(last) = self.last {
            self.intervals.push(samples(candidate.centre - last.centre));
        }
        self.keep_levels(&candidate);
        self.false_share *= NOISE_MEMORY;
        if score > SURE || self.intervals.len() == 0 {
            self.templates.learn(&wave.slope, candidate.centre);
        }
        (self.last, self.missed, self.since) = (Some(candidate), None, candidate.centre);
    }

    pub(crate) fn reject(&mut self, candidate: Candidate) {
        self.noise.push(candidate.energy);
        if candidate.energy > self.energies.median / 4.0 {
            self.false_share = 1.0 - NOISE_MEMORY * (1.0 - self.false_share);
        }
        if self.missed.is_none_or(|missed| candidate.energy > missed.energy) {
            self.missed = Some(candidate);
        }
    }

    fn keep_levels(&mut self, candidate: &Candidate) {
        self.energies.push(candidate.energy);
        self.slopes.push(candidate.slope());
        self.bends.push(candidate.bend);
        self.sizes.push(candidate.size);
        self.tips.push(candidate.tip);
    }
}

/// A span of a few seconds.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^24 samples no one looks at the last")]
pub(crate) fn samples(n_samples: u64) -> f32 {
    n_samples as f32
}

/// The last eight values and their median, NaN without one.
#[derive(Debug, Clone)]
pub(crate) struct Recent {
    values: [f32; RECENT],
    n_pushed: usize,
    pub(crate) median: f32,
}

const RECENT: usize = 8;

impl Default for Recent {
    fn default() -> Self {
        Self { values: [0.0; RECENT], n_pushed: 0, median: f32::NAN }
    }
}

impl Recent {
    pub(crate) fn push(&mut self, value: f32) {
        self.values[self.n_pushed % RECENT] = value;
        self.n_pushed += 1;
        let mut sorted = self.values;
        let sorted = &mut sorted[..self.len()];
        sorted.sort_unstable_by(f32::total_cmp);
        self.median = f32::midpoint(sorted[sorted.len() / 2], sorted[(sorted.len() - 1) / 2]);
    }

    /// How many values there are, up to eight.
    pub(crate) fn len(&self) -> usize {
        self.n_pushed.min(RECENT)
    }

    /// The last value, NaN without one.
    pub(crate) fn last(&self) -> f32 {
        if self.n_pushed == 0 { f32::NAN } else { self.values[(self.n_pushed - 1) % RECENT] }
    }

    /// The mean distance from the median, NaN without a value.
    pub(crate) fn spread(&self) -> f32 {
        let values = &self.values[..self.len()];
        let sum: f32 = values.iter().map(|value| (value - self.median).abs()).sum();
        sum / crate::candidate::whole(self.len())
    }
}
