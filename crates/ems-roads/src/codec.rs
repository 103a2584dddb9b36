//! `roads.bin`: the road graph as bytes.
//!
//! Little-endian: magic `GHRD`, version, eight counts, then names, edges, points, memory arcs, first
//! turns, turns, the order of the edges, and the hierarchy over the turns ([`Topology`]: the order
//! of states, their depths, their arcs up and down by count, the depths of these arcs' ends), each
//! a plain array. The length must be exactly what the counts say, so nothing is allocated for a
//! damaged file; then every index is checked. A checksum is the manifest's matter.

use ems_hierarchy::{InTurn, Topology};
use ems_model::Position;

use crate::exception::Exceptions;
use crate::roads::{Edge, Parts, Roads};
use crate::turns::{Turn, Turns};

/// Bytes that are no road graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Another kind of file.
    #[error("road graph starts with {found:02x?}, not \"GHRD\": this is another kind of file")]
    Magic {
        /// The first bytes, at most four.
        found: Vec<u8>,
    },
    /// Written by another version of this program.
    #[error("road graph has version {found}, this program reads {VERSION}: re-import the extract")]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// Cut short, or with something behind its end.
    #[error("road graph has {found} bytes, its header says {expected}: re-import the extract")]
    Length {
        /// The bytes there are.
        found: u64,
        /// The bytes there should be.
        expected: u64,
    },
    /// A number that points outside its table.
    #[error("road graph is damaged ({0} out of range): re-import the extract")]
    Range(&'static str),
    /// No road at all.
    #[error("road graph has no roads: re-import the extract")]
    Empty,
}

const MAGIC: &[u8; 4] = b"GHRD";

/// The version of the layout that is written and read.
pub(crate) const VERSION: u32 = 3;

/// Set in the byte of an edge's class where it is part of a roundabout.
const ROUND_BIT: u8 = 1 << 7;

const N_COUNTS: usize = 8;
const HEADER_BYTES: usize = 4 + 4 + 4 * N_COUNTS;
/// An edge, and its place in the order.
const EDGE_BYTES: u64 = 6 * 4 + 3 + 4;
/// What the hierarchy has of a state, beside its arcs.
const STATE_BYTES: u64 = 4 + 2 + 2 + 2;

impl Roads {
    /// Writes the graph; the same graph always gives the same bytes.
    ///
    /// # Panics
    /// Never: a graph's tables are numbered by `u32` when it is built.
    pub fn encode(&self) -> Vec<u8> {
        let parts = self.parts();
        let topology = self.hierarchy().topology();
        let text = [&parts.profile].into_iter().chain(&parts.names).cloned().collect::<Vec<_>>();
        let text = text.join("\n");
        let mut bytes = MAGIC.to_vec();
        put(&mut bytes, VERSION);
        for count in [
            text.len(),
            parts.edges.len(),
            parts.points.len(),
            parts.memory_arcs.len(),
            parts.turns.first.len(),
            parts.turns.list.len(),
            topology.end_depths[0].len(),
            topology.end_depths[1].len(),
        ] {
            put(&mut bytes, u32::try_from(count).expect("tables are numbered by u32"));
        }
        bytes.extend(text.as_bytes());
        for edge in &parts.edges {
            for word in
                [edge.tail, edge.head, edge.millis[0], edge.millis[1], edge.first_point, edge.name]
            {
                put(&mut bytes, word);
            }
            bytes.push(edge.class | if edge.is_round { ROUND_BIT } else { 0 });
            bytes.extend(edge.exceptions.map(Exceptions::bits));
        }
        for point in &parts.points {
            bytes.extend(point.lat_e7().to_le_bytes());
            bytes.extend(point.lon_e7().to_le_bytes());
        }
        let turns = parts.turns.list.iter().flat_map(|t| [t.state, t.millis]);
        let lists = parts.memory_arcs.iter().chain(&parts.turns.first).copied().chain(turns);
        let orders = parts.order.iter().chain(&topology.order).copied();
        for word in lists.chain(orders) {
            put(&mut bytes, word);
        }
        let Topology { depths, n_arcs, end_depths, .. } = &topology;
        for half in [depths].into_iter().chain(n_arcs).chain(end_depths).flatten() {
            bytes.extend(half.to_le_bytes());
        }
        bytes
    }

