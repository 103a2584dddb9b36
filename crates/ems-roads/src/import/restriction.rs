//! Turn restrictions: which sequences of arcs may not be driven.
//!
//! Standard: <https://wiki.openstreetmap.org/wiki/Relation:restriction>. A restriction over a node
//! forbids sequences of two arcs, one over ways forbids longer ones. `only_*` forbids all others.

use std::collections::BTreeSet;

use crate::import::complaints::Complaints;
use crate::import::osm::{MemberKind, Osm, OsmRelation, Tags};
use crate::network::{NO_NODE, Network};
use crate::profile::Profile;

/// Restrictions as sequences of arcs, and how many relations they came from.
#[derive(Debug, Default)]
pub(crate) struct Restrictions {
    /// Each of at least two arcs that follow each other.
    pub(crate) forbidden: BTreeSet<Vec<u32>>,
    pub(crate) n_applied: u32,
}

const BROKEN: &str = "turn restrictions with missing or unfit members, ignored";

impl Restrictions {
    /// Reads all restrictions that bind this profile.
    pub(crate) fn read(
        osm: &Osm,
        network: &Network,
        profile: &Profile,
        complaints: &mut Complaints,
    ) -> Self {
        let mut restrictions = Self::default();
        let leaving = Leaving::of(network);
        for relation in osm.relations.iter().filter(|r| r.tags.is("type", "restriction")) {
            let Some(kind) = binding_kind(&relation.tags, profile, complaints) else { continue };
            let reading = Reading { osm, network, leaving: &leaving, relation, kind };
            let n_before = restrictions.forbidden.len();
            let is_read = reading.forbid(&mut restrictions.forbidden).is_some();
            if is_read {
                restrictions.n_applied += u32::from(restrictions.forbidden.len() > n_before);
            } else if reading.touches_network() {
                complaints.add(BROKEN, || format!("relation {}", relation.id));
            }
        }
        restrictions
    }
}

/// What a restriction demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    No,
    NoUTurn,
    Only,
}

fn binding_kind(tags: &Tags, profile: &Profile, complaints: &mut Complaints) -> Option<Kind> {
    let excepted = tags.get("except").unwrap_or_default();
    if excepted.split(';').any(|vehicle| profile.turns.exempt.contains(vehicle.trim())) {
        return None;
    }
    let Some(value) = tags.get("restriction").or_else(|| tags.get("restriction:motor_vehicle"))
    else {
        if tags.get("restriction:conditional").is_some() {
            complaints.add("turn restrictions by time of day, ignored", String::new);
        }
        return None;
    };
    match value {
        "no_u_turn" => Some(Kind::NoUTurn),
        _ if value.starts_with("no_") => Some(Kind::No),
        _ if value.starts_with("only_") => Some(Kind::Only),
        _ => {
            complaints.add("turn restrictions of unknown kind, ignored", || value.to_owned());
            None
        }
    }
}

/// Arcs by the node they leave, as a flat list.
pub(crate) struct Leaving {
    first: Vec<u32>,
    arcs: Vec<u32>,
}

impl Leaving {
    pub(crate) fn of(network: &Network) -> Self {
        let drivable = || (0..network.n_arcs()).filter(|&arc| network.is_drivable(arc));
        let mut first = vec![0u32; network.n_nodes as usize + 1];
        for arc in drivable() {
            first[network.tail(arc) as usize + 1] += 1;
        }
        for node in 1..first.len() {
            first[node] += first[node - 1];
        }
        let mut next = first.clone();
        let mut arcs = vec![0u32; first[first.len() - 1] as usize];
        for arc in drivable() {
            let slot = &mut next[network.tail(arc) as usize];
            arcs[*slot as usize] = arc;
            *slot += 1;
        }
        Self { first, arcs }
    }

    /// Drivable arcs that leave the node, ascending.
    pub(crate) fn node(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.arcs[self.first[node] as usize..self.first[node + 1] as usize]
    }
}

struct Reading<'a> {
    osm: &'a Osm,
    network: &'a Network,
    leaving: &'a Leaving,
    relation: &'a OsmRelation,
    kind: Kind,
}

