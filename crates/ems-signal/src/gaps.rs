//! Missing samples: held level for the filters, and afterwards a bridge with its uncertainty.

use crate::lanes::{Lanes, Loop, wide};
use crate::rate::Rate;
use crate::sections::narrow;

/// No amplifier for electrodes goes beyond a volt.
const LIMIT_MICROVOLTS: f32 = 1e6;
/// After a longer gap the line goes on from the level before it: an electrode that is put back has
/// another offset.
const JOINED_MS: u32 = 100;

/// A bit for each lead.
pub(crate) type Leads = u32;

/// Takes missing samples out of a stream and remembers which they were.
#[derive(Debug, Clone)]
pub(crate) struct Gaps<const QUADS: usize> {
    n_joined: f32,
    origin: Lanes<QUADS>,
    level: Lanes<QUADS>,
    /// Leads whose last sample was missing, and for how many samples.
    open: Leads,
    n_missing: Lanes<QUADS>,
}

impl<const QUADS: usize> Gaps<QUADS> {
    pub(crate) fn new(rate: Rate) -> Self {
        const { assert!(4 * QUADS <= Leads::BITS as usize, "a bit for each lead") };
        let zero = Lanes::splat(0.0);
        Self {
            n_joined: narrow(rate.hz() * f64::from(JOINED_MS) / 1000.0),
            origin: zero,
            level: zero,
            open: Leads::MAX >> (Leads::BITS as usize - Lanes::<QUADS>::N_LEADS),
            n_missing: Lanes::splat(f32::INFINITY),
        }
    }

    /// Turns samples into levels from where each lead began, and tells which were missing.
    pub(crate) fn take(&mut self, block: &mut [Lanes<QUADS>], missing: &mut Vec<Leads>) {
        if wide(self, &mut *block) {
            missing.resize(missing.len() + block.len(), self.open);
            return;
        }
        for sample in block {
            self.take_parts(*sample);
            *sample = self.level;
            missing.push(self.open);
        }
    }

    fn take_parts(&mut self, sample: Lanes<QUADS>) {
        for lead in 0..Lanes::<QUADS>::N_LEADS {
            let sample = sample.lead(lead);
            if sample.is_finite() {
                self.take_one(lead, sample.clamp(-LIMIT_MICROVOLTS, LIMIT_MICROVOLTS));
                self.open &= !(1 << lead);
                self.n_missing.leads_mut()[lead] = 0.0;
            } else {
                self.open |= 1 << lead;
                self.n_missing.leads_mut()[lead] += 1.0;
            }
        }
    }

    fn take_one(&mut self, lead: usize, sample: f32) {
        let (origin, level) = (&mut self.origin.leads_mut()[lead], self.level.lead(lead));
        if self.n_missing.lead(lead) > self.n_joined {
            *origin = sample - level;
        }
        self.level.leads_mut()[lead] = sample - *origin;
    }
}

impl<const QUADS: usize> Loop<&mut [Lanes<QUADS>]> for Gaps<QUADS> {
    /// Whether all went on as before: the leads that were missing still are, the others are there.
    type Told = bool;

    #[inline(always)]
    fn run(&mut self, block: &mut [Lanes<QUADS>]) -> bool {
        let (n_samples, is_open) = (Lanes::splat(count(block)), Lanes::of_bits(self.open));
        if count_there(block) + is_open * n_samples != n_samples {
            return false;
        }
        // What is no number gives way to the sample.
        let held =
            self.level.zip(is_open, |level, open| if open == 0.0 { f32::NAN } else { level });
        for sample in &mut *block {
            let level = sample.within(Lanes::splat(LIMIT_MICROVOLTS)) - self.origin;
            *sample = held.or(level);
        }
        self.level = block.last().copied().unwrap_or(self.level);
        self.n_missing = self.n_missing + is_open * n_samples;
        true
    }
}

/// How many samples of each lead are there.
#[inline(always)]
fn count_there<const QUADS: usize>(block: &[Lanes<QUADS>]) -> Lanes<QUADS> {
    // Nothing times what is no number is no number.
    let is_there = |it: f32| if it * 0.0 == 0.0 { 1.0 } else { 0.0 };
    block.iter().fold(Lanes::splat(0.0), |n_there, sample| n_there + sample.map(is_there))
}

#[expect(clippy::cast_precision_loss, reason = "samples of a block")]
pub(crate) const fn count<T>(block: &[T]) -> f32 {
    block.len() as f32
}

/// One sample of one lead after cleaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// Measured and cleaned, in microvolts.
    Measured(f32),
    /// Missing, and guessed from what was before: never to be shown as measured.
    Bridged {
        /// The guess, in microvolts.
        microvolts: f32,
        /// The standard deviation of what was missed around the guess, in microvolts.
        sd_microvolts: f32,
    },
    /// Missing for longer than a second, or before the first sample.
    Missing,
}

/// One cleaned sample of each lead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cleaned<const QUADS: usize> {
    pub(crate) microvolts: Lanes<QUADS>,
    /// Zero where measured, NaN where missing.
    pub(crate) sd: Lanes<QUADS>,
}

