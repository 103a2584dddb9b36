//! The part of an OpenStreetMap extract that a city needs, read from a PBF file in one pass.
//!
//! Format: <https://wiki.openstreetmap.org/wiki/PBF_Format>. Elements keep only the tags named in
//! [`KEYS`]; every node keeps its place, because ways may come before we know which are wanted.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ems_model::{Position, Timestamp};
use osmpbf::{BlobDecode, BlobReader, Element, HeaderBlock, RelMemberType};

use crate::Bounds;

/// What an extract could not be read for.
#[derive(Debug, thiserror::Error)]
pub enum OsmError {
    /// The bytes are not whole PBF blocks.
    #[error("the extract is damaged or cut short after {n_elements} elements: download it again")]
    Damaged {
        /// How many elements were read before.
        n_elements: usize,
        /// What the PBF reader said.
        source: osmpbf::Error,
    },
    /// A block holds numbers that the PBF reader cannot take.
    #[error("the extract is damaged after {n_elements} elements: download it again")]
    Impossible {
        /// How many elements were read before.
        n_elements: usize,
    },
    /// The file ends inside the length of a block.
    #[error("the extract is cut short after {n_elements} elements: download it again")]
    CutShort {
        /// How many elements were read before.
        n_elements: usize,
    },
    /// The file needs something that this reader lacks.
    #[error(
        "the extract requires feature \"{feature}\", which is not supported: \
         use a plain extract, without history"
    )]
    Feature {
        /// The required feature by the name in the file.
        feature: String,
    },
}

/// Tags that the import looks at, sorted. Others are not kept.
const KEYS: &[&str] = &[
    "access",
    "amenity",
    "area",
    "barrier",
    "beds",
    "boundary",
    "building",
    "bus",
    "duration",
    "emergency",
    "except",
    "ferry",
    "height",
    "highway",
    "junction",
    "landuse",
    "leisure",
    "maxheight",
    "maxspeed",
    "maxspeed:backward",
    "maxspeed:forward",
    "maxweight",
    "maxwidth",
    "motor_vehicle",
    "motorcar",
    "name",
    "name:en",
    "name:zh",
    "natural",
    "oneway",
    "oneway:bus",
    "oneway:emergency",
    "oneway:psv",
    "place",
    "population",
    "psv",
    "ref",
    "restriction",
    "restriction:conditional",
    "restriction:motor_vehicle",
    "route",
    "service",
    "surface",
    "tracktype",
    "type",
    "vehicle",
    "water",
    "waterway",
    "wetland",
];

/// The kept tags of one element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tags(Vec<(&'static str, Box<str>)>);

impl Tags {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| &**v)
    }

    pub(crate) fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn read<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let kept = |key: &str| KEYS.binary_search(&key).ok().map(|i| KEYS[i]);
        Self(pairs.filter_map(|(k, v)| Some((kept(k)?, v.into()))).collect())
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self::read(pairs.iter().copied())
    }
}

/// A node with tags that matter.
#[derive(Debug)]
pub(crate) struct OsmNode {
    pub(crate) id: i64,
    pub(crate) position: Position,
    pub(crate) tags: Tags,
}

/// A way; untagged ways stay too, for relations may use them.
#[derive(Debug)]
pub(crate) struct OsmWay {
    pub(crate) id: i64,
    pub(crate) refs: Vec<i64>,
    pub(crate) tags: Tags,
}

/// What a member of a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberKind {
    Node,
    Way,
    Relation,
}

/// A member of a relation.
#[derive(Debug)]
pub(crate) struct OsmMember {
    pub(crate) kind: MemberKind,
    pub(crate) id: i64,
    pub(crate) role: Box<str>,
}

/// A relation of a type that matters: restriction, multipolygon or boundary with tags we draw.
#[derive(Debug)]
pub(crate) struct OsmRelation {
    pub(crate) id: i64,
    pub(crate) members: Vec<OsmMember>,
    pub(crate) tags: Tags,
}

/// What was read of an extract.
#[derive(Debug, Default)]
pub(crate) struct Osm {
    /// Every node's id and place, by id.
    pub(crate) nodes: Vec<(i64, Position)>,
    /// Nodes with kept tags, in file order.
    pub(crate) tagged: Vec<OsmNode>,
    /// By id.
    pub(crate) ways: Vec<OsmWay>,
    /// In file order.
    pub(crate) relations: Vec<OsmRelation>,
    /// The extract's bounding box, where the file states one.
    pub(crate) bounds: Option<Bounds>,
    /// When the data was taken from OpenStreetMap, where the file states it.
    pub(crate) taken_at: Option<Timestamp>,
    /// Nodes whose coordinates are not on Earth.
    pub(crate) n_off_earth: u32,
}

impl Osm {
    /// Reads a PBF extract from its first byte to its last.
    pub(crate) fn read(source: impl Read + Send) -> Result<Self, OsmError> {
        let mut osm = Self::default();
        let mut reader = Watched { inner: source, is_cut: false };
        for blob in BlobReader::new(&mut reader) {
            let n_elements = osm.n_elements();
            // osmpbf 0.3 panics on what no writer writes, such as an unknown kind of member.
            let content = catch_unwind(AssertUnwindSafe(|| osm.read_blob(&blob?)))
                .map_err(|_| OsmError::Impossible { n_elements })?;
            match content {
                Ok(None) => {}
                Ok(Some(feature)) => return Err(OsmError::Feature { feature }),
                Err(source) => return Err(OsmError::Damaged { n_elements, source }),
            }
        }
        if reader.is_cut {
            return Err(OsmError::CutShort { n_elements: osm.n_elements() });
        }
        osm.sort();
        Ok(osm)
    }

