//! Breaths by the carbon dioxide in the airway.
//!
//! A breath out begins where the wave rises through half of what the last breaths ended at, and ends
//! where it falls through it. The words are those of time capnography: the inspired level (phase
//! 0), the plateau (phase III) and its slope, the end-tidal level.

use std::collections::VecDeque;

use ems_model::{Estimate, WhyMissing};

use crate::robust::{median, spread};

/// Before the first breath has ended, one is anything above this, mmHg.
const FIRST_MMHG: f64 = 8.0;
/// A breath out lasts so long at least: a shorter rise is the heart's or a leak's.
const OUT_MIN_S: f64 = 0.4;
/// Breaths are kept for so long.
const KEPT_S: f64 = 60.0;
/// What is told is the middle of so many last breaths.
const N_LAST: usize = 5;
/// The plateau is what lies above this share between the inspired and the highest level.
const PLATEAU: f64 = 0.75;
/// No breath for longer than this is apnoea, seconds: the usual limit of monitors (unverified).
const APNOEA_S: f64 = 20.0;

/// One breath out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exhalation {
    /// When it began and ended, seconds from the first sample.
    pub start: f64,
    /// Its end.
    pub end: f64,
    /// The highest level, mmHg: at the end of the plateau of a healthy lung.
    pub end_tidal: f64,
    /// The lowest level since the breath before it, mmHg.
    pub inspired: f64,
    /// The plateau's slope, mmHg a second; `None` where it is too short.
    pub slope: Option<f64>,
}

/// Finds breaths in the carbon dioxide of the airway, mmHg, causally; NaN for a missing sample.
#[derive(Debug, Clone)]
pub struct Capnograph {
    hz: f64,
    n_taken: u64,
    /// The levels since the breath out began; empty between breaths.
    out: Vec<f64>,
    lowest: f64,
    breaths: VecDeque<Exhalation>,
}

impl Capnograph {
    /// Starts without a breath; `hz`: samples a second.
    pub fn new(hz: f64) -> Self {
        Self { hz, n_taken: 0, out: vec![], lowest: f64::INFINITY, breaths: VecDeque::new() }
    }

    /// Takes the next sample.
    pub fn push(&mut self, level: f64) {
        self.n_taken += 1;
        if !level.is_finite() {
            // A breath with a hole has no end-tidal level.
            self.out.clear();
            return;
        }
        let limit = self.limit();
        if level >= limit {
            self.out.push(level);
            return;
        }
        let out = std::mem::take(&mut self.out);
        if seconds(out.len(), self.hz) >= OUT_MIN_S {
            self.end_breath(&out);
        }
        self.lowest = self.lowest.min(level);
    }

    /// How much is known: seconds from the first sample.
    pub fn end(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a wave has fewer samples than f64 counts")]
        let n_taken = self.n_taken as f64;
        n_taken / self.hz
    }

    /// Carbon dioxide at the end of the last breaths, mmHg.
    pub fn end_tidal(&self) -> Result<Estimate, WhyMissing> {
        self.middle(|breath| Some(breath.end_tidal))
    }

    /// Carbon dioxide breathed in with the last breaths, mmHg.
    pub fn inspired(&self) -> Result<Estimate, WhyMissing> {
        self.middle(|breath| Some(breath.inspired))
    }

    /// The slope of the last plateaus, mmHg a second.
    pub fn slope(&self) -> Result<Estimate, WhyMissing> {
        self.middle(|breath| breath.slope)
    }

    /// Breaths a minute, by the middle of the last intervals.
    pub fn rate(&self) -> Result<Estimate, WhyMissing> {
        self.check()?;
        let starts: Vec<f64> = self.breaths.iter().map(|breath| breath.start).collect();
        let last = &starts[starts.len().saturating_sub(2 * N_LAST)..];
        let intervals: Vec<f64> = last.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let told = median(&intervals).zip(spread(&intervals)).filter(|_| intervals.len() >= 3);
        let (interval, wide) = told.ok_or(WhyMissing::TooShort)?;
        let sd = (wide / count(intervals.len()).sqrt()).hypot(1.0 / self.hz);
        Ok(Estimate { value: 60.0 / interval, sd: sd * 60.0 / (interval * interval) })
    }

    /// Seconds since the last breath out ended, 0 while one lasts; `None` before the first.
    pub fn since_last(&self) -> Option<f64> {
        let last = self.breaths.back()?;
        let is_out = seconds(self.out.len(), self.hz) >= OUT_MIN_S;
        Some(if is_out { 0.0 } else { self.end() - last.end })
    }

    /// Whether nobody has breathed for 20 s, though somebody had; `None` before the first breath.
    pub fn is_apnoea(&self) -> Option<bool> {
        self.since_last().map(|since| since > APNOEA_S)
    }

    fn limit(&self) -> f64 {
        let last: Vec<f64> =
            self.breaths.iter().rev().take(N_LAST).map(|it| it.end_tidal).collect();
        median(&last).map_or(FIRST_MMHG, |usual| f64::max(usual / 2.0, FIRST_MMHG / 2.0))
    }

    fn end_breath(&mut self, out: &[f64]) {
        let end = self.end() - 1.0 / self.hz;
        let end_tidal = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let inspired = std::mem::replace(&mut self.lowest, f64::INFINITY);
        let start = end - seconds(out.len(), self.hz);
        let slope = slope(out, inspired, end_tidal, self.hz);
        self.breaths.push_back(Exhalation { start, end, end_tidal, inspired, slope });
        while self.breaths.front().is_some_and(|it| end - it.start > KEPT_S) {
            self.breaths.pop_front();
        }
    }

