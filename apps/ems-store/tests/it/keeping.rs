//! What an outbox gives up, and what it never does.

use std::path::Path;

use ems_model::{
    Alarm, AlarmKind, AlarmPriority, AlarmSignal, Frame, FrameBody, Gap, GapCause, Micros,
    Timestamp, WaveChunk,
};
use ems_store::{Kept, Outbox, Resume, StoreError, Telemetry};
use ems_uplink::{Portion, Reading};

use crate::{frame, unit, wait};

const MIB: u64 = 1 << 20;
const DAY: i64 = 24 * 3600 * 1_000_000;

fn wave(seq: u64, at: i64) -> Frame {
    let chunk =
        WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![-1234; 250], beats: vec![] };
    Frame { at: Timestamp::from_micros(at), body: FrameBody::Wave(chunk), ..frame("A1", seq) }
}

fn vitals(seq: u64, at: i64) -> Frame {
    Frame { at: Timestamp::from_micros(at), ..frame("A1", seq) }
}

fn record(seq: u64, at: i64) -> Frame {
    Frame { body: FrameBody::Derived { derived: vec![] }, ..vitals(seq, at) }
}

fn alarm(seq: u64, at: i64) -> Frame {
    let alarm = Alarm {
        kind: AlarmKind::LeadOff,
        priority: AlarmPriority::Low,
        is_active: true,
        value: None,
        limit: None,
        signal: AlarmSignal::On,
    };
    Frame { body: FrameBody::Alarm { alarm }, ..vitals(seq, at) }
}

fn append(outbox: &Outbox, frames: Vec<Frame>) -> Result<Kept, StoreError> {
    wait(|done| outbox.append(frames, done))
}

fn portion(outbox: &Outbox, portion: Portion) -> Vec<u64> {
    let reading = Reading { portion, after: 0, limit: 100_000 };
    let frames = outbox.read_portion(&unit("A1"), reading).unwrap();
    frames.iter().map(|frame| frame.seq).collect()
}

fn gaps(outbox: &Outbox) -> Vec<Gap> {
    outbox.read_gaps(&unit("A1"), 0, 100_000).unwrap()
}

fn held(outbox: &Outbox) -> Vec<(u64, u64)> {
    outbox.held(&unit("A1")).unwrap().iter().collect()
}

#[test]
fn a_backlog_is_read_by_portions_each_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(&folder.path().join("outbox.db")).unwrap();
    let frames =
        vec![wave(1, 1), vitals(2, 1), record(3, 1), alarm(4, 2), wave(5, 2), vitals(6, 2)];
    assert_eq!(append(&outbox, frames).unwrap(), Kept::default());
    for (of, seqs) in [
        (Portion::Alarms, vec![4]),
        (Portion::Vitals, vec![2, 6]),
        (Portion::Records, vec![3]),
        (Portion::Waves, vec![1, 5]),
    ] {
        assert_eq!(portion(&outbox, of), seqs, "{of:?}");
    }
    let reading = Reading { portion: Portion::Waves, after: 1, limit: 1 };
    assert_eq!(outbox.read_portion(&unit("A1"), reading).unwrap(), [wave(5, 2)]);
}

#[test]
fn a_wave_is_given_up_a_day_after_it_was_measured_and_nothing_else_is() {
    for (newest, is_given_up) in [(DAY - 1, false), (DAY, false), (DAY + 1, true)] {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(&folder.path().join("outbox.db")).unwrap();
        append(&outbox, vec![wave(1, 0), vitals(2, 0), record(3, 0), alarm(4, 0)]).unwrap();
        let kept = append(&outbox, vec![vitals(5, newest)]).unwrap();
        assert_eq!(kept.gave_up.is_empty(), !is_given_up, "{newest}");
        let gap = Gap { first: 1, last: 1, cause: GapCause::Expired };
        assert_eq!(gaps(&outbox), if is_given_up { vec![gap] } else { vec![] }, "{newest}");
        assert_eq!(portion(&outbox, Portion::Vitals), [2, 5]);
        assert_eq!(held(&outbox), [(1, 5)], "a gap is held until it is told");
        let n_expired = outbox.contents().unwrap().n_given_up[&GapCause::Expired];
        assert_eq!(n_expired, u64::from(is_given_up));
    }
    assert_eq!(Micros::from_millis(DAY / 1000).get(), DAY);
}

