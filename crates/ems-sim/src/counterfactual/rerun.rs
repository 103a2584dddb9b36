//! A recorded day once more: the same calls, shifts, hospitals and durations, decided by the centre
//! itself under a policy.

mod crew;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use ems_centre::{Accepted, Centre, CentreConfig, City, CityTraffic};
use ems_dispatch::Reference;
use ems_model::{
    Command, Event, HospitalCandidate, HospitalId, IncidentId, Millis, Position, Recorded, Request,
    Timestamp, UnitCandidate, UnitId, UnitReason, UnitStep,
};
use ems_roads::Traffic;

use super::day::{End, Place, RecordedDay, Sent, factor};
use super::report::{Assumed, Progress};
use super::whereabouts::{Driver, Way, drive_by, times};
use crate::city::{best_unit, send_command};

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
    /// The unit that came, or is on its way at the end.
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

/// A unit that was chosen, with all that were weighed.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) at: Timestamp,
    pub(super) unit: UnitId,
    pub(super) policy: String,
    pub(super) table: Vec<UnitCandidate>,
    /// The call that each unit had been with before.
    pub(super) last: BTreeMap<UnitId, IncidentId>,
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
}

/// A call as it is lived.
#[derive(Debug, Default)]
struct Case {
    incident: Option<IncidentId>,
    unit: Option<UnitId>,
    /// Counts units, so that what an earlier one had planned is told apart.
    turn: u32,
    /// Counts drives to hospital, likewise.
    n_legs: u32,
    /// The drive to the scene that its unit was sent for.
    drive: Millis,
    rank: u8,
    is_transporting: bool,
    is_over: bool,
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

fn cover_lost(unit: &UnitCandidate) -> Option<u32> {
    unit.cons.iter().find_map(|con| match con {
        UnitReason::CoverLost { share_ppm } => Some(*share_ppm),
        _ => None,
    })
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

    fn set_crew(&mut self, at: Timestamp, idx: usize, next: Next) {
        let turn = self.cases[idx].turn;
        self.set(at, Act::Crew(idx, turn, next));
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
            Act::Crew(idx, turn, next) if self.cases[idx].turn == turn => {
                self.crew(now, idx, next);
            }
            Act::Crew(..) => {}
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

    /// The dispatcher exchanges units as the centre proposes.
    fn exchange(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        unit: &UnitId,
        instead_of: &UnitId,
    ) {
        let Some(&idx) = self.places.get(&incident) else { return };
        let (unit, instead_of, expected_version) = (unit.clone(), instead_of.clone(), None);
        let exchange = Command::ExchangeUnit { incident, expected_version, unit, instead_of };
        let Some(accepted) = self.ask(now, exchange) else { return };
        let choice = accepted.events.into_iter().find_map(|recorded| match recorded.event {
            Event::UnitAssigned { choice, .. } => Some(choice),
            _ => None,
        });
        if let Some(choice) = choice {
            let table = [vec![choice.chosen.clone()], choice.passed_over].concat();
            self.send(now, idx, &choice.chosen, table);
        }
    }

    fn heed(&mut self, now: Timestamp, events: &[Recorded]) {
        for recorded in events {
            match &recorded.event {
                Event::UnitSignedOn { unit, home, .. } => self.sign_on(now, unit, *home),
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

    fn sign_on(&mut self, now: Timestamp, unit: &UnitId, home: Position) {
        let (id, way) = (unit.clone(), Way::stand(home));
        let driver = Driver { id, home, way, job: None, last: None, is_leaving: false };
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
        self.cases[idx].rank = triaged.priority.rank;
        if was_waiting {
            self.waiting.insert(self.turn_of(idx));
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

    /// The next in the queue is looked after when a unit has come free.
    fn serve_waiting(&mut self, now: Timestamp) {
        if let Some((_, _, idx)) = self.waiting.first().copied() {
            let known = self.day.calls[idx].served_within;
            self.set(now + known.unwrap_or(self.day.decides_within), Act::Decide(idx));
        }
    }

    fn decide(&mut self, now: Timestamp, idx: usize) {
        let case = &self.cases[idx];
        let Some(incident) = case.incident.filter(|_| !case.is_over && case.unit.is_none()) else {
            return;
        };
        let turn = self.turn_of(idx);
        self.stop_waiting(idx);
        self.report_positions(now);
        let Ok(advice) = self.centre.recommend(now, incident) else { return };
        let is_next = self.waiting.first().is_none_or(|first| *first >= turn);
        let best = best_unit(&advice.units).filter(|_| is_next);
        let Some((_, best)) = best else {
            self.waiting.insert(turn);
            return;
        };
        let best = self.recorded_if_tied(now, idx, best, &advice.units).clone();
        let command = send_command(incident, &best, advice.version, None);
        if self.does(now, command) {
            self.send(now, idx, &best, advice.units);
            self.serve_waiting(now);
        } else {
            self.waiting.insert(turn);
        }
    }

    /// Of two units that nothing parts but what the log does not keep, where one of them was on the
    /// road, the recorded one: chance would else make differences out of nothing.
    fn recorded_if_tied<'a>(
        &self,
        now: Timestamp,
        idx: usize,
        best: &'a UnitCandidate,
        table: &'a [UnitCandidate],
    ) -> &'a UnitCandidate {
        let sent = self.day.calls[idx].sent.first();
        let recorded = table.iter().find(|it| Some(&it.unit) == sent.map(|sent| &sent.unit));
        let is_driving = |it: &UnitCandidate| {
            self.drivers.get(&it.unit).is_some_and(|it| it.way.is_driven(now - UNSEEN))
        };
        let is_tie = |it: &UnitCandidate| {
            let is_near = (it.cost - best.cost).abs() <= UNSEEN.get();
            is_near && it.is_eligible && cover_lost(it) == cover_lost(best)
        };
        let tied = recorded.filter(|it| is_tie(it) && (is_driving(it) || is_driving(best)));
        tied.unwrap_or(best)
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

    fn send(
        &mut self,
        now: Timestamp,
        idx: usize,
        best: &UnitCandidate,
        table: Vec<UnitCandidate>,
    ) {
        let table = self.as_recorded(table);
        let last = self.drivers.values().filter_map(|it| Some((it.id.clone(), it.last?))).collect();
        let Some(driver) = self.drivers.get_mut(&best.unit) else { return };
        let position = driver.way.at(now, &self.city.roads);
        (driver.way, driver.job) = (Way::stand(position), Some(idx));
        let (case, course) = (&mut self.cases[idx], &mut self.courses[idx]);
        case.turn += 1;
        case.unit = Some(best.unit.clone());
        case.drive = best.eta.unwrap_or_default() - self.centre.policy().units.turn_out;
        course.unit = Some(best.unit.clone());
        (course.sent_at, course.sent_from) = (Some(now), Some(position));
        let policy = self.centre.policy().name.clone();
        let decision = Decision { at: now, unit: best.unit.clone(), policy, table, last };
        course.decided.get_or_insert(decision);
        let turn_out = self.turn_out(idx);
        self.set_crew(now + turn_out, idx, Next::GoEnRoute);
        if let Some(at) = self.chosen_before_arrival(idx, now) {
            self.set_crew(at, idx, Next::ChooseHospital);
        }
    }

    /// With the numbers that the calls have in the log.
    fn as_recorded(&self, mut table: Vec<UnitCandidate>) -> Vec<UnitCandidate> {
        let recorded = |incident: IncidentId| {
            self.places.get(&incident).map_or(incident, |&idx| self.day.calls[idx].incident)
        };
        for con in table.iter_mut().flat_map(|candidate| &mut candidate.cons) {
            if let UnitReason::Busy { incident } | UnitReason::DivertedFrom { incident, .. } = con {
                *incident = recorded(*incident);
            }
        }
        table
    }

    fn turn_out(&mut self, idx: usize) -> Millis {
        let recorded = self.day.calls[idx].lead().and_then(Sent::turn_out);
        recorded.unwrap_or_else(|| {
            self.assume(idx, Assumed::TurnOut);
            self.centre.policy().units.turn_out
        })
    }

    fn assume(&mut self, idx: usize, what: Assumed) {
        self.courses[idx].assumed.insert(what);
    }

    fn chosen_before_arrival(&self, idx: usize, now: Timestamp) -> Option<Timestamp> {
        let call = &self.day.calls[idx];
        let (lead, chosen) = (call.lead()?, call.chosen.first()?);
        let is_before = lead.arrived_at().is_none_or(|arrived| chosen.at < arrived);
        (is_before && chosen.at >= lead.at).then(|| now + chosen.at.since(lead.at))
    }

    fn cancel(&mut self, now: Timestamp, idx: usize) {
        let (Some(incident), Some((_, End::Cancelled(reason)))) =
            (self.cases[idx].incident, &self.day.calls[idx].end)
        else {
            return;
        };
        let (expected_version, reason) = (None, reason.clone());
        if self.does(now, Command::CancelIncident { incident, expected_version, reason }) {
            self.stop_waiting(idx);
            self.cases[idx].is_over = true;
        }
    }

    /// A unit has come free for good.
    fn free(&mut self, now: Timestamp, unit: &UnitId) {
        let Some(driver) = self.drivers.get_mut(unit) else { return };
        driver.way = Way::stand(driver.way.at(now, &self.city.roads));
        if let Some(idx) = driver.job.take() {
            driver.last = Some(self.day.calls[idx].incident);
            self.cases[idx].unit = None;
            self.cases[idx].turn += 1;
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
        let drive = drive_by(roads, from, goal).unwrap_or_default();
        driver.way = Way::drive(from, goal, now, times(drive, self.homeward));
    }

    /// A call loses its unit to another one.
    fn leave(&mut self, now: Timestamp, unit: &UnitId) {
        let Some(driver) = self.drivers.get_mut(unit) else { return };
        driver.way = Way::stand(driver.way.at(now, &self.city.roads));
        let Some(idx) = driver.job.take() else { return };
        driver.last = Some(self.day.calls[idx].incident);
        let case = &mut self.cases[idx];
        (case.unit, case.turn) = (None, case.turn + 1);
        self.courses[idx].unit = None;
        self.courses[idx].n_diverted += 1;
        self.set(now + self.day.decides_within, Act::Decide(idx));
    }
}
