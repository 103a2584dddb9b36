//! The centre's store of live traffic: what holds now, and under which keys it was applied.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use crate::database::{Database, Schema};
use crate::error::StoreError;
use crate::writer::{Done, Table, WriteError, Writer};

const SCHEMA: Schema = Schema {
    steps: &[&[
        "CREATE TABLE overlay(one INTEGER PRIMARY KEY CHECK(one = 1), body BLOB NOT NULL) STRICT;
          CREATE TABLE applied(
              key TEXT PRIMARY KEY,
              digest TEXT NOT NULL,
              answer TEXT NOT NULL
          ) STRICT;",
    ]],
};

/// Keys that are remembered: a client that retries does so within minutes.
const KEYS_MAX: usize = 4096;

/// What was answered to an overlay that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedTraffic {
    /// The client's key.
    pub key: String,
    /// A digest of what was applied.
    pub digest: String,
    /// The answer that was given.
    pub answer: String,
}

/// The live traffic of one city in one SQLite file.
#[derive(Debug)]
pub struct TrafficStore {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Writer<Overlay>,
}

impl TrafficStore {
    /// Opens or makes the file; no other process may have it open.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path, SCHEMA)?;
        let reader = Mutex::new(database.reader()?);
        let writer = Writer::start(database, Overlay);
        Ok(Self { path: path.to_owned(), reader, writer })
    }

    /// Replaces all that holds and remembers the key; `done` is called when both are durable.
    pub fn replace(&self, body: Vec<u8>, applied: AppliedTraffic, done: Done<()>) {
        self.writer.write((body, applied), done);
    }

    /// All that holds, as it was last written; `None` before anything was.
    pub fn body(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let read = |row: &rusqlite::Row<'_>| row.get(0);
        let body = self.reader().query_row("SELECT body FROM overlay", [], read).optional();
        body.map_err(|source| StoreError::from_sqlite(&self.path, source, 0))
    }

    /// What was applied under a key, among the last 4096.
    pub fn applied(&self, key: &str) -> Result<Option<AppliedTraffic>, StoreError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(AppliedTraffic { key: row.get(0)?, digest: row.get(1)?, answer: row.get(2)? })
        };
        let sql = "SELECT key, digest, answer FROM applied WHERE key = ?1";
        let applied = self.reader().query_row(sql, [key], read).optional();
        applied.map_err(|source| StoreError::from_sqlite(&self.path, source, 0))
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        // A panic while reading leaves the connection as good as it was.
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Overlay;

impl Table for Overlay {
    type Write = (Vec<u8>, AppliedTraffic);
    type Written = ();

    fn write(
        &mut self,
        connection: &Connection,
        (body, applied): &(Vec<u8>, AppliedTraffic),
    ) -> Result<(), WriteError> {
        let replace = "INSERT INTO overlay(one, body) VALUES(1, ?1)
             ON CONFLICT(one) DO UPDATE SET body = excluded.body";
        connection.execute(replace, [body])?;
        let insert = "INSERT INTO applied(key, digest, answer) VALUES(?1, ?2, ?3)";
        connection.execute(insert, params![applied.key, applied.digest, applied.answer])?;
        let forget = "DELETE FROM applied WHERE rowid <= (SELECT max(rowid) FROM applied) - ?1";
        connection.execute(forget, [KEYS_MAX])?;
        Ok(())
    }

    fn n_bytes((body, applied): &(Vec<u8>, AppliedTraffic)) -> u64 {
        (body.len() + applied.answer.len() + 256) as u64
    }

    fn forget(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(store: &TrafficStore, n: usize) {
        let applied =
            AppliedTraffic { key: format!("key-{n}"), digest: "d".into(), answer: n.to_string() };
        store.writer.write_and_wait((vec![0; n], applied)).unwrap();
    }

    #[test]
    fn the_last_overlay_and_its_key_are_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traffic.db");
        let store = TrafficStore::open(&path).unwrap();
        assert_eq!(store.body().unwrap(), None);
        apply(&store, 3);
        apply(&store, 5);
        drop(store);
        let store = TrafficStore::open(&path).unwrap();
        assert_eq!(store.body().unwrap(), Some(vec![0; 5]));
        assert_eq!(store.applied("key-3").unwrap().unwrap().answer, "3");
        assert_eq!(store.applied("key-4").unwrap(), None);
    }

    #[test]
    fn old_keys_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = TrafficStore::open(&folder.path().join("traffic.db")).unwrap();
        store
            .writer
            .write_and_wait((
                Vec::new(),
                AppliedTraffic { key: "key-old".into(), digest: "d".into(), answer: "0".into() },
            ))
            .unwrap();
        let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4095)
             INSERT INTO applied(key, digest, answer) SELECT 'fill-' || i, 'd', '' FROM n";
        let second = connect(&store.path);
        second.execute_batch(fill).unwrap();
        assert!(store.applied("key-old").unwrap().is_some());
        apply(&store, 1);
        assert_eq!(store.applied("key-old").unwrap(), None);
        assert!(store.applied("fill-1").unwrap().is_some());
    }

    fn connect(path: &Path) -> Connection {
        Connection::open(path).unwrap()
    }
}
