//! What a service is measured by, from its event log alone.
//!
//! A pure function of the log, the clocks and the present time: no state of the centre, so that an
//! old log can be reported again under other clocks. Percentiles are nearest-rank: of `n` ordered
//! spans the p-th is the one at place `ceil(p / 100 * n)`, always a span that really happened.
//! What is missing is counted and shown, never dropped.

mod clocks;
mod fleet;
mod receptions;
mod spread;
mod walk;

use std::borrow::Borrow;
use std::collections::BTreeMap;

use ems_dispatch::ClockSpec;
use ems_model::{IncidentId, Outcome, Priority, Recorded, Timestamp};

pub use clocks::ClockReport;
pub use fleet::UnitReport;
pub use receptions::{HospitalReport, TaskReport};
pub use spread::{Histogram, Spread};

use walk::{IncidentFacts, Walk};

/// A service's figures over a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// When it was made.
    pub now: Timestamp,
    /// The first event's time; `None` for an empty log.
    pub from: Option<Timestamp>,
    /// Events that were read.
    pub n_events: u64,
    /// One for each clock, in the order given.
    pub clocks: Vec<ClockReport>,
    /// One for each unit that was ever on duty, by call sign.
    pub units: Vec<UnitReport>,
    /// Calls and how they ended.
    pub calls: CallReport,
    /// How often people chose otherwise than was suggested.
    pub overrules: OverruleReport,
    /// One for each hospital that was ever asked, by id.
    pub hospitals: Vec<HospitalReport>,
}

/// Calls and how they ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallReport {
    /// All calls.
    pub n: u32,
    /// Not over yet.
    pub n_open: u32,
    /// Called off.
    pub n_cancelled: u32,
    /// Closed, by outcome, in the order of [`Outcome`]'s declaration; outcomes without calls are
    /// left out.
    pub by_outcome: Vec<(Outcome, u32)>,
    /// By present priority, most urgent first; `None` for calls without one.
    pub by_priority: Vec<(Option<Priority>, u32)>,
    /// Each clock hour (UTC) from the first call to the last with the calls taken in it, empty
    /// hours included; the newest 92 days where there are more.
    pub by_hour: Vec<(Timestamp, u32)>,
}

/// Most hours of calls: a quarter of a year.
const HOURS_MAX: usize = 24 * 92;

/// How often people chose otherwise than was suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OverruleReport {
    /// Of priorities that were given.
    pub priorities: Overruled,
    /// Of units that were sent.
    pub units: Overruled,
    /// Of hospitals that were chosen.
    pub hospitals: Overruled,
}

/// A count of decisions and of those that overruled the suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overruled {
    /// All decisions of the kind.
    pub n: u32,
    /// Those that overruled.
    pub n_overruled: u32,
}

impl Overruled {
    /// The overruled share, 0..=1; `None` where nothing was decided.
    pub fn share(&self) -> Option<f64> {
        spread::share(self.n_overruled, self.n)
    }

    fn count(&mut self, is_overruled: bool) {
        self.n += 1;
        self.n_overruled += u32::from(is_overruled);
    }
}

impl Report {
    /// Builds the report of a log, oldest event first, as seen at `now`; it keeps no event, so a
    /// large log can be read piece by piece while it listens.
    ///
    /// Cost: one pass over the log, then one over the incidents for each clock; memory grows with
    /// incidents, not with events.
    pub fn build<R: Borrow<Recorded>>(
        log: impl IntoIterator<Item = R>,
        clocks: &[ClockSpec],
        now: Timestamp,
    ) -> Self {
        let mut walk = Walk::default();
        for recorded in log {
            walk.hear(recorded.borrow());
        }
        Self {
            now,
            from: walk.from,
            n_events: walk.n_events,
            clocks: clocks.iter().map(|spec| clocks::measure(spec, &walk, now)).collect(),
            units: fleet::report(&walk.fleet, now),
            calls: call_report(&walk.incidents),
            overrules: walk.overrules,
            hospitals: receptions::report(&walk.receptions),
        }
    }
}

fn call_report(incidents: &BTreeMap<IncidentId, IncidentFacts>) -> CallReport {
    let mut report = CallReport::default();
    let mut by_priority: BTreeMap<(bool, Option<&Priority>), u32> = BTreeMap::new();
    for facts in incidents.values() {
        report.n += 1;
        report.n_open += u32::from(!facts.is_over());
        report.n_cancelled += u32::from(facts.is_cancelled);
        if let Some(outcome) = facts.outcome {
            count_outcome(&mut report.by_outcome, outcome);
        }
        let priority = facts.priority.as_ref();
        *by_priority.entry((priority.is_none(), priority)).or_default() += 1;
    }
    report.by_outcome.sort_by_key(|(outcome, _)| outcome_place(*outcome));
    let counts = by_priority.into_iter();
    report.by_priority = counts.map(|((_, priority), n)| (priority.cloned(), n)).collect();
    report.by_hour = calls_by_hour(incidents);
    report
}

fn count_outcome(counts: &mut Vec<(Outcome, u32)>, outcome: Outcome) {
    match counts.iter_mut().find(|(known, _)| *known == outcome) {
        Some((_, n)) => *n += 1,
        None => counts.push((outcome, 1)),
    }
}

fn outcome_place(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::HandedOver => 0,
        Outcome::TreatedOnScene => 1,
        Outcome::RemoteCare => 2,
        Outcome::NoPatient => 3,
    }
}

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

fn calls_by_hour(incidents: &BTreeMap<IncidentId, IncidentFacts>) -> Vec<(Timestamp, u32)> {
    let mut counts: BTreeMap<i64, u32> = BTreeMap::new();
    for facts in incidents.values() {
        *counts.entry(facts.taken.as_micros().div_euclid(HOUR)).or_default() += 1;
    }
    let Some((&first, _)) = counts.first_key_value() else { return Vec::new() };
    let Some((&last, _)) = counts.last_key_value() else { return Vec::new() };
    let n_hours_max = i64::try_from(HOURS_MAX).expect("a quarter of a year fits");
    let hours = first.max(last.saturating_sub(n_hours_max - 1))..=last;
    let count = |hour: i64| counts.get(&hour).copied().unwrap_or(0);
    hours.map(|hour| (Timestamp::from_micros(hour * HOUR), count(hour))).collect()
}

#[cfg(test)]
mod tests;
