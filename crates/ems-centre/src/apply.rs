//! How each event changes the ledger.

use std::collections::BTreeMap;

use ems_model::{
    Alarm, Call, Crew, Doors, Event, Found, HospitalId, Incident, IncidentId, IncidentState,
    MajorEvent, Outcome, Patient, PatientId, PatientState, Position, Priority, Reception,
    ReceptionAnswer, ReceptionState, Recorded, RemoteCareReason, SeenByCamera, StationId, Task,
    TaskId, TaskStep, Timestamp, TransitionError, Unit, UnitId, UnitKind, UnitState, UnitStep,
};

use crate::exchange::Takeover;
use crate::hours::Hours;
use crate::ledger::{
    ActiveAlarm, Eta, Etime, IncidentRecord, Ledger, Posted, RemoteCare, UnitRecord, asked_about,
};
use crate::{HospitalRecord, LastChange};

/// A log that no centre of this version can have written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// An event is missing or comes twice.
    #[error("event {found} follows event {last}: restore the log from a backup")]
    Gap {
        /// The place of the event before.
        last: u64,
        /// The place of this one.
        found: u64,
    },
    /// The clock of the log runs backwards.
    #[error("event {seq} is recorded before the one ahead of it: restore the log from a backup")]
    TimeReversed {
        /// Its place.
        seq: u64,
    },
    /// An event names something that does not exist.
    #[error("event {seq} names {subject} {id}, which does not exist: use this log's own city pack")]
    Missing {
        /// Its place.
        seq: u64,
        /// What is named.
        subject: &'static str,
        /// The name.
        id: String,
    },
    /// An event is nowhere near a road of this city.
    #[error("event {seq} is of another city: {source}")]
    OffMap {
        /// Its place.
        seq: u64,
        /// Where, and how far off.
        source: ems_roads::OffMap,
    },
    /// An event takes a step that the lifecycle does not allow.
    #[error("event {seq} is impossible: {error}; restore the log from a backup")]
    Illegal {
        /// Its place.
        seq: u64,
        /// Why.
        error: TransitionError,
    },
}

/// Why one event does not apply, before its place is added.
enum Misfit {
    Missing(&'static str, String),
    Illegal(TransitionError),
}

impl From<TransitionError> for Misfit {
    fn from(error: TransitionError) -> Self {
        Self::Illegal(error)
    }
}

type Applied = Result<(), Misfit>;

impl Ledger {
    /// Takes in the next event of the log.
    pub(crate) fn apply(&mut self, recorded: &Recorded) -> Result<(), ReplayError> {
        let seq = recorded.seq;
        if seq != self.seq + 1 {
            return Err(ReplayError::Gap { last: self.seq, found: seq });
        }
        if recorded.recorded_at < self.recorded_at {
            return Err(ReplayError::TimeReversed { seq });
        }
        self.change(recorded).map_err(|misfit| match misfit {
            Misfit::Missing(subject, id) => ReplayError::Missing { seq, subject, id },
            Misfit::Illegal(error) => ReplayError::Illegal { seq, error },
        })?;
        self.remember(recorded, asked_about(&recorded.event));
        self.decided(recorded);
        (self.seq, self.recorded_at) = (seq, recorded.recorded_at);
        Ok(())
    }

