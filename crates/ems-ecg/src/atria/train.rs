//! P waves at an even pace, whether complexes follow them or not.

use super::{Diastole, dot, size};
use crate::rate::{count, mean, median};

/// P stands out from points so far beside its peak.
const ARM_MS: f64 = 80.0;
/// And by so many microvolts,
const HEIGHT_MIN: f64 = 25.0;
/// or so many times what the line is moved elsewhere.
const NOISE_FACTOR: f64 = 2.5;
/// Two P waves are farther apart than this.
const APART_MS: f64 = 120.0;
/// P waves are like their mean, over all leads.
const ALIKE: f64 = 0.6;
/// Paces that are looked at, in milliseconds between waves.
const PERIOD_FROM_MS: f64 = 350.0;
const PERIOD_TO_MS: f64 = 1500.0;
const PERIOD_STEP_MS: f64 = 10.0;
/// A wave comes by this share of the period early or late,
const SLACK: f64 = 0.12;
/// and by so much at most.
const SLACK_MAX_MS: f64 = 80.0;
/// What a wave that should be seen and is not takes from the worth of a pace, against one seen,
const MISSING_COST: f64 = 1.5;
/// and one that may be hidden: else a pace twice as fast would win by one odd wave.
const HIDDEN_COST: f64 = 0.35;
/// A pace is made of so many waves that are seen,
const SEEN_MIN: usize = 4;
/// and of those that could be seen so many are,
const SEEN_SHARE_MIN: f64 = 0.85;
/// and so many of the waves that are seen are its own.
const OWN_SHARE_MIN: f64 = 0.8;
/// A complex that a P wave led to begins so much later, at least.
const PR_MIN_MS: f64 = 60.0;

/// P waves at an even pace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PTrain {
    /// The median pace.
    pub(crate) per_min: f64,
    pub(crate) waves: Vec<PWave>,
}

/// A P wave, or where one should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PWave {
    /// Whether it was seen: a complex or T may hide it.
    pub(crate) is_seen: bool,
    /// From its peak to the next R wave, if that comes before the next P wave's.
    pub(crate) pr_ms: Option<f64>,
}

/// The P waves of a recording; `None` where none have an even pace.
pub(crate) fn p_train(line: &Diastole) -> Option<PTrain> {
    let peaks = peaks(line);
    let step = line.rate.samples(PERIOD_STEP_MS);
    let periods = line.rate.samples(PERIOD_FROM_MS)..=line.rate.samples(PERIOD_TO_MS);
    let paces = periods.step_by(step).filter_map(|period| Pace::new(line, &peaks, period));
    let best = paces.max_by(|a, b| a.score().total_cmp(&b.score()))?;
    best.is_train(peaks.len()).then(|| best.train(line))
}

/// Where a wave like most others stands out.
fn peaks(line: &Diastole) -> Vec<usize> {
    let arm = line.rate.samples(ARM_MS);
    let wave = |at| line.bump(&line.is_complex_or_t, at, arm);
    let waves: Vec<Option<Vec<f64>>> = (0..line.n_samples()).map(wave).collect();
    let height = |at: usize| waves[at].as_deref().map_or(0.0, size);
    let rest = median((0..waves.len()).filter(|&at| waves[at].is_some()).map(height));
    let least = (NOISE_FACTOR * rest.unwrap_or(0.0)).max(HEIGHT_MIN);
    let apart = line.rate.samples(APART_MS);
    let is_peak = |&at: &usize| {
        let around = at.saturating_sub(apart)..(at + apart).min(waves.len());
        height(at) >= least && around.clone().all(|other| height(other) <= height(at))
    };
    let found: Vec<usize> = (0..waves.len()).filter(is_peak).collect();
    alike(
        &found.iter().map(|&at| (at, waves[at].as_deref().unwrap_or_default())).collect::<Vec<_>>(),
    )
}

fn alike(found: &[(usize, &[f64])]) -> Vec<usize> {
    let n_leads = found.first().map_or(0, |(_, wave)| wave.len());
    let of_lead = |lead: usize| median(found.iter().map(|(_, wave)| wave[lead])).unwrap_or(0.0);
    let usual: Vec<f64> = (0..n_leads).map(of_lead).collect();
    let is_alike = |wave: &[f64]| {
        let scale = (dot(wave, wave) * dot(&usual, &usual)).sqrt().max(1e-9);
        dot(wave, &usual) / scale >= ALIKE
    };
    found.iter().filter(|(_, wave)| is_alike(wave)).map(|&(at, _)| at).collect()
}

/// Places of waves at a pace.
struct Pace {
    period: usize,
    slots: Vec<Slot>,
}

struct Slot {
    at: usize,
    sight: Sight,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Seen,
    Hidden,
    Missing,
}

