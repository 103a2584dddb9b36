//! Atrial flutter, and AV block of second and third degree.

use super::Case;
use super::conduction::finding;
use crate::atria::{Diastole, PTrain, flutter};
use crate::criteria::Criteria;
use crate::finding::{Finding, Measure, Reason, Statement, Test};
use crate::rate::{count, mean};

pub(super) fn flutter_rhythm(line: &Diastole, criteria: &Criteria) -> Option<Finding> {
    let rule = &criteria.atria;
    let found = flutter(line)?;
    let explained = found.explained;
    let steady = Reason::of(Measure::FlutterShare, explained, Test::AtLeast, rule.explained_from)?;
    let whole = found.whole_share;
    let whole = Reason::of(Measure::WholeShare, whole, Test::AtLeast, rule.whole_share_from)?;
    let rate = Reason::of(Measure::AtrialRate, found.per_min, Test::AtLeast, rule.flutter_from)?;
    Some(finding(Statement::AtrialFlutter, vec![], vec![rate, steady, whole], &rule.source))
}

/// What keeps some P waves from being followed by a complex.
pub(super) fn block(case: &Case<'_>, train: &PTrain, criteria: &Criteria) -> Option<Finding> {
    use Statement as S;
    let rule = &criteria.atria;
    let n_blocked = count(train.n_blocked());
    let blocked = Reason::of(Measure::BlockedP, n_blocked, Test::AtLeast, rule.blocked_from)?;
    let faster = Reason::of(Measure::AtrialRate, train.per_min, Test::Above, mean_rate(case)?)?;
    let steady = spread(&train.intervals())
        .and_then(|it| Reason::of(Measure::PrSpread, it, Test::AtMost, rule.steady_to_ms));
    let even = interval_spread(case)
        .and_then(|it| Reason::of(Measure::IntervalSpread, it, Test::AtMost, rule.even_to));
    let in_a_row = count(train.n_blocked_in_a_row());
    let row = Reason::of(Measure::BlockedInARow, in_a_row, Test::AtLeast, rule.row_from);
    let grown = train
        .growth_ms()
        .and_then(|it| Reason::of(Measure::PrGrowth, it, Test::AtLeast, rule.growth_from_ms));
    let (statement, why) = match (steady, even, row, grown) {
        (Some(steady), _, Some(row), _) => (S::AdvancedBlock, vec![steady, row]),
        (Some(steady), Some(even), None, _) => (S::TwoToOneBlock, vec![steady, even]),
        (Some(steady), None, None, _) => (S::SecondDegreeTypeTwo, vec![steady]),
        (None, Some(even), ..) => (S::CompleteBlock, vec![even]),
        (None, None, _, Some(grown)) => (S::SecondDegreeTypeOne, vec![grown]),
        (None, None, _, None) => (S::SecondDegreeBlock, vec![]),
    };
    let reasons = [vec![blocked, faster], why].concat();
    Some(finding(statement, vec![], reasons, &rule.source))
}

/// Beats a minute over the whole recording: the median interval leaves out pauses.
fn mean_rate(case: &Case<'_>) -> Option<f64> {
    let [first, .., last] = case.beats else { return None };
    let ms = case.ecg.rate().ms(last.sample - first.sample);
    Some(60_000.0 * count(case.beats.len() - 1) / ms)
}

/// The longest less the shortest; `None` for fewer than two.
fn spread(values: &[f64]) -> Option<f64> {
    let longest = values.iter().copied().reduce(f64::max)?;
    let shortest = values.iter().copied().reduce(f64::min)?;
    (values.len() > 1).then_some(longest - shortest)
}

/// The spread of the intervals between beats, over their mean.
fn interval_spread(case: &Case<'_>) -> Option<f64> {
    let intervals = case.beats.windows(2).map(|pair| count(pair[1].sample - pair[0].sample));
    let intervals: Vec<f64> = intervals.collect();
    Some(spread(&intervals)? / mean(intervals)?)
}
