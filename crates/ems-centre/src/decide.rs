//! What follows from each command, if it is allowed.
//!
//! Lifecycles are not checked here: [`Ledger::apply`](crate::Ledger) does that, and a command whose
//! events do not apply changes nothing.

use ems_dispatch::{hospital_choice, plan_tasks};
use ems_model::{
    AlarmKind, Call, Command, Doors, Event, HospitalId, IncidentId, IncidentState, Millis, Outcome,
    Phase, Priority, ReceptionAnswer, ReceptionState, StationId, TaskId, TaskStep, Timestamp,
    UnitId, UnitState, UnitStep,
};

use crate::centre::Centre;
use crate::checks::{
    DIVERSION_MAX, REST_MAX, SHIFT_MAX, check_ahead, check_call, check_reason, check_text, crowding,
};
use crate::divert::TIE;
use crate::ledger::{Happening, IncidentRecord};
use crate::major::{carry, surge};
use crate::rejection::{LastChange, Rejection};

pub(crate) type Decided = Result<Vec<Happening>, Rejection>;

impl Centre {
    pub(crate) fn decide(&self, now: Timestamp, command: &Command) -> Decided {
        match command {
            Command::TakeCall { call, priority } => self.take_call(now, call, priority.as_deref()),
            Command::Triage { incident, expected_version, priority, reason } => {
                let record = self.seen(*incident, *expected_version)?;
                self.triage(now, record, priority, reason.as_deref())
            }
            Command::AssignUnit { incident, expected_version, unit, overrule } => {
                let record = self.incident_record(*incident)?;
                self.check_free(unit, *incident)?;
                check_version(record, *expected_version)?;
                let choice = self.choose_unit(now, record, unit, overrule.as_deref())?;
                let (incident, unit) = (*incident, unit.clone());
                Ok(all_at(now, [Event::UnitAssigned { incident, unit, choice }]))
            }
            Command::DivertUnit { incident, expected_version, unit, from, overrule } => {
                let record = self.seen(*incident, *expected_version)?;
                let diverted = self.divert(now, record, unit, *from, overrule.as_deref())?;
                Ok(all_at(now, diverted))
            }
            Command::SwitchPolicy { policy, reason } => {
                Ok(all_at(now, [self.switch_policy(policy, reason)?]))
            }
            Command::PostUnit { unit, station, overrule } => {
                Ok(all_at(now, [self.post_unit(now, unit, station, overrule.as_deref())?]))
            }
            Command::StepUnit { unit, incident, step, at } => {
                self.step_unit(now, unit, *incident, *step, *at)
            }
            Command::ChooseHospital { incident, expected_version, hospital, overrule } => {
                let record = self.seen(*incident, *expected_version)?;
                self.choose_hospital(now, record, hospital, overrule.as_deref())
            }
            Command::AnswerRemoteCare { incident, expert, is_accepted } => {
                self.answer_remote_care(now, *incident, expert, *is_accepted)
            }
            Command::CloseIncident { incident, outcome } => self.close(now, *incident, *outcome),
            Command::CancelIncident { incident, expected_version, reason } => {
                let record = self.seen(*incident, *expected_version)?;
                self.cancel(now, record, reason)
            }
            Command::RecordFindings { incident, unit, at, findings } => {
                self.record_findings(now, unit, *incident, *at, findings)
            }
            Command::MajorIncident { incident, order } => self.order(now, *incident, order),
            Command::Aid { order } => self.order_aid(now, order),
            Command::SendResponse { incident, expected_version, units, diverted, overrule } => {
                let record = self.seen(*incident, *expected_version)?;
                self.send_response(now, record, (units, diverted), overrule.as_deref())
            }
            Command::TrimResponse { incident, expected_version, by, units } => {
                let record = self.seen(*incident, *expected_version)?;
                self.trim_response(now, record, by, units)
            }
            Command::AcknowledgeAlarm { incident, unit, kind } => {
                self.acknowledge_alarm(now, *incident, unit, *kind)
            }
            Command::ExchangeUnit { incident, expected_version, unit, instead_of } => {
                let record = self.seen(*incident, *expected_version)?;
                self.check_free(unit, *incident)?;
                Ok(all_at(now, self.exchange(now, record, unit, instead_of)?))
            }
            camera @ Command::RecordCamera { .. } => self.record_camera(now, camera),
            of_unit @ (Command::SignOnUnit { .. }
            | Command::SignOffUnit { .. }
            | Command::RestCrew { .. }) => self.decide_for_unit(now, of_unit),
            of_hospital => self.decide_for_hospital(now, of_hospital),
        }
    }

