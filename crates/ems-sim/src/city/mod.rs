//! The living city: callers, dispatchers, crews, patients and hospitals, seen from outside the
//! centre.
//!
//! It knows of the centre only what the public stream tells ([`City::on_event`]) and acts only
//! through public requests. Whoever acts waits until the stream confirms the step, so an answer
//! that is lost, a refusal or a restart of the centre leads to the same course, later.

mod agenda;
mod case;
mod client;
mod crew;
mod devices;
mod dispatcher;
mod findings;
mod fleet;
mod major;
mod posts;
mod response;
mod staff;
mod travel;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ems_device::{EcgChunk, VitalsReading};
use ems_dispatch::Reference;
use ems_model::{
    Call, CasualtyPlace, Command, Event, HospitalCandidate, HospitalId, IncidentId, Millis,
    Position, Private, Recorded, Request, Response, TaskId, Timestamp, UnitCandidate, UnitId,
};

pub use agenda::Wake;
pub(crate) use dispatcher::best_hospital;
pub use major::MajorPlan;

use ems_roads::Roads;

use crate::calls::{CallSource, Calls, PlannedCall, check_cards, interview};
use crate::ecg::Recording;
use crate::mix::Mix;
use crate::people::Chances;
use crate::settings::{Settings, SettingsError};
use agenda::Agenda;
use case::Case;
use client::Client;
use crew::Crew;
use staff::{Staff, TaskWork};

/// Who does a piece of work in a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The simulated city does it.
    Auto,
    /// People at a console do it.
    Manual,
}

/// What a city is told when it starts.
#[derive(Debug, Clone)]
pub struct CityPlan {
    /// Decides calls, patients and chances.
    pub seed: u64,
    /// Tells runs on one log apart: part of every command's key where it is not 0.
    pub run: u64,
    /// Units of the fleet, 1..=5000.
    pub n_units: usize,
    /// When the rehearsal starts.
    pub start: Timestamp,
    /// Who calls.
    pub calls: CallSource,
    /// Who triages and sends units.
    pub dispatcher: Mode,
    /// Who answers announced patients, does their tasks and cares from afar. How full they are,
    /// hospitals say by themselves in any case.
    pub hospitals: Mode,
    /// How people and devices behave.
    pub settings: Settings,
    /// What people call about.
    pub mix: Arc<Mix>,
    /// The roads at the speeds that are truly driven; `None` for those of the pack.
    pub driven: Option<Arc<Roads>>,
    /// Real waveforms to play instead of the model's, one a patient in turn; may be empty.
    pub recordings: Vec<Recording>,
    /// Whether devices send waveforms at all.
    pub has_ecg: bool,
    /// A major incident that happens on the way.
    pub major: Option<MajorPlan>,
}

impl CityPlan {
    /// Thirty units, Poisson calls, nobody but the simulation, the shipped files, model ECGs.
    pub fn new(seed: u64, start: Timestamp) -> Self {
        Self {
            seed,
            run: 0,
            n_units: 30,
            start,
            calls: CallSource::Poisson { per_hour: None },
            dispatcher: Mode::Auto,
            hospitals: Mode::Auto,
            settings: Settings::standard(),
            mix: Arc::new(Mix::standard()),
            driven: None,
            recordings: Vec::new(),
            has_ecg: true,
            major: None,
        }
    }
}

/// What the city wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send this to the centre.
    Command(Request),
    /// Ask the centre for its recommendation about an incident.
    AskRecommendation(IncidentId),
    /// A unit's position, for its uplink.
    Position {
        /// Whose.
        unit: UnitId,
        /// When.
        at: Timestamp,
        /// Where.
        position: Position,
    },
    /// Numbers that a unit's devices measured, for its gateway.
    Reading {
        /// Whose.
        unit: UnitId,
        /// What.
        reading: VitalsReading,
    },
    /// A waveform that a unit's devices measured, for its gateway.
    Ecg {
        /// Whose.
        unit: UnitId,
        /// What.
        chunk: EcgChunk,
    },
    /// The incident that a unit is with now, for its gateway.
    Assignment {
        /// Whose.
        unit: UnitId,
        /// Which, if any.
        incident: Option<IncidentId>,
    },
}

