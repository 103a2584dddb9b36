//! The report on hand-made logs.

use std::collections::BTreeMap;

use ems_dispatch::Reference;
use ems_model::{
    Call, Choice, CrewId, Event, HospitalCandidate, HospitalId, IncidentId, Millis, Outcome,
    PatientId, Position, Priority, ReceptionAnswer, Recorded, Task, TaskId, TaskKind, TaskState,
    TaskStep, Timestamp, UnitCandidate, UnitId, UnitKind, UnitStep,
};

use super::*;

const I1: IncidentId = IncidentId(1);
const I2: IncidentId = IncidentId(2);

/// A log written by hand: each event at a second after midnight.
#[derive(Default)]
struct Log(Vec<Recorded>);

impl Log {
    fn at(mut self, secs: i64, event: Event) -> Self {
        let at = at(secs);
        let seq = self.0.len() as u64 + 1;
        let actor = "test".to_owned();
        self.0.push(Recorded { seq, occurred_at: at, recorded_at: at, actor, key: None, event });
        self
    }

    fn call(self, secs: i64, incident: IncidentId, rank: u8, rang: i64) -> Self {
        let call = Call {
            position: Position::from_degrees(35.9, 14.5).unwrap(),
            address: String::new(),
            caller: None,
            complaint: "minor".into(),
            answers: BTreeMap::new(),
            age: None,
            rang_at: at(rang),
            answered_at: Some(at(secs)),
        };
        let (patient, suggested) = (PatientId(incident.0), priority(rank));
        let because = Vec::new();
        let taken = Event::CallReceived { incident, patient, call, suggested, because };
        let (priority, suggested) = (priority(rank), priority(2));
        let triaged = Event::IncidentTriaged { incident, priority, suggested, reason: None };
        self.at(secs, taken).at(secs, triaged)
    }

    fn on_duty(self, secs: i64, name: &str, kind: UnitKind) -> Self {
        let event = Event::UnitSignedOn {
            unit: unit(name),
            kind,
            home: Position::from_degrees(35.9, 14.5).unwrap(),
            station: None,
            crew: CrewId::new("c1").unwrap(),
            shift_until: at(100_000),
        };
        self.at(secs, event)
    }

    fn send(self, secs: i64, name: &str, kind: UnitKind, incident: IncidentId) -> Self {
        let overrule = (name == "B1").then(|| "road closed".to_owned());
        let chosen = UnitCandidate {
            unit: unit(name),
            kind,
            eta: None,
            likely: None,
            cost: 0,
            is_eligible: true,
            pros: Vec::new(),
            cons: Vec::new(),
        };
        let policy = "closest-eta/1".to_owned();
        let choice = Choice { policy, rank: 1, chosen, passed_over: Vec::new(), overrule };
        self.at(secs, Event::UnitAssigned { incident, unit: unit(name), choice })
    }

    fn step(self, secs: i64, name: &str, incident: IncidentId, step: UnitStep) -> Self {
        self.at(secs, Event::UnitStepped { unit: unit(name), incident, step })
    }

    fn report(&self, now: i64) -> Report {
        Report::build(&self.0, Reference::standard().clocks(), at(now))
    }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

fn hospital() -> HospitalId {
    HospitalId::new("n1").unwrap()
}

fn priority(rank: u8) -> Priority {
    Priority { rank, code: ["I", "II", "III", "IV"][usize::from(rank) - 1].into() }
}

fn clock<'a>(report: &'a Report, id: &str) -> &'a ClockReport {
    report.clocks.iter().find(|clock| clock.spec.id == id).unwrap()
}

/// Two calls: the first served by B1 then A1, the second called off after A2 was told.
fn morning() -> Log {
    use UnitStep as S;
    Log::default()
        .on_duty(0, "A1", UnitKind::Als)
        .on_duty(0, "B1", UnitKind::Bls)
        .call(108, I1, 1, 100)
        .send(120, "A1", UnitKind::Als, I1)
        .send(130, "B1", UnitKind::Bls, I1)
        .step(170, "A1", I1, S::GoEnRoute)
        .step(350, "B1", I1, S::GoEnRoute)
        .step(500, "B1", I1, S::ArriveOnScene)
        .step(700, "A1", I1, S::ArriveOnScene)
        .step(900, "B1", I1, S::ReturnToService)
        .call(4_000, I2, 3, 3_985)
        .send(4_010, "B1", UnitKind::Bls, I2)
        .step(4_050, "B1", I2, S::StandDown)
        .at(4_050, Event::IncidentCancelled { incident: I2, reason: "caller rang off".into() })
}

