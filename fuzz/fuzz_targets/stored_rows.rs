#![no_main]
//! A row on disk with any body is read, or called unreadable.
use std::sync::{LazyLock, Mutex};

use ems_model::UnitId;
use ems_store::{EventLog, Outbox, SqliteLog, StoreError, Telemetry};
use libfuzzer_sys::fuzz_target;
use rusqlite::{Connection, params};
use tempfile::TempDir;

struct Stores {
    log: SqliteLog,
    telemetry: Telemetry,
    outbox: Outbox,
    events: Connection,
    frames: Connection,
    waiting: Connection,
    _folder: TempDir,
}

const EVENT: &str = "INSERT OR REPLACE INTO events VALUES(1, 0, 0, 'dispatcher', NULL, ?1)";
const FRAME: &str = "INSERT OR REPLACE INTO frames VALUES('A1', 1, 0, 'vitals', ?1)";

static STORES: LazyLock<Mutex<Stores>> = LazyLock::new(|| Mutex::new(Stores::open()));

fuzz_target!(|bytes: &[u8]| {
    let stores = STORES.lock().expect("a panic ends the process");
    let unit = UnitId::new("A1").expect("a name");
    let text = String::from_utf8_lossy(bytes);
    stores.events.execute(EVENT, params![text]).expect("any text is a body");
    stores.frames.execute(FRAME, params![bytes]).expect("any bytes are a body");
    stores.waiting.execute(FRAME, params![bytes]).expect("any bytes are a body");
    check(stores.log.read_after(0, 10));
    check(stores.log.read(&[1]));
    check(stores.telemetry.read_after(&unit, 0, 10));
    check(stores.telemetry.read_vitals_after(&unit, 0, 10));
    check(stores.outbox.read(&unit, 1, 9, 10));
});

fn check<T>(read: Result<Vec<T>, StoreError>) {
    match read {
        Ok(rows) => assert_eq!(rows.len(), 1),
        Err(StoreError::Corrupt { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

impl Stores {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let at = |name: &str| folder.path().join(name);
        let raw = |name: &str| {
            let raw = Connection::open(at(name)).expect("it was just made");
            raw.execute_batch("PRAGMA synchronous = OFF").expect("it is known");
            raw
        };
        Self {
            log: SqliteLog::open(&at("events.db")).expect("it can be made"),
            telemetry: Telemetry::open(&at("telemetry.db")).expect("it can be made"),
            outbox: Outbox::open(&at("outbox.db")).expect("it can be made"),
            events: raw("events.db"),
            frames: raw("telemetry.db"),
            waiting: raw("outbox.db"),
            _folder: folder,
        }
    }
}
