//! A gateway's outbox: every frame is here before it is sent, until the centre has stored it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ems_model::{Frame, Gap, UnitId};
use ems_uplink::{Ranges, Reading};
use rusqlite::{Connection, OptionalExtension, params};

use crate::database::{Database, Schema};
use crate::error::StoreError;
use crate::frames::{self, FRAMES_SQL, LastSeqs, Span};
use crate::gaps::{self, GAPS_SQL};
use crate::keeping::{self, Contents, GIVEN_UP_SQL, OUTBOX_BYTES_MAX, RANK_SQL};
use crate::telemetry::unpack;
use crate::writer::{Done, Table, WriteError, Writer};

const SCHEMA: Schema =
    Schema { steps: &[&[FRAMES_SQL, ACKED_SQL], &[RANK_SQL, GAPS_SQL, GIVEN_UP_SQL]] };

/// The highest number of each unit that was forgotten.
const ACKED_SQL: &str = "CREATE TABLE acked(unit TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;";

/// Where a unit's sender goes on after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The centre has stored all frames up to here.
    pub acked: u64,
    /// The last frame that was numbered; what the centre has not stored of `acked + 1 ..= last` is
    /// in the outbox, or that it was given up.
    pub last: u64,
}

/// What became of an append.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Units whose frames were given up for it; some may be named twice.
    pub gave_up: Vec<UnitId>,
}

/// Unacknowledged frames of one or many units in one SQLite file.
///
/// Waves are given up a day after they were measured; and when the file is as large as it may be,
/// the least important frames are, oldest first: waves, vital signs, records, never alarms. What
/// was given up is kept as a [`Gap`] until the centre has stored that.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Writer<OutboxTable>,
}