impl Reading<'_> {
    /// Adds the forbidden sequences; `None` where the relation cannot be understood.
    fn forbid(&self, forbidden: &mut BTreeSet<Vec<u32>>) -> Option<()> {
        let via_ways: Vec<i64> = self.members("via", MemberKind::Way).collect();
        let paths = match self.members("via", MemberKind::Node).next() {
            Some(node) => vec![(self.node(node)?, Vec::new())],
            None => self.via_paths(&via_ways)?,
        };
        let mut is_fit = false;
        for (start, path) in paths {
            is_fit |= self.forbid_along(start, &path, forbidden);
        }
        is_fit.then_some(())
    }

    /// Forbids through one path of via arcs that starts at a node.
    fn forbid_along(&self, start: u32, path: &[u32], forbidden: &mut BTreeSet<Vec<u32>>) -> bool {
        let end = path.last().map_or(start, |&arc| self.network.head(arc));
        let to: Vec<u32> = self.arcs_of("to").filter(|&a| self.network.tail(a) == end).collect();
        let from: Vec<u32> =
            self.arcs_of("from").filter(|&a| self.network.head(a) == start).collect();
        let is_fit = !to.is_empty() && !from.is_empty();
        for &into in from.iter().filter(|_| is_fit) {
            for &out in self.leaving.node(end) {
                if self.is_forbidden(into, out, path.is_empty(), &to) {
                    forbidden.insert([&[into][..], path, &[out]].concat());
                }
            }
        }
        is_fit
    }

    fn is_forbidden(&self, into: u32, out: u32, is_over_node: bool, to: &[u32]) -> bool {
        let turns_round = is_over_node && out == into ^ 1;
        match self.kind {
            Kind::Only => !to.contains(&out),
            Kind::NoUTurn => to.contains(&out) && (turns_round || !self.is_same_way()),
            Kind::No => to.contains(&out) && !turns_round,
        }
    }

    fn is_same_way(&self) -> bool {
        self.members("via", MemberKind::Way).next().is_none()
            && self.members("from", MemberKind::Way).eq(self.members("to", MemberKind::Way))
    }

    /// The ways of via arcs from end to end that start where a `from` arc ends.
    fn via_paths(&self, via_ways: &[i64]) -> Option<Vec<(u32, Vec<u32>)>> {
        let edges: BTreeSet<u32> =
            via_ways.iter().flat_map(|&way| self.network.edges_of(way)).collect();
        let ends: BTreeSet<u32> = self.arcs_of("to").map(|arc| self.network.tail(arc)).collect();
        let starts: BTreeSet<u32> =
            self.arcs_of("from").map(|arc| self.network.head(arc)).collect();
        if edges.is_empty() || edges.len() > VIA_EDGES_MAX {
            return None;
        }
        Some(starts.into_iter().filter_map(|start| self.via_path(start, &ends, &edges)).collect())
    }

    /// Follows via edges from `start`, none twice, until one of `ends` is reached.
    fn via_path(
        &self,
        start: u32,
        ends: &BTreeSet<u32>,
        edges: &BTreeSet<u32>,
    ) -> Option<(u32, Vec<u32>)> {
        let mut reached: Vec<(u32, Vec<u32>)> = vec![(start, Vec::new())];
        let mut seen = BTreeSet::from([start]);
        let mut next = 0;
        while next < reached.len() {
            let (node, path) = reached[next].clone();
            next += 1;
            if !path.is_empty() && ends.contains(&node) {
                return Some((start, path));
            }
            for &arc in self.leaving.node(node).iter().filter(|&&arc| edges.contains(&(arc / 2))) {
                if seen.insert(self.network.head(arc)) {
                    reached.push((self.network.head(arc), [&path[..], &[arc]].concat()));
                }
            }
        }
        None
    }

    fn arcs_of(&self, role: &str) -> impl Iterator<Item = u32> {
        let edges = self.members(role, MemberKind::Way).flat_map(|way| self.network.edges_of(way));
        edges.flat_map(|edge| [2 * edge, 2 * edge + 1]).filter(|&arc| self.network.is_drivable(arc))
    }

    fn members(&self, role: &str, kind: MemberKind) -> impl Iterator<Item = i64> {
        let members = self.relation.members.iter();
        members.filter(move |m| m.kind == kind && &*m.role == role).map(|m| m.id)
    }

    fn node(&self, id: i64) -> Option<u32> {
        Some(self.network.node_of[self.osm.node_idx(id)?]).filter(|&node| node != NO_NODE)
    }

    /// Whether both its `from` and its `to` are roads of ours: else it is none of our business.
    fn touches_network(&self) -> bool {
        self.arcs_of("from").next().is_some() && self.arcs_of("to").next().is_some()
    }
}