    fn decide_for_unit(&self, now: Timestamp, command: &Command) -> Decided {
        let event = match command {
            Command::SignOnUnit { unit, kind, home, station, crew, shift_until } => {
                self.check_off_duty(unit)?;
                check_ahead("shift_until", now, *shift_until, SHIFT_MAX)?;
                self.check_station(station.as_ref())?;
                self.city.roads.snap(*home)?;
                Event::UnitSignedOn {
                    unit: unit.clone(),
                    kind: *kind,
                    home: *home,
                    station: station.clone(),
                    crew: crew.clone(),
                    shift_until: *shift_until,
                }
            }
            Command::SignOffUnit { unit } => Event::UnitSignedOff { unit: unit.clone() },
            Command::RestCrew { unit, until } => {
                check_ahead("until", now, *until, REST_MAX)?;
                Event::CrewRested { unit: unit.clone(), until: *until }
            }
            other => unreachable!("{other:?} is not about a unit alone"),
        };
        Ok(vec![Happening { at: now, event }])
    }

    fn decide_for_hospital(&self, now: Timestamp, command: &Command) -> Decided {
        let event = match command {
            Command::AnswerReception { hospital, incident, answer } => {
                return self.answer_reception(now, hospital, *incident, answer);
            }
            Command::StepTask { hospital, task, step } => self.step_task(hospital, *task, *step)?,
            Command::ReportCrowding { hospital, occupied, beds, census } => {
                let crowding = crowding(now, *occupied, *beds, *census)?;
                Event::CrowdingReported { hospital: hospital.clone(), crowding }
            }
            Command::DivertAmbulances { hospital, reason, until } => {
                check_text("reason", reason)?;
                if let Some(until) = until {
                    check_ahead("until", now, *until, DIVERSION_MAX)?;
                }
                let doors = Doors::Diverting { reason: reason.clone(), until: *until };
                Event::DoorsChanged { hospital: hospital.clone(), doors }
            }
            Command::OpenDoors { hospital } => {
                Event::DoorsChanged { hospital: hospital.clone(), doors: Doors::Open }
            }
            Command::DeclareSurge { hospital, places } => {
                self.hospital_record(hospital)?;
                Event::SurgeDeclared { hospital: hospital.clone(), surge: surge(now, *places)? }
            }
            other => unreachable!("{other:?} is not about a hospital"),
        };
        Ok(vec![Happening { at: now, event }])
    }

    fn take_call(&self, now: Timestamp, call: &Call, priority: Option<&str>) -> Decided {
        check_call(now, call)?;
        self.city.roads.snap(call.position)?;
        let suggestion = self.suggest(&call.complaint, &call.answers, call.age)?;
        let (incident, patient) = self.ledger.next_incident();
        let (because, suggested) = (suggestion.because_keys(), suggestion.priority);
        let (call, given) = (call.clone(), priority);
        let mut events = vec![Event::CallReceived {
            incident,
            patient,
            call,
            suggested: suggested.clone(),
            because,
        }];
        if let Some(code) = given {
            let priority = self.config.reference.priority(code)?;
            check_downgrade(&priority, &suggested, None)?;
            events.push(Event::IncidentTriaged { incident, priority, suggested, reason: None });
        }
        Ok(all_at(now, events))
    }

    fn triage(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        code: &str,
        reason: Option<&str>,
    ) -> Decided {
        check_reason("reason", reason)?;
        let priority = self.config.reference.priority(code)?;
        let suggested = record.suggested.clone();
        check_downgrade(&priority, &suggested, reason)?;
        let (incident, reason) = (record.incident.id, reason.map(str::to_owned));
        Ok(all_at(now, [Event::IncidentTriaged { incident, priority, suggested, reason }]))
    }

    fn step_unit(
        &self,
        now: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
        step: UnitStep,
        at: Timestamp,
    ) -> Decided {
        let state = self.unit_record(unit)?.unit.state;
        let record = self.incident_record(incident)?;
        let call = match state {
            UnitState::Engaged { incident, .. } => Some(incident),
            UnitState::Available { last } => last,
            UnitState::OffDuty | UnitState::Lent { .. } => None,
        };
        if call != Some(incident) {
            return Err(Rejection::NotItsCall { unit: unit.clone(), incident });
        }
        if step == UnitStep::LeaveScene {
            check_destination(record)?;
        }
        let carried = carry(record, unit, step)?;
        let since = self.ledger.units[unit].unit.since;
        let stepped = Event::UnitStepped { unit: unit.clone(), incident, step };
        Ok(all_at(at.max(since).min(now), [stepped].into_iter().chain(carried)))
    }

