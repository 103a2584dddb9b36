//! The uplink: each frame once and in order, acknowledged when it is on disk.

use std::sync::Arc;
use std::time::Duration;

use ems_host::{UplinkClient, number_new_units};
use ems_model::{Bpm, Frame, FrameBody, Gap, GapCause, Millis, Timestamp, Vitals, WaveChunk};
use ems_store::Outbox;
use serde_json::{Value, json};

use crate::floor::{Floor, TestSocket, unit};

fn vitals(name: &str, seq: u64) -> Value {
    serde_json::to_value(frame(name, seq)).unwrap()
}

pub(crate) fn frame(name: &str, seq: u64) -> Frame {
    let heart_rate = Bpm::new(60 + u16::try_from(seq % 60).unwrap()).ok();
    let vitals = Vitals { heart_rate, ..Vitals::default() };
    let at = Timestamp::from_millis(1_790_000_000_000 + seq.cast_signed() * 1000);
    let body = FrameBody::Vitals { vitals, news2: None, scores: vec![] };
    Frame { unit: unit(name), seq, at, incident: None, clock: None, body }
}

async fn hello(floor: &Floor) -> TestSocket {
    let mut socket = floor.socket("/api/uplink").await;
    let hello = json!({"type": "hello", "unit": "A1", "protocol": 2});
    socket.send(&hello.to_string()).await;
    assert_eq!(socket.next().await.unwrap(), json!({"type": "welcome", "unit": "A1"}));
    socket
}

/// The numbers of the next acknowledgements, until so many came.
async fn acked(socket: &mut TestSocket, n_frames: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    while seqs.len() < n_frames {
        let ack = socket.next_of("ack").await;
        let stored: Vec<(u64, u64)> = serde_json::from_value(ack["stored"].clone()).unwrap();
        seqs.extend(stored.into_iter().flat_map(|(first, last)| first..=last));
    }
    seqs
}

