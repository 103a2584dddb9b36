//! Traffic as people write it.

use std::sync::Arc;

use ems_hierarchy::{Fork, Work};
use ems_model::{Position, Timestamp};
use ems_roads::{Flow, Roads, Snap, TRAFFIC_ROWS_MAX, Traffic, TrafficFile, TrafficFileError};

use crate::{MALTA, some_snaps};

const NOW: &str = "2026-11-25T08:00:00Z";

fn now() -> Timestamp {
    Timestamp::from_rfc3339(NOW).unwrap()
}

fn parse(text: &str) -> Result<TrafficFile, TrafficFileError> {
    TrafficFile::parse(text.as_bytes(), &MALTA.roads, now())
}

/// Two places on one street, some way apart, driven straight from the first to the second.
fn a_street() -> (Snap, Snap) {
    let roads = &MALTA.roads;
    let is_straight = |pair: &(Snap, Snap)| {
        let apart = pair.0.position().metres_to(pair.1.position());
        let route = roads.route(&pair.0, &pair.1).unwrap();
        (80.0..600.0).contains(&apart) && route.metres < 1.05 * apart
    };
    let near = |snap: Snap| {
        let north = Position::from_e7(snap.position().lat_e7() + 20_000, snap.position().lon_e7());
        roads.snap(north.unwrap()).ok().map(|other| (snap, other))
    };
    some_snaps(roads, 21, 500).into_iter().filter_map(near).find(is_straight).unwrap()
}

#[test]
fn a_stretch_is_named_by_two_places_and_slows_the_way_between_them() {
    let roads = &MALTA.roads;
    let (from, to) = a_street();
    let at = |snap: &Snap| format!("{},{}", snap.position().lat(), snap.position().lon());
    let file = |speed: &str| {
        let header = "until,note,from_lat,from_lon,to_lat,to_lon,speed_kmh";
        let row = format!(
            "2026-11-25T09:00:00+01:00,\"a jam, a long one\",{},{},{speed}",
            at(&from),
            at(&to)
        );
        parse(&format!("{header}\r\n{row}\r\n\r\n")).unwrap()
    };
    let over = file("5");
    assert_eq!((over.n_rows, over.n_over, over.traffic.n_arcs()), (1, 1, 0), "08:00Z is now");
    let later = |text: &str| text.replace("+01:00", "Z");
    let header = "from_lat,from_lon,to_lat,to_lon,speed_kmh,until";
    let row = format!("{},{},5,{}", at(&from), at(&to), later("2026-11-25T09:00:00+01:00"));
    let slow = parse(&format!("{header}\n{row}")).unwrap();
    assert!(slow.traffic.n_arcs() >= 1 && slow.n_over == 0, "{slow:?}");
    let under = roads.under(&slow.traffic, now());
    assert!(under.time(&from, &to).unwrap() > roads.time(&from, &to).unwrap());
    assert_eq!(under.time(&to, &from), roads.time(&to, &from), "the other direction flows");
    let closed = parse(&format!("{header}\n{}", row.replace(",5,", ",closed,"))).unwrap();
    assert!(closed.traffic.rows().all(|row| row.flow == Flow::Closed));
}

/// A thread for each piece of work.
struct Threads;

impl Fork for Threads {
    fn both(&self, first: Work<'_>, second: Work<'_>) {
        std::thread::scope(|scope| {
            scope.spawn(second);
            first();
        });
    }
}

#[test]
fn threads_read_and_lay_on_what_one_does_and_tell_the_same_line() {
    let roads = &MALTA.roads;
    let lent = roads.on(Arc::new(Threads));
    let row = |edge: usize| match edge % 50 {
        7 => format!("{edge},both,closed,2026-11-25T09:00:00Z\n"),
        _ => {
            format!("{},both,{},2026-11-25T1{}:00:00Z\n", edge / 2, 5 + edge % 31, edge / 900 % 10)
        }
    };
    let rows: String = (0..roads.n_edges()).map(row).collect();
    let text = format!("edge,direction,speed_kmh,until\n{rows}");
    let read = |roads: &Roads, text: &str| TrafficFile::parse(text.as_bytes(), roads, now());
    let (one, two) = (read(roads, &text).unwrap(), read(&lent, &text).unwrap());
    assert_eq!(one, two);
    let (one, two) = (roads.under(&one.traffic, now()), lent.under(&two.traffic, now()));
    let snaps = some_snaps(roads, 5, 40);
    assert_eq!(one.matrix(&snaps, &snaps), two.matrix(&snaps, &snaps));
    let wrong = text.replacen("\n700,", "\n1700000,", 1);
    let line = wrong.lines().position(|line| line.starts_with("1700000,")).unwrap() + 1;
    for roads in [roads, &lent] {
        let error = read(roads, &wrong).unwrap_err();
        assert!(
            matches!(error, TrafficFileError::Arc { line: told, .. } if told == line),
            "{error}"
        );
    }
}

#[test]
fn the_first_row_too_many_is_told_though_each_half_has_few_enough() {
    let rows = "0,both,9,2026-11-25T09:00:00Z\n".repeat(TRAFFIC_ROWS_MAX + 1);
    let error = parse(&format!("edge,direction,speed_kmh,until\n{rows}")).unwrap_err();
    let line = TRAFFIC_ROWS_MAX + 2;
    assert!(error.to_string().starts_with(&format!("line {line}: ")), "{error}");
}

