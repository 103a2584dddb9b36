//! The rhythm of a short recording.

use super::conduction::finding;
use super::{Case, Verdicts, atria};
use crate::atria::{Diastole, p_train};
use crate::average::ShapedBeat;
use crate::criteria::Criteria;
use crate::delineate::delineate;
use crate::finding::{Finding, Measure, Reason, Statement, Test};
use crate::rate::{count, mean, median};

/// P waves of single beats that are at least so like the average one are there.
const ALIKE: f64 = 0.5;

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    let Some(rate) = case.it.heart_rate else { return };
    let seen = Seen::new(case, criteria);
    let line = Diastole::of(case.ecg, case.beats, case.average);
    let train = p_train(&line);
    let is_paced = verdicts.has(Statement::PacedRhythm);
    let conducted = train.as_ref().filter(|_| !is_paced);
    let rhythm = conducted
        .and_then(|train| atria::block(case, train, criteria))
        .or_else(|| atria::flutter_rhythm(&line, criteria))
        .or_else(|| fibrillation(&seen, criteria).filter(|_| train.is_none()))
        .or_else(|| with_p(case, &seen, rate, criteria))
        .unwrap_or_else(|| without_p(case, rate, criteria));
    verdicts.findings.extend(arrhythmia(&seen, &rhythm, criteria));
    let is_uneven = is_uneven(rhythm.statement);
    verdicts.findings.push(rhythm);
    verdicts.findings.extend(premature(&seen, criteria, is_uneven));
}

/// Whether beats come early in a rhythm without being premature.
fn is_uneven(rhythm: Statement) -> bool {
    use Statement as S;
    matches!(
        rhythm,
        S::AtrialFibrillation
            | S::AtrialFlutter
            | S::SecondDegreeTypeTwo
            | S::SecondDegreeTypeOne
            | S::SecondDegreeBlock
            | S::AdvancedBlock
    )
}

/// What the beats show.
struct Seen {
    /// The share of dominant beats with the usual P wave before them; `None` without one.
    p_share: Option<f64>,
    /// The median change from an interval to the next over the mean one, odd beats left out.
    irregularity: Option<f64>,
    n_ventricular: usize,
    n_atrial: usize,
    n_alternating: usize,
}

impl Seen {
    fn new(case: &Case<'_>, criteria: &Criteria) -> Self {
        let intervals = intervals(case.beats);
        let usual = median(intervals.iter().map(|it| it.length)).unwrap_or(f64::INFINITY);
        let is_early = |it: &&Interval| it.length < criteria.premature.interval_below * usual;
        let early = |is_odd: bool| {
            let early = intervals.iter().filter(is_early);
            early.filter(|it| it.is_odd == is_odd).count()
        };
        Self {
            p_share: p_share(case),
            irregularity: irregularity(&intervals),
            n_ventricular: early(true),
            n_atrial: early(false),
            n_alternating: alternating(case.beats),
        }
    }
}

/// The time before a beat.
struct Interval {
    length: f64,
    /// Whether its beat is of another shape than the dominant one.
    is_odd: bool,
    /// Whether it lies between two dominant beats.
    is_usual: bool,
}

fn intervals(beats: &[ShapedBeat]) -> Vec<Interval> {
    let between = |pair: &[ShapedBeat]| Interval {
        length: count(pair[1].sample - pair[0].sample),
        is_odd: pair[1].shape != 0,
        is_usual: pair.iter().all(|beat| beat.shape == 0),
    };
    beats.windows(2).map(between).collect()
}

fn irregularity(intervals: &[Interval]) -> Option<f64> {
    let usual = mean(intervals.iter().filter(|it| it.is_usual).map(|it| it.length))?;
    let pairs = intervals.windows(2).filter(|pair| pair.iter().all(|it| it.is_usual));
    let changes = pairs.map(|pair| (pair[1].length - pair[0].length).abs());
    median(changes).map(|change| change / usual)
}

/// The longest run of beats that are dominant and not by turns.
fn alternating(beats: &[ShapedBeat]) -> usize {
    let mut longest = 0;
    let mut run = 1;
    for pair in beats.windows(2) {
        run = if (pair[0].shape == 0) == (pair[1].shape == 0) { 1 } else { run + 1 };
        longest = longest.max(run);
    }
    longest
}

/// How many dominant beats have the average P wave before them, in all leads together.
fn p_share(case: &Case<'_>) -> Option<f64> {
    let average = case.average;
    let p = delineate(average).p?;
    let leads: Vec<_> = average.leads.iter().zip(case.ecg.waves()).collect();
    let likeness = |beat: &ShapedBeat| {
        let (mut dot, mut own, mut usual) = (0.0, 0.0, 0.0);
        for (mean_wave, wave) in &leads {
            let (Some(mean_wave), Some(wave)) = (mean_wave, wave) else { continue };
            let from = (beat.sample + p.on).checked_sub(average.r)?;
            let a = levelled(wave.get(from..from + p.off - p.on)?);
            let b = levelled(&mean_wave[p.on..p.off]);
            dot += a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>();
            own += a.iter().map(|it| it * it).sum::<f64>();
            usual += b.iter().map(|it| it * it).sum::<f64>();
        }
        Some(dot / (own * usual).sqrt().max(1e-9))
    };
    let dominant = case.beats.iter().filter(|beat| beat.shape == 0);
    let likeness: Vec<f64> = dominant.filter_map(likeness).collect();
    let n_alike = likeness.iter().filter(|it| **it >= ALIKE).count();
    (!likeness.is_empty()).then(|| count(n_alike) / count(likeness.len()))
}

