//! Finds the beats of one lead.

use std::collections::VecDeque;
use std::sync::LazyLock;

use crate::candidate::Candidate;
use crate::features::{JUDGED_AFTER, N_FEATURES, features};
use crate::lanes::{Loop, wide};
use crate::memory::Memory;
use crate::peaks::PeakPicker;
use crate::rate::{Rate, UnsupportedRate};
use crate::resampler::{INNER_HZ, Resampler};
use crate::trees::Trees;
use crate::wave::Wave;

/// A beat that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Where its R wave is: samples since the first pushed one, counted from 0.
    pub sample: u64,
    /// The sample at which it was found.
    pub found_at: u64,
}

/// Tells whether what may be a beat is one.
pub trait Scorer {
    /// Above 0 for one; `beat` is what would be found.
    fn score(&mut self, beat: Beat, features: &[f32; N_FEATURES]) -> f32;
}

impl Scorer for &Trees<N_FEATURES> {
    fn score(&mut self, _beat: Beat, features: &[f32; N_FEATURES]) -> f32 {
        Trees::score(self, features)
    }
}

/// Finds beats causally: within 400 ms of the R wave, those of the first 1.65 s within 2 s of the
/// start. Beats are found in order.
#[derive(Debug, Clone)]
pub struct BeatFinder<S = &'static Trees<N_FEATURES>> {
    rate: Rate,
    n_taken: u64,
    resampler: Resampler,
    wave: Wave,
    peaks: PeakPicker,
    waiting: VecDeque<Candidate>,
    memory: Memory,
    scorer: S,
    found: VecDeque<(Beat, Candidate)>,
}

/// So many input samples go through the resampler at once.
const PART: usize = 128;
/// Levels are learnt from so many samples of 8 ms: 1.65 s.
const LEARNING: u64 = 206;
/// No complex has less energy than this, in microvolts: about that of one of 0.05 mV.
const FLOOR: f32 = 40.0;
/// Less than this part of the beats' energy is not even noise.
const LEAST: f32 = 0.08;
/// The heart cannot beat again within so many samples: 160 ms.
const REFRACTORY: u64 = 20;