    fn change(&mut self, recorded: &Recorded) -> Applied {
        let at = recorded.occurred_at;
        match &recorded.event {
            Event::UnitSignedOn { unit, kind, home, station, crew, shift_until } => {
                let crew = Crew::sign_on(crew.clone(), *shift_until);
                self.sign_on(unit, *kind, *home, station.clone(), crew, at);
                Ok(())
            }
            Event::UnitSignedOff { unit } => self.change_unit(unit, |unit| unit.sign_off(at)),
            Event::CrewRested { unit, .. }
            | Event::CrewRestEnded { unit }
            | Event::RangeReported { unit, .. } => self.change_crew(unit, &recorded.event, at),
            Event::CallReceived { incident, patient, call, suggested, because } => {
                let record =
                    open(*incident, *patient, call, suggested, because, change_of(recorded));
                self.incidents.insert(*incident, record);
                self.open.insert(*incident);
                Ok(())
            }
            Event::IncidentTriaged { incident, priority, .. } => {
                self.triage(*incident, priority, at)
            }
            Event::UnitAssigned { incident, unit, .. } => {
                self.assign(*incident, unit, at, change_of(recorded))
            }
            Event::UnitStepped { unit, incident, step } => self.step(unit, *incident, *step, at),
            Event::EtaRevised { incident, unit, leg, eta, likely, cause } => {
                let eta = Eta { eta: *eta, likely: *likely, cause: *cause };
                self.incident_mut(*incident)?.etas.insert((unit.clone(), *leg), eta);
                Ok(())
            }
            Event::AlarmReported { incident, unit, alarm, .. } => {
                self.incident_mut(*incident)?.note_alarm(unit, alarm, at);
                Ok(())
            }
            // The gateway tells the alarm anew once it has heard.
            Event::AlarmAcknowledged { incident, .. } => self.incident_mut(*incident).map(drop),
            Event::RemoteCareProposed { incident, reason } => {
                self.propose_remote_care(*incident, reason.clone())
            }
            Event::RemoteCareAnswered { incident, expert, is_accepted } => {
                if let Some(care) = &mut self.incident_mut(*incident)?.remote_care {
                    care.answered_by = Some(expert.clone());
                    care.is_accepted = Some(*is_accepted);
                }
                Ok(())
            }
            Event::IncidentClosed { incident, outcome } => self.close(*incident, *outcome, at),
            Event::IncidentCancelled { incident, .. } => self.cancel(*incident, at),
            Event::UnitDiverted { incident, unit, .. } => self.divert(*incident, unit, at),
            Event::PolicySwitched { to, .. } => {
                self.policy = Some(to.clone());
                Ok(())
            }
            Event::UnitPosted { unit, .. } => self.post(unit, posted(&recorded.event, at)),
            Event::FindingsRecorded { incident, unit, findings } => {
                let (unit, actor) = (unit.clone(), recorded.actor.clone());
                self.find(*incident, Found { findings: findings.clone(), unit, actor, at })
            }
            Event::MajorIncident { incident, what } => {
                self.change_major(*incident, what, &recorded.actor, at)
            }
            Event::Aid { what } => Ok(self.change_aid(what, at)?),
            proposed @ Event::ExchangeProposed { incident, .. } => {
                self.propose(*incident, takeover(proposed, at))
            }
            Event::CameraRecorded { incident, .. } => self.see(*incident, recorded, at),
            of_hospital => self.change_hospital(of_hospital),
        }
    }

    fn propose_remote_care(&mut self, incident: IncidentId, reason: RemoteCareReason) -> Applied {
        self.incident_mut(incident)?.remote_care =
            Some(RemoteCare { reason, answered_by: None, is_accepted: None });
        Ok(())
    }

    fn find(&mut self, incident: IncidentId, found: Found) -> Applied {
        self.incident_mut(incident)?.find(found);
        Ok(())
    }

    fn see(&mut self, incident: IncidentId, recorded: &Recorded, at: Timestamp) -> Applied {
        let record = self.incident_mut(incident)?;
        if let Event::CameraRecorded { unit, finding, .. } = &recorded.event {
            let (finding, unit) = (finding.clone(), unit.clone());
            record.camera.push(SeenByCamera { finding, unit, actor: recorded.actor.clone(), at });
        }
        Ok(())
    }

    fn propose(&mut self, incident: IncidentId, takeover: Option<Takeover>) -> Applied {
        self.incident_mut(incident)?.takeover = takeover;
        Ok(())
    }

