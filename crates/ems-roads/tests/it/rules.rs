//! Routes keep the rules of the road, as read from the extract a second time, by other means.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use ems_model::Position;
use osmpbf::{Element, ElementReader, RelMemberType};

use crate::{MALTA, data, some_snaps};

/// What the extract says, without our import.
#[derive(Default)]
struct Plain {
    nodes: BTreeMap<i64, Position>,
    ways: BTreeMap<i64, Vec<i64>>,
    oneways: BTreeSet<i64>,
    /// Banned turns over a node: from way, node, to way.
    banned: Vec<(i64, i64, i64)>,
}

fn plain() -> Plain {
    let mut plain = Plain::default();
    let file = File::open(data("malta/malta.osm.pbf")).unwrap();
    ElementReader::new(file).for_each(|element| plain.read(&element)).unwrap();
    plain
}

impl Plain {
    fn read(&mut self, element: &Element<'_>) {
        match element {
            Element::DenseNode(n) => {
                let position = Position::from_e7(n.decimicro_lat(), n.decimicro_lon()).unwrap();
                self.nodes.insert(n.id, position);
            }
            Element::Way(w) => {
                let tag = |key| w.tags().find(|t| t.0 == key).map(|t| t.1);
                if tag("highway").is_some() {
                    self.ways.insert(w.id(), w.refs().collect());
                    let is_exempt = ["oneway:bus", "oneway:psv", "oneway:emergency"]
                        .iter()
                        .any(|key| tag(key) == Some("no"));
                    if tag("oneway") == Some("yes") && !is_exempt {
                        self.oneways.insert(w.id());
                    }
                }
            }
            Element::Relation(r) => {
                let tag = |key| r.tags().find(|t| t.0 == key).map(|t| t.1);
                let is_no =
                    tag("restriction").is_some_and(|v| v.starts_with("no_") && v != "no_u_turn");
                let member = |role: &str, kind| {
                    let mut all = r.members().filter(|m| m.role().unwrap() == role);
                    let one = all.next().filter(|m| m.member_type == kind)?;
                    all.next().is_none().then_some(one.member_id)
                };
                let ends = (
                    member("from", RelMemberType::Way),
                    member("via", RelMemberType::Node),
                    member("to", RelMemberType::Way),
                );
                if let (true, None, (Some(from), Some(via), Some(to))) =
                    (is_no, tag("except"), ends)
                {
                    self.banned.push((from, via, to));
                }
            }
            Element::Node(_) => {}
        }
    }

    /// Where the nodes beside a node of a way are.
    fn beside(&self, way: i64, node: i64) -> Vec<Position> {
        let refs = self.ways.get(&way).map_or(&[][..], Vec::as_slice);
        let pairs = refs.windows(2).flat_map(|w| [(w[0], w[1]), (w[1], w[0])]);
        pairs.filter(|(a, _)| *a == node).map(|(_, b)| self.nodes[&b]).collect()
    }
}

/// Each route's corners: three points in a row.
fn corners() -> BTreeSet<[Position; 3]> {
    let roads = &MALTA.roads;
    let (from, to) = (some_snaps(roads, 11, 25), some_snaps(roads, 12, 25));
    let mut corners = BTreeSet::new();
    for (a, b) in from.iter().flat_map(|a| to.iter().map(move |b| (a, b))) {
        let route = roads.route(a, b).unwrap();
        corners.extend(route.points.windows(3).map(|w| [w[0].0, w[1].0, w[2].0]));
    }
    corners
}

#[test]
fn no_route_makes_a_banned_turn_or_goes_against_a_one_way() {
    let (plain, corners) = (plain(), corners());
    let mut n_checked = 0;
    for &(from, via, to) in &plain.banned {
        let Some(&middle) = plain.nodes.get(&via) else { continue };
        for start in plain.beside(from, via) {
            for end in plain.beside(to, via).into_iter().filter(|&end| end != start) {
                n_checked += 1;
                assert!(!corners.contains(&[start, middle, end]), "way {from} node {via} way {to}");
            }
        }
    }
    assert!(n_checked > 100, "{n_checked} banned turns looked at");

    let steps: BTreeSet<(Position, Position)> =
        corners.iter().flat_map(|c| [(c[0], c[1]), (c[1], c[2])]).collect();
    let mut n_driven = 0;
    for way in &plain.oneways {
        for pair in plain.ways[way].windows(2) {
            let (a, b) = (plain.nodes[&pair[0]], plain.nodes[&pair[1]]);
            n_driven += u32::from(steps.contains(&(a, b)));
            assert!(!steps.contains(&(b, a)), "way {way} against its direction");
        }
    }
    assert!(n_driven > 1000, "{n_driven} pieces of one-way street driven");
}
