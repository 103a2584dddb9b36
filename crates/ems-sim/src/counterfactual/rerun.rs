//! A recorded day once more: the same calls, shifts, hospitals and durations, decided by the centre
//! itself under a policy.

mod crew;
mod sending;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use ems_centre::{Accepted, Centre, CentreConfig, City, CityTraffic};
use ems_dispatch::Reference;
use ems_model::{
    Command, Event, HospitalCandidate, HospitalId, IncidentId, Millis, NoUnit, Position, Recorded,
    Request, Timestamp, UnitCandidate, UnitId, UnitKind, UnitStep,
};
use ems_roads::Traffic;

use super::day::{End, Place, RecordedDay, factor};
use super::report::{Assumed, Progress};
use super::whereabouts::{Driver, Way, drive_by, times};

/// Whose decisions a rerun follows.
#[derive(Debug, Clone)]
pub(super) enum Under {
    /// The policies that the log had in force, each in its time.
    Recorded,
    /// This one, all the time.
    Policy(String),
}

/// What a rerun came to for a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    /// The first decision: what was on the table, best first, and what was taken.
    pub(super) decided: Option<Decision>,
    /// The unit that brought the patient, else the one that came first, else the last one sent.
    pub(super) unit: Option<UnitId>,
    pub(super) sent_at: Option<Timestamp>,
    /// Where that unit was when it was sent.
    pub(super) sent_from: Option<Position>,
    pub(super) arrived_at: Option<Timestamp>,
    pub(super) hospital: Option<HospitalId>,
    /// All that were weighed when the last hospital was chosen, best first.
    pub(super) hospitals: Vec<HospitalCandidate>,
    pub(super) door_at: Option<Timestamp>,
    pub(super) assumed: BTreeSet<Assumed>,
    /// How often its unit was taken from it.
    pub(super) n_diverted: u32,
}

/// Units that were chosen for the places of a run card, with all that were weighed.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) at: Timestamp,
    /// Each place with its unit, in the card's order; some.
    pub(super) sent: Vec<(String, UnitId)>,
    /// Places that nobody takes, with the reason.
    pub(super) empty: Vec<(String, NoUnit)>,
    pub(super) policy: String,
    pub(super) table: Vec<UnitCandidate>,
    /// The call that each unit had been with before.
    pub(super) last: BTreeMap<UnitId, IncidentId>,
}

impl Decision {
    /// The unit in the first place that was filled.
    pub(super) fn first(&self) -> Option<&UnitId> {
        self.sent.first().map(|(_, unit)| unit)
    }
}

/// A rerun's result: a course for each recorded call, in their order.
#[derive(Debug)]
pub(super) struct Rerun {
    pub(super) courses: Vec<Course>,
    /// What the centre refused: it would not have come to that.
    pub(super) n_refused: u32,
}

/// Something that is due.
#[derive(Debug)]
enum Act {
    Input(usize),
    Take(usize),
    Triage(usize, usize),
    Decide(usize),
    Cancel(usize),
    /// Of a call, if it still has the unit that it had.
    Crew(usize, u32, Next),
    /// Of a call, if it is not over.
    Scene(usize, Next),
}

#[derive(Debug)]
enum Next {
    GoEnRoute,
    Arrive,
    /// Tells what the crew found, by its place among the recorded findings.
    Tell(usize),
    ChooseHospital,
    Refuse(HospitalId),
    Leave,
    Door(u32),
    HandOver,
    Release,
    Clear,
    /// A crew on scene sends units back, by its place among the recorded words.
    Trim(usize),
    GoFree,
}

/// A unit on a call.
#[derive(Debug, Clone)]
struct Hand {
    unit: UnitId,
    kind: UnitKind,
    /// Tells apart what another unit on the call, or the same one earlier, had planned.
    turn: u32,
    /// The place of the run card that it takes.
    slot: String,
    /// The unit of the log whose times it takes, by its place there.
    recorded: Option<usize>,
    sent_at: Timestamp,
    sent_from: Position,
    /// The drive to the scene that it was sent for.
    drive: Millis,
    is_there: bool,
}

/// A call as it is lived.
#[derive(Debug, Default)]
struct Case {
    incident: Option<IncidentId>,
    hands: Vec<Hand>,
    /// Counts units.
    n_turns: u32,
    /// Counts decisions that sent units.
    n_responses: usize,
    /// Counts drives to hospital.
    n_legs: u32,
    /// When the first crew was on scene.
    reached_at: Option<Timestamp>,
    /// When the patient is to leave with the first that can take them.
    leaves_at: Option<Timestamp>,
    /// The turn of the unit that has the patient on board.
    carrier: Option<u32>,
    rank: u8,
    is_over: bool,
}

