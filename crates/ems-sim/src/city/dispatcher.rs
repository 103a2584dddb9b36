//! Dispatchers: from the call to the unit, and to the hospital.

use std::collections::{BTreeSet, VecDeque};

use ems_model::{
    Call, Command, HospitalCandidate, HospitalId, HospitalReason, IncidentId, Priority, Timestamp,
    UnitCandidate, UnitReason,
};

use super::case::{Case, Destination, Progress};
use super::{Advice, City, DISPATCHER, Mode, Wake};
use crate::calls::PlannedCall;
use crate::chance::{Purpose, stream};
use crate::ecg::{EcgModel, EcgSource};
use crate::mix::Severity;
use crate::patient::Body;

/// Calls that people took at a console have chances of their own, beyond all planned calls.
const FOREIGN: u64 = 1 << 40;

impl City {
    /// Takes the centre's recommendation about an incident, or its error code.
    pub fn on_recommendation(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        answer: Result<Advice, &str>,
    ) {
        if !self.client.on_recommendation(incident, &mut self.agenda) {
            return;
        }
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let wants_unit = std::mem::take(&mut case.wants_unit);
        let wants_hospital = std::mem::take(&mut case.wants_hospital);
        let Ok(advice) = answer else {
            if wants_unit {
                self.plan_for(now, incident, Wake::Dispatch(incident));
            }
            if wants_hospital {
                self.plan_for(now, incident, Wake::ChooseHospital(incident));
            }
            return;
        };
        if wants_unit && self.scenes.contains_key(&incident) {
            self.send_best_unit(now, incident, &advice);
        } else if wants_unit {
            self.send_response(now, incident, &advice);
        }
        if wants_hospital {
            self.send_to_best_hospital(now, incident, &advice);
        }
        self.allot(now, incident, &advice.places);
    }

    /// A call was taken, by the simulation or by a person.
    pub(crate) fn open_case(
        &mut self,
        at: Timestamp,
        key: Option<&str>,
        incident: IncidentId,
        call: &Call,
        suggested: &Priority,
    ) {
        let planned = key.and_then(|key| self.taking.remove(key));
        let planned = planned.and_then(|idx| self.ringing.remove(&idx));
        self.note_major(planned.as_ref().map(|planned| planned.idx), incident);
        let case = self.case(incident, call, suggested, planned.as_ref());
        let triage_at = at.max(self.plan.start) + case.chances.triage;
        self.cases.insert(incident, case);
        if self.plan.dispatcher == Mode::Auto {
            self.agenda.set(Wake::Triage(incident), triage_at);
        }
    }

    fn case(
        &self,
        incident: IncidentId,
        call: &Call,
        suggested: &Priority,
        planned: Option<&PlannedCall>,
    ) -> Case {
        let idx = planned.map_or(FOREIGN + incident.0, |planned| planned.idx);
        let complaint = self.plan.mix.get(&call.complaint);
        let severity = planned.map_or_else(
            || complaint.draw_severity(&mut stream(self.plan.seed, Purpose::Call, idx)),
            |planned| planned.severity,
        );
        let age = call.age.unwrap_or(50);
        let body = Body::new(self.plan.seed, idx, complaint, severity, age, call.rang_at);
        Case {
            label: planned.map_or_else(
                || format!("incident{incident}"),
                |planned| format!("call{}", planned.idx),
            ),
            idx,
            complaint: call.complaint.clone(),
            position: call.position,
            rang_at: call.rang_at,
            suggested: suggested.clone(),
            rank: suggested.rank,
            progress: Progress::Received,
            severity,
            chances: self.chances(idx, &call.complaint, severity),
            body,
            ecg: self.plan.has_ecg.then(|| self.ecg(idx)),
            wave: VecDeque::new(),
            units: BTreeSet::new(),
            carer: None,
            care_ends: None,
            destination: Destination::Open,
            is_out_of_reach: false,
            n_diverts: 0,
            wants_unit: false,
            wants_hospital: false,
            n_assigns: 0,
            n_choices: 0,
            measured_since: None,
        }
    }

    /// The patient's waveform: a recording in turn, or the model.
    fn ecg(&self, idx: u64) -> EcgSource {
        let recordings = &self.plan.recordings;
        let playable = recordings.iter().filter(|recording| !recording.microvolts.is_empty());
        let playable: Vec<_> = playable.collect();
        match playable.len() as u64 {
            0 => {
                let hz = self.plan.settings.devices.ecg_hz;
                EcgSource::Model(Box::new(EcgModel::new(self.plan.seed, idx, hz)))
            }
            n => {
                let which = usize::try_from(idx % n).expect("smaller than a list's length");
                EcgSource::Recording(playable[which].clone(), 0)
            }
        }
    }