impl<const QUADS: usize> Cleaned<QUADS> {
    /// What is known of a lead.
    pub fn lead(&self, lead: usize) -> Sample {
        let (microvolts, sd) = (self.microvolts.lead(lead), self.sd.lead(lead));
        if sd > 0.0 {
            Sample::Bridged { microvolts, sd_microvolts: sd }
        } else if sd.is_nan() {
            Sample::Missing
        } else {
            Sample::Measured(microvolts)
        }
    }

    /// Microvolts where measured, else NaN.
    pub fn measured(&self, lead: usize) -> f32 {
        if self.sd.lead(lead) == 0.0 { self.microvolts.lead(lead) } else { f32::NAN }
    }
}

/// Guesses what was missed: back to the baseline, as uncertain as the lead is lively.
#[derive(Debug, Clone)]
pub(crate) struct Bridge<const QUADS: usize> {
    /// How much a sample is like the one before it.
    likeness: f32,
    n_bridged: f32,
    forget: f32,
    variance: Lanes<QUADS>,
    last: Lanes<QUADS>,
    n_missing: Lanes<QUADS>,
}

/// A sample is like one so long before it by 1/e: fitted to MIT-BIH, see `docs/signals.md`.
const LIKE_S: f64 = 0.04;
const BRIDGED_MS: u32 = 1000;
/// How lively a lead is, is learnt over so long,
const VARIANCE_S: f64 = 5.0;
/// and held to be so lively at first.
const FIRST_SD_MICROVOLTS: f32 = 200.0;

impl<const QUADS: usize> Bridge<QUADS> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            likeness: narrow((-1.0 / (LIKE_S * rate.hz())).exp()),
            n_bridged: narrow(rate.hz() * f64::from(BRIDGED_MS) / 1000.0),
            forget: narrow(1.0 / (VARIANCE_S * rate.hz())),
            variance: Lanes::splat(FIRST_SD_MICROVOLTS * FIRST_SD_MICROVOLTS),
            last: Lanes::splat(0.0),
            n_missing: Lanes::splat(f32::INFINITY),
        }
    }

    /// Adds as many to `out` as there are in `block`.
    pub(crate) fn take(
        &mut self,
        block: &[Lanes<QUADS>],
        missing: &[Leads],
        out: &mut Vec<Cleaned<QUADS>>,
    ) {
        let gone = self.gone();
        if missing.iter().all(|&leads| leads == gone) {
            let from = out.len();
            let hole = Cleaned { microvolts: Lanes::splat(0.0), sd: Lanes::splat(0.0) };
            out.resize(from + block.len(), hole);
            wide(self, (block, &mut out[from..]));
        } else {
            let samples = block.iter().zip(missing);
            out.extend(samples.map(|(&sample, &missing)| self.bridge(sample, missing)));
        }
    }

    /// The leads that nothing is guessed of any more.
    fn gone(&self) -> Leads {
        let is_gone = |&(_, &n_missing): &(usize, &f32)| n_missing + 1.0 > self.n_bridged;
        let leads = self.n_missing.leads().iter().enumerate().filter(is_gone);
        leads.fold(0, |gone, (lead, _)| gone | 1 << lead)
    }

    fn bridge(&mut self, sample: Lanes<QUADS>, missing: Leads) -> Cleaned<QUADS> {
        let mut cleaned = Cleaned { microvolts: sample, sd: Lanes::splat(0.0) };
        for (lead, &sample) in sample.leads().iter().enumerate() {
            let n_missing = &mut self.n_missing.leads_mut()[lead];
            let variance = &mut self.variance.leads_mut()[lead];
            if missing >> lead & 1 == 0 {
                *n_missing = 0.0;
                *variance += self.forget * (sample * sample - *variance);
                self.last.leads_mut()[lead] = sample;
                continue;
            }
            *n_missing += 1.0;
            let (mut microvolts, mut sd) = (f32::NAN, f32::NAN);
            if *n_missing <= self.n_bridged {
                let likeness = self.likeness.powf(*n_missing);
                microvolts = likeness * self.last.lead(lead);
                sd = (*variance * (1.0 - likeness * likeness)).sqrt().max(f32::MIN_POSITIVE);
            }
            cleaned.sd.leads_mut()[lead] = sd;
            cleaned.microvolts.leads_mut()[lead] = microvolts;
        }
        cleaned
    }
}

impl<const QUADS: usize> Loop<(&[Lanes<QUADS>], &mut [Cleaned<QUADS>])> for Bridge<QUADS> {
    type Told = ();

    /// Takes samples of leads that are there or gone.
    #[inline(always)]
    fn run(&mut self, (block, out): (&[Lanes<QUADS>], &mut [Cleaned<QUADS>])) {
        let sd = Lanes::of_bits(self.gone()).map(|gone| if gone == 0.0 { 0.0 } else { f32::NAN });
        let mut variance = self.variance;
        for (&sample, out) in block.iter().zip(&mut *out) {
            let power = sample.zip(sample, |a, b| a * b);
            variance = variance + (power - variance) * self.forget;
            *out = Cleaned { microvolts: sample + sd, sd };
        }
        self.variance = (variance + sd).or(self.variance);
        if let Some(last) = out.last() {
            self.last = last.microvolts.or(self.last);
            self.n_missing = sd.or(self.n_missing + Lanes::splat(count(block)));
        }
    }
}
