//! A server that cannot start says why.

use std::sync::mpsc::channel;

use ems_model::{CrewId, Event, Position, Recorded, Timestamp, UnitKind};
use ems_store::{EventLog, SqliteLog};

use crate::floor::{Floor, unit};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_another_city_ends_the_server_with_the_reason() {
    let data = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(&data.path().join("events.db")).unwrap();
    let (tell, told) = channel();
    log.append(vec![signed_on_in_paris()], Box::new(move |result| tell.send(result).unwrap()));
    told.recv().unwrap().unwrap();
    drop(log);
    let mut floor = Floor::start_in(data).await;
    let error = floor.server.failed().await.to_string();
    assert!(error.contains("event 1 is of another city: position 48.86,2.35 is"), "{error}");
    assert!(error.ends_with("give the --city and --data that belong together"), "{error}");
    floor.server.stop().await;
}

fn signed_on_in_paris() -> Recorded {
    let at = Timestamp::from_millis(1_790_000_000_000);
    let event = Event::UnitSignedOn {
        unit: unit("A1"),
        kind: UnitKind::Als,
        home: Position::from_degrees(48.86, 2.35).unwrap(),
        station: None,
        crew: CrewId::new("c1").unwrap(),
        shift_until: at,
    };
    let (actor, key) = ("unit:A1".to_owned(), Some("k1".to_owned()));
    Recorded { seq: 1, occurred_at: at, recorded_at: at, actor, key, event }
}