    /// The place of a node, by its index in `nodes`.
    pub(crate) fn node_idx(&self, id: i64) -> Option<usize> {
        self.nodes.binary_search_by_key(&id, |n| n.0).ok()
    }

    pub(crate) fn position(&self, id: i64) -> Option<Position> {
        self.node_idx(id).map(|idx| self.nodes[idx].1)
    }

    pub(crate) fn way(&self, id: i64) -> Option<&OsmWay> {
        self.ways.binary_search_by_key(&id, |w| w.id).ok().map(|idx| &self.ways[idx])
    }

    /// The places of a way's nodes, in order, without those the extract lacks.
    pub(crate) fn line(&self, way: &OsmWay) -> Vec<Position> {
        way.refs.iter().filter_map(|&id| self.position(id)).collect()
    }

    pub(crate) fn n_elements(&self) -> usize {
        self.nodes.len() + self.ways.len() + self.relations.len()
    }

    /// Restores the order by id, and keeps one of elements that the file holds twice.
    pub(crate) fn sort(&mut self) {
        if !self.nodes.is_sorted_by_key(|n| n.0) {
            self.nodes.sort_by_key(|n| n.0);
        }
        self.nodes.dedup_by_key(|n| n.0);
        if !self.ways.is_sorted_by_key(|w| w.id) {
            self.ways.sort_by_key(|w| w.id);
        }
        self.ways.dedup_by_key(|w| w.id);
    }

    /// Reads a block; gives back the name of a required feature that we lack.
    fn read_blob(&mut self, blob: &osmpbf::Blob) -> Result<Option<String>, osmpbf::Error> {
        match blob.decode()? {
            BlobDecode::OsmHeader(header) => Ok(self.read_header(&header)),
            BlobDecode::OsmData(block) => {
                block.for_each_element(|element| self.read_element(element));
                Ok(None)
            }
            BlobDecode::Unknown(_) => Ok(None),
        }
    }

    fn read_header(&mut self, header: &HeaderBlock) -> Option<String> {
        self.bounds = header.bbox().and_then(|b| {
            let south_west = Position::from_degrees(b.bottom, b.left).ok()?;
            let north_east = Position::from_degrees(b.top, b.right).ok()?;
            Some(Bounds { south_west, north_east })
        });
        let seconds = header.osmosis_replication_timestamp();
        self.taken_at = seconds
            .filter(|s| (0..=MAX_EPOCH_S).contains(s))
            .map(|s| Timestamp::from_micros(s * 1_000_000));
        let known = |f: &&String| !FEATURES.contains(&f.as_str());
        header.required_features().iter().find(known).cloned()
    }

    fn read_element(&mut self, element: Element<'_>) {
        match element {
            Element::DenseNode(n) => {
                self.read_node(n.id, n.nano_lat(), n.nano_lon(), || Tags::read(n.tags()));
            }
            Element::Node(n) => {
                self.read_node(n.id(), n.nano_lat(), n.nano_lon(), || Tags::read(n.tags()));
            }
            Element::Way(w) => self.ways.push(OsmWay {
                id: w.id(),
                refs: w.refs().collect(),
                tags: Tags::read(w.tags()),
            }),
            Element::Relation(r) => self.read_relation(&r),
        }
    }

    fn read_node(&mut self, id: i64, nano_lat: i64, nano_lon: i64, tags: impl Fn() -> Tags) {
        let e7 = |nano: i64| i32::try_from(nano / 100).ok();
        let position =
            e7(nano_lat).zip(e7(nano_lon)).and_then(|(lat, lon)| Position::from_e7(lat, lon).ok());
        let Some(position) = position else {
            self.n_off_earth += 1;
            return;
        };
        self.nodes.push((id, position));
        let tags = tags();
        if !tags.is_empty() {
            self.tagged.push(OsmNode { id, position, tags });
        }
    }

    fn read_relation(&mut self, relation: &osmpbf::Relation<'_>) {
        let tags = Tags::read(relation.tags());
        let kind = tags.get("type").unwrap_or_default();
        if !["restriction", "multipolygon"].contains(&kind) {
            return;
        }
        let members = relation.members().map(|m| OsmMember {
            kind: match m.member_type {
                RelMemberType::Node => MemberKind::Node,
                RelMemberType::Way => MemberKind::Way,
                RelMemberType::Relation => MemberKind::Relation,
            },
            id: m.member_id,
            role: m.role().unwrap_or_default().into(),
        });
        self.relations.push(OsmRelation { id: relation.id(), members: members.collect(), tags });
    }
}

/// Required features of the PBF format that are read right.
const FEATURES: &[&str] = &["OsmSchema-V0.6", "DenseNodes"];

/// The year 9999, in seconds since 1970: later dates are damage.
const MAX_EPOCH_S: i64 = 253_402_300_799;

/// Notices a file that ends within the four bytes of a block's length, which the PBF reader
/// takes for the end.
struct Watched<R> {
    inner: R,
    is_cut: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n_bytes = self.inner.read(buf)?;
        self.is_cut |= n_bytes == 0 && (1..4).contains(&buf.len());
        Ok(n_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_keys_are_sorted_so_that_they_can_be_searched() {
        assert!(KEYS.is_sorted());
        assert_eq!(Tags::of(&[("name", "Triq"), ("colour", "red")]).get("colour"), None);
    }

    #[test]
    fn an_empty_file_reads_as_nothing() {
        assert_eq!(Osm::read(&b""[..]).unwrap().n_elements(), 0);
    }

    #[test]
    fn bytes_that_are_no_extract_are_refused() {
        for bytes in [&b"\0\0"[..], b"<?xml version=\"1.0\"?><osm>", b"\0\0\0\x0dhello, world!"] {
            assert!(Osm::read(bytes).is_err(), "{bytes:?}");
        }
    }
}
