//! Why a store cannot do what it was asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ffi::ErrorCode;

/// Why a store cannot open, read or write. Cheap to clone: one failed commit answers many writers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The disk, a quota or a page limit has no room.
    #[error(
        "{} could not grow by {needed_bytes} bytes, {free_bytes} bytes are free on its disk: free space there, or move the data folder with --data, then repeat the command",
        path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
        /// Free space on its file system.
        free_bytes: u64,
        /// What the batch needed at least.
        needed_bytes: u64,
    },
    /// The outbox is as large as it may be, and holds nothing that may be given up.
    #[error(
        "{} takes the {limit_bytes} bytes that it may, and holds only alarms: bring the gateway to where a link reaches the centre, or give a larger --outbox-max-mib",
        path.display()
    )]
    OutboxFull {
        /// The file.
        path: PathBuf,
        /// What it may take.
        limit_bytes: u64,
    },
    /// A newer program wrote the file.
    #[error(
        "{} has schema version {found}, this program knows up to {known}: start it with the newer golden-hour, or give another --data folder",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version it has.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// Another process has the file.
    #[error(
        "{} is in use by another process: stop the other golden-hour, or give another --data folder",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A row cannot be understood.
    #[error("{} holds an unreadable row {row}: {why}: restore it from a backup", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Which row.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// A number does not follow the one before.
    #[error(
        "{subject} came with number {found} where {expected} is next: an earlier write failed, read the store again and go on from there"
    )]
    OutOfOrder {
        /// What is numbered: `event`, `frame of unit A1`.
        subject: String,
        /// The number that would have been next.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// A number was given to two frames.
    #[error(
        "frame {seq} of unit {unit} is stored with another content: an old outbox was put back, move the gateway's outbox.db aside and it numbers anew"
    )]
    NumberTwice {
        /// The unit.
        unit: String,
        /// The number.
        seq: u64,
    },
    /// The folder or file cannot be used.
    #[error("{} cannot be opened: {source}: check that the folder exists and may be written", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
    },
    /// SQLite failed otherwise.
    #[error("{} failed: {source}: check the disk and its file system", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// The store was closed before the write was done.
    #[error("the store was closed before the write was done: start the program again")]
    Closed,
}

impl StoreError {
    /// Sorts what SQLite said about a file; `needed_bytes` is what was being written.
    pub(crate) fn from_sqlite(path: &Path, source: rusqlite::Error, needed_bytes: u64) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                let free_bytes = free_bytes(&path);
                Self::Full { path, free_bytes, needed_bytes }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { path },
            // A write that fails on a full disk is reported as an IO error by some file systems.
            Some(ErrorCode::SystemIoFailure) if free_bytes(&path) < 2 * needed_bytes.max(4096) => {
                let free_bytes = free_bytes(&path);
                Self::Full { path, free_bytes, needed_bytes }
            }
            _ => Self::Sqlite { path, source: Arc::new(source) },
        }
    }
}

/// Free space on a file's file system; 0 where the system does not say.
fn free_bytes(path: &Path) -> u64 {
    let folder = path.parent().unwrap_or(path);
    rustix::fs::statvfs(folder).map_or(0, |stat| stat.f_bavail.saturating_mul(stat.f_frsize))
}
