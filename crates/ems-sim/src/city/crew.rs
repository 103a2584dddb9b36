//! Crews: from the alert to the way home.
//!
//! A crew acts when its time has come and then waits until the stream tells that the step was
//! taken; the next time counts from there. So a crew always does what its present phase asks for,
//! whatever was lost or refused before.

use ems_model::{
    Command, IncidentId, Millis, Outcome, Phase, Position, StationId, Timestamp, UnitId, UnitKind,
    UnitStep,
};

use super::case::{Case, Destination, Progress};
use super::major::MajorAct;
use super::travel::Place;
use super::{City, Output, Wake};

/// A unit with its crew.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) id: UnitId,
    pub(crate) kind: UnitKind,
    pub(crate) home: Position,
    pub(crate) station: Option<StationId>,
    /// Where it waits instead of at home.
    pub(crate) post: Option<Position>,
    pub(crate) is_on_duty: bool,
    /// The call it is on, and how far it has come with it.
    pub(crate) job: Option<Job>,
    /// The call that it was on before, while it drives home.
    last: Option<IncidentId>,
    /// Calls so far, for the keys of its steps.
    n_jobs: u32,
    pub(crate) place: Place,
}

/// A unit's part in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) incident: IncidentId,
    pub(crate) phase: Phase,
    notified_at: Timestamp,
    was_at_station: bool,
}

/// How long a refused step waits before the crew looks again.
const REPLAN: Millis = Millis::from_secs(10);
/// How often a crew that waits for a hospital looks again.
const POLL: Millis = Millis::from_secs(5);
/// How often a crew that helps looks whether the patient has left.
const HELP: Millis = Millis::from_secs(30);
/// From the end of a case on scene until the crew has packed up.
const PACK_UP: Millis = Millis::from_mins(2);

impl Crew {
    pub(crate) fn new(
        id: UnitId,
        kind: UnitKind,
        home: Position,
        station: Option<StationId>,
    ) -> Self {
        let place = Place::Parked(home);
        let (is_on_duty, post, job, last, n_jobs) = (false, None, None, None, 0);
        Self { id, kind, home, station, post, is_on_duty, job, last, n_jobs, place }
    }

    /// Where it waits while it is free.
    pub(crate) fn waits_at(&self) -> Position {
        self.post.unwrap_or(self.home)
    }

    /// Parks where it says that it has come to.
    fn on_arrival(&mut self, step: UnitStep) {
        match step {
            UnitStep::ArriveOnScene | UnitStep::ArriveAtHospital => self.place.arrive(),
            UnitStep::ReturnHome if self.job.is_none() => {
                self.place.arrive();
                self.last = None;
            }
            _ => {}
        }
    }

    /// When it arrives, if it may not act before.
    fn is_bound_until(&self, now: Timestamp, act: &Act) -> Option<Timestamp> {
        let is_arrival = matches!(
            act,
            Act::Step(UnitStep::ArriveOnScene | UnitStep::ArriveAtHospital | UnitStep::ReturnHome)
                | Act::Major(MajorAct::Step(UnitStep::ArriveAtHospital))
        );
        self.place.arrives_at().filter(|at| is_arrival && now < *at)
    }
}

impl City {
    /// Signs the fleet on, save units that are on duty from an earlier run.
    pub(crate) fn sign_on(&mut self, now: Timestamp) {
        let shift_until = now + hours(self.plan.settings.crew.shift_h);
        let commands = self.crews.values().filter(|crew| !crew.is_on_duty).map(|crew| {
            let (unit, kind, home, station) =
                (crew.id.clone(), crew.kind, crew.home, crew.station.clone());
            let crew = ems_model::CrewId::new(&format!("crew-{unit}"));
            let crew = crew.expect("a call sign is short and plain");
            Command::SignOnUnit { unit, kind, home, station, crew, shift_until }
        });
        for command in commands.collect::<Vec<_>>() {
            let Command::SignOnUnit { unit, .. } = &command else { continue };
            let (what, actor) = (format!("{unit}-sign-on"), format!("unit:{unit}"));
            self.send(now, &what, actor, command);
        }
    }

