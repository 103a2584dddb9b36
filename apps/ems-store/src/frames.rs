//! The table of frames that the centre's telemetry and a gateway's outbox share.

use std::collections::BTreeMap;

use ems_model::{Frame, Seen, Timestamp, UnitId};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::encoding::{decode_frame, encode_frame};
use crate::error::StoreError;
use crate::event_log::sql_seq;
use crate::writer::WriteError;

/// Its SQL, version 1.
pub(crate) const FRAMES_SQL: &str = "CREATE TABLE frames(
        unit TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY(unit, seq)
    ) STRICT, WITHOUT ROWID;";

/// What the centre adds: in which order a unit's frames came, and when each was measured by the
/// centre's clock. Frames of a file before it are taken to have come in the order of their numbers.
pub(crate) const ARRIVALS_SQL: &str = "ALTER TABLE frames ADD COLUMN arrival INTEGER;
    ALTER TABLE frames ADD COLUMN seen_at INTEGER;
    UPDATE frames SET arrival = seq, seen_at = at;
    CREATE UNIQUE INDEX by_arrival ON frames(unit, arrival);
    CREATE INDEX by_time ON frames(unit, seen_at);";

/// The last frame number of each unit, as the open transaction has it.
#[derive(Debug, Default)]
pub(crate) struct LastSeqs(BTreeMap<UnitId, u64>);

impl LastSeqs {
    pub(crate) fn of(&mut self, connection: &Connection, unit: &UnitId) -> rusqlite::Result<u64> {
        if let Some(last) = self.0.get(unit) {
            return Ok(*last);
        }
        let last = last_seq(connection, unit)?;
        self.0.insert(unit.clone(), last);
        Ok(last)
    }

    /// Notes a number that was given without a frame, as when a trimmed outbox starts.
    pub(crate) fn set(&mut self, unit: &UnitId, last: u64) {
        self.0.insert(unit.clone(), last);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Inserts frames of any units in any order; gives how many were known. A number that was given to
/// another frame refuses all of them.
pub(crate) fn insert_any(connection: &Connection, frames: &[Frame]) -> Result<u64, WriteError> {
    let mut new: BTreeMap<(&UnitId, u64), &Frame> = BTreeMap::new();
    for frame in frames {
        let known = match new.get(&(&frame.unit, frame.seq)) {
            Some(known) => Some((*known).clone()),
            None => known(connection, frame)?,
        };
        match known {
            None => drop(new.insert((&frame.unit, frame.seq), frame)),
            Some(known) if known == *frame => {}
            Some(_) => return Err(WriteError::Refused(number_twice(frame))),
        }
    }
    for frame in new.values() {
        insert(connection, frame)?;
        arrive(connection, frame)?;
    }
    Ok((frames.len() - new.len()) as u64)
}

/// The frame that is stored under a frame's number; one that cannot be read is an error.
fn known(connection: &Connection, frame: &Frame) -> Result<Option<Frame>, WriteError> {
    let mut select = connection
        .prepare_cached("SELECT seq, at, body FROM frames WHERE unit = ?1 AND seq = ?2")?;
    let place = params![frame.unit.as_str(), frame.seq];
    let found = select.query_row(place, |row| frame_of(&frame.unit, row)).optional()?;
    found.transpose().map_err(|_| WriteError::Refused(number_twice(frame)))
}

fn number_twice(frame: &Frame) -> StoreError {
    StoreError::NumberTwice { unit: frame.unit.to_string(), seq: frame.seq }
}

/// Inserts the frames that are new, of any units, each unit's in order; gives how many were known.
///
/// A gap refuses all of them before any is written.
pub(crate) fn insert_new(
    connection: &Connection,
    lasts: &mut LastSeqs,
    frames: &[Frame],
) -> Result<u64, WriteError> {
    check_order(connection, lasts, frames)?;
    let mut n_known = 0;
    for frame in frames {
        if frame.seq <= lasts.of(connection, &frame.unit)? {
            n_known += 1;
        } else {
            insert(connection, frame)?;
            lasts.set(&frame.unit, frame.seq);
        }
    }
    Ok(n_known)
}

fn check_order(
    connection: &Connection,
    lasts: &mut LastSeqs,
    frames: &[Frame],
) -> Result<(), WriteError> {
    let mut ends: BTreeMap<&UnitId, u64> = BTreeMap::new();
    for frame in frames {
        let last = match ends.get(&frame.unit) {
            Some(last) => *last,
            None => lasts.of(connection, &frame.unit)?,
        };
        if frame.seq > last + 1 {
            return Err(WriteError::Refused(StoreError::OutOfOrder {
                subject: format!("frame of unit {}", frame.unit),
                expected: last + 1,
                found: frame.seq,
            }));
        }
        ends.insert(&frame.unit, last.max(frame.seq));
    }
    Ok(())
}

fn insert(connection: &Connection, frame: &Frame) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO frames(unit, seq, at, kind, body) VALUES(?1, ?2, ?3, ?4, ?5)",
    )?;
    insert.execute(params![
        frame.unit.as_str(),
        frame.seq,
        frame.at.as_micros(),
        frame.body.kind(),
        encode_frame(frame),
    ])?;
    Ok(())
}

