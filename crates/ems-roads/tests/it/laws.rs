//! What holds for every city.

use ems_model::{HospitalCapability, Millis, Position};
use ems_roads::{ImportError, ImportRequest, Overlay, Profile, Roads, import};

use crate::traffic::under_traffic;
use crate::{MALTA, SHARED, data, import_file, shared, some_snaps};

#[test]
fn all_queries_agree_to_the_millisecond() {
    let roads = &MALTA.roads;
    let (from, to) = (some_snaps(roads, 1, 20), some_snaps(roads, 2, 10));
    let matrix = roads.matrix(&from, &to);
    for (row, a) in from.iter().enumerate() {
        assert_eq!(roads.times_from(a, &to), matrix[row]);
        for (column, b) in to.iter().enumerate() {
            let time = roads.time(a, b).unwrap();
            let route = roads.route(a, b).unwrap();
            assert_eq!(Some(time), matrix[row][column]);
            assert_eq!(time, route.duration);
            assert!(route.points.is_sorted_by_key(|p| p.1), "times never fall");
            assert_eq!(route.points[0], (a.position(), Millis::ZERO));
            assert_eq!(route.points.last().unwrap(), &(b.position(), time));
        }
    }
    for (column, b) in to.iter().enumerate() {
        let times: Vec<_> = matrix.iter().map(|row| row[column]).collect();
        assert_eq!(roads.times_to(&from, b), times);
    }
}

/// 500 drives from each of 20 places, and each place to itself.
pub(crate) fn check_beside_dijkstra(roads: &Roads, are_some_closed: bool) {
    let to = some_snaps(roads, 9, 500);
    for from in some_snaps(roads, 10, 20) {
        let goals = [&to[..], &[from]].concat();
        let plain = roads.times_from_plainly(&from, &goals);
        let is_whole = plain.iter().all(Option::is_some);
        assert!(is_whole || are_some_closed, "no island is left");
        assert_eq!(roads.times_from(&from, &goals), plain);
        for (goal, time) in goals.iter().zip(plain).step_by(7) {
            assert_eq!(roads.time(&from, goal), time);
        }
    }
}

#[test]
fn ten_thousand_drives_through_malta_take_what_dijkstra_says() {
    check_beside_dijkstra(&MALTA.roads, false);
}

#[test]
fn a_unit_driven_along_a_route_is_where_the_route_says() {
    let roads = &MALTA.roads;
    let ends = some_snaps(roads, 3, 20);
    for pair in ends.windows(2) {
        let route = roads.route(&pair[0], &pair[1]).unwrap();
        assert_eq!(route.position_at(Millis::from_secs(-5)), pair[0].position());
        assert_eq!(route.position_at(route.duration), pair[1].position());
        assert_eq!(route.position_at(route.duration + Millis::from_mins(5)), pair[1].position());
        let mut before = pair[0].position();
        let second = Millis::from_secs(1);
        let mut elapsed = Millis::ZERO;
        while elapsed < route.duration {
            elapsed = elapsed + second;
            let now = route.position_at(elapsed);
            assert!(before.metres_to(now) < 40.0, "no jump within a second: 140 km/h is 39 m");
            before = now;
        }
    }
}

#[test]
fn on_one_edge_only_the_part_between_is_driven() {
    let roads = &MALTA.roads;
    let mut n_tried = 0;
    for pair in some_snaps(roads, 4, 400).windows(1) {
        let here = pair[0];
        let Ok(there) = roads.snap(
            Position::from_e7(here.position().lat_e7() + 500, here.position().lon_e7()).unwrap(),
        ) else {
            continue;
        };
        if there.edge() != here.edge() || there == here {
            continue;
        }
        n_tried += 1;
        let (go, back) = (roads.time(&here, &there).unwrap(), roads.time(&there, &here).unwrap());
        assert!(go.get().min(back.get()) < 6000, "6 m take {go} there and {back} back");
        assert_eq!(roads.route(&here, &there).unwrap().duration, go);
        assert_eq!(roads.times_to(&[here], &there), [Some(go)]);
    }
    assert!(n_tried > 20, "{n_tried} pairs on one edge");
    let here = some_snaps(roads, 5, 1)[0];
    assert_eq!(roads.time(&here, &here), Some(Millis::ZERO));
    assert_eq!(roads.route(&here, &here).unwrap().points.len(), 1);
}

#[test]
fn a_detour_is_never_faster_than_the_way_but_for_turning_round_at_the_stop() {
    let roads = &MALTA.roads;
    let snaps = some_snaps(roads, 6, 60);
    // At a stop within a street one may leave either way, which costs a turn when driving through.
    let slack = Millis::from_secs(180);
    for three in snaps.chunks_exact(3) {
        let time = |a: usize, b: usize| roads.time(&three[a], &three[b]).unwrap();
        assert!(time(0, 2) <= time(0, 1) + time(1, 2) + slack);
    }
}

