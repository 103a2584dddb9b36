//! The rate of breaths in anything that breathing moves: an impedance, or what it does to pulses
//! and to the ECG.
//!
//! Breaths are counted between peaks that stand out, after the advanced counting method of Schäfer
//! and Kratky (Ann Biomed Eng 2008;36:476-485, unverified). Several ways are brought together as in
//! the smart fusion of Karlen et al. (IEEE Trans Biomed Eng 2013;60:1946-1953, unverified): they
//! must agree within 4 breaths a minute.

use ems_model::{Estimate, WhyMissing};

use crate::robust::{mean, median, quantile, spread};

/// Breaths are counted over this.
pub const BREATHS_LOOK_S: f64 = 32.0;
/// Over less than this nothing is told.
const LOOK_MIN_S: f64 = 20.0;
/// What moves with breaths is brought to so many points a second.
pub(crate) const POINTS_HZ: f64 = 4.0;
/// A peak that stands out is this share of what three quarters of the peaks are not above.
const STANDS_OUT: f64 = 0.2;
/// How long a breath lasts, seconds.
const BREATH_S: std::ops::RangeInclusive<f64> = 1.2..=15.0;
/// Whole breaths must fill this share of what is looked at.
const FILLED: f64 = 0.6;
/// Breaths within this share of the median make the mean that is told.
const ALIKE: f64 = 0.3;
/// Ways of counting agree within this, a minute.
const AGREE: f64 = 4.0;
/// No count is surer than this, a minute: peaks of breaths are broad.
const SD_MIN: f64 = 0.5;
/// Points may be this far apart; a longer gap ends what is looked at.
const GAP_S: f64 = 4.0;

/// Breaths a minute in the last 32 s of what breathing moves: `points` are times in seconds,
/// rising, and values in any unit. Cost: some operations a point and a quarter of a second.
pub fn breath_rate(points: &[(f64, f64)]) -> Result<Estimate, WhyMissing> {
    let wave = even(points)?;
    let wave = smooth(&smooth(&level(&wave)));
    let breaths = breaths(&wave);
    let filled = breaths.iter().sum::<f64>() * POINTS_HZ / count(wave.len());
    let usual = median(&breaths).filter(|_| breaths.len() >= 2 && filled >= FILLED);
    let (usual, wide) = usual.zip(spread(&breaths)).ok_or(WhyMissing::BadQuality)?;
    let like: Vec<f64> =
        breaths.iter().copied().filter(|breath| (breath / usual - 1.0).abs() < ALIKE).collect();
    let middle = mean(&like).unwrap_or(usual);
    let sd = wide / count(breaths.len()).sqrt() * 60.0 / (middle * middle);
    Ok(Estimate { value: 60.0 / middle, sd: sd.hypot(SD_MIN) })
}

/// Brings several ways of counting together: two at least, for one alone may count anything.
pub fn fuse_breaths(ways: &[Result<Estimate, WhyMissing>]) -> Result<Estimate, WhyMissing> {
    let known: Vec<Estimate> = ways.iter().filter_map(|way| way.ok()).collect();
    let why = ways.iter().find_map(|way| way.err()).unwrap_or(WhyMissing::NoInput);
    let of = |part: fn(&Estimate) -> f64| known.iter().map(part).collect::<Vec<_>>();
    let told = mean(&of(|way| way.value)).zip(mean(&of(|way| way.sd)));
    let (value, within) = told.filter(|_| known.len() >= 2).ok_or(why)?;
    let squares: Vec<f64> = known.iter().map(|way| (way.value - value).powi(2)).collect();
    let apart = mean(&squares).map_or(0.0, f64::sqrt);
    if apart > AGREE {
        return Err(WhyMissing::Disagree);
    }
    Ok(Estimate { value, sd: within.hypot(apart) })
}

