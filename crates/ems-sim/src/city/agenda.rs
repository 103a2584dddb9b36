//! What the city's people have planned: one time for each thing to do.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{HospitalId, IncidentId, TaskId, Timestamp, UnitId};

/// Why the city wants to wake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// The fleet signs on.
    Start,
    /// The next call rings.
    CallRings,
    /// A call-taker has asked all questions of a call.
    CallTaken(u64),
    /// A dispatcher gives a priority.
    Triage(IncidentId),
    /// A dispatcher looks for a unit.
    Dispatch(IncidentId),
    /// Somebody looks for a hospital.
    ChooseHospital(IncidentId),
    /// A remote expert answers.
    Expert(IncidentId),
    /// A crew is done with what it was doing.
    Crew(UnitId),
    /// A unit reports its position.
    Position(UnitId),
    /// A unit's devices report a second of measurements.
    Devices(UnitId),
    /// A hospital answers an announced patient.
    Reception(IncidentId),
    /// A hospital takes on or finishes a task.
    Task(TaskId),
    /// A hospital says how full it is.
    Crowding(HospitalId),
    /// A request had no answer.
    Retry(String),
    /// A question for a recommendation had no answer.
    AskAgain(IncidentId),
    /// A crew tells what it found.
    Findings(IncidentId),
    /// The major incident is called in.
    MajorRings,
    /// The dispatcher of a major incident looks at it again.
    Major(IncidentId),
}

/// Things to do by time; each has one time at most.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    at: BTreeMap<Wake, Timestamp>,
    by_time: BTreeSet<(Timestamp, Wake)>,
}

impl Agenda {
    /// Plans a thing, instead of any earlier plan for it.
    pub(crate) fn set(&mut self, wake: Wake, at: Timestamp) {
        self.cancel(&wake);
        self.at.insert(wake.clone(), at);
        self.by_time.insert((at, wake));
    }

    pub(crate) fn cancel(&mut self, wake: &Wake) {
        if let Some((wake, at)) = self.at.remove_entry(wake) {
            self.by_time.remove(&(at, wake));
        }
    }

    /// The next thing, and when.
    pub(crate) fn next(&self) -> Option<(Timestamp, Wake)> {
        self.by_time.first().cloned()
    }

    /// Takes the next thing that is due.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, Wake)> {
        if self.by_time.first()?.0 > now {
            return None;
        }
        let (at, wake) = self.by_time.pop_first()?;
        self.at.remove(&wake);
        Some((at, wake))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_has_one_time_and_comes_when_due() {
        let at = Timestamp::from_millis;
        let mut agenda = Agenda::default();
        agenda.set(Wake::Start, at(5));
        agenda.set(Wake::CallRings, at(2));
        agenda.set(Wake::Start, at(1));
        assert_eq!(agenda.pop_due(at(0)), None);
        assert_eq!(agenda.pop_due(at(3)), Some((at(1), Wake::Start)));
        assert_eq!(agenda.pop_due(at(3)), Some((at(2), Wake::CallRings)));
        assert_eq!(agenda.pop_due(at(9)), None);
    }
}