/// What the centre recommends about an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The version of the incident that was looked at.
    pub version: u32,
    /// Units, best first.
    pub units: Vec<UnitCandidate>,
    /// Who should take the places of the run card; `None` once the patient has left the scene.
    pub response: Option<Response>,
    /// Hospitals, best first.
    pub hospitals: Vec<HospitalCandidate>,
    /// Where the casualties of a major incident go.
    pub places: Vec<CasualtyPlace>,
}

impl From<&ems_centre::Recommendation> for Advice {
    fn from(recommendation: &ems_centre::Recommendation) -> Self {
        Self {
            version: recommendation.version,
            units: recommendation.units.clone(),
            response: recommendation.response.clone(),
            hospitals: recommendation.hospitals.clone(),
            places: recommendation.places.clone(),
        }
    }
}

pub(crate) type Outbox = VecDeque<Output>;

/// The most commands, questions and device messages that wait for the host.
const OUTBOX_MAX: usize = 1_000_000;
/// Dispatchers and call-takers of the simulation.
const DISPATCHER: &str = "dispatcher:twin";

/// The living city.
#[derive(Debug)]
pub struct City {
    plan: CityPlan,
    pack: Arc<ems_centre::City>,
    reference: Arc<Reference>,
    calls: Calls,
    /// The call that rings next.
    upcoming: Option<PlannedCall>,
    /// Calls being taken, by index.
    ringing: BTreeMap<u64, PlannedCall>,
    /// The key of each call being taken.
    taking: BTreeMap<String, u64>,
    cases: BTreeMap<IncidentId, Case>,
    /// The incident of the major incident's own call.
    major_call: Option<IncidentId>,
    scenes: BTreeMap<IncidentId, major::Scene>,
    /// Triaged cases without a unit to send: most urgent first, then the longest wait.
    waiting: BTreeSet<(u8, Timestamp, IncidentId)>,
    /// Cases with units that still lack one which their run card needs, in the same order.
    short: BTreeSet<(u8, Timestamp, IncidentId)>,
    crews: BTreeMap<UnitId, Crew>,
    staff: BTreeMap<HospitalId, Staff>,
    tasks: BTreeMap<TaskId, TaskWork>,
    last_seq: u64,
    agenda: Agenda,
    client: Client,
    outbox: Outbox,
}

impl City {
    /// A city that will act from `plan.start` on.
    pub fn new(
        plan: CityPlan,
        pack: Arc<ems_centre::City>,
        reference: Arc<Reference>,
    ) -> Result<Self, SettingsError> {
        check_cards(&plan.mix, &reference)?;
        if let CallSource::Listed(list) = &plan.calls {
            list.check_on(&pack.roads)?;
        }
        let mut calls =
            Calls::new(plan.seed, plan.calls.clone(), &plan.settings, Arc::clone(&plan.mix));
        let mut agenda = Agenda::default();
        agenda.set(Wake::Start, plan.start);
        let upcoming = calls.next_call(&pack.roads);
        if let Some(call) = &upcoming {
            agenda.set(Wake::CallRings, plan.start + call.rings_after);
        }
        let client = Client::new(plan.seed, plan.run, &plan.settings.client);
        let mut city = Self {
            crews: fleet::fleet(&plan, &pack),
            staff: staff::staff(&plan, &pack),
            calls,
            upcoming,
            ringing: BTreeMap::new(),
            taking: BTreeMap::new(),
            cases: BTreeMap::new(),
            major_call: None,
            scenes: BTreeMap::new(),
            waiting: BTreeSet::new(),
            short: BTreeSet::new(),
            tasks: BTreeMap::new(),
            last_seq: 0,
            agenda,
            client,
            outbox: Outbox::new(),
            plan,
            pack,
            reference,
        };
        city.plan_major();
        Ok(city)
    }

    /// The units of its fleet, by call sign.
    pub fn units(&self) -> impl Iterator<Item = &UnitId> {
        self.crews.keys()
    }

    /// The last event that it was told, 0 for none.
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Where a unit of the fleet is.
    pub fn position_of(&self, now: Timestamp, unit: &UnitId) -> Option<Position> {
        self.crews.get(unit).map(|crew| crew.place.at(now))
    }

