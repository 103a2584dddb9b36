//! Waves of the atria that follow each other without rest, several to a complex.
//!
//! Flutter keeps its pace for minutes, whatever the ventricles do. So one sine wave is fitted to
//! all that lies between the complexes (least squares on uneven samples: Lomb 1976), and what it
//! explains is compared with all that the line does there.

use std::f64::consts::TAU;
use std::ops::Range;

use super::{Diastole, dot};
use crate::rate::{count, mean, median};

/// Periods that are looked at, in milliseconds: 200 to 350 waves a minute.
const PERIOD_FROM_MS: f64 = 171.0;
const PERIOD_TO_MS: f64 = 300.0;
const PERIOD_STEP_MS: f64 = 2.0;
/// A line that moves less than this, in microvolts, has no waves.
const SIZE_MIN: f64 = 15.0;
/// There are so many periods or more between two complexes.
const RATIO_MIN: f64 = 1.8;
/// So far from a whole number of periods an interval may be.
const RATIO_SLACK: f64 = 0.17;
/// T is left out where stretches of so many periods remain without it, for a P wave alone fits
/// into a shorter one as well.
const STRETCH_PERIODS_MIN: f64 = 1.6;

/// A wave that comes again and again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flutter {
    pub(crate) per_min: f64,
    /// What share of the line's square one steady wave explains.
    pub(crate) explained: f64,
    /// The share of intervals between beats that are a whole number of periods.
    pub(crate) whole_share: f64,
}

/// The wave that explains most; `None` where the line is still.
pub(crate) fn flutter(line: &Diastole) -> Option<Flutter> {
    let rate = line.rate;
    let usual = median(line.intervals().map(|it| count(it.len())))?;
    let step = rate.samples(PERIOD_STEP_MS);
    let periods = rate.samples(PERIOD_FROM_MS)..=rate.samples(PERIOD_TO_MS);
    let periods = periods.step_by(step).filter(|&period| usual / count(period) >= RATIO_MIN);
    let [without_t, with_t] =
        [&line.is_complex_or_t, &line.is_complex].map(|marks| Stretches::of(line, marks));
    let judged = periods.filter_map(|period| {
        let is_long = without_t.typical() >= STRETCH_PERIODS_MIN * count(period);
        let stretches = if is_long { &without_t } else { &with_t };
        Some((stretches.explained(count(period))?, period))
    });
    let (explained, period) = judged.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let whole = line.intervals().filter(|it| is_whole(count(it.len()) / count(period)));
    let whole_share = count(whole.count()) / count(line.intervals().count());
    Some(Flutter { per_min: 60_000.0 / rate.ms(period), explained, whole_share })
}

fn is_whole(ratio: f64) -> bool {
    (ratio - ratio.round()).abs() <= RATIO_SLACK && ratio > RATIO_MIN - RATIO_SLACK
}

/// What lies between complexes, each stretch of each lead from its mean.
struct Stretches {
    places: Vec<Range<usize>>,
    /// By lead, the stretches behind each other.
    leads: Vec<Vec<f64>>,
}

impl Stretches {
    fn of(line: &Diastole, marks: &[bool]) -> Self {
        let places = open(marks, line.rate.samples(PERIOD_FROM_MS / 2.0));
        let levelled = |lead: &Vec<f64>| from_means(&places, |at| lead[at]);
        let leads = line.leads.iter().map(levelled).collect();
        Self { places, leads }
    }

    fn typical(&self) -> f64 {
        median(self.places.iter().map(|place| count(place.len()))).unwrap_or(0.0)
    }

    /// The share of all leads' squares that waves of a period explain; `None` where these are
    /// small.
    fn explained(&self, period: f64) -> Option<f64> {
        let wave =
            |part: fn(f64) -> f64| from_means(&self.places, |at| part(TAU * count(at) / period));
        let (cos, sin) = (wave(f64::cos), wave(f64::sin));
        let whole: f64 = self.leads.iter().map(|lead| dot(lead, lead)).sum();
        let n = self.leads.iter().map(Vec::len).sum();
        let size = (whole / count(n)).sqrt();
        let explained = self.leads.iter().map(|lead| fitted(lead, &cos, &sin)).sum::<f64>();
        (size >= SIZE_MIN).then_some(explained / whole)
    }
}

/// Stretches that are not marked, of a length that shows half a wave.
fn open(marks: &[bool], n_min: usize) -> Vec<Range<usize>> {
    let mut open = vec![];
    let mut from = 0;
    for part in marks.split(|&is_marked| is_marked) {
        if part.len() >= n_min {
            open.push(from..from + part.len());
        }
        from += part.len() + 1;
    }
    open
}

fn from_means(places: &[Range<usize>], value: impl Fn(usize) -> f64) -> Vec<f64> {
    let levelled = |place: &Range<usize>| {
        let level = mean(place.clone().map(&value)).unwrap_or(0.0);
        place.clone().map(|at| value(at) - level).collect::<Vec<f64>>()
    };
    places.iter().flat_map(levelled).collect()
}

/// The square of what the best sum of two waves explains.
fn fitted(lead: &[f64], cos: &[f64], sin: &[f64]) -> f64 {
    let (cos_square, sin_square, cross) = (dot(cos, cos), dot(sin, sin), dot(cos, sin));
    let (on_cos, on_sin) = (dot(lead, cos), dot(lead, sin));
    let whole = cos_square * sin_square;
    let det = whole - cross * cross;
    if det <= 1e-6 * whole {
        return 0.0;
    }
    let own = sin_square * on_cos * on_cos + cos_square * on_sin * on_sin;
    (own - 2.0 * cross * on_cos * on_sin) / det
}