#[test]
fn events_that_are_given_one_by_one_and_let_go_make_the_same_report() {
    let log = Log::default().on_duty(0, "A1", UnitKind::Als).call(10, I1, 1, 5);
    let clocks = Reference::standard().clocks().to_vec();
    let held = Report::build(&log.0, &clocks, at(60));
    let streamed = Report::build(log.0.iter().cloned(), &clocks, at(60));
    assert_eq!((streamed.n_events, streamed.calls.n), (3, 1));
    assert_eq!(streamed, held);
}

#[test]
fn a_clock_counts_what_stopped_runs_and_is_missing() {
    let report = morning().report(5_000);
    // id, stopped, within, running, missing, median in seconds
    for (id, n, n_within, n_running, n_missing, p50) in [
        ("china-answer", 2, 1, 0, 0, Some(8)),
        ("china-call-to-assigned", 2, 2, 0, 0, Some(20)),
        ("china-turn-out", 2, 1, 0, 1, Some(50)),
        ("china-response", 1, 1, 0, 1, Some(400)),
        ("arp-c1-p90", 1, 1, 0, 0, Some(392)),
        ("arp-c3-p90", 0, 0, 0, 1, None),
        // The first unit on scene is B1, though A1 left earlier.
        ("nfpa-travel-first", 1, 1, 0, 0, Some(150)),
        // Only A1 is ALS.
        ("nfpa-travel-als", 1, 0, 0, 0, Some(530)),
    ] {
        let clock = clock(&report, id);
        let found = (clock.n, clock.n_within, clock.n_running, clock.n_missing);
        assert_eq!(found, (n, n_within, n_running, n_missing), "{id}");
        let median = clock.spread.map(|spread| spread.p50.get() / 1000);
        assert_eq!(median, p50, "{id}");
    }
}

#[test]
fn a_drone_stops_no_clock() {
    use UnitStep as S;
    let with_drone = morning()
        .on_duty(0, "F1", UnitKind::Drone)
        .send(110, "F1", UnitKind::Drone, I1)
        .step(170, "F1", I1, S::GoEnRoute)
        .step(240, "F1", I1, S::ArriveOnScene)
        .step(900, "F1", I1, S::ReturnToService);
    assert_eq!(with_drone.report(5_000).clocks, morning().report(5_000).clocks);
}

#[test]
fn a_promise_is_judged_by_share_or_mean_and_not_at_all_without_calls() {
    let report = morning().report(5_000);
    for (id, is_met) in [
        ("china-answer", Some(false)),
        ("arp-c1-mean", Some(true)),
        ("arp-c2-p90", None),
        ("china-response", None),
    ] {
        assert_eq!(clock(&report, id).is_met(), is_met, "{id}");
    }
    assert_eq!(clock(&report, "china-answer").share(), Some(0.5));
}

#[test]
fn a_clock_that_runs_past_its_target_already_counts_against_it() {
    let log = Log::default().call(10, I1, 1, 0);
    for (now, n_late, is_met) in [(900, 0, None), (911, 1, Some(false))] {
        let report = log.report(now);
        let clock = clock(&report, "arp-c1-p90");
        assert_eq!((clock.n_running, clock.n_running_late), (1, n_late), "at {now} s");
        assert_eq!(clock.is_met(), is_met, "at {now} s");
    }
}

#[test]
fn a_clock_that_stopped_before_it_started_is_counted_apart() {
    let report = Log::default().call(5, I1, 1, 9).report(60);
    let clock = clock(&report, "china-answer");
    assert_eq!((clock.n, clock.n_backwards, clock.spread), (0, 1, None));
}

#[test]
fn a_unit_is_busy_from_being_sent_to_being_free() {
    let report = morning().report(5_000);
    let [a1, b1] = &report.units[..] else { panic!("two units were on duty") };
    assert_eq!((a1.on_duty, a1.busy), (Millis::from_secs(5_000), Millis::from_secs(4_880)));
    assert_eq!((b1.busy, b1.n_calls), (Millis::from_secs(770 + 40), 2));
    assert!((b1.utilisation().unwrap() - 0.162).abs() < 1e-9);
    let off = morning().at(6_000, Event::UnitSignedOff { unit: unit("B1") }).report(9_000);
    assert_eq!(off.units[1].on_duty, Millis::from_secs(6_000));
}