/// The last 32 s at even points, between those given by their distance.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "half a minute of points"
)]
fn even(points: &[(f64, f64)]) -> Result<Vec<f64>, WhyMissing> {
    let end = points.last().ok_or(WhyMissing::NoInput)?.0;
    let gap = points.windows(2).rposition(|pair| pair[1].0 - pair[0].0 > GAP_S);
    let points = &points[gap.map_or(0, |idx| idx + 1)..];
    let start = points[0].0.max(end - BREATHS_LOOK_S);
    if end - start < LOOK_MIN_S {
        return Err(WhyMissing::TooShort);
    }
    let n_points = ((end - start) * POINTS_HZ) as usize;
    let mut idx = 0;
    let wave = (0..n_points).map(|nth| {
        let at = start + count(nth) / POINTS_HZ;
        while points[idx + 1].0 < at {
            idx += 1;
        }
        let ((from, low), (to, high)) = (points[idx], points[idx + 1]);
        low + (high - low) * ((at - from) / (to - from)).clamp(0.0, 1.0)
    });
    Ok(wave.collect())
}

/// Takes out the line through the wave.
fn level(wave: &[f64]) -> Vec<f64> {
    let middle = (count(wave.len()) - 1.0) / 2.0;
    let height = mean(wave).unwrap_or(0.0);
    let along = |(idx, value): (usize, &f64)| (count(idx) - middle) * (value - height);
    let rise: f64 = wave.iter().enumerate().map(along).sum();
    let square: f64 = (0..wave.len()).map(|idx| (count(idx) - middle).powi(2)).sum();
    let slope = rise / square;
    let off = |(idx, value): (usize, &f64)| value - height - slope * (count(idx) - middle);
    wave.iter().enumerate().map(off).collect()
}

/// The mean of each three points.
fn smooth(wave: &[f64]) -> Vec<f64> {
    let at = |idx: usize| {
        let around = &wave[idx.saturating_sub(1)..(idx + 2).min(wave.len())];
        around.iter().sum::<f64>() / count(around.len())
    };
    (0..wave.len()).map(at).collect()
}

/// How long whole breaths last, seconds: from a peak that stands out to the next, the wave having
/// gone below its middle between them.
fn breaths(wave: &[f64]) -> Vec<f64> {
    let peaks: Vec<usize> = (1..wave.len().saturating_sub(1))
        .filter(|&idx| wave[idx] > wave[idx - 1] && wave[idx] >= wave[idx + 1])
        .collect();
    let heights: Vec<f64> = peaks.iter().map(|&idx| wave[idx]).collect();
    let Some(usual) = quantile(&heights, 0.75) else { return vec![] };
    let mut last: Option<usize> = None;
    let mut breaths = vec![];
    for peak in peaks.into_iter().filter(|&idx| wave[idx] > STANDS_OUT * usual) {
        if let Some(before) = last {
            if wave[before..peak].iter().any(|value| *value < 0.0) {
                breaths.push((top(wave, peak) - top(wave, before)) / POINTS_HZ);
            } else if wave[peak] <= wave[before] {
                // Two peaks of one breath: the higher one counts.
                continue;
            }
        }
        last = Some(peak);
    }
    breaths.retain(|breath| BREATH_S.contains(breath));
    breaths
}

/// Where the parabola through a peak and its neighbours is highest.
fn top(wave: &[f64], peak: usize) -> f64 {
    let (before, at, after) = (wave[peak - 1], wave[peak], wave[peak + 1]);
    let bend = before - 2.0 * at + after;
    let off = if bend < 0.0 { (before - after) / (2.0 * bend) } else { 0.0 };
    count(peak) + off
}

#[expect(clippy::cast_precision_loss, reason = "points of half a minute")]
fn count(n: usize) -> f64 {
    n as f64
}

/// A fast wave brought to four points a second: the means of what was there.
#[derive(Debug, Clone)]
pub struct SlowWave {
    hz: f64,
    n_taken: u64,
    sum: f64,
    n_summed: u32,
    points: std::collections::VecDeque<(f64, f64)>,
}

impl SlowWave {
    /// Starts with nothing; `hz`: samples a second, 4 or more.
    pub fn new(hz: f64) -> Self {
        Self { hz, n_taken: 0, sum: 0.0, n_summed: 0, points: std::collections::VecDeque::new() }
    }

