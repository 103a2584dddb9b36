//! What holds under live traffic.

use ems_model::{Position, Timestamp};
use ems_roads::{Flow, Kmh, Roads, Traffic};

use crate::laws::check_beside_dijkstra;
use crate::{MALTA, shares, some_snaps};

const NOW: Timestamp = Timestamp::from_millis(1_767_600_000_000);

fn later(mins: i64) -> Timestamp {
    NOW + ems_model::Millis::from_mins(mins)
}

/// Says the same of each direction that may be driven of each edge asked for.
fn traffic(roads: &Roads, edges: impl Iterator<Item = u32>, flow: impl Fn(u32) -> Flow) -> Traffic {
    let both = edges.flat_map(|edge| [true, false].map(|is_forward| (edge, is_forward)));
    let row = |(edge, is_forward)| roads.overlaid(edge, is_forward, flow(edge), [NOW, later(60)]);
    both.filter_map(|it| row(it).ok()).collect()
}

fn n_edges(roads: &Roads) -> u32 {
    u32::try_from(roads.n_edges()).unwrap()
}

/// A third of the edges driven at some speed, one in fifty closed.
pub(crate) fn under_traffic(roads: &Roads, seed: u64) -> Roads {
    let dice: Vec<f64> = shares(seed).take(roads.n_edges()).collect();
    let edges = (0..n_edges(roads)).filter(|edge| dice[*edge as usize] < 0.33);
    let flow = |edge: u32| match dice[edge as usize] {
        share if share < 0.02 => Flow::Closed,
        share => Flow::At(Kmh::new(3.0 + 300.0 * share).unwrap()),
    };
    roads.under(&traffic(roads, edges, flow), NOW)
}

#[test]
fn ten_thousand_drives_under_traffic_take_what_dijkstra_says() {
    check_beside_dijkstra(&under_traffic(&MALTA.roads, 11), true);
}

#[test]
fn all_queries_agree_under_traffic() {
    let roads = &under_traffic(&MALTA.roads, 12);
    let (from, to) = (some_snaps(roads, 1, 20), some_snaps(roads, 2, 20));
    let matrix = roads.matrix(&from, &to);
    assert!(matrix.iter().flatten().any(Option::is_none), "some ends are on closed streets");
    for (a, row) in from.iter().zip(&matrix) {
        assert_eq!(&roads.times_from(a, &to), row);
        for (b, time) in to.iter().zip(row) {
            assert_eq!(roads.time(a, b), *time);
            assert_eq!(roads.route(a, b).map(|route| route.duration), *time);
            assert_eq!(roads.way(a, b).is_ok(), time.is_some());
        }
    }
}

#[test]
fn a_few_changes_give_what_a_whole_customisation_gives() {
    let roads = &MALTA.roads;
    let few = traffic(roads, (0..40).map(|idx| 97 * idx), |_| Flow::At(Kmh::new(4.0).unwrap()));
    let by_parts = roads.under(&few, NOW);
    let anew = under_traffic(roads, 13).under(&few, NOW);
    let snaps = some_snaps(roads, 14, 60);
    assert_eq!(by_parts.matrix(&snaps, &snaps), anew.matrix(&snaps, &snaps));
    assert_ne!(by_parts.matrix(&snaps, &snaps), roads.matrix(&snaps, &snaps));
    let again = by_parts.under(&few, later(60));
    assert_eq!(again.matrix(&snaps, &snaps), roads.matrix(&snaps, &snaps), "all of it has ended");
}

#[test]
fn the_roads_that_others_read_stay_as_they_are_while_traffic_is_laid_over() {
    let roads = MALTA.roads.clone();
    let snaps = some_snaps(&roads, 15, 10);
    let before = roads.matrix(&snaps, &snaps);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| (0..20).all(|_| roads.matrix(&snaps, &snaps) == before));
        let slow = traffic(&roads, 0..n_edges(&roads), |_| Flow::At(Kmh::new(10.0).unwrap()));
        assert_ne!(roads.under(&slow, NOW).matrix(&snaps, &snaps), before);
        assert!(reader.join().unwrap());
    });
}