    pub(crate) fn on_signed_on(&mut self, now: Timestamp, unit: &UnitId, home: Position) {
        let Some(crew) = self.crews.get_mut(unit) else { return };
        crew.is_on_duty = true;
        (crew.job, crew.post) = (None, None);
        (crew.home, crew.place) = (home, Place::Parked(home));
        self.agenda.set(Wake::Position(unit.clone()), now);
    }

    pub(crate) fn on_signed_off(&mut self, unit: &UnitId) {
        let Some(crew) = self.crews.get_mut(unit) else { return };
        crew.is_on_duty = false;
        crew.job = None;
        for wake in
            [Wake::Crew(unit.clone()), Wake::Position(unit.clone()), Wake::Devices(unit.clone())]
        {
            self.agenda.cancel(&wake);
        }
    }

    /// The crew is told of a call, and stops where it is.
    pub(crate) fn on_assigned(&mut self, at: Timestamp, unit: &UnitId, incident: IncidentId) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        self.waiting.remove(&case.turn(incident));
        case.units.insert(unit.clone());
        let Some(crew) = self.crews.get_mut(unit) else { return };
        let position = crew.place.at(at);
        let was_at_station = position == crew.waits_at();
        crew.place = Place::Parked(position);
        crew.n_jobs += 1;
        crew.job = Some(Job { incident, phase: Phase::Notified, notified_at: at, was_at_station });
        let turn_out = match crew.kind {
            UnitKind::Drone => self.reference.flight().set_up,
            _ => turn_out(case, was_at_station),
        };
        let acknowledge = case.chances.acknowledge.min(turn_out);
        self.agenda.set(Wake::Crew(unit.clone()), at + acknowledge);
        let (unit, incident) = (unit.clone(), Some(incident));
        self.outbox.push_back(Output::Assignment { unit, incident });
    }

    /// A step was taken: what it leads to, and when the next is due.
    pub(crate) fn on_stepped(
        &mut self,
        at: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
        step: UnitStep,
    ) {
        if matches!(step, UnitStep::ReturnToService | UnitStep::StandDown) {
            self.on_free(at, unit, incident);
            return;
        }
        let Some(crew) = self.crews.get_mut(unit) else { return };
        crew.on_arrival(step);
        let Some(phase) = phase_after(step) else { return };
        let Some(job) = crew.job.as_mut().filter(|job| job.incident == incident) else { return };
        job.phase = phase;
        let (job, kind) = (*job, crew.kind);
        if phase == Phase::Transporting && !self.scenes.contains_key(&incident) {
            self.on_left(at, incident);
        }
        let helps = self.helps(unit, incident);
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let act_at = match phase {
            Phase::Acknowledged if kind == UnitKind::Drone => {
                at.max(job.notified_at + self.reference.flight().set_up)
            }
            Phase::Acknowledged => at.max(job.notified_at + turn_out(case, job.was_at_station)),
            Phase::EnRoute => {
                let (goal, factor) = (case.position, case.chances.to_scene);
                self.depart(at, unit, goal, factor)
            }
            Phase::AtPatient | Phase::OnScene if self.scenes.contains_key(&incident) => {
                at + case.chances.walk
            }
            Phase::Transporting if self.scenes.contains_key(&incident) => {
                self.depart_with_casualties(at, unit, incident)
            }
            Phase::OnScene if helps => at + HELP,
            Phase::OnScene => at + case.chances.walk,
            Phase::AtPatient => self.start_care(at, unit, incident),
            Phase::Transporting => self.depart_for_hospital(at, unit, incident),
            Phase::AtHospital => at + case.chances.hand_over,
            Phase::CareTransferred => {
                self.agenda.cancel(&Wake::Devices(unit.clone()));
                let unassigned = Output::Assignment { unit: unit.clone(), incident: None };
                self.outbox.push_back(unassigned);
                at + case.chances.clear
            }
            Phase::Notified | Phase::Staged | Phase::CareHandedOn | Phase::AtLandingArea => {
                at + REPLAN
            }
        };
        self.agenda.set(Wake::Crew(unit.clone()), act_at);
    }

    /// The crew does what its phase asks for, once it is where that is done.
    pub(crate) fn act_as_crew(&mut self, now: Timestamp, unit: &UnitId) {
        let Some(crew) = self.crews.get(unit) else { return };
        let Some((incident, act)) = self.next_act(unit, crew) else { return };
        if let Some(arrives_at) = crew.is_bound_until(now, &act) {
            self.agenda.set(Wake::Crew(unit.clone()), arrives_at);
            return;
        }
        match act {
            Act::Step(step) => self.step(now, unit, incident, step),
            Act::Major(act) => self.act_on_scene(now, unit, incident, &act),
            Act::Release => self.release(now, unit, incident),
            Act::Help => self.agenda.set(Wake::Crew(unit.clone()), now + HELP),
            Act::Wait => {
                self.look_for_hospital(now, incident);
                self.agenda.set(Wake::Crew(unit.clone()), now + POLL);
            }
        }
    }

    fn next_act(&self, unit: &UnitId, crew: &Crew) -> Option<(IncidentId, Act)> {
        let Some(job) = crew.job else {
            return Some((crew.last?, Act::Step(UnitStep::ReturnHome)));
        };
        if let Some(act) = self.major_act(unit, job.incident, job.phase) {
            return Some((job.incident, Act::Major(act)));
        }
        let case = self.cases.get(&job.incident)?;
        let helps = self.helps(unit, job.incident);
        Some((job.incident, next_act(crew, &job, case, helps)))
    }

    /// Whether a unit on scene leaves the patient to another crew, or has no crew to care.
    fn helps(&self, unit: &UnitId, incident: IncidentId) -> bool {
        let kind = |unit: &UnitId| self.crews.get(unit).map(|crew| crew.kind);
        let Some(own) = kind(unit).filter(|kind| kind.is_crewed()) else { return true };
        let carer = self.cases.get(&incident).and_then(|case| case.carer.as_ref());
        let carer = carer.filter(|carer| *carer != unit).and_then(kind);
        carer.is_some_and(|carer| (carer.can_transport(), carer) >= (own.can_transport(), own))
    }

    /// The patient leaves: who helped packs up, who is on the way turns back.
    fn on_left(&mut self, at: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        case.progress = Progress::Left;
        self.short.remove(&case.turn(incident));
        self.clear_scene(at, incident);
    }

    /// A step was refused: the crew looks again in a while.
    pub(crate) fn replan(&mut self, now: Timestamp, unit: &UnitId) {
        if self.crews.get(unit).is_some_and(|crew| crew.job.is_some()) {
            self.agenda.set(Wake::Crew(unit.clone()), now + REPLAN);
        }
    }

    /// The case is over: crews that are still on scene pack up, and those on the way turn back.
    pub(crate) fn clear_scene(&mut self, at: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident) else { return };
        for unit in &case.units {
            let phase = self.crews.get(unit).and_then(|crew| crew.job).map(|job| job.phase);
            if phase.is_some_and(|phase| phase < Phase::Transporting) {
                self.agenda.set(Wake::Crew(unit.clone()), at + PACK_UP);
                self.agenda.cancel(&Wake::Devices(unit.clone()));
            }
        }
    }

    /// The patient on the road is taken to the hospital that is now the chosen one.
    pub(crate) fn turn_towards_hospital(&mut self, at: Timestamp, incident: IncidentId) {
        let Some(unit) = self.cases.get(&incident).and_then(|case| case.carer.clone()) else {
            return;
        };
        let phase = self.crews.get(&unit).and_then(|crew| crew.job).map(|job| job.phase);
        if phase == Some(Phase::Transporting) {
            let act_at = self.depart_for_hospital(at, &unit, incident);
            self.agenda.set(Wake::Crew(unit), act_at);
        }
    }

    pub(crate) fn report_position(&mut self, now: Timestamp, unit: &UnitId) {
        let Some(crew) = self.crews.get(unit).filter(|crew| crew.is_on_duty) else { return };
        let settings = &self.plan.settings.crew;
        let period = if crew.place.is_moving(now) {
            settings.position_driving_s
        } else {
            settings.position_waiting_s
        };
        let position = crew.place.at(now);
        self.outbox.push_back(Output::Position { unit: unit.clone(), at: now, position });
        self.agenda.set(Wake::Position(unit.clone()), now + secs(period));
    }

    /// The unit is free again, and drives home.
    fn on_free(&mut self, at: Timestamp, unit: &UnitId, incident: IncidentId) {
        self.leave_case(at, unit, incident);
        let Some(crew) = self.crews.get_mut(unit) else { return };
        crew.job = None;
        crew.last = Some(incident);
        self.agenda.cancel(&Wake::Devices(unit.clone()));
        self.outbox.push_back(Output::Assignment { unit: unit.clone(), incident: None });
        self.drive_home(at, unit);
        self.serve_waiting(at);
    }

    fn start_care(&mut self, at: Timestamp, unit: &UnitId, incident: IncidentId) -> Timestamp {
        if self.helps(unit, incident) {
            return at + HELP;
        }
        let Some(case) = self.cases.get_mut(&incident) else { return at };
        case.pass_to(Some(unit.clone()));
        case.body.start_care(at);
        let (connected, assessed) = (at + case.chances.connect, at + case.chances.assess);
        let done = *case.care_ends.get_or_insert(at + case.chances.on_scene);
        let (done, is_released) = (done.max(at), case.chances.is_released);
        self.agenda.set(Wake::Devices(unit.clone()), connected);
        let found = at + Millis::new(case.chances.assess.get() / 2);
        self.agenda.set(Wake::Findings(incident), found.min(done));
        if !is_released && !case.has_destination() {
            self.agenda.set(Wake::ChooseHospital(incident), assessed.min(done));
        }
        done
    }

    fn depart_for_hospital(
        &mut self,
        at: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
    ) -> Timestamp {
        let Some(case) = self.cases.get(&incident) else { return at };
        let factor = case.chances.to_hospital;
        let hospitals = self.pack.hospitals.iter();
        let goal = match &case.destination {
            Destination::Open => None,
            Destination::Chosen(id) | Destination::Refused(id) => {
                hospitals.into_iter().find(|it| it.id == *id)
            }
        };
        match goal.map(|it| it.position) {
            Some(goal) => self.depart(at, unit, goal, factor),
            None => at + POLL,
        }
    }

    /// Drives off, and says when it will be there.
    pub(crate) fn depart(
        &mut self,
        at: Timestamp,
        unit: &UnitId,
        goal: Position,
        factor: f64,
    ) -> Timestamp {
        let Some(crew) = self.crews.get_mut(unit) else { return at };
        let from = crew.place.at(at);
        crew.place = if from == goal {
            Place::Parked(goal)
        } else if crew.kind == UnitKind::Drone {
            let takes = self.reference.flight().time(from.metres_to(goal));
            Place::Flying { from, goal, started_at: at, arrives_at: at + takes }
        } else {
            let roads = self.plan.driven.as_ref().unwrap_or(&self.pack.roads);
            Place::drive(roads, from, goal, at, factor)
        };
        let driving = secs(self.plan.settings.crew.position_driving_s);
        self.agenda.set(Wake::Position(unit.clone()), at + driving);
        if at < self.plan.start {
            // An earlier run's drive: whether it has ended is asked when this run starts.
            return at;
        }
        crew.place.arrives_at().unwrap_or(at).max(at)
    }

    fn release(&mut self, now: Timestamp, unit: &UnitId, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident) else { return };
        let what = format!("{}-close", case.label);
        let outcome =
            if case.is_out_of_reach { Outcome::RemoteCare } else { Outcome::TreatedOnScene };
        let command = Command::CloseIncident { incident, outcome };
        self.send(now, &what, format!("unit:{unit}"), command);
        self.agenda.set(Wake::Crew(unit.clone()), now + REPLAN);
    }

    pub(crate) fn step(
        &mut self,
        now: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
        step: UnitStep,
    ) {
        let Some(crew) = self.crews.get(unit) else { return };
        let name = step.to_string().replace(' ', "-");
        let what = format!("incident{incident}-{unit}-{}-{name}", crew.n_jobs);
        let command = Command::StepUnit { unit: unit.clone(), incident, step, at: now };
        self.send(now, &what, format!("unit:{unit}"), command);
    }
}

