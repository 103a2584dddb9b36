//! The centre's event log: the truth.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ems_model::{Recorded, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::database::{Database, Schema};
use crate::encoding::{decode_event, encode_event};
use crate::error::StoreError;
use crate::writer::{Done, Table, WriteError, Writer};

const SCHEMA: Schema = Schema {
    steps: &[&["CREATE TABLE events(
              seq INTEGER PRIMARY KEY,
              recorded_at INTEGER NOT NULL,
              occurred_at INTEGER NOT NULL,
              actor TEXT NOT NULL,
              key TEXT,
              body TEXT NOT NULL
          ) STRICT;
          CREATE INDEX events_by_key ON events(key) WHERE key IS NOT NULL;
          CREATE TABLE ballast(body BLOB) STRICT;"]],
};

/// A durable, gapless, append-only list of events.
pub trait EventLog: fmt::Debug + Send + Sync {
    /// Appends events; `done` is called with the log's last number after they are durable.
    ///
    /// Their numbers must go on from the last without a gap; after a failed append everything is
    /// refused until the numbers fit again. An empty list is answered once all earlier ones are.
    fn append(&self, events: Vec<Recorded>, done: Done<u64>);

    /// At most `limit` durable events after number `after`, oldest first. O(limit).
    fn read_after(&self, after: u64, limit: usize) -> Result<Vec<Recorded>, StoreError>;

    /// The events with these numbers, in the order given. O(their count).
    fn read(&self, seqs: &[u64]) -> Result<Vec<Recorded>, StoreError>;

    /// The number of the last durable event, 0 if there is none.
    fn last_seq(&self) -> Result<u64, StoreError>;

    /// Asks whether a log that was full has room again.
    fn probe(&self, done: Done<()>);

    /// The size on disk.
    fn n_bytes(&self) -> u64;
}

/// The event log in one SQLite file.
#[derive(Debug)]
pub struct SqliteLog {
    path: std::path::PathBuf,
    reader: Mutex<Connection>,
    writer: Writer<Events>,
}

impl SqliteLog {
    /// Opens or makes the file; no other process may have it open.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path, SCHEMA)?;
        let reader = Mutex::new(database.reader()?);
        let writer = Writer::start(database, Events { last: None });
        Ok(Self { path: path.to_owned(), reader, writer })
    }

    /// Lets the file grow to this many pages of 4096 bytes and no further, as a full disk would.
    pub fn limit_pages(&self, n_pages_max: u32) {
        self.writer.limit_pages(n_pages_max);
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        // A panic while reading leaves the connection as good as it was.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn corrupt(&self, row: String, why: String) -> StoreError {
        StoreError::Corrupt { path: self.path.clone(), row, why }
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, source, 0)
    }
}

impl EventLog for SqliteLog {
    fn append(&self, events: Vec<Recorded>, done: Done<u64>) {
        self.writer.write(events, done);
    }

    fn read_after(&self, after: u64, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        let reader = self.reader();
        let rows = read_rows(&reader, after, limit).map_err(|source| self.failed(source))?;
        drop(reader);
        let mut events = Vec::with_capacity(rows.len());
        for (row, seq) in rows.into_iter().zip(after.saturating_add(1)..) {
            let corrupt = |why| self.corrupt(format!("event {seq}"), why);
            if row.seq != seq {
                return Err(corrupt(format!("event {} stands in its place", row.seq)));
            }
            events.push(row.decode().map_err(corrupt)?);
        }
        Ok(events)
    }

    fn read(&self, seqs: &[u64]) -> Result<Vec<Recorded>, StoreError> {
        let reader = self.reader();
        let rows = seqs.iter().map(|seq| read_row(&reader, *seq));
        let rows: rusqlite::Result<Vec<_>> = rows.collect();
        drop(reader);
        let rows = rows.map_err(|source| self.failed(source))?;
        let decode = |row: EventRow| {
            let row_name = format!("event {}", row.seq);
            row.decode().map_err(|why| self.corrupt(row_name, why))
        };
        rows.into_iter().map(decode).collect()
    }