/// Gives a new frame the next place among its unit's.
fn arrive(connection: &Connection, frame: &Frame) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached(
        "UPDATE frames SET seen_at = ?3,
            arrival = 1 + coalesce((SELECT max(arrival) FROM frames WHERE unit = ?1), 0)
         WHERE unit = ?1 AND seq = ?2",
    )?;
    let seen_at = Seen::elsewhere(frame.at, frame.clock).at.as_micros();
    update.execute(params![frame.unit.as_str(), frame.seq, seen_at])?;
    Ok(())
}

/// A frame, or the number of one that cannot be read and why.
type Found = Result<Frame, (u64, String)>;

/// A unit's frames after a place in the order in which they came, with their places, as [`read`]
/// gives them.
pub(crate) fn read_arrived(
    connection: &Connection,
    unit: &UnitId,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<(u64, Found)>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, at, body, arrival FROM frames
         WHERE unit = ?1 AND arrival > ?2 ORDER BY arrival LIMIT ?3",
    )?;
    let filter = params![unit.as_str(), sql_seq(after), limit];
    select.query_map(filter, |row| Ok((row.get(3)?, frame_of(unit, row)?)))?.collect()
}

/// A unit's frames that were measured within `from..until` by the centre's clock, oldest first,
/// without waveforms and what links carried, as [`read`] gives them.
pub(crate) fn read_seen(
    connection: &Connection,
    unit: &UnitId,
    (from, until): (Timestamp, Timestamp),
    limit: usize,
) -> rusqlite::Result<Vec<Result<Frame, (u64, String)>>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, at, body FROM frames
         WHERE unit = ?1 AND seen_at >= ?2 AND seen_at < ?3 AND kind NOT IN ('wave', 'links')
         ORDER BY seen_at, seq LIMIT ?4",
    )?;
    let filter = params![unit.as_str(), from.as_micros(), until.as_micros(), limit];
    select.query_map(filter, |row| frame_of(unit, row))?.collect()
}

/// The highest number of a unit's frames, 0 if there is none.
pub(crate) fn last_seq(connection: &Connection, unit: &UnitId) -> rusqlite::Result<u64> {
    let mut select = connection.prepare_cached("SELECT max(seq) FROM frames WHERE unit = ?1")?;
    let last = select.query_row([unit.as_str()], |row| row.get::<_, Option<u64>>(0)).optional()?;
    Ok(last.flatten().unwrap_or(0))
}

/// Which frames of a unit to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Only those after this number.
    pub(crate) after: u64,
    /// Only those up to this number.
    pub(crate) through: u64,
    /// At most this many.
    pub(crate) limit: usize,
    /// Leaves out waveforms, and what links carried.
    pub(crate) without_waves: bool,
}

/// Reads frames of a unit, oldest first; an unreadable one is `Err` with its number and the cause.
pub(crate) fn read(
    connection: &Connection,
    unit: &UnitId,
    span: Span,
) -> rusqlite::Result<Vec<Result<Frame, (u64, String)>>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, at, body FROM frames
         WHERE unit = ?1 AND seq > ?2 AND seq <= ?3 AND (NOT ?4 OR kind NOT IN ('wave', 'links'))
         ORDER BY seq LIMIT ?5",
    )?;
    let (after, through) = (sql_seq(span.after), sql_seq(span.through));
    let filter = params![unit.as_str(), after, through, span.without_waves, span.limit];
    select.query_map(filter, |row| frame_of(unit, row))?.collect()
}

/// A unit's frames of one rank after a number, oldest first, as [`read`] gives them.
pub(crate) fn read_rank(
    connection: &Connection,
    unit: &UnitId,
    rank: u8,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Result<Frame, (u64, String)>>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, at, body FROM frames
         WHERE unit = ?1 AND rank = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
    )?;
    let filter = params![unit.as_str(), rank, sql_seq(after), limit];
    select.query_map(filter, |row| frame_of(unit, row))?.collect()
}

/// The numbers of a unit's frames within `first..=last`.
pub(crate) fn seqs(
    connection: &Connection,
    unit: &UnitId,
    first: u64,
    last: u64,
) -> rusqlite::Result<Vec<u64>> {
    let mut select = connection
        .prepare_cached("SELECT seq FROM frames WHERE unit = ?1 AND seq BETWEEN ?2 AND ?3")?;
    let span = params![unit.as_str(), sql_seq(first), sql_seq(last)];
    select.query_map(span, |row| row.get(0))?.collect()
}

/// The unit in a column.
pub(crate) fn unit_of(row: &Row<'_>, column: usize) -> rusqlite::Result<UnitId> {
    let name: String = row.get(column)?;
    UnitId::new(name.as_str()).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

pub(crate) fn frame_of(
    unit: &UnitId,
    row: &Row<'_>,
) -> rusqlite::Result<Result<Frame, (u64, String)>> {
    let seq = row.get(0)?;
    let at = Timestamp::from_micros(row.get(1)?);
    let body = row.get_ref(2)?.as_blob()?;
    Ok(decode_frame(unit.clone(), seq, at, body).map_err(|why| (seq, why)))
}
