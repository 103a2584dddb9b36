//! The stores as a host sees them: durable in order, clear when full, whole after a fault.
#![allow(clippy::unwrap_used, reason = "a test stops at a surprise and says what it saw")]

mod keeping;

use std::path::Path;
use std::sync::mpsc;

use ems_model::{Event, Frame, FrameBody, Millis, Recorded, Timestamp, UnitId, Vitals};
use ems_store::{Done, EventLog, KeptCoverage, Outbox, Resume, SqliteLog, StoreError, Telemetry};

fn wait<T: Send + 'static>(ask: impl FnOnce(Done<T>)) -> Result<T, StoreError> {
    let (answer, wait) = mpsc::channel();
    ask(Box::new(move |result| answer.send(result).unwrap()));
    wait.recv().unwrap()
}

fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

fn event(seq: u64) -> Recorded {
    Recorded {
        seq,
        occurred_at: Timestamp::from_millis(1),
        recorded_at: Timestamp::from_millis(2),
        actor: "dispatcher:li".into(),
        key: Some(format!("k{seq}")),
        event: Event::UnitSignedOff { unit: unit("A103") },
    }
}

fn frame(name: &str, seq: u64) -> Frame {
    let body = FrameBody::Vitals { vitals: Vitals::default(), news2: None, scores: vec![] };
    Frame {
        unit: unit(name),
        seq,
        at: Timestamp::from_millis(3),
        incident: None,
        clock: None,
        body,
    }
}

fn append(log: &SqliteLog, seqs: std::ops::Range<u64>) -> Result<u64, StoreError> {
    wait(|done| log.append(seqs.map(event).collect(), done))
}

fn log_in(folder: &Path) -> SqliteLog {
    SqliteLog::open(&folder.join("events.db")).unwrap()
}

#[test]
fn events_are_there_after_a_restart_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(folder.path());
    assert_eq!(append(&log, 1..4).unwrap(), 3);
    assert_eq!(append(&log, 4..4).unwrap(), 3, "an empty append waits for those before");
    drop(log);
    let log = log_in(folder.path());
    assert_eq!(log.last_seq().unwrap(), 3);
    assert_eq!(log.read_after(1, 10).unwrap(), [event(2), event(3)]);
    assert_eq!(log.read_after(0, 1).unwrap(), [event(1)]);
    assert_eq!(log.read_after(u64::MAX, 1).unwrap(), []);
}

#[test]
fn a_gap_in_the_log_is_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(folder.path());
    append(&log, 1..2).unwrap();
    let error = append(&log, 3..4).unwrap_err().to_string();
    assert_eq!(
        error,
        "event came with number 3 where 2 is next: an earlier write failed, read the store again and go on from there"
    );
    assert_eq!(append(&log, 2..4).unwrap(), 3);
}

#[test]
fn many_writers_share_commits_and_each_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(folder.path());
    let (answer, wait) = mpsc::channel();
    for seq in 1..=2000 {
        let answer = answer.clone();
        log.append(vec![event(seq)], Box::new(move |result| answer.send(result.unwrap()).unwrap()));
    }
    drop(answer);
    assert_eq!(wait.iter().collect::<Vec<_>>(), (1..=2000).collect::<Vec<_>>());
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_and_goes_on_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(folder.path());
    append(&log, 1..11).unwrap();
    log.limit_pages(10);
    let mut last = 10;
    let error = loop {
        match append(&log, last + 1..last + 51) {
            Ok(seq) => last = seq,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("events.db could not grow by 51200 bytes"), "{text}");
    assert!(text.ends_with("then repeat the command"), "{text}");
    assert!(wait(|done| log.probe(done)).is_err());
    assert_eq!(log.last_seq().unwrap(), last, "nothing of the failed append is left");
    log.limit_pages(10_000);
    wait(|done| log.probe(done)).unwrap();
    assert_eq!(append(&log, last + 1..last + 51).unwrap(), last + 50);
}

#[test]
fn a_frame_is_stored_once_in_whatever_order_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let telemetry = Telemetry::open(&path).unwrap();
    let append = |telemetry: &Telemetry, frames: Vec<Frame>| {
        wait(|done| telemetry.append(frames, done)).map(|stored| stored.n_known)
    };
    let both = vec![frame("A1", 7), frame("A2", 1), frame("A1", 2), frame("A1", 7)];
    assert_eq!(append(&telemetry, both).unwrap(), 1);
    assert_eq!(append(&telemetry, vec![frame("A1", 2), frame("A1", 3)]).unwrap(), 1);
    drop(telemetry);
    let telemetry = Telemetry::open(&path).unwrap();
    assert_eq!(telemetry.last_seq(&unit("A1")).unwrap(), 7);
    assert_eq!(append(&telemetry, vec![frame("A1", 4), frame("A1", 7)]).unwrap(), 1);
    let read = telemetry.read_after(&unit("A1"), 2, 9).unwrap();
    assert_eq!(read, [frame("A1", 3), frame("A1", 4), frame("A1", 7)]);
}