    fn last_seq(&self) -> Result<u64, StoreError> {
        last_seq(&self.reader()).map_err(|source| self.failed(source))
    }

    fn probe(&self, done: Done<()>) {
        self.writer.probe(done);
    }

    fn n_bytes(&self) -> u64 {
        let wal = self.path.with_extension("db-wal");
        [&self.path, &wal]
            .iter()
            .filter_map(|path| path.metadata().ok())
            .map(|meta| meta.len())
            .sum()
    }
}

/// SQLite counts in i64.
pub(crate) fn sql_seq(seq: u64) -> u64 {
    seq.min(i64::MAX.unsigned_abs())
}

struct EventRow {
    seq: u64,
    recorded_at: i64,
    occurred_at: i64,
    actor: String,
    key: Option<String>,
    body: String,
}

impl EventRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            recorded_at: row.get(1)?,
            occurred_at: row.get(2)?,
            actor: row.get(3)?,
            key: row.get(4)?,
            body: row.get(5)?,
        })
    }

    fn decode(self) -> Result<Recorded, String> {
        Ok(Recorded {
            seq: self.seq,
            recorded_at: Timestamp::from_micros(self.recorded_at),
            occurred_at: Timestamp::from_micros(self.occurred_at),
            actor: self.actor,
            key: self.key,
            event: decode_event(&self.body)?,
        })
    }
}

fn read_rows(reader: &Connection, after: u64, limit: usize) -> rusqlite::Result<Vec<EventRow>> {
    let mut select = reader.prepare_cached(
        "SELECT seq, recorded_at, occurred_at, actor, key, body FROM events
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    select.query_map(params![sql_seq(after), limit], EventRow::read)?.collect()
}

fn read_row(reader: &Connection, seq: u64) -> rusqlite::Result<EventRow> {
    let mut select = reader.prepare_cached(
        "SELECT seq, recorded_at, occurred_at, actor, key, body FROM events WHERE seq = ?1",
    )?;
    select.query_row([sql_seq(seq)], EventRow::read)
}

fn last_seq(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))
}

/// The writer's side; `last` is read once and remembered while commits succeed.
#[derive(Debug)]
struct Events {
    last: Option<u64>,
}

impl Table for Events {
    type Write = Vec<Recorded>;
    type Written = u64;

    fn write(
        &mut self,
        connection: &Connection,
        events: &Vec<Recorded>,
    ) -> Result<u64, WriteError> {
        let last = match self.last {
            Some(last) => last,
            None => last_seq(connection)?,
        };
        self.last = Some(last);
        let Some(first) = events.first() else { return Ok(last) };
        if first.seq != last + 1 {
            let (expected, found) = (last + 1, first.seq);
            let subject = "event".to_owned();
            return Err(WriteError::Refused(StoreError::OutOfOrder { subject, expected, found }));
        }
        for (recorded, seq) in events.iter().zip(first.seq..) {
            assert_eq!(recorded.seq, seq, "the centre numbers its events without gaps");
            insert(connection, recorded)?;
            self.last = Some(seq);
        }
        Ok(last + events.len() as u64)
    }

    fn n_bytes(events: &Vec<Recorded>) -> u64 {
        // A choice with its candidates, the largest of the common events, is about this long.
        1024 * events.len() as u64
    }

    fn forget(&mut self) {
        self.last = None;
    }
}

fn insert(connection: &Connection, recorded: &Recorded) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO events(seq, recorded_at, occurred_at, actor, key, body)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    insert.execute(params![
        recorded.seq,
        recorded.recorded_at.as_micros(),
        recorded.occurred_at.as_micros(),
        recorded.actor,
        recorded.key,
        encode_event(&recorded.event),
    ])?;
    Ok(())
}