    fn post(&mut self, unit: &UnitId, posted: Option<Posted>) -> Applied {
        let Some(posted) = posted else { return Ok(()) };
        let waits_at = self.unit_mut(unit)?.unit.waits_at().cloned();
        self.change_unit(unit, |unit| unit.post(posted.station.clone()))?;
        let record = self.unit_mut(unit)?;
        if waits_at.as_ref() != Some(&posted.station) {
            record.hours.post(posted.at, &posted.reasons);
        }
        record.posted = Some(posted);
        Ok(())
    }

    fn change_hospital(&mut self, event: &Event) -> Applied {
        match event {
            Event::HospitalChosen { incident, hospital, .. } => {
                let hospital = hospital.clone();
                self.change_incident(*incident, |it| it.choose_hospital(hospital))
            }
            Event::ReceptionRequested { incident, hospital, eta, tasks } => {
                self.request_reception(*incident, hospital, *eta, tasks)
            }
            Event::ReceptionAnswered { incident, hospital, answer } => {
                self.answer_reception(*incident, hospital, answer)
            }
            Event::ReceptionWithdrawn { incident, hospital, .. } => {
                self.hospital_mut(hospital)?.expecting.remove(incident);
                self.change_reception(*incident, Reception::withdraw)
            }
            Event::TasksMoved { incident, tasks, to, .. } => {
                self.change_reception(*incident, |reception| Ok(reception.moved(tasks, *to)))
            }
            Event::TaskStepped { incident, task, step, .. } => {
                self.change_reception(*incident, |reception| step_task(reception, *task, *step))
            }
            Event::CrowdingReported { hospital, crowding } => {
                self.hospital_mut(hospital)?.crowding = Some(*crowding);
                Ok(())
            }
            Event::DoorsChanged { hospital, doors } => {
                self.hospital_mut(hospital)?.doors = Doors::clone(doors);
                Ok(())
            }
            Event::ResponseTrimmed { incident, unit, card, slots } => {
                let places = slots.iter().map(|slot| ((card.clone(), slot.clone()), unit.clone()));
                self.incident_mut(*incident)?.not_needed.extend(places);
                Ok(())
            }
            Event::SurgeDeclared { hospital, surge } => {
                self.hospital_mut(hospital)?.surge = Some(*surge);
                Ok(())
            }
            other => unreachable!("{other:?} is not about a hospital"),
        }
    }

    fn change_major(
        &mut self,
        id: IncidentId,
        what: &MajorEvent,
        by: &str,
        at: Timestamp,
    ) -> Applied {
        if let MajorEvent::Declared { areas, methane } = what {
            let (areas, methane) = (areas.clone(), methane.clone());
            self.change_incident(id, |incident| incident.declare(at, areas, methane))?;
            self.majors.insert(id);
            return Ok(());
        }
        let major = self.incident_mut(id)?.incident.major.as_mut();
        let major = major.ok_or_else(|| Misfit::Missing("major incident", id.to_string()))?;
        Ok(major.apply(what, by, at)?)
    }

    fn sign_on(
        &mut self,
        id: &UnitId,
        kind: UnitKind,
        home: Position,
        station: Option<StationId>,
        crew: Crew,
        since: Timestamp,
    ) {
        let state = UnitState::Available { last: None };
        let unit = Unit { id: id.clone(), kind, home, station, post: None, crew, state, since };
        // The vehicle is the one of the shift before.
        let before = self.units.get(id).map(|record| &record.hours);
        let hours = Hours::begin(since, before);
        let record = UnitRecord { unit, assigned_by: None, guest: None, posted: None, hours };
        self.units.insert(id.clone(), record);
    }

    fn triage(&mut self, id: IncidentId, priority: &Priority, at: Timestamp) -> Applied {
        let record = self.incident_mut(id)?;
        if record.incident.state == IncidentState::Received {
            record.stamp("eTimes.02", None, at);
        }
        self.change_incident(id, |incident| incident.triage(priority.clone()))
    }

