//! Whole runs of the simulation.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use ems_centre::{CentreConfig, City as Pack, NamedWeek};
use ems_dispatch::Reference;
use ems_model::{Call, Event, MajorEvent, Millis, Recorded, Timestamp, UnitStep};
use ems_roads::{WEEK, Week};
use ems_sim::{CallList, CallSource, Faults, MajorPlan, Mode, Simulation, SimulationPlan, Summary};

pub(crate) static GRID: LazyLock<Arc<Pack>> = LazyLock::new(crate::grid::city);

pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_258_000_000);

pub(crate) fn plan(seed: u64, mins: i64, faults: Faults) -> SimulationPlan {
    let mut plan = SimulationPlan::new(seed, START, Millis::from_mins(mins), faults);
    plan.city.n_units = 10;
    plan.city.calls = CallSource::Poisson { per_hour: Some(12.0) };
    plan
}

pub(crate) fn config() -> CentreConfig {
    CentreConfig { reference: Arc::new(Reference::standard()) }
}

pub(crate) fn run(plan: SimulationPlan) -> (Summary, Vec<Recorded>) {
    run_in(Arc::clone(&GRID), plan)
}

pub(crate) fn run_in(city: Arc<Pack>, plan: SimulationPlan) -> (Summary, Vec<Recorded>) {
    run_under(config(), city, plan)
}

