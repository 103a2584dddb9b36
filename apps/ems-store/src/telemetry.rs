//! The centre's store of frames: vital signs, waveforms and alarms of every unit, each once.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ems_model::{Frame, Gap, Timestamp, UnitId};
use ems_uplink::Ranges;
use rusqlite::Connection;

use crate::database::{Database, Schema};
use crate::error::StoreError;
use crate::frames::{self, ARRIVALS_SQL, FRAMES_SQL, Span};
use crate::gaps::{self, GAPS_SQL};
use crate::surveys::{self, KeptCoverage, SURVEYS_SQL, SurveyFrame};
use crate::writer::{Done, Table, WriteError, Writer};

const SCHEMA: Schema =
    Schema { steps: &[&[FRAMES_SQL], &[GAPS_SQL], &[SURVEYS_SQL], &[ARRIVALS_SQL]] };

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Frames that had been stored before and were left as they are.
    pub n_known: u64,
}

/// The frames of all units in one SQLite file.
#[derive(Debug)]
pub struct Telemetry {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Writer<FrameTable>,
}

impl Telemetry {
    /// Opens or makes the file; no other process may have it open.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path, SCHEMA)?;
        let reader = Mutex::new(database.reader()?);
        let writer = Writer::start(database, FrameTable);
        Ok(Self { path: path.to_owned(), reader, writer })
    }

    /// Stores frames of any units in any order, those that are known once only; `done` is called
    /// when they are durable. A number that was given to another frame refuses all of them.
    pub fn append(&self, frames: Vec<Frame>, done: Done<Stored>) {
        let done = move |result: Result<u64, StoreError>| {
            done(result.map(|n_known| Stored { n_known }));
        };
        self.writer.write(Write::Frames(frames), Box::new(done));
    }

    /// Notes frames of a unit that will not come, those that are noted once only; `done` is called
    /// when that is durable.
    pub fn note_gaps(&self, unit: UnitId, gaps: Vec<Gap>, done: Done<()>) {
        let done = move |result: Result<u64, StoreError>| done(result.map(|_| ()));
        self.writer.write(Write::Gaps(unit, gaps), Box::new(done));
    }

    /// What a unit gave up and is not stored all the same, after number `after`, by its end; of at
    /// most `limit` gaps as they were noted.
    pub fn gaps_after(
        &self,
        unit: &UnitId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Gap>, StoreError> {
        let reader = self.reader();
        let gaps = gaps::read(&reader, unit, after, limit).map_err(|source| self.failed(source))?;
        let mut missing = Vec::new();
        for gap in gaps {
            let stored = frames::seqs(&reader, unit, gap.first, gap.last);
            let mut numbers = Ranges::from_iter([(gap.first.max(after + 1), gap.last)]);
            for seq in stored.map_err(|source| self.failed(source))? {
                numbers.remove(seq, seq);
            }
            missing.extend(numbers.iter().map(|(first, last)| Gap { first, last, ..gap }));
        }
        Ok(missing)
    }

    /// Keeps a map of coverage in place of the one before; `done` is called when it is durable.
    pub fn keep_coverage(&self, map: KeptCoverage, done: Done<()>) {
        let done = move |result: Result<u64, StoreError>| done(result.map(drop));
        self.writer.write(Write::Coverage(map), Box::new(done));
    }

    /// The map of coverage that was kept last; `None` before one was.
    pub fn coverage(&self) -> Result<Option<KeptCoverage>, StoreError> {
        surveys::kept(&self.reader()).map_err(|source| self.failed(source))
    }

    /// At most `limit` frames of what links carried, of all units, in the order in which they were
    /// stored, after a place in it; 0 for the first. Each frame has one place for ever.
    pub fn surveys_after(&self, place: u64, limit: usize) -> Result<Vec<SurveyFrame>, StoreError> {
        let rows = surveys::read(&self.reader(), place, limit);
        let rows = rows.map_err(|source| self.failed(source))?;
        let corrupt = |(unit, seq, why): (UnitId, u64, String)| StoreError::Corrupt {
            path: self.path.clone(),
            row: format!("frame {seq} of unit {unit}"),
            why,
        };
        rows.into_iter().map(|row| row.map_err(corrupt)).collect()
    }

    /// The highest number of a unit's durable frames, 0 if there is none.
    pub fn last_seq(&self, unit: &UnitId) -> Result<u64, StoreError> {
        frames::last_seq(&self.reader(), unit).map_err(|source| self.failed(source))
    }

    /// At most `limit` frames of a unit after number `after`, oldest first. What a unit measured
    /// during an outage comes later than what it measured after it.
    pub fn read_after(
        &self,
        unit: &UnitId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        self.read(unit, Span { after, through: u64::MAX, limit, without_waves: false })
    }

    /// At most `limit` frames of a unit in the order in which they came, after a place in it; 0 for
    /// the first. With the place of the last one: nothing comes before it any more, so who goes on
    /// from there misses nothing that is caught up later.
    pub fn read_arrived(
        &self,
        unit: &UnitId,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Frame>, u64), StoreError> {
        let rows = frames::read_arrived(&self.reader(), unit, after, limit);
        let rows = rows.map_err(|source| self.failed(source))?;
        let last = rows.last().map_or(after, |(place, _)| *place);
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        Ok((unpack(&self.path, unit, rows)?, last))
    }

    /// At most `limit` frames of a unit that were measured within `from..until` by the centre's
    /// clock, oldest first; without waveforms and what links carried. Where nobody knew the offset
    /// of the unit's clock, its own time counts.
    pub fn read_seen(
        &self,
        unit: &UnitId,
        span: (Timestamp, Timestamp),
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        let rows = frames::read_seen(&self.reader(), unit, span, limit);
        unpack(&self.path, unit, rows.map_err(|source| self.failed(source))?)
    }

    /// As [`Telemetry::read_after`], without waveforms and what links carried.
    pub fn read_vitals_after(
        &self,
        unit: &UnitId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        self.read(unit, Span { after, through: u64::MAX, limit, without_waves: true })
    }

    /// Lets the file grow to this many pages of 4096 bytes and no further, as a full disk would.
    pub fn limit_pages(&self, n_pages_max: u32) {
        self.writer.limit_pages(n_pages_max);
    }

    fn read(&self, unit: &UnitId, span: Span) -> Result<Vec<Frame>, StoreError> {
        let rows =
            frames::read(&self.reader(), unit, span).map_err(|source| self.failed(source))?;
        unpack(&self.path, unit, rows)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        // A panic while reading leaves the connection as good as it was.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, source, 0)
    }
}

