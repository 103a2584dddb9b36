//! Crews' breaks and vehicles' range under a policy that respects them, and under one that does not.

use ems_centre::{Centre, Rejection};
use ems_model::{
    Command, CrewId, CrewState, Event, Millis, PostReason, UnitCandidate, UnitKind, UnitReason,
    UnitStep,
};

use crate::city::{Floor, START, config, malta, unit};

fn floor(policy: &str) -> Floor {
    let mut floor = Floor::open();
    let (policy, reason) = (policy.to_owned(), "test".to_owned());
    floor.done(Command::SwitchPolicy { policy, reason });
    floor
}

fn hours(hours: i64) -> Millis {
    Millis::from_mins(hours * 60)
}

/// Lets time pass as a host does.
fn pass(floor: &mut Floor, span: Millis) {
    let end = floor.now + span;
    while let Some((at, _)) = floor.centre.next_wake().filter(|(at, _)| *at <= end) {
        floor.now = at.max(floor.now);
        let events = floor.centre.on_wake(floor.now);
        floor.log.extend(events);
    }
    floor.now = end;
}

fn rests(floor: &Floor, name: &str) -> bool {
    let record = floor.centre.ledger().unit(&unit(name)).unwrap();
    matches!(record.unit.crew.state, CrewState::Resting { .. })
}

fn n_breaks(floor: &Floor, name: &str) -> usize {
    let is_break =
        |event: &Event| matches!(event, Event::CrewRested { unit: u, .. } if *u == unit(name));
    floor.log.iter().filter(|it| is_break(&it.event)).count()
}

fn ranked(floor: &Floor, id: ems_model::IncidentId, name: &str) -> UnitCandidate {
    let units = floor.centre.recommend(floor.now, id).unwrap().units;
    units.into_iter().find(|it| it.unit == unit(name)).unwrap()
}

#[test]
fn a_free_crew_takes_its_break_when_the_window_opens_and_only_once() {
    let mut floor = floor("crew-hours/1");
    pass(&mut floor, hours(4) - Millis::from_mins(1));
    assert!(!rests(&floor, "A1"), "the window opens after four hours");
    pass(&mut floor, Millis::from_mins(2));
    assert!(rests(&floor, "A1"));
    pass(&mut floor, Millis::from_mins(30));
    assert!(!rests(&floor, "A1"), "half an hour is over");
    pass(&mut floor, hours(3));
    assert_eq!(n_breaks(&floor, "A1"), 1);
    let again = Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(again.ledger(), floor.centre.ledger());
}

#[test]
fn a_policy_without_meals_and_range_knows_of_neither() {
    let mut floor = floor("nested-compliance/1");
    floor.done(Command::ReportRange { unit: unit("A1"), km: 1 });
    pass(&mut floor, hours(5));
    assert_eq!(n_breaks(&floor, "A1"), 0);
    let id = floor.incident();
    assert!(ranked(&floor, id, "A1").is_eligible);
}

#[test]
fn a_crew_that_is_owed_its_break_is_sent_later_and_eats_where_it_comes_home() {
    let mut floor = floor("crew-hours/1");
    pass(&mut floor, hours(4) - Millis::from_mins(1));
    let busy = floor.incident();
    floor.assign(busy, "A1");
    pass(&mut floor, Millis::from_mins(10));
    assert!(!rests(&floor, "A1"), "it drives to a call");
    floor.steps(busy, "A1", &[UnitStep::GoEnRoute, UnitStep::StandDown]);
    let id = floor.incident();
    let owed = ranked(&floor, id, "A1");
    let closes = START + hours(7);
    assert!(owed.is_eligible && owed.cons.contains(&UnitReason::MealDue { closes }), "{owed:?}");
    let posted = floor.log.iter().rev().find_map(|it| match &it.event {
        Event::UnitPosted { unit: posted, reasons, .. } if *posted == unit("A1") => Some(reasons),
        _ => None,
    });
    let says = |reasons: &Vec<PostReason>| reasons.contains(&PostReason::MealDue { closes });
    assert!(posted.is_none_or(says), "{posted:?}");
    floor.steps(busy, "A1", &[UnitStep::ReturnHome]);
    assert!(rests(&floor, "A1"));
}

#[test]
fn a_vehicle_with_its_reserve_alone_is_not_sent_until_it_is_refilled() {
    let mut floor = floor("crew-hours/1");
    floor.done(Command::ReportRange { unit: unit("A1"), km: 62 });
    // 40 km are kept back, and 45 km are driven in an hour: half an hour is enough.
    let id = floor.incident();
    assert!(ranked(&floor, id, "A1").is_eligible);
    floor.assign(id, "A1");
    floor.steps(id, "A1", &[UnitStep::GoEnRoute]);
    pass(&mut floor, Millis::from_mins(30));
    floor.steps(id, "A1", &[UnitStep::ArriveOnScene, UnitStep::StandDown]);
    let post = floor.log.iter().rev().find_map(|it| match &it.event {
        Event::UnitPosted { unit: posted, reasons, .. } if *posted == unit("A1") => Some(reasons),
        _ => None,
    });
    let low = PostReason::RangeLow { left_km: 39, reserve_km: 40 };
    assert!(post.is_none_or(|reasons| reasons.contains(&low)), "{post:?}");
    let next = floor.incident();
    let told = ranked(&floor, next, "A1");
    assert!(!told.is_eligible, "{told:?}");
    assert!(told.cons.iter().any(|con| matches!(con, UnitReason::RangeLow { reserve_km: 40, .. })));
    floor.done(Command::ReportRange { unit: unit("A1"), km: 300 });
    assert!(ranked(&floor, next, "A1").is_eligible);
    let refused = floor.say(Command::ReportRange { unit: unit("A1"), km: 2001 }).unwrap_err();
    assert!(matches!(refused, Rejection::Range { field: "km", .. }), "{refused}");
}

#[test]
fn a_crew_that_waits_elsewhere_eats_there_once_it_has_come() {
    let mut floor = floor("crew-hours/1");
    let [home, other] = [0, 1].map(|n| malta().stations[n].clone());
    floor.done(Command::SignOnUnit {
        unit: unit("C1"),
        kind: UnitKind::Als,
        home: home.position,
        station: Some(home.id),
        crew: CrewId::new("c1").unwrap(),
        shift_until: START + hours(12),
    });
    let busy = floor.incident();
    floor.assign(busy, "C1");
    floor.steps(busy, "C1", &[UnitStep::GoEnRoute, UnitStep::StandDown]);
    let overrule = Some("the bridge is up".to_owned());
    floor.done(Command::PostUnit { unit: unit("C1"), station: other.id.clone(), overrule });
    pass(&mut floor, hours(4) + Millis::from_mins(5));
    assert!(!rests(&floor, "C1"), "nobody said that it is there");
    floor.steps(busy, "C1", &[UnitStep::ReturnHome]);
    assert!(rests(&floor, "C1"));
    let record = floor.centre.ledger().unit(&unit("C1")).unwrap();
    assert_eq!(record.unit.waits_at(), Some(&other.id));
}