#[test]
fn for_space_waves_go_before_vitals_before_records_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = Outbox::open_within(&path, MIB).unwrap();
    let mut seq = 0;
    let mut put = |make: fn(u64, i64) -> Frame, n_frames: u64| {
        let frames = (seq + 1..=seq + n_frames).map(|seq| make(seq, seq.cast_signed())).collect();
        seq += n_frames;
        append(&outbox, frames)
    };
    put(record, 10).unwrap();
    put(vitals, 10).unwrap();
    while put(wave, 50).unwrap().gave_up.is_empty() {}
    assert_eq!(portion(&outbox, Portion::Vitals).len(), 10);
    let waves = portion(&outbox, Portion::Waves);
    let gap = Gap { first: 21, last: waves[0] - 1, cause: GapCause::NoSpace };
    assert_eq!(gaps(&outbox), [gap], "the oldest of them");
    // Alarms push out the rest, and are refused when nothing else is left.
    let error = loop {
        if let Err(error) = put(alarm, 50) {
            break error;
        }
        let (n_vitals, n_records) =
            (portion(&outbox, Portion::Vitals).len(), portion(&outbox, Portion::Records).len());
        assert!(portion(&outbox, Portion::Waves).is_empty() || n_vitals == 10);
        assert!(n_vitals == 0 || n_records == 10);
    };
    let text = error.to_string();
    assert!(text.contains("takes the 1048576 bytes that it may, and holds only alarms"), "{text}");
    let last = seq - 50;
    assert_eq!(held(&outbox), [(1, last)], "what was refused has left nothing");
    assert!(portion(&outbox, Portion::Alarms).iter().copied().eq(alarms_from(&outbox)..=last));
    // Room is made when the centre has stored some.
    outbox.forget(unit("A1"), 1, last - 100);
    append(&outbox, vec![alarm(last + 1, 0)]).unwrap();
    assert_eq!(held(&outbox), [(last - 99, last + 1)]);
    assert!(std::fs::metadata(&path).unwrap().len() < 2 * MIB);
}

/// The first alarm: none after it was given up.
fn alarms_from(outbox: &Outbox) -> u64 {
    gaps(outbox).last().unwrap().last + 1
}

#[test]
fn what_was_given_up_outlives_a_crash_and_is_forgotten_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = Outbox::open(&path).unwrap();
    append(&outbox, vec![wave(1, 0), wave(2, 0), wave(3, 0), vitals(4, 2 * DAY)]).unwrap();
    outbox.forget(unit("A1"), 4, 4);
    drop(outbox);
    let outbox = Outbox::open(&path).unwrap();
    assert_eq!(outbox.resume(&unit("A1")).unwrap(), Resume { acked: 0, last: 4 });
    outbox.forget(unit("A1"), 2, 2);
    outbox.settle().unwrap();
    let gap = |seq| Gap { first: seq, last: seq, cause: GapCause::Expired };
    assert_eq!(gaps(&outbox), [gap(1), gap(3)]);
    assert_eq!(held(&outbox), [(1, 1), (3, 3)]);
    outbox.forget(unit("A1"), 1, 4);
    outbox.settle().unwrap();
    assert_eq!(outbox.resume(&unit("A1")).unwrap(), Resume { acked: 4, last: 4 });
    append(&outbox, vec![vitals(5, 2 * DAY)]).unwrap();
}

#[test]
fn an_outbox_of_version_1_is_carried_over_with_all_that_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    write_version_1(&path);
    let outbox = Outbox::open(&path).unwrap();
    assert_eq!(outbox.resume(&unit("A1")).unwrap(), Resume { acked: 2, last: 9 });
    assert_eq!(held(&outbox), [(3, 4)]);
    assert_eq!(portion(&outbox, Portion::Vitals), [3]);
    assert_eq!(portion(&outbox, Portion::Waves), [4]);
    append(&outbox, vec![alarm(10, 2 * DAY)]).unwrap();
    assert_eq!(gaps(&outbox), [Gap { first: 4, last: 4, cause: GapCause::Expired }]);
}

/// As the program of version 1 wrote it.
fn write_version_1(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            r#"CREATE TABLE frames(
                unit TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
                kind TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY(unit, seq)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE acked(unit TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
            INSERT INTO acked VALUES('A1', 9);
            INSERT INTO frames VALUES('A1', 3, 7, 'vitals',
                CAST('{"v":1,"incident":null,"body":{"kind":"vitals","vitals":{},"news2":null}}' AS BLOB));
            INSERT INTO frames VALUES('A1', 4, 8, 'wave',
                CAST('{"v":1,"incident":null,"body":{"kind":"wave","lead":"II","hz":250,"microvolts":[1],"beats":[]}}' AS BLOB));
            PRAGMA user_version = 1;"#,
        )
        .unwrap();
}

#[test]
fn a_gap_is_missing_once_and_only_where_no_frame_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let telemetry = Telemetry::open(&path).unwrap();
    let note = |first, last| {
        let gap = Gap { first, last, cause: GapCause::NoSpace };
        wait(|done| telemetry.note_gaps(unit("A1"), vec![gap], done)).unwrap();
    };
    note(3, 5);
    note(3, 5);
    note(5, 8);
    note(20, 20);
    wait(|done| telemetry.append(vec![frame("A1", 6)], done)).unwrap();
    let missing = |after| {
        let gaps = telemetry.gaps_after(&unit("A1"), after, 9).unwrap();
        gaps.iter().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>()
    };
    assert_eq!(missing(0), [(3, 5), (7, 8), (20, 20)]);
    assert_eq!(missing(4), [(5, 5), (7, 8), (20, 20)]);
    assert_eq!(missing(20), []);
    assert_eq!(telemetry.gaps_after(&unit("A2"), 0, 9).unwrap(), []);
}
