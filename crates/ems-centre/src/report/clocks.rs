//! The spans between two moments of each call, and whether they keep their promise.

use ems_dispatch::{ClockSpec, Mark, Per, Requirement};
use ems_model::{Millis, Timestamp, UnitKind};

use super::spread::{Histogram, Spread, share};
use super::walk::{IncidentFacts, Leg, Walk};

/// A clock's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReport {
    /// The clock.
    pub spec: ClockSpec,
    /// Clocks that started and stopped.
    pub n: u32,
    /// Of these, those within the target.
    pub n_within: u32,
    /// Started, and may still stop.
    pub n_running: u32,
    /// Of these, those that have passed the target already.
    pub n_running_late: u32,
    /// Started, and will never stop: called off, stood down, or not reported.
    pub n_missing: u32,
    /// Stopped before they started, by the clocks of who reported; in no other count.
    pub n_backwards: u32,
    /// The spans of those that stopped; `None` where none has.
    pub spread: Option<Spread>,
    /// The same as bars.
    pub histogram: Histogram,
}

impl ClockReport {
    /// The share within the target, 0..=1, of those that stopped or have passed it already; `None`
    /// where there are none.
    pub fn share(&self) -> Option<f64> {
        share(self.n_within, self.n + self.n_running_late)
    }

    /// Whether the promise is kept; `None` where there is none, or nothing to judge. A mean is that
    /// of the clocks that stopped.
    pub fn is_met(&self) -> Option<bool> {
        let n_judged = u64::from(self.n + self.n_running_late);
        match self.spec.requirement {
            Requirement::Watch => None,
            Requirement::Share { .. } if n_judged == 0 => None,
            Requirement::Share { percent } => {
                Some(u64::from(self.n_within) * 100 >= n_judged * u64::from(percent))
            }
            Requirement::Mean => self.spread.map(|spread| spread.mean <= self.spec.target),
        }
    }
}

/// What became of one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Stopped(Millis),
    Running(Millis),
    Missing,
}

/// Reads a clock for every call that it is for.
pub(super) fn measure(spec: &ClockSpec, walk: &Walk, now: Timestamp) -> ClockReport {
    let calls = walk.incidents.values().filter(|facts| is_for(spec, facts));
    let readings = calls.flat_map(|facts| read(spec, facts, now));
    let mut report = ClockReport {
        spec: spec.clone(),
        n: 0,
        n_within: 0,
        n_running: 0,
        n_running_late: 0,
        n_missing: 0,
        n_backwards: 0,
        spread: None,
        histogram: Histogram::of(&[], spec.bin),
    };
    let mut spans = Vec::new();
    for reading in readings {
        match reading {
            Reading::Stopped(span) if span < Millis::ZERO => report.n_backwards += 1,
            Reading::Stopped(span) => {
                report.n += 1;
                report.n_within += u32::from(span <= spec.target);
                spans.push(span);
            }
            Reading::Running(span) => {
                report.n_running += 1;
                report.n_running_late += u32::from(span > spec.target);
            }
            Reading::Missing => report.n_missing += 1,
        }
    }
    spans.sort_unstable();
    report.spread = Spread::of(&spans);
    report.histogram = Histogram::of(&spans, spec.bin);
    report
}

fn is_for(spec: &ClockSpec, facts: &IncidentFacts) -> bool {
    let rank = facts.priority.as_ref().map(|priority| priority.rank);
    spec.ranks.is_empty() || rank.is_some_and(|rank| spec.ranks.contains(&rank))
}

fn read(spec: &ClockSpec, facts: &IncidentFacts, now: Timestamp) -> Vec<Reading> {
    match spec.per {
        Per::Incident => read_incident(spec, facts, now).into_iter().collect(),
        Per::Unit => legs(spec, facts).filter_map(|leg| read_leg(spec, facts, leg, now)).collect(),
        Per::FirstUnit => first_leg(spec, facts)
            .and_then(|leg| read_leg(spec, facts, leg, now))
            .into_iter()
            .collect(),
    }
}

