//! Drives and lengths between points that head one way.

use ems_model::Millis;
use ems_roads::{ArcPoint, ArcStretch, Lengths, Roads, Snap};

use crate::{MALTA, some_snaps};

fn pairs(n: usize) -> Vec<(Snap, Snap)> {
    let snaps = some_snaps(&MALTA.roads, 77, 2 * n);
    snaps.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn millis(drive: &[ArcStretch]) -> i64 {
    drive.iter().map(|s| i64::from(s.turn_millis) + i64::from(s.millis)).sum()
}

/// The best drive over all ways to head at both ends.
fn best_drive(roads: &Roads, from: &Snap, to: &Snap) -> Option<Vec<ArcStretch>> {
    let headings = roads.headings(from).flat_map(|a| roads.headings(to).map(move |b| (a, b)));
    let drives = headings.filter_map(|(a, b)| roads.drive_between(&a, &b));
    drives.min_by_key(|drive| millis(drive))
}

#[test]
fn the_best_drive_over_all_headings_takes_the_time_between_the_snaps() {
    let roads = &MALTA.roads;
    for (from, to) in pairs(200) {
        let drive = best_drive(roads, &from, &to).unwrap();
        let time = roads.time(&from, &to).unwrap();
        assert!((Millis::new(millis(&drive)) - time).abs() <= Millis::new(2), "{from:?} {to:?}");
    }
}

#[test]
fn a_drive_is_joined_and_starts_and_ends_where_it_was_asked_to() {
    let roads = &MALTA.roads;
    for (from, to) in pairs(100) {
        let (a, b) = (roads.headings(&from).next().unwrap(), roads.headings(&to).next().unwrap());
        let drive = roads.drive_between(&a, &b).unwrap();
        let (first, last) = (drive[0], drive[drive.len() - 1]);
        assert_eq!((first.arc, first.from, last.arc, last.to), (a.arc, a.along, b.arc, b.along));
        for pair in drive.windows(2) {
            let end = roads.position_of(&ArcPoint { arc: pair[0].arc, along: 1.0 });
            let start = roads.position_of(&ArcPoint { arc: pair[1].arc, along: 0.0 });
            assert!(end.metres_to(start) < 0.1, "{pair:?}");
        }
        assert!(roads.position_of(&a).metres_to(from.position()) < 0.5);
    }
}

#[test]
fn lengths_are_no_longer_than_the_fastest_drive_and_no_shorter_than_a_straight_line() {
    let roads = &MALTA.roads;
    let lengths = Lengths::of(roads);
    for (from, to) in pairs(200) {
        let (a, b) = (roads.headings(&from).next().unwrap(), roads.headings(&to).next().unwrap());
        let length = lengths.between(roads, &[a], &[b])[0].unwrap();
        let drive = roads.drive_between(&a, &b).unwrap();
        let metres = |s: &ArcStretch| roads.arc_metres(s.arc) * (s.to - s.from);
        let driven: f64 = drive.iter().map(metres).sum();
        let turned: f64 = drive.iter().map(|s| f64::from(s.turn_millis) / 100.0).sum();
        assert!(length <= driven + turned + 1.0, "{length} > {driven} + {turned}");
        assert!(length >= from.position().metres_to(to.position()) - 1.0, "{length}");
    }
}

#[test]
fn a_point_behind_on_the_same_arc_is_reached_only_by_driving_round() {
    let roads = &MALTA.roads;
    let lengths = Lengths::of(roads);
    for snap in some_snaps(roads, 5, 50) {
        let arc = roads.headings(&snap).next().unwrap().arc;
        let (ahead, behind) = (ArcPoint { arc, along: 0.7 }, ArcPoint { arc, along: 0.2 });
        let metres = roads.arc_metres(arc);
        let found = lengths.between(roads, &[behind, ahead], &[ahead, behind]);
        assert!((found[0].unwrap() - metres / 2.0).abs() < 0.05, "{found:?} of {metres}");
        assert!(found[3].is_none_or(|round| round >= metres / 2.0 - 0.05), "{found:?}");
        let round = roads.drive_between(&ahead, &behind).unwrap();
        assert!(round.len() > 1 && round[0].arc == arc && round[round.len() - 1].arc == arc);
    }
}
