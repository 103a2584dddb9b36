//! Reads a log, event by event.

use std::collections::{BTreeMap, BTreeSet};

use ems_centre::City;
use ems_model::{
    Call, Choice, Command, Doors, Event, HospitalId, IncidentId, Millis, Position, Priority,
    ReceptionAnswer, Recorded, StationId, Timestamp, UnitCandidate, UnitId, UnitKind, UnitStep,
};

use super::{Chosen, End, Place, RecordedCall, Refusal, Return, Sent, Triaged, Trimmed};

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) inputs: Vec<(Timestamp, Command)>,
    pub(super) calls: Vec<RecordedCall>,
    at: BTreeMap<IncidentId, usize>,
    pub(super) policy: Option<String>,
    pub(super) returns: Vec<Return>,
    homes: BTreeMap<UnitId, Position>,
    posts: BTreeMap<UnitId, StationId>,
    kinds: BTreeMap<UnitId, UnitKind>,
    /// Since when units are free, or their crews rested.
    free: BTreeMap<UnitId, Timestamp>,
    resting: BTreeSet<UnitId>,
    /// Triaged calls without a unit.
    waiting: BTreeSet<IncidentId>,
    /// When a unit last came free.
    freed_at: Option<Timestamp>,
    pub(super) n_posts_overruled: u32,
    pub(super) end: Timestamp,
}

impl Reader {
    pub(super) fn read(&mut self, recorded: &Recorded, city: &City) {
        let at = recorded.occurred_at;
        self.read_input(recorded);
        match &recorded.event {
            Event::CallReceived { incident, call, suggested, .. } => {
                self.at.insert(*incident, self.calls.len());
                self.calls.push(taken(*incident, recorded.recorded_at, call, suggested));
            }
            Event::IncidentTriaged { incident, priority, reason, .. } => {
                let (priority, reason) = (priority.clone(), reason.clone());
                self.on(*incident, |call| call.triages.push(Triaged { at, priority, reason }));
                self.await_unit(*incident);
            }
            Event::UnitAssigned { incident, unit, choice } => {
                self.assign(at, *incident, unit, choice);
            }
            Event::UnitDiverted { incident, unit, .. } => self.release(at, *incident, unit),
            Event::UnitStepped { unit, incident, step } => {
                self.step(at, unit, *incident, *step, city);
            }
            Event::ResponseTrimmed { incident, slots, .. } => {
                let slots = slots.clone();
                self.on(*incident, |call| call.trims.push(Trimmed { at, slots }));
            }
            Event::HospitalChosen { incident, hospital, choice } => {
                let (hospital, choice) = (hospital.clone(), choice.clone());
                self.on(*incident, |call| call.chosen.push(Chosen { at, hospital, choice }));
            }
            Event::FindingsRecorded { incident, findings, .. } => {
                self.on(*incident, |call| call.found.push((at, findings.clone())));
            }
            Event::ReceptionAnswered {
                incident,
                hospital,
                answer: ReceptionAnswer::Divert { reason },
            } => self.on(*incident, |call| call.refuse(at, hospital, reason)),
            Event::IncidentClosed { incident, outcome } => {
                self.over(*incident, at, End::Closed(*outcome));
            }
            Event::IncidentCancelled { incident, reason } => {
                self.over(*incident, at, End::Cancelled(reason.clone()));
            }
            Event::UnitPosted { unit, station, overrule, .. } => {
                self.n_posts_overruled += u32::from(overrule.is_some());
                self.posts.insert(unit.clone(), station.clone());
            }
            _ => {}
        }
    }

    fn read_input(&mut self, recorded: &Recorded) {
        let is_told = recorded.key.is_some();
        match &recorded.event {
            Event::UnitSignedOn { unit, home, kind, .. } => {
                self.homes.insert(unit.clone(), *home);
                self.kinds.insert(unit.clone(), *kind);
                self.free.insert(unit.clone(), recorded.occurred_at);
                self.posts.remove(unit);
            }
            Event::UnitSignedOff { unit } => drop(self.free.remove(unit)),
            Event::CrewRested { unit, .. } => drop(self.resting.insert(unit.clone())),
            Event::CrewRestEnded { unit } => {
                self.resting.remove(unit);
                if let Some(since) = self.free.get_mut(unit) {
                    *since = recorded.occurred_at;
                }
            }
            Event::PolicySwitched { from, .. } if self.policy.is_none() => {
                self.policy = Some(from.clone());
            }
            Event::UnitAssigned { choice, .. } if self.policy.is_none() => {
                self.policy = Some(choice.policy.clone());
            }
            _ => {}
        }
        // What time itself brings, a rerun brings by itself; but not whatever a centre begins with.
        let is_switch = matches!(recorded.event, Event::PolicySwitched { .. });
        if let Some(command) = input_of(&recorded.event).filter(|_| is_told || is_switch) {
            self.inputs.push((recorded.recorded_at, command));
        }
    }

    fn on(&mut self, incident: IncidentId, change: impl FnOnce(&mut RecordedCall)) {
        if let Some(call) = self.at.get(&incident).and_then(|&idx| self.calls.get_mut(idx)) {
            change(call);
        }
    }

    fn await_unit(&mut self, incident: IncidentId) {
        let mut is_without = false;
        self.on(incident, |call| is_without = call.sent.is_empty());
        if is_without {
            self.waiting.insert(incident);
            self.mark_waiting();
        }
    }

    /// Whoever waits while no ambulance is free has waited for a unit, not for a decision. Drones
    /// and cars that take no patient may be free all the while.
    fn mark_waiting(&mut self) {
        let is_ready = |unit: &UnitId| {
            let kind = self.kinds.get(unit);
            kind.is_some_and(|kind| kind.can_transport()) && !self.resting.contains(unit)
        };
        if !self.free.keys().any(is_ready) {
            for incident in self.waiting.clone() {
                self.on(incident, |call| call.has_waited = true);
            }
        }
    }