impl Outbox {
    /// Opens or makes the file, which may take 8 GiB; no other process may have it open.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_within(path, OUTBOX_BYTES_MAX)
    }

    /// As [`Outbox::open`], for a file that may take `bytes_max`, beside a journal of some MiB.
    pub fn open_within(path: &Path, bytes_max: u64) -> Result<Self, StoreError> {
        let database = Database::open(path, SCHEMA)?;
        let reader = Mutex::new(database.reader()?);
        let table = OutboxTable { path: path.to_owned(), bytes_max, lasts: LastSeqs::default() };
        let writer = Writer::start(database, table);
        Ok(Self { path: path.to_owned(), reader, writer })
    }

    /// Keeps frames of any units; `done` is called when they are durable and may be sent.
    ///
    /// Where only alarms are left and there is no room for these, they are refused.
    pub fn append(&self, frames: Vec<Frame>, done: Done<Kept>) {
        self.writer.write(Write::Append(frames), done);
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

    /// The numbers of a unit's frames that are kept or were given up.
    pub fn held(&self, unit: &UnitId) -> Result<Ranges, StoreError> {
        held(&self.reader(), unit).map_err(|source| self.failed(source))
    }

    /// A unit's frames of a portion.
    pub fn read_portion(
        &self,
        unit: &UnitId,
        Reading { portion, after, limit }: Reading,
    ) -> Result<Vec<Frame>, StoreError> {
        let rank = keeping::rank(portion);
        let rows = frames::read_rank(&self.reader(), unit, rank, after, limit);
        unpack(&self.path, unit, rows.map_err(|source| self.failed(source))?)
    }

    /// What was given up of a unit and ends after a number, at most `limit`.
    pub fn read_gaps(
        &self,
        unit: &UnitId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Gap>, StoreError> {
        gaps::read(&self.reader(), unit, after, limit).map_err(|source| self.failed(source))
    }

    /// How many frames wait in each portion, and how many were ever given up for each cause. It
    /// reads an index of all frames.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        keeping::contents(&self.reader()).map_err(|source| self.failed(source))
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

/// The last number that was given.
fn last_seq(connection: &Connection, unit: &UnitId) -> rusqlite::Result<u64> {
    let mut select = connection.prepare_cached("SELECT seq FROM acked WHERE unit = ?1")?;
    let forgotten: Option<u64> = select.query_row([unit.as_str()], |row| row.get(0)).optional()?;
    let given_up = gaps::last_seq(connection, unit)?;
    let kept = frames::last_seq(connection, unit)?;
    Ok(kept.max(forgotten.unwrap_or_default()).max(given_up))
}

fn resume(connection: &Connection, unit: &UnitId) -> rusqlite::Result<Resume> {
    let last = last_seq(connection, unit)?;
    let mut select = connection.prepare_cached(
        "SELECT min(first) FROM (SELECT min(seq) AS first FROM frames WHERE unit = ?1
         UNION ALL SELECT min(first) FROM gaps WHERE unit = ?1)",
    )?;
    let first: Option<u64> = select.query_row([unit.as_str()], |row| row.get(0))?;
    let acked = first.map_or(last, |first| first.saturating_sub(1));
    Ok(Resume { acked, last })
}

fn held(connection: &Connection, unit: &UnitId) -> rusqlite::Result<Ranges> {
    let mut held = Ranges::default();
    // In the order of the index, which has no bodies in it.
    let mut select = connection.prepare_cached(
        "SELECT seq FROM frames INDEXED BY backlog WHERE unit = ?1 AND rank IN (0, 1, 2, 3)",
    )?;
    let mut rows = select.query([unit.as_str()])?;
    while let Some(row) = rows.next()? {
        let seq = row.get(0)?;
        held.insert(seq, seq);
    }
    for gap in gaps::read(connection, unit, 0, usize::MAX >> 1)? {
        held.insert(gap.first, gap.last);
    }
    Ok(held)
}

#[derive(Debug)]
struct OutboxTable {
    path: PathBuf,
    bytes_max: u64,
    lasts: LastSeqs,
}

enum Write {
    Append(Vec<Frame>),
    Forget { unit: UnitId, from: u64, through: u64 },
}

impl Table for OutboxTable {
    type Write = Write;
    type Written = Kept;

    fn write(&mut self, connection: &Connection, write: &Write) -> Result<Kept, WriteError> {
        match write {
            Write::Append(frames) => self.append(connection, frames),
            Write::Forget { unit, from, through } => {
                self.recall(connection, unit)?;
                forget(connection, unit, *from, *through)?;
                Ok(Kept::default())
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
    fn append(&mut self, connection: &Connection, frames: &[Frame]) -> Result<Kept, WriteError> {
        for frame in frames {
            self.recall(connection, &frame.unit)?;
        }
        connection.execute_batch("SAVEPOINT append")?;
        frames::insert_new(connection, &mut self.lasts, frames)?;
        let mut gave_up = keeping::give_up_expired(connection, frames)?;
        let room = keeping::make_room(connection, self.bytes_max)?;
        if room.is_none() {
            connection.execute_batch("ROLLBACK TO append")?;
            self.lasts.clear();
        }
        connection.execute_batch("RELEASE append")?;
        gave_up.extend(room.ok_or_else(|| self.only_alarms())?);
        Ok(Kept { gave_up })
    }

    fn only_alarms(&self) -> WriteError {
        let (path, limit_bytes) = (self.path.clone(), self.bytes_max);
        WriteError::Refused(StoreError::OutboxFull { path, limit_bytes })
    }

    /// An outbox whose newest frames were forgotten still remembers which number was last.
    fn recall(&mut self, connection: &Connection, unit: &UnitId) -> rusqlite::Result<()> {
        self.lasts.set(unit, last_seq(connection, unit)?);
        Ok(())
    }
}

fn forget(connection: &Connection, unit: &UnitId, from: u64, through: u64) -> rusqlite::Result<()> {
    let mut delete = connection
        .prepare_cached("DELETE FROM frames WHERE unit = ?1 AND seq BETWEEN ?2 AND ?3")?;
    delete.execute(params![unit.as_str(), from, through])?;
    gaps::remove(connection, unit, from, through)?;
    let mut note = connection.prepare_cached(
        "INSERT INTO acked(unit, seq) VALUES(?1, ?2)
         ON CONFLICT(unit) DO UPDATE SET seq = max(seq, excluded.seq)",
    )?;
    note.execute(params![unit.as_str(), through])?;
    Ok(())
}