    fn assign(&mut self, id: IncidentId, unit: &UnitId, at: Timestamp, by: LastChange) -> Applied {
        self.change_incident(id, |incident| incident.assign(unit.clone()))?;
        self.change_unit(unit, |unit| unit.assign(at, id))?;
        let record = self.unit_mut(unit)?;
        record.assigned_by = Some(by);
        record.hours.leave();
        self.incident_mut(id)?.stamp("eTimes.03", Some(unit), at);
        Ok(())
    }

    /// Leaves a call before reaching it, as standing down does.
    fn divert(&mut self, id: IncidentId, unit: &UnitId, at: Timestamp) -> Applied {
        self.change_unit(unit, |unit| unit.divert(at, id))?;
        self.unit_mut(unit)?.hours.stop(at);
        self.incident_mut(id)?.stamp(UnitStep::StandDown.etimes(), Some(unit), at);
        self.release(id, unit)
    }

    fn release(&mut self, id: IncidentId, unit: &UnitId) -> Applied {
        self.incident_mut(id)?.etas.retain(|(of, _), _| of != unit);
        self.change_incident(id, |incident| incident.release(unit))
    }

    fn step(&mut self, unit: &UnitId, id: IncidentId, step: UnitStep, at: Timestamp) -> Applied {
        self.change_unit(unit, |unit| unit.step(at, step))?;
        self.unit_mut(unit)?.hours.step(at, step);
        self.incident_mut(id)?.stamp(step.etimes(), Some(unit), at);
        self.see_off(unit, at);
        self.follow(unit, id, step)
    }

    /// Moves the incident, its patient and reception along with a unit's step.
    fn follow(&mut self, unit: &UnitId, id: IncidentId, step: UnitStep) -> Applied {
        let incident = &mut self.incident_mut(id)?.incident;
        let state = incident.state;
        if let Some(major) = &mut incident.major {
            if !matches!(step, UnitStep::Acknowledge | UnitStep::GoEnRoute | UnitStep::Stage) {
                major.unstage(unit);
            }
            // Casualties have ways of their own, and the first to leave does not take the incident.
            if !matches!(
                step,
                UnitStep::ArriveOnScene | UnitStep::StandDown | UnitStep::ReturnToService
            ) {
                return Ok(());
            }
        }
        match step {
            UnitStep::ArriveOnScene
                if state == IncidentState::Assigned && self.units[unit].unit.kind.is_crewed() =>
            {
                self.change_incident(id, Incident::attend)
            }
            UnitStep::ReachPatient => {
                self.change_patient(id, |patient| patient.reach(unit.clone()))
            }
            UnitStep::LeaveScene if state == IncidentState::Attended => {
                self.change_incident(id, Incident::transport)
            }
            UnitStep::ArriveAtHospital if state == IncidentState::Transporting => {
                self.change_incident(id, Incident::arrive)?;
                self.arrive(id)
            }
            UnitStep::TransferCare => {
                let hospital = self.incident_mut(id)?.incident.hospital.clone();
                let hospital = hospital
                    .ok_or_else(|| Misfit::Missing("hospital of incident", id.to_string()))?;
                self.change_patient(id, |patient| patient.hand_over(hospital))
            }
            UnitStep::StandDown | UnitStep::ReturnToService => self.release(id, unit),
            _ => Ok(()),
        }
    }

    fn arrive(&mut self, id: IncidentId) -> Applied {
        let record = self.incident_mut(id)?;
        let Some(reception) = record.reception.take_if(|reception| reception.is_open()) else {
            return Ok(());
        };
        let hospital = reception.hospital.clone();
        record.reception = Some(reception.arrive()?);
        self.hospital_mut(&hospital)?.expecting.remove(&id);
        Ok(())
    }

