//! Chooses the leads in which beats are looked for.

use crate::quality::{LeadState, Quality};

/// So many leads tell the beats.
pub(crate) const N_CHOSEN: usize = 2;

/// Keeps the best leads, and gives one up for another that has been better for a while.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    n_leads: usize,
    /// Mean index of the last seconds, negative for a lead that is not usable.
    worth: Vec<f32>,
    chosen: Vec<usize>,
    /// Seconds since the last exchange.
    n_kept: u32,
}

/// A second counts for this part of a lead's worth.
const NEWEST: f32 = 0.2;
/// Another lead has to be better by so much: the finder needs 1.65 s to learn it.
const BETTER: f32 = 0.15;
/// Until a new lead is learnt the other one stays, unless it cannot be used.
const KEPT_S: u32 = 4;
/// A lead that cannot be used.
const UNUSABLE: f32 = -1.0;

impl Choice {
    /// Starts with the first leads.
    pub(crate) fn new(n_leads: usize) -> Self {
        let chosen = (0..n_leads.min(N_CHOSEN)).collect();
        Self { n_leads, worth: vec![0.0; n_leads], chosen, n_kept: 0 }
    }

    pub(crate) fn chosen(&self) -> &[usize] {
        &self.chosen
    }

    /// Takes a second of each lead.
    pub(crate) fn judge(&mut self, leads: &[Quality]) {
        self.n_kept = self.n_kept.saturating_add(1);
        for (worth, quality) in self.worth.iter_mut().zip(leads) {
            let is_usable = matches!(quality.state, LeadState::Good | LeadState::Noisy);
            // One that can be used again starts from nothing.
            let before = if is_usable { worth.max(0.0) } else { UNUSABLE };
            let now = if is_usable { quality.index } else { UNUSABLE };
            *worth = before + NEWEST * (now - before);
        }
    }

    /// Gives the worst of the chosen up for another, and tells its place; to be asked again.
    pub(crate) fn exchange(&mut self) -> Option<usize> {
        let others = (0..self.n_leads).filter(|lead| !self.chosen.contains(lead));
        let best = others.max_by(|a, b| self.worth[*a].total_cmp(&self.worth[*b]))?;
        let places = 0..self.chosen.len();
        let of = |place: &usize| self.worth[self.chosen[*place]];
        let worst = places.min_by(|a, b| of(a).total_cmp(&of(b)))?;
        let is_free = self.n_kept >= KEPT_S || of(&worst) < 0.0;
        (is_free && self.worth[best] > of(&worst) + BETTER).then(|| {
            (self.chosen[worst], self.n_kept) = (best, 0);
            worst
        })
    }
}