fn run_under(
    config: CentreConfig,
    city: Arc<Pack>,
    plan: SimulationPlan,
) -> (Summary, Vec<Recorded>) {
    let mut log = Vec::new();
    let simulation = Simulation::new(plan, city, config).unwrap();
    let summary = simulation.run(&mut log, &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    (summary, lines.map(|line| serde_json::from_slice(line).unwrap()).collect())
}

fn calls(log: &[Recorded]) -> Vec<&Call> {
    let received = log.iter().filter_map(|recorded| match &recorded.event {
        Event::CallReceived { call, .. } => Some(call),
        _ => None,
    });
    let mut calls: Vec<_> = received.collect();
    calls.sort_by_key(|call| call.rang_at);
    calls
}

#[test]
fn two_hours_run_twice_give_the_same_log() {
    for faults in [Faults::none(), Faults::usual()] {
        let (first, _) = run(plan(7, 120, faults));
        let (second, _) = run(plan(7, 120, faults));
        let (other, _) = run(plan(8, 120, faults));
        assert_eq!(first, second);
        assert_ne!(first.hash, other.hash);
        assert!(first.n_calls > 10 && first.n_handed_over > 5, "{first:?}");
    }
}

#[test]
fn a_log_that_begins_with_another_policy_keeps_it_over_crashes_and_repeats() {
    let run = || {
        let reference = Reference::standard().beginning_with("keep-cover/1").unwrap();
        let config = CentreConfig { reference: Arc::new(reference) };
        run_under(config, Arc::clone(&GRID), plan(7, 120, Faults::usual()))
    };
    let ((first, log), (second, _)) = (run(), run());
    assert_eq!(first, second);
    assert!(first.faults.centre_crashes > 0, "{first:?}");
    let switches = log.iter().filter(|it| it.event.name() == "policy_switched");
    assert_eq!(switches.count(), 1, "a crash puts nothing else in force");
    let policies = log.iter().filter_map(|recorded| match &recorded.event {
        Event::UnitAssigned { choice, .. } => Some(choice.policy.as_str()),
        Event::UnitPosted { policy, .. } => Some(policy.as_str()),
        _ => None,
    });
    assert_eq!(policies.collect::<BTreeSet<_>>(), BTreeSet::from(["keep-cover/1"]));
}

#[test]
fn hours_of_the_week_move_the_times_and_repeat() {
    let week = Week::parse(WEEK).unwrap();
    let mut city = Pack::clone(&GRID);
    city.drive_times.week = Some(NamedWeek { name: "week.toml".into(), week });
    let by_hour = || run_in(Arc::new(city.clone()), plan(7, 120, Faults::usual())).0;
    let first = by_hour();
    assert_eq!(first, by_hour());
    assert_ne!(first.hash, run(plan(7, 120, Faults::usual())).0.hash);
}

#[test]
fn what_goes_wrong_does_not_change_who_calls() {
    let (calm, calm_log) = run(plan(3, 120, Faults::none()));
    let mut rough = plan(3, 120, Faults::usual());
    rough.city.n_units = 6;
    let (rough, rough_log) = run(rough);
    assert!(rough.faults.centre_crashes > 0 && rough.faults.link_losses > 0, "{rough:?}");
    let (calm_calls, rough_calls) = (calls(&calm_log), calls(&rough_log));
    let n = calm_calls.len().min(rough_calls.len());
    assert!(n > 15);
    assert_eq!(calm_calls[..n - 1], rough_calls[..n - 1]);
    assert_ne!(calm.hash, rough.hash);
}

#[test]
fn many_seeds_keep_every_promise() {
    for seed in 100..112 {
        let (summary, _) = run(plan(seed, 90, Faults::usual()));
        assert!(summary.n_calls > 0, "{seed}");
    }
}

const LIST: &str = "complaint,lat,lon,time
chest-pain,35.91,14.51,0
fall,35.92,14.52,60
stroke,35.93,14.53,90.5
minor,35.905,14.505,120
breathing,35.94,14.54,600
cardiac-arrest,35.915,14.535,900
trauma,35.925,14.515,1200
";

pub(crate) fn listed() -> CallSource {
    let reference = Reference::standard();
    let known: Vec<_> = reference.cards().iter().map(|card| card.id.as_str()).collect();
    let list = CallList::parse(LIST.as_bytes(), &known).unwrap();
    CallSource::Listed(Arc::new(list))
}

#[test]
fn listed_calls_are_lived_to_their_end() {
    let mut plan = plan(5, 300, Faults::none());
    plan.city.n_units = 3;
    plan.city.calls = listed();
    let (summary, log) = run(plan);
    assert_eq!(summary.n_calls, 7);
    assert_eq!(summary.n_handed_over + summary.n_on_scene, 7, "{summary:?}");
    let complaints: Vec<_> = calls(&log).iter().map(|call| call.complaint.as_str()).collect();
    let expected =
        ["chest-pain", "fall", "stroke", "minor", "breathing", "cardiac-arrest", "trauma"];
    assert_eq!(complaints, expected);
    let is_home = |recorded: &&Recorded| {
        matches!(recorded.event, Event::UnitStepped { step: UnitStep::ReturnHome, .. })
    };
    assert!(log.iter().filter(is_home).count() >= 3, "units drive home");
}

#[test]
fn one_unit_serves_one_after_the_other_and_the_most_urgent_first() {
    let mut plan = plan(5, 360, Faults::none());
    plan.city.n_units = 1;
    plan.city.calls = listed();
    let (_, log) = run(plan);
    let mut waiting = BTreeSet::new();
    let mut n_assigned = 0;
    for recorded in &log {
        match &recorded.event {
            Event::IncidentTriaged { incident, priority, .. } => {
                waiting.insert((priority.rank, *incident));
            }
            Event::UnitAssigned { incident, .. } => {
                let rank = waiting.iter().find(|(_, it)| it == incident).unwrap().0;
                let most_urgent = waiting.first().unwrap().0;
                assert_eq!(rank, most_urgent, "incident {incident} was not the most urgent");
                waiting.retain(|(_, it)| it != incident);
                n_assigned += 1;
            }
            _ => {}
        }
    }
    assert!(n_assigned >= 3, "{n_assigned}");
}

#[test]
fn patients_of_a_city_without_a_hospital_are_cared_for_where_they_are() {
    let city = Pack { hospitals: Vec::new(), ..Pack::clone(&GRID) };
    let mut plan = plan(5, 300, Faults::none());
    plan.city.calls = listed();
    let (summary, log) = run_in(Arc::new(city), plan);
    assert_eq!((summary.n_calls, summary.n_on_scene), (7, 7), "{summary:?}");
    let is_remote = |recorded: &&Recorded| {
        let outcome = ems_model::Outcome::RemoteCare;
        matches!(recorded.event, Event::IncidentClosed { outcome: it, .. } if it == outcome)
    };
    assert!(log.iter().filter(is_remote).count() >= 4, "by a remote expert, most of them");
}

#[test]
fn a_call_off_the_map_names_its_line() {
    let list = CallList::parse(b"time,lat,lon,complaint\n0,36.5,14.5,fall\n", &["fall"]).unwrap();
    let mut plan = plan(5, 60, Faults::none());
    plan.city.calls = CallSource::Listed(Arc::new(list));
    let error = Simulation::new(plan, Arc::clone(&GRID), config()).map(drop).unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("the list of calls: line 2: position 36.5,14.5 is"), "{error}");
}