#[test]
fn an_edge_under_a_stated_speed_takes_its_length_over_that() {
    let roads = &MALTA.roads;
    let slow = traffic(roads, 0..n_edges(roads), |_| Flow::At(Kmh::new(36.0).unwrap()));
    let slowed = roads.under(&slow, NOW);
    let ends = some_snaps(roads, 16, 30);
    for pair in ends.windows(2) {
        let route = slowed.route(&pair[0], &pair[1]).unwrap();
        let at_ten_metres_a_second = route.metres * 100.0;
        let millis = route.duration.as_secs_f64() * 1000.0;
        // A turning round is 10 s, each edge is rounded to a millisecond.
        let turns = (millis - at_ten_metres_a_second) / 10_000.0;
        assert!((turns - turns.round()).abs() < 0.05, "{millis} ms for {} m", route.metres);
    }
}

#[test]
fn a_unit_that_is_closed_in_learns_how_far_it_can_drive() {
    let roads = &MALTA.roads;
    let unit = roads.snap(Position::from_degrees(35.8989, 14.5146).unwrap()).unwrap();
    let far = roads.snap(Position::from_degrees(35.8617, 14.4000).unwrap()).unwrap();
    let near = |edge: &u32| {
        let stretch = roads.edges().nth(*edge as usize).unwrap();
        stretch.places.iter().any(|place| place.metres_to(unit.position()) < 400.0)
    };
    let around: Vec<u32> = (0..n_edges(roads)).filter(near).filter(|&e| e != unit.edge()).collect();
    assert!(around.len() > 50, "{} edges are around it", around.len());
    let closed = roads.under(&traffic(roads, around.into_iter(), |_| Flow::Closed), NOW);
    assert_eq!(closed.time(&unit, &far), None);
    let cut = closed.way(&unit, &far).unwrap_err();
    let (drive_to, drive_from) = (cut.drive_to.unwrap(), cut.drive_from.unwrap());
    assert_eq!(drive_to.edge(), unit.edge(), "its own street is all that is open");
    assert!((200.0..1000.0).contains(&drive_from.off_road_metres()), "{drive_from:?}");
    assert!(closed.time(&drive_from, &far).is_some());
    assert_eq!(cut.from, unit.position());
    let text = cut.to_string();
    assert!(text.starts_with("no way leads from 35.89"), "{text}");
    assert!(text.contains("while roads are closed: it can be driven to 35.89"), "{text}");
    assert!(text.ends_with(" m from the start)"), "{text}");

    let all = closed.under(&traffic(roads, 0..n_edges(roads), |_| Flow::Closed), NOW);
    let cut = all.way(&unit, &far).unwrap_err();
    assert_eq!((cut.drive_to, cut.drive_from), (None, None));
    assert!(cut.to_string().ends_with("both ends are on closed roads"), "{cut}");
    assert!(all.snap_open(unit.position(), 2000.0).is_err(), "no road is open");
}

#[test]
fn a_place_on_a_closed_street_is_served_from_the_next_open_one() {
    let roads = &MALTA.roads;
    let place = Position::from_degrees(35.8989, 14.5146).unwrap();
    let here = roads.snap(place).unwrap();
    let closed = roads.under(&traffic(roads, [here.edge()].into_iter(), |_| Flow::Closed), NOW);
    assert_eq!(closed.snap(place), roads.snap(place), "the map is what it was");
    let open = closed.snap_open(place, 2000.0).unwrap();
    assert_ne!(open.edge(), here.edge());
    assert!(open.off_road_metres() > here.off_road_metres());
    let far = some_snaps(roads, 17, 1)[0];
    assert!(closed.time(&far, &here).is_none() && closed.time(&far, &open).is_some());
}

#[test]
fn an_edge_that_is_not_there_or_is_one_way_is_refused() {
    let roads = &MALTA.roads;
    let state = |edge, is_forward| {
        roads.overlaid(edge, is_forward, Flow::Closed, [NOW, later(1)]).map_err(|e| e.to_string())
    };
    let n = n_edges(roads);
    assert_eq!(
        state(n, true).unwrap_err(),
        format!("edge {n} is not there: this city has edges 0..={}", n - 1)
    );
    let one_way = roads.edges().position(|stretch| stretch.millis[1].is_none()).unwrap();
    let one_way = u32::try_from(one_way).unwrap();
    assert_eq!(
        state(one_way, false).unwrap_err(),
        format!("edge {one_way} may not be driven backward: state its other direction only")
    );
    assert!(state(one_way, true).is_ok());
}