impl Case {
    fn hand(&self, turn: u32) -> Option<&Hand> {
        self.hands.iter().find(|hand| hand.turn == turn)
    }
}

struct Engine<'a> {
    day: &'a RecordedDay,
    city: &'a Arc<City>,
    centre: Centre,
    under: &'a Under,
    homeward: f64,
    agenda: BTreeMap<(Timestamp, u64), Act>,
    n_acts: u64,
    drivers: BTreeMap<UnitId, Driver>,
    cases: Vec<Case>,
    /// The place of each call among the recorded ones.
    places: BTreeMap<IncidentId, usize>,
    courses: Vec<Course>,
    /// Most urgent first, then who has waited longest.
    waiting: BTreeSet<(u8, Timestamp, usize)>,
    /// Calls with units that still lack one which their run card needs, in the same order.
    short: BTreeSet<(u8, Timestamp, usize)>,
    n_refused: u32,
    n_keys: u64,
}

/// How much longer ways home take than by the roads' times under way to a call: the median of those
/// that the log tells from end to end, with their number.
pub(super) fn homeward(day: &RecordedDay, city: &City) -> (f64, usize) {
    let known = day.returns.iter().take(RETURNS_MAX).filter_map(|known| {
        let from = match known.from {
            Place::Scene(position) => position,
            Place::Hospital(idx) => city.hospitals[idx].position,
        };
        factor(known.took, drive_by(&city.roads, from, known.to)?)
    });
    let mut factors: Vec<_> = known.collect();
    factors.sort_by(f64::total_cmp);
    let n = factors.len();
    (factors.get(n / 2).copied().unwrap_or(1.0), n)
}

/// The age up to which a position is trusted, by the shipped policies: so long may a unit have
/// driven since it told where it was.
const UNSEEN: Millis = Millis::from_secs(30);
/// Ways home that are looked up at most.
const RETURNS_MAX: usize = 500;

