//! A fleet through its calls: discrete events, each a unit's or a call's next.

use super::agenda::{Agenda, Event, What};
use super::call::{Answer, Call};
use super::city::{FleetCity, Goal, Scratch};
use super::crew::Crew;
use super::duty::{Case, Duty, Unit};
use super::plane::Place;
use super::policy::FleetPolicy;
use super::stats::{SentFrom, Spent, Tally, Waits};
use super::trip::{Heading, Trip};
use ems_dispatch::{Errand, Relocation};

/// Runs a fleet from time 0, every unit at its station, through `calls` in the order of their
/// arrival, until the last of them is reached and every unit is home.
///
/// `on_answer` is told of each call when a unit reaches it.
///
/// # Panics
/// If a call arrives before the one before it.
pub fn run_fleet(
    city: &FleetCity,
    policy: FleetPolicy,
    calls: impl IntoIterator<Item = Call>,
    on_answer: &mut dyn FnMut(Answer),
) -> Tally {
    let mut fleet = Fleet::new(city, policy, on_answer);
    let mut calls = calls.into_iter().peekable();
    fleet.staff();
    loop {
        let next = fleet.agenda.next_at();
        match calls.next_if(|call| next.is_none_or(|at| call.arrival <= at)) {
            Some(call) => fleet.take_in(call),
            None => match fleet.agenda.pop() {
                Some(event) => {
                    fleet.has_calls = calls.peek().is_some();
                    fleet.happen(event);
                }
                None => break,
            },
        }
    }
    fleet.finish()
}

pub(super) struct Fleet<'a> {
    pub(super) city: &'a FleetCity,
    pub(super) policy: FleetPolicy,
    pub(super) scratch: Scratch,
    pub(super) now: f64,
    pub(super) agenda: Agenda,
    pub(super) units: Vec<Unit>,
    /// None where crews always work.
    pub(super) crews: Vec<Crew>,
    /// Whether calls are still to come in.
    has_calls: bool,
    cases: Vec<Option<Case>>,
    spare: Vec<usize>,
    n_calls: u64,
    last_arrival: f64,
    pub(super) waiting: Vec<usize>,
    pub(super) tally: Tally,
    on_answer: &'a mut dyn FnMut(Answer),
}

impl<'a> Fleet<'a> {
    fn new(
        city: &'a FleetCity,
        mut policy: FleetPolicy,
        on_answer: &'a mut dyn FnMut(Answer),
    ) -> Self {
        let unit = |&station: &usize| {
            policy.relocation.joins(station);
            Unit {
                station,
                duty: Duty::AtStation,
                since: 0.0,
                version: 0,
                moved_at: None,
                is_leaving: false,
            }
        };
        let units = city.units.iter().map(unit).collect();
        Self {
            city,
            policy,
            scratch: city.scratch(),
            now: 0.0,
            agenda: Agenda::default(),
            units,
            crews: Vec::new(),
            has_calls: true,
            cases: Vec::new(),
            spare: Vec::new(),
            n_calls: 0,
            last_arrival: 0.0,
            waiting: Vec::new(),
            tally: Tally::new(&city.priorities, city.units.len()),
            on_answer,
        }
    }

    fn take_in(&mut self, call: Call) {
        assert!(call.arrival >= self.last_arrival, "calls come in the order of their arrival");
        self.last_arrival = call.arrival;
        let at = call.arrival + call.dispatch_delay;
        let case = Case {
            seq: self.n_calls,
            place: self.city.snap(call.degrees),
            since: at,
            was_queued: false,
            n_bumps: 0,
            queued: 0.0,
            bumped: 0.0,
            call,
        };
        self.n_calls += 1;
        let idx = self.spare.pop().unwrap_or(self.cases.len());
        if idx == self.cases.len() {
            self.cases.push(None);
        }
        self.cases[idx] = Some(case);
        self.agenda.plan(at, What::Consider { case: idx });
    }

    fn happen(&mut self, event: Event) {
        match event.what {
            What::Consider { case } => {
                self.now = event.at;
                self.consider(case);
            }
            What::Change { unit, version } if version == self.units[unit].version => {
                self.now = event.at;
                self.change(unit);
            }
            What::Change { .. } => {}
            What::Turn { unit, turn } => {
                self.now = event.at;
                self.turn(unit, turn);
            }
        }
    }

    /// Finds a unit for a call; a call from which it is taken is considered next.
    fn consider(&mut self, mut case: usize) {
        loop {
            let Some(unit) = self.pick(case) else {
                self.case_mut(case).was_queued = true;
                self.case_mut(case).since = self.now;
                return self.waiting.push(case);
            };
            let from = self.heading(unit);
            let bumped = self.send(unit, case, from);
            let Some(bumped) = bumped else { return self.rearrange() };
            case = bumped;
        }
    }

