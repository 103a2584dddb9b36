//! A short recording at rest.

use crate::filter::for_measuring;
use crate::lead::{Lead, OfLeads};
use crate::rate::Rate;

/// Leads of one patient that were sampled together, filtered for measuring.
#[derive(Debug, Clone)]
pub struct Ecg {
    hz: u32,
    n_samples: usize,
    /// Microvolts, 0.5 to 150 Hz; `None` for a lead that was not recorded.
    waves: OfLeads<Option<Vec<f64>>>,
    raw: OfLeads<Option<Vec<f32>>>,
    derived: Vec<Lead>,
}

/// A recording that cannot be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EcgError {
    /// A sampling rate out of range.
    #[error("{hz} samples a second are outside 100 to 2000: give a recording of 250 or more")]
    Rate {
        /// The rate.
        hz: u32,
    },
    /// No lead, or none that moves.
    #[error("none of the twelve leads I to V6 has a wave: name the leads in the header")]
    NoLead,
    /// Too short or too long.
    #[error("{secs} s are outside 3 to 60: give 10 s of the recording")]
    Length {
        /// Whole seconds.
        secs: usize,
    },
}

/// A lead whose samples stay within this is not connected, in microvolts.
const FLAT_MICROVOLTS: f64 = 5.0;

impl Ecg {
    /// Takes leads of equal length at `hz`, 100..=2000, in microvolts, NaN for a missing sample.
    ///
    /// Leads that stay flat count as not recorded. Where I and II are there and III, aVR, aVL or
    /// aVF are not, these are reckoned from them (Einthoven, Goldberger). A lead that is shorter
    /// than the longest one is not used. Cost: the samples.
    pub fn new(hz: u32, leads: &[(Lead, &[f32])]) -> Result<Self, EcgError> {
        if !(100..=2000).contains(&hz) {
            return Err(EcgError::Rate { hz });
        }
        let n_samples = leads.iter().map(|(_, samples)| samples.len()).max().unwrap_or(0);
        let secs = n_samples / hz as usize;
        if !(3..=60).contains(&secs) {
            return Err(EcgError::Length { secs });
        }
        let mut raw: OfLeads<Option<Vec<f32>>> = [const { None }; 12];
        for (lead, samples) in leads.iter().filter(|(_, samples)| samples.len() == n_samples) {
            raw[lead.idx()].get_or_insert_with(|| samples.to_vec());
        }
        let derived = derive_limb_leads(&mut raw);
        let rate = Rate(f64::from(hz));
        let waves = raw.each_ref().map(|lead| {
            let wave = for_measuring(rate, lead.as_deref()?);
            (span(&wave) > FLAT_MICROVOLTS).then_some(wave)
        });
        if waves.iter().all(Option::is_none) {
            return Err(EcgError::NoLead);
        }
        Ok(Self { hz, n_samples, waves, raw, derived })
    }

    /// Samples a second.
    pub const fn hz(&self) -> u32 {
        self.hz
    }

    /// Samples of each lead.
    pub const fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// A lead's wave in microvolts, filtered for measuring; `None` if it was not recorded.
    pub fn wave(&self, lead: Lead) -> Option<&[f64]> {
        self.waves[lead.idx()].as_deref()
    }

    /// Limb leads that were reckoned from I and II.
    pub fn derived(&self) -> &[Lead] {
        &self.derived
    }

    /// The leads that have a wave.
    pub fn leads(&self) -> impl Iterator<Item = Lead> {
        Lead::ALL.into_iter().filter(|lead| self.waves[lead.idx()].is_some())
    }

    pub(crate) const fn rate(&self) -> Rate {
        Rate(self.hz as f64)
    }

    pub(crate) const fn waves(&self) -> &OfLeads<Option<Vec<f64>>> {
        &self.waves
    }

    /// As they were measured, those that have a wave and were recorded.
    pub(crate) fn raw_leads(&self) -> Vec<&[f32]> {
        let is_own = |lead: &Lead| !self.derived.contains(lead);
        self.leads().filter(is_own).filter_map(|lead| self.raw[lead.idx()].as_deref()).collect()
    }
}

/// A lead from I and II.
type Rule = fn(f32, f32) -> f32;

fn derive_limb_leads(raw: &mut OfLeads<Option<Vec<f32>>>) -> Vec<Lead> {
    let (Some(one), Some(two)) = (raw[Lead::I.idx()].clone(), raw[Lead::II.idx()].clone()) else {
        return vec![];
    };
    let rules: [(Lead, Rule); 4] = [
        (Lead::III, |one, two| two - one),
        (Lead::AVR, |one, two| -f32::midpoint(one, two)),
        (Lead::AVL, |one, two| one - two / 2.0),
        (Lead::AVF, |one, two| two - one / 2.0),
    ];
    let mut derived = vec![];
    for (lead, rule) in rules {
        if raw[lead.idx()].is_none() {
            let samples = one.iter().zip(&two).map(|(&one, &two)| rule(one, two));
            raw[lead.idx()] = Some(samples.collect());
            derived.push(lead);
        }
    }
    derived
}

fn span(wave: &[f64]) -> f64 {
    let low = wave.iter().copied().fold(f64::INFINITY, f64::min);
    wave.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low
}
