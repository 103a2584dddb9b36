//! A map of what networks carry.
#![allow(clippy::unwrap_used, reason = "tests")]

use ems_coverage::{
    Ahead, Coverage, CoverageError, Grid, Need, Place, Quantity, Reading, read_drives,
};
use ems_model::{Millis, Position};

fn at(lat: f64, lon: f64) -> Position {
    Position::from_degrees(lat, lon).unwrap()
}

fn reading(position: Position, hour: Option<u8>, value: f64) -> Reading {
    Reading { position, hour, quantity: Quantity::Throughput, value, is_at_least: false }
}

fn told(map: &Coverage, position: Position, hour: Option<u8>) -> f64 {
    map.predict("a", Quantity::Throughput, &Place { position, hour }).unwrap().median
}

fn filled() -> Coverage {
    let mut map = Coverage::new(Grid::new(250).unwrap());
    for _ in 0..300 {
        map.add("a", &reading(at(35.9, 14.5), Some(8), 2_000.0));
        map.add("a", &reading(at(35.9, 14.5), Some(3), 60_000.0));
        map.add("a", &reading(at(35.92, 14.5), Some(8), 90_000.0));
    }
    map
}

#[test]
fn a_square_is_told_by_its_own_readings_and_by_its_hour() {
    let map = filled();
    let busy = told(&map, at(35.9, 14.5), Some(8));
    let quiet = told(&map, at(35.9, 14.5), Some(3));
    assert!((1_000.0..20_000.0).contains(&busy), "{busy}");
    assert!((50_000.0..70_000.0).contains(&quiet), "{quiet}");
    let place = Place { position: at(35.9, 14.5), hour: Some(8) };
    assert_eq!(map.predict("a", Quantity::Throughput, &place).unwrap().n_own, 300);
    assert_eq!(map.predict("b", Quantity::Throughput, &place), None);
    assert_eq!(map.predict("a", Quantity::Delay, &place), None);
}

#[test]
fn a_square_without_readings_leans_on_those_around_and_far_ones_on_all() {
    let map = filled();
    let near = told(&map, at(35.923, 14.5), None);
    assert!(near > 80_000.0, "{near}");
    let far = Place { position: at(48.0, 2.0), hour: None };
    let far = map.predict("a", Quantity::Throughput, &far).unwrap();
    assert_eq!(far.n_own, 0);
    assert!((57_000.0..63_000.0).contains(&far.median), "{far:?}");
}

#[test]
fn a_map_is_the_same_after_writing_and_two_halves_are_the_whole() {
    let map = filled();
    let read = Coverage::from_csv(map.to_csv().as_bytes()).unwrap();
    assert_eq!(read, map);
    let mut twice = read.clone();
    twice.merge(&map).unwrap();
    assert_eq!(twice.cells().next().unwrap().sketch.n(), 600);
    let other = Coverage::new(Grid::new(500).unwrap());
    assert_eq!(twice.merge(&other), Err(CoverageError::OtherGrid { own: 250, other: 500 }));
}

#[test]
fn what_is_wrong_in_a_file_is_named() {
    for (text, wanted) in [
        ("lat,lon\n1,2\n", "no column is named \"…_kbps\""),
        ("lat,lon,a_kbps\n1,2,-5\n", "line 2"),
        ("lat,lon,a_kbps,hour\n1,2,5,24\n", "line 2"),
    ] {
        let error = read_drives(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(wanted), "{text}: {error}");
    }
    let map = "metres,network,row,column,hour,quantity,zeros,buckets\n250,a,1,2,,throughput,0,x\n";
    let error = Coverage::from_csv(map.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("pairs such as"), "{error}");
}

#[test]
fn a_log_gives_each_drive_its_readings() {
    let log =
        b"drive,t_s,lat,lon,a_kbps,a_delay_ms,hour\nx,0,1,2,50,9,7\nx,1,,,50,9,7\ny,0,1,2,,8,\n";
    let drives = read_drives(log).unwrap();
    let counts: Vec<_> = drives.iter().map(|it| (it.name.as_str(), it.readings.len())).collect();
    assert_eq!(counts, [("x", 2), ("y", 1)]);
    assert_eq!(drives[0].readings[0].1, reading(at(1.0, 2.0), Some(7), 50.0));
}

#[test]
fn a_way_is_told_with_its_first_hole() {
    let map = filled();
    let step = |lat: f64, s: i64| (at(lat, 14.5), Millis::from_secs(s));
    let way = [step(35.92, 0), step(35.9, 20), step(35.9, 30), step(35.92, 60), step(35.92, 90)];
    let need = Need { kbps: 20_000.0, hour: Some(8) };
    let hole = Some((Millis::from_secs(20), Millis::from_secs(60)));
    let [whole, lacking, unknown] = [90, 40, 0].map(Millis::from_secs);
    let wanted = Ahead { whole, lacking, unknown, hole };
    assert_eq!(map.ahead(&["a"], &way, &need), Some(wanted));
    assert_eq!(map.ahead(&["b"], &way, &need), None);
}

#[test]
fn what_was_never_driven_to_its_limit_is_no_hole_and_is_said_to_be_unknown() {
    let mut map = Coverage::new(Grid::new(250).unwrap());
    let vitals = Reading { is_at_least: true, ..reading(at(35.9, 14.5), Some(8), 40.0) };
    (0..500).for_each(|_| map.add("a", &vitals));
    let step = |lat: f64, s: i64| (at(lat, 14.5), Millis::from_secs(s));
    let way = [step(35.9, 0), step(35.9, 20)];
    let need = Need { kbps: 5_000.0, hour: Some(8) };
    let ahead = map.ahead(&["a"], &way, &need).unwrap();
    assert_eq!((ahead.lacking, ahead.unknown), (Millis::ZERO, Millis::from_secs(20)));
    (0..20).for_each(|_| map.add("a", &reading(at(35.9, 14.5), Some(8), 1_000.0)));
    let ahead = map.ahead(&["a"], &way, &need).unwrap();
    assert_eq!((ahead.lacking, ahead.unknown), (Millis::from_secs(20), Millis::ZERO));
    let read = Coverage::from_csv(map.to_csv().as_bytes()).unwrap();
    assert_eq!(read, map);
}

#[test]
fn a_map_of_before_bounds_is_read() {
    let map =
        "metres,network,row,column,hour,quantity,zeros,buckets\n250,a,1,2,,throughput,1,12:3\n";
    let read = Coverage::from_csv(map.as_bytes()).unwrap();
    let sketch = read.cells().next().unwrap().sketch;
    assert_eq!((sketch.n(), sketch.n_at_least()), (4, 0));
}