#[test]
fn a_number_of_another_frame_refuses_what_came_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::open(&folder.path().join("telemetry.db")).unwrap();
    let append = |frames: Vec<Frame>| wait(|done| telemetry.append(frames, done));
    append(vec![frame("A1", 2)]).unwrap();
    let other = |seq| Frame { at: Timestamp::from_millis(1), ..frame("A1", seq) };
    for frames in [vec![frame("A1", 3), other(2)], vec![frame("A1", 3), other(3)]] {
        let error = append(frames).unwrap_err().to_string();
        assert!(error.contains("is stored with another content"), "{error}");
    }
    assert_eq!(telemetry.last_seq(&unit("A1")).unwrap(), 2);
}

#[test]
fn an_outbox_forgets_frames_out_of_order_and_gives_no_number_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = Outbox::open(&path).unwrap();
    let a1 = unit("A1");
    wait(|done| outbox.append((1..=5).map(|seq| frame("A1", seq)).collect(), done)).unwrap();
    outbox.forget(a1.clone(), 4, 5);
    outbox.forget(a1.clone(), 1, 1);
    drop(outbox);
    let outbox = Outbox::open(&path).unwrap();
    assert_eq!(outbox.resume(&a1).unwrap(), Resume { acked: 1, last: 5 });
    assert_eq!(outbox.read(&a1, 1, 9, 9).unwrap(), [frame("A1", 2), frame("A1", 3)]);
    wait(|done| outbox.append(vec![frame("A1", 6)], done)).unwrap();
    assert_eq!(outbox.resume(&a1).unwrap(), Resume { acked: 1, last: 6 });
}

#[test]
fn an_outbox_remembers_what_was_acknowledged_after_it_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = Outbox::open(&path).unwrap();
    let a1 = unit("A1");
    assert_eq!(outbox.resume(&a1).unwrap(), Resume { acked: 0, last: 0 });
    wait(|done| outbox.append((1..=5).map(|seq| frame("A1", seq)).collect(), done)).unwrap();
    outbox.forget(a1.clone(), 1, 3);
    outbox.settle().unwrap();
    assert_eq!(outbox.resume(&a1).unwrap(), Resume { acked: 3, last: 5 });
    assert_eq!(outbox.read(&a1, 1, 4, 9).unwrap(), [frame("A1", 4)]);
    outbox.forget(a1.clone(), 1, 5);
    drop(outbox);
    let outbox = Outbox::open(&path).unwrap();
    assert_eq!(outbox.resume(&a1).unwrap(), Resume { acked: 5, last: 5 });
    wait(|done| outbox.append(vec![frame("A1", 6)], done)).unwrap();
    assert_eq!(outbox.resume(&a1).unwrap(), Resume { acked: 5, last: 6 });
}

fn links(name: &str, seq: u64) -> Frame {
    let body = FrameBody::Links { position: None, span: Millis::from_secs(2), links: vec![] };
    Frame { body, ..frame(name, seq) }
}

#[test]
fn what_links_carried_has_one_place_each_however_often_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let telemetry = Telemetry::open(&path).unwrap();
    let batches =
        [vec![links("A1", 4), frame("A1", 3)], vec![links("A2", 1)], vec![links("A1", 4)]];
    for batch in batches {
        wait(|done| telemetry.append(batch, done)).unwrap();
    }
    let map = KeptCoverage { through: 1, body: b"map".to_vec() };
    assert_eq!(telemetry.coverage().unwrap(), None);
    wait(|done| telemetry.keep_coverage(map.clone(), done)).unwrap();
    drop(telemetry);
    let telemetry = Telemetry::open(&path).unwrap();
    wait(|done| telemetry.append(vec![links("A1", 2), links("A2", 1)], done)).unwrap();
    let all = telemetry.surveys_after(0, 10).unwrap();
    let seen: Vec<_> = all.iter().map(|it| (it.frame.unit.as_str(), it.frame.seq)).collect();
    assert_eq!(seen, [("A1", 4), ("A2", 1), ("A1", 2)]);
    assert!(all.is_sorted_by_key(|it| it.place));
    let kept = telemetry.coverage().unwrap().unwrap();
    assert_eq!(kept, map);
    assert_eq!(telemetry.surveys_after(all[1].place, 10).unwrap(), all[2..]);
}