    pub(super) fn errand(&self, unit: usize) -> Errand {
        let duty = &self.units[unit].duty;
        if self.units[unit].is_leaving || matches!(duty, Duty::Off) {
            return Errand::Bound;
        }
        let rank = match duty {
            Duty::ToCall { case, .. } => self.case(*case).call.rank,
            _ => 0,
        };
        duty.phase().map_or(Errand::Free, |phase| Errand::in_phase(phase, rank))
    }

    /// Where a unit is, as the start of another trip.
    pub(super) fn heading(&mut self, unit: usize) -> Heading {
        let unit = &mut self.units[unit];
        match &mut unit.duty {
            Duty::AtStation | Duty::Pause | Duty::Off => {
                Heading::at_rest(self.city.stations[unit.station])
            }
            Duty::Homeward(trip) | Duty::ToCall { trip, .. } => {
                trip.heading(self.city, &mut self.scratch, self.now)
            }
            Duty::OnScene { case } | Duty::Transporting { case, .. } => {
                let case = self.cases[*case].as_ref().expect("a unit's call is kept");
                Heading::at_rest(case.place)
            }
            Duty::AtHospital { hospital } => Heading::at_rest(self.city.hospitals[*hospital]),
        }
    }

    /// Sends a unit to a call, and gives the call from which it is taken.
    pub(super) fn send(&mut self, unit: usize, case: usize, from: Heading) -> Option<usize> {
        let (sent_from, bumped) = match self.units[unit].duty {
            Duty::AtStation => (SentFrom::Station, None),
            Duty::Homeward(_) => (SentFrom::Road, None),
            Duty::ToCall { case, .. } => (SentFrom::AnotherCall, Some(case)),
            _ => (SentFrom::Free, None),
        };
        self.tally.sent(self.now, sent_from);
        if matches!(sent_from, SentFrom::Station | SentFrom::Road) {
            self.policy.relocation.leaves(self.units[unit].station);
        }
        if let Some(bumped) = bumped {
            let now = self.now;
            let bumped = self.case_mut(bumped);
            bumped.n_bumps += 1;
            bumped.bumped += now - bumped.since;
            bumped.since = now;
        }
        let now = self.now;
        let next = self.case_mut(case);
        next.since = now;
        let (rank, to) = (next.call.rank, (Goal::Node(next.place.node), next.place));
        let mode = self.city.mode(usize::from(rank) - 1, now);
        let trip = Trip::start(self.city, &mut self.scratch, mode, now, from, to);
        let arrives = trip.arrives;
        self.units[unit].moved_at = None;
        self.take_up(unit, Duty::ToCall { case, trip }, Some(arrives));
        bumped
    }

    /// Gives a unit another duty, which ends at `until` if nothing interrupts it.
    pub(super) fn take_up(&mut self, unit: usize, duty: Duty, until: Option<f64>) {
        let spent = self.spent_on(unit);
        let own = &mut self.units[unit];
        if let Some(spent) = spent {
            self.tally.spent(spent, own.since, self.now);
        }
        let driven = if own.duty.is_drive() { self.now - own.since } else { 0.0 };
        own.duty = duty;
        own.since = self.now;
        own.version = own.version.wrapping_add(1);
        let version = own.version;
        if let Some(at) = until {
            self.agenda.plan(at, What::Change { unit, version });
        }
        self.drove(unit, driven);
    }

    /// Whether calls are to come, or are not done with.
    pub(super) fn is_going_on(&self) -> bool {
        self.has_calls || self.spare.len() < self.cases.len()
    }

    fn spent_on(&self, unit: usize) -> Option<Spent> {
        let is_moving = !matches!(self.policy.relocation, Relocation::OwnStation);
        Some(match &self.units[unit].duty {
            Duty::Off => return None,
            Duty::AtStation | Duty::Pause => Spent::Idle,
            Duty::Homeward(_) if is_moving => Spent::Moving,
            Duty::Homeward(_) => Spent::Returning,
            Duty::ToCall { .. } => Spent::ToCall,
            Duty::OnScene { .. } => Spent::OnScene,
            Duty::Transporting { .. } => Spent::ToHospital,
            Duty::AtHospital { .. } => Spent::AtHospital,
        })
    }

    /// A unit comes to the end of its duty.
    fn change(&mut self, unit: usize) {
        match self.units[unit].duty {
            Duty::AtStation | Duty::Off => {}
            Duty::Homeward(_) if self.units[unit].is_leaving => {
                self.take_up(unit, Duty::AtStation, None);
                self.come_home(unit);
            }
            Duty::Homeward(_) => {
                self.take_up(unit, Duty::AtStation, None);
                self.settle(unit);
            }
            Duty::Pause => self.resume(unit),
            Duty::ToCall { case, .. } => self.reach(unit, case),
            Duty::OnScene { case } => self.leave(unit, case),
            Duty::Transporting { case, hospital } => {
                self.tally.at_hospital(self.now);
                let handover = self.case(case).call.handover.unwrap_or(0.0);
                self.close(case);
                self.take_up(unit, Duty::AtHospital { hospital }, Some(self.now + handover));
            }
            Duty::AtHospital { .. } => self.free(unit),
        }
    }