/// What a crew does when its time has come.
enum Act {
    Step(UnitStep),
    /// The patient stays at home.
    Release,
    /// For the crew that cares to leave with the patient.
    Help,
    /// For a hospital that takes the patient.
    Wait,
    /// What is done where there are many casualties.
    Major(MajorAct),
}

fn next_act(crew: &Crew, job: &Job, case: &Case, helps: bool) -> Act {
    use UnitStep as S;
    let is_carer = case.carer.as_ref().is_none_or(|carer| *carer == crew.id);
    let is_needless = case.is_over() || (case.has_left() && !is_carer);
    Act::Step(match job.phase {
        Phase::Notified | Phase::Acknowledged | Phase::EnRoute | Phase::Staged if is_needless => {
            S::StandDown
        }
        Phase::OnScene | Phase::AtPatient if is_needless => S::ReturnToService,
        Phase::OnScene if !crew.kind.is_crewed() && case.carer.is_some() => S::ReturnToService,
        Phase::OnScene if helps => return Act::Help,
        Phase::AtPatient if !is_carer => return Act::Help,
        Phase::Notified => S::Acknowledge,
        Phase::Acknowledged => S::GoEnRoute,
        Phase::EnRoute | Phase::Staged => S::ArriveOnScene,
        Phase::OnScene => S::ReachPatient,
        Phase::AtPatient if stays(case) => return Act::Release,
        Phase::AtPatient if !crew.kind.can_transport() => return Act::Help,
        Phase::AtPatient | Phase::Transporting | Phase::AtLandingArea
            if !case.has_destination() =>
        {
            return Act::Wait;
        }
        Phase::AtPatient => S::LeaveScene,
        Phase::Transporting | Phase::AtLandingArea => S::ArriveAtHospital,
        Phase::AtHospital => S::TransferCare,
        Phase::CareHandedOn | Phase::CareTransferred => S::ReturnToService,
    })
}

