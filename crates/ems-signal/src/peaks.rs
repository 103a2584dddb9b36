//! Picks the peaks of the QRS energy: the highest within 200 ms, or 300 ms for a weak one.

use crate::judge::Candidate;
use crate::rate::Rate;

/// A peak is over when the energy has fallen to half of it, or after this time.
const OVER_MS: u32 = 95;
/// Two complexes are at least this far apart.
const REFRACTORY_MS: u32 = 200;
/// A weak peak waits so long for a higher one: a P wave comes 120 to 280 ms before its complex.
const WEAK_REFRACTORY_MS: u32 = 300;
/// No candidate waits longer than this after its R wave.
const LATEST_MS: u32 = 400;

/// A peak of the energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    pub(crate) height: f64,
    pub(crate) at: u64,
}

/// Gives each local peak of the energy once it is over.
#[derive(Debug, Clone)]
pub(crate) struct PeakPicker {
    over: u64,
    last: f64,
    rising: Option<Peak>,
}

impl PeakPicker {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { over: rate.samples(OVER_MS), last: 0.0, rising: None }
    }

    pub(crate) fn push(&mut self, now: u64, energy: f64) -> Option<Peak> {
        let is_rising = energy > self.last;
        self.last = energy;
        let Some(peak) = self.rising else {
            self.rising = is_rising.then_some(Peak { height: energy, at: now });
            return None;
        };
        if energy > peak.height {
            self.rising = Some(Peak { height: energy, at: now });
            return None;
        }
        let is_over = energy < peak.height / 2.0 || now >= peak.at + self.over;
        if is_over { self.rising.take() } else { None }
    }
}

/// Holds a candidate until no stronger one can take its place.
#[derive(Debug, Clone)]
pub(crate) struct Rivals {
    rate: Rate,
    held: Option<(Candidate, u64)>,
}

impl Rivals {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, held: None }
    }

    /// Takes a candidate whose energy peaked at `peak_at`; one below `strong` waits longer.
    pub(crate) fn push(&mut self, peak_at: u64, candidate: Candidate, strong: f64) {
        if self.held.is_none_or(|(held, _)| candidate.energy > held.energy) {
            let is_weak = candidate.energy < strong;
            let wait_ms = if is_weak { WEAK_REFRACTORY_MS } else { REFRACTORY_MS };
            let until = peak_at + self.rate.samples(wait_ms);
            self.held =
                Some((candidate, until.min(candidate.sample + self.rate.samples(LATEST_MS))));
        }
    }

    /// The candidate whose wait is over.
    pub(crate) fn poll_output(&mut self, now: u64) -> Option<Candidate> {
        self.held.take_if(|(_, until)| now >= *until).map(|(candidate, _)| candidate)
    }
}
