#![no_main]
//! A damaged store opens and is read, or is refused.
use std::path::Path;
use std::sync::LazyLock;

use ems_model::UnitId;
use ems_store::{EventLog, Outbox, SqliteLog, Telemetry};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

fuzz_target!(|bytes: &[u8]| {
    let unit = UnitId::new("A1").expect("a name");
    if let Ok(log) = SqliteLog::open(&lay(bytes)) {
        let _ = log.last_seq();
        let _ = log.read_after(0, 10);
    }
    if let Ok(telemetry) = Telemetry::open(&lay(bytes)) {
        let _ = telemetry.last_seq(&unit);
        let _ = telemetry.read_after(&unit, 0, 10);
    }
    if let Ok(outbox) = Outbox::open(&lay(bytes)) {
        let _ = outbox.resume(&unit);
        let _ = outbox.read(&unit, 0, u64::MAX, 10);
    }
});

/// The bytes as a store that nothing is left beside.
fn lay(bytes: &[u8]) -> std::path::PathBuf {
    for name in ["x.db-wal", "x.db-shm"] {
        // Most stores leave none.
        let _ = std::fs::remove_file(FOLDER.path().join(name));
    }
    let path = Path::new(FOLDER.path()).join("x.db");
    std::fs::write(&path, bytes).expect("it can be written");
    path
}
