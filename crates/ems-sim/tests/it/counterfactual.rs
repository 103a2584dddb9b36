//! A recorded day under its own policy and under others.

use std::ops::ControlFlow;
use std::sync::Arc;

use ems_centre::{Centre, City as Pack};
use ems_model::{
    Call, Command, CrewId, Event, IncidentId, Millis, Position, Recorded, Request, StationId,
    StationProfile, Timestamp, UnitId, UnitKind, UnitStep,
};
use ems_sim::{CounterfactualError, Faults, RecordedLog, ReplayProgress, Why};

use crate::grid::corner;
use crate::simulate::{GRID, START, config, plan, run};

fn go_on(_: ReplayProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn read(log: &[Recorded], last: Option<Millis>) -> Result<RecordedLog, CounterfactualError> {
    RecordedLog::read(log, Arc::clone(&GRID), config().reference, last, &mut go_on)
}

/// Differences that a replay owns up to: the log does not tell enough.
const OWNED: [&str; 8] = [
    "near_tie",
    "busy",
    "freed",
    "elsewhere",
    "waits",
    "other_time",
    "position_was_old",
    // Other patients are on their way to the hospitals.
    "hospital_preferred",
];

#[test]
fn the_recorded_policy_gives_a_calm_day_back() {
    // A unit may be free some seconds sooner or later than the next call asks for one.
    for (seed, least_percent) in [(7, 99), (8, 98), (9, 96)] {
        let mut plan = plan(seed, 12 * 60, Faults::none());
        plan.city.n_units = 30;
        let (_, log) = run(plan);
        let likeness = read(&log, None).unwrap().likeness();
        assert!(likeness.n_units > 100 && likeness.n_hospitals > 80, "{seed}: {likeness:?}");
        let is_like = |n_same, n| n_same * 100 >= n * least_percent;
        assert!(is_like(likeness.n_same_units, likeness.n_units), "{seed}: {likeness:?}");
        let (n_same, n) = (likeness.n_same_places, likeness.n_places);
        assert!(n > likeness.n_units + 20, "{seed}: some calls get several: {likeness:?}");
        assert!(is_like(n_same, n), "{seed}: {likeness:?}");
        assert!(is_like(likeness.n_same_hospitals, likeness.n_hospitals), "{seed}: {likeness:?}");
        assert!(likeness.response_off <= Some(Millis::from_secs(1)), "{seed}: {likeness:?}");
    }
}

#[test]
fn the_recorded_policy_gives_a_day_back_on_which_calls_queue() {
    let mut plan = plan(7, 8 * 60, Faults::none());
    plan.city.n_units = 10;
    let (_, log) = run(plan);
    let likeness = read(&log, None).unwrap().likeness();
    assert!(likeness.n_units > 60, "{likeness:?}");
    assert!(likeness.n_same_units * 100 >= likeness.n_units * 95, "{likeness:?}");
    assert!(likeness.n_same_places * 100 >= likeness.n_places * 95, "{likeness:?}");
}

#[test]
fn every_difference_of_a_day_with_queues_and_faults_has_its_cause() {
    for faults in [Faults::none(), Faults::usual()] {
        let (_, log) = run(plan(7, 6 * 60, faults));
        let likeness = read(&log, None).unwrap().likeness();
        let unknown = likeness.causes.iter().find(|(name, _)| !OWNED.contains(name));
        assert_eq!(unknown, None, "{likeness:?}");
    }
}

#[test]
fn every_shipped_policy_replays_a_day() {
    let (_, log) = run(plan(7, 4 * 60, Faults::none()));
    let day = read(&log, None).unwrap();
    let reference = config().reference;
    for policy in reference.policies() {
        let replay = day.replay(&policy.name, 1, &mut go_on).unwrap();
        assert_eq!(replay.policy, policy.name);
        assert!(replay.calls.iter().any(|call| call.replayed.unit.is_some()), "{}", policy.name);
    }
}

/// A centre whose people do what it recommends, and whose crews take as long as is expected.
struct Desk {
    centre: Centre,
    pack: Arc<Pack>,
    log: Vec<Recorded>,
    /// What crews will do.
    plans: Vec<(Timestamp, UnitId, IncidentId, UnitStep)>,
}

impl Desk {
    fn ask(&mut self, now: Timestamp, command: Command) -> Option<IncidentId> {
        let key = format!("key-{}", self.log.len());
        let request = Request { key, actor: "dispatcher:li".into(), command };
        let accepted = self.centre.handle(now, &request).unwrap_or_else(|e| panic!("{e}"));
        self.log.extend(accepted.events);
        accepted.incident
    }

    fn sign_on(&mut self, unit: &str, station: &str, home: Position) {
        let unit = UnitId::new(unit).unwrap();
        let command = Command::SignOnUnit {
            unit: unit.clone(),
            kind: UnitKind::Als,
            home,
            station: Some(StationId::new(station).unwrap()),
            crew: CrewId::new("c1").unwrap(),
            shift_until: START + Millis::from_mins(600),
        };
        self.ask(START, command);
    }

    /// A call that rings at `now` is triaged a minute later, and a unit is sent 30 s after that.
    fn call(&mut self, now: Timestamp, position: Position) {
        self.act_until(now);
        let call = Call {
            position,
            address: String::new(),
            caller: None,
            complaint: "minor".into(),
            answers: [].into(),
            age: Some(40),
            rang_at: now,
            answered_at: None,
        };
        let incident = self.ask(now, Command::TakeCall { call, priority: None }).unwrap();
        let priority = self.centre.ledger().incident(incident).unwrap().suggested.code.clone();
        let triage = Command::Triage { incident, expected_version: None, priority, reason: None };
        self.ask(now + Millis::from_secs(60), triage);
        self.send(now + Millis::from_secs(90), incident);
    }

    fn send(&mut self, now: Timestamp, incident: IncidentId) {
        self.act_until(now);
        for record in self.centre.ledger().units().map(|it| it.unit.clone()).collect::<Vec<_>>() {
            let told = self.centre.on_position(now, &record.id, now, record.home).unwrap();
            self.log.extend(told);
        }
        let best = self.centre.recommend(now, incident).unwrap().units[0].clone();
        let unit = best.unit.clone();
        let assign = Command::AssignUnit {
            incident,
            expected_version: None,
            unit: unit.clone(),
            overrule: None,
        };
        self.ask(now, assign);
        let there = now + best.eta.unwrap();
        for (at, step) in [
            (now + Millis::from_secs(60), UnitStep::GoEnRoute),
            (there, UnitStep::ArriveOnScene),
            (there, UnitStep::ReachPatient),
            (there + Millis::from_mins(60), UnitStep::ReturnToService),
        ] {
            self.plans.push((at, unit.clone(), incident, step));
        }
    }

    fn act_until(&mut self, now: Timestamp) {
        self.plans.sort_by_key(|(at, ..)| *at);
        while self.plans.first().is_some_and(|(at, ..)| *at <= now) {
            let (at, unit, incident, step) = self.plans.remove(0);
            if step == UnitStep::ReturnToService {
                let outcome = ems_model::Outcome::TreatedOnScene;
                self.ask(at, Command::CloseIncident { incident, outcome });
            }
            self.ask(at, Command::StepUnit { unit, incident, step, at });
        }
    }
}

/// A1 waits in the middle of the town, A2 at its south-west corner. The first call is a little
/// nearer to A1; the second, three minutes later, is next to where A1 waits.
fn two_calls() -> (Desk, [Position; 2]) {
    let station = |id: &str, position| StationProfile {
        id: StationId::new(id).unwrap(),
        name: id.to_owned(),
        position,
        is_placed: true,
    };
    let stations = vec![station("s1", corner(7, 7)), station("s2", corner(0, 0))];
    let pack = Arc::new(Pack { stations, ..Pack::clone(&GRID) });
    let centre = Centre::new(config(), Arc::clone(&pack));
    let mut desk = Desk { centre, pack, log: Vec::new(), plans: Vec::new() };
    desk.sign_on("A1", "s1", corner(7, 7));
    desk.sign_on("A2", "s2", corner(0, 0));
    let calls = [corner(4, 4), corner(8, 8)];
    desk.call(START + Millis::from_secs(60), calls[0]);
    desk.call(START + Millis::from_secs(240), calls[1]);
    desk.act_until(START + Millis::from_mins(300));
    (desk, calls)
}

#[test]
fn another_policy_keeps_the_near_unit_for_the_next_call() {
    let (desk, [one, two]) = two_calls();
    let reference = config().reference;
    let day = RecordedLog::read(&desk.log, Arc::clone(&desk.pack), reference, None, &mut go_on);
    let day = day.unwrap();
    let same = day.replay("closest-eta/3", 1, &mut go_on).unwrap();
    assert!(same.calls.iter().all(|call| !call.is_changed && call.why.is_empty()), "{same:?}");
    assert_eq!(same.likeness.response_off, Some(Millis::ZERO));

    let other = day.replay("keep-cover/1", 1, &mut go_on).unwrap();
    let units = |call: usize| {
        let call = &other.calls[call];
        [&call.recorded, &call.replayed].map(|side| side.unit.as_ref().unwrap().to_string())
    };
    assert_eq!(
        (units(0), units(1)),
        (["A1", "A2"].map(String::from), ["A2", "A1"].map(String::from))
    );
    let roads = &desk.pack.roads;
    let drive =
        |from, to| roads.time(&roads.snap(from).unwrap(), &roads.snap(to).unwrap()).unwrap();
    let [middle, corner] = [corner(7, 7), corner(0, 0)];
    let changes =
        [drive(corner, one) - drive(middle, one), drive(middle, two) - drive(corner, two)];
    for (call, change) in other.calls.iter().zip(changes) {
        let off = call.response_change.unwrap() - change;
        assert!(off.abs() <= Millis::new(2), "{off} from {change}: {call:?}");
    }
    assert!(changes[0] > Millis::ZERO && changes[1] < Millis::from_secs(-300), "{changes:?}");
    assert!(matches!(&other.calls[0].why[..], [Why::UnitPreferred { .. }]), "{:?}", other.calls[0]);
    let busy = Why::Busy { unit: UnitId::new("A2").unwrap(), incident: IncidentId(1) };
    assert_eq!(other.calls[1].why, [busy]);
    assert_eq!((other.summary.n_other_unit, other.summary.n_knock_on), (2, 1));
}

#[test]
fn what_is_no_log_of_this_city_is_told() {
    let (desk, _) = two_calls();
    let told = |log: &[Recorded]| {
        let reference = config().reference;
        let read = RecordedLog::read(log, Arc::clone(&desk.pack), reference, None, &mut go_on);
        read.unwrap_err().to_string()
    };
    let mut torn = desk.log.clone();
    torn.remove(3);
    assert!(told(&torn).contains("event 5 follows event 3"), "{}", told(&torn));
    let mut foreign = desk.log.clone();
    if let Event::UnitSignedOn { home, .. } = &mut foreign[0].event {
        *home = Position::from_degrees(48.1, 11.6).unwrap();
    }
    assert!(told(&foreign).contains("event 1 is of another city"), "{}", told(&foreign));
    assert!(told(&desk.log[..2]).contains("no call at all"), "{}", told(&desk.log[..2]));
    let unknown = read_desk(&desk).replay("keep-covers/1", 1, &mut go_on).unwrap_err();
    assert!(unknown.to_string().contains("keep-covers/1"), "{unknown}");
}

fn read_desk(desk: &Desk) -> RecordedLog {
    let (pack, reference) = (Arc::clone(&desk.pack), config().reference);
    RecordedLog::read(&desk.log, pack, reference, None, &mut go_on).unwrap()
}

#[test]
fn a_replay_is_stopped_and_a_span_is_reported_alone() {
    let (desk, _) = two_calls();
    let day = read_desk(&desk);
    let stopped = day.replay("keep-cover/1", 1, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(CounterfactualError::Stopped)));
    let end = desk.log.last().unwrap().recorded_at;
    let mut second = desk.log.iter().filter(|it| matches!(it.event, Event::CallReceived { .. }));
    let last = end.since(second.next_back().unwrap().recorded_at);
    let (pack, reference) = (Arc::clone(&desk.pack), config().reference);
    let day = RecordedLog::read(&desk.log, pack, reference, Some(last), &mut go_on).unwrap();
    assert_eq!((day.n_calls(), day.likeness().n_same_units), (1, 1));
}
