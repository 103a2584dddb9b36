//! Steps beside the routes that they tell.

use std::collections::BTreeMap;

use ems_model::{Millis, Position};
use ems_roads::{Bend, Maneuver, Overlay, Roads, Route};

use crate::{MALTA, import_file, shared, some_snaps};

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

/// Streets as others see them: by junction, the ways out as `(edge, other junction)`.
struct Ways {
    junction_at: BTreeMap<(i32, i32), u32>,
    out: BTreeMap<u32, Vec<(usize, u32)>>,
}

impl Ways {
    fn of(roads: &Roads) -> Self {
        let mut ways = Self { junction_at: BTreeMap::new(), out: BTreeMap::new() };
        for (edge, stretch) in roads.edges().enumerate() {
            let [tail, head] = stretch.ends;
            for (end, place) in stretch.ends.into_iter().zip(stretch.places) {
                ways.junction_at.insert((place.lat_e7(), place.lon_e7()), end);
            }
            for (millis, [from, to]) in stretch.millis.into_iter().zip([[tail, head], [head, tail]])
            {
                if millis.is_some() {
                    ways.out.entry(from).or_default().push((edge, to));
                }
            }
        }
        ways
    }

    fn beside(&self, at: u32, taken: [u32; 2]) -> Vec<u32> {
        let others = self.out[&at].iter().map(|&(_, to)| to);
        others.filter(|to| !taken.contains(to)).collect()
    }

    /// Whether at most so many edges lead from one junction to another.
    fn is_near(&self, from: u32, to: u32, n_edges: u32) -> bool {
        from == to
            || (n_edges > 0 && self.out[&from].iter().any(|o| self.is_near(o.1, to, n_edges - 1)))
    }
}

/// Whether a step leaves its roundabout by the exit told, counted over all ways out of junctions:
/// at the exit, one of those not taken leads back to where the ring was entered.
fn is_nth_exit(ways: &Ways, points: &[(Position, Millis)], exit: usize) -> bool {
    let at = |p: &(Position, Millis)| ways.junction_at.get(&(p.0.lat_e7(), p.0.lon_e7()));
    let junctions: Vec<u32> = points.iter().filter_map(at).copied().collect();
    let mut n_passed = 0;
    for trio in junctions.windows(3) {
        let others = ways.beside(trio[1], [trio[0], trio[2]]);
        let leaves = |&ring: &u32| ring == junctions[0] || ways.is_near(ring, junctions[0], 9);
        // Of the ways out that are not taken, one goes on round the ring.
        if n_passed < exit && n_passed + others.len() >= exit && others.iter().any(leaves) {
            return true;
        }
        n_passed += others.len();
    }
    false
}

fn check_exits(roads: &Roads) {
    let ways = Ways::of(roads);
    let (mut n_told, mut n_wrong) = (0, 0);
    for pair in some_snaps(roads, 35, 300).windows(2) {
        let directions = roads.directions(pair).unwrap();
        for step in &directions.steps {
            let Maneuver::Roundabout { exit: Some(exit) } = step.maneuver else { continue };
            let points = &directions.route.points[step.first_point..];
            n_told += 1;
            n_wrong += u32::from(!is_nth_exit(&ways, points, exit.try_into().unwrap()));
        }
    }
    assert!(n_told > 100, "{n_told} roundabouts");
    // Where a stop is just behind the exit, the ways out cannot be counted from outside.
    assert!(n_wrong * 20 < n_told, "{n_wrong} of {n_told} exits");
}

#[test]
fn the_exits_of_maltese_roundabouts_are_counted_right() {
    check_exits(&MALTA.roads);
}

#[test]
fn the_exits_of_german_roundabouts_are_counted_right() {
    let Some(path) = shared("heidelberg.osm.pbf") else { return };
    check_exits(&import_file(path, Overlay::default()).roads);
}