    fn assign(
        &mut self,
        at: Timestamp,
        incident: IncidentId,
        unit: &UnitId,
        choice: &Choice<UnitCandidate>,
    ) {
        let free_since = self.free.remove(unit);
        self.waiting.remove(&incident);
        self.mark_waiting();
        let (unit, choice) = (unit.clone(), choice.clone());
        let (steps, free_at) = (BTreeMap::new(), None);
        let after_freed = self.freed_at.map(|freed| at.since(freed).max(Millis::ZERO));
        let sent = Sent { at, unit, choice, steps, free_at, after_freed };
        self.on(incident, |call| {
            // Its unit was there all the time.
            let was_there = free_since.zip(call.triaged_at()).is_some_and(|(free, at)| free <= at);
            call.has_waited &= !(call.sent.is_empty() && was_there);
            call.sent.push(sent);
        });
    }

    fn release(&mut self, at: Timestamp, incident: IncidentId, unit: &UnitId) {
        self.free.insert(unit.clone(), at);
        self.freed_at = Some(at);
        self.on(incident, |call| {
            if let Some(sent) = call.sent.iter_mut().rev().find(|sent| sent.unit == *unit) {
                sent.free_at = Some(at);
            }
        });
    }

    fn step(
        &mut self,
        at: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
        step: UnitStep,
        city: &City,
    ) {
        if matches!(step, UnitStep::ReturnToService | UnitStep::StandDown) {
            self.release(at, incident, unit);
        }
        self.on(incident, |call| {
            if let Some(sent) = call.sent.iter_mut().rev().find(|sent| sent.unit == *unit) {
                sent.steps.entry(step).or_insert(at);
            }
        });
        if step == UnitStep::ReturnHome {
            let known = self.return_of(unit, incident, city);
            self.returns.extend(known);
        }
    }

    fn return_of(&self, unit: &UnitId, incident: IncidentId, city: &City) -> Option<Return> {
        let call = &self.calls[*self.at.get(&incident)?];
        let sent = call.sent.iter().rev().find(|sent| sent.unit == *unit)?;
        let took = sent.steps.get(&UnitStep::ReturnHome)?.since(sent.free_at?);
        let from = if sent.steps.contains_key(&UnitStep::TransferCare) {
            let hospital = &call.chosen.last()?.hospital;
            Place::Hospital(city.hospitals.iter().position(|known| known.id == *hospital)?)
        } else {
            sent.arrived_at().map(|_| Place::Scene(call.call.position))?
        };
        let post = self.posts.get(unit);
        let post = post.and_then(|post| city.stations.iter().find(|known| known.id == *post));
        let to = post.map(|post| post.position).or(self.homes.get(unit).copied())?;
        Some(Return { from, to, took })
    }

    fn over(&mut self, incident: IncidentId, at: Timestamp, end: End) {
        self.waiting.remove(&incident);
        self.on(incident, |call| call.end = Some((at, end)));
    }

    pub(super) fn decides_within(&self) -> Millis {
        let free = self.calls.iter().filter(|call| !call.has_waited);
        let span = |call: &RecordedCall| Some(call.sent.first()?.at.since(call.triaged_at()?));
        let mut spans: Vec<_> = free.filter_map(span).collect();
        spans.sort_unstable();
        spans.get(spans.len() / 2).copied().unwrap_or_default()
    }
}

impl RecordedCall {
    fn refuse(&mut self, at: Timestamp, hospital: &HospitalId, reason: &str) {
        let chosen = self.chosen.iter().rev().find(|chosen| chosen.hospital == *hospital);
        let after = chosen.map_or(Millis::ZERO, |chosen| at.since(chosen.at).max(Millis::ZERO));
        let refusal = Refusal { after, reason: reason.to_owned() };
        self.refusals.insert(hospital.clone(), refusal);
    }
}

fn taken(
    incident: IncidentId,
    taken_at: Timestamp,
    call: &Call,
    suggested: &Priority,
) -> RecordedCall {
    RecordedCall {
        incident,
        taken_at,
        call: call.clone(),
        suggested: suggested.clone(),
        triages: Vec::new(),
        sent: Vec::new(),
        chosen: Vec::new(),
        found: Vec::new(),
        refusals: BTreeMap::new(),
        has_waited: false,
        trims: Vec::new(),
        end: None,
    }
}

/// The command behind an event that no dispatcher decides.
fn input_of(event: &Event) -> Option<Command> {
    Some(match event.clone() {
        Event::UnitSignedOn { unit, kind, home, station, crew, shift_until } => {
            Command::SignOnUnit { unit, kind, home, station, crew, shift_until }
        }
        Event::UnitSignedOff { unit } => Command::SignOffUnit { unit },
        Event::CrewRested { unit, until } => Command::RestCrew { unit, until },
        Event::RangeReported { unit, km } => Command::ReportRange { unit, km },
        Event::CrowdingReported { hospital, crowding } => {
            let (occupied, beds, census) = (crowding.occupied, crowding.beds, crowding.census);
            Command::ReportCrowding { hospital, occupied, beds, census }
        }
        Event::DoorsChanged { hospital, doors: Doors::Diverting { reason, until } } => {
            Command::DivertAmbulances { hospital, reason, until }
        }
        Event::DoorsChanged { hospital, doors: Doors::Open } => Command::OpenDoors { hospital },
        Event::PolicySwitched { to: policy, reason, .. } => {
            Command::SwitchPolicy { policy, reason }
        }
        _ => return None,
    })
}
