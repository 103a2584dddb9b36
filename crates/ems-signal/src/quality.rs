//! Tells each second whether a lead can be trusted.

use crate::biquad::Biquad;
use crate::cleaner::PART;
use crate::gaps::{Gaps, Leads, count};
use crate::lanes::{Lanes, Loop, wide};
use crate::rate::{Rate, UnsupportedRate};
use crate::sections::Section;
use crate::tail::Delay;

/// What a lead looked like for a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeadState {
    /// Usable.
    Good,
    /// Usable with care: muscle noise or hum above 0.3 mV.
    Noisy,
    /// A line without even noise: a dead amplifier, or asystole behind a strong filter.
    Flat,
    /// The amplifier is at its limit.
    Saturated,
    /// The electrode is off: more than half of the samples are missing, or there is above 3 mV of
    /// hum, as on a lead that hangs in the air.
    Off,
}

/// One second of one lead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// The first sample after that second, counted from 0 at the first pushed one.
    pub until_sample: u64,
    /// The verdict.
    pub state: LeadState,
    /// The median peak-to-peak of 50 ms above 25 Hz, in microvolts.
    pub noise_microvolts: f32,
    /// How much the line of the last 2 s moves in a few short complexes and rests between, 0 to 1;
    /// 0 where the lead is flat, saturated or off. A wide-complex tachycardia rests little, too: it
    /// ranks leads, and is no reason to withhold a wave or an alarm.
    pub index: f32,
}

/// Judges one lead second by second.
#[derive(Debug, Clone)]
pub struct QualityMeter {
    gaps: Gaps<1>,
    judge: Judge<1>,
    missing: Vec<Leads>,
}

impl QualityMeter {
    /// Sets up for one lead at `hz`, 100..=2000.
    pub fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        Ok(Self { gaps: Gaps::new(rate), judge: Judge::new(rate), missing: vec![] })
    }

    /// Takes one sample in microvolts as measured, NaN for a missing one.
    pub fn push(&mut self, microvolts: f32) {
        let mut sample = [Lanes::of(&[microvolts])];
        self.missing.clear();
        self.gaps.take(&mut sample, &mut self.missing);
        self.judge.run(&sample, &self.missing);
    }

    /// The second that has just ended; kept until the next one ends.
    pub fn poll_output(&mut self) -> Option<Quality> {
        self.judge.poll_output().map(|leads| leads[0])
    }
}

const FLAT_MICROVOLTS: f32 = 3.0;
const NOISY_MICROVOLTS: f32 = 300.0;
const FLOATING_MICROVOLTS: f32 = 3000.0;
const NOISE_HZ: f64 = 25.0;
/// No amplifier is at its limit within this.
const CLIPPED_MICROVOLTS: f32 = 500.0;
/// At its limit an amplifier gives the same number again and again: for two blocks.
const STILL_MICROVOLTS: f32 = 1.0;
/// Blocks of 25 ms in a second,
const N_BLOCKS: u64 = 40;
/// those of 50 ms in which noise is measured,
const N_NOISES: usize = 20;
/// and those of 100 ms in 2 s in which the line's path is.
const N_PATHS: usize = 20;
const STEP_MS: u32 = 8;
/// The path in the median block over that in the longest one, on a clean lead and in noise.
const CLEAN_SHARE: f32 = 0.1;
const NOISE_SHARE: f32 = 0.7;

/// Judges leads side by side.
#[derive(Debug, Clone)]
pub(crate) struct Judge<const QUADS: usize> {
    rate: Rate,
    now: u64,
    /// Blocks that have ended, and where the one at hand ends.
    n_ended: u64,
    block_end: u64,
    high_pass: Section<QUADS>,
    steps: Delay<QUADS>,
    wave: Range<QUADS>,
    noise: Range<QUADS>,
    path: Lanes<QUADS>,
    absent: Leads,
    /// The span and the middle of the last block.
    last: [Lanes<QUADS>; 2],
    second: Second<QUADS>,
    paths: [Lanes<QUADS>; N_PATHS],
    finished: Option<Vec<Quality>>,
}

#[derive(Debug, Clone)]
struct Second<const QUADS: usize> {
    wave: Range<QUADS>,
    /// The lowest and highest level that a lead stayed at.
    still: Range<QUADS>,
    middles: Lanes<QUADS>,
    noises: [Lanes<QUADS>; N_NOISES],
    n_missing: Lanes<QUADS>,
}

#[derive(Debug, Clone, Copy)]
struct Range<const QUADS: usize> {
    low: Lanes<QUADS>,
    high: Lanes<QUADS>,
}

