//! Opening a SQLite file so that a commit means durable.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::StoreError;

/// How long a reader waits for the writer's checkpoint, and a second process for the first.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a killed process may hold on to its files.
const RELEASE_WITHIN: Duration = Duration::from_secs(2);

/// A kind of file: what makes each version of it out of the one before, the first out of nothing.
///
/// A step that was released stays as it is: files were made by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    /// The steps, each of several pieces of SQL; there are as many as versions.
    pub(crate) steps: &'static [&'static [&'static str]],
}

impl Schema {
    /// The newest version that this program knows.
    fn version(&self) -> u32 {
        u32::try_from(self.steps.len()).expect("there are few versions")
    }
}

/// An open file and the connection that writes it.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) path: PathBuf,
    pub(crate) connection: Connection,
    /// Held while the file is open; the system lets go of it however the process ends.
    _lock: File,
}

impl Database {
    /// Opens the file for writing, makes its tables if it is new, and keeps other writers out.
    pub(crate) fn open(path: &Path, schema: Schema) -> Result<Self, StoreError> {
        make_folder(path)?;
        let lock = lock(path)?;
        let connection = connect(path)?;
        let database = Self { path: path.to_owned(), connection, _lock: lock };
        database.prepare().map_err(|source| StoreError::from_sqlite(path, source, 0))?;
        let found = database.version()?;
        let known = schema.version();
        if found > known {
            return Err(StoreError::Newer { path: path.to_owned(), found, known });
        }
        for version in found + 1..=known {
            database.step(version, schema.steps[version as usize - 1])?;
        }
        Ok(database)
    }

    /// Opens a second connection to the same file, for reading.
    pub(crate) fn reader(&self) -> Result<Connection, StoreError> {
        let reader = connect(&self.path)?;
        reader
            .pragma_update(None, "query_only", true)
            .map_err(|source| StoreError::from_sqlite(&self.path, source, 0))?;
        Ok(reader)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        // A temporary file would be one more thing that a full disk can break.
        self.connection.pragma_update(None, "temp_store", "MEMORY")?;
        // The WAL goes back to this size after a checkpoint, however long it once was.
        self.connection.pragma_update_and_check(None, "journal_size_limit", 4 << 20, |_| Ok(()))
    }

    fn version(&self) -> Result<u32, StoreError> {
        self.connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(|source| StoreError::from_sqlite(&self.path, source, 0))
    }

    /// Makes a version out of the one before, whole or not at all.
    fn step(&self, version: u32, sql: &[&str]) -> Result<(), StoreError> {
        let sql =
            format!("BEGIN IMMEDIATE; {} PRAGMA user_version = {version}; COMMIT;", sql.concat());
        self.connection
            .execute_batch(&sql)
            .map_err(|source| StoreError::from_sqlite(&self.path, source, 4096))
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let failed = |source| StoreError::from_sqlite(path, source, 0);
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|source| StoreError::Folder { path: folder.to_owned(), source: source.into() })
}

/// Keeps other processes out. One that was just killed may hold on for a moment.
fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = path.with_extension("lock");
    let failed = |source: std::io::Error| StoreError::Folder {
        path: lock_path.clone(),
        source: source.into(),
    };
    let file = File::create(&lock_path).map_err(failed)?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if start.elapsed() < RELEASE_WITHIN => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: path.to_owned() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: Schema = Schema { steps: &[&["CREATE TABLE t(x);"]] };
    const LATER: Schema = Schema {
        steps: &[
            &["CREATE TABLE t(x);"],
            &["ALTER TABLE t ADD COLUMN y;", "UPDATE t SET y = x + 1;"],
            &["UPDATE t SET y = 2 * y;"],
        ],
    };

    #[test]
    fn a_second_process_and_a_newer_file_are_refused_with_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let database = Database::open(&path, SCHEMA).unwrap();
        let error = Database::open(&path, SCHEMA).unwrap_err().to_string();
        assert!(error.ends_with("is in use by another process: stop the other golden-hour, or give another --data folder"), "{error}");
        database.connection.pragma_update(None, "user_version", 7).unwrap();
        drop(database);
        let error = Database::open(&path, SCHEMA).unwrap_err().to_string();
        assert!(error.contains("has schema version 7, this program knows up to 1"), "{error}");
    }

    #[test]
    fn an_older_file_is_carried_over_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let first = Database::open(&path, SCHEMA).unwrap();
        first.connection.execute_batch("INSERT INTO t VALUES(7)").unwrap();
        drop(first);
        for _ in 0..2 {
            let database = Database::open(&path, LATER).unwrap();
            let y: i64 =
                database.connection.query_row("SELECT y FROM t", [], |row| row.get(0)).unwrap();
            assert_eq!((database.version().unwrap(), y), (3, 16), "each step is taken once");
        }
    }

    #[test]
    fn a_commit_reaches_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("x.db"), SCHEMA).unwrap();
        let ask = |name| database.connection.pragma_query_value(None, name, |row| row.get(0));
        assert_eq!(ask("synchronous"), Ok(2_i64), "2 is FULL");
        let mode: String =
            database.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }
}
