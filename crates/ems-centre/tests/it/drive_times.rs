//! What a centre makes of what its fleet's drives have taught.

use ems_centre::{Centre, CityTraffic, DriveTimes, NamedWeek, Wake};
use ems_model::{EtaCause, Event, Leg, Millis, Timestamp, UnitReason, UnitStep};
use ems_roads::{WEEK, Week};
use ems_traces::EtaModel;

use crate::city::{Floor, config, malta, malta_with, mellieha, sliema, unit};

/// Drives take a fifth longer than the roads say and 20 s, and spread.
fn spread() -> EtaModel {
    let model = "source = \"a test\"\nn_trips = 60\nscale = 1.2\nstart_s = 20.0\n\
                 b0 = 30.0\nb1 = 1.0\nb2 = 0.01\ndof = 5.0\n";
    EtaModel::parse(model).unwrap()
}

fn open() -> Floor {
    Floor::open_in(malta_with(DriveTimes {
        spread: Some(spread().into()),
        ..DriveTimes::default()
    }))
}

/// The arrivals of A2 at the scene, oldest first.
fn arrivals(floor: &Floor) -> Vec<(Timestamp, [Timestamp; 2], EtaCause)> {
    let told = floor.log.iter().filter_map(|recorded| match &recorded.event {
        Event::EtaRevised { leg: Leg::ToScene, eta, likely, cause, .. } => {
            Some((*eta, likely.unwrap(), *cause))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn every_recommendation_holds_the_interval_of_its_drive() {
    let (mut plain, mut learnt) = (Floor::open(), open());
    let advice = [&mut plain, &mut learnt].map(|floor| {
        let incident = floor.incident();
        floor.centre.recommend(floor.now, incident).unwrap()
    });
    let turn_out = plain.centre.policy().units.turn_out;
    for unit in &advice[1].units {
        let same = advice[0].units.iter().find(|it| it.unit == unit.unit).unwrap();
        let drive = same.eta.unwrap() - turn_out;
        assert_eq!((same.likely, unit.eta), (None, Some(spread().median(drive) + turn_out)));
        let likely = spread().interval(drive, 0.8).map(|drive| drive + turn_out);
        assert_eq!(unit.likely, Some(likely));
    }
    for hospital in &advice[1].hospitals {
        let same = advice[0].hospitals.iter().find(|it| it.hospital == hospital.hospital).unwrap();
        assert_eq!(same.likely, None);
        assert_eq!(hospital.likely, same.drive.map(|drive| spread().interval(drive, 0.8)));
        assert_eq!(hospital.drive, same.drive.map(|drive| spread().median(drive)));
    }
    let says_so = |reason: &UnitReason| matches!(reason, UnitReason::MayBeLate { .. });
    assert!(!advice[0].units.iter().any(|unit| unit.cons.iter().any(says_so)));
}

#[test]
fn a_drive_becomes_surer_on_its_way_and_the_log_keeps_what_was_told() {
    let mut floor = open();
    let incident = floor.incident();
    floor.assign(incident, "A2");
    floor.steps(incident, "A2", &[UnitStep::GoEnRoute]);
    floor.at("A2", mellieha());
    let way = floor.centre.route_of(&unit("A2")).unwrap().unwrap().route;
    let start = floor.now;
    for fifths in 1..=4 {
        let driven = Millis::new(way.duration.get() * fifths / 5);
        floor.wait((start + Millis::new(driven.get() * 6 / 5)).since(floor.now));
        floor.at("A2", way.position_at(driven));
    }
    let told = arrivals(&floor);
    let width = |[first, last]: [Timestamp; 2]| last.since(first);
    assert!(told.iter().all(|(eta, [first, last], _)| first < eta && eta < last));
    let (first, last) = (told[1], told[told.len() - 1]);
    assert!(last.0.since(first.0).abs() < Millis::from_secs(40), "{told:?}");
    assert!(width(last.1).get() < width(first.1).get() / 2, "{told:?}");
    let replayed = Centre::replay(config(), malta_with(DriveTimes::default()), floor.log.clone());
    assert_eq!(replayed.unwrap().ledger(), floor.centre.ledger());
}

/// A floor whose hours differ, at the start of its first one.
fn open_by_the_hour() -> (Floor, Week) {
    let week = Week::parse(WEEK).unwrap();
    let named = NamedWeek { name: "week.toml".into(), week: week.clone() };
    let city = malta_with(DriveTimes { week: Some(named), ..DriveTimes::default() });
    let mut floor = Floor::open_in(city);
    floor.wait(week.hour_ends(floor.now).since(floor.now));
    (floor, week)
}

fn turn_hour(floor: &mut Floor) {
    let relay = floor.centre.poll_relay().unwrap();
    floor.centre.take_relaid(relay.run(floor.now));
}

#[test]
fn times_are_those_of_the_hour_and_change_when_it_does() {
    let (mut floor, week) = open_by_the_hour();
    turn_hour(&mut floor);
    let incident = floor.incident();
    let roads = &malta().roads;
    let places = [mellieha(), sliema()].map(|place| roads.snap(place).unwrap());
    let turn_out = floor.centre.policy().units.turn_out;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..24 {
        let hour = roads.in_hour(&week, week.hour(floor.now));
        let drive = hour.time(&places[0], &places[1]).unwrap();
        let advice = floor.centre.recommend(floor.now, incident).unwrap();
        let far = advice.units.iter().find(|it| it.unit == unit("A2")).unwrap();
        assert_eq!(far.eta, Some(drive + turn_out));
        seen.insert(drive);
        let (at, wake) = floor.centre.next_wake().unwrap();
        assert_eq!((at, wake), (week.hour_ends(floor.now), Wake::HourEnds));
        floor.wait(at.since(floor.now));
        assert_eq!(floor.centre.next_wake(), None, "it is being seen to");
        turn_hour(&mut floor);
    }
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn live_traffic_stays_when_the_hour_changes() {
    let (mut floor, week) = open_by_the_hour();
    let [from, to] = [mellieha(), sliema()].map(|place| malta().roads.snap(place).unwrap());
    let until = floor.now + Millis::from_mins(90);
    let way = malta().roads.route(&from, &to).unwrap();
    let closed = malta().roads.snap(way.position_at(Millis::new(way.duration.get() / 2))).unwrap();
    let row = [true, false].map(|is_forward| {
        let times = [floor.now, until];
        malta().roads.overlaid(closed.edge(), is_forward, ems_roads::Flow::Closed, times).ok()
    });
    let traffic = row.into_iter().flatten().collect();
    let city = floor.centre.city().clone();
    floor.centre.take_traffic(CityTraffic::lay(&city, &traffic, floor.now));
    for _ in 0..2 {
        let n_closed = floor.centre.traffic().summary().n_closed;
        let hour = malta().roads.in_hour(&week, week.hour(floor.now));
        let under = hour.under(&traffic, floor.now);
        assert!(n_closed > 0 && under.time(&from, &to) > hour.time(&from, &to));
        assert_eq!(floor.centre.traffic().roads().time(&from, &to), under.time(&from, &to));
        floor.wait(Millis::from_mins(60));
        turn_hour(&mut floor);
    }
}
