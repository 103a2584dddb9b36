//! All calls together.

use std::collections::BTreeMap;

use ems_model::{IncidentId, Millis};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::day::RecordedCall;
use super::report::{CallChange, Interval, ReplaySummary, Why};
use crate::chance::{Purpose, stream};

/// Draws of the hours of a day.
const N_DRAWS: usize = 2000;
/// Calls that are named as those who gain or lose most.
const N_NAMED: usize = 5;
/// An hour of a log, microseconds.
const HOUR_US: i64 = 3_600_000_000;

/// What an hour's calls add to the means.
#[derive(Debug, Clone, Copy, Default)]
struct Hour {
    n: f64,
    change_s: f64,
    n_judged: f64,
    late_change: f64,
}

pub(super) fn summarize(
    calls: &[CallChange],
    recorded: &[&RecordedCall],
    seed: u64,
) -> ReplaySummary {
    let compared: Vec<_> = calls.iter().filter(|call| call.response_change.is_some()).collect();
    let judged = compared.iter().filter(|call| call.recorded.is_late.is_some());
    let late = |of: fn(&CallChange) -> Option<bool>| {
        compared.iter().filter(|call| of(call) == Some(true)).count()
    };
    let hours = hours(&compared);
    let [before, after] = responses(&compared);
    let changed = || calls.iter().filter(|call| call.is_changed);
    let overruled = |choice_rank: u32, overrule: bool| overrule && choice_rank > 1;
    ReplaySummary {
        n_calls: calls.len(),
        n_other_unit: count(calls, |call| call.recorded.sent_first != call.replayed.sent_first),
        n_other_hospital: count(calls, is_other_hospital),
        n_changed: changed().count(),
        n_knock_on: changed().filter(|call| call.why.iter().any(Why::is_knock_on)).count(),
        n_compared: compared.len(),
        response_median: median(&before).zip(median(&after)).map(|(one, two)| [one, two]),
        response_mean: mean(&before).zip(mean(&after)).map(|(one, two)| [one, two]),
        response_change_s: interval(&hours, seed, |sum| sum.change_s / sum.n),
        n_judged: judged.count(),
        n_late: [late(|call| call.recorded.is_late), late(|call| call.replayed.is_late)],
        late_change_points: interval(&hours, seed, |sum| 100.0 * sum.late_change / sum.n_judged),
        gained: most(&compared, |change| change < Millis::ZERO),
        lost: most(&compared, |change| change > Millis::ZERO),
        n_overruled: recorded
            .iter()
            .flat_map(|call| {
                let units =
                    call.sent.iter().map(|it| (it.choice.rank, it.choice.overrule.is_some()));
                let hospitals = call.chosen.iter();
                units.chain(hospitals.map(|it| (it.choice.rank, it.choice.overrule.is_some())))
            })
            .filter(|(rank, overrule)| overruled(*rank, *overrule))
            .count(),
        n_posts_overruled: 0,
        n_places: calls.iter().map(|call| call.places.len()).sum(),
        n_other_places: calls
            .iter()
            .flat_map(|call| &call.places)
            .filter(|it| it.differs())
            .count(),
        n_refused: 0,
    }
}

fn count(calls: &[CallChange], counts: impl Fn(&CallChange) -> bool) -> usize {
    calls.iter().filter(|call| counts(call)).count()
}

fn is_other_hospital(call: &CallChange) -> bool {
    let both = call.recorded.hospital.as_ref().zip(call.replayed.hospital.as_ref());
    both.is_some_and(|(one, other)| one != other)
}

/// Responses as recorded and as replayed, each in order of length.
fn responses(compared: &[&CallChange]) -> [Vec<Millis>; 2] {
    let of = |side: fn(&CallChange) -> Option<Millis>| {
        let mut spans: Vec<_> = compared.iter().filter_map(|call| side(call)).collect();
        spans.sort_unstable();
        spans
    };
    [of(|call| call.recorded.response), of(|call| call.replayed.response)]
}

pub(super) fn median(sorted: &[Millis]) -> Option<Millis> {
    sorted.get(sorted.len() / 2).copied()
}

fn mean(spans: &[Millis]) -> Option<Millis> {
    let n = i64::try_from(spans.len()).ok().filter(|n| *n > 0)?;
    Some(Millis::new(spans.iter().map(|span| span.get()).sum::<i64>() / n))
}

fn hours(compared: &[&CallChange]) -> Vec<Hour> {
    let mut hours: BTreeMap<i64, Hour> = BTreeMap::new();
    for call in compared {
        let hour = hours.entry(call.rang_at.as_micros().div_euclid(HOUR_US)).or_default();
        hour.n += 1.0;
        hour.change_s += call.response_change.unwrap_or_default().as_secs_f64();
        if let (Some(before), Some(after)) = (call.recorded.is_late, call.replayed.is_late) {
            hour.n_judged += 1.0;
            hour.late_change += f64::from(u8::from(after)) - f64::from(u8::from(before));
        }
    }
    hours.into_values().collect()
}

/// Percentiles of a figure over the same number of hours, drawn with replacement: calls of an hour
/// share its units, so hours and not calls are drawn (block bootstrap, percentile interval).
fn interval(hours: &[Hour], seed: u64, figure: impl Fn(&Hour) -> f64) -> Option<Interval> {
    let estimate = Some(figure(&sum(hours.iter()))).filter(|figure| figure.is_finite())?;
    if hours.len() < 2 {
        return Some(Interval { estimate, ends: None });
    }
    let mut rng = stream(seed, Purpose::Resample, 0);
    let draws = (0..N_DRAWS).map(|_| figure(&draw(hours, &mut rng)));
    let mut draws: Vec<_> = draws.filter(|figure| figure.is_finite()).collect();
    draws.sort_by(f64::total_cmp);
    let at = |permille: usize| draws.get(draws.len() * permille / 1000).copied();
    let ends = at(25).zip(at(975)).map(|(low, high)| [low, high]);
    Some(Interval { estimate, ends })
}

fn draw(hours: &[Hour], rng: &mut Pcg64Mcg) -> Hour {
    let drawn: Vec<_> = hours.iter().map(|_| rng.random_range(0..hours.len())).collect();
    sum(drawn.into_iter().map(|idx| &hours[idx]))
}

fn sum<'a>(hours: impl Iterator<Item = &'a Hour>) -> Hour {
    hours.fold(Hour::default(), |sum, hour| Hour {
        n: sum.n + hour.n,
        change_s: sum.change_s + hour.change_s,
        n_judged: sum.n_judged + hour.n_judged,
        late_change: sum.late_change + hour.late_change,
    })
}

fn most(compared: &[&CallChange], counts: impl Fn(Millis) -> bool) -> Vec<IncidentId> {
    let changes = compared.iter().filter(|call| call.is_changed);
    let changes = changes.filter_map(|call| Some((call.response_change?, call.incident)));
    let mut changes: Vec<_> = changes.filter(|(change, _)| counts(*change)).collect();
    changes.sort_by_key(|(change, incident)| (std::cmp::Reverse(change.abs()), *incident));
    changes.into_iter().take(N_NAMED).map(|(_, incident)| incident).collect()
}
