//! What is reached in time, beside the times themselves.

use std::sync::LazyLock;

use ems_model::{Millis, Position};
use ems_roads::{Direction, Isochrone, Isochrones, Reached, Roads, Snap};

use crate::{MALTA, some_snaps};

const MINUTES: [i64; 2] = [8, 15];

/// From five places in Malta: the stretches reached and the areas.
struct Drawn {
    from: Snap,
    reached: Vec<Vec<Reached>>,
    areas: Vec<Isochrone>,
}

static DRAWN: LazyLock<(Vec<Drawn>, f64)> = LazyLock::new(|| {
    let roads = &MALTA.roads;
    let mut isochrones = Isochrones::of(roads);
    let limits = MINUTES.map(Millis::from_mins);
    let mut draw = |from: Snap| Drawn {
        from,
        reached: limits.map(|limit| roads.reach(&from, limit)).to_vec(),
        areas: isochrones.around(roads, &from, &limits),
    };
    let drawn = some_snaps(roads, 41, 5).into_iter().map(&mut draw).collect();
    (drawn, isochrones.metres_beyond())
});

/// Whether a snap lies on a stretch; `None` within a metre of its end.
fn is_covered(roads: &Roads, reached: &[Reached], snap: &Snap) -> Option<bool> {
    let slack = 1.0 / line_metres(roads.shape(snap.edge())).max(1.0);
    let mut is_at_end = false;
    for stretch in reached.iter().filter(|stretch| stretch.edge == snap.edge()) {
        let along = match stretch.direction {
            Direction::Forward => snap.fraction(),
            Direction::Backward => 1.0 - snap.fraction(),
        };
        if along >= stretch.from && along <= stretch.to {
            return Some(true);
        }
        is_at_end |= (along - stretch.to).abs() < slack || (along - stretch.from).abs() < slack;
    }
    (!is_at_end).then_some(false)
}

fn line_metres(line: &[Position]) -> f64 {
    line.windows(2).map(|pair| pair[0].metres_to(pair[1])).sum()
}

/// The place at a share of a line's length.
fn place_at(line: &[Position], share: f64) -> Position {
    let mut left = share * line_metres(line);
    for pair in line.windows(2) {
        let length = pair[0].metres_to(pair[1]);
        if left <= length && length > 0.0 {
            return pair[0].towards(pair[1], left / length);
        }
        left -= length;
    }
    line[line.len() - 1]
}

#[test]
fn a_place_is_on_a_reached_stretch_if_and_only_if_the_drive_takes_no_longer() {
    let roads = &MALTA.roads;
    let goals = some_snaps(roads, 42, 2000);
    for drawn in &DRAWN.0 {
        let times = roads.times_from_plainly(&drawn.from, &goals);
        for (minutes, reached) in MINUTES.iter().zip(&drawn.reached) {
            let limit = Millis::from_mins(*minutes);
            let mut n_inside = 0;
            for (goal, time) in goals.iter().zip(&times) {
                let is_in_time = time.is_some_and(|time| time <= limit);
                n_inside += u32::from(is_in_time);
                if let Some(is_covered) = is_covered(roads, reached, goal) {
                    assert_eq!(is_covered, is_in_time, "{goal:?} takes {time:?}");
                }
            }
            assert!(n_inside > 20, "{n_inside} goals within {minutes} min");
        }
    }
}

fn is_inside_ring(ring: &[Position], at: Position) -> bool {
    let crosses = |pair: &&[Position]| {
        let (a, b) = (pair[0], pair[1]);
        (a.lat() > at.lat()) != (b.lat() > at.lat())
            && at.lon() < (b.lon() - a.lon()) * (at.lat() - a.lat()) / (b.lat() - a.lat()) + a.lon()
    };
    ring.windows(2).filter(crosses).count() % 2 == 1
}

fn is_inside(area: &Isochrone, at: Position) -> bool {
    let holds = |polygon: &Vec<Vec<Position>>| {
        is_inside_ring(&polygon[0], at) && !polygon[1..].iter().any(|hole| is_inside_ring(hole, at))
    };
    area.polygons.iter().any(holds)
}

