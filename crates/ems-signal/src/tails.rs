//! The usual T wave, taken out where a P wave is looked for.

use crate::candidate::mean;
use crate::wave::{SMOOTH_DELAY, Wave};

/// What follows a usual complex: 112 to 752 ms after its centre.
const TAIL: usize = 80;
const TAIL_FROM: u64 = 14;
/// From 256 ms before the next centre on it may be that beat's P wave.
const TAIL_UNTIL: u64 = 32;
/// Its level is taken 272 ms after the centre; a shorter one teaches nothing.
const LEVEL_AT: u64 = 20;
/// A later beat's tail may be forgotten: 1.7 s.
const KEPT: u64 = 216;
/// The P wave: 248 to 64 ms before the centre.
pub(crate) const P_WAVE: usize = 24;
const P_WAVE_BEFORE: u64 = 8;
/// A tail is known from so many beats, and a new one counts at least so much in it.
const TAILS: f32 = 4.0;
const OF_LAST: f32 = 16.0;

/// What usually follows a complex in a lead.
#[derive(Debug, Clone)]
pub(crate) struct Tails {
    usual: [f32; TAIL],
    n_beats: [f32; TAIL],
}

impl Default for Tails {
    fn default() -> Self {
        Self { usual: [0.0; TAIL], n_beats: [0.0; TAIL] }
    }
}

impl Tails {
    /// The line with the P wave before `centre`, from its mean, without the tail of the complex at
    /// `last`.
    pub(crate) fn rest(&self, wave: &Wave, last: u64, centre: u64) -> [f32; P_WAVE] {
        let mut line = p_line(wave, centre);
        let from = (centre + 1).saturating_sub(P_WAVE_BEFORE + P_WAVE as u64);
        let n_known = self.n_beats.partition_point(|&n| n >= TAILS);
        if n_known > 0 {
            for (at, sample) in (from..).zip(&mut line) {
                let at = usize::try_from(at.saturating_sub(last + TAIL_FROM)).unwrap_or(TAIL);
                *sample -= self.usual[at.min(n_known - 1)];
            }
        }
        from_mean(line)
    }

    /// Learns what followed a usual complex at `last`, the next one, on time, being at `centre`.
    pub(crate) fn learn(&mut self, wave: &Wave, last: u64, centre: u64) {
        let from = last + TAIL_FROM;
        let until = centre.saturating_sub(TAIL_UNTIL).min(from + TAIL as u64);
        if centre > last + KEPT || until <= from + LEVEL_AT {
            return;
        }
        let level = wave.smooth.at(from + LEVEL_AT + SMOOTH_DELAY);
        for (at, (usual, n)) in (from..until).zip(self.usual.iter_mut().zip(&mut self.n_beats)) {
            *n = (*n + 1.0).min(OF_LAST);
            *usual += (wave.smooth.at(at + SMOOTH_DELAY) - level - *usual) / *n;
        }
    }
}

/// The line with the P wave, from its mean.
pub(crate) fn p_line(wave: &Wave, centre: u64) -> [f32; P_WAVE] {
    from_mean(*wave.smooth.ending(centre.saturating_sub(P_WAVE_BEFORE) + SMOOTH_DELAY))
}

fn from_mean(line: [f32; P_WAVE]) -> [f32; P_WAVE] {
    let mean = mean(&line);
    line.map(|sample| sample - mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A T wave 240 ms after each complex and, if asked, a P wave 160 ms before.
    fn beat(wave: &mut Wave, interval: u64, has_p: bool) {
        for at in 0..interval {
            let hump = |middle: f32| {
                let off = crate::memory::samples(at) - middle;
                (-off * off / 18.0).exp()
            };
            let p = if has_p { hump(crate::memory::samples(interval) - 20.0) } else { 0.0 };
            wave.push([300.0 * hump(30.0) + 100.0 * p]);
        }
    }

    #[test]
    fn the_t_wave_is_taken_out_before_an_early_beat_and_its_p_wave_is_left() {
        let (mut wave, mut tails) = (Wave::new(), Tails::default());
        for beats in 1..=10 {
            beat(&mut wave, 100, true);
            if beats > 1 {
                tails.learn(&wave, beats * 100 - 100, beats * 100);
            }
        }
        let highest =
            |line: [f32; P_WAVE]| line.iter().fold(0.0, |most: f32, sample| most.max(sample.abs()));
        for (has_p, least, most) in [(false, 0.0, 10.0), (true, 40.0, 110.0)] {
            let mut wave = wave.clone();
            beat(&mut wave, 55, has_p);
            (0..3).for_each(|_| wave.push([0.0]));
            let left = highest(tails.rest(&wave, 1000, 1055));
            assert!(left >= least && left < most, "{left} with a P wave: {has_p}");
            assert!(highest(p_line(&wave, 1055)) > 100.0, "the T wave is there");
        }
    }
}
