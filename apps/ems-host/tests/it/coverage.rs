//! What gateways read becomes the centre's map: once, and again after a restart.

use axum::http::StatusCode;
use ems_model::{Frame, FrameBody, LinkReading, Millis, Position, UnitStep};
use ems_store::KeptCoverage;
use serde_json::{Value, json};

use crate::floor::{Floor, assign, step, until};
use crate::uplink::frame;

fn read(seq: u64, up_kbps: f64, is_at_least: bool) -> Frame {
    let position = Position::from_degrees(35.9, 14.5).ok();
    let link = |name: &str, up_kbps, is_at_least| LinkReading {
        link: name.into(),
        cell: None,
        signal_dbm: None,
        up_kbps: Some(up_kbps),
        is_at_least,
        round_trip_ms: Some(31.0),
    };
    let links = vec![link("5g-a", up_kbps, is_at_least), link("5g-b", 0.0, false)];
    let body = FrameBody::Links { position, span: Millis::from_secs(2), links };
    Frame { body, ..frame("A1", seq) }
}

async fn store(floor: &Floor, frames: Vec<Frame>) {
    let (tell, told) = tokio::sync::oneshot::channel();
    floor.telemetry.append(frames, Box::new(|result| tell.send(result).unwrap()));
    told.await.unwrap().unwrap();
}

async fn squares(floor: &Floor, ask: &str) -> Vec<Value> {
    let (status, body) = floor.get(&format!("/api/coverage{ask}")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["features"].as_array().unwrap().iter().map(|it| it["properties"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_counts_once_before_and_after_a_restart() {
    let floor = Floor::open().await;
    assert_eq!(squares(&floor, "").await, Vec::<Value>::new());
    let full: Vec<_> = (1..=20).map(|seq| read(seq, 8_000.0, false)).collect();
    store(&floor, full.clone()).await;
    let before = squares(&floor, "").await;
    assert_eq!(before.len(), 2);
    assert_eq!(before[0]["network"], json!("5g-a"));
    assert_eq!((&before[0]["n"], &before[0]["n_delays"]), (&json!(20), &json!(20)));
    assert_eq!(
        (&before[1]["median_kbps"], &before[1]["is_at_least"]),
        (&json!(0.0), &json!(false))
    );
    store(&floor, full).await;
    assert_eq!(squares(&floor, "").await, before, "what comes again is known");
    let floor = floor.restart().await;
    assert_eq!(squares(&floor, "").await, before, "made again of what is stored");
    let bounds = (21..=40).map(|seq| read(seq, 50.0, true)).collect();
    store(&floor, bounds).await;
    let after = squares(&floor, "?network=5g-a").await;
    assert_eq!((&after[0]["n"], &after[0]["n_at_least"]), (&json!(20), &json!(20)));
    assert_eq!(after[0]["median_kbps"], before[0]["median_kbps"], "a bound below changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_that_was_kept_is_gone_on_from() {
    let floor = Floor::open().await;
    let frames: Vec<_> = (1..=600).map(|seq| read(seq, 8_000.0, false)).collect();
    store(&floor, frames).await;
    let before = squares(&floor, "").await;
    let kept = async || floor.telemetry.coverage().unwrap().is_some();
    until("the map to be kept", kept).await;
    let floor = floor.restart().await;
    store(&floor, vec![read(601, 8_000.0, false)]).await;
    let after = squares(&floor, "").await;
    assert_eq!((&before[0]["n"], &after[0]["n"]), (&json!(600), &json!(601)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_map_that_cannot_be_read_is_made_again() {
    let floor = Floor::open().await;
    store(&floor, vec![read(1, 8_000.0, false)]).await;
    let (tell, told) = tokio::sync::oneshot::channel();
    let broken = KeptCoverage { through: 1, body: b"no map".to_vec() };
    floor.telemetry.keep_coverage(broken, Box::new(|result| tell.send(result).unwrap()));
    told.await.unwrap().unwrap();
    assert_eq!(squares(&floor, "?network=5g-a").await[0]["n"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_is_asked_for_and_checked() {
    let floor = Floor::open().await;
    store(&floor, vec![read(1, 8_000.0, false)]).await;
    let mut n_squares = Vec::new();
    for hour in 0..24 {
        n_squares.push(squares(&floor, &format!("?hour={hour}&network=5g-a")).await.len());
    }
    assert_eq!(n_squares.iter().sum::<usize>(), 1, "{n_squares:?}");
    let (status, body) = floor.get("/api/coverage?hour=24").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.to_string().contains("outside 0..=23"), "{body}");
}

/// A1 drives to a call.
async fn driving(floor: &Floor) {
    let now = floor.clock.now();
    let incident = floor.incident().await;
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    floor.say("go", step(incident, "A1", UnitStep::GoEnRoute, now)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_drives_is_told_its_holes_and_what_nobody_knows() {
    let floor = Floor::open().await;
    assert_eq!(floor.get("/api/units/A1/outlook").await.0, StatusCode::NOT_FOUND);
    driving(&floor).await;
    let (status, empty) = floor.get("/api/units/A1/outlook").await;
    assert_eq!(status, StatusCode::OK, "{empty}");
    assert_eq!((&empty["ways"], &empty["best"]), (&json!([]), &json!(null)));
    let bounds = (1..=40).map(|seq| read(seq, 50.0, true)).collect();
    store(&floor, bounds).await;
    let ask = "/api/units/A1/outlook?needs_kbps=5000";
    let told = floor.get(ask).await.1;
    let way = &told["ways"][0];
    assert_eq!((&way["lacking"], &way["unknown"]), (&json!(0), &way["duration"]), "{told}");
    let hole = json!([{"network": "5g-b", "from": 0, "until": way["duration"]}]);
    assert_eq!(told["holes"], hole, "the other has only bounds");
    let full = (41..=80).map(|seq| read(seq, 8_000.0, false)).collect();
    store(&floor, full).await;
    let told = floor.get(ask).await.1;
    let way = &told["ways"][0];
    assert_eq!((&way["lacking"], &way["unknown"]), (&json!(0), &json!(0)), "{told}");
    assert_eq!(told["best"], json!(0));
    assert_eq!(floor.get("/api/units/A1/outlook?needs_kbps=0").await.0, StatusCode::BAD_REQUEST);
}