impl<const QUADS: usize> Judge<QUADS> {
    pub(crate) fn new(rate: Rate) -> Self {
        let zero = Lanes::splat(0.0);
        Self {
            rate,
            now: 0,
            n_ended: 0,
            block_end: block_end(rate, 0),
            high_pass: Section::new(&Biquad::high_pass(rate, NOISE_HZ)),
            steps: Delay::new(rate.len(STEP_MS)),
            wave: Range::none(),
            noise: Range::none(),
            path: zero,
            absent: 0,
            last: [Lanes::splat(f32::INFINITY), zero],
            second: Second::none(),
            paths: [zero; N_PATHS],
            finished: None,
        }
    }

    pub(crate) fn poll_output(&mut self) -> Option<Vec<Quality>> {
        self.finished.take()
    }

    /// Takes levels and which of them are only held.
    pub(crate) fn run(&mut self, block: &[Lanes<QUADS>], missing: &[Leads]) {
        for (part, missing) in block.chunks(PART).zip(missing.chunks(PART)) {
            let mut from = 0;
            while from < part.len() {
                let until_end = usize::try_from(self.block_end - self.now).unwrap_or(usize::MAX);
                let until = from + until_end.min(part.len() - from);
                wide(self, (&part[from..until], &missing[from..until]));
                self.now += (until - from) as u64;
                if self.now == self.block_end {
                    self.end_block();
                }
                from = until;
            }
        }
    }

    fn end_block(&mut self) {
        let mut span = self.wave.span();
        for lead in (0..Lanes::<QUADS>::N_LEADS).filter(|lead| self.absent >> lead & 1 == 1) {
            span.leads_mut()[lead] = f32::INFINITY;
        }
        let middle = (self.wave.low + self.wave.high) * 0.5;
        self.second.end_block(self.wave, [span, middle], self.last);
        (self.last, self.wave, self.absent) = ([span, middle], Range::none(), 0);
        self.n_ended += 1;
        if self.n_ended.is_multiple_of(2) {
            self.second.noises[slot(self.n_ended / 2 - 1, N_NOISES)] = self.noise.span();
            self.noise = Range::none();
        }
        if self.n_ended.is_multiple_of(4) {
            self.paths[slot(self.n_ended / 4 - 1, N_PATHS)] = self.path;
            self.path = Lanes::splat(0.0);
        }
        if self.n_ended.is_multiple_of(N_BLOCKS) {
            self.end_second();
        }
        self.block_end = block_end(self.rate, self.n_ended);
    }

    fn end_second(&mut self) {
        let mut paths = self.paths;
        let n_paths = slot(self.n_ended / 4, usize::MAX).min(N_PATHS);
        Lanes::sort(&mut paths[..n_paths]);
        let (middle, longest) = (paths[n_paths / 2], paths[n_paths - 1]);
        let second = std::mem::replace(&mut self.second, Second::none());
        let noise = second.noise();
        let judge = |lead: usize| {
            let state = second.state(lead, noise.lead(lead), self.rate.hz());
            let share = middle.lead(lead) / longest.lead(lead).max(f32::MIN_POSITIVE);
            let index = ((NOISE_SHARE - share) / (NOISE_SHARE - CLEAN_SHARE)).clamp(0.0, 1.0);
            let is_usable = matches!(state, LeadState::Good | LeadState::Noisy);
            Quality {
                until_sample: self.now,
                state,
                noise_microvolts: noise.lead(lead),
                index: if is_usable { index } else { 0.0 },
            }
        };
        self.finished = Some((0..Lanes::<QUADS>::N_LEADS).map(judge).collect());
    }
}

impl<const QUADS: usize> Loop<(&[Lanes<QUADS>], &[Leads])> for Judge<QUADS> {
    type Told = ();

    /// Takes samples beside those 8 ms before them.
    #[inline(always)]
    fn run(&mut self, (block, missing): (&[Lanes<QUADS>], &[Leads])) {
        let (mut wave, mut path, mut noise) = (self.wave, self.path, self.noise);
        for &sample in block {
            wave = wave.with(sample);
            path = path + (sample - self.steps.push(sample)).abs();
            noise = noise.with(self.high_pass.push(sample));
        }
        (self.wave, self.path, self.noise) = (wave, path, noise);
        for same in missing.chunk_by(|a, b| a == b).filter(|same| same[0] != 0) {
            self.absent |= same[0];
            let n_missing = Lanes::of_bits(same[0]) * Lanes::splat(count(same));
            self.second.n_missing = self.second.n_missing + n_missing;
        }
    }
}

