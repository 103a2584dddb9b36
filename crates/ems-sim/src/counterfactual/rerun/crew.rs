//! A crew's part: from the way to the scene until it is free again, each step as long as recorded.

use ems_dispatch::Pathway;
use ems_model::{
    Command, HospitalCandidate, HospitalId, Millis, Outcome, Position, ReceptionAnswer, Timestamp,
    UnitId, UnitStep,
};

use super::super::day::{End, factor};
use super::super::report::Assumed;
use super::super::whereabouts::{Way, drive_by, times};
use super::{Act, Engine, Hand, Next, UNSEEN};
use crate::city::best_hospital;

impl Engine<'_> {
    /// A crew does what is next, and plans what comes after it, if it is still on the call.
    pub(super) fn crew(&mut self, now: Timestamp, idx: usize, turn: u32, next: &Next) {
        let Some(hand) = self.cases[idx].hand(turn).cloned() else { return };
        match next {
            Next::GoEnRoute => self.go_en_route(now, idx, &hand),
            Next::Arrive => self.arrive(now, idx, &hand),
            Next::Door(leg) if self.cases[idx].n_legs == *leg => self.reach_door(now, idx, &hand),
            Next::HandOver => self.hand_over(now, idx, &hand),
            Next::Clear => drop(self.step(now, idx, &hand, UnitStep::ReturnToService)),
            Next::GoFree => self.go_free(now, idx, &hand),
            of_scene => self.scene(now, idx, of_scene),
        }
    }

    /// What is done at a call that is not over.
    pub(super) fn scene(&mut self, now: Timestamp, idx: usize, next: &Next) {
        if self.cases[idx].is_over {
            return;
        }
        match next {
            Next::Tell(nth) => self.tell_findings(now, idx, *nth),
            Next::ChooseHospital => self.choose_hospital(now, idx),
            Next::Refuse(hospital) => self.refuse(now, idx, hospital),
            Next::Leave => self.leave_scene(now, idx),
            Next::Release => self.release(now, idx),
            Next::Trim(nth) => self.trim(now, idx, *nth),
            _ => {}
        }
    }

    fn step(&mut self, now: Timestamp, idx: usize, hand: &Hand, step: UnitStep) -> bool {
        let Some(incident) = self.cases[idx].incident else { return false };
        self.does(now, Command::StepUnit { unit: hand.unit.clone(), incident, step, at: now })
    }

    fn go_en_route(&mut self, now: Timestamp, idx: usize, hand: &Hand) {
        if !self.step(now, idx, hand, UnitStep::GoEnRoute) {
            return;
        }
        let scene = self.day.calls[idx].call.position;
        let lasts = self.drive_to_scene(idx, hand);
        self.drive(now, hand, scene, lasts);
        self.set(now + lasts, Act::Crew(idx, hand.turn, Next::Arrive));
    }

    /// The same unit from where it stood, as far as anybody knows, drives as it did; another one as
    /// much slower or faster than expected; a drone flies as it always does.
    fn drive_to_scene(&mut self, idx: usize, hand: &Hand) -> Millis {
        let reference = &self.centre.config().reference;
        let own = self.recorded_of(idx, hand).and_then(|sent| Some((sent, sent.drive(reference)?)));
        let lead = || {
            let lead = self.day.calls[idx].lead()?;
            Some((lead, lead.drive(reference)?))
        };
        let Some((sent, (took, expected))) = own.or_else(lead) else {
            self.assume(idx, Assumed::DriveToScene);
            return hand.drive;
        };
        if sent.unit == hand.unit && (hand.drive - expected).abs() <= UNSEEN {
            return took;
        }
        if !hand.kind.is_crewed() {
            return hand.drive;
        }
        let factor = factor(took, expected);
        if factor.is_none() {
            self.assume(idx, Assumed::DriveToScene);
        }
        times(hand.drive, factor.unwrap_or(1.0))
    }

    fn drive(&mut self, now: Timestamp, hand: &Hand, goal: Position, lasts: Millis) {
        let roads = &self.city.roads;
        if let Some(driver) = self.drivers.get_mut(&hand.unit) {
            driver.way = Way::drive(driver.way.at(now, roads), goal, now, lasts);
        }
    }

    fn arrive(&mut self, now: Timestamp, idx: usize, hand: &Hand) {
        if !self.step(now, idx, hand, UnitStep::ArriveOnScene) {
            return;
        }
        let hands = self.cases[idx].hands.iter_mut();
        hands.filter(|it| it.turn == hand.turn).for_each(|it| it.is_there = true);
        if !hand.kind.is_crewed() {
            return;
        }
        let recorded = self.recorded_of(idx, hand);
        if recorded.is_none_or(|it| it.steps.contains_key(&UnitStep::ReachPatient)) {
            self.step(now, idx, hand, UnitStep::ReachPatient);
        }
        if self.cases[idx].reached_at.is_none() {
            self.reach_scene(now, idx, hand);
        } else if self.cases[idx].leaves_at.is_some_and(|at| at <= now) {
            self.scene(now, idx, &Next::Leave);
        }
    }

    /// The first crew is there.
    fn reach_scene(&mut self, now: Timestamp, idx: usize, hand: &Hand) {
        self.cases[idx].reached_at = Some(now);
        self.leads(idx, hand);
        self.courses[idx].arrived_at = Some(now);
        let call = &self.day.calls[idx];
        // A patient shows the same signs as long after the first crew's arrival.
        for (nth, (at, _)) in call.found.iter().enumerate() {
            self.set_after(now, idx, call.after_arrival(*at), Next::Tell(nth));
        }
        for (nth, trimmed) in call.trims.iter().enumerate() {
            self.set_after(now, idx, call.after_arrival(trimmed.at), Next::Trim(nth));
        }
        for turn in self.cases[idx].hands.iter().map(|hand| hand.turn).collect::<Vec<_>>() {
            self.plan_release(now, idx, turn);
        }
        if !call.is_transport() {
            let ended = call.end.as_ref().and_then(|(at, _)| call.after_arrival(*at));
            let lasts = self.on_scene(idx, ended);
            return self.set(now + lasts, Act::Scene(idx, Next::Release));
        }
        let chosen = call.chosen.first().and_then(|chosen| call.after_arrival(chosen.at));
        if let Some(after) = chosen.filter(|after| *after >= Millis::ZERO) {
            self.set(now + after, Act::Scene(idx, Next::ChooseHospital));
        }
        let left = call.lead().and_then(|lead| lead.steps.get(&UnitStep::LeaveScene));
        let lasts = self.on_scene(idx, left.and_then(|left| call.after_arrival(*left)));
        self.set(now + lasts, Act::Scene(idx, Next::Leave));
    }

    fn set_after(&mut self, now: Timestamp, idx: usize, after: Option<Millis>, next: Next) {
        if let Some(after) = after {
            self.set(now + after.max(Millis::ZERO), Act::Scene(idx, next));
        }
    }

    /// The recorded time on scene, or the pathway's.
    fn on_scene(&mut self, idx: usize, recorded: Option<Millis>) -> Millis {
        recorded.filter(|span| *span >= Millis::ZERO).unwrap_or_else(|| {
            self.assume(idx, Assumed::OnScene);
            self.pathway(idx).map_or(Millis::ZERO, |pathway| pathway.on_scene)
        })
    }

    /// A unit that was free again before the patient left is so as long after the first arrival.
    pub(super) fn plan_release(&mut self, now: Timestamp, idx: usize, turn: u32) {
        let (call, case) = (&self.day.calls[idx], &self.cases[idx]);
        let (Some(reached_at), Some(hand)) = (case.reached_at, case.hand(turn)) else { return };
        let Some(free_at) = hand.recorded.and_then(|nth| call.sent[nth].free_at) else { return };
        let Some(after) = call.after_arrival(free_at) else { return };
        if call.left_at().is_some_and(|left_at| free_at < left_at) {
            let at = (reached_at + after).max(now);
            self.set(at, Act::Crew(idx, turn, Next::GoFree));
        }
    }

    /// Unless nobody else could take the patient along.
    fn go_free(&mut self, now: Timestamp, idx: usize, hand: &Hand) {
        let case = &self.cases[idx];
        let is_other = |it: &&Hand| it.turn != hand.turn && it.kind.can_transport();
        let is_last = hand.kind.can_transport() && !case.hands.iter().any(|it| is_other(&it));
        let has_patient = !case.is_over && case.carrier.is_none();
        if case.carrier == Some(hand.turn) || (is_last && has_patient) {
            return;
        }
        let step = if hand.is_there { UnitStep::ReturnToService } else { UnitStep::StandDown };
        self.step(now, idx, hand, step);
    }

    /// The units that were told in the log not to be needed, those in their places, turn back.
    fn trim(&mut self, now: Timestamp, idx: usize, nth: usize) {
        let (case, slots) = (&self.cases[idx], &self.day.calls[idx].trims[nth].slots);
        let coming = case.hands.iter().filter(|it| !it.is_there && slots.contains(&it.slot));
        let units: Vec<UnitId> = coming.map(|it| it.unit.clone()).collect();
        let by = self.carer(idx).map(|by| by.unit.clone());
        let (Some(incident), Some(by)) = (case.incident, by) else { return };
        if !units.is_empty() {
            self.does(now, Command::TrimResponse { incident, expected_version: None, by, units });
        }
    }

    /// The crew on scene that cares: the one that takes the patient along in the log, else the one
    /// that can and knows most.
    fn carer(&self, idx: usize) -> Option<&Hand> {
        let lead = self.day.calls[idx].lead().map(|lead| &lead.unit);
        let there = self.cases[idx].hands.iter().filter(|it| it.is_there && it.kind.is_crewed());
        let is_lead = |it: &Hand| {
            let recorded = it.recorded.map(|nth| &self.day.calls[idx].sent[nth].unit);
            recorded.is_some() && recorded == lead
        };
        there.max_by_key(|it| {
            (it.kind.can_transport(), is_lead(it), it.kind, std::cmp::Reverse(it.turn))
        })
    }

    /// The report tells of this unit.
    pub(super) fn leads(&mut self, idx: usize, hand: &Hand) {
        let course = &mut self.courses[idx];
        course.unit = Some(hand.unit.clone());
        (course.sent_at, course.sent_from) = (Some(hand.sent_at), Some(hand.sent_from));
    }

    fn tell_findings(&mut self, now: Timestamp, idx: usize, nth: usize) {
        let unit = self.carer(idx).map(|hand| hand.unit.clone());
        let (Some(unit), Some(incident)) = (unit, self.cases[idx].incident) else { return };
        let findings = self.day.calls[idx].found[nth].1.clone();
        self.does(now, Command::RecordFindings { incident, unit, at: now, findings });
    }

    fn span(&self, idx: usize, from: UnitStep, to: UnitStep) -> Option<Millis> {
        self.day.calls[idx].lead()?.span(from, to)
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
            self.set(now + after, Act::Scene(idx, Next::Refuse(chosen)));
        } else if self.day.calls[idx].chosen.iter().all(|known| known.hospital != chosen) {
            self.assume(idx, Assumed::HospitalTakesPatient);
        }
        let carrier = self.cases[idx].carrier.and_then(|turn| self.cases[idx].hand(turn));
        if let Some(carrier) = carrier.cloned() {
            self.head_for_hospital(now, idx, &carrier, drive);
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
        self.cases[idx].leaves_at = Some(now);
        let carer = self.carer(idx).filter(|hand| hand.kind.can_transport()).cloned();
        let Some(hand) = carer.filter(|_| self.cases[idx].carrier.is_none()) else { return };
        if self.step(now, idx, &hand, UnitStep::LeaveScene) {
            self.cases[idx].carrier = Some(hand.turn);
            self.short.remove(&self.turn_of(idx));
            self.leads(idx, &hand);
            let chosen = self.courses[idx].hospital.as_ref();
            let of = |it: &&HospitalCandidate| Some(&it.hospital) == chosen;
            let drive = self.courses[idx].hospitals.iter().find(of).and_then(|it| it.drive);
            self.head_for_hospital(now, idx, &hand, drive);
            self.others_go(now, idx);
        }
    }

    /// Who is not with the patient any more is free as long after the patient's leaving, or its
    /// being clear that they stay, as in the log.
    fn others_go(&mut self, now: Timestamp, idx: usize) {
        let carrier = self.cases[idx].carrier;
        for hand in self.cases[idx].hands.clone() {
            if Some(hand.turn) != carrier {
                let after = self.packs_up_within(idx, &hand);
                self.set(now + after, Act::Crew(idx, hand.turn, Next::GoFree));
            }
        }
    }

    fn packs_up_within(&self, idx: usize, hand: &Hand) -> Millis {
        let left_at = self.day.calls[idx].left_at();
        let free_at = self.recorded_of(idx, hand).and_then(|sent| sent.free_at);
        let known = free_at.zip(left_at).map(|(free_at, left_at)| free_at.since(left_at));
        known.unwrap_or_default().max(Millis::ZERO)
    }

    /// `drive` is what was expected from the scene.
    fn head_for_hospital(
        &mut self,
        now: Timestamp,
        idx: usize,
        hand: &Hand,
        drive: Option<Millis>,
    ) {
        let chosen = self.courses[idx].hospital.as_ref();
        let known = self.city.hospitals.iter().find(|known| Some(&known.id) == chosen);
        let Some(goal) = known.map(|known| known.position) else { return };
        let from = self.drivers.get(&hand.unit).map(|it| it.way.at(now, &self.city.roads));
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
        self.drive(now, hand, goal, lasts);
        self.cases[idx].n_legs += 1;
        let leg = self.cases[idx].n_legs;
        self.set(now + lasts, Act::Crew(idx, hand.turn, Next::Door(leg)));
    }

    fn reach_door(&mut self, now: Timestamp, idx: usize, hand: &Hand) {
        if !self.step(now, idx, hand, UnitStep::ArriveAtHospital) {
            return;
        }
        self.courses[idx].door_at = Some(now);
        let known = self.span(idx, UnitStep::ArriveAtHospital, UnitStep::TransferCare);
        let lasts = known.unwrap_or_else(|| {
            self.assume(idx, Assumed::HandOver);
            self.pathway(idx).map_or(Millis::ZERO, |pathway| pathway.at_hospital)
        });
        self.set(now + lasts, Act::Crew(idx, hand.turn, Next::HandOver));
    }

    fn hand_over(&mut self, now: Timestamp, idx: usize, hand: &Hand) {
        if self.step(now, idx, hand, UnitStep::TransferCare) {
            self.end(idx);
            let clear = self.span(idx, UnitStep::TransferCare, UnitStep::ReturnToService);
            let at = now + clear.unwrap_or_default();
            self.set(at, Act::Crew(idx, hand.turn, Next::Clear));
        }
    }

    /// The patient stays; the crews pack up.
    fn release(&mut self, now: Timestamp, idx: usize) {
        let Some(incident) = self.cases[idx].incident else { return };
        let outcome = match self.day.calls[idx].end {
            Some((_, End::Closed(outcome))) if outcome != Outcome::HandedOver => outcome,
            _ => Outcome::RemoteCare,
        };
        if self.does(now, Command::CloseIncident { incident, outcome }) {
            self.end(idx);
            self.others_go(now, idx);
        }
    }
}
