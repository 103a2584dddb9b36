//! Finds the beats of several leads together.

use std::collections::VecDeque;

use crate::beats::{Beat, BeatFinder, LEARNT, Scorer};
use crate::features::{FALSE_SHARE, N_FEATURES};
use crate::rate::{Rate, UnsupportedRate};
use crate::trees::Trees;

/// Complexes of several leads so near to each other are one.
const SAME_MS: u32 = 60;
/// The leads' verdicts on a complex are in so long after its R wave.
const DECIDED_MS: u32 = 390;
/// The heart cannot beat again within this.
const REFRACTORY_MS: u32 = 160;
/// No lead outvotes more than this many others that are as sure.
const SUREST: f32 = 6.0;
/// How often a new lead is held to be right, and how much a complex changes that.
const AGREEMENT: f32 = 0.9;
const CHANGE: f32 = 0.03;
/// A new lead says nothing for so long.
const LEARNT_MS: u32 = 2000;
/// What a lead says that saw nothing.
const UNSEEN: f32 = -0.7;

/// Finds beats in leads that were sampled together, within 400 ms of the R wave.
///
/// Each lead gives its verdict on each complex; a sure one counts more, one of a lead that was
/// often wrong of late less. Missing samples of a lead (NaN) leave the others to tell.
#[derive(Debug, Clone)]
pub struct LeadsFinder {
    rate: Rate,
    n_taken: u64,
    leads: Vec<BeatFinder<Witness>>,
    /// How often each lead agreed with what was told in the end, of late.
    agreement: Vec<f32>,
    verdicts: Vec<Verdict>,
    /// When verdicts were last heard, in samples taken.
    heard_at: u64,
    /// Where each lead's finder began to count.
    begun: Vec<u64>,
    last: Option<u64>,
    found: VecDeque<Beat>,
}

#[derive(Debug, Clone, Copy)]
struct Verdict {
    lead: usize,
    sample: u64,
    score: f32,
}

/// Judges as the trees do, and remembers.
#[derive(Debug, Clone)]
struct Witness {
    trees: &'static Trees<N_FEATURES>,
    heard: Vec<(Beat, f32)>,
}

impl Scorer for Witness {
    fn score(&mut self, beat: Beat, features: &[f32; N_FEATURES]) -> f32 {
        let score = self.trees.score(features);
        let trust = 1.0 - features[FALSE_SHARE];
        self.heard.push((beat, trust * score.clamp(-SUREST, SUREST)));
        score
    }
}

impl LeadsFinder {
    /// Sets up for `n_leads` at `hz`, 100..=2000.
    pub fn new(hz: u32, n_leads: usize) -> Result<Self, UnsupportedRate> {
        let witness = || Witness { trees: &LEARNT, heard: vec![] };
        let leads = (0..n_leads).map(|_| BeatFinder::with_scorer(hz, witness()));
        Ok(Self {
            rate: Rate::new(hz)?,
            n_taken: 0,
            leads: leads.collect::<Result<_, _>>()?,
            agreement: vec![AGREEMENT; n_leads],
            verdicts: vec![],
            heard_at: 0,
            begun: vec![0; n_leads],
            last: None,
            found: VecDeque::new(),
        })
    }

    /// Takes one sample of each lead in microvolts, NaN for a missing one; leads beyond the
    /// samples get none.
    pub fn push(&mut self, microvolts: &[f32]) {
        let samples = microvolts.iter().copied().chain(std::iter::repeat(f32::NAN));
        for (finder, sample) in self.leads.iter_mut().zip(samples) {
            finder.push(sample);
        }
        self.advance(1);
    }

