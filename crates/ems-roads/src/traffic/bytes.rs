//! Live traffic as bytes, to be kept beside the roads that it was laid over.
//!
//! Little-endian: magic `GHTR`, version, the roads' fingerprint, the number of rows; then by row
//! its arc, speed (km/h, 0 where closed), since and until (µs). A checksum is the store's matter.

use ems_model::Timestamp;

use crate::roads::Roads;
use crate::traffic::{Flow, Kmh, Overlaid, Traffic};

/// Bytes that are no traffic of these roads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrafficDecodeError {
    /// Another kind of file, or another version.
    #[error("the stored traffic has another form than this program reads: apply it again")]
    Form,
    /// Laid over other roads.
    #[error("the stored traffic belongs to another city pack: apply it again")]
    OtherRoads,
    /// A row that no program of ours wrote.
    #[error("the stored traffic is damaged at row {row}: apply it again")]
    Row {
        /// Its index.
        row: usize,
    },
}

const MAGIC: &[u8; 4] = b"GHTR";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 4 + 4 + 8 + 4;
const ROW_BYTES: usize = 4 + 8 + 8 + 8;

impl Roads {
    /// A number that changes with the numbering, ends or free times of the edges.
    pub fn fingerprint(&self) -> u64 {
        let edges = &self.parts().edges;
        let words = edges.iter().flat_map(|edge| {
            [edge.tail, edge.head, edge.millis[0], edge.millis[1], edge.first_point]
        });
        // FNV-1a over words (Fowler, Noll, Vo; RFC 9923), for no more than telling packs apart.
        words.fold(0xcbf2_9ce4_8422_2325, |hash: u64, word| {
            (hash ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

impl Traffic {
    /// Writes traffic of these roads.
    ///
    /// # Panics
    /// Never: a row is about an arc, and arcs are numbered by `u32`.
    pub fn encode(&self, roads: &Roads) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + ROW_BYTES * self.n_arcs());
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(roads.fingerprint().to_le_bytes());
        let n_rows = u32::try_from(self.n_arcs()).expect("arcs are numbered by u32");
        bytes.extend(n_rows.to_le_bytes());
        for row in self.rows().filter(|row| row.flow != Flow::Free) {
            let kmh = if let Flow::At(kmh) = row.flow { kmh.get() } else { 0.0 };
            bytes.extend(row.arc.to_le_bytes());
            bytes.extend(kmh.to_le_bytes());
            bytes.extend(row.since.as_micros().to_le_bytes());
            bytes.extend(row.until.as_micros().to_le_bytes());
        }
        bytes
    }

    /// Reads and checks what [`Traffic::encode`] wrote for the same roads.
    pub fn decode(bytes: &[u8], roads: &Roads) -> Result<Self, TrafficDecodeError> {
        let (header, rows) =
            bytes.split_at_checked(HEADER_BYTES).ok_or(TrafficDecodeError::Form)?;
        let is_form = header.starts_with(MAGIC) && header[4..8] == VERSION.to_le_bytes();
        if !is_form || !rows.len().is_multiple_of(ROW_BYTES) {
            return Err(TrafficDecodeError::Form);
        }
        if header[8..16] != roads.fingerprint().to_le_bytes() {
            return Err(TrafficDecodeError::OtherRoads);
        }
        let read = |(row, bytes)| {
            let read = read_row(bytes).filter(|row: &Overlaid| roads.is_drivable(row.arc));
            read.ok_or(TrafficDecodeError::Row { row })
        };
        rows.chunks_exact(ROW_BYTES).enumerate().map(read).collect()
    }
}

fn read_row(bytes: &[u8]) -> Option<Overlaid> {
    let (arc, rest) = bytes.split_first_chunk()?;
    let (kmh, rest) = rest.split_first_chunk()?;
    let (since, rest) = rest.split_first_chunk()?;
    let (until, _) = rest.split_first_chunk()?;
    let kmh = f64::from_le_bytes(*kmh);
    let flow = if kmh.to_bits() == 0 { Flow::Closed } else { Flow::At(Kmh::new(kmh).ok()?) };
    let time = |bytes: &[u8; 8]| Timestamp::from_micros(i64::from_le_bytes(*bytes));
    Some(Overlaid { arc: u32::from_le_bytes(*arc), flow, since: time(since), until: time(until) })
}
