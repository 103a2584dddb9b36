//! Steps beside the routes that they tell.

use ems_model::{Millis, Position};
use ems_roads::{Bend, Maneuver, Route};

use crate::{MALTA, some_snaps};

#[test]
fn steps_add_up_to_the_route_and_the_route_is_the_same_with_and_without_them() {
    let roads = &MALTA.roads;
    for pair in some_snaps(roads, 31, 60).windows(2) {
        let directions = roads.directions(pair).unwrap();
        let (route, steps) = (&directions.route, &directions.steps);
        assert_eq!(Some(route), roads.route(&pair[0], &pair[1]).as_ref());
        let millis: i64 = steps.iter().map(|step| step.duration.get()).sum();
        assert_eq!(Millis::new(millis), route.duration);
        let metres: f64 = steps.iter().map(|step| step.metres).sum();
        assert!((metres - route.metres).abs() < 1e-6);
        assert!(steps.is_sorted_by_key(|step| step.first_point));
        assert!(matches!(steps[0].maneuver, Maneuver::Depart { .. }));
        let last = steps.last().unwrap();
        assert_eq!((last.maneuver, last.duration), (Maneuver::Arrive, Millis::ZERO));
        assert_eq!(last.first_point, route.points.len() - 1);
        assert!(steps.iter().all(|step| step.duration >= Millis::ZERO && step.metres >= 0.0));
    }
}

#[test]
fn through_stops_it_is_the_sum_of_the_legs() {
    let roads = &MALTA.roads;
    for stops in some_snaps(roads, 32, 40).chunks_exact(4) {
        let through = roads.directions(stops).unwrap();
        let legs = stops.windows(2).map(|pair| roads.time(&pair[0], &pair[1]).unwrap());
        assert_eq!(through.route.duration, legs.fold(Millis::ZERO, |sum, leg| sum + leg));
        let at_stops = through.steps.iter().filter(|step| step.maneuver == Maneuver::Stop);
        let places: Vec<Position> =
            at_stops.map(|step| through.route.points[step.first_point].0).collect();
        assert_eq!(places, [stops[1].position(), stops[2].position()]);
    }
    let one = some_snaps(roads, 33, 1);
    assert!(roads.directions(&one).is_none() && roads.directions(&[]).is_none());
}

/// How far a route turns to the right at a point, degrees, by places 20 m before and after it.
fn degrees_right(route: &Route, at: usize) -> f64 {
    let reach = |line: &[(Position, Millis)], here: Position| {
        let far = line.iter().find(|p| here.metres_to(p.0) > 20.0);
        far.map_or(line[line.len() - 1].0, |p| p.0)
    };
    let here = route.points[at].0;
    let mut back = route.points[..=at].to_vec();
    back.reverse();
    let (before, after) = (reach(&back, here), reach(&route.points[at..], here));
    let bearing = |a: Position, b: Position| {
        let east = (b.lon() - a.lon()) * a.lat().to_radians().cos();
        east.atan2(b.lat() - a.lat()).to_degrees()
    };
    (bearing(here, after) - bearing(before, here) + 540.0).rem_euclid(360.0) - 180.0
}

#[test]
fn a_left_turn_leads_to_the_left_and_a_right_turn_to_the_right() {
    let roads = &MALTA.roads;
    let (mut n_turns, mut n_wrong) = (0, 0);
    for pair in some_snaps(roads, 34, 60).windows(2) {
        let directions = roads.directions(pair).unwrap();
        for step in &directions.steps {
            let degrees = degrees_right(&directions.route, step.first_point);
            let is_wrong = match step.maneuver {
                Maneuver::Turn(Bend::Left) => degrees > 20.0,
                Maneuver::Turn(Bend::Right) => degrees < -20.0,
                _ => continue,
            };
            n_turns += 1;
            n_wrong += u32::from(is_wrong);
        }
    }
    // Where the next bend is within 20 m, this look and the step's own may differ.
    assert!(n_turns > 200 && n_wrong * 50 < n_turns, "{n_wrong} of {n_turns} turns");
}

#[test]
fn the_way_to_gozo_boards_one_ferry() {
    let roads = &MALTA.roads;
    let place = |lat, lon| roads.snap(Position::from_degrees(lat, lon).unwrap()).unwrap();
    let directions = roads.directions(&[place(35.9, 14.475), place(36.044, 14.251)]).unwrap();
    let is_board = |step: &&ems_roads::Step| step.maneuver == Maneuver::Board;
    let ferries: Vec<_> = directions.steps.iter().filter(is_board).collect();
    assert_eq!(ferries.len(), 1);
    assert!(ferries[0].duration > Millis::from_mins(30), "{:?}", ferries[0]);
}
