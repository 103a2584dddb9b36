//! What a recorded day would have been under another policy, call by call.
//!
//! A log tells what came from outside (calls, shifts, hospitals' reports), what was decided (units,
//! hospitals, posts), and how long everything took. A replay keeps the first and the last and lets
//! the [`Centre`](ems_centre::Centre) that serves live decide again. What it cannot know it says:
//! positions between stations, traffic, and durations of what never came to pass
//! (`docs/replay.md`). So each replay stands beside one under the recorded policies, which should
//! give the log back ([`Likeness`]).

mod compare;
mod day;
mod report;
mod rerun;
mod summary;
mod whereabouts;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use ems_centre::{Centre, CentreConfig, City, ReplayError};
use ems_dispatch::{Reference, UnknownPolicy};
use ems_model::{Millis, Recorded, Timestamp};

pub use report::{
    Assumed, CallChange, Counterfactual, Interval, Likeness, PlaceChange, Progress, ReplaySummary,
    Side, Why,
};

use compare::compare;
use day::{RecordedCall, RecordedDay};
use rerun::{Rerun, Under, homeward, rerun};
use summary::{median, summarize};

/// Why there is no replay.
#[derive(Debug, thiserror::Error)]
pub enum CounterfactualError {
    /// The log does not fit the city, or is damaged.
    #[error("the log cannot be replayed: {0}")]
    Log(#[from] ReplayError),
    /// There is nothing to decide.
    #[error("the log has no call {span}: give a log of a day with calls, or a longer span")]
    NoCalls {
        /// In which span.
        span: String,
    },
    /// The policy does not exist.
    #[error(transparent)]
    Policy(#[from] UnknownPolicy),
    /// Who asked has asked to stop.
    #[error("the replay was stopped")]
    Stopped,
}

/// Calls so long before a reported span are run again, too, so that units are where they would be.
const WARM_UP: Millis = Millis::from_mins(180);

/// A log that was read, with the rerun under its own policies.
#[derive(Debug)]
pub struct RecordedLog {
    day: RecordedDay,
    city: Arc<City>,
    reference: Arc<Reference>,
    /// The first call that is reported.
    first: usize,
    homeward: (f64, usize),
    baseline: Rerun,
}

impl RecordedLog {
    /// Reads a whole log from its first event on; with `last`, calls of that span before the log's
    /// end are reported. Cost: one replay of the log and one rerun of its calls.
    pub fn read(
        log: &[Recorded],
        city: Arc<City>,
        reference: Arc<Reference>,
        last: Option<Millis>,
        tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, CounterfactualError> {
        let config = CentreConfig { reference: Arc::clone(&reference) };
        Centre::replay(config, Arc::clone(&city), log.iter().cloned())?;
        let mut day = RecordedDay::read(log, &city);
        let from = last.map(|last| day.end - last);
        if let Some(from) = from {
            day = day.since(from - WARM_UP);
        }
        let first = day.calls.partition_point(|call| from.is_some_and(|from| call.taken_at < from));
        if first == day.calls.len() {
            let span = last.map_or("at all".into(), |last| format!("in its last {last} min:s"));
            return Err(CounterfactualError::NoCalls { span });
        }
        let homeward = homeward(&day, &city);
        let baseline = rerun(&day, &city, &reference, &Under::Recorded, homeward.0, tell);
        let ControlFlow::Continue(baseline) = baseline else {
            return Err(CounterfactualError::Stopped);
        };
        Ok(Self { day, city, reference, first, homeward, baseline })
    }

    /// How many calls are reported.
    pub fn n_calls(&self) -> usize {
        self.reported().len()
    }

    /// How far the rerun under the recorded policies gives the log back.
    pub fn likeness(&self) -> Likeness {
        let calls = self.changes(&self.baseline);
        let units = calls.iter().filter_map(|call| {
            Some((call.recorded.sent_first.as_ref()?, call.replayed.sent_first.as_ref()?))
        });
        let hospitals = calls.iter().filter_map(|call| {
            Some((call.recorded.hospital.as_ref()?, call.replayed.hospital.as_ref()?))
        });
        let mut off: Vec<_> =
            calls.iter().filter_map(|call| Some(call.response_change?.abs())).collect();
        off.sort_unstable();
        let named = |name: &String| self.reference.policy_named(name).is_err();
        Likeness {
            n_units: units.clone().count(),
            n_same_units: units.filter(|(one, other)| one == other).count(),
            n_places: calls.iter().map(|call| call.places.len()).sum(),
            n_same_places: calls
                .iter()
                .flat_map(|it| &it.places)
                .filter(|it| !it.differs())
                .count(),
            n_hospitals: hospitals.clone().count(),
            n_same_hospitals: hospitals.filter(|(one, other)| one == other).count(),
            response_off: median(&off),
            unknown_policies: self.recorded_policies().into_iter().filter(named).collect(),
            causes: causes(&calls),
            homeward: self.homeward.0,
            n_homeward: self.homeward.1,
        }
    }

    /// The day under a policy. Cost: one rerun of its calls; each asks the centre's recommendation
    /// twice.
    pub fn replay(
        &self,
        policy: &str,
        seed: u64,
        tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Counterfactual, CounterfactualError> {
        let policy = self.reference.policy_named(policy)?.name.clone();
        let under = Under::Policy(policy.clone());
        let replayed = rerun(&self.day, &self.city, &self.reference, &under, self.homeward.0, tell);
        let ControlFlow::Continue(replayed) = replayed else {
            return Err(CounterfactualError::Stopped);
        };
        let calls = self.changes(&replayed);
        let mut summary = summarize(&calls, &self.reported(), seed);
        summary.n_posts_overruled = self.day.n_posts_overruled;
        summary.n_refused = replayed.n_refused;
        Ok(Counterfactual {
            policy,
            recorded_policies: self.recorded_policies(),
            from: self.reported().first().map_or(Timestamp::default(), |call| call.taken_at),
            until: self.day.end,
            summary,
            likeness: self.likeness(),
            calls,
        })
    }

    fn reported(&self) -> Vec<&RecordedCall> {
        self.day.calls[self.first..].iter().collect()
    }

    fn changes(&self, rerun: &Rerun) -> Vec<CallChange> {
        let courses = rerun.courses.iter().zip(&self.baseline.courses);
        let calls = self.day.calls.iter().zip(courses).skip(self.first);
        let change = |(call, (course, baseline))| {
            compare(&self.day, call, course, baseline, &self.reference)
        };
        calls.map(change).collect()
    }

    fn recorded_policies(&self) -> Vec<String> {
        let mut policies: Vec<String> = Vec::new();
        for sent in self.day.calls[self.first..].iter().flat_map(|call| &call.sent) {
            if !policies.contains(&sent.choice.policy) {
                policies.push(sent.choice.policy.clone());
            }
        }
        policies
    }
}

/// Why decisions differ, most frequent first.
fn causes(calls: &[CallChange]) -> Vec<(&'static str, usize)> {
    let mut causes: BTreeMap<&'static str, usize> = BTreeMap::new();
    let differing = calls.iter().filter(|call| decides_otherwise(call));
    for why in differing.filter_map(|call| call.why.first()) {
        *causes.entry(why.name()).or_default() += 1;
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    causes
}

fn decides_otherwise(call: &CallChange) -> bool {
    let (one, other) = (&call.recorded, &call.replayed);
    let has_other_place = call.places.iter().any(PlaceChange::differs);
    has_other_place || one.sent_first != other.sent_first || one.hospital != other.hospital
}