impl<S: Scorer> BeatFinder<S> {
    /// Sets up for one lead at `hz`, 100..=2000, with another judge than the learnt trees.
    pub fn with_scorer(hz: u32, scorer: S) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        Ok(Self {
            rate,
            n_taken: 0,
            resampler: Resampler::new(rate),
            wave: Wave::new(),
            peaks: PeakPicker::default(),
            waiting: VecDeque::new(),
            memory: Memory::default(),
            scorer,
            found: VecDeque::new(),
        })
    }

    /// The rate that it was set up for.
    pub fn hz(&self) -> u32 {
        self.rate.int_hz()
    }

    /// Takes one sample in microvolts, as measured or cleaned; NaN for a missing one.
    ///
    /// Across missing samples the last level is held, and what follows goes on from there.
    #[inline]
    pub fn push(&mut self, microvolts: f32) {
        let mut whole = [0.0; 2];
        let mut n_whole = 0;
        self.resampler.push(microvolts, |sample| {
            whole[n_whole] = sample;
            n_whole += 1;
        });
        for &sample in &whole[..n_whole] {
            self.take([sample]);
        }
        self.n_taken += 1;
    }

    /// Takes samples as [`Self::push`] does, sooner.
    pub fn push_block(&mut self, microvolts: &[f32]) {
        wide(self, microvolts);
        self.n_taken += microvolts.len() as u64;
    }

    /// Tells that the recording has ended, so that its last beats are found: as 0.5 s of nothing.
    pub fn finish(&mut self) {
        let until_learnt = (LEARNING * u64::from(self.rate.int_hz())).div_ceil(u64::from(INNER_HZ));
        let n_samples = self.rate.samples(500).max(until_learnt.saturating_sub(self.n_taken) + 1);
        (0..n_samples).for_each(|_| self.push(f32::NAN));
    }

    /// The next beat that was found.
    pub fn poll_output(&mut self) -> Option<Beat> {
        self.found.pop_front().map(|(beat, _)| beat)
    }

    /// The next beat that was found, and its complex.
    pub(crate) fn poll_complex(&mut self) -> Option<(Beat, Candidate)> {
        self.found.pop_front()
    }

    pub(crate) fn wave(&self) -> &Wave {
        &self.wave
    }

    pub(crate) fn scorer_mut(&mut self) -> &mut S {
        &mut self.scorer
    }

    /// Gives the judge back.
    pub fn into_scorer(self) -> S {
        self.scorer
    }

    #[inline]
    fn take<const N: usize>(&mut self, samples: [f32; N]) {
        let first = self.wave.next;
        self.wave.push(samples);
        for now in first..self.wave.next {
            if let Some(peak) = self.peaks.push(now, &self.wave.energy) {
                self.on_peak(peak);
            }
            if self.waiting.front().is_some_and(|front| now >= front.centre + JUDGED_AFTER) {
                self.judge(now);
            }
        }
    }

    #[cold]
    fn on_peak(&mut self, peak: u64) {
        let level = LEAST * self.memory.energy(peak);
        let energy = self.wave.energy.at(peak);
        // Before there is a level it is NaN, and all is looked at.
        if energy < FLOOR || energy < level {
            return;
        }
        self.waiting.extend(Candidate::measure(&self.wave, &self.memory.templates, peak));
    }

    fn judge(&mut self, now: u64) {
        if now < LEARNING {
            return;
        }
        if self.memory.energies.len() == 0 {
            self.memory.start(now, self.waiting.iter().copied());
        }
        while self.waiting.front().is_some_and(|front| now >= front.centre + JUDGED_AFTER) {
            if let Some(candidate) = self.waiting.pop_front() {
                self.decide(now, candidate);
            }
        }
    }

    fn decide(&mut self, now: u64, candidate: Candidate) {
        let last = self.memory.last;
        if last.is_some_and(|last| candidate.centre < last.centre + REFRACTORY) {
            return;
        }
        let features = features(&self.wave, &self.memory, &candidate, self.waiting.front());
        let found_at = Resampler::whole_at(self.rate, now);
        let sample = self.input_sample(&candidate).min(found_at);
        let beat = Beat { sample, found_at };
        let score = self.scorer.score(beat, &features);
        if score > 0.0 {
            self.memory.accept(&self.wave, candidate, score);
            self.found.push_back((beat, candidate));
        } else {
            self.memory.reject(candidate);
        }
    }

    /// The input sample at the candidate's R wave.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "samples of a stream stay below 2^52, held to 0 and more"
    )]
    fn input_sample(&self, candidate: &Candidate) -> u64 {
        let at = candidate.centre as f64 + f64::from(candidate.r_offset) + 0.5;
        let sample = at * self.rate.hz() / f64::from(INNER_HZ) - 0.5;
        sample.round().max(0.0) as u64
    }
}

impl<S: Scorer> Loop<&[f32]> for BeatFinder<S> {
    type Told = ();

    #[inline(always)]
    fn run(&mut self, microvolts: &[f32]) {
        for part in microvolts.chunks(PART) {
            let mut whole = [0.0; 2 * PART];
            let n_whole = self.resampler.push_block(part, &mut whole);
            let (eights, rest) = whole[..n_whole].as_chunks::<8>();
            for &eight in eights {
                self.take(eight);
            }
            for &one in rest {
                self.take([one]);
            }
        }
    }
}

/// Learnt by `bench/ecg` from MIT-BIH and CPSC2021.
pub(crate) static LEARNT: LazyLock<Trees<N_FEATURES>> = LazyLock::new(|| {
    Trees::parse(include_str!("../../../data/ecg/beats.trees")).expect("a test reads the file")
});

impl BeatFinder {
    /// Sets up for one lead at `hz`, 100..=2000.
    pub fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        Self::with_scorer(hz, &LEARNT)
    }
}