    fn request_reception(
        &mut self,
        id: IncidentId,
        hospital: &HospitalId,
        eta: Timestamp,
        tasks: &[Task],
    ) -> Applied {
        self.hospital_mut(hospital)?.expecting.insert(id);
        if let Some(task) = tasks.iter().map(|task| task.id).max() {
            self.last_task = self.last_task.max(task);
        }
        self.incident_mut(id)?.reception = Some(Reception {
            incident: id,
            hospital: hospital.clone(),
            state: ReceptionState::Requested,
            eta,
            tasks: tasks.to_vec(),
        });
        Ok(())
    }

    fn answer_reception(
        &mut self,
        id: IncidentId,
        hospital: &HospitalId,
        answer: &ReceptionAnswer,
    ) -> Applied {
        if let ReceptionAnswer::Divert { reason } = answer {
            self.hospital_mut(hospital)?.expecting.remove(&id);
            self.incident_mut(id)?.refusals.insert(hospital.clone(), reason.clone());
        }
        self.change_reception(id, |reception| reception.answer(answer))
    }

    fn close(&mut self, id: IncidentId, outcome: Outcome, at: Timestamp) -> Applied {
        self.change_incident(id, |incident| incident.close(outcome))?;
        if outcome != Outcome::HandedOver {
            self.change_patient(id, Patient::discharge)?;
        }
        self.incident_mut(id)?.end(at);
        self.open.remove(&id);
        Ok(())
    }

    fn cancel(&mut self, id: IncidentId, at: Timestamp) -> Applied {
        self.change_incident(id, Incident::cancel)?;
        self.incident_mut(id)?.end(at);
        self.open.remove(&id);
        Ok(())
    }

    /// Counts a person's decision and remembers whose it was.
    fn decided(&mut self, recorded: &Recorded) {
        if !recorded.event.is_decision() {
            return;
        }
        let Some(id) = recorded.event.incident() else { return };
        if let Some(record) = self.incidents.get_mut(&id) {
            record.version += 1;
            record.last_change = change_of(recorded);
        }
    }

    fn incident_mut(&mut self, id: IncidentId) -> Result<&mut IncidentRecord, Misfit> {
        self.incidents.get_mut(&id).ok_or_else(|| Misfit::Missing("incident", id.to_string()))
    }

    fn unit_mut(&mut self, id: &UnitId) -> Result<&mut UnitRecord, Misfit> {
        self.units.get_mut(id).ok_or_else(|| Misfit::Missing("unit", id.to_string()))
    }

    fn hospital_mut(&mut self, id: &HospitalId) -> Result<&mut HospitalRecord, Misfit> {
        self.hospitals.get_mut(id).ok_or_else(|| Misfit::Missing("hospital", id.to_string()))
    }

    fn change_incident(
        &mut self,
        id: IncidentId,
        change: impl FnOnce(Incident) -> Result<Incident, TransitionError>,
    ) -> Applied {
        let record = self.incident_mut(id)?;
        record.incident = change(record.incident.clone())?;
        Ok(())
    }

    fn change_unit(
        &mut self,
        id: &UnitId,
        change: impl FnOnce(Unit) -> Result<Unit, TransitionError>,
    ) -> Applied {
        let record = self.unit_mut(id)?;
        record.unit = change(record.unit.clone())?;
        Ok(())
    }

    fn change_crew(&mut self, unit: &UnitId, event: &Event, at: Timestamp) -> Applied {
        let UnitRecord { unit, hours, .. } = self.unit_mut(unit)?;
        match event {
            Event::CrewRested { until, .. } => {
                unit.crew = unit.crew.clone().rest(*until)?;
                hours.rest(at, *until);
            }
            Event::CrewRestEnded { .. } => unit.crew = unit.crew.clone().end_rest()?,
            Event::RangeReported { km, .. } => hours.fill(*km),
            other => unreachable!("{other:?} is not about a crew"),
        }
        Ok(())
    }