    /// Gives the suggested priority.
    pub(crate) fn triage(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident) else { return };
        if case.progress != Progress::Received {
            return;
        }
        let what = format!("{}-triage", case.label);
        let priority = case.suggested.code.clone();
        let command = Command::Triage { incident, expected_version: None, priority, reason: None };
        self.send(now, &what, DISPATCHER.to_owned(), command);
    }

    pub(crate) fn on_triaged(&mut self, at: Timestamp, incident: IncidentId, priority: &Priority) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let was_waiting = self.waiting.remove(&case.turn(incident));
        let was_short = self.short.remove(&case.turn(incident));
        if case.progress == Progress::Received {
            case.progress = Progress::Triaged;
        }
        case.rank = priority.rank;
        if was_short {
            self.short.insert(case.turn(incident));
        }
        if was_waiting {
            self.waiting.insert(case.turn(incident));
        } else if case.units.is_empty() && self.plan.dispatcher == Mode::Auto {
            let assign_at = at.max(self.plan.start) + case.chances.assign;
            self.agenda.set(Wake::Dispatch(incident), assign_at);
        }
    }

    /// A unit was not sent after all: looks again after a pause for thought.
    pub(crate) fn look_again(&mut self, now: Timestamp, incident: IncidentId) {
        if self.plan.dispatcher == Mode::Auto {
            self.plan_for(now, incident, Wake::Dispatch(incident));
        }
    }

    pub(crate) fn look_for_unit(&mut self, now: Timestamp, incident: IncidentId) {
        let wants_unit = self.wants_unit(incident);
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let is_short = self.short.contains(&case.turn(incident));
        if wants_unit || (is_short && !case.is_over()) {
            case.wants_unit = true;
            self.client.ask(now, incident, &mut self.agenda, &mut self.outbox);
        }
    }

    /// Sends one more unit to a major incident.
    fn send_best_unit(&mut self, now: Timestamp, incident: IncidentId, advice: &Advice) {
        let wants_unit = self.wants_unit(incident);
        let Some(case) = self.cases.get_mut(&incident).filter(|_| wants_unit) else { return };
        let turn = case.turn(incident);
        let best = best_unit(&advice.units).filter(|_| {
            // Units go to whoever has waited longest among the most urgent.
            self.waiting.first().is_none_or(|first| *first >= turn)
        });
        let Some((rank, unit)) = best else {
            self.wait(now, incident);
            return;
        };
        self.waiting.remove(&turn);
        case.n_assigns += 1;
        let what = format!("{}-assign-{}", case.label, case.n_assigns);
        let overrule = (rank > 0).then(|| "the units before it cannot be sent".to_owned());
        let command = send_command(incident, unit, advice.version, overrule);
        self.send(now, &what, DISPATCHER.to_owned(), command);
    }

    /// Nobody can be sent: the case queues, and is looked at again after a while.
    pub(crate) fn wait(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident) else { return };
        self.waiting.insert(case.turn(incident));
        let look_again = u64::from(self.plan.settings.dispatcher.look_again_s);
        let pause = ems_model::Millis::from_secs(look_again.cast_signed());
        self.agenda.set(Wake::Dispatch(incident), now + pause);
    }

    /// A unit has come free: whoever is first in the queue looks again; those with some units come
    /// after all with none.
    pub(crate) fn serve_waiting(&mut self, now: Timestamp) {
        if let Some((_, _, incident)) = self.waiting.first().or(self.short.first()).copied() {
            self.look_again(now, incident);
        }
    }

    pub(crate) fn look_for_hospital(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        if !case.has_destination() && !case.is_over() {
            case.wants_hospital = true;
            self.client.ask(now, incident, &mut self.agenda, &mut self.outbox);
        }
    }

    fn send_to_best_hospital(&mut self, now: Timestamp, incident: IncidentId, advice: &Advice) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        if case.has_destination() || case.is_over() {
            return;
        }
        let Some((rank, hospital)) = best_hospital(&advice.hospitals) else {
            case.is_out_of_reach = true;
            return;
        };
        case.n_choices += 1;
        let what = format!("{}-hospital-{}", case.label, case.n_choices);
        let overrule =
            (rank > 0).then(|| "the hospitals before it do not take the patient".to_owned());
        let actor = match (self.plan.dispatcher, &case.carer) {
            (Mode::Manual, Some(unit)) => format!("unit:{unit}"),
            _ => DISPATCHER.to_owned(),
        };
        let (hospital, expected_version) = (hospital.hospital.clone(), Some(advice.version));
        let command = Command::ChooseHospital { incident, expected_version, hospital, overrule };
        self.send(now, &what, actor, command);
    }

    pub(crate) fn on_hospital_chosen(
        &mut self,
        at: Timestamp,
        incident: IncidentId,
        hospital: &HospitalId,
    ) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        case.destination = Destination::Chosen(hospital.clone());
        self.agenda.cancel(&Wake::ChooseHospital(incident));
        self.turn_towards_hospital(at, incident);
    }

    /// The hospital has passed the patient on: another one must be found.
    pub(crate) fn on_diverted(&mut self, at: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        if let Destination::Chosen(hospital) = &case.destination {
            case.destination = Destination::Refused(hospital.clone());
        }
        case.n_diverts += 1;
        if self.plan.dispatcher == Mode::Auto || case.carer.is_some() {
            self.plan_for(at, incident, Wake::ChooseHospital(incident));
        }
    }

    pub(crate) fn on_remote_care(&mut self, at: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident) else { return };
        if self.plan.hospitals == Mode::Auto {
            self.agenda.set(Wake::Expert(incident), at + case.chances.expert);
        }
    }

    pub(crate) fn on_remote_care_answered(&mut self, incident: IncidentId) {
        self.agenda.cancel(&Wake::Expert(incident));
    }

    pub(crate) fn answer_as_expert(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident).filter(|case| !case.is_over()) else { return };
        let what = format!("{}-expert", case.label);
        let expert = "expert:twin".to_owned();
        let is_accepted = case.severity != Severity::Minor || case.chances.is_released;
        let command = Command::AnswerRemoteCare { incident, expert: expert.clone(), is_accepted };
        self.send(now, &what, expert, command);
    }

    pub(crate) fn on_over(&mut self, at: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        case.progress = Progress::Over;
        self.waiting.remove(&case.turn(incident));
        self.short.remove(&case.turn(incident));
        for wake in [
            Wake::Triage(incident),
            Wake::Dispatch(incident),
            Wake::ChooseHospital(incident),
            Wake::Expert(incident),
            Wake::Major(incident),
        ] {
            self.agenda.cancel(&wake);
        }
        self.clear_scene(at, incident);
        self.forget_if_done(incident);
    }

    /// A case is forgotten when it is over and its last unit has left it.
    pub(crate) fn forget_if_done(&mut self, incident: IncidentId) {
        if self.cases.get(&incident).is_some_and(|case| case.is_over() && case.units.is_empty()) {
            self.cases.remove(&incident);
            self.scenes.remove(&incident);
            self.on_reception_withdrawn(incident);
        }
    }
}