    /// Takes an event of the public stream; give all of them from the first on, in order. One that
    /// comes again changes nothing. On a log that others began, give all of it before the city
    /// wakes: it goes on from there.
    pub fn on_event(&mut self, now: Timestamp, recorded: &Recorded) {
        if recorded.seq <= self.last_seq {
            return;
        }
        self.last_seq = recorded.seq;
        let at = recorded.occurred_at;
        match &recorded.event {
            Event::CallReceived { incident, call, suggested, .. } => {
                self.open_case(at, recorded.key.as_deref(), *incident, call, suggested);
            }
            Event::IncidentTriaged { incident, priority, .. } => {
                self.on_triaged(at, *incident, priority);
                self.declare(now, *incident);
            }
            Event::UnitSignedOn { unit, home, .. } => self.on_signed_on(now, unit, *home),
            Event::UnitSignedOff { unit } => self.on_signed_off(unit),
            Event::UnitAssigned { incident, unit, .. } => self.on_assigned(at, unit, *incident),
            Event::UnitStepped { unit, incident, step } => {
                self.on_stepped(at, unit, *incident, *step);
            }
            Event::HospitalChosen { incident, hospital, .. } => {
                self.on_hospital_chosen(at, *incident, hospital);
            }
            Event::ReceptionRequested { incident, hospital, tasks, .. } => {
                self.on_reception_requested(at, *incident, hospital, tasks);
            }
            Event::ReceptionAnswered { incident, hospital, answer } => {
                self.on_reception_answered(at, *incident, hospital, answer);
            }
            Event::ReceptionWithdrawn { incident, .. } => self.on_reception_withdrawn(*incident),
            Event::TaskStepped { task, step, .. } => self.on_task_stepped(at, *task, *step),
            Event::DoorsChanged { hospital, doors } => self.on_doors(hospital, doors),
            Event::RemoteCareProposed { incident, .. } => self.on_remote_care(at, *incident),
            Event::RemoteCareAnswered { incident, .. } => self.on_remote_care_answered(*incident),
            Event::IncidentClosed { incident, .. } | Event::IncidentCancelled { incident, .. } => {
                self.on_over(at, *incident);
            }
            Event::MajorIncident { incident, what } => self.on_major(now, *incident, what),
            Event::CrewRestEnded { .. } => self.serve_waiting(now),
            Event::UnitDiverted { incident, unit, .. } => {
                self.on_diverted_unit(at, unit, *incident);
            }
            Event::UnitPosted { unit, station, .. } => self.on_posted(at, unit, station),
            Event::ExchangeProposed { incident, unit, instead_of, .. } => {
                self.on_exchange_proposed(now, *incident, unit, instead_of);
            }
            Event::PolicySwitched { .. }
            | Event::CrewRested { .. }
            | Event::EtaRevised { .. }
            | Event::TasksMoved { .. }
            | Event::CrowdingReported { .. }
            | Event::AlarmReported { .. }
            | Event::FindingsRecorded { .. }
            | Event::SurgeDeclared { .. }
            | Event::Aid { .. }
            | Event::ResponseTrimmed { .. }
            | Event::AlarmAcknowledged { .. }
            | Event::CameraRecorded { .. }
            | Event::RangeReported { .. } => {}
        }
    }

    /// Takes the centre's answer to a command: `Ok` for any acknowledgement, or the API's error
    /// code. A request without answer is sent again by itself.
    pub fn on_answer(&mut self, now: Timestamp, key: &str, answer: Result<(), &str>) {
        match self.client.on_answer(key, answer, &mut self.agenda) {
            Some(Command::TakeCall { .. }) => {
                if let Some(idx) = self.taking.remove(key) {
                    self.ringing.remove(&idx);
                }
            }
            Some(
                Command::AssignUnit { incident, .. }
                | Command::DivertUnit { incident, .. }
                | Command::SendResponse { incident, .. },
            ) => self.look_again(now, incident),
            Some(Command::ChooseHospital { incident, .. }) => {
                self.plan_for(now, incident, Wake::ChooseHospital(incident));
            }
            Some(Command::StepUnit { unit, .. }) => self.replan(now, &unit),
            Some(Command::StepTask { task, .. }) => drop(self.tasks.remove(&task)),
            _ => {}
        }
    }