    /// Reads and checks a graph: any bytes give a graph that is safe to query, or an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let counts = header(bytes)?;
        let mut rest = Cursor { bytes: &bytes[HEADER_BYTES..] };
        let [text_bytes, n_edges, n_points, n_memory, n_first, n_turns, n_up, n_down] =
            counts.map(|c| c as usize);
        let text =
            std::str::from_utf8(rest.take(text_bytes)).map_err(|_| DecodeError::Range("name"))?;
        let mut lines = text.split('\n').map(str::to_owned);
        let profile = lines.next().unwrap_or_default();
        let names = lines.collect();
        let edges = (0..n_edges).map(|_| rest.edge()).collect();
        let points: Option<Vec<Position>> = (0..n_points).map(|_| rest.position()).collect();
        let memory_arcs = (0..n_memory).map(|_| rest.word()).collect();
        let first = (0..n_first).map(|_| rest.word()).collect();
        let turn = |_| Turn { state: rest.word(), millis: rest.word() };
        let list = (0..n_turns).map(turn).collect();
        let order = (0..n_edges).map(|_| rest.word()).collect();
        let n_states = n_first.saturating_sub(1);
        let topology = Topology {
            order: (0..n_states).map(|_| rest.word()).collect(),
            depths: rest.halves(n_states),
            n_arcs: [rest.halves(n_states), rest.halves(n_states)],
            end_depths: [rest.halves(n_up), rest.halves(n_down)],
        };
        let parts = Parts {
            profile,
            names,
            edges,
            points: points.ok_or(DecodeError::Range("position"))?,
            memory_arcs,
            turns: Turns { first, list },
            order,
            topology: Some(topology),
        };
        Self::from_parts(parts, &InTurn)
    }
}

fn put(bytes: &mut Vec<u8>, word: u32) {
    bytes.extend(word.to_le_bytes());
}

/// The counts of the header, once the whole length agrees with them.
fn header(bytes: &[u8]) -> Result<[u32; N_COUNTS], DecodeError> {
    if !bytes.starts_with(MAGIC) {
        return Err(DecodeError::Magic { found: bytes[..bytes.len().min(4)].to_vec() });
    }
    let found = bytes.len() as u64;
    if bytes.len() < HEADER_BYTES {
        return Err(DecodeError::Length { found, expected: HEADER_BYTES as u64 });
    }
    let mut rest = Cursor { bytes: &bytes[MAGIC.len()..] };
    let version = rest.word();
    if version != VERSION {
        return Err(DecodeError::Version { found: version });
    }
    let counts: [u32; N_COUNTS] = std::array::from_fn(|_| rest.word());
    let sizes = [1, EDGE_BYTES, 8, 4, 4, 8, 2, 2];
    let body: u64 = counts.iter().zip(sizes).map(|(&n, size)| u64::from(n) * size).sum();
    let n_states = u64::from(counts[4]).saturating_sub(1);
    let expected = HEADER_BYTES as u64 + body + n_states * STATE_BYTES;
    if found == expected { Ok(counts) } else { Err(DecodeError::Length { found, expected }) }
}

/// Reads words of which the header promised that they are there.
struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.bytes.split_at(n);
        self.bytes = tail;
        head
    }

    fn word(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().expect("four bytes were taken"))
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn halves(&mut self, n: usize) -> Vec<u16> {
        let bytes = self.take(2 * n).chunks_exact(2);
        bytes.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    fn signed(&mut self) -> i32 {
        i32::from_le_bytes(self.take(4).try_into().expect("four bytes were taken"))
    }

    fn position(&mut self) -> Option<Position> {
        let (lat, lon) = (self.signed(), self.signed());
        Position::from_e7(lat, lon).ok()
    }

    fn edge(&mut self) -> Edge {
        let [tail, head, forward, backward, first_point, name] =
            std::array::from_fn(|_| self.word());
        let class = self.byte();
        Edge {
            tail,
            head,
            millis: [forward, backward],
            first_point,
            name,
            class: class & !ROUND_BIT,
            is_round: class & ROUND_BIT != 0,
            exceptions: [self.byte(), self.byte()].map(Exceptions::of_bits),
        }
    }
}