#[test]
fn a_graph_survives_its_bytes() {
    let bytes = MALTA.roads.encode();
    let again = Roads::decode(&bytes).unwrap();
    assert_eq!(again.encode(), bytes);
    let snaps = some_snaps(&MALTA.roads, 7, 5);
    assert_eq!(some_snaps(&again, 7, 5), snaps);
    assert_eq!(again.matrix(&snaps, &snaps), MALTA.roads.matrix(&snaps, &snaps));
    for cut in [0, 3, 4, 31, 32, bytes.len() - 1] {
        assert!(Roads::decode(&bytes[..cut]).is_err(), "cut to {cut} bytes");
    }
}

#[test]
fn an_import_gives_the_same_bytes_each_time() {
    let Some(path) = shared("andorra-2020.osm.pbf") else { return };
    let once = import_file(path.clone(), Overlay::default());
    let twice = import_file(path, Overlay::default());
    assert_eq!(once.roads.encode(), twice.roads.encode());
    assert_eq!(once.places.to_json(), twice.places.to_json());
    assert_eq!(once.tiles, twice.tiles);
}

#[test]
fn a_place_at_sea_is_refused_with_its_distance() {
    let error = MALTA.roads.snap(Position::from_degrees(35.0, 14.0).unwrap()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("position 35,14 is "), "{text}");
    assert!(
        text.contains(" km from the nearest road of this city (limit 2.0 km): check the coor"),
        "{text}"
    );
    assert!((80_000.0..110_000.0).contains(&error.metres), "{text}");
}

#[test]
fn every_hospital_and_station_of_malta_reaches_every_other() {
    let places = &MALTA.places;
    assert_eq!((places.hospitals.len(), places.stations.len()), (13, 15));
    let at = |position| MALTA.roads.snap(position).unwrap();
    let hospitals: Vec<_> = places.hospitals.iter().map(|h| at(h.position)).collect();
    let stations: Vec<_> = places.stations.iter().map(|s| at(s.position)).collect();
    for row in MALTA.roads.matrix(&stations, &hospitals) {
        for time in row {
            assert!(time.unwrap() < Millis::from_mins(120), "{time:?}");
        }
    }
}

#[test]
fn the_crossing_to_gozo_takes_the_ferry() {
    let hospital = |name: &str| {
        let found = MALTA.places.hospitals.iter().find(|h| h.name.contains(name)).unwrap();
        MALTA.roads.snap(found.position).unwrap()
    };
    let route = MALTA.roads.route(&hospital("Gozo General"), &hospital("Mater Dei")).unwrap();
    let minutes = route.duration.get() / 60_000;
    assert!((50..100).contains(&minutes), "{minutes} min: 25 min under way, 10 min of boarding");
    assert!((30_000.0..45_000.0).contains(&route.metres), "{} m", route.metres);
}

#[test]
fn the_demo_city_has_more_than_one_place_for_each_need() {
    use HospitalCapability::{Emergency, Obstetrics, Pci, StrokeThrombectomy, Trauma};
    for (capability, n_least) in
        [(Emergency, 4), (Pci, 2), (Obstetrics, 2), (Trauma, 1), (StrokeThrombectomy, 1)]
    {
        let n =
            MALTA.places.hospitals.iter().filter(|h| h.capabilities.contains(&capability)).count();
        assert!(n >= n_least, "{capability:?} in {n} hospitals");
    }
    assert!(MALTA.places.hospitals.iter().all(|h| h.is_invented && h.name_zh.is_some()));
}

#[test]
fn other_cities_import_and_answer() {
    for file in SHARED {
        let Some(path) = shared(file) else { continue };
        let city = import_file(path, Overlay::default());
        assert!(!city.places.stations.is_empty() && !city.tiles.is_empty(), "{file}");
        check_beside_dijkstra(&city.roads, false);
        check_beside_dijkstra(&under_traffic(&city.roads, 11), true);
        for hospital in &city.places.hospitals {
            assert!(city.roads.snap(hospital.position).is_ok(), "{file}: {}", hospital.name);
        }
    }
}

#[test]
fn a_cut_or_damaged_extract_is_refused_or_read_but_never_a_panic() {
    let whole = std::fs::read(data("malta/malta.osm.pbf")).unwrap();
    let request = || ImportRequest {
        name: "City".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::default(),
    };
    for cut in [1, 3, 5, 1000, 100_000, whole.len() / 2, whole.len() - 1] {
        let error = import(&whole[..cut], &request(), &mut |_| {}).unwrap_err().to_string();
        assert!(error.ends_with("download it again"), "cut to {cut} bytes: {error}");
    }
    assert!(matches!(import(&b""[..], &request(), &mut |_| {}), Err(ImportError::NoRoads { .. })));
    for at in [0, 4, 10, 20, 40, 170, 2_000, 50_000, 500_000] {
        let mut damaged = whole[..1_000_000].to_vec();
        damaged[at] ^= 0x55;
        assert!(import(&damaged[..], &request(), &mut |_| {}).is_err(), "byte {at}");
    }
}