fn levelled(wave: &[f64]) -> Vec<f64> {
    let level = mean(wave.iter().copied()).unwrap_or(0.0);
    wave.iter().map(|it| it - level).collect()
}

fn fibrillation(seen: &Seen, criteria: &Criteria) -> Option<Finding> {
    let rule = &criteria.irregularity;
    let uneven = seen.irregularity?;
    let uneven = Reason::of(Measure::Irregularity, uneven, Test::AtLeast, rule.fibrillation_from)?;
    let share = seen.p_share.unwrap_or(0.0);
    let without = Reason::of(Measure::PShare, share, Test::Below, rule.p_share_min)?;
    let reasons = vec![uneven, without];
    Some(finding(Statement::AtrialFibrillation, vec![], reasons, &rule.source))
}

/// Sinus rhythm, or one from elsewhere in the atria, by the direction of P.
fn with_p(case: &Case<'_>, seen: &Seen, rate: f64, criteria: &Criteria) -> Option<Finding> {
    let min = criteria.irregularity.p_share_min;
    let share = Reason::of(Measure::PShare, seen.p_share?, Test::AtLeast, min)?;
    let rule = &criteria.rate;
    let elsewhere = case.it.p_axis_deg.and_then(|axis| {
        Reason::of(Measure::PAxis, axis, Test::Below, rule.sinus_p_axis_from)
            .or_else(|| Reason::of(Measure::PAxis, axis, Test::Above, rule.sinus_p_axis_to))
    });
    let (statement, reason) = match rate {
        _ if elsewhere.is_some() => (Statement::EctopicAtrialRhythm, elsewhere),
        _ if rate < rule.bradycardia_below => {
            let slow = Reason::of(Measure::Rate, rate, Test::Below, rule.bradycardia_below);
            (Statement::SinusBradycardia, slow)
        }
        _ if rate > rule.tachycardia_above => {
            let fast = Reason::of(Measure::Rate, rate, Test::Above, rule.tachycardia_above);
            (Statement::SinusTachycardia, fast)
        }
        _ => (Statement::SinusRhythm, None),
    };
    let reasons = reason.into_iter().chain([share]).collect();
    Some(finding(statement, vec![], reasons, &rule.source))
}

/// Uneven intervals with a P wave before each beat, and none too early.
fn arrhythmia(seen: &Seen, rhythm: &Finding, criteria: &Criteria) -> Option<Finding> {
    use Statement::{SinusBradycardia, SinusRhythm, SinusTachycardia};
    let is_sinus = matches!(rhythm.statement, SinusRhythm | SinusBradycardia | SinusTachycardia);
    let is_even = !is_sinus || seen.n_atrial + seen.n_ventricular > 0;
    let rule = &criteria.irregularity;
    let limit = rule.sinus_arrhythmia_from;
    let uneven = Reason::of(Measure::Irregularity, seen.irregularity?, Test::AtLeast, limit)?;
    let statement = Statement::SinusArrhythmia;
    (!is_even).then(|| finding(statement, vec![], vec![uneven], &rule.source))
}

fn without_p(case: &Case<'_>, rate: f64, criteria: &Criteria) -> Finding {
    let rule = &criteria.rate;
    let wide = criteria.conduction.complete_from_ms;
    let wide = Reason::of(Measure::Qrs, case.it.qrs_ms, Test::AtLeast, wide);
    let fast = Reason::of(Measure::Rate, rate, Test::Above, rule.tachycardia_above);
    let faster = Reason::of(Measure::Rate, rate, Test::Above, rule.supraventricular_above);
    let slow = Reason::of(Measure::Rate, rate, Test::Below, rule.bradycardia_below);
    let (statement, reasons) = match (wide, fast, faster) {
        (Some(wide), Some(fast), _) => (Statement::VentricularTachycardia, vec![wide, fast]),
        (None, _, Some(faster)) => (Statement::SupraventricularTachycardia, vec![faster]),
        (_, Some(fast), _) => (Statement::Tachycardia, vec![fast]),
        _ if slow.is_some() => (Statement::Bradycardia, slow.into_iter().collect()),
        _ => (Statement::RegularWithoutP, vec![]),
    };
    finding(statement, vec![], reasons, &rule.source)
}

/// Beats that come early: of another shape, or of the usual one.
fn premature(seen: &Seen, criteria: &Criteria, is_uneven: bool) -> Vec<Finding> {
    let rule = &criteria.premature;
    let some = |measure, n: usize, least| Reason::of(measure, count(n), Test::AtLeast, least);
    let of = |statement, reason: Option<Reason>| {
        reason.map(|reason| finding(statement, vec![], vec![reason], &rule.source))
    };
    let turns = some(Measure::AlternateBeats, seen.n_alternating, rule.alternating_from);
    let early = some(Measure::PrematureBeats, seen.n_ventricular, 1.0);
    let atrial = some(Measure::PrematureBeats, seen.n_atrial, 1.0);
    let is_bigeminy = turns.is_some() && early.is_some();
    [
        of(Statement::VentricularBigeminy, turns.filter(|_| is_bigeminy)),
        of(Statement::PrematureVentricular, early.filter(|_| !is_bigeminy)),
        of(Statement::PrematureAtrial, atrial.filter(|_| !is_uneven)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
