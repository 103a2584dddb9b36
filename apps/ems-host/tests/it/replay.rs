//! The log's last hours under another policy, over the API.

use axum::http::StatusCode;
use serde_json::Value;

use crate::floor::{Floor, assign, until};

async fn ask(floor: &Floor, policy: &str, hours: f64) -> (StatusCode, Value) {
    let wish = format!("{{\"policy\": \"{policy}\", \"last_hours\": {hours}}}");
    floor.post("/api/replay", &wish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_hours_are_run_again_beside_the_centre() {
    let floor = Floor::open().await;
    let (_, none) = floor.get("/api/replay").await;
    assert_eq!(none["state"], "none");
    assert!(none["policies"].as_array().unwrap().iter().any(|it| it["name"] == "keep-cover/1"));
    assert_eq!(ask(&floor, "keep-cover/1", 1000.0).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(ask(&floor, "no-such/1", 1.0).await.0, StatusCode::NOT_FOUND);

    let empty = ask(&floor, "keep-cover/1", 1.0).await;
    assert_eq!(empty.0, StatusCode::OK);
    let is = async |state: &str| floor.get("/api/replay").await.1["state"] == state;
    until("the empty log to be told", async || is("failed").await).await;
    assert!(floor.get("/api/replay").await.1["error"].as_str().unwrap().contains("no call"));

    let incident = floor.incident().await;
    floor.say("send", assign(incident, "A2", None)).await.unwrap();
    until("the next one to begin", async || {
        ask(&floor, "closest-eta/3", 1.0).await.0 == StatusCode::OK
    })
    .await;
    until("the replay", async || is("done").await).await;
    let (_, done) = floor.get("/api/replay").await;
    let call = &done["result"]["calls"][0];
    assert_eq!(call["incident"], incident.0);
    assert_eq!(call["recorded"]["sent_first"], "A2");
    assert_eq!(call["replayed"]["sent_first"], "A1", "of equals the first is sent");
    assert_eq!(call["why"][0]["why"], "overrule_not_repeated", "{call}");
    let (status, ways) = floor.get(&format!("/api/replay/{incident}/ways")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(ways["replayed"].as_array().unwrap().len() > 1, "{ways}");
    assert_eq!(floor.get("/api/replay/99/ways").await.0, StatusCode::NOT_FOUND);
}