    fn reach(&mut self, unit: usize, idx: usize) {
        let Call { on_scene, handover, .. } = self.case(idx).call;
        let until = self.now + on_scene;
        let hospital = handover.map(|_| self.hospital(idx, until));
        let case = self.case(idx);
        let answer = Answer {
            seq: case.seq,
            call: case.call.clone(),
            response: self.now - case.call.arrival,
            unit,
            hospital: hospital.map(|(hospital, _)| hospital),
            was_queued: case.was_queued,
            n_bumps: case.n_bumps,
        };
        let waits = Waits {
            queued: case.queued,
            bumped: case.bumped,
            drive: self.now - case.since,
            transport: hospital.map_or(0.0, |(_, days)| days),
        };
        self.tally.reached(self.now, &answer, waits);
        self.take_up(unit, Duty::OnScene { case: idx }, Some(until));
        (self.on_answer)(answer);
    }

    /// The hospital for a call, and the days there for a unit that leaves at a time.
    fn hospital(&mut self, case: usize, leaves: f64) -> (usize, f64) {
        let Case { place, call, .. } = self.case(case);
        let (place, decided, mode) = (*place, call.hospital, self.city.calm_mode(leaves));
        let (hospital, days) = match decided {
            Some(hospital) => {
                let Place { node, off_road_km } = self.city.hospitals[hospital];
                let goal = Goal::Node(node);
                let roads = self.city.days(&mut self.scratch, mode, place.node, goal);
                (hospital, roads + self.city.leg(mode, off_road_km))
            }
            None => self.city.hospital(mode, place.node),
        };
        (hospital, self.city.leg(mode, place.off_road_km) + days)
    }

    fn leave(&mut self, unit: usize, case: usize) {
        if self.case(case).call.handover.is_none() {
            return self.free(unit);
        }
        let (hospital, days) = self.hospital(case, self.now);
        self.take_up(unit, Duty::Transporting { case, hospital }, Some(self.now + days));
    }

    /// A unit is free: it takes the most urgent call that waits, or goes to wait itself.
    fn free(&mut self, unit: usize) {
        let from = self.heading(unit);
        let done = match self.units[unit].duty {
            Duty::OnScene { case } => Some(case),
            _ => None,
        };
        if self.must_leave(unit) {
            self.go_off(unit, from);
        } else if let Some(case) = self.take_waiting() {
            self.send(unit, case, from);
        } else {
            self.go_home(unit, from);
            self.exchange(unit);
            self.rearrange();
        }
        if let Some(case) = done {
            self.close(case);
        }
    }

    /// The most urgent call that waits, which waits no longer.
    pub(super) fn take_waiting(&mut self) -> Option<usize> {
        let case = self.next_waiting()?;
        let now = self.now;
        let next = self.case_mut(case);
        next.queued += now - next.since;
        Some(case)
    }

    fn next_waiting(&mut self) -> Option<usize> {
        let key = |case: usize| {
            let Case { call, seq, .. } = self.case(case);
            (call.rank, call.arrival, *seq)
        };
        let places = 0..self.waiting.len();
        let earlier = |a: usize, b: usize| {
            if key(self.waiting[b]) < key(self.waiting[a]) { b } else { a }
        };
        places.reduce(earlier).map(|place| self.waiting.swap_remove(place))
    }

    pub(super) fn go_home(&mut self, unit: usize, from: Heading) {
        if self.must_leave(unit) {
            return self.go_off(unit, from);
        }
        let own = self.units[unit].station;
        let station = if self.is_movable(unit) {
            self.policy.relocation.station_for(own)
        } else {
            self.city.units[unit]
        };
        self.policy.relocation.joins(station);
        if !matches!(self.policy.relocation, Relocation::OwnStation) {
            self.tally.moved(self.now, station == own);
        }
        self.drive_to(unit, station, from);
    }

    /// Sends an idle unit to wait at a station.
    pub(super) fn drive_to(&mut self, unit: usize, station: usize, from: Heading) {
        self.units[unit].station = station;
        let to = (Goal::Station(station), self.city.stations[station]);
        let mode = self.city.calm_mode(self.now);
        let trip = Trip::start(self.city, &mut self.scratch, mode, self.now, from, to);
        let arrives = trip.arrives;
        self.take_up(unit, Duty::Homeward(trip), Some(arrives));
    }

    fn close(&mut self, case: usize) {
        self.cases[case] = None;
        self.spare.push(case);
    }

    pub(super) fn case(&self, case: usize) -> &Case {
        self.cases[case].as_ref().expect("a call is kept while a unit or the queue names it")
    }

    pub(super) fn case_mut(&mut self, case: usize) -> &mut Case {
        self.cases[case].as_mut().expect("a call is kept while a unit or the queue names it")
    }

    fn finish(mut self) -> Tally {
        for unit in 0..self.units.len() {
            if let Some(spent) = self.spent_on(unit) {
                self.tally.spent(spent, self.units[unit].since, self.now);
            }
        }
        self.tally
    }
}
