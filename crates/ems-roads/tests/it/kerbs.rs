//! Stops at the kerb on which a place lies.

use ems_model::Position;
use ems_roads::{Candidate, Driving, Kerb, Overlay, Side};

use crate::{MALTA, import_file, shared, some_snaps};

/// Places 5 m off the streets, to the north and to the south in turn.
fn beside_streets(seed: u64, n: usize) -> Vec<(Position, Candidate)> {
    let aside = |(i, snap): (usize, ems_roads::Snap)| {
        let (at, north) = (snap.position(), if i.is_multiple_of(2) { 450 } else { -450 });
        let place = Position::from_e7(at.lat_e7() + north, at.lon_e7()).unwrap();
        (place, MALTA.roads.rivals(place, 1.0, 50.0).unwrap()[0])
    };
    some_snaps(&MALTA.roads, seed, n).into_iter().enumerate().map(aside).collect()
}

/// Whether a place is on the left of who comes by the last of some points.
fn is_left(points: &[Position], place: Position) -> Option<bool> {
    let last = *points.last()?;
    let before = *points.iter().rev().find(|p| p.metres_to(last) > 0.5)?;
    let scale = last.lat().to_radians().cos();
    let flat = |a: Position, b: Position| [(b.lon() - a.lon()) * scale, b.lat() - a.lat()];
    let (on, off) = (flat(before, last), flat(last, place));
    Some(on[0] * off[1] - on[1] * off[0] > 0.0)
}

#[test]
fn a_stop_at_the_near_kerb_has_its_place_on_the_left_and_takes_what_dijkstra_says() {
    let roads = &MALTA.roads;
    assert_eq!(roads.driving(), Some(Driving::OnLeft));
    let (mut n_near, mut n_far, mut n_longer, mut n_wrong) = (0, 0, 0, 0);
    for pair in beside_streets(51, 160).windows(2) {
        let candidates = [pair[0].1, pair[1].1];
        let stops = roads.at_kerbs(&candidates, Driving::OnLeft);
        let [from, to] = [stops[0].snap, stops[1].snap];
        let route = roads.route(&from, &to).expect("no road is closed");
        assert_eq!(Some(route.duration), roads.times_from_plainly(&from, &[to])[0]);
        let any = roads.time(&candidates[0].snap, &candidates[1].snap).unwrap();
        assert!(any <= route.duration);
        n_longer += u32::from(any < route.duration);
        let kerb_way = candidates[1].kerb(Driving::OnLeft);
        match stops[1].kerb {
            Kerb::Near => {
                n_near += 1;
                let points: Vec<Position> = route.points.iter().map(|p| p.0).collect();
                n_wrong += u32::from(is_left(&points, pair[1].0) == Some(false));
            }
            Kerb::Far => {
                n_far += 1;
                assert!(!roads.may_drive(to.edge(), kerb_way.unwrap()), "{to:?}");
            }
            Kerb::OnLine => assert_eq!(candidates[1].side, Side::On),
        }
    }
    assert!(n_near > 80 && n_far > 5 && n_longer > 40, "{n_near} {n_far} {n_longer}");
    // At a corner of the street the last metres may lead elsewhere than the kerb.
    assert!(n_wrong * 30 < n_near, "{n_wrong} of {n_near} are on the right");
}

#[test]
fn roundabouts_show_that_germany_drives_on_the_right() {
    let Some(path) = shared("heidelberg.osm.pbf") else { return };
    let roads = import_file(path, Overlay::default()).roads;
    assert_eq!(roads.driving(), Some(Driving::OnRight));
}
