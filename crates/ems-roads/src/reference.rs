//! A slow and obvious search beside the fast one, and small random towns to compare them on.

use std::collections::{BTreeMap, BTreeSet};

use ems_hierarchy::InTurn;
use ems_model::{Position, Timestamp};
use proptest::prelude::*;

use crate::import::complaints::Complaints;
use crate::import::restriction::Leaving;
use crate::network::tests::{Street, town};
use crate::network::{NO_WAY, Network};
use crate::profile::Profile;
use crate::roads::{Roads, main_part};
use crate::search::Leg;
use crate::snap::Snap;
use crate::traffic::{Flow, Kmh, Overlaid};

/// Streets between pairs of nodes (one-way or not) and picks of what is forbidden.
#[derive(Debug, Clone)]
struct Sketch {
    streets: Vec<(u8, u8, bool)>,
    forbidden: Vec<(u16, u16, Option<u16>)>,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let street = (0..9u8, 0..9u8, proptest::bool::weighted(0.3));
    let picks = (any::<u16>(), any::<u16>(), proptest::option::of(any::<u16>()));
    let lists = (proptest::collection::vec(street, 4..14), proptest::collection::vec(picks, 0..12));
    lists.prop_map(|(streets, forbidden)| Sketch { streets, forbidden })
}

/// A sketch as a network, what is forbidden in it, and the graph of its main part.
struct Town {
    network: Network,
    forbidden: BTreeSet<Vec<u32>>,
    /// By arc of the network.
    is_main: Vec<bool>,
    roads: Roads,
}

fn build(sketch: &Sketch) -> Option<Town> {
    const TWO_WAY: &[(&str, &str)] = &[("highway", "residential")];
    const ONE_WAY: &[(&str, &str)] = &[("highway", "residential"), ("oneway", "yes")];
    let nodes: Vec<(i64, i32, i32)> =
        (0..9i32).map(|n| (n.into(), 2 * (n % 3) + n / 3, 3 * (n / 3) + n % 2)).collect();
    let pairs: BTreeMap<(i64, i64), bool> = sketch
        .streets
        .iter()
        .filter(|(a, b, _)| a != b)
        .map(|&(a, b, is_oneway)| ((a.min(b).into(), a.max(b).into()), is_oneway))
        .collect();
    let refs: Vec<([i64; 2], bool)> = pairs.into_iter().map(|((a, b), w)| ([a, b], w)).collect();
    let ways: Vec<Street<'_>> = (1..)
        .zip(&refs)
        .map(|(id, (ends, is_oneway))| (id, &ends[..], if *is_oneway { ONE_WAY } else { TWO_WAY }))
        .collect();
    let profile = Profile::blue_light();
    let network = Network::build(&town(&nodes, &ways), &profile, &mut Complaints::default());
    let leaving = Leaving::of(&network);
    let forbidden: BTreeSet<Vec<u32>> =
        sketch.forbidden.iter().filter_map(|pick| sequence(&network, &leaving, *pick)).collect();
    let copy = Network::build(&town(&nodes, &ways), &profile, &mut Complaints::default());
    let (parts, _) = main_part(copy, &forbidden, &profile.turns, profile.name());
    let roads = Roads::ordered(parts, &InTurn).ok()?;
    let edges = 0..u32::try_from(network.edges.len()).unwrap();
    let is_kept = |edge: u32, side: u32| {
        let shape = &network.edges[edge as usize].shape;
        let new =
            (0..roads.n_edges()).find(|&e| roads.shape(u32::try_from(e).unwrap()) == shape)?;
        roads.arc_millis(2 * u32::try_from(new).unwrap() + side)
    };
    let is_main = edges.flat_map(|e| [0, 1].map(|side| is_kept(e, side).is_some())).collect();
    Some(Town { network, forbidden, is_main, roads })
}