#[test]
fn people_at_a_console_keep_their_work() {
    let mut plan = plan(7, 60, Faults::none());
    (plan.city.dispatcher, plan.city.hospitals) = (Mode::Manual, Mode::Manual);
    let (summary, log) = run(plan);
    assert!(summary.n_calls > 3);
    for recorded in &log {
        let is_left_alone = matches!(
            recorded.event,
            Event::UnitSignedOn { .. }
                | Event::CallReceived { .. }
                | Event::CrowdingReported { .. }
                | Event::DoorsChanged { .. }
        );
        assert!(is_left_alone, "{recorded:?}");
    }
}

#[test]
fn waveforms_are_streamed_where_they_are_asked_for() {
    let with = |has_ecg| {
        let mut plan = plan(7, 45, Faults::none());
        plan.city.has_ecg = has_ecg;
        run(plan).0.n_frames
    };
    let (numbers, waves) = (with(false), with(true));
    assert!(waves > numbers + numbers / 2, "{numbers} {waves}");
}

#[test]
fn a_broken_promise_tells_how_to_see_it_again() {
    let error = ems_sim::SimulationError::Broken {
        after: Millis::new(11_527_250),
        seq: 812,
        what: "unit A103 is on incidents 4 and 9".into(),
        command: "golden-hour simulate --seed 7 --hours 24 --units 30 --faults default".into(),
    };
    assert_eq!(
        error.to_string(),
        "promise broken 3:12:07.250 after the start, event 812: unit A103 is on incidents 4 and 9; run `golden-hour simulate --seed 7 --hours 24 --units 30 --faults default` on the same city and files to see it again"
    );
}

#[test]
fn a_major_incident_is_played_to_its_end_and_the_same_each_time() {
    let n_casualties = 24;
    for faults in [Faults::none(), Faults::usual()] {
        let mut plan = plan(7, 360, faults);
        plan.city.major = Some(MajorPlan { n_casualties, after: Millis::from_mins(5) });
        let (first, log) = run(plan.clone());
        assert_eq!(first, run(plan).0);
        let mut n: std::collections::BTreeMap<&str, u32> = std::collections::BTreeMap::new();
        for recorded in &log {
            if let Event::MajorIncident { what, .. } = &recorded.event {
                *n.entry(what.name()).or_default() += 1;
            }
        }
        let of = |name: &str| n.get(name).copied().unwrap_or(0);
        assert_eq!(of("casualty_tagged"), n_casualties, "{n:?}");
        assert_eq!(of("casualty_brought") + of("casualty_ended"), n_casualties, "{n:?}");
        assert_eq!(of("major_incident_stood_down"), 1, "{n:?}");
        let is_stood_down = |recorded: &Recorded| {
            matches!(recorded.event, Event::MajorIncident { what: MajorEvent::StoodDown, .. })
        };
        let at = log.iter().position(is_stood_down).unwrap();
        let is_closed = |it: &Recorded| matches!(it.event, Event::IncidentClosed { .. });
        assert!(log[at..].iter().any(is_closed));
    }
}
