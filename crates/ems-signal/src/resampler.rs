//! Brings a lead of any rate to the detector's own.

use crate::rate::Rate;

/// Samples a second inside the detector.
pub(crate) const INNER_HZ: u32 = 125;
/// No amplifier for electrodes goes beyond a volt.
const LIMIT_MICROVOLTS: f32 = 1e6;

/// Gives the mean of the input over each span of 8 ms; the last level across missing samples.
#[derive(Debug, Clone)]
pub(crate) struct Resampler {
    /// An output sample takes so many parts, an input sample brings [`INNER_HZ`].
    parts: f32,
    wanted: f32,
    sum: f32,
    origin: f32,
    level: f32,
    is_joined: bool,
}

const BROUGHT: f32 = 125.0;

impl Resampler {
    #[expect(clippy::cast_possible_truncation, reason = "a rate has four digits")]
    pub(crate) fn new(rate: Rate) -> Self {
        let parts = rate.hz() as f32;
        Self { parts, wanted: parts, sum: 0.0, origin: 0.0, level: 0.0, is_joined: false }
    }

    /// Takes a sample in microvolts, NaN for a missing one, and gives those that are now whole:
    /// none or one, from rates below 125 Hz up to two.
    #[inline]
    pub(crate) fn push(&mut self, microvolts: f32, mut whole: impl FnMut(f32)) {
        let level = self.without_gap(microvolts);
        self.add(level, &mut whole);
    }

    #[inline(always)]
    fn add(&mut self, level: f32, whole: &mut impl FnMut(f32)) {
        let mut brought = BROUGHT;
        while brought >= self.wanted {
            whole((self.sum + level * self.wanted) / self.parts);
            brought -= self.wanted;
            self.wanted = self.parts;
            self.sum = 0.0;
        }
        self.sum += level * brought;
        self.wanted -= brought;
    }

    #[inline(always)]
    fn level_of(&self, microvolts: f32) -> f32 {
        microvolts.clamp(-LIMIT_MICROVOLTS, LIMIT_MICROVOLTS) - self.origin
    }

    /// Takes samples as [`Self::push`] does, and writes the whole ones to `out`, which has room for
    /// two each. How many there were.
    #[inline(always)]
    pub(crate) fn push_block(&mut self, microvolts: &[f32], out: &mut [f32]) -> usize {
        let mut n_whole = 0;
        let mut tell = |sample| {
            out[n_whole] = sample;
            n_whole += 1;
        };
        let (eights, rest) = microvolts.as_chunks::<8>();
        for eight in eights {
            self.push_eight(eight, &mut tell);
        }
        for &sample in rest {
            self.push(sample, &mut tell);
        }
        n_whole
    }

    #[inline(always)]
    fn push_eight(&mut self, microvolts: &[f32; 8], whole: &mut impl FnMut(f32)) {
        // Nothing times what is no number is no number.
        let are_there = microvolts.iter().all(|it| it * 0.0 == 0.0);
        if !self.is_joined || !are_there {
            for &sample in microvolts {
                self.push(sample, &mut *whole);
            }
            return;
        }
        let levels = microvolts.map(|it| self.level_of(it));
        self.level = levels[7];
        for level in levels {
            self.add(level, whole);
        }
    }

    /// The input sample with which sample `at` of ours is whole.
    pub(crate) fn whole_at(rate: Rate, at: u64) -> u64 {
        ((at + 1) * u64::from(rate.int_hz())).div_ceil(u64::from(INNER_HZ)) - 1
    }

    #[inline]
    fn without_gap(&mut self, microvolts: f32) -> f32 {
        if microvolts.is_finite() {
            if !self.is_joined {
                let sample = microvolts.clamp(-LIMIT_MICROVOLTS, LIMIT_MICROVOLTS);
                self.origin = sample - self.level;
                self.is_joined = true;
            }
            self.level = self.level_of(microvolts);
        } else {
            self.is_joined = false;
        }
        self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_gives_the_same_bits_as_its_samples() {
        for hz in [100, 250, 360, 500, 1000] {
            let rate = Rate::new(hz).unwrap();
            let (mut one, mut all) = (Resampler::new(rate), Resampler::new(rate));
            let wave = |at: u16| if at % 97 == 43 { f32::NAN } else { f32::from(at * at % 251) };
            let samples: Vec<f32> = (0..200).map(wave).collect();
            let (mut singly, mut whole) = (vec![], [0.0; 400]);
            for &sample in &samples {
                one.push(sample, |it| singly.push(it));
            }
            let n_first = all.push_block(&samples[..61], &mut whole);
            let n_whole = n_first + all.push_block(&samples[61..], &mut whole[n_first..]);
            assert_eq!(whole[..n_whole], singly, "{hz} Hz");
        }
    }

    #[test]
    fn a_second_of_any_rate_becomes_125_samples_of_the_same_ramp() {
        for hz in [100_u16, 125, 250, 333, 360, 500, 1000, 2000] {
            let rate = Rate::new(hz.into()).unwrap();
            let (mut resampler, mut out) = (Resampler::new(rate), vec![]);
            // Samples lie in the middle of their spans; the first one is the origin.
            let step = 1000.0 / f32::from(hz);
            for idx in 0..hz {
                resampler.push(step * f32::from(idx), |sample| {
                    assert_eq!(Resampler::whole_at(rate, out.len() as u64), u64::from(idx));
                    out.push(sample);
                });
            }
            assert_eq!(out.len(), 125, "{hz} Hz");
            for (idx, sample) in (0_u16..).zip(out) {
                let at = (f32::from(idx) + 0.5) * 8.0 - step / 2.0;
                assert!((sample - at).abs() < 3.0, "{sample} for {at} at {hz} Hz");
            }
        }
    }
}