/// Whether the patient is not taken anywhere.
fn stays(case: &Case) -> bool {
    let is_released = case.chances.is_released && case.destination == Destination::Open;
    is_released || case.is_out_of_reach
}

/// The phase that a step leads to while the unit stays engaged.
fn phase_after(step: UnitStep) -> Option<Phase> {
    Some(match step {
        UnitStep::Acknowledge => Phase::Acknowledged,
        UnitStep::GoEnRoute => Phase::EnRoute,
        UnitStep::Stage => Phase::Staged,
        UnitStep::ArriveOnScene => Phase::OnScene,
        UnitStep::ReachPatient => Phase::AtPatient,
        UnitStep::HandCareOn => Phase::CareHandedOn,
        UnitStep::LeaveScene => Phase::Transporting,
        UnitStep::ReachLandingArea => Phase::AtLandingArea,
        UnitStep::ArriveAtHospital => Phase::AtHospital,
        UnitStep::TransferCare => Phase::CareTransferred,
        UnitStep::ReturnToService
        | UnitStep::StandDown
        | UnitStep::ReturnHome
        | UnitStep::CompleteCall => return None,
    })
}

fn turn_out(case: &Case, was_at_station: bool) -> Millis {
    if was_at_station { case.chances.turn_out_at_station } else { case.chances.turn_out_on_road }
}

fn secs(secs: u32) -> Millis {
    Millis::from_secs(secs.into())
}

fn hours(hours: u32) -> Millis {
    Millis::from_mins(60 * i64::from(hours))
}