/// The main part of a town, for the blue-light profile.
pub(crate) fn town_of(nodes: &[(i64, i32, i32)], ways: &[Street<'_>]) -> Roads {
    let profile = Profile::blue_light();
    let network = Network::build(&town(nodes, ways), &profile, &mut Complaints::default());
    let (parts, _) = main_part(network, &BTreeSet::new(), &profile.turns, profile.name());
    Roads::ordered(parts, &InTurn).unwrap()
}

/// Two or three arcs that follow each other.
fn sequence(
    network: &Network,
    leaving: &Leaving,
    (first, second, third): (u16, u16, Option<u16>),
) -> Option<Vec<u32>> {
    let pick = |from: &[u32], n: u16| from.get(usize::from(n) % from.len().max(1)).copied();
    let drivable: Vec<u32> = (0..network.n_arcs()).filter(|&a| network.is_drivable(a)).collect();
    let mut arcs = vec![pick(&drivable, first)?];
    for n in [Some(second), third].into_iter().flatten() {
        arcs.push(pick(leaving.node(network.head(arcs[arcs.len() - 1])), n)?);
    }
    Some(arcs)
}

/// The least time over arcs of the main part, by trying every turn from every history of two arcs
/// until nothing improves.
fn slow_time(town: &Town, from: &[Leg], to: &[Leg]) -> Option<u32> {
    let Town { network, forbidden, is_main, .. } = town;

    let leaving = Leaving::of(network);
    let u_turn = Profile::blue_light().turns.u_turn_s * 1000;
    let mut best: Option<u32> = None;
    let mut found = |millis: u32| best = Some(best.map_or(millis, |b| b.min(millis)));
    for (f, t) in from.iter().flat_map(|f| to.iter().map(move |t| (f, t))) {
        if f.arc == t.arc && f.along <= t.along {
            found(t.before - f.before);
        }
    }
    let mut ends: BTreeMap<Vec<u32>, u32> = from.iter().map(|f| (vec![f.arc], f.after)).collect();
    loop {
        let before = ends.clone();
        for (history, &at) in &before {
            let last = history[history.len() - 1];
            for &out in leaving.node(network.head(last)).iter().filter(|&&o| is_main[o as usize]) {
                let path = [&history[..], &[out]].concat();
                if (0..path.len() - 1).any(|start| forbidden.contains(&path[start..])) {
                    continue;
                }
                let at = at + if out == last ^ 1 { u_turn } else { 0 };
                to.iter().filter(|t| t.arc == out).for_each(|t| found(at + t.before));
                let recent = path[path.len() - 2..].to_vec();
                let end = ends.entry(recent).or_insert(u32::MAX);
                *end = (*end).min(at + network.millis(out));
            }
        }
        if ends == before {
            return best;
        }
    }
}

/// The legs by which a snap is left and come to, by the arc numbers of the network before islands
/// were left out.
fn legs_in(town: &Town, snap: &Snap) -> [Vec<Leg>; 2] {
    let Town { network, is_main, roads, .. } = town;
    let Some(junction) = corner(town, snap) else {
        let old = |leg: Leg| Leg { arc: old_arc(network, roads, leg.arc), ..leg };
        return [(); 2].map(|()| roads.legs(snap).map(old).collect());
    };
    let drivable = (0..network.n_arcs()).filter(|&arc| is_main[arc as usize]);
    let out = drivable.clone().filter(|&arc| network.tail(arc) == junction);
    let back = drivable.filter(|&arc| network.head(arc) == junction);
    let leave = |arc| Leg { arc, before: 0, after: network.millis(arc), along: 0.0 };
    let come = |arc| Leg { arc, before: network.millis(arc), after: 0, along: 1.0 };
    [out.map(leave).collect(), back.map(come).collect()]
}

/// The junction at which a snap is, as the network numbers it.
fn corner(Town { network, roads, .. }: &Town, snap: &Snap) -> Option<u32> {
    let own = old_arc(network, roads, 2 * snap.edge);
    match snap.fraction {
        0.0 => Some(network.tail(own)),
        1.0 => Some(network.head(own)),
        _ => None,
    }
}

fn old_arc(network: &Network, roads: &Roads, arc: u32) -> u32 {
    let shape = roads.shape(arc / 2);
    let old = network.edges.iter().position(|edge| edge.shape == shape).unwrap();
    2 * u32::try_from(old).unwrap() + arc % 2
}

fn snaps(roads: &Roads, fraction: f64) -> Vec<Snap> {
    let edges = 0..u32::try_from(roads.n_edges()).unwrap();
    let on = |edge| roads.point_on(edge, fraction);
    edges.map(on).collect()
}

fn crossroads() -> Roads {
    let streets = vec![
        (0, 1, false),
        (1, 2, false),
        (1, 4, true),
        (4, 3, false),
        (3, 0, false),
        (4, 5, false),
    ];
    let sketch = Sketch { streets, forbidden: vec![(0, 0, Some(0)), (1, 1, None)] };
    build(&sketch).unwrap().roads
}

/// All queries beside the slow search.
fn check(town: &Town) -> Result<(), TestCaseError> {
    let roads = &town.roads;
    let places = |fractions: [f64; 2]| fractions.map(|at| snaps(roads, at)).concat();
    let (from, to) = (places([0.3, 0.0]), places([0.6, 1.0]));
    let matrix = roads.matrix(&from, &to);
    for (row, a) in from.iter().enumerate() {
        for (column, b) in to.iter().enumerate() {
            let (leaving, coming) = (&legs_in(town, a)[0], &legs_in(town, b)[1]);
            let corners = [a, b].map(|snap| corner(town, snap));
            let is_open = !leaving.is_empty() && !coming.is_empty();
            let is_here = corners[0].is_some() && corners[0] == corners[1] && is_open;
            let slow = if is_here { Some(0) } else { slow_time(town, leaving, coming) };
            let fast = matrix[row][column].map(|t| u32::try_from(t.get()).unwrap());
            prop_assert_eq!(fast, slow, "from {:?} to {:?}", a, b);
            prop_assert_eq!(roads.time(a, b), matrix[row][column]);
            prop_assert_eq!(roads.route(a, b).map(|r| r.duration), matrix[row][column]);
        }
        prop_assert_eq!(roads.times_from(a, &to), &matrix[row][..]);
        prop_assert_eq!(roads.times_from_plainly(a, &to), &matrix[row][..]);
    }
    for (column, b) in to.iter().enumerate() {
        let times: Vec<_> = matrix.iter().map(|r| r[column]).collect();
        prop_assert_eq!(roads.times_to(&from, b), times);
    }
    Ok(())
}

/// Lays traffic over a town: the network under the slow search gets the same times.
fn lay(town: &mut Town, rows: &[(u16, Option<u8>)]) {
    let n_arcs = 2 * u32::try_from(town.roads.n_edges()).unwrap();
    let row = |&(arc, kmh): &(u16, Option<u8>)| Overlaid {
        arc: u32::from(arc) % n_arcs,
        flow: kmh.map_or(Flow::Closed, |kmh| Flow::At(Kmh::new(f64::from(kmh)).unwrap())),
        since: Timestamp::default(),
        until: Timestamp::from_millis(1000),
    };
    let traffic = rows.iter().map(row).collect();
    town.roads = town.roads.under(&traffic, Timestamp::default());
    for arc in 0..n_arcs {
        let old = old_arc(&town.network, &town.roads, arc);
        let millis = town.roads.arc_millis(arc);
        town.is_main[old as usize] &= millis.is_some();
        town.network.edges[(old / 2) as usize].millis[(old % 2) as usize] =
            millis.unwrap_or(NO_WAY);
    }
}

proptest! {
    #[test]
    fn the_fast_search_finds_what_the_slow_one_finds(
        sketch in sketch(),
        rows in proptest::collection::vec((any::<u16>(), proptest::option::of(1..=200u8)), 0..12),
        newer in proptest::collection::vec((any::<u16>(), proptest::option::of(1..=200u8)), 1..4),
    ) {
        let Some(mut town) = build(&sketch) else { return Ok(()) };
        check(&town)?;
        let free = town.roads.clone();
        lay(&mut town, &rows);
        check(&town)?;
        let Some(mut town) = build(&sketch) else { return Ok(()) };
        town.roads = free;
        lay(&mut town, &newer);
        check(&town)?;
    }

    #[test]
    fn a_way_that_closures_cut_comes_as_near_as_it_can(
        sketch in sketch(),
        rows in proptest::collection::vec((any::<u16>(), Just(None)), 1..8),
    ) {
        let Some(mut town) = build(&sketch) else { return Ok(()) };
        lay(&mut town, &rows);
        let roads = &town.roads;
        let places = |fractions: [f64; 2]| fractions.map(|at| snaps(roads, at)).concat();
        for (a, b) in places([0.3, 1.0]).iter().zip(places([0.6, 0.0]).iter().rev()) {
            let Err(cut) = roads.way(a, b) else { continue };
            prop_assert_eq!(roads.time(a, b), None);
            if let Some(near) = cut.drive_to {
                prop_assert!(near.off_road_metres() <= b.position().metres_to(a.position()) + 0.02);
                let is_there = near.position() == a.position();
                prop_assert!(is_there || roads.time(a, &near).is_some(), "{:?} {:?}", a, near);
            }
            if let Some(near) = cut.drive_from {
                prop_assert!(near.off_road_metres() <= b.position().metres_to(a.position()) + 0.02);
                let is_there = near.position() == b.position();
                prop_assert!(is_there || roads.time(&near, b).is_some(), "{:?} {:?}", near, b);
            }
            prop_assert_eq!(cut.drive_to.is_some(), !roads.leaving(a).is_empty());
            prop_assert_eq!(cut.drive_from.is_some(), !roads.arriving(b).is_empty());
        }
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Roads::decode(&bytes).is_err());
        let headed = [&b"GHRD\x04\0\0\0"[..], &bytes].concat();
        prop_assert!(Roads::decode(&headed).is_err());
    }

    #[test]
    fn damaged_bytes_decode_to_a_graph_that_is_safe_to_ask_or_are_refused(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = crossroads().encode();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(roads) = Roads::decode(&bytes) {
            let all = [snaps(&roads, 0.5), snaps(&roads, 0.0)].concat();
            for snap in &all {
                roads.times_from(snap, &all);
                roads.times_to(&all, snap);
                roads.street_at(snap);
                if let Some(route) = roads.route(&all[0], snap) {
                    prop_assert!(route.points.is_sorted_by_key(|p| p.1));
                }
            }
            let _ = roads.snap(Position::from_degrees(35.9, 14.4).unwrap());
            // A damaged hierarchy may have been made whole; what was, stays.
            let again = roads.encode();
            prop_assert_eq!(Roads::decode(&again).map(|r| r.encode()), Ok(again));
        }
    }
}

#[test]
fn a_snap_of_another_city_gets_no_answer() {
    let roads = crossroads();
    let mut alien = snaps(&roads, 0.5)[0];
    alien.edge = u32::MAX;
    let here = snaps(&roads, 0.5)[0];
    assert_eq!((roads.time(&here, &alien), roads.time(&alien, &here)), (None, None));
    assert_eq!(roads.route(&alien, &here), None);
    assert_eq!(roads.times_to(&[alien, here], &here)[0], None);
    assert_eq!(roads.street_at(&alien), None);
}