    /// Takes `n_samples` of each lead as [`Self::push`] does, sooner: `lines` are the leads', each
    /// as long.
    pub(crate) fn push_block<'a>(
        &mut self,
        lines: impl Iterator<Item = &'a [f32]>,
        n_samples: usize,
    ) {
        for (finder, line) in self.leads.iter_mut().zip(lines) {
            finder.push_block(line);
        }
        self.advance(n_samples as u64);
    }

    fn advance(&mut self, n_samples: u64) {
        self.n_taken += n_samples;
        if self.leads.iter_mut().any(|finder| !finder.scorer_mut().heard.is_empty()) {
            self.hear();
        }
        self.decide_until(self.n_taken);
    }

    /// Hears the leads' verdicts in the order of their time, and decides in between what is due.
    #[cold]
    fn hear(&mut self) {
        let mut all = vec![];
        for (lead, finder) in self.leads.iter_mut().enumerate() {
            while finder.poll_output().is_some() {}
            let begun = self.begun[lead];
            let heard = finder.scorer_mut().heard.drain(..);
            all.extend(heard.map(|(beat, score)| {
                (begun + beat.found_at, Verdict { lead, sample: begun + beat.sample, score })
            }));
        }
        all.sort_by_key(|it| it.0);
        for (at, verdict) in all {
            if at >= self.heard_at {
                self.decide_until(at);
                self.heard_at = at + 1;
            }
            // What a new lead says of complexes that are decided is too late.
            let too_late = at.saturating_sub(self.rate.samples(DECIDED_MS));
            if self.begun[verdict.lead] == 0 || verdict.sample > too_late {
                self.verdicts.push(verdict);
            }
        }
    }

    /// Gives a lead's place to another lead, which is heard once it is learnt.
    pub(crate) fn restart(&mut self, lead: usize) {
        let hz = self.rate.int_hz();
        let witness = Witness { trees: &LEARNT, heard: vec![] };
        self.leads[lead] = BeatFinder::with_scorer(hz, witness).expect("the rate was accepted");
        self.agreement[lead] = AGREEMENT;
        self.begun[lead] = self.n_taken;
    }

    /// Tells that the recording has ended: as 2 s of nothing.
    pub fn finish(&mut self) {
        (0..self.rate.samples(2000)).for_each(|_| self.push(&[]));
    }

    /// The next beat that was found.
    pub fn poll_output(&mut self) -> Option<Beat> {
        self.found.pop_front()
    }

    /// Decides on the complexes on which all verdicts are in after `n_taken` samples.
    fn decide_until(&mut self, n_taken: u64) {
        while let Some(first) = self.verdicts.iter().map(|verdict| verdict.sample).min() {
            let due = first + self.rate.samples(DECIDED_MS);
            if due > n_taken {
                return;
            }
            self.decide(first, due.max(self.heard_at));
        }
    }

    fn decide(&mut self, first: u64, found_at: u64) {
        let until = first + self.rate.samples(SAME_MS);
        let complex: Vec<_> = self.verdicts.extract_if(.., |it| it.sample <= until).collect();
        let of_lead = |lead: usize| {
            let own = complex.iter().filter(|it| it.lead == lead).map(|it| it.score);
            let begun = self.begun[lead];
            let is_learning = begun > 0 && first < begun + self.rate.samples(LEARNT_MS);
            own.reduce(f32::max).or((!is_learning).then_some(UNSEEN))
        };
        let votes: Vec<Option<f32>> = (0..self.leads.len()).map(of_lead).collect();
        let score = self.weigh(&votes);
        let surest = complex.iter().max_by(|a, b| a.score.total_cmp(&b.score));
        let Some(sample) = surest.map(|it| it.sample).filter(|_| score > 0.0) else { return };
        if self.last.is_none_or(|last| sample >= last + self.rate.samples(REFRACTORY_MS)) {
            self.last = Some(sample);
            self.found.push_back(Beat { sample, found_at });
        }
    }

    /// Adds the votes up, each by the odds that its lead is right, and keeps who agreed.
    fn weigh(&mut self, votes: &[Option<f32>]) -> f32 {
        let odds = |agreement: f32| (agreement / (1.0 - agreement)).ln();
        let votes_of = self.agreement.iter().zip(votes);
        let score: f32 =
            votes_of.filter_map(|(&agreement, vote)| Some(odds(agreement) * (*vote)?)).sum();
        for (agreement, vote) in self.agreement.iter_mut().zip(votes) {
            let Some(vote) = vote else { continue };
            let is_agreed = (*vote > 0.0) == (score > 0.0);
            let moved = *agreement + CHANGE * (f32::from(u8::from(is_agreed)) - *agreement);
            *agreement = moved.clamp(0.55, 0.99);
        }
        score
    }
}