#[test]
fn calls_are_counted_by_hour_priority_and_end() {
    let closed = Event::IncidentClosed { incident: I1, outcome: Outcome::NoPatient };
    let report = morning().at(4_500, closed).report(5_000);
    let calls = &report.calls;
    assert_eq!((calls.n, calls.n_open, calls.n_cancelled), (2, 0, 1));
    assert_eq!(calls.by_hour, [(at(0), 1), (at(3_600), 1)]);
    assert_eq!(calls.by_priority, [(Some(priority(1)), 1), (Some(priority(3)), 1)]);
    assert_eq!(calls.by_outcome, [(Outcome::NoPatient, 1)]);
    assert_eq!(report.overrules.priorities, Overruled { n: 2, n_overruled: 2 });
    assert_eq!(report.overrules.units, Overruled { n: 3, n_overruled: 2 });
    assert_eq!(report.overrules.hospitals.share(), None);
}

#[test]
fn a_task_is_late_against_where_it_was_moved_and_missed_where_the_patient_was_first() {
    let task = |id| Task {
        id: TaskId(id),
        kind: TaskKind::People,
        what: "stroke-team".into(),
        lead: Millis::from_mins(5),
        due: at(600),
        state: TaskState::Planned,
    };
    let tasks = vec![task(1), task(2), task(3)];
    let finish = |id| Event::TaskStepped {
        hospital: hospital(),
        incident: I1,
        task: TaskId(id),
        step: TaskStep::Finish,
    };
    let answer = |answer| Event::ReceptionAnswered { incident: I1, hospital: hospital(), answer };
    let request =
        Event::ReceptionRequested { incident: I1, hospital: hospital(), eta: at(600), tasks };
    let moved = Event::TasksMoved {
        incident: I1,
        hospital: hospital(),
        tasks: vec![TaskId(2), TaskId(3)],
        from: at(600),
        to: at(700),
        cause: ems_model::EtaCause::PositionReported,
    };
    let report = Log::default()
        .at(100, request)
        .at(110, answer(ReceptionAnswer::Accept))
        .at(120, moved)
        .at(630, finish(1))
        .at(690, finish(2))
        .step(700, "A1", I1, UnitStep::ArriveAtHospital)
        .at(760, finish(3))
        .report(900);
    let [hospital] = &report.hospitals[..] else { panic!("one hospital was asked") };
    assert_eq!((hospital.n_requested, hospital.n_accepted, hospital.n_arrived), (1, 1, 1));
    assert_eq!(hospital.n_unanswered, 0);
    let tasks = hospital.tasks;
    assert_eq!((tasks.n, tasks.n_ready, tasks.n_late, tasks.n_missed), (3, 3, 2, 1));
    assert_eq!(tasks.lateness.unwrap().max, Millis::from_secs(60));
}

#[test]
fn a_diverted_patient_is_no_arrival_there() {
    let answer = ReceptionAnswer::Divert { reason: "no bed".into() };
    let request = Event::ReceptionRequested {
        incident: I1,
        hospital: hospital(),
        eta: at(600),
        tasks: Vec::new(),
    };
    let report = Log::default()
        .at(100, request)
        .at(110, Event::ReceptionAnswered { incident: I1, hospital: hospital(), answer })
        .step(700, "A1", I1, UnitStep::ArriveAtHospital)
        .report(900);
    assert_eq!((report.hospitals[0].n_diverted, report.hospitals[0].n_arrived), (1, 0));
}

#[test]
fn a_hospital_chosen_against_the_ranking_is_counted() {
    let chosen = HospitalCandidate {
        hospital: hospital(),
        drive: None,
        likely: None,
        cost: 0,
        is_suitable: true,
        pros: Vec::new(),
        cons: Vec::new(),
    };
    let choice = Choice {
        policy: "closest-eta/1".into(),
        rank: 2,
        chosen,
        passed_over: Vec::new(),
        overrule: Some("family asks".into()),
    };
    let event = Event::HospitalChosen { incident: I1, hospital: hospital(), choice };
    let report = Log::default().at(5, event).report(9);
    assert_eq!(report.overrules.hospitals.share(), Some(1.0));
}

#[test]
fn an_empty_log_reports_nothing_and_every_clock() {
    let report = Log::default().report(9);
    assert_eq!((report.from, report.n_events, report.calls.n), (None, 0, 0));
    assert_eq!(report.clocks.len(), Reference::standard().clocks().len());
    assert!(report.clocks.iter().all(|clock| clock.is_met().is_none()));
}
