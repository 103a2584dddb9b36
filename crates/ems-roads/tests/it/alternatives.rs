//! Other ways beside the fastest.

use std::collections::BTreeSet;

use ems_model::{Millis, Position};
use ems_roads::{Directions, Snap};

use crate::{MALTA, some_snaps};

fn pairs() -> Vec<[Snap; 2]> {
    let ends = some_snaps(&MALTA.roads, 71, 80);
    ends.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// The lines between points, with the time of each.
fn lines(way: &Directions) -> Vec<([Position; 2], i64)> {
    let line =
        |pair: &[(Position, Millis)]| ([pair[0].0, pair[1].0], pair[1].1.get() - pair[0].1.get());
    way.route.points.windows(2).map(line).collect()
}

#[test]
fn other_ways_are_hardly_longer_and_share_little() {
    let roads = &MALTA.roads;
    let mut n_others = 0;
    for [from, to] in pairs() {
        let ways = roads.alternatives(&from, &to, 2);
        let fastest = roads.route(&from, &to).unwrap();
        assert_eq!(ways[0].route, fastest);
        assert!(ways.len() <= 3);
        let best = fastest.duration.get();
        let mut driven: BTreeSet<[Position; 2]> = BTreeSet::new();
        for (idx, way) in ways.iter().enumerate() {
            let own = lines(way);
            let shared: i64 = own.iter().filter(|l| driven.contains(&l.0)).map(|l| l.1).sum();
            let end = way.route.points.last().unwrap();
            assert_eq!((way.route.points[0].0, end.0), (from.position(), to.position()));
            assert!(way.route.duration.get() * 100 <= best * 125);
            // The first and the last arc belong to every way and do not count.
            assert!(idx == 0 || shared * 100 <= best * 90, "{shared} of {best} ms are shared");
            driven.extend(own.iter().map(|l| l.0));
        }
        n_others += ways.len() - 1;
    }
    assert!(n_others > 10, "{n_others} other ways for 40 pairs");
}

#[test]
fn a_part_of_another_way_is_itself_a_fastest_way() {
    let roads = &MALTA.roads;
    let (mut n_parts, mut n_fastest) = (0, 0);
    for [from, to] in pairs() {
        let ways = roads.alternatives(&from, &to, 2);
        for way in ways.iter().skip(1) {
            let points = &way.route.points;
            let part = ways[0].route.duration.get() / 4;
            for start in points.iter().step_by(points.len() / 6 + 1) {
                let after = points.partition_point(|p| p.1.get() <= start.1.get() + part);
                let end = &points[after - 1];
                let [a, b] = [start.0, end.0].map(|place| roads.snap(place).unwrap());
                n_parts += 1;
                // A stop may be left either way, so a little faster is no fault.
                let took = end.1.get() - start.1.get();
                n_fastest += i32::from(roads.time(&a, &b).unwrap().get() + 15_000 > took);
            }
        }
    }
    assert!(n_parts > 50 && n_fastest * 10 >= n_parts * 9, "{n_fastest} of {n_parts} parts");
}

#[test]
fn on_one_street_there_is_one_way() {
    let here = some_snaps(&MALTA.roads, 72, 1)[0];
    assert_eq!(MALTA.roads.alternatives(&here, &here, 2).len(), 1);
}