impl<const QUADS: usize> Second<QUADS> {
    fn none() -> Self {
        Self {
            wave: Range::none(),
            still: Range::none(),
            middles: Lanes::splat(0.0),
            noises: [Lanes::splat(0.0); N_NOISES],
            n_missing: Lanes::splat(0.0),
        }
    }

    fn end_block(
        &mut self,
        wave: Range<QUADS>,
        [span, middle]: [Lanes<QUADS>; 2],
        [last_span, last_middle]: [Lanes<QUADS>; 2],
    ) {
        self.wave = Range { low: self.wave.low.min(wave.low), high: self.wave.high.max(wave.high) };
        self.middles = self.middles + middle;
        // Infinitely far where the line moved.
        let moved = span.max(last_span).max((middle - last_middle).abs());
        let far = moved.map(|it| if it < STILL_MICROVOLTS { 0.0 } else { f32::INFINITY });
        self.still.low = self.still.low.min(middle + far);
        self.still.high = self.still.high.max(middle - far);
    }

    fn noise(&self) -> Lanes<QUADS> {
        let mut noises = self.noises;
        Lanes::sort(&mut noises);
        noises[N_NOISES / 2]
    }

    fn state(&self, lead: usize, noise: f32, hz: f64) -> LeadState {
        if f64::from(self.n_missing.lead(lead)) > hz / 2.0 || noise > FLOATING_MICROVOLTS {
            LeadState::Off
        } else if self.wave.span().lead(lead) < FLAT_MICROVOLTS {
            LeadState::Flat
        } else if self.is_clipped(lead) {
            LeadState::Saturated
        } else if noise > NOISY_MICROVOLTS {
            LeadState::Noisy
        } else {
            LeadState::Good
        }
    }

    /// Whether the wave stays at one of its extremes, far from its middle.
    #[expect(clippy::cast_precision_loss, reason = "40")]
    fn is_clipped(&self, lead: usize) -> bool {
        let [low, high] = [self.wave.low, self.wave.high].map(|it| it.lead(lead));
        let middle = self.middles.lead(lead) / N_BLOCKS as f32;
        let is_at = |limit: f32, still: f32| {
            (limit - still).abs() < STILL_MICROVOLTS && (limit - middle).abs() > (high - low) / 3.0
        };
        let still = self.still;
        high - low > CLIPPED_MICROVOLTS
            && (is_at(low, still.low.lead(lead)) || is_at(high, still.high.lead(lead)))
    }
}

impl<const QUADS: usize> Range<QUADS> {
    const fn none() -> Self {
        Self { low: Lanes::splat(f32::INFINITY), high: Lanes::splat(f32::NEG_INFINITY) }
    }

    #[inline]
    fn with(self, sample: Lanes<QUADS>) -> Self {
        Self { low: self.low.min(sample), high: self.high.max(sample) }
    }

    fn span(&self) -> Lanes<QUADS> {
        self.high - self.low
    }
}

/// The sample after block `block`.
const fn block_end(rate: Rate, block: u64) -> u64 {
    (block + 1) * rate.int_hz() as u64 / N_BLOCKS
}

/// A place in a ring.
#[expect(clippy::cast_possible_truncation, reason = "below the ring's length")]
const fn slot(count: u64, n_slots: usize) -> usize {
    (count % n_slots as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of(wave: impl Fn(usize) -> f32) -> LeadState {
        let mut meter = QualityMeter::new(250).unwrap();
        (0..250).for_each(|idx| meter.push(wave(idx)));
        let quality = meter.poll_output().unwrap();
        assert_eq!(quality.until_sample, 250);
        quality.state
    }

    #[test]
    fn a_second_is_judged_by_what_came() {
        let ripple = |idx: usize| if idx.is_multiple_of(2) { 4.0 } else { 0.0 };
        let beat = |idx: usize| if idx == 100 { 1000.0 } else { ripple(idx) };
        assert_eq!(state_of(beat), LeadState::Good);
        assert_eq!(state_of(|_| 120.0), LeadState::Flat);
        assert_eq!(state_of(|_| f32::NAN), LeadState::Off);
        assert_eq!(state_of(|idx| if idx % 4 < 2 { 400.0 } else { -400.0 }), LeadState::Noisy);
        assert_eq!(state_of(|idx| if idx % 4 < 2 { 4000.0 } else { -4000.0 }), LeadState::Off);
        let clipped = |idx: usize| if idx > 200 { 5000.0 } else { ripple(idx) };
        assert_eq!(state_of(clipped), LeadState::Saturated);
    }
}