/// Runs the day again.
pub(super) fn rerun(
    day: &RecordedDay,
    city: &Arc<City>,
    reference: &Reference,
    under: &Under,
    homeward: f64,
    tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> ControlFlow<(), Rerun> {
    let first = match under {
        Under::Recorded => day.policy.as_deref(),
        Under::Policy(name) => Some(name.as_str()),
    };
    let reference = first
        .and_then(|first| reference.clone().beginning_with(first).ok())
        .unwrap_or_else(|| reference.clone());
    let config = CentreConfig { reference: Arc::new(reference) };
    let mut engine = Engine {
        day,
        city,
        centre: Centre::new(config, Arc::clone(city)),
        under,
        homeward,
        agenda: BTreeMap::new(),
        n_acts: 0,
        drivers: BTreeMap::new(),
        cases: day.calls.iter().map(|_| Case::default()).collect(),
        places: BTreeMap::new(),
        courses: vec![Course::default(); day.calls.len()],
        waiting: BTreeSet::new(),
        short: BTreeSet::new(),
        n_refused: 0,
        n_keys: 0,
    };
    engine.plan();
    engine.run(tell)?;
    ControlFlow::Continue(Rerun { courses: engine.courses, n_refused: engine.n_refused })
}

impl Engine<'_> {
    fn plan(&mut self) {
        let day = self.day;
        for (idx, (at, _)) in day.inputs.iter().enumerate() {
            self.set(*at, Act::Input(idx));
        }
        for (idx, call) in day.calls.iter().enumerate() {
            self.set(call.taken_at, Act::Take(idx));
            for (nth, triaged) in call.triages.iter().enumerate() {
                self.set(triaged.at, Act::Triage(idx, nth));
            }
            if let Some((at, End::Cancelled(_))) = call.end {
                self.set(at, Act::Cancel(idx));
            }
        }
    }

    fn run(&mut self, tell: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> ControlFlow<()> {
        let Some(start) = self.day.start() else { return ControlFlow::Continue(()) };
        if self.city.drive_times.week.is_some() {
            self.centre.take_traffic(CityTraffic::lay(self.city, &Traffic::default(), start));
        }
        self.wake_centre(start);
        let mut n_done = 0;
        while let Some(((at, _), act)) = self.agenda.pop_first() {
            self.wake_centre_until(at);
            if matches!(act, Act::Take(_)) {
                tell(Progress { n_done, n_calls: self.cases.len() })?;
                n_done += 1;
            }
            self.act(at, act);
        }
        ControlFlow::Continue(())
    }

    fn set(&mut self, at: Timestamp, act: Act) {
        self.n_acts += 1;
        self.agenda.insert((at, self.n_acts), act);
    }

    fn wake_centre_until(&mut self, at: Timestamp) {
        while let Some((due, _)) = self.centre.next_wake().filter(|(due, _)| *due <= at) {
            self.wake_centre(due);
            let is_stuck = self.centre.next_wake().is_some_and(|(next, _)| next <= due);
            if is_stuck {
                return self.wake_centre(at);
            }
        }
    }

    fn wake_centre(&mut self, now: Timestamp) {
        let events = self.centre.on_wake(now);
        self.heed(now, &events);
        if let Some(relay) = self.centre.poll_relay() {
            self.centre.take_relaid(relay.run(now));
        }
    }

    fn act(&mut self, now: Timestamp, act: Act) {
        match act {
            Act::Input(idx) => self.take_input(now, &self.day.inputs[idx].1.clone()),
            Act::Take(idx) => self.take(now, idx),
            Act::Triage(idx, nth) => self.triage(now, idx, nth),
            Act::Decide(idx) => self.decide(now, idx),
            Act::Cancel(idx) => self.cancel(now, idx),
            Act::Crew(idx, turn, next) => self.crew(now, idx, turn, &next),
            Act::Scene(idx, next) => self.scene(now, idx, &next),
        }
    }

    /// Does what the centre allows, and lives with what follows; answers whether it was done.
    fn does(&mut self, now: Timestamp, command: Command) -> bool {
        self.ask(now, command).is_some()
    }

    /// The same; gives what came of it.
    fn ask(&mut self, now: Timestamp, command: Command) -> Option<Accepted> {
        if self.is_placing(&command) {
            self.report_positions(now);
        }
        self.n_keys += 1;
        let key = format!("replay-{}", self.n_keys);
        let request = Request { key, actor: "replay".to_owned(), command };
        let accepted = self.centre.handle(now, &request).ok();
        match &accepted {
            Some(accepted) => self.heed(now, &accepted.events),
            None => self.n_refused += 1,
        }
        accepted
    }

    /// Whether the centre looks at where units are when it is told this.
    fn is_placing(&self, command: &Command) -> bool {
        let policy = self.centre.policy();
        let looks = policy.exchange.is_some() || policy.relocation.moves.is_some();
        let frees = UnitStep::ReturnToService;
        looks && matches!(command, Command::StepUnit { step, .. } if *step == frees)
    }

    fn heed(&mut self, now: Timestamp, events: &[Recorded]) {
        for recorded in events {
            match &recorded.event {
                Event::UnitSignedOn { unit, kind, home, .. } => {
                    self.sign_on(now, unit, *kind, *home);
                }
                Event::UnitSignedOff { unit } => drop(self.drivers.remove(unit)),
                Event::UnitStepped {
                    unit,
                    step: UnitStep::ReturnToService | UnitStep::StandDown,
                    ..
                } => self.free(now, unit),
                Event::UnitPosted { unit, .. } => self.go_wait(now, unit),
                Event::UnitDiverted { unit, .. } => self.leave(now, unit),
                Event::ExchangeProposed { incident, unit, instead_of, .. } => {
                    self.exchange(now, *incident, unit, instead_of);
                }
                Event::CrewRestEnded { .. } => self.serve_waiting(now),
                _ => {}
            }
        }
    }

    fn take_input(&mut self, now: Timestamp, command: &Command) {
        match command {
            Command::SwitchPolicy { .. } if matches!(self.under, Under::Policy(_)) => {}
            Command::SwitchPolicy { policy, .. } if self.centre.policy().name == *policy => {}
            Command::SignOffUnit { unit } if self.is_busy(unit) => {
                if let Some(driver) = self.drivers.get_mut(unit) {
                    driver.is_leaving = true;
                }
            }
            command => drop(self.does(now, command.clone())),
        }
    }

    fn is_busy(&self, unit: &UnitId) -> bool {
        self.drivers.get(unit).is_some_and(|driver| driver.job.is_some())
    }

    fn sign_on(&mut self, now: Timestamp, unit: &UnitId, kind: UnitKind, home: Position) {
        let (id, way) = (unit.clone(), Way::stand(home));
        let driver = Driver { id, kind, home, way, job: None, last: None, is_leaving: false };
        self.drivers.insert(unit.clone(), driver);
        self.serve_waiting(now);
    }

    fn take(&mut self, now: Timestamp, idx: usize) {
        let call = self.day.calls[idx].call.clone();
        if let Some(accepted) = self.ask(now, Command::TakeCall { call, priority: None }) {
            self.cases[idx].incident = accepted.incident;
            self.places.extend(accepted.incident.map(|incident| (incident, idx)));
        }
    }

    fn triage(&mut self, now: Timestamp, idx: usize, nth: usize) {
        let call = &self.day.calls[idx];
        let triaged = &call.triages[nth];
        let Some(incident) = self.cases[idx].incident else { return };
        let (priority, reason) = (triaged.priority.code.clone(), triaged.reason.clone());
        let triage = Command::Triage { incident, expected_version: None, priority, reason };
        if !self.does(now, triage) {
            return;
        }
        let was_waiting = self.stop_waiting(idx);
        let was_short = self.short.remove(&self.turn_of(idx));
        self.cases[idx].rank = triaged.priority.rank;
        if was_waiting {
            self.waiting.insert(self.turn_of(idx));
        }
        if was_short {
            self.short.insert(self.turn_of(idx));
        }
        let latency = match call.sent.first() {
            Some(sent) if !call.has_waited => sent.at.since(triaged.at).max(Millis::ZERO),
            _ => self.day.decides_within,
        };
        if nth == 0 {
            self.set(now + latency, Act::Decide(idx));
        }
    }

    fn turn_of(&self, idx: usize) -> (u8, Timestamp, usize) {
        (self.cases[idx].rank, self.day.calls[idx].call.rang_at, idx)
    }

    /// Takes a call out of the queue; answers whether it was there.
    fn stop_waiting(&mut self, idx: usize) -> bool {
        let turn = self.turn_of(idx);
        self.waiting.remove(&turn)
    }

    /// Every unit that may be sent tells where it is: the log does not keep what was told.
    fn report_positions(&mut self, now: Timestamp) {
        let policy = self.centre.policy();
        let wants_all = !policy.diversions.is_empty() || policy.exchange.is_some();
        for driver in self.drivers.values().filter(|driver| wants_all || driver.job.is_none()) {
            let position = driver.way.at(now, &self.city.roads);
            // A place off the map, which no unit of an accepted log has, is told by nobody.
            let _ = self.centre.on_position(now, &driver.id, now, position);
        }
    }

    fn assume(&mut self, idx: usize, what: Assumed) {
        self.courses[idx].assumed.insert(what);
    }

    fn cancel(&mut self, now: Timestamp, idx: usize) {
        let (Some(incident), Some((_, End::Cancelled(reason)))) =
            (self.cases[idx].incident, &self.day.calls[idx].end)
        else {
            return;
        };
        let (expected_version, reason) = (None, reason.clone());
        if self.does(now, Command::CancelIncident { incident, expected_version, reason }) {
            self.end(idx);
        }
    }

    /// A unit has come free for good.
    fn free(&mut self, now: Timestamp, unit: &UnitId) {
        let Some(driver) = self.drivers.get_mut(unit) else { return };
        driver.way = Way::stand(driver.way.at(now, &self.city.roads));
        if let Some(idx) = driver.job.take() {
            driver.last = Some(self.day.calls[idx].incident);
            self.cases[idx].hands.retain(|hand| hand.unit != *unit);
        }
        if std::mem::take(&mut driver.is_leaving) {
            self.does(now, Command::SignOffUnit { unit: unit.clone() });
            return;
        }
        self.go_wait(now, unit);
        self.serve_waiting(now);
    }

    /// Sends a free unit to where it waits.
    fn go_wait(&mut self, now: Timestamp, unit: &UnitId) {
        let post = self.centre.ledger().unit(unit).and_then(|it| it.unit.post.clone());
        let stations = &self.city.stations;
        let post = post.and_then(|post| stations.iter().find(|known| known.id == post));
        let roads = &self.city.roads;
        let Some(driver) = self.drivers.get_mut(unit).filter(|it| it.job.is_none()) else { return };
        let goal = post.map_or(driver.home, |post| post.position);
        let from = driver.way.at(now, roads);
        let lasts = if driver.kind.is_crewed() {
            times(drive_by(roads, from, goal).unwrap_or_default(), self.homeward)
        } else {
            self.centre.config().reference.flight().time(from.metres_to(goal))
        };
        driver.way = Way::drive(from, goal, now, lasts);
    }

    /// A call loses its unit to another one.
    fn leave(&mut self, now: Timestamp, unit: &UnitId) {
        let Some(driver) = self.drivers.get_mut(unit) else { return };
        driver.way = Way::stand(driver.way.at(now, &self.city.roads));
        let Some(idx) = driver.job.take() else { return };
        driver.last = Some(self.day.calls[idx].incident);
        let hands = &mut self.cases[idx].hands;
        hands.retain(|hand| hand.unit != *unit);
        self.courses[idx].unit = hands.last().map(|hand| hand.unit.clone());
        self.courses[idx].n_diverted += 1;
        if !hands.is_empty() {
            self.short.insert(self.turn_of(idx));
        }
        self.set(now + self.day.decides_within, Act::Decide(idx));
    }

    /// The call is over, for whatever reason.
    fn end(&mut self, idx: usize) {
        self.stop_waiting(idx);
        self.short.remove(&self.turn_of(idx));
        self.cases[idx].is_over = true;
    }
}
