//! The nearest of a moving set, beside all times.

use std::sync::Arc;

use ems_model::Millis;
use ems_roads::{MovingSet, Nearest, Roads, Snap};

use crate::{MALTA, some_snaps};

fn plain(roads: &Roads, from: &[Snap], to: &Snap, n: usize) -> Vec<Nearest> {
    let time = |(idx, snap): (usize, &Snap)| {
        let duration = roads.times_from_plainly(snap, &[*to])[0]?;
        Some(Nearest { duration, idx })
    };
    let mut all: Vec<Nearest> = from.iter().enumerate().filter_map(time).collect();
    all.sort();
    all.truncate(n);
    all
}

#[test]
fn the_ten_nearest_units_are_those_of_dijkstra_wherever_they_drove_in_between() {
    let roads = &MALTA.roads;
    let mut units = some_snaps(roads, 51, 30);
    let mut set = MovingSet::of_sources(roads);
    for (idx, &unit) in units.iter().enumerate() {
        set.put(idx, unit);
    }
    for (n_moved, call) in some_snaps(roads, 52, 6).into_iter().enumerate() {
        assert_eq!(set.nearest(&call, 10), plain(roads, &units, &call, 10));
        for (idx, to) in some_snaps(roads, 53 + n_moved as u64, 15).into_iter().enumerate() {
            units[2 * idx] = to;
            set.put(2 * idx, to);
        }
        // One of them is at the call's own street.
        units[1] = call;
        set.put(1, call);
        assert_eq!(set.nearest(&call, 3), plain(roads, &units, &call, 3));
    }
}

#[test]
fn the_five_nearest_hospitals_are_those_with_the_least_times() {
    let roads = Arc::new(Roads::decode(&MALTA.roads.encode()).unwrap());
    let hospitals = some_snaps(&roads, 61, 100);
    let mut set = MovingSet::of_targets(Arc::clone(&roads));
    for (idx, &hospital) in hospitals.iter().enumerate() {
        set.put(idx, hospital);
    }
    for patient in some_snaps(&roads, 62, 30) {
        let times = roads.times_from_plainly(&patient, &hospitals);
        let mut sorted: Vec<Millis> = times.iter().flatten().copied().collect();
        sorted.sort();
        let nearest = set.nearest(&patient, 5);
        let durations: Vec<Millis> = nearest.iter().map(|near| near.duration).collect();
        assert_eq!(durations, sorted[..5]);
        assert!(nearest.iter().all(|near| times[near.idx] == Some(near.duration)));
    }
}

#[test]
fn a_member_that_was_taken_away_is_not_near() {
    let roads = &MALTA.roads;
    let units = some_snaps(roads, 63, 3);
    let mut set = MovingSet::of_sources(roads);
    assert!(set.nearest(&units[0], 5).is_empty());
    for (idx, &unit) in units.iter().enumerate() {
        set.put(idx, unit);
    }
    set.take(0);
    set.take(9);
    let idxs: Vec<usize> = set.nearest(&units[0], 5).iter().map(|near| near.idx).collect();
    assert_eq!(idxs.len(), 2);
    assert!(!idxs.contains(&0));
}