/// A via longer than this many edges is a mistake in the map.
const VIA_EDGES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::osm::OsmMember;
    use crate::network::tests::town;

    const ROAD: &[(&str, &str)] = &[("highway", "primary")];

    /// A crossroads: ways 11 west, 12 east, 13 north, 14 south, each towards the middle.
    fn crossroads(tags: &[(&str, &str)], members: &[(MemberKind, i64, &str)]) -> Osm {
        let nodes = [(1, 1, 1), (2, 0, 1), (3, 2, 1), (4, 1, 2), (5, 1, 0)];
        let ways: [(i64, &[i64], _); 4] =
            [(11, &[2, 1], ROAD), (12, &[3, 1], ROAD), (13, &[4, 1], ROAD), (14, &[5, 1], ROAD)];
        let mut osm = town(&nodes, &ways);
        let member =
            |&(kind, id, role): &(MemberKind, i64, &str)| OsmMember { kind, id, role: role.into() };
        osm.relations.push(OsmRelation {
            id: 99,
            members: members.iter().map(member).collect(),
            tags: Tags::of(tags),
        });
        osm
    }

    fn read(osm: &Osm) -> (BTreeSet<Vec<u32>>, usize) {
        let (profile, mut complaints) = (Profile::blue_light(), Complaints::default());
        let network = Network::build(osm, &profile, &mut complaints);
        let restrictions = Restrictions::read(osm, &network, &profile, &mut complaints);
        (restrictions.forbidden, complaints.into_list().len())
    }

    const OVER_NODE: [(MemberKind, i64, &str); 3] =
        [(MemberKind::Way, 11, "from"), (MemberKind::Node, 1, "via"), (MemberKind::Way, 13, "to")];

    fn tagged(kind: &str) -> Vec<(&str, &str)> {
        vec![("type", "restriction"), ("restriction", kind)]
    }

    #[test]
    fn a_forbidden_turn_is_one_sequence_and_a_mandatory_turn_forbids_the_rest() {
        // Arc 0 comes from the west; 3, 5, 7 leave east, north, south; 1 turns round.
        let (forbidden, _) = read(&crossroads(&tagged("no_left_turn"), &OVER_NODE));
        assert_eq!(forbidden, BTreeSet::from([vec![0, 5]]));
        let (forbidden, _) = read(&crossroads(&tagged("only_left_turn"), &OVER_NODE));
        assert_eq!(forbidden, BTreeSet::from([vec![0, 1], vec![0, 3], vec![0, 7]]));
    }

    #[test]
    fn emergency_vehicles_may_be_excepted() {
        let mut tags = tagged("no_left_turn");
        tags.push(("except", "bicycle;emergency"));
        assert!(read(&crossroads(&tags, &OVER_NODE)).0.is_empty());
    }

    #[test]
    fn a_no_u_turn_on_one_way_forbids_only_turning_round() {
        let members = [
            (MemberKind::Way, 11, "from"),
            (MemberKind::Node, 1, "via"),
            (MemberKind::Way, 11, "to"),
        ];
        let (forbidden, _) = read(&crossroads(&tagged("no_u_turn"), &members));
        assert_eq!(forbidden, BTreeSet::from([vec![0, 1]]));
    }

    #[test]
    fn a_restriction_over_a_way_forbids_the_whole_sequence() {
        let members = [
            (MemberKind::Way, 11, "from"),
            (MemberKind::Way, 12, "via"),
            (MemberKind::Way, 15, "to"),
        ];
        let mut osm = crossroads(&tagged("no_left_turn"), &members);
        osm.nodes.push((6, crate::network::tests::place(2, 2)));
        osm.ways.push(crate::import::osm::OsmWay {
            id: 15,
            refs: vec![3, 6],
            tags: Tags::of(ROAD),
        });
        assert_eq!(read(&osm).0, BTreeSet::from([vec![0, 3, 8]]));
    }

    #[test]
    fn a_restriction_without_its_via_is_a_complaint() {
        let (forbidden, n_complaints) = read(&crossroads(&tagged("no_left_turn"), &OVER_NODE[..1]));
        assert_eq!((forbidden.len(), n_complaints), (0, 0), "its `to` is no road of ours");
        let members = [OVER_NODE[0], OVER_NODE[2]];
        let (forbidden, n_complaints) = read(&crossroads(&tagged("no_left_turn"), &members));
        assert_eq!((forbidden.len(), n_complaints), (0, 1));
    }
}
