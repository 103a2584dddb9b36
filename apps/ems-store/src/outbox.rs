//! A gateway's outbox: every frame is here before it is sent, until the centre has stored it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ems_model::{Frame, UnitId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::database::{Database, Schema};
use crate::error::StoreError;
use crate::frames::{self, FRAMES_SQL, LastSeqs, Span};
use crate::telemetry::unpack;
use crate::writer::{Done, Table, WriteError, Writer};

const SCHEMA: Schema = Schema { version: 1, sql: &[FRAMES_SQL, ACKED_SQL] };

/// The highest number of each unit that was forgotten.
const ACKED_SQL: &str = "CREATE TABLE acked(unit TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;";

/// Where a unit's sender goes on after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The centre has stored all frames up to here.
    pub acked: u64,
    /// The last frame that was numbered; what the centre has not stored of `acked + 1 ..= last` is
    /// in the outbox.
    pub last: u64,
}

/// Unacknowledged frames of one or many units in one SQLite file.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Writer<OutboxTable>,
}

impl Outbox {
    /// Opens or makes the file; no other process may have it open.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path, SCHEMA)?;
        let reader = Mutex::new(database.reader()?);
        let writer = Writer::start(database, OutboxTable::default());
        Ok(Self { path: path.to_owned(), reader, writer })
    }

    /// Keeps frames of any units; `done` is called when they are durable and may be sent.
    pub fn append(&self, frames: Vec<Frame>, done: Done<()>) {
        let done = move |result: Result<u64, StoreError>| done(result.map(|_| ()));
        self.writer.write(Write::Append(frames), Box::new(done));
    }

    /// Forgets a unit's frames `from..=through`, which the centre has stored. Numbers up to
    /// `through` are not given again.
    ///
    /// It is not waited for: what is forgotten too late is sent again and known there.
    pub fn forget(&self, unit: UnitId, from: u64, through: u64) {
        self.writer.write(Write::Forget { unit, from, through }, Box::new(|_| ()));
    }

    /// Where a unit goes on.
    pub fn resume(&self, unit: &UnitId) -> Result<Resume, StoreError> {
        let reader = self.reader();
        resume(&reader, unit).map_err(|source| self.failed(source))
    }

    /// A unit's frames `from..=through` that are still kept, oldest first, at most `limit`.
    pub fn read(
        &self,
        unit: &UnitId,
        from: u64,
        through: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, StoreError> {
        let span = Span { after: from.saturating_sub(1), through, limit, without_waves: false };
        let rows =
            frames::read(&self.reader(), unit, span).map_err(|source| self.failed(source))?;
        unpack(&self.path, unit, rows)
    }

    /// Waits until everything that was asked before is done.
    pub fn settle(&self) -> Result<(), StoreError> {
        self.writer.write_and_wait(Write::Append(Vec::new())).map(|_| ())
    }

    /// Lets the file grow to this many pages of 4096 bytes and no further, as a full disk would.
    pub fn limit_pages(&self, n_pages_max: u32) {
        self.writer.limit_pages(n_pages_max);
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        // A panic while reading leaves the connection as good as it was.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, source, 0)
    }
}

fn resume(connection: &Connection, unit: &UnitId) -> rusqlite::Result<Resume> {
    let mut select = connection.prepare_cached("SELECT seq FROM acked WHERE unit = ?1")?;
    let forgotten: Option<u64> = select.query_row([unit.as_str()], |row| row.get(0)).optional()?;
    let last = frames::last_seq(connection, unit)?.max(forgotten.unwrap_or_default());
    let mut select = connection.prepare_cached("SELECT min(seq) FROM frames WHERE unit = ?1")?;
    let first: Option<u64> = select.query_row([unit.as_str()], |row| row.get(0))?;
    let acked = first.map_or(last, |first| first.saturating_sub(1));
    Ok(Resume { acked, last })
}

#[derive(Debug, Default)]
struct OutboxTable {
    lasts: LastSeqs,
}

enum Write {
    Append(Vec<Frame>),
    Forget { unit: UnitId, from: u64, through: u64 },
}

impl Table for OutboxTable {
    type Write = Write;
    type Written = u64;

    fn write(&mut self, connection: &Connection, write: &Write) -> Result<u64, WriteError> {
        match write {
            Write::Append(frames) => {
                for frame in frames {
                    self.recall(connection, &frame.unit)?;
                }
                frames::insert_new(connection, &mut self.lasts, frames)
            }
            Write::Forget { unit, from, through } => {
                self.recall(connection, unit)?;
                forget(connection, unit, *from, *through)?;
                Ok(0)
            }
        }
    }

    fn n_bytes(write: &Write) -> u64 {
        match write {
            Write::Append(frames) => 1500 * frames.len() as u64,
            Write::Forget { .. } => 0,
        }
    }

    fn forget(&mut self) {
        self.lasts.clear();
    }
}

impl OutboxTable {
    /// An outbox whose newest frames were forgotten still remembers which number was last.
    fn recall(&mut self, connection: &Connection, unit: &UnitId) -> rusqlite::Result<()> {
        self.lasts.set(unit, resume(connection, unit)?.last);
        Ok(())
    }
}

fn forget(connection: &Connection, unit: &UnitId, from: u64, through: u64) -> rusqlite::Result<()> {
    let mut delete = connection
        .prepare_cached("DELETE FROM frames WHERE unit = ?1 AND seq BETWEEN ?2 AND ?3")?;
    delete.execute(params![unit.as_str(), from, through])?;
    let mut note = connection.prepare_cached(
        "INSERT INTO acked(unit, seq) VALUES(?1, ?2)
         ON CONFLICT(unit) DO UPDATE SET seq = max(seq, excluded.seq)",
    )?;
    note.execute(params![unit.as_str(), through])?;
    Ok(())
}