#[test]
fn an_edge_is_named_by_its_number_and_direction() {
    let until = "2026-11-25T09:00:00Z";
    let text = format!(
        "edge,direction,speed_kmh,until\n3,both,20,{until}\n3,forward,closed,{until}\n5,both,free,{until}\n"
    );
    let file = parse(&text).unwrap();
    let flows: Vec<_> = file.traffic.rows().map(|row| (row.edge(), row.is_forward())).collect();
    assert_eq!(flows[0], (3, true));
    assert_eq!(
        file.traffic.of_edge(3, true).map(|row| row.flow),
        Some(Flow::Closed),
        "the later row counts"
    );
    assert_eq!(file.traffic.of_edge(3, true).map(|row| row.since), Some(now()));
    assert_eq!(file.traffic.next_end(), Timestamp::from_rfc3339(until));
    let cleared = file.traffic.with(&file.traffic, now());
    assert!(cleared.rows().all(|row| row.edge() == 3), "what flows freely is not kept");
}

#[test]
fn a_file_that_cannot_be_used_says_where_and_how_to_mend_it() {
    let n = MALTA.roads.n_edges();
    let edges = "edge,direction,speed_kmh,until\n";
    let places = "from_lat,from_lon,to_lat,to_lon,speed_kmh,until\n";
    let until = "2026-11-25T09:00:00Z";
    for (text, error) in [
        (String::new(), "line 1: columns are \"\", and \"edge\" is missing: name edge, direction, speed_kmh and until, or from_lat, from_lon, to_lat, to_lon, speed_kmh and until in any order".to_owned()),
        ("edge,speed_kmh,until\n".into(), "line 1: columns are \"edge,speed_kmh,until\", and \"direction\" is missing: name edge, direction, speed_kmh and until, or from_lat, from_lon, to_lat, to_lon, speed_kmh and until in any order".into()),
        (edges.into(), "the file has no row below its header: add what is known of the traffic".into()),
        (format!("{edges}3,both,-5,{until}"), "line 2: speed -5 km/h is outside 1..=200: correct it, or write \"closed\" where nothing moves".into()),
        (format!("{edges}3,both,900,{until}"), "line 2: speed 900 km/h is outside 1..=200: correct it, or write \"closed\" where nothing moves".into()),
        (format!("{edges}3,both,NaN,{until}"), "line 2: speed NaN km/h is outside 1..=200: correct it, or write \"closed\" where nothing moves".into()),
        (format!("{edges}3,both,,{until}"), "line 2: speed_kmh \"\" is not a speed in km/h, \"closed\" or \"free\"".into()),
        (format!("{edges}3,both,20,{until}\n{n},both,20,{until}"), format!("line 3: edge {n} is not there: this city has edges 0..={}", n - 1)),
        (format!("{edges}-1,both,20,{until}"), "line 2: edge \"-1\" is not the number of an edge of this city's pack".into()),
        (format!("{edges}3,up,20,{until}"), "line 2: direction \"up\" is not forward, backward or both".into()),
        (format!("{edges}3,both,20,2026-11-25T09:00:00"), "line 2: until \"2026-11-25T09:00:00\" is not a time with its zone, such as 2026-11-25T08:30:00Z".into()),
        (format!("{edges}3,both,20,2030-01-01T00:00:00Z"), "line 2: until \"2030-01-01T00:00:00Z\" is not within 366 days: correct it, or change the map".into()),
        (format!("{edges}3,both,20"), "line 2: 3 values for 4 columns: give every column one, in quotes where it holds a comma".into()),
        (format!("{places}35.9,14.5,95,14.5,20,{until}"), "line 2: to_lat \"95\" is not a latitude: give degrees of WGS 84 within ±90".into()),
        (format!("{places}35.9,east,35.9,14.5,20,{until}"), "line 2: from_lon \"east\" is not a longitude: give degrees of WGS 84 within ±180".into()),
    ] {
        assert_eq!(parse(&text).unwrap_err().to_string(), error, "{text}");
    }
    let at_sea = parse(&format!("{places}35.0,14.5,35.9,14.5,20,{until}")).unwrap_err();
    assert!(at_sea.to_string().starts_with("line 2: position 35,14.5 is "), "{at_sea}");
    let (from, _) = a_street();
    let here = format!("{},{}", from.position().lat(), from.position().lon());
    let nowhere = parse(&format!("{places}{here},{here},20,{until}")).unwrap_err();
    assert!(nowhere.to_string().starts_with("line 2: from and to are 0 m apart"), "{nowhere}");
}

#[test]
fn traffic_survives_its_bytes_and_belongs_to_its_roads() {
    let roads = &MALTA.roads;
    let until = "2026-11-25T09:00:00Z";
    let text =
        format!("edge,direction,speed_kmh,until\n3,both,20.5,{until}\n9,both,closed,{until}");
    let traffic = parse(&text).unwrap().traffic;
    let bytes = traffic.encode(roads);
    assert_eq!(Traffic::decode(&bytes, roads), Ok(traffic.clone()));
    let says = |bytes: &[u8]| Traffic::decode(bytes, roads).unwrap_err().to_string();
    assert!(says(&bytes[..bytes.len() - 1]).contains("another form"));
    let damaged = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0xff;
        says(&bytes)
    };
    assert!(damaged(5).contains("another form"));
    assert!(damaged(9).contains("belongs to another city pack"));
    assert!(damaged(23).contains("is damaged at row 0: apply it again"));
}

#[test]
fn the_example_of_the_manual_is_about_the_demo_city() {
    let manual = include_str!("../../../../docs/traffic.md");
    let lines = manual.lines().filter_map(|line| line.strip_prefix("    "));
    let example: Vec<&str> =
        lines.skip_while(|line| !line.starts_with("from_lat,")).take(3).collect();
    let file = parse(&example.join("\n")).unwrap();
    assert_eq!((file.n_rows, file.n_over), (2, 0));
    let n_closed = file.traffic.rows().filter(|row| row.flow == Flow::Closed).count();
    assert!(n_closed >= 1 && file.traffic.n_arcs() > n_closed, "{file:?}");
}
