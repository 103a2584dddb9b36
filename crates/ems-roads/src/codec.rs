//! `roads.bin`: the road graph as bytes.
//!
//! Little-endian: magic `GHRD`, version, nine counts, then names, edges, points, memory arcs, first
//! turns, turns, the order of the edges, the straight pieces that places are put on in the order of
//! their index, the lengths of the edges, and the hierarchy over the turns ([`Topology`]: the order
//! of states, their depths, their arcs up and down by count, the depths of these arcs' ends), each
//! a plain array. The length must be exactly what the counts say, so nothing is allocated for a
//! damaged file; then every index is checked. A checksum is the manifest's matter.

use ems_hierarchy::Topology;
use ems_model::Position;

use crate::exception::Exceptions;
use crate::roads::{Edge, Parts, Roads};
use crate::snap_index::Piece;
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
pub(crate) const VERSION: u32 = 4;

/// Set in the byte of an edge's class where it is part of a roundabout.
const ROUND_BIT: u8 = 1 << 7;

const N_COUNTS: usize = 9;
const HEADER_BYTES: usize = 4 + 4 + 4 * N_COUNTS;
/// An edge itself.
const EDGE_BYTES: usize = 6 * 4 + 3;
/// What there is of an edge, with its place in the order and its length.
const ALL_OF_EDGE_BYTES: u64 = EDGE_BYTES as u64 + 4 + 8;
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
            parts.pieces.len(),
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
        let pieces = parts.pieces.iter().flat_map(|piece| [piece.edge, piece.segment]);
        for word in lists.chain(parts.order.iter().copied()).chain(pieces) {
            put(&mut bytes, word);
        }
        for length in &parts.metres {
            bytes.extend(length.to_le_bytes());
        }
        for &state in &topology.order {
            put(&mut bytes, state);
        }
        let Topology { depths, n_arcs, end_depths, .. } = &topology;
        for half in [depths].into_iter().chain(n_arcs).chain(end_depths).flatten() {
            bytes.extend(half.to_le_bytes());
        }
        bytes
    }

    /// Reads and checks a graph: any bytes give a graph that is safe to query, or an error.
    ///
    /// Costs a copy and a look at every index. The hierarchy and its metric are made when the first
    /// question needs them, which that question waits for (for 100,000 edges some 0.1 s).
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let counts = header(bytes)?;
        let mut rest = Cursor { bytes: &bytes[HEADER_BYTES..] };
        let [text_bytes, n_edges, n_points, n_memory, n_first, n_turns, n_up, n_down, n_pieces] =
            counts.map(|c| c as usize);
        let text =
            std::str::from_utf8(rest.take(text_bytes)).map_err(|_| DecodeError::Range("name"))?;
        let mut lines = text.split('\n').map(str::to_owned);
        let n_states = n_first.saturating_sub(1);
        let parts = Parts {
            profile: lines.next().unwrap_or_default(),
            names: lines.collect(),
            edges: rest.list(n_edges, edge),
            points: rest.positions(n_points).ok_or(DecodeError::Range("position"))?,
            memory_arcs: rest.list(n_memory, u32::from_le_bytes),
            turns: Turns {
                first: rest.list(n_first, u32::from_le_bytes),
                list: rest.list(n_turns, |turn| {
                    let [state, millis] = pair(turn);
                    Turn { state, millis }
                }),
            },
            order: rest.list(n_edges, u32::from_le_bytes),
            pieces: rest.list(n_pieces, |piece| {
                let [edge, segment] = pair(piece);
                Piece { edge, segment }
            }),
            metres: rest.list(n_edges, f64::from_le_bytes),
        };
        let topology = Topology {
            order: rest.list(n_states, u32::from_le_bytes),
            depths: rest.list(n_states, u16::from_le_bytes),
            n_arcs: [n_states; 2].map(|n| rest.list(n, u16::from_le_bytes)),
            end_depths: [n_up, n_down].map(|n| rest.list(n, u16::from_le_bytes)),
        };
        Self::stored(parts, topology)
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
    let sizes = [1, ALL_OF_EDGE_BYTES, 8, 4, 4, 8, 2, 2, 8];
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

    /// So many items of `N` bytes each.
    fn list<T, const N: usize>(&mut self, n: usize, read: impl Fn([u8; N]) -> T) -> Vec<T> {
        self.take(N * n).as_chunks().0.iter().map(|&bytes| read(bytes)).collect()
    }

    fn positions(&mut self, n: usize) -> Option<Vec<Position>> {
        let places = self.take(8 * n).as_chunks().0.iter().map(|&bytes| {
            let [lat, lon] = pair(bytes).map(u32::cast_signed);
            Position::from_e7(lat, lon).ok()
        });
        places.collect()
    }
}

fn pair(bytes: [u8; 8]) -> [u32; 2] {
    let both = u64::from_le_bytes(bytes);
    [both & u64::from(u32::MAX), both >> 32]
        .map(|half| u32::try_from(half).expect("half of 64 bits"))
}

fn edge(bytes: [u8; EDGE_BYTES]) -> Edge {
    let word = |idx: usize| u32::from_le_bytes(std::array::from_fn(|at| bytes[4 * idx + at]));
    Edge {
        tail: word(0),
        head: word(1),
        millis: [word(2), word(3)],
        first_point: word(4),
        name: word(5),
        class: bytes[24] & !ROUND_BIT,
        is_round: bytes[24] & ROUND_BIT != 0,
        exceptions: [bytes[25], bytes[26]].map(Exceptions::of_bits),
    }
}