fn read_incident(spec: &ClockSpec, facts: &IncidentFacts, now: Timestamp) -> Option<Reading> {
    let start = match spec.start {
        Mark::Rang | Mark::Answered | Mark::Taken | Mark::Triaged => of_call(spec.start, facts),
        mark => facts.legs.iter().filter_map(|leg| of_leg(mark, facts, leg)).min(),
    }?;
    let stop = match spec.stop {
        Mark::Rang | Mark::Answered | Mark::Taken | Mark::Triaged => of_call(spec.stop, facts),
        mark => legs(spec, facts).filter_map(|leg| of_leg(mark, facts, leg)).min(),
    };
    let may_stop = !facts.is_over() || legs(spec, facts).any(|leg| may_stop(spec.stop, facts, leg));
    Some(reading(start, stop, may_stop, now))
}

fn read_leg(spec: &ClockSpec, facts: &IncidentFacts, leg: &Leg, now: Timestamp) -> Option<Reading> {
    let start = of_leg(spec.start, facts, leg)?;
    let stop = of_leg(spec.stop, facts, leg);
    Some(reading(start, stop, may_stop(spec.stop, facts, leg), now))
}

fn reading(start: Timestamp, stop: Option<Timestamp>, may_stop: bool, now: Timestamp) -> Reading {
    match stop {
        Some(stop) => Reading::Stopped(stop.since(start)),
        None if may_stop => Reading::Running(now.since(start)),
        None => Reading::Missing,
    }
}

/// The parts of units that may stop the clock: crews, unless it asks for drones by name.
fn legs<'a>(spec: &ClockSpec, facts: &'a IncidentFacts) -> impl Iterator<Item = &'a Leg> {
    let kind_min = spec.unit_kind_min.unwrap_or(UnitKind::Bls);
    facts.legs.iter().filter(move |leg| leg.kind >= kind_min)
}

/// The part of the unit that stopped the clock first or, before that, started it first.
fn first_leg<'a>(spec: &ClockSpec, facts: &'a IncidentFacts) -> Option<&'a Leg> {
    let with_stop = legs(spec, facts).filter_map(|leg| Some((of_leg(spec.stop, facts, leg)?, leg)));
    let first = with_stop.min_by_key(|(stop, leg)| (*stop, leg.unit.clone()));
    if let Some((_, leg)) = first {
        return Some(leg);
    }
    let with_start =
        legs(spec, facts).filter_map(|leg| Some((of_leg(spec.start, facts, leg)?, leg)));
    let is_lost = |leg: &Leg| !may_stop(spec.stop, facts, leg);
    with_start.min_by_key(|(start, leg)| (is_lost(leg), *start)).map(|(_, leg)| leg)
}

fn may_stop(stop: Mark, facts: &IncidentFacts, leg: &Leg) -> bool {
    match stop {
        Mark::Step(step) => leg.may_still(step),
        Mark::Rang | Mark::Answered | Mark::Taken | Mark::Triaged | Mark::Assigned => {
            !facts.is_over()
        }
    }
}

fn of_call(mark: Mark, facts: &IncidentFacts) -> Option<Timestamp> {
    match mark {
        Mark::Rang => Some(facts.rang),
        Mark::Answered => facts.answered,
        Mark::Taken => Some(facts.taken),
        Mark::Triaged => facts.triaged,
        Mark::Assigned | Mark::Step(_) => None,
    }
}

fn of_leg(mark: Mark, facts: &IncidentFacts, leg: &Leg) -> Option<Timestamp> {
    match mark {
        Mark::Assigned => Some(leg.assigned),
        Mark::Step(step) => leg.steps.get(&step).copied(),
        Mark::Rang | Mark::Answered | Mark::Taken | Mark::Triaged => of_call(mark, facts),
    }
}