    /// Does what time asks for; early calls do nothing.
    pub fn on_wake(&mut self, now: Timestamp) {
        while let Some((at, wake)) = self.agenda.pop_due(now) {
            match wake {
                Wake::Start => {
                    self.sign_on(now);
                    self.start_reports(now);
                }
                Wake::CallRings => self.ring(at),
                Wake::CallTaken(idx) => self.take_call(now, idx),
                Wake::MajorRings => self.ring_major(at),
                Wake::Major(incident) => self.look_at_scene(now, incident),
                Wake::Triage(incident) => self.triage(now, incident),
                Wake::Dispatch(incident) => self.look_for_unit(now, incident),
                Wake::ChooseHospital(incident) => self.look_for_hospital(now, incident),
                Wake::Expert(incident) => self.answer_as_expert(now, incident),
                Wake::Crew(unit) => self.act_as_crew(now, &unit),
                Wake::Position(unit) => self.report_position(now, &unit),
                Wake::Devices(unit) => self.measure(now, at, &unit),
                Wake::Reception(incident) => self.answer_reception(now, incident),
                Wake::Task(task) => self.work_on_task(now, task),
                Wake::Crowding(hospital) => self.report_crowding(now, &hospital),
                Wake::Retry(key) => {
                    self.client.retry(now, &key, &mut self.agenda, &mut self.outbox);
                }
                Wake::Findings(incident) => {
                    self.record_findings(now, incident);
                    self.trim_response(now, incident);
                }
                Wake::AskAgain(incident) => {
                    self.client.ask_again(now, incident, &mut self.agenda, &mut self.outbox);
                }
            }
        }
        assert!(self.outbox.len() <= OUTBOX_MAX, "the host polls outputs after each call");
    }

    /// What to do next; poll after each of the other calls until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop_front()
    }

    /// When the city wants to wake next, and why.
    pub fn next_wake(&self) -> Option<(Timestamp, Wake)> {
        self.agenda.next()
    }

    /// A phone rings: somebody answers and asks, and the next call is planned.
    fn ring(&mut self, now: Timestamp) {
        let Some(call) = self.upcoming.take() else { return };
        let chances = self.chances(call.idx, &call.complaint, call.severity);
        let taken_at = now + chances.answer + chances.question;
        self.agenda.set(Wake::CallTaken(call.idx), taken_at);
        self.ringing.insert(call.idx, call);
        self.upcoming = self.calls.next_call(&self.pack.roads);
        if let Some(call) = &self.upcoming {
            self.agenda.set(Wake::CallRings, self.plan.start + call.rings_after);
        }
    }

    fn take_call(&mut self, now: Timestamp, idx: u64) {
        let Some(planned) = self.ringing.get(&idx) else { return };
        let rang_at = self.plan.start + planned.rings_after;
        let answered_after = self.chances(planned.idx, &planned.complaint, planned.severity).answer;
        let answers = interview(&self.reference, &planned.complaint, planned.severity, planned.age);
        let call = Call {
            position: planned.position,
            address: planned.address.clone(),
            caller: Some(Private::new(format!("caller {}", idx + 1))),
            complaint: planned.complaint.clone(),
            answers,
            age: Some(planned.age),
            rang_at,
            answered_at: Some(rang_at + answered_after),
        };
        let what = format!("call{idx}-take");
        let key = self.send(
            now,
            &what,
            DISPATCHER.to_owned(),
            Command::TakeCall { call, priority: None },
        );
        self.taking.insert(key, idx);
    }

    fn chances(&self, idx: u64, complaint: &str, severity: crate::mix::Severity) -> Chances {
        let complaint = self.plan.mix.get(complaint);
        Chances::draw(self.plan.seed, idx, &self.plan.settings, complaint, severity)
    }

    fn send(&mut self, now: Timestamp, what: &str, actor: String, command: Command) -> String {
        self.client.send(now, what, actor, command, &mut self.agenda, &mut self.outbox)
    }

    /// Plans a decision about a case after a pause for thought.
    fn plan_for(&mut self, now: Timestamp, incident: IncidentId, wake: Wake) {
        if let Some(case) = self.cases.get(&incident) {
            let again: Millis = case.chances.again;
            self.agenda.set(wake, now + again);
        }
    }
}