    fn choose_hospital(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        hospital: &HospitalId,
        overrule: Option<&str>,
    ) -> Decided {
        check_reason("overrule", overrule)?;
        let incident = record.incident.id;
        self.hospital_record(hospital)?;
        if record.incident.units.is_empty() {
            return Err(Rejection::NoUnit { incident });
        }
        let candidates = self.weigh_hospitals(now, record)?.candidates;
        let overrule_text = overrule.map(str::to_owned);
        let choice = hospital_choice(&candidates, hospital, overrule_text, self.policy());
        let choice = choice.ok_or_else(|| unknown("hospital", hospital))?;
        let best = &candidates[0];
        let worse = choice.chosen.cost - best.cost > TIE.get();
        if (worse || !choice.chosen.is_suitable) && overrule.is_none() && choice.rank > 1 {
            return Err(needs_reason("hospital", hospital, choice.rank, &best.hospital));
        }
        let Some(drive) = choice.chosen.drive else {
            return Err(Rejection::NoRoad { hospital: hospital.clone(), incident });
        };
        let mut events = withdraw(record, "another hospital was chosen");
        events.push(Event::HospitalChosen { incident, hospital: hospital.clone(), choice });
        events.push(self.request_reception(now, record, hospital, drive));
        Ok(all_at(now, events))
    }

    fn request_reception(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        hospital: &HospitalId,
        drive: Millis,
    ) -> Event {
        let mut towards = record.clone();
        towards.incident.hospital = Some(hospital.clone());
        let eta = self.door_eta(now, &towards, drive).unwrap_or(now + drive);
        let first = TaskId(self.ledger.last_task.0 + 1);
        let tasks = plan_tasks(self.pathway(record), eta, first);
        let (incident, hospital) = (record.incident.id, hospital.clone());
        Event::ReceptionRequested { incident, hospital, eta, tasks }
    }

    fn answer_reception(
        &self,
        now: Timestamp,
        hospital: &HospitalId,
        incident: IncidentId,
        answer: &ReceptionAnswer,
    ) -> Decided {
        self.hospital_record(hospital)?;
        let record = self.incident_record(incident)?;
        if record.reception.as_ref().is_none_or(|reception| reception.hospital != *hospital) {
            return Err(Rejection::NotExpected { hospital: hospital.clone(), incident });
        }
        if let ReceptionAnswer::Divert { reason } = answer {
            check_text("reason", reason)?;
        }
        let (hospital, answer) = (hospital.clone(), answer.clone());
        Ok(all_at(now, [Event::ReceptionAnswered { incident, hospital, answer }]))
    }

    fn step_task(
        &self,
        hospital: &HospitalId,
        task: TaskId,
        step: TaskStep,
    ) -> Result<Event, Rejection> {
        self.hospital_record(hospital)?;
        let holds = |record: &&IncidentRecord| {
            let reception = record.reception.as_ref();
            let reception = reception.filter(|reception| reception.hospital == *hospital);
            reception.is_some_and(|it| it.tasks.iter().any(|known| known.id == task))
        };
        let record = self.ledger.incidents.values().rev().find(holds);
        let incident = record.ok_or_else(|| unknown("task", &task))?.incident.id;
        Ok(Event::TaskStepped { hospital: hospital.clone(), incident, task, step })
    }

    fn answer_remote_care(
        &self,
        now: Timestamp,
        incident: IncidentId,
        expert: &str,
        is_accepted: bool,
    ) -> Decided {
        check_text("expert", expert)?;
        if self.incident_record(incident)?.remote_care.is_none() {
            return Err(Rejection::NoRemoteCare { incident });
        }
        let expert = expert.to_owned();
        Ok(all_at(now, [Event::RemoteCareAnswered { incident, expert, is_accepted }]))
    }

    fn acknowledge_alarm(
        &self,
        now: Timestamp,
        incident: IncidentId,
        unit: &UnitId,
        kind: AlarmKind,
    ) -> Decided {
        let unit = unit.clone();
        if !self.incident_record(incident)?.waits_for_acknowledgement(&unit, kind) {
            return Err(Rejection::NoAlarm { incident, unit });
        }
        Ok(all_at(now, [Event::AlarmAcknowledged { incident, unit, kind }]))
    }

    fn close(&self, now: Timestamp, incident: IncidentId, outcome: Outcome) -> Decided {
        let record = self.incident_record(incident)?;
        let mut events = Vec::new();
        if outcome != Outcome::HandedOver {
            events = withdraw(record, "the patient needs no hospital");
        }
        events.push(Event::IncidentClosed { incident, outcome });
        Ok(all_at(now, events))
    }

