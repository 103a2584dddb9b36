//! A patient's leads: cleaned, judged, and searched for beats.

use crate::beats::Beat;
use crate::choice::{Choice, N_CHOSEN};
use crate::cleaner::{Filters, Mains, PART};
use crate::fusion::LeadsFinder;
use crate::gaps::{Cleaned, Gaps, Leads};
use crate::lanes::Lanes;
use crate::quality::{Judge, Quality};
use crate::rate::{Rate, UnsupportedRate};

/// Watches up to `4 * QUADS` leads that were sampled together.
///
/// Beats are told by the two leads of the best quality, as [`LeadsFinder`] does; a lead is given up
/// for one that has been better for seconds, or when it can no longer be used. A new lead is heard
/// once the finder has learnt it, 1.65 s later.
#[derive(Debug, Clone)]
pub struct Monitor<const QUADS: usize> {
    gaps: Gaps<QUADS>,
    filters: Filters<QUADS>,
    judge: Judge<QUADS>,
    choice: Choice,
    finder: LeadsFinder,
    quality: Option<Vec<Quality>>,
    missing: Vec<Leads>,
    n_leads: usize,
}

impl<const QUADS: usize> Monitor<QUADS> {
    /// Sets up for `n_leads`, at most `4 * QUADS`, at `hz`, 100..=2000.
    pub fn new(hz: u32, n_leads: usize, mains: Mains) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        let n_leads = n_leads.min(Lanes::<QUADS>::N_LEADS);
        let choice = Choice::new(n_leads);
        Ok(Self {
            gaps: Gaps::new(rate),
            filters: Filters::new(rate, mains),
            judge: Judge::new(rate),
            finder: LeadsFinder::new(hz, choice.chosen().len())?,
            choice,
            quality: None,
            missing: vec![],
            n_leads,
        })
    }

    /// Takes samples as measured and adds as many cleaned ones to `out`, each late by
    /// [`Self::delay_samples`]; what was in `block` is lost.
    ///
    /// Blocks of more than a second leave only the last second's quality.
    pub fn push(&mut self, block: &mut [Lanes<QUADS>], out: &mut Vec<Cleaned<QUADS>>) {
        self.find_beats(block);
        self.missing.clear();
        self.gaps.take(block, &mut self.missing);
        self.judge.run(block, &self.missing);
        self.filters.run(block, &self.missing, out);
        if let Some(mut leads) = self.judge.poll_output() {
            leads.truncate(self.n_leads);
            self.choice.judge(&leads);
            while let Some(place) = self.choice.exchange() {
                self.finder.restart(place);
            }
            self.quality = Some(leads);
        }
    }

    /// Tells that the recording has ended, so that its last beats are found.
    pub fn finish(&mut self) {
        self.finder.finish();
    }

    /// The next beat that was found.
    pub fn poll_beat(&mut self) -> Option<Beat> {
        self.finder.poll_output()
    }

    /// Each lead's second that has just ended; kept until the next one ends.
    pub fn poll_quality(&mut self) -> Option<Vec<Quality>> {
        self.quality.take()
    }

    /// The leads in which beats are looked for.
    pub fn chosen(&self) -> &[usize] {
        self.choice.chosen()
    }

    /// Samples taken out of each lead as spikes since the last call.
    pub fn take_spikes(&mut self) -> Lanes<QUADS> {
        self.filters.take_spikes()
    }

    /// The frequency whose hum is taken out; none where there is no such stage.
    pub fn mains_hz(&self) -> Option<f64> {
        self.filters.mains_hz()
    }

    /// How many samples late a sample comes out, but for what the filters smear.
    pub fn delay_samples(&self) -> usize {
        self.filters.delay_samples()
    }

    fn find_beats(&mut self, block: &[Lanes<QUADS>]) {
        let mut lines = [[0.0; PART]; N_CHOSEN];
        for part in block.chunks(PART) {
            for (line, &lead) in lines.iter_mut().zip(self.choice.chosen()) {
                for (slot, all) in line.iter_mut().zip(part) {
                    *slot = all.lead(lead);
                }
            }
            self.finder.push_block(lines.iter().map(|line| &line[..part.len()]), part.len());
        }
    }
}
