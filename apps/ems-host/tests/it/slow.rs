//! A screen that does not read: cut off without slowing anybody, and told all of it afterwards.

use std::time::Duration;

use ems_host::Patience;
use ems_model::{Frame, FrameBody, WaveChunk};
use serde_json::json;

use crate::floor::{Floor, TestSocket, sign_on};
use crate::uplink::frame;

/// More than two systems keep for a client that does not read.
const N_WAVES: u64 = 24;
const N_COMMANDS: usize = 200;

/// A screen that has read everything until now and watches A1, and then reads no more.
async fn screen_that_stops_reading(floor: &Floor) -> (TestSocket, Vec<u64>) {
    let mut slow = floor.narrow_socket("/api/stream?after=0").await;
    slow.send("{\"watch\": \"A1\"}").await;
    floor.incident().await;
    let heard = slow.seqs(floor.log_len()).await;
    // Its wish was heard before this comes.
    slow.next_of("tick").await;
    slow.next_of("tick").await;
    (slow, heard)
}

async fn pour_waves(floor: &Floor) {
    let mut gateway = floor.socket("/api/uplink").await;
    let hello = json!({"type": "hello", "unit": "A1", "protocol": 2});
    gateway.send(&hello.to_string()).await;
    for seq in 1..=N_WAVES {
        let microvolts = vec![-12_345; 60_000];
        let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts, beats: vec![] };
        let wave = Frame { body: FrameBody::Wave(chunk), ..frame("A1", seq) };
        gateway.send(&json!({"type": "frames", "frames": [wave]}).to_string()).await;
        gateway.next_of("ack").await;
    }
}

async fn pour_commands(floor: &Floor) {
    for n in 0..N_COMMANDS {
        let name = format!("U{n}");
        floor.say(&name, sign_on(&name, floor.clock.now())).await.unwrap();
    }
}

/// Reads what had already come, until the connection ends; gives the reason, if one was told.
async fn read_the_rest(slow: &mut TestSocket, heard: &mut Vec<u64>) -> Option<String> {
    loop {
        let message = slow.next().await?;
        match message["type"].as_str() {
            Some("event") => heard.push(message["recorded"]["seq"].as_u64().unwrap()),
            Some("close") => return Some(message["reason"].as_str().unwrap().to_owned()),
            _ => {}
        }
    }
}

async fn resume(floor: &Floor, heard: &mut Vec<u64>) {
    let after = *heard.last().unwrap();
    let mut screen = floor.socket(&format!("/api/stream?after={after}")).await;
    let n_left = floor.log_len() - usize::try_from(after).unwrap();
    heard.extend(screen.seqs(n_left).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_does_not_read_is_cut_off_alone_and_resumes_with_every_event_once() {
    let screen_reads_within = Duration::from_millis(200);
    let floor = Floor::with_patience(Patience { screen_reads_within, ..Patience::default() }).await;
    let mut fast = floor.socket("/api/stream?after=0").await;
    let (mut slow, mut heard) = screen_that_stops_reading(&floor).await;
    pour_waves(&floor).await;
    pour_commands(&floor).await;
    let all: Vec<_> = (1..=floor.log_len() as u64).collect();
    assert_eq!(fast.seqs(all.len()).await, all, "the other screen hears all of it meanwhile");
    floor.metric_is("golden_hour_stream_lagged_total", 1).await;
    floor.metric_is("golden_hour_stream_clients", 1).await;
    assert_eq!(read_the_rest(&mut slow, &mut heard).await, None, "it was not waited for");
    assert!(heard.len() < all.len(), "it had not read all");
    resume(&floor, &mut heard).await;
    assert_eq!(heard, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_falls_behind_is_told_where_to_resume_and_hears_every_event_once() {
    let patience = Patience { screen_behind_max: 64, ..Patience::default() };
    let floor = Floor::with_patience(patience).await;
    let (mut slow, mut heard) = screen_that_stops_reading(&floor).await;
    pour_waves(&floor).await;
    pour_commands(&floor).await;
    let all: Vec<_> = (1..=floor.log_len() as u64).collect();
    assert_eq!(floor.metric("golden_hour_stream_clients").await, 1, "nobody was cut off yet");
    let reason = read_the_rest(&mut slow, &mut heard).await.expect("it is told why");
    assert!(reason.starts_with("read too slowly, "), "{reason}");
    let after = heard.last().unwrap();
    assert!(reason.ends_with(&format!("reconnect with after={after}")), "{reason}");
    assert_eq!(floor.metric("golden_hour_stream_lagged_total").await, 1);
    assert!(heard.len() < all.len(), "it had not read all");
    resume(&floor, &mut heard).await;
    assert_eq!(heard, all);
}