    /// The close that follows a transfer of care.
    pub(crate) fn close_handed_over(
        &self,
        now: Timestamp,
        incident: IncidentId,
    ) -> Option<Happening> {
        let state = self.ledger.incidents[&incident].incident.state;
        let event = Event::IncidentClosed { incident, outcome: Outcome::HandedOver };
        (state == IncidentState::AtHospital).then_some(Happening { at: now, event })
    }

    fn cancel(&self, now: Timestamp, record: &IncidentRecord, reason: &str) -> Decided {
        check_text("reason", reason)?;
        let incident = record.incident.id;
        let units = record.incident.units.iter();
        let mut events: Vec<_> = units.map(|unit| self.call_off(unit, incident)).collect();
        events.extend(withdraw(record, "the incident was cancelled"));
        events.push(Event::IncidentCancelled { incident, reason: reason.to_owned() });
        Ok(all_at(now, events))
    }

    fn call_off(&self, unit: &UnitId, incident: IncidentId) -> Event {
        let step = match self.ledger.units[unit].unit.phase() {
            Some(Phase::CareHandedOn) => UnitStep::ReturnToService,
            _ => UnitStep::StandDown,
        };
        Event::UnitStepped { unit: unit.clone(), incident, step }
    }

    fn seen(
        &self,
        incident: IncidentId,
        expected: Option<u32>,
    ) -> Result<&IncidentRecord, Rejection> {
        let record = self.incident_record(incident)?;
        check_version(record, expected)?;
        Ok(record)
    }

    /// A unit that somebody else has just sent elsewhere.
    pub(crate) fn check_free(&self, unit: &UnitId, incident: IncidentId) -> Result<(), Rejection> {
        let record = self.unit_record(unit)?;
        match (record.unit.incident(), &record.assigned_by) {
            (Some(other), Some(won_by)) if other != incident => Err(Rejection::UnitTaken {
                unit: unit.clone(),
                incident: other,
                won_by: LastChange::clone(won_by),
            }),
            _ => Ok(()),
        }
    }

    pub(crate) fn check_station(&self, station: Option<&StationId>) -> Result<(), Rejection> {
        let unmapped =
            station.filter(|id| !self.city.stations.iter().any(|known| known.id == **id));
        unmapped.map_or(Ok(()), |id| Err(unknown("station", id)))
    }

    fn check_off_duty(&self, unit: &UnitId) -> Result<(), Rejection> {
        match self.ledger.units.get(unit).map(|record| record.unit.state) {
            None | Some(UnitState::OffDuty) => Ok(()),
            Some(_) => Err(Rejection::OnDuty { unit: unit.clone() }),
        }
    }
}

fn check_version(record: &IncidentRecord, expected: Option<u32>) -> Result<(), Rejection> {
    match expected {
        Some(expected) if expected != record.version => Err(Rejection::Conflict {
            incident: record.incident.id,
            expected,
            actual: record.version,
            won_by: record.last_change.clone(),
        }),
        _ => Ok(()),
    }
}

pub(crate) fn all_at(at: Timestamp, events: impl IntoIterator<Item = Event>) -> Vec<Happening> {
    events.into_iter().map(|event| Happening { at, event }).collect()
}

pub(crate) fn unknown(subject: &'static str, id: &impl ToString) -> Rejection {
    Rejection::Unknown { subject, id: id.to_string() }
}

pub(crate) fn needs_reason(
    subject: &'static str,
    id: &impl ToString,
    rank: u32,
    best: &impl ToString,
) -> Rejection {
    let (id, best) = (id.to_string(), best.to_string());
    Rejection::OverruleNeedsReason { subject, id, rank, best }
}

pub(crate) fn withdraw(record: &IncidentRecord, why: &str) -> Vec<Event> {
    let reception = record.reception.iter().filter(|reception| reception.is_open());
    let withdrawn = reception.map(|reception| Event::ReceptionWithdrawn {
        incident: reception.incident,
        hospital: reception.hospital.clone(),
        reason: why.to_owned(),
    });
    withdrawn.collect()
}

/// A patient does not leave for a hospital that has just refused them.
fn check_destination(record: &IncidentRecord) -> Result<(), Rejection> {
    match &record.reception {
        Some(reception) if matches!(reception.state, ReceptionState::Diverted { .. }) => {
            let (hospital, incident) = (reception.hospital.clone(), reception.incident);
            Err(Rejection::Diverted { hospital, incident })
        }
        _ => Ok(()),
    }
}

/// Less urgent than suggested needs a reason; more urgent never does.
fn check_downgrade(
    priority: &Priority,
    suggested: &Priority,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    if priority.rank > suggested.rank && reason.is_none() {
        let (code, suggested) = (priority.code.clone(), suggested.code.clone());
        return Err(Rejection::DowngradeNeedsReason { code, suggested });
    }
    Ok(())
}