    fn change_patient(
        &mut self,
        id: IncidentId,
        change: impl FnOnce(Patient) -> Result<Patient, TransitionError>,
    ) -> Applied {
        let record = self.incident_mut(id)?;
        record.patient = change(record.patient.clone())?;
        Ok(())
    }

    fn change_reception(
        &mut self,
        id: IncidentId,
        change: impl FnOnce(Reception) -> Result<Reception, TransitionError>,
    ) -> Applied {
        let record = self.incident_mut(id)?;
        let reception = record.reception.clone();
        let reception =
            reception.ok_or_else(|| Misfit::Missing("reception of incident", id.to_string()))?;
        record.reception = Some(change(reception)?);
        Ok(())
    }
}

impl IncidentRecord {
    fn stamp(&mut self, etimes: &'static str, unit: Option<&UnitId>, at: Timestamp) {
        self.times.push(Etime { etimes, unit: unit.cloned(), at });
    }

    fn note_alarm(&mut self, unit: &UnitId, alarm: &Alarm, at: Timestamp) {
        let is_same = |it: &ActiveAlarm| it.unit == *unit && it.alarm.kind == alarm.kind;
        let since = self.alarms.iter().find(|it| is_same(it)).map(|it| it.at);
        self.alarms.retain(|it| !is_same(it));
        if alarm.is_active {
            let at = since.unwrap_or(at);
            self.alarms.push(ActiveAlarm { unit: unit.clone(), alarm: alarm.clone(), at });
        }
    }

    fn end(&mut self, at: Timestamp) {
        self.ended_at = Some(at);
        self.etas = BTreeMap::new();
        self.alarms = Vec::new();
    }
}

fn open(
    id: IncidentId,
    patient: PatientId,
    call: &Call,
    suggested: &Priority,
    because: &[String],
    by: LastChange,
) -> IncidentRecord {
    let rang = Etime { etimes: "eTimes.01", unit: None, at: call.rang_at };
    IncidentRecord {
        incident: Incident::open(id, patient, call.clone()),
        version: 0,
        suggested: suggested.clone(),
        because: because.to_vec(),
        opened_at: by.at,
        ended_at: None,
        last_change: by,
        etas: BTreeMap::new(),
        reception: None,
        refusals: BTreeMap::new(),
        remote_care: None,
        takeover: None,
        patient: Patient { id: patient, state: PatientState::Waiting },
        alarms: Vec::new(),
        findings: Vec::new(),
        camera: Vec::new(),
        times: vec![rang],
        not_needed: BTreeMap::new(),
    }
}

/// Where a unit waits, of an event that posts it.
fn posted(event: &Event, at: Timestamp) -> Option<Posted> {
    let Event::UnitPosted { station, policy, reasons, overrule, .. } = event else { return None };
    let (station, policy) = (station.clone(), policy.clone());
    Some(Posted { station, policy, reasons: reasons.clone(), overrule: overrule.clone(), at })
}

/// What was proposed, of an event that proposes a takeover.
fn takeover(event: &Event, at: Timestamp) -> Option<Takeover> {
    let Event::ExchangeProposed { unit, instead_of, now, then, policy, .. } = event else {
        return None;
    };
    let (unit, instead_of, policy) = (unit.clone(), instead_of.clone(), policy.clone());
    Some(Takeover { unit, instead_of, now: *now, then: *then, policy, at })
}

fn step_task(
    mut reception: Reception,
    id: TaskId,
    step: TaskStep,
) -> Result<Reception, TransitionError> {
    if let Some(task) = reception.tasks.iter_mut().find(|task| task.id == id) {
        *task = task.clone().step(step)?;
    }
    Ok(reception)
}

fn change_of(recorded: &Recorded) -> LastChange {
    LastChange {
        actor: recorded.actor.clone(),
        at: recorded.recorded_at,
        what: recorded.event.name(),
    }
}