#[test]
fn no_reached_place_is_outside_the_area() {
    let roads = &MALTA.roads;
    let is_ferry = |edge: u32| roads.snap(place_at(roads.shape(edge), 0.5)).is_err();
    for drawn in &DRAWN.0 {
        for (area, reached) in drawn.areas.iter().zip(&drawn.reached) {
            for stretch in reached.iter().step_by(3) {
                let mut line = roads.shape(stretch.edge).to_vec();
                if stretch.direction == Direction::Backward {
                    line.reverse();
                }
                for share in [stretch.from, f64::midpoint(stretch.from, stretch.to), stretch.to] {
                    let place = place_at(&line, share);
                    let is_in = is_inside(area, place) || is_ferry(stretch.edge);
                    assert!(is_in, "{place:?} on {stretch:?}");
                }
            }
        }
    }
}

#[test]
fn whatever_is_inside_is_near_a_reached_road() {
    let roads = &MALTA.roads;
    let (drawn, metres_beyond) = &*DRAWN;
    let mut n_inside = 0;
    for drawn in drawn {
        for (area, reached) in drawn.areas.iter().zip(&drawn.reached) {
            for lat in (3_580..3_610).step_by(1) {
                for lon in (1_418..1_458).step_by(1) {
                    let place = Position::from_degrees(
                        f64::from(lat) / 100.0 + 0.003,
                        f64::from(lon) / 100.0 + 0.007,
                    );
                    let place = place.unwrap();
                    if !is_inside(area, place) {
                        continue;
                    }
                    n_inside += 1;
                    let near = roads.candidates(place, *metres_beyond).unwrap();
                    let is_reached = |snap: &Snap| is_covered(roads, reached, snap) != Some(false);
                    assert!(
                        near.iter().any(|c| is_reached(&c.snap)
                            || reached.iter().any(|r| r.edge == c.snap.edge())),
                        "{place:?}"
                    );
                }
            }
        }
    }
    assert!(n_inside > 50, "{n_inside} places inside");
}

/// Twice the area of a ring, positive where it runs counterclockwise.
fn area_2(ring: &[Position]) -> f64 {
    ring.windows(2).map(|p| p[0].lon() * p[1].lat() - p[1].lon() * p[0].lat()).sum()
}

/// Whether two segments that share no end cross.
fn cross(a: &[Position], b: &[Position]) -> bool {
    let xy = |p: Position| (i128::from(p.lon_e7()), i128::from(p.lat_e7()));
    let side = |line: &[Position], at: Position| {
        let ((ax, ay), (bx, by), (px, py)) = (xy(line[0]), xy(line[1]), xy(at));
        ((bx - ax) * (py - ay) - (by - ay) * (px - ax)).signum()
    };
    side(a, b[0]) * side(a, b[1]) < 0 && side(b, a[0]) * side(b, a[1]) < 0
}

#[test]
fn areas_are_valid_polygons_by_the_right_hand_rule() {
    for drawn in &DRAWN.0 {
        for area in &drawn.areas {
            assert!(!area.polygons.is_empty());
            let mut sides = Vec::new();
            for polygon in &area.polygons {
                for (n, ring) in polygon.iter().enumerate() {
                    assert!(ring.len() >= 4 && ring.first() == ring.last(), "closed");
                    assert_eq!(area_2(ring) > 0.0, n == 0, "outer rings run counterclockwise");
                    sides.extend(ring.windows(2));
                }
                let holes = polygon[1..].iter();
                assert!(holes.flatten().all(|&p| is_inside_ring(&polygon[0], p)), "holes inside");
            }
            for (i, a) in sides.iter().enumerate() {
                assert!(sides[i + 1..].iter().all(|b| !cross(a, b)), "{a:?} crosses another side");
            }
        }
    }
}

#[test]
fn a_longer_time_reaches_all_that_a_shorter_one_does() {
    for drawn in &DRAWN.0 {
        let [short, long] = [&drawn.reached[0], &drawn.reached[1]];
        let mut longer = long.iter();
        for stretch in short {
            let same = |r: &&Reached| {
                (r.edge, r.direction, r.at) == (stretch.edge, stretch.direction, stretch.at)
            };
            let found = longer.find(same).unwrap();
            assert!(found.to >= stretch.to, "{found:?} beside {stretch:?}");
        }
    }
}

#[test]
fn in_no_time_only_the_start_is_reached() {
    let roads = &MALTA.roads;
    let from = some_snaps(roads, 43, 1)[0];
    let areas = Isochrones::of(roads).around(roads, &from, &[Millis::ZERO]);
    assert_eq!(areas[0].polygons.len(), 1);
    assert!(is_inside(&areas[0], from.position()));
    assert!(roads.reach(&from, Millis::ZERO).iter().all(|r| r.edge == from.edge()));
}