async fn send(socket: &mut TestSocket, seqs: impl IntoIterator<Item = u64>) {
    let frames: Vec<_> = seqs.into_iter().map(|seq| vitals("A1", seq)).collect();
    socket.send(&json!({"type": "frames", "frames": frames}).to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_stored_once_in_whatever_order_they_come() {
    let floor = Floor::open().await;
    let mut socket = hello(&floor).await;
    send(&mut socket, [6, 7]).await;
    assert_eq!(acked(&mut socket, 2).await, [6, 7]);
    send(&mut socket, [2, 7, 1]).await;
    assert_eq!(acked(&mut socket, 3).await, [1, 2, 7], "a repeat is acknowledged again");
    drop(socket);
    let floor = floor.restart().await;
    let mut socket = hello(&floor).await;
    send(&mut socket, [3, 4, 5, 6]).await;
    assert_eq!(acked(&mut socket, 4).await, [3, 4, 5, 6]);
    // Page by page in the order of arrival: what was caught up after 7 is not missed.
    let (mut stored, mut cursor) = (Vec::new(), 0);
    loop {
        let path = format!("/api/frames?unit=A1&limit=3&cursor={cursor}");
        let page = floor.get(&path).await.1;
        let frames: Vec<Frame> = serde_json::from_value(page["frames"].clone()).unwrap();
        if frames.is_empty() {
            break;
        }
        stored.extend(frames);
        cursor = page["cursor"].as_u64().unwrap();
    }
    assert_eq!(stored, [6, 7, 1, 2, 3, 4, 5].map(|seq| frame("A1", seq)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_connection_takes_the_unit_over() {
    let floor = Floor::open().await;
    let mut old = hello(&floor).await;
    send(&mut old, [1]).await;
    assert_eq!(acked(&mut old, 1).await, [1]);
    let mut new = hello(&floor).await;
    send(&mut new, [2]).await;
    assert_eq!(acked(&mut new, 1).await, [2]);
    send(&mut old, [3]).await;
    let refused = old.next_of("refused").await;
    assert!(refused["error"].as_str().unwrap().contains("or has said it on another"));
    let page = floor.get("/api/frames?unit=A1").await.1;
    let stored: Vec<Frame> = serde_json::from_value(page["frames"].clone()).unwrap();
    assert_eq!(stored, [frame("A1", 1), frame("A1", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_of_another_version_is_told_so() {
    let floor = Floor::open().await;
    let mut socket = floor.socket("/api/uplink").await;
    let old = json!({"type": "hello", "unit": "A1", "protocol": 1, "last": 7});
    socket.send(&old.to_string()).await;
    let refused = socket.next_of("refused").await;
    let error = refused["error"].as_str().unwrap();
    assert!(error.contains("speaks uplink protocol 1, the centre 3"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_outage_left_is_stored_and_not_shown_as_news() {
    let floor = Floor::open().await;
    let mut screen = floor.socket("/api/stream").await;
    screen.next_of("tick").await;
    let mut socket = hello(&floor).await;
    for seqs in [vec![9], vec![1, 2], vec![10]] {
        send(&mut socket, seqs.clone()).await;
        assert_eq!(acked(&mut socket, seqs.len()).await, seqs);
    }
    assert_eq!(screen.next_of("vitals").await["seq"], 9);
    assert_eq!(screen.next_of("vitals").await["seq"], 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_uplink_message_is_refused_with_its_place() {
    let floor = Floor::open().await;
    for (text, part) in [
        ("{\"type\": \"frames\"}", "missing field `frames`"),
        ("nonsense", "line 1, column 2"),
        (
            r#"{"type":"frames","frames":[{"unit":"A1","seq":1,"at":0,"incident":null,"body":{"kind":"vitals","vitals":{"heart_rate":412},"news2":null}}]}"#,
            "heart rate 412 beats/min is outside 0..=300",
        ),
    ] {
        let mut socket = floor.socket("/api/uplink").await;
        socket.send(text).await;
        let refused = socket.next_of("refused").await;
        assert!(refused["error"].as_str().unwrap().contains(part), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vital_signs_reach_every_screen_and_waves_only_those_that_watch() {
    let floor = Floor::open().await;
    let mut watching = floor.socket("/api/stream").await;
    let mut other = floor.socket("/api/stream").await;
    watching.send("{\"watch\": \"A1\"}").await;
    // The wish is heard before the frames: a tick comes after it.
    watching.next_of("tick").await;
    let mut socket = hello(&floor).await;
    let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![1, 2], beats: vec![] };
    let wave = Frame { body: FrameBody::Wave(chunk), ..frame("A1", 1) };
    let frames = json!([wave, vitals("A1", 2)]);
    socket.send(&json!({"type": "frames", "frames": frames}).to_string()).await;
    let heard = watching.next_of("wave").await;
    assert_eq!((&heard["lead"], &heard["microvolts"]), (&"II".into(), &json!([1, 2])));
    assert_eq!(watching.next_of("vitals").await["seq"], 2);
    loop {
        let message = other.next().await.unwrap();
        assert_ne!(message["type"], "wave");
        if message["type"] == "vitals" {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_delivers_everything_once_over_restarts_of_the_centre() {
    let mut floor = Floor::open().await;
    let folder = tempfile::tempdir().unwrap();
    let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap());
    for round in 1..=4 {
        // What a gateway had not yet put on disk when it died was never numbered for anybody.
        let mut seq = outbox.resume(&unit("A1")).unwrap().last;
        let centre = floor.client.centre().clone();
        let uplink = UplinkClient::start(centre, Arc::clone(&outbox), [unit("A1")]).unwrap();
        for _ in 0..40 {
            let frames = (seq + 1..=seq + 10).map(|seq| frame("A1", seq)).collect();
            uplink.frames(frames).await;
            seq += 10;
        }
        // In odd rounds the centre goes while frames are on their way.
        if round % 2 == 0 {
            delivered(&floor, seq).await;
        }
        drop(uplink);
        outbox.settle().unwrap();
        floor = floor.restart().await;
    }
    let centre = floor.client.centre().clone();
    let last = outbox.resume(&unit("A1")).unwrap().last;
    let _uplink = UplinkClient::start(centre, Arc::clone(&outbox), [unit("A1")]).unwrap();
    delivered(&floor, last).await;
    let stored = floor.telemetry.read_after(&unit("A1"), 0, 5000).unwrap();
    assert_eq!(stored, (1..=last).map(|seq| frame("A1", seq)).collect::<Vec<_>>());
}

/// Waits until all frames up to `last` are stored.
pub(crate) async fn delivered(floor: &Floor, last: u64) {
    delivered_from(floor, 1, last).await;
}

async fn delivered_from(floor: &Floor, first: u64, last: u64) {
    for _ in 0..1000 {
        let stored = floor.telemetry.read_after(&unit("A1"), first - 1, 100_000).unwrap();
        if stored.iter().map(|frame| frame.seq).eq(first..=last) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("frames up to {last} did not come in 10 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_with_a_new_disk_gives_no_number_again_though_the_centre_was_away() {
    let floor = Floor::open().await;
    let mut old_disk = hello(&floor).await;
    send(&mut old_disk, 1..=5).await;
    assert_eq!(acked(&mut old_disk, 5).await, [1, 2, 3, 4, 5]);
    let folder = tempfile::tempdir().unwrap();
    let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap());
    let now = floor.clock.now();
    number_new_units(&outbox, now, [&unit("A1")]).unwrap();
    let start = outbox.resume(&unit("A1")).unwrap().last;
    assert_eq!(start, u64::try_from(now.as_micros()).unwrap());
    number_new_units(&outbox, now + Millis::from_secs(9), [&unit("A1")]).unwrap();
    assert_eq!(outbox.resume(&unit("A1")).unwrap().last, start, "no longer new");
    let centre = floor.client.centre().clone();
    let uplink = UplinkClient::start(centre, Arc::clone(&outbox), [unit("A1")]).unwrap();
    uplink.frames((start + 1..=start + 3).map(|seq| frame("A1", seq)).collect()).await;
    delivered_from(&floor, start + 1, start + 3).await;
    let stored = floor.telemetry.read_after(&unit("A1"), 0, 20).unwrap();
    let expected = (1..=5).chain(start + 1..=start + 3).map(|seq| frame("A1", seq));
    assert_eq!(stored, expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_at_either_end_delays_frames_and_loses_none() {
    let floor = Floor::open().await;
    let folder = tempfile::tempdir().unwrap();
    let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap());
    let centre = floor.client.centre().clone();
    let uplink = UplinkClient::start(centre, Arc::clone(&outbox), [unit("A1")]).unwrap();
    let send = async |seqs: std::ops::RangeInclusive<u64>| {
        for seq in seqs {
            uplink.frames(vec![frame("A1", seq)]).await;
        }
    };
    send(1..=10).await;
    delivered(&floor, 10).await;

    outbox.limit_pages(1);
    floor.telemetry.limit_pages(1);
    send(11..=400).await;
    for _ in 0..500 {
        if uplink.status().complaint.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let complaint = uplink.status().complaint.expect("the disk's complaint is shown");
    assert!(complaint.contains("could not grow by"), "{complaint}");

    outbox.limit_pages(100_000);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(floor.telemetry.last_seq(&unit("A1")).unwrap() < 400, "the centre's disk is full");
    floor.telemetry.limit_pages(100_000);
    delivered(&floor, 400).await;
    let stored = floor.telemetry.read_after(&unit("A1"), 0, 5000).unwrap();
    assert_eq!(stored, (1..=400).map(|seq| frame("A1", seq)).collect::<Vec<_>>());
}

pub(crate) fn wave(name: &str, seq: u64, after: Millis) -> Frame {
    let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![1; 250], beats: vec![] };
    let frame = frame(name, seq);
    Frame { body: FrameBody::Wave(chunk), at: frame.at + after, ..frame }
}

/// An outbox that has given up its waves 2 and 3 of 5 frames: a day had passed.
pub(crate) fn outbox_with_a_gap(path: &std::path::Path) -> Arc<Outbox> {
    let outbox = Outbox::open(path).unwrap();
    let later = Millis::from_mins(25 * 60);
    let late = frame("A1", 4);
    let frames = vec![
        frame("A1", 1),
        wave("A1", 2, Millis::ZERO),
        wave("A1", 3, Millis::ZERO),
        Frame { at: late.at + later, ..late },
        wave("A1", 5, later),
    ];
    let (answer, wait) = std::sync::mpsc::channel();
    outbox.append(frames, Box::new(move |result| answer.send(result).unwrap()));
    assert_eq!(wait.recv().unwrap().unwrap().gave_up, [unit("A1")]);
    Arc::new(outbox)
}

/// The outbox is emptied, and the centre has three frames and knows that two will not come.
pub(crate) async fn gap_is_told(floor: &Floor, outbox: &Outbox) {
    let is_told = async || {
        outbox.settle().unwrap();
        outbox.held(&unit("A1")).unwrap().is_empty()
    };
    crate::floor::until("the outbox to be emptied", is_told).await;
    let stored = floor.telemetry.read_after(&unit("A1"), 0, 9).unwrap();
    assert_eq!(stored.iter().map(|frame| frame.seq).collect::<Vec<_>>(), [1, 4, 5]);
    let gaps: Vec<Gap> = serde_json::from_value(floor.get("/api/units/A1/gaps").await.1).unwrap();
    assert_eq!(gaps, [Gap { first: 2, last: 3, cause: GapCause::Expired }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gateway_gave_up_is_told_to_the_centre_and_missing_there_once() {
    let floor = Floor::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    // The gateway dies between giving up and telling.
    drop(outbox_with_a_gap(&path));
    let outbox = Arc::new(Outbox::open(&path).unwrap());
    let centre = floor.client.centre().clone();
    let uplink = UplinkClient::start(centre, Arc::clone(&outbox), [unit("A1")]).unwrap();
    gap_is_told(&floor, &outbox).await;
    assert_eq!(uplink.status().backlog, 0);
    // A gateway that did not hear the answer tells it again, and a frame that comes all the same
    // counts.
    let mut socket = hello(&floor).await;
    let gap = json!({"first": 2, "last": 3, "cause": "expired"});
    let told = json!({"type": "given_up", "unit": "A1", "gaps": [gap]});
    for _ in 0..2 {
        socket.send(&told.to_string()).await;
        assert_eq!(acked(&mut socket, 2).await, [2, 3]);
    }
    send(&mut socket, [2]).await;
    assert_eq!(acked(&mut socket, 1).await, [2]);
    let floor = floor.restart().await;
    let missing = json!([{"first": 3, "last": 3, "cause": "expired"}]);
    assert_eq!(floor.get("/api/units/A1/gaps").await.1, missing);
}