/// Sends a unit, or takes it from the call to which it drives.
fn send_command(
    incident: IncidentId,
    candidate: &UnitCandidate,
    version: u32,
    overrule: Option<String>,
) -> Command {
    let (unit, expected_version) = (candidate.unit.clone(), Some(version));
    let from = candidate.cons.iter().find_map(|reason| match reason {
        UnitReason::DivertedFrom { incident, .. } => Some(*incident),
        _ => None,
    });
    match from {
        Some(from) => Command::DivertUnit { incident, expected_version, unit, from, overrule },
        None => Command::AssignUnit { incident, expected_version, unit, overrule },
    }
}

/// The best unit that can be sent, with its place in the list from 0.
fn best_unit(units: &[UnitCandidate]) -> Option<(usize, &UnitCandidate)> {
    units.iter().enumerate().find(|(_, unit)| unit.is_eligible)
}

/// The best hospital that suits, or else the best that has a road to it and has not refused.
pub(crate) fn best_hospital(
    hospitals: &[HospitalCandidate],
) -> Option<(usize, &HospitalCandidate)> {
    let reachable = || hospitals.iter().enumerate().filter(|(_, it)| it.drive.is_some());
    let is_refused = |it: &HospitalCandidate| {
        it.cons.iter().any(|con| matches!(con, HospitalReason::Refused { .. }))
    };
    reachable()
        .find(|(_, it)| it.is_suitable)
        .or_else(|| reachable().find(|(_, it)| !is_refused(it)))
        .or_else(|| reachable().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hospital(name: &str, is_suitable: bool, is_refused: bool) -> HospitalCandidate {
        let refused = HospitalReason::Refused { why: "full".into() };
        HospitalCandidate {
            hospital: HospitalId::new(name).unwrap(),
            drive: Some(ems_model::Millis::from_mins(5)),
            likely: None,
            cost: 0,
            is_suitable,
            pros: vec![],
            cons: if is_refused { vec![refused] } else { vec![] },
        }
    }

    #[test]
    fn a_hospital_that_refused_comes_last() {
        let name = |list: &[HospitalCandidate]| {
            best_hospital(list).map(|(rank, it)| (rank, it.hospital.to_string()))
        };
        let list =
            [hospital("a", false, true), hospital("b", false, false), hospital("c", true, false)];
        assert_eq!(name(&list), Some((2, "c".into())));
        assert_eq!(name(&list[..2]), Some((1, "b".into())));
        assert_eq!(name(&list[..1]), Some((0, "a".into())));
    }
}