    /// Takes the next sample, NaN for a missing one.
    #[expect(clippy::cast_precision_loss, reason = "a wave has fewer samples than f64 counts")]
    pub fn push(&mut self, sample: f64) {
        let point = |n_taken: u64| (n_taken as f64 / self.hz * POINTS_HZ).floor();
        let is_next = point(self.n_taken + 1) > point(self.n_taken);
        self.n_taken += 1;
        if sample.is_finite() {
            self.sum += sample;
            self.n_summed += 1;
        }
        if is_next && self.n_summed > 0 {
            let at = self.n_taken as f64 / self.hz;
            let mean =
                std::mem::take(&mut self.sum) / f64::from(std::mem::take(&mut self.n_summed));
            self.points.push_back((at, mean));
            while self.points.front().is_some_and(|it| at - it.0 > BREATHS_LOOK_S + 1.0) {
                self.points.pop_front();
            }
        }
    }

    /// Its points: seconds from the first sample, and values.
    pub fn points(&self) -> Vec<(f64, f64)> {
        self.points.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Breaths of `rate` a minute as pulses of 75 a minute show them, with noise and a drift.
    fn points(rate: f64, noise: f64) -> Vec<(f64, f64)> {
        let mut state = 3_u32;
        let mut noisy = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise * (f64::from(state >> 8) / f64::from(1 << 23) - 1.0)
        };
        let at = |idx: u32| f64::from(idx) * 0.8;
        let value = |at: f64| (at * rate / 60.0 * std::f64::consts::TAU).sin() + at / 20.0;
        (0..60).map(|idx| (at(idx), value(at(idx)) + noisy())).collect()
    }

    #[test]
    fn breaths_are_counted_within_what_they_are_said_to_be_off() {
        for (rate, noise) in [(6.0, 0.2), (12.0, 0.2), (20.0, 0.2), (30.0, 0.2), (15.0, 0.0)] {
            let told = breath_rate(&points(rate, noise)).unwrap();
            assert!((told.value - rate).abs() < 3.0 * told.sd, "{rate}: {told:?}");
            assert!(told.sd < 2.0, "{rate}: {told:?}");
        }
    }

    #[test]
    fn noise_alone_and_too_little_are_no_breaths() {
        let still: Vec<_> = points(15.0, 1.0).iter().map(|(at, _)| (*at, 0.0)).collect();
        assert_eq!(breath_rate(&still), Err(WhyMissing::BadQuality));
        assert_eq!(breath_rate(&points(15.0, 0.0)[..20]), Err(WhyMissing::TooShort));
        assert_eq!(breath_rate(&[]), Err(WhyMissing::NoInput));
        let mut gap = points(15.0, 0.0);
        gap.iter_mut().skip(40).for_each(|point| point.0 += 10.0);
        assert_eq!(breath_rate(&gap), Err(WhyMissing::TooShort), "a gap starts anew");
    }

    #[test]
    fn ways_that_disagree_tell_nothing() {
        let way = |value| Ok(Estimate { value, sd: 0.6 });
        let none = Err(WhyMissing::BadQuality);
        let both = fuse_breaths(&[way(15.0), way(17.0), none]).unwrap();
        assert!((both.value - 16.0).abs() < 1e-9 && both.sd > 1.0, "{both:?}");
        assert_eq!(fuse_breaths(&[way(15.0), none]), none, "one alone may count anything");
        assert_eq!(fuse_breaths(&[way(15.0), way(30.0)]), Err(WhyMissing::Disagree));
        assert_eq!(fuse_breaths(&[none, none]), none);
    }

    #[test]
    fn a_slow_wave_is_the_means_of_the_fast_one() {
        let mut slow = SlowWave::new(125.0);
        (0..1250).for_each(|idx| slow.push(f64::from(idx)));
        let points = slow.points();
        assert_eq!(points.len(), 40);
        assert!((points[39].1 - 1234.0).abs() < 1.0 && (points[39].0 - 10.0).abs() < 1e-9);
    }
}
