//! Commands: once each, in order of arrival, told who won.

use ems_model::{Command, IncidentId, Position, UnitStep};

use crate::floor::{Floor, assign, chest_pain, refusal, sign_on, step};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_does_nothing_twice_not_even_after_a_restart() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    let call = chest_pain(floor.clock.now());
    let call = Command::TakeCall { call, priority: Some("I".into()) };
    let again = floor.say("call-1", call.clone()).await.unwrap();
    assert_eq!((again.incident, again.is_repeated), (Some(incident), true));
    let floor = floor.restart().await;
    let after = floor.say("call-1", call).await.unwrap();
    assert_eq!(after, again);
    let state = floor.get("/api/state").await.1;
    assert_eq!(state["incidents"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_races_its_first_attempt_is_done_once() {
    let floor = Floor::open().await;
    let attempt = || floor.say("on", sign_on("A1", floor.clock.now()));
    let (a, b, c) = tokio::join!(attempt(), attempt(), attempt());
    let answers = [a.unwrap(), b.unwrap(), c.unwrap()];
    assert_eq!(answers.iter().filter(|ack| !ack.is_repeated).count(), 1);
    assert!(answers.iter().all(|ack| ack.seq == answers[0].seq));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_dispatcher_is_told_who_won() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    let version = floor.get("/api/state").await.1["incidents"][0]["version"].as_u64().unwrap();
    let version = u32::try_from(version).ok();
    let first = assign(incident, "A1", version);
    floor.say_as("dispatcher:wang", "first", first).await.unwrap();
    let (status, code, message) =
        refusal(floor.say("second", assign(incident, "A2", version)).await);
    assert_eq!((status, code.as_str()), (409, "conflict"));
    assert!(message.contains("dispatcher:wang did "), "{message}");
    let body = format!(
        r#"{{"key":"third","actor":"x","command":{{"type":"assign_unit","incident":{incident},"expected_version":{},"unit":"A2","overrule":"x"}}}}"#,
        version.unwrap()
    );
    let (_, answer) = floor.post("/api/commands", &body).await;
    assert_eq!(answer["error"]["won_by"]["actor"], "dispatcher:wang");
    assert!(answer["error"]["won_by"]["at"].is_i64(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_or_lies_off_the_map_is_refused_with_a_remedy() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    for (command, expected) in [
        (assign(IncidentId(99), "A1", None), (404, "unknown")),
        (assign(incident, "Z9", None), (404, "unknown")),
        (step(incident, "A1", UnitStep::LeaveScene, floor.clock.now()), (409, "illegal_step")),
        (off_map(&floor), (422, "refused")),
    ] {
        let what = format!("{command:?}");
        let (status, code, message) = refusal(floor.say(&what[..40], command).await);
        assert_eq!((status, code.as_str()), expected, "{what}: {message}");
        assert!(message.contains(": ") || message.contains("; "), "has a remedy: {message}");
    }
    for path in ["/api/incidents/99/timeline", "/api/incidents/99/recommendation", "/api/nothing"] {
        let (status, answer) = floor.get(path).await;
        assert_eq!((status.as_u16(), &answer["error"]["code"]), (404, &"unknown".into()), "{path}");
    }
}

fn off_map(floor: &Floor) -> Command {
    let mut call = chest_pain(floor.clock.now());
    call.position = Position::from_degrees(48.2, 16.37).unwrap();
    Command::TakeCall { call, priority: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_has_its_recommendation_timeline_and_route() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    let advice = floor.get(&format!("/api/incidents/{incident}/recommendation")).await.1;
    assert_eq!(advice["units"]["candidates"].as_array().unwrap().len(), 3);
    assert!(!advice["hospitals"]["candidates"].as_array().unwrap().is_empty());
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let now = floor.clock.now();
    floor.say("go", step(incident, "A1", UnitStep::GoEnRoute, now)).await.unwrap();
    let timeline = floor.get(&format!("/api/incidents/{incident}/timeline")).await.1;
    let kinds: Vec<_> = timeline.as_array().unwrap().iter().collect();
    assert_eq!(kinds[0]["event"]["type"], "call_received");
    assert!(kinds.iter().any(|it| it["event"]["type"] == "unit_stepped"), "{kinds:?}");
    let route = floor.get("/api/units/A1/route").await.1;
    assert_eq!(route["leg"], "to_scene");
    assert!(route["points"].as_array().unwrap().len() > 2);
    assert_eq!(floor.get("/api/units/A2/route").await.0.as_u16(), 404);
    let report = floor.get("/api/report").await.1;
    assert_eq!(report["calls_per_hour"][0]["n"], 1);
    let reference = floor.get("/api/reference").await.1;
    assert!(reference["complaints"].as_array().unwrap().len() > 5);
}
