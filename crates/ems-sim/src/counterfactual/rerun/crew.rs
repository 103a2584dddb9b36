//! A crew's part: from the way to the scene until it is free again, each step as long as recorded.

use ems_dispatch::Pathway;
use ems_model::{
    Command, HospitalCandidate, HospitalId, Millis, Outcome, Position, ReceptionAnswer, Timestamp,
    UnitStep,
};

use super::super::day::{End, Sent, factor};
use super::super::report::Assumed;
use super::super::whereabouts::{Way, drive_by, times};
use super::{Engine, Next, UNSEEN};
use crate::city::best_hospital;

impl Engine<'_> {
    /// The crew does what is next, and plans what comes after it.
    pub(super) fn crew(&mut self, now: Timestamp, idx: usize, next: Next) {
        match next {
            Next::GoEnRoute => self.go_en_route(now, idx),
            Next::Arrive => self.arrive(now, idx),
            Next::Tell(nth) => self.tell_findings(now, idx, nth),
            Next::ChooseHospital => self.choose_hospital(now, idx),
            Next::Refuse(hospital) => self.refuse(now, idx, &hospital),
            Next::Leave => self.leave_scene(now, idx),
            Next::Door(leg) if self.cases[idx].n_legs == leg => self.reach_door(now, idx),
            Next::Door(_) => {}
            Next::HandOver => self.hand_over(now, idx),
            Next::Release => self.release(now, idx),
            Next::Clear => drop(self.step(now, idx, UnitStep::ReturnToService)),
        }
    }

    fn step(&mut self, now: Timestamp, idx: usize, step: UnitStep) -> bool {
        let case = &self.cases[idx];
        let (Some(unit), Some(incident)) = (case.unit.clone(), case.incident) else { return false };
        self.does(now, Command::StepUnit { unit, incident, step, at: now })
    }

    fn go_en_route(&mut self, now: Timestamp, idx: usize) {
        if !self.step(now, idx, UnitStep::GoEnRoute) {
            return;
        }
        let scene = self.day.calls[idx].call.position;
        let lasts = self.drive_to_scene(idx);
        self.drive(now, idx, scene, lasts);
        self.set_crew(now + lasts, idx, Next::Arrive);
    }

    /// The same unit from where it stood, as far as anybody knows, drives as it did; another one as
    /// much slower or faster than expected.
    fn drive_to_scene(&mut self, idx: usize) -> Millis {
        let (case, lead) = (&self.cases[idx], self.day.calls[idx].lead());
        let reference = &self.centre.config().reference;
        let Some((took, expected)) = lead.and_then(|lead| lead.drive(reference)) else {
            self.assume(idx, Assumed::DriveToScene);
            return self.cases[idx].drive;
        };
        let is_same = lead.map(|lead| &lead.unit) == case.unit.as_ref();
        if is_same && (case.drive - expected).abs() <= UNSEEN {
            return took;
        }
        let factor = factor(took, expected);
        if factor.is_none() {
            self.assume(idx, Assumed::DriveToScene);
        }
        times(self.cases[idx].drive, factor.unwrap_or(1.0))
    }

    fn drive(&mut self, now: Timestamp, idx: usize, goal: Position, lasts: Millis) {
        let roads = &self.city.roads;
        if let Some(driver) = self.cases[idx].unit.as_ref().and_then(|it| self.drivers.get_mut(it))
        {
            driver.way = Way::drive(driver.way.at(now, roads), goal, now, lasts);
        }
    }

    fn arrive(&mut self, now: Timestamp, idx: usize) {
        if !self.step(now, idx, UnitStep::ArriveOnScene) {
            return;
        }
        self.courses[idx].arrived_at = Some(now);
        self.step(now, idx, UnitStep::ReachPatient);
        self.plan_findings(now, idx);
        let call = &self.day.calls[idx];
        if !call.is_transport() {
            let lasts = self.on_scene_until_end(idx);
            self.set_crew(now + lasts, idx, Next::Release);
            return;
        }
        let lead = call.lead().and_then(Sent::arrived_at);
        let chosen = call.chosen.first().map(|chosen| chosen.at);
        if let (Some(arrived), Some(chosen)) = (lead, chosen) {
            let after = chosen.since(arrived);
            if after >= Millis::ZERO {
                self.set_crew(now + after, idx, Next::ChooseHospital);
            }
        }
        let lasts = self.span(idx, UnitStep::ArriveOnScene, UnitStep::LeaveScene);
        let lasts = lasts.unwrap_or_else(|| {
            self.assume(idx, Assumed::OnScene);
            self.pathway(idx).map_or(Millis::ZERO, |pathway| pathway.on_scene)
        });
        self.set_crew(now + lasts, idx, Next::Leave);
    }

    /// A patient shows the same signs as long after the crew's arrival.
    fn plan_findings(&mut self, now: Timestamp, idx: usize) {
        let call = &self.day.calls[idx];
        let Some(arrived) = call.lead().and_then(Sent::arrived_at) else { return };
        for (nth, (at, _)) in call.found.iter().enumerate() {
            let after = at.since(arrived).max(Millis::ZERO);
            self.set_crew(now + after, idx, Next::Tell(nth));
        }
    }

    fn tell_findings(&mut self, now: Timestamp, idx: usize, nth: usize) {
        let (case, findings) = (&self.cases[idx], &self.day.calls[idx].found[nth].1);
        let (Some(unit), Some(incident)) = (case.unit.clone(), case.incident) else { return };
        let findings = findings.clone();
        self.does(now, Command::RecordFindings { incident, unit, at: now, findings });
    }

    fn span(&self, idx: usize, from: UnitStep, to: UnitStep) -> Option<Millis> {
        self.day.calls[idx].lead()?.span(from, to)
    }

    fn on_scene_until_end(&mut self, idx: usize) -> Millis {
        let call = &self.day.calls[idx];
        let arrived = call.lead().and_then(Sent::arrived_at);
        let ended = call.end.as_ref().map(|(at, _)| *at);
        let known = ended.zip(arrived).map(|(ended, arrived)| ended.since(arrived));
        known.filter(|span| *span >= Millis::ZERO).unwrap_or_else(|| {
            self.assume(idx, Assumed::OnScene);
            self.pathway(idx).map_or(Millis::ZERO, |pathway| pathway.on_scene)
        })
    }

    fn pathway(&self, idx: usize) -> Option<&Pathway> {
        let call = &self.day.calls[idx].call;
        let suggestion = self.centre.suggest(&call.complaint, &call.answers, call.age).ok()?;
        self.centre.config().reference.pathway(&suggestion.pathway)
    }

    fn choose_hospital(&mut self, now: Timestamp, idx: usize) {
        let Some(incident) = self.cases[idx].incident.filter(|_| !self.has_hospital(idx)) else {
            return;
        };
        let Ok(advice) = self.centre.recommend(now, incident) else { return };
        let Some((rank, best)) = best_hospital(&advice.hospitals) else { return };
        let (hospital, drive) = (best.hospital.clone(), best.drive);
        let overrule = (rank > 0).then(|| "those before it do not take the patient".to_owned());
        let (expected_version, chosen) = (Some(advice.version), hospital.clone());
        let choose = Command::ChooseHospital { incident, expected_version, hospital, overrule };
        if !self.does(now, choose) {
            return;
        }
        let course = &mut self.courses[idx];
        (course.hospital, course.hospitals) = (Some(chosen.clone()), advice.hospitals);
        let refusal = self.day.calls[idx].refusals.get(&chosen);
        if let Some(after) = refusal.map(|refusal| refusal.after) {
            self.set_crew(now + after, idx, Next::Refuse(chosen));
        } else if self.day.calls[idx].chosen.iter().all(|known| known.hospital != chosen) {
            self.assume(idx, Assumed::HospitalTakesPatient);
        }
        if self.cases[idx].is_transporting {
            self.head_for_hospital(now, idx, drive);
        }
    }

    /// Whether the patient has a hospital that has not passed them on.
    fn has_hospital(&self, idx: usize) -> bool {
        let record = self.cases[idx].incident.and_then(|it| self.centre.ledger().incident(it));
        record.is_some_and(|record| {
            let chosen = record.incident.hospital.as_ref();
            chosen.is_some_and(|chosen| !record.refusals.contains_key(chosen))
        })
    }

    fn refuse(&mut self, now: Timestamp, idx: usize, hospital: &HospitalId) {
        let Some(incident) = self.cases[idx].incident else { return };
        let Some(refusal) = self.day.calls[idx].refusals.get(hospital) else { return };
        let answer = ReceptionAnswer::Divert { reason: refusal.reason.clone() };
        let hospital = hospital.clone();
        if self.does(now, Command::AnswerReception { hospital, incident, answer }) {
            self.choose_hospital(now, idx);
        }
    }

    fn leave_scene(&mut self, now: Timestamp, idx: usize) {
        self.choose_hospital(now, idx);
        if !self.has_hospital(idx) {
            return self.release(now, idx);
        }
        if self.step(now, idx, UnitStep::LeaveScene) {
            self.cases[idx].is_transporting = true;
            let chosen = self.courses[idx].hospital.as_ref();
            let of = |it: &&HospitalCandidate| Some(&it.hospital) == chosen;
            let drive = self.courses[idx].hospitals.iter().find(of).and_then(|it| it.drive);
            self.head_for_hospital(now, idx, drive);
        }
    }

    /// `drive` is what was expected from the scene.
    fn head_for_hospital(&mut self, now: Timestamp, idx: usize, drive: Option<Millis>) {
        let chosen = self.courses[idx].hospital.as_ref();
        let known = self.city.hospitals.iter().find(|known| Some(&known.id) == chosen);
        let Some(goal) = known.map(|known| known.position) else { return };
        let from = self.place_of(idx, now);
        let is_under_way = self.cases[idx].n_legs > 0;
        let from_here = || from.and_then(|from| drive_by(&self.city.roads, from, goal));
        let expected = if is_under_way { from_here() } else { drive };
        let call = &self.day.calls[idx];
        let recorded = call.chosen.last().and_then(|chosen| chosen.choice.chosen.drive);
        let factor = call.lead().and_then(|lead| lead.hospital_factor(recorded));
        if factor.is_none() {
            self.assume(idx, Assumed::DriveToHospital);
        }
        let lasts = times(expected.unwrap_or_default(), factor.unwrap_or(1.0));
        self.drive(now, idx, goal, lasts);
        self.cases[idx].n_legs += 1;
        let leg = self.cases[idx].n_legs;
        self.set_crew(now + lasts, idx, Next::Door(leg));
    }

    fn place_of(&self, idx: usize, now: Timestamp) -> Option<Position> {
        let driver = self.drivers.get(self.cases[idx].unit.as_ref()?)?;
        Some(driver.way.at(now, &self.city.roads))
    }

    fn reach_door(&mut self, now: Timestamp, idx: usize) {
        if !self.step(now, idx, UnitStep::ArriveAtHospital) {
            return;
        }
        self.courses[idx].door_at = Some(now);
        let known = self.span(idx, UnitStep::ArriveAtHospital, UnitStep::TransferCare);
        let lasts = known.unwrap_or_else(|| {
            self.assume(idx, Assumed::HandOver);
            self.pathway(idx).map_or(Millis::ZERO, |pathway| pathway.at_hospital)
        });
        self.set_crew(now + lasts, idx, Next::HandOver);
    }

    fn hand_over(&mut self, now: Timestamp, idx: usize) {
        if self.step(now, idx, UnitStep::TransferCare) {
            self.cases[idx].is_over = true;
            let clear = self.span(idx, UnitStep::TransferCare, UnitStep::ReturnToService);
            self.set_crew(now + clear.unwrap_or_default(), idx, Next::Clear);
        }
    }

    /// The patient stays; the crew packs up.
    fn release(&mut self, now: Timestamp, idx: usize) {
        let Some(incident) = self.cases[idx].incident else { return };
        let call = &self.day.calls[idx];
        let outcome = match call.end {
            Some((_, End::Closed(outcome))) if outcome != Outcome::HandedOver => outcome,
            _ => Outcome::RemoteCare,
        };
        let packed = call.lead().and_then(|lead| lead.free_at);
        let packs = packed.zip(call.end.as_ref()).map(|(free, (at, _))| free.since(*at));
        if self.does(now, Command::CloseIncident { incident, outcome }) {
            self.cases[idx].is_over = true;
            let packs = packs.unwrap_or_default().max(Millis::ZERO);
            self.set_crew(now + packs, idx, Next::Clear);
        }
    }
}
