//! The promises, and what checks them while a simulation runs.

use std::collections::BTreeMap;

use ems_centre::Ledger;
use ems_model::{Event, IncidentId, Recorded, Task, TaskId, Timestamp, UnitId, UnitStep};
use ems_uplink::Ranges;

/// A promise that was not kept, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

type Kept = Result<(), Broken>;

fn broken(what: String) -> Kept {
    Err(Broken(what))
}

/// Reads the durable log as it grows.
#[derive(Debug, Default)]
pub(crate) struct LogCheck {
    seq: u64,
    recorded_at: Option<Timestamp>,
    /// The incident that each busy unit is with.
    busy: BTreeMap<UnitId, IncidentId>,
    /// When each task is due.
    due: BTreeMap<TaskId, Timestamp>,
    /// The last event of each command.
    keys: BTreeMap<String, u64>,
}

impl LogCheck {
    /// Checks the next event.
    pub(crate) fn on_recorded(&mut self, recorded: &Recorded) -> Kept {
        self.check_order(recorded)?;
        self.check_key(recorded)?;
        match &recorded.event {
            Event::UnitAssigned { unit, incident, .. } => {
                if let Some(other) = self.busy.insert(unit.clone(), *incident) {
                    return broken(format!("unit {unit} is on incidents {other} and {incident}"));
                }
            }
            Event::UnitStepped {
                unit,
                step: UnitStep::ReturnToService | UnitStep::StandDown,
                ..
            } => {
                self.busy.remove(unit);
            }
            Event::UnitDiverted { unit, incident, to } => {
                let from = self.busy.remove(unit);
                if from != Some(*incident) {
                    return broken(format!(
                        "unit {unit} is diverted from incident {incident} to {to}, but is on {from:?}"
                    ));
                }
            }
            Event::ReceptionRequested { tasks, .. } => {
                self.due.extend(tasks.iter().map(|task| (task.id, task.due)));
            }
            Event::TasksMoved { tasks, from, to, .. } => {
                return tasks.iter().try_for_each(|task| self.move_task(*task, *from, *to));
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks the centre's state against what its log has told.
    pub(crate) fn check_ledger(&self, ledger: &Ledger) -> Kept {
        let receptions = ledger.incidents().filter_map(|record| record.reception.as_ref());
        receptions
            .flat_map(|reception| &reception.tasks)
            .try_for_each(|task| self.check_due(task))?;
        check_links(ledger)
    }

    /// Checks that an acknowledged command is in the log, where the acknowledgement said.
    pub(crate) fn check_acknowledged(&self, key: &str, seq: u64) -> Kept {
        match self.keys.get(key) {
            Some(last) if *last == seq => Ok(()),
            Some(last) => broken(format!(
                "command {key} was acknowledged at event {seq} and stands at event {last}"
            )),
            None => broken(format!("command {key} was acknowledged and is not in the log")),
        }
    }

    fn check_due(&self, task: &Task) -> Kept {
        match self.due.get(&task.id) {
            Some(told) if *told == task.due => Ok(()),
            told => broken(format!(
                "task {} is due at {:?}, the log told {told:?}: it moved without a reason",
                task.id, task.due
            )),
        }
    }

    fn check_order(&mut self, recorded: &Recorded) -> Kept {
        let (last, seq) = (self.seq, recorded.seq);
        self.seq = seq;
        if seq != last + 1 {
            return broken(format!("event {seq} follows event {last}"));
        }
        let before = self.recorded_at.replace(recorded.recorded_at);
        if before.is_some_and(|before| recorded.recorded_at < before) {
            return broken(format!("event {seq} is recorded before event {last}"));
        }
        Ok(())
    }

    /// All events of a command stand together.
    fn check_key(&mut self, recorded: &Recorded) -> Kept {
        let Some(key) = &recorded.key else { return Ok(()) };
        match self.keys.insert(key.clone(), recorded.seq) {
            Some(last) if last + 1 != recorded.seq => {
                broken(format!("command {key} was applied at event {last} and again"))
            }
            _ => Ok(()),
        }
    }

    fn move_task(&mut self, task: TaskId, from: Timestamp, to: Timestamp) -> Kept {
        match self.due.insert(task, to) {
            Some(due) if due == from => Ok(()),
            due => broken(format!("task {task} moved from {from:?}, but was due at {due:?}")),
        }
    }
}

/// A unit is on the incident that has it, and no other.
fn check_links(ledger: &Ledger) -> Kept {
    let incidents = ledger.incidents().map(|record| &record.incident);
    let of_incidents = incidents.flat_map(|it| it.units.iter().map(move |unit| (unit, it.id)));
    let of_units = ledger.units().map(|record| (&record.unit.id, record.unit.incident()));
    compare_links(of_incidents, of_units)
}

fn compare_links<'a>(
    of_incidents: impl Iterator<Item = (&'a UnitId, IncidentId)>,
    of_units: impl Iterator<Item = (&'a UnitId, Option<IncidentId>)>,
) -> Kept {
    let mut linked = BTreeMap::new();
    for (unit, incident) in of_incidents {
        if let Some(other) = linked.insert(unit, incident) {
            return broken(format!("unit {unit} is on incidents {other} and {incident}"));
        }
    }
    for (unit, own) in of_units {
        let linked = linked.get(unit).copied();
        if own != linked {
            return broken(format!(
                "unit {unit} says it is on incident {own:?}, incidents say {linked:?}"
            ));
        }
    }
    Ok(())
}

/// The frames of each unit as they become durable and are acknowledged.
#[derive(Debug, Default)]
pub(crate) struct FrameCheck {
    stored: BTreeMap<UnitId, Ranges>,
    acked: BTreeMap<UnitId, Ranges>,
}

impl FrameCheck {
    /// A new frame became durable.
    pub(crate) fn on_stored(&mut self, unit: &UnitId, seq: u64) -> Kept {
        let stored = self.stored.entry(unit.clone()).or_default();
        if stored.contains(seq) {
            return broken(format!("frame {seq} of {unit} was stored twice"));
        }
        stored.insert(seq, seq);
        Ok(())
    }

    /// The frames `first..=last` were acknowledged.
    pub(crate) fn on_acked(&mut self, unit: &UnitId, first: u64, last: u64) -> Kept {
        self.acked.entry(unit.clone()).or_default().insert(first, last);
        self.check_disk(&self.stored)
    }

    /// Checks that the disk still has what was acknowledged.
    pub(crate) fn check_disk(&self, frames: &BTreeMap<UnitId, Ranges>) -> Kept {
        let nothing = Ranges::default();
        for (unit, acked) in &self.acked {
            let stored = frames.get(unit).unwrap_or(&nothing);
            if let Some((first, last)) = acked.first_without(stored) {
                return broken(format!(
                    "frames {first}..={last} of {unit} were acknowledged and are not on the disk"
                ));
            }
        }
        Ok(())
    }

    /// Checks that everything that a unit measured has arrived.
    pub(crate) fn check_whole(&self, unit: &UnitId, last: u64) -> Kept {
        let n_stored = self.stored.get(unit).map_or(0, Ranges::n_numbers);
        if n_stored == last {
            Ok(())
        } else {
            broken(format!(
                "{unit} measured {last} frames, {n_stored} arrived after the link was back"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use ems_model::{
        Choice, EtaCause, HospitalId, Millis, TaskKind, TaskState, UnitCandidate, UnitKind,
    };

    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn unit(name: &str) -> UnitId {
        UnitId::new(name).unwrap()
    }

    fn recorded(seq: u64, secs: i64, key: &str, event: Event) -> Recorded {
        Recorded {
            seq,
            occurred_at: at(secs),
            recorded_at: at(secs),
            actor: "test".into(),
            key: Some(key.into()),
            event,
        }
    }

    fn assigned(incident: u64) -> Event {
        let chosen = UnitCandidate {
            unit: unit("A1"),
            kind: UnitKind::Als,
            eta: None,
            likely: None,
            cost: 0,
            is_eligible: true,
            pros: vec![],
            cons: vec![],
        };
        let (policy, passed_over) = ("p/1".to_owned(), vec![]);
        let choice = Choice { policy, rank: 1, chosen, passed_over, overrule: None };
        Event::UnitAssigned { incident: IncidentId(incident), unit: unit("A1"), choice }
    }

    fn stood_down(incident: u64) -> Event {
        let (unit, incident) = (unit("A1"), IncidentId(incident));
        Event::UnitStepped { unit, incident, step: UnitStep::StandDown }
    }

    fn task(due: i64) -> Task {
        Task {
            id: TaskId(4),
            kind: TaskKind::Drug,
            what: "drug".into(),
            lead: Millis::from_mins(1),
            due: at(due),
            state: TaskState::Planned,
        }
    }

    fn requested(due: i64) -> Event {
        let (hospital, tasks) = (HospitalId::new("h1").unwrap(), vec![task(due)]);
        Event::ReceptionRequested { incident: IncidentId(1), hospital, eta: at(due), tasks }
    }

    fn moved(from: i64, to: i64) -> Event {
        Event::TasksMoved {
            incident: IncidentId(1),
            hospital: HospitalId::new("h1").unwrap(),
            tasks: vec![TaskId(4)],
            from: at(from),
            to: at(to),
            cause: EtaCause::PositionReported,
        }
    }

    fn check(log: &[(u64, i64, &str, Event)]) -> Result<(), String> {
        let mut check = LogCheck::default();
        log.iter()
            .try_for_each(|(seq, secs, key, event)| {
                check.on_recorded(&recorded(*seq, *secs, key, event.clone()))
            })
            .map_err(|broken| broken.0)
    }

    #[test]
    fn a_good_log_passes() {
        let log = [
            (1, 1, "a", assigned(1)),
            (2, 1, "a", requested(60)),
            (3, 2, "b", moved(60, 70)),
            (4, 3, "c", stood_down(1)),
            (5, 4, "d", assigned(2)),
        ];
        assert_eq!(check(&log), Ok(()));
    }

    #[test]
    fn each_broken_promise_of_a_log_is_seen() {
        for (log, message) in [
            (vec![(1, 1, "a", assigned(1)), (3, 1, "b", stood_down(1))], "event 3 follows event 1"),
            (
                vec![(1, 5, "a", assigned(1)), (2, 4, "b", stood_down(1))],
                "event 2 is recorded before event 1",
            ),
            (
                vec![(1, 1, "a", assigned(1)), (2, 2, "b", assigned(2))],
                "unit A1 is on incidents 1 and 2",
            ),
            (
                vec![
                    (1, 1, "a", assigned(1)),
                    (2, 2, "b", stood_down(1)),
                    (3, 3, "a", assigned(1)),
                ],
                "command a was applied at event 1 and again",
            ),
            (
                vec![(1, 1, "a", requested(60)), (2, 2, "b", moved(61, 70))],
                "task 4 moved from Timestamp(61000000), but was due at Some(Timestamp(60000000))",
            ),
        ] {
            assert_eq!(check(&log), Err(message.to_owned()));
        }
    }

    #[test]
    fn a_task_that_moved_in_silence_is_seen() {
        let mut check = LogCheck::default();
        assert!(check.check_due(&task(60)).is_err(), "never announced");
        check.on_recorded(&recorded(1, 1, "a", requested(60))).unwrap();
        assert!(check.check_due(&task(60)).is_ok());
        assert!(check.check_due(&task(70)).is_err());
        check.on_recorded(&recorded(2, 2, "b", moved(60, 70))).unwrap();
        assert!(check.check_due(&task(70)).is_ok());
    }

    #[test]
    fn units_and_incidents_must_name_each_other() {
        let (a1, one, two) = (unit("A1"), IncidentId(1), IncidentId(2));
        let links = |incidents: &[IncidentId], own| {
            let of_incidents = incidents.iter().map(|incident| (&a1, *incident));
            compare_links(of_incidents, [(&a1, own)].into_iter()).is_ok()
        };
        assert!(links(&[one], Some(one)) && links(&[], None));
        assert!(!links(&[one, two], Some(one)) && !links(&[one], None) && !links(&[], Some(two)));
    }

    #[test]
    fn an_acknowledged_command_must_be_in_the_log() {
        let mut check = LogCheck::default();
        check.on_recorded(&recorded(1, 1, "a", assigned(1))).unwrap();
        assert!(check.check_acknowledged("a", 1).is_ok());
        assert!(check.check_acknowledged("a", 2).is_err());
        assert!(check.check_acknowledged("lost", 1).is_err());
    }

    #[test]
    fn a_frame_is_stored_once_and_kept_once_acknowledged() {
        let a1 = unit("A1");
        let mut check = FrameCheck::default();
        assert!(check.on_acked(&a1, 1, 1).is_err(), "acknowledged before it was stored");
        let mut check = FrameCheck::default();
        check.on_stored(&a1, 3).unwrap();
        check.on_stored(&a1, 1).unwrap();
        assert!(check.on_stored(&a1, 1).is_err(), "stored twice");
        check.on_acked(&a1, 3, 3).unwrap();
        let disk = |first, last| {
            let mut ranges = Ranges::default();
            ranges.insert(first, last);
            BTreeMap::from([(a1.clone(), ranges)])
        };
        assert!(check.check_disk(&disk(1, 2)).is_err(), "lost");
        assert!(check.check_disk(&disk(2, 3)).is_ok());
        assert!(check.check_whole(&a1, 3).is_err(), "one frame never came");
        check.on_stored(&a1, 2).unwrap();
        assert!(check.check_whole(&a1, 3).is_ok());
    }
}