/// Turns the first unreadable row into the error of the whole reading.
pub(crate) fn unpack(
    path: &Path,
    unit: &UnitId,
    rows: Vec<Result<Frame, (u64, String)>>,
) -> Result<Vec<Frame>, StoreError> {
    let corrupt = |(seq, why)| StoreError::Corrupt {
        path: path.to_owned(),
        row: format!("frame {seq} of unit {unit}"),
        why,
    };
    rows.into_iter().map(|row| row.map_err(corrupt)).collect()
}

#[derive(Debug)]
struct FrameTable;

#[derive(Debug)]
enum Write {
    Frames(Vec<Frame>),
    Gaps(UnitId, Vec<Gap>),
    Coverage(KeptCoverage),
}

impl Table for FrameTable {
    type Write = Write;
    type Written = u64;

    fn write(&mut self, connection: &Connection, write: &Write) -> Result<u64, WriteError> {
        match write {
            Write::Frames(frames) => {
                let n_known = frames::insert_any(connection, frames)?;
                surveys::place(connection, frames)?;
                Ok(n_known)
            }
            Write::Gaps(unit, gaps) => {
                for gap in gaps {
                    gaps::insert(connection, unit, *gap)?;
                }
                Ok(0)
            }
            Write::Coverage(map) => {
                surveys::keep(connection, map)?;
                Ok(0)
            }
        }
    }

    fn n_bytes(write: &Write) -> u64 {
        match write {
            // A second of ECG at 360 Hz, the largest common frame, is about this long.
            Write::Frames(frames) => 1500 * frames.len() as u64,
            Write::Gaps(_, gaps) => 64 * gaps.len() as u64,
            Write::Coverage(map) => map.body.len() as u64,
        }
    }

    fn forget(&mut self) {}
}