impl Pace {
    /// Follows a pace from the wave that fits it best to both ends.
    fn new(line: &Diastole, peaks: &[usize], period: usize) -> Option<Self> {
        let from = |&first: &usize| Self::from(line, peaks, first, period);
        peaks.iter().map(from).max_by(|a, b| a.score().total_cmp(&b.score()))
    }

    fn from(line: &Diastole, peaks: &[usize], first: usize, period: usize) -> Self {
        let most = line.rate.samples(SLACK_MAX_MS);
        let slack = (SLACK * count(period)).min(count(most));
        let slot = |at: usize| {
            let off = |peak: &usize| count(peak.abs_diff(at));
            let near = peaks.iter().copied().filter(|peak| off(peak) <= slack);
            let near = near.min_by(|a, b| off(a).total_cmp(&off(b)));
            let arm = line.rate.samples(ARM_MS);
            let is_open = line.bump(&line.is_complex_or_t, at, arm).is_some();
            match near {
                Some(at) => Slot { at, sight: Sight::Seen },
                None if is_open => Slot { at, sight: Sight::Missing },
                None => Slot { at, sight: Sight::Hidden },
            }
        };
        let before =
            std::iter::successors(Some(slot(first)), |last| last.at.checked_sub(period).map(slot));
        let mut slots: Vec<Slot> = before.collect();
        slots.reverse();
        let after = std::iter::successors(Some(slot(first)), |last| {
            Some(last.at + period).filter(|&at| at < line.n_samples()).map(slot)
        });
        slots.extend(after.skip(1));
        Self { period, slots }
    }

    fn n(&self, sight: Sight) -> usize {
        self.slots.iter().filter(|slot| slot.sight == sight).count()
    }

    /// Waves seen, less those that should be; of paces that tell the same the slowest, and of these
    /// the one from which waves are least away.
    fn score(&self) -> f64 {
        let hidden = HIDDEN_COST * count(self.n(Sight::Hidden));
        let steps = self.slots.windows(2).map(|pair| pair[1].at - pair[0].at);
        let away = mean(steps.map(|step| count(step.abs_diff(self.period)))).unwrap_or(0.0);
        let off = away / count(self.period);
        count(self.n(Sight::Seen)) - MISSING_COST * count(self.n(Sight::Missing)) - hidden - off
    }

    fn is_train(&self, n_peaks: usize) -> bool {
        let (n_seen, n_missing) = (self.n(Sight::Seen), self.n(Sight::Missing));
        n_seen >= SEEN_MIN
            && count(n_seen) >= SEEN_SHARE_MIN * count(n_seen + n_missing)
            && count(n_seen) >= OWN_SHARE_MIN * count(n_peaks)
    }

    fn train(&self, line: &Diastole) -> PTrain {
        let rate = line.rate;
        let soonest = rate.samples(PR_MIN_MS);
        let wave = |idx: usize| {
            let at = self.slots[idx].at;
            let end = self.slots.get(idx + 1).map_or(at + self.period, |next| next.at) + soonest;
            let mut later = line.beats.iter().copied().filter(|&beat| beat >= at + soonest);
            let pr_ms = later.next().filter(|&beat| beat < end).map(|beat| rate.ms(beat - at));
            PWave { is_seen: self.slots[idx].sight == Sight::Seen, pr_ms }
        };
        let steps = self.slots.windows(2).map(|pair| rate.ms(pair[1].at - pair[0].at));
        PTrain {
            per_min: 60_000.0 / median(steps).unwrap_or_else(|| rate.ms(self.period)),
            waves: (0..self.slots.len()).map(wave).collect(),
        }
    }
}

impl PTrain {
    /// The waves seen that no complex follows; the last one may have had its complex later.
    pub(crate) fn n_blocked(&self) -> usize {
        let all_but_last = self.waves.iter().take(self.waves.len().saturating_sub(1));
        all_but_last.filter(|wave| wave.is_seen && wave.pr_ms.is_none()).count()
    }

    /// How many in a row no complex follows, at most.
    pub(crate) fn n_blocked_in_a_row(&self) -> usize {
        let all_but_last = &self.waves[..self.waves.len().saturating_sub(1)];
        let rows = all_but_last.split(|wave| wave.pr_ms.is_some());
        rows.map(<[PWave]>::len).max().unwrap_or(0)
    }

    /// The intervals of waves seen that a complex follows, milliseconds.
    pub(crate) fn intervals(&self) -> Vec<f64> {
        self.waves.iter().filter(|wave| wave.is_seen).filter_map(|wave| wave.pr_ms).collect()
    }

    /// By how much the interval of the last wave before a blocked one is longer than that of the
    /// first after it: the mean over all such, milliseconds.
    pub(crate) fn growth_ms(&self) -> Option<f64> {
        let around = self.waves.windows(3);
        let grown = around.filter_map(|it| match it[1].pr_ms {
            None => Some(it[0].pr_ms? - it[2].pr_ms?),
            Some(_) => None,
        });
        mean(grown.collect::<Vec<_>>())
    }
}
