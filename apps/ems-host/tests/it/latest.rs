//! What a page sees of patients at once when it opens.

use std::time::Duration;

use ems_model::{Bpm, Frame, FrameBody, IncidentId, Millis, Timestamp, UnitStep, Vitals};
use serde_json::{Value, json};

use crate::floor::{Floor, TestSocket, assign, step, unit};

fn measured(incident: Option<IncidentId>, seq: u64, at: Timestamp, heart_rate: u16) -> Frame {
    let vitals = Vitals { heart_rate: Bpm::new(heart_rate).ok(), ..Vitals::default() };
    Frame {
        unit: unit("A1"),
        seq,
        at,
        incident,
        clock: None,
        body: FrameBody::Vitals { vitals, news2: None, scores: vec![] },
    }
}

/// Sends frames of A1 and waits until they are stored.
async fn deliver(socket: &mut TestSocket, frames: &[Frame]) {
    socket.send(&json!({"type": "frames", "frames": frames}).to_string()).await;
    socket.next_of("ack").await;
}

/// The snapshot's vital signs, once they are as expected; the last ones otherwise.
async fn vitals_when(floor: &Floor, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut vitals = Vec::new();
    for _ in 0..200 {
        let state = floor.get("/api/state").await.1;
        vitals = state["vitals"].as_array().unwrap().clone();
        if is_so(&vitals) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    vitals
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_opens_sees_each_patients_latest_vitals_and_when_they_were() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    let now = floor.clock.now();
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    assert_eq!(floor.get("/api/state").await.1["vitals"], json!([]), "nobody was measured");
    let mut gateway = floor.socket("/api/uplink").await;
    gateway.send(&json!({"type": "hello", "unit": "A1", "protocol": 2}).to_string()).await;
    let before = |secs: i64| now + Millis::from_secs(-secs);
    let older = measured(Some(incident), 1, before(9), 71);
    let newer = measured(Some(incident), 2, before(8), 72);
    deliver(&mut gateway, &[older, newer]).await;
    let vitals = vitals_when(&floor, |vitals| !vitals.is_empty()).await;
    assert_eq!(vitals.len(), 1, "{vitals:?}");
    assert_eq!(vitals[0]["unit"], "A1");
    assert_eq!(vitals[0]["incident"], json!(incident));
    assert_eq!(vitals[0]["at"], json!(before(8)));
    assert_eq!(vitals[0]["vitals"]["heart_rate"], json!(72.0));
    assert_eq!(vitals[0]["vitals"]["spo2"], Value::Null, "what was not measured is not told");

    // Readings that belong to no patient, or to one who has gone, are nobody's.
    deliver(&mut gateway, &[measured(None, 3, before(7), 73)]).await;
    assert_eq!(vitals_when(&floor, <[Value]>::is_empty).await, Vec::<Value>::new());
    deliver(&mut gateway, &[measured(Some(incident), 4, before(6), 74)]).await;
    let vitals = vitals_when(&floor, |vitals| !vitals.is_empty()).await;
    assert_eq!(vitals[0]["vitals"]["heart_rate"], json!(74.0));
    let stood_down = step(incident, "A1", UnitStep::StandDown, floor.clock.now());
    floor.say_as("unit:A1", "off", stood_down).await.unwrap();
    assert_eq!(floor.get("/api/state").await.1["vitals"], json!([]));
}