    fn check(&self) -> Result<(), WhyMissing> {
        match self.is_apnoea() {
            None => Err(WhyMissing::TooShort),
            Some(true) => Err(WhyMissing::TooOld),
            Some(false) => Ok(()),
        }
    }

    /// The middle of the last breaths that have it; the first breath of all may be a part of one.
    fn middle(&self, of: impl Fn(&Exhalation) -> Option<f64>) -> Result<Estimate, WhyMissing> {
        self.check()?;
        let whole = self.breaths.iter().filter(|breath| breath.inspired.is_finite());
        let values: Vec<f64> = whole.rev().take(N_LAST).filter_map(of).collect();
        let told = median(&values).zip(spread(&values)).filter(|_| values.len() >= 3);
        let (value, sd) = told.ok_or(WhyMissing::TooShort)?;
        Ok(Estimate { value, sd: sd.max(0.5) })
    }
}

/// The slope of the plateau by least squares, its first fifth and last tenth left out, for corners
/// are round.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of a breath's samples"
)]
fn slope(out: &[f64], inspired: f64, end_tidal: f64, hz: f64) -> Option<f64> {
    let limit = inspired + PLATEAU * (end_tidal - inspired);
    let from = out.iter().position(|level| *level >= limit)?;
    let to = out.iter().rposition(|level| *level >= limit)?;
    let len = count(to - from);
    let plateau = &out[from + (0.2 * len) as usize..to - (0.1 * len) as usize];
    if seconds(plateau.len(), hz) < OUT_MIN_S / 2.0 {
        return None;
    }
    let middle = (count(plateau.len()) - 1.0) / 2.0;
    let rise: f64 =
        plateau.iter().enumerate().map(|(at, level)| (count(at) - middle) * level).sum();
    let square: f64 = (0..plateau.len()).map(|at| (count(at) - middle).powi(2)).sum();
    Some(hz * rise / square)
}

fn seconds(n_samples: usize, hz: f64) -> f64 {
    count(n_samples) / hz
}

#[expect(clippy::cast_precision_loss, reason = "samples of a breath")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Breaths of 4 s: 1.6 s in at `inspired`, up in 0.2 s, a plateau of 2 s that rises by `slope`
    /// a second to `end_tidal`, down in 0.2 s.
    fn capnogram(end_tidal: f64, inspired: f64, slope: f64, at: f64) -> f64 {
        let phase = at.rem_euclid(4.0);
        let shoulder = end_tidal - 2.0 * slope;
        let ramp = |from: f64, to: f64, share: f64| from + share * (to - from);
        match phase {
            ..1.6 => inspired,
            ..1.8 => ramp(inspired, shoulder, (phase - 1.6) / 0.2),
            ..3.8 => ramp(shoulder, end_tidal, (phase - 1.8) / 2.0),
            _ => ramp(end_tidal, inspired, (phase - 3.8) / 0.2),
        }
    }

    fn taken(length_s: u32, level: impl Fn(f64) -> f64) -> Capnograph {
        let mut capnograph = Capnograph::new(50.0);
        (0..50 * length_s).for_each(|idx| capnograph.push(level(f64::from(idx) / 50.0)));
        capnograph
    }

    #[test]
    fn a_made_up_capnogram_has_the_features_that_it_was_made_with() {
        for (end_tidal, inspired, slope) in [(38.0, 0.0, 1.0), (60.0, 4.0, 4.0), (22.0, 0.5, 0.0)] {
            let capnograph = taken(40, |at| capnogram(end_tidal, inspired, slope, at));
            for (name, told, truth, within) in [
                ("end tidal", capnograph.end_tidal(), end_tidal, 0.3),
                ("inspired", capnograph.inspired(), inspired, 0.01),
                ("slope", capnograph.slope(), slope, 0.1),
                ("rate", capnograph.rate(), 15.0, 0.2),
            ] {
                let told = told.unwrap();
                assert!((told.value - truth).abs() < within, "{name} {truth}: {told:?}");
            }
            assert_eq!(capnograph.is_apnoea(), Some(false));
        }
    }

    #[test]
    fn who_stops_breathing_is_told_of_and_leaves_no_number() {
        let breath = |at: f64| if at < 40.0 { capnogram(38.0, 0.0, 1.0, at) } else { 0.0 };
        assert_eq!(taken(55, breath).is_apnoea(), Some(false));
        let stopped = taken(61, breath);
        assert_eq!(stopped.is_apnoea(), Some(true));
        assert!((stopped.since_last().unwrap() - 21.0).abs() < 0.2, "{:?}", stopped.since_last());
        assert_eq!(stopped.end_tidal(), Err(WhyMissing::TooOld));
        assert_eq!(taken(30, |_| 0.0).is_apnoea(), None, "nobody was seen to breathe");
    }

    #[test]
    fn the_heart_s_ripples_and_a_gap_are_no_breaths() {
        let ripples = |at: f64| capnogram(38.0, 0.0, 1.0, at) + 2.0 * (at * 7.5).sin();
        let told = taken(60, ripples).rate().unwrap();
        assert!((told.value - 15.0).abs() < 0.5, "{told:?}");
        let gap = |at: f64| {
            if at.rem_euclid(12.0) < 4.0 { f64::NAN } else { capnogram(38.0, 0.0, 1.0, at) }
        };
        assert!((taken(60, gap).end_tidal().unwrap().value - 38.0).abs() < 0.3);
    }
}
