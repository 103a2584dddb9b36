//! Places on a corner, beside every street that leads from it.

use ems_model::Millis;
use ems_roads::{ArcPoint, ArcStretch, MovingSet, Roads, Snap, Stretch};

use crate::{MALTA, shares};

/// The arcs that leave a junction and are open.
fn leaving(streets: &[Stretch], junction: u32) -> impl Iterator<Item = u32> {
    let arcs = (0u32..).zip(streets).flat_map(|(edge, street)| {
        [(0, 2 * edge), (1, 2 * edge + 1)]
            .map(|(at, arc)| (street.ends[at], street.millis[at], arc))
    });
    arcs.filter(move |&(tail, millis, _)| tail == junction && millis.is_some()).map(|arc| arc.2)
}

/// The least time over all streets by which one may leave, and both ways to come.
fn least(roads: &Roads, streets: &[Stretch], junction: u32, to: &Snap) -> Option<Millis> {
    let starts = leaving(streets, junction).map(|arc| ArcPoint { arc, along: 0.0 });
    let pairs = starts.flat_map(|from| roads.headings(to).map(move |to| (from, to)));
    let millis = |drive: Vec<ArcStretch>| {
        drive.iter().map(|stretch| i64::from(stretch.turn_millis + stretch.millis)).sum()
    };
    pairs
        .filter_map(|(from, to)| roads.drive_between(&from, &to))
        .map(millis)
        .min()
        .map(Millis::new)
}

#[test]
fn a_place_on_a_corner_is_left_by_the_best_of_its_streets() {
    let roads = &MALTA.roads;
    let streets: Vec<Stretch> = roads.edges().collect();
    let mut n_streets = 0;
    let mut set = MovingSet::of_sources(roads);
    for (street, share) in streets.iter().step_by(streets.len() / 60).zip(shares(5)) {
        let (junction, corner) = (street.ends[0], roads.snap(street.places[0]).unwrap());
        let to = roads.somewhere(share);
        let expected = least(roads, &streets, junction, &to);
        assert_eq!(roads.time(&corner, &to), expected, "{corner:?} to {to:?}");
        assert_eq!(roads.times_to(&[corner], &to), [expected]);
        assert_eq!(roads.times_from(&corner, &[to]), [expected]);
        assert_eq!(roads.matrix(&[corner], &[to]), [[expected]]);
        assert_eq!(roads.route(&corner, &to).map(|route| route.duration), expected);
        set.put(0, corner);
        assert_eq!(set.all(&to).first().map(|near| near.duration), expected);
        assert_eq!(roads.time(&corner, &corner), Some(Millis::ZERO));
        n_streets += leaving(&streets, junction).count();
        let start = roads.route(&corner, &to).map(|route| route.points[0].0);
        assert_eq!(start, expected.map(|_| corner.position()));
    }
    assert!(n_streets > 120, "{n_streets} streets are too few to choose from");
}
