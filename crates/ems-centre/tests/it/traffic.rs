//! Traffic that the centre believes, and what follows from it.

use ems_centre::{CityTraffic, Wake};
use ems_model::{EtaCause, Leg, Millis, Timestamp, UnitStep};
use ems_roads::{Flow, Kmh, Traffic};

use crate::city::{Floor, malta, mellieha, unit, valletta};

/// All roads of Malta at one speed, or closed, for some minutes.
fn everywhere(kmh: Option<f64>, now: Timestamp, mins: i64) -> Traffic {
    let city = malta();
    let flow = kmh.map_or(Flow::Closed, |kmh| Flow::At(Kmh::new(kmh).unwrap()));
    let edges = 0..u32::try_from(city.roads.n_edges()).unwrap();
    let both = edges.flat_map(|edge| [true, false].map(|is_forward| (edge, is_forward)));
    let times = [now, now + Millis::from_mins(mins)];
    let row = |(edge, is_forward)| city.roads.overlaid(edge, is_forward, flow, times).ok();
    both.filter_map(row).collect()
}

fn lay(floor: &mut Floor, traffic: &Traffic) {
    floor.centre.take_traffic(CityTraffic::lay(&malta(), traffic, floor.now));
}

#[test]
fn every_expected_arrival_is_under_the_traffic() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A2");
    floor.steps(incident, "A2", &[UnitStep::GoEnRoute]);
    floor.at("A2", mellieha());
    let before = floor.record(incident).etas[&(unit("A2"), Leg::ToScene)];
    let best = |floor: &Floor| floor.centre.recommend(floor.now, incident).unwrap();
    let (units, hospitals) = (best(&floor).units[0].eta, best(&floor).hospitals[0].drive);
    let slow = everywhere(Some(8.0), floor.now, 30);
    lay(&mut floor, &slow);
    floor.wait(Millis::from_secs(1));
    floor.at("A2", mellieha());
    let after = floor.record(incident).etas[&(unit("A2"), Leg::ToScene)];
    assert_eq!(after.cause, EtaCause::TrafficChanged);
    assert!(after.eta.since(before.eta) > Millis::from_mins(20), "{before:?} {after:?}");
    let slowed = best(&floor);
    assert!(slowed.units[0].eta > units && slowed.hospitals[0].drive > hospitals);
    let route = floor.centre.route_of(&unit("A2")).unwrap().unwrap().route;
    assert_eq!(floor.now + route.duration, after.eta, "the way shown is the way expected");
}

#[test]
fn where_nothing_moves_nobody_is_expected_and_nothing_fails() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    let closed = everywhere(None, floor.now, 30);
    lay(&mut floor, &closed);
    floor.steps(incident, "A1", &[UnitStep::GoEnRoute]);
    floor.at("A1", valletta());
    let advice = floor.centre.recommend(floor.now, incident).unwrap();
    assert!(advice.units.iter().all(|candidate| candidate.eta.is_none()));
    let parted = floor.centre.route_of(&unit("A1")).unwrap().unwrap_err();
    assert!(parted.drive_to.is_none() && parted.drive_from.is_none(), "{parted}");
    assert_eq!(floor.centre.route_of(&unit("A2")), None, "it is not driving");
}

#[test]
fn what_ends_wakes_the_centre_once_and_is_laid_anew_elsewhere() {
    let mut floor = Floor::open();
    let until = floor.now + Millis::from_mins(30);
    let slow = everywhere(Some(8.0), floor.now, 30);
    lay(&mut floor, &slow);
    assert_eq!(floor.centre.traffic().summary().next_end, Some(until));
    assert_eq!(floor.centre.next_wake(), Some((until, Wake::TrafficEnds)));
    assert!(floor.centre.poll_relay().is_none(), "it holds still");
    floor.wait(Millis::from_mins(30));
    assert_eq!(floor.centre.next_wake(), None, "a wake in the past would spin");
    let relay = floor.centre.poll_relay().unwrap();
    assert!(floor.centre.poll_relay().is_none(), "it is asked for once");
    floor.centre.take_relaid(relay.run(floor.now));
    assert_eq!(floor.centre.traffic().summary().n_arcs, 0);
}

#[test]
fn traffic_that_came_meanwhile_is_not_lost_to_what_was_laid_anew() {
    let mut floor = Floor::open();
    let slow = everywhere(Some(8.0), floor.now, 30);
    lay(&mut floor, &slow);
    floor.wait(Millis::from_mins(30));
    let relay = floor.centre.poll_relay().unwrap();
    let newer = everywhere(Some(9.0), floor.now, 30);
    lay(&mut floor, &newer);
    let n_arcs = floor.centre.traffic().summary().n_arcs;
    floor.centre.take_relaid(relay.run(floor.now));
    assert_eq!(floor.centre.traffic().summary().n_arcs, n_arcs);
    assert!(floor.centre.next_wake().is_some(), "its end is waited for");
}
