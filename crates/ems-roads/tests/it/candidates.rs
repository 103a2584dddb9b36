//! All roads near a place, beside a look at every road there is.

use ems_model::Position;
use ems_roads::{Candidate, Direction, Driving, Roads, Side};

use crate::{MALTA, shares};

/// Places in and around the town, most of them off the road.
fn places(n: usize) -> Vec<Position> {
    let shares: Vec<f64> = shares(21).take(3 * n).collect();
    let place = |three: &[f64]| {
        let on_road = MALTA.roads.somewhere(three[0]).position();
        let aside = |share: f64| (share - 0.5) * 0.002;
        let (lat, lon) = (on_road.lat() + aside(three[1]), on_road.lon() + aside(three[2]));
        Position::from_degrees(lat, lon).unwrap()
    };
    shares.chunks_exact(3).map(place).collect()
}

/// How far a place is from an edge, on a plane that touches the Earth there.
fn metres_from(roads: &Roads, edge: u32, place: Position) -> f64 {
    const METRES_PER_DEGREE: f64 = 111_195.08;
    let scale = place.lat().to_radians().cos();
    let flat = |p: &Position| {
        [(p.lon() - place.lon()) * scale, p.lat() - place.lat()].map(|d| d * METRES_PER_DEGREE)
    };
    let line: Vec<[f64; 2]> = roads.shape(edge).iter().map(flat).collect();
    let nearest = |pair: &[[f64; 2]]| {
        let (a, b) = (pair[0], pair[1]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length_2 = dx * dx + dy * dy;
        let along = -(a[0] * dx + a[1] * dy) / length_2;
        let along = if length_2 > 0.0 { along.clamp(0.0, 1.0) } else { 0.0 };
        (a[0] + along * dx).hypot(a[1] + along * dy)
    };
    line.windows(2).map(nearest).fold(f64::INFINITY, f64::min)
}

fn edges_of(candidates: &[Candidate]) -> Vec<u32> {
    let mut edges: Vec<u32> = candidates.iter().map(|c| c.snap.edge()).collect();
    edges.sort_unstable();
    edges
}

#[test]
fn candidates_are_all_edges_within_reach_and_the_first_is_the_snap() {
    let roads = &MALTA.roads;
    let n_edges = u32::try_from(roads.n_edges()).unwrap();
    for place in places(40) {
        let metres: Vec<f64> = (0..n_edges).map(|edge| metres_from(roads, edge, place)).collect();
        let reach = 60.0;
        let Ok(found) = roads.candidates(place, reach) else {
            assert!(metres.iter().all(|&m| m > reach - 0.05), "{place:?}");
            continue;
        };
        assert!(
            found.is_sorted_by(|a, b| { a.snap.off_road_metres() <= b.snap.off_road_metres() })
        );
        assert_eq!(found[0].snap, roads.snap(place).unwrap());
        let found_edges = edges_of(&found);
        for (edge, &metres) in (0..n_edges).zip(&metres) {
            let is_ferry = metres < reach && roads.snap(roads.shape(edge)[0]).is_err();
            if (metres - reach).abs() > 0.05 && !is_ferry {
                let is_found = found_edges.binary_search(&edge).is_ok();
                assert_eq!(is_found, metres < reach, "edge {edge}, {metres} m from {place:?}");
            }
        }
        for candidate in &found {
            let plain = metres[candidate.snap.edge() as usize];
            assert!((candidate.snap.off_road_metres() - plain).abs() < 0.05, "{plain} m");
        }
    }
}

#[test]
fn rivals_are_no_farther_than_the_slack_behind_the_nearest() {
    for place in places(100) {
        let Ok(nearest) = MALTA.roads.snap_within(place, 100.0) else { continue };
        let rivals = MALTA.roads.rivals(place, 10.0, 100.0).unwrap();
        let reach = nearest.off_road_metres() + 10.0;
        assert!(rivals.iter().all(|c| c.snap.off_road_metres() <= reach));
        assert_eq!(rivals[0].snap, nearest);
        assert_eq!(edges_of(&rivals), edges_of(&MALTA.roads.candidates(place, reach).unwrap()));
    }
}

#[test]
fn a_place_beside_a_street_is_on_the_side_that_its_heading_says() {
    let roads = &MALTA.roads;
    let mut n_seen = 0;
    for place in places(200) {
        for candidate in roads.candidates(place, 100.0).into_iter().flatten() {
            let shape = roads.shape(candidate.snap.edge());
            if shape.len() != 2 || !(0.01..0.99).contains(&candidate.snap.fraction()) {
                continue;
            }
            let (a, b) = (shape[0], shape[1]);
            let east = (b.lon() - a.lon()) * (place.lat() - a.lat());
            let is_left = east > (b.lat() - a.lat()) * (place.lon() - a.lon());
            let want = if is_left { Side::Left } else { Side::Right };
            n_seen += 1;
            if candidate.snap.off_road_metres() > 0.6 {
                assert_eq!(candidate.side, want, "{place:?} beside {shape:?}");
            } else if candidate.snap.off_road_metres() < 0.4 {
                assert_eq!(candidate.side, Side::On);
            }
        }
    }
    assert!(n_seen > 200, "{n_seen} straight streets");
}

#[test]
fn in_malta_the_kerb_on_the_left_belongs_to_those_who_drive_forward() {
    let roads = &MALTA.roads;
    let candidates = places(50).into_iter().flat_map(|p| roads.candidates(p, 50.0)).flatten();
    let left = candidates.into_iter().find(|c| c.side == Side::Left).unwrap();
    assert_eq!(left.kerb(Driving::OnLeft), Some(Direction::Forward));
    let edge = left.snap.edge();
    let ways = [Direction::Forward, Direction::Backward].map(|d| roads.may_drive(edge, d));
    assert!(ways.contains(&true), "each edge is driven one way or both");
    assert!(!roads.may_drive(u32::MAX, Direction::Forward));
}

#[test]
fn far_from_all_roads_there_are_no_candidates_but_a_distance() {
    let at_sea = Position::from_degrees(35.0, 14.0).unwrap();
    let error = MALTA.roads.candidates(at_sea, 100.0).unwrap_err();
    assert!((80_000.0..110_000.0).contains(&error.metres), "{error}");
}
