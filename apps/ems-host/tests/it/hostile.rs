//! What a client must not be able to break.

use axum::http::StatusCode;

use crate::floor::Floor;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_json_is_told_by_line_and_column() {
    let floor = Floor::open().await;
    for (body, place) in [
        ("", "line 1 column 0"),
        ("{\"key\": \"a\",\n \"actor\": }", "line 2 column 11"),
        ("{\"key\": \"a\", \"actor\": \"b\", \"command\": {\"type\": \"fly\"}}", "line 1"),
        ("[1, 2]", "line 1"),
        ("\u{0}\u{1}", "line 1 column 1"),
    ] {
        let (status, answer) = floor.post("/api/commands", body).await;
        let error = &answer["error"];
        assert_eq!(
            (status, &error["code"]),
            (StatusCode::BAD_REQUEST, &"malformed".into()),
            "{body}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(place), "{body}: {message}");
        assert!(message.ends_with("correct it after /api/openapi.json"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_out_of_range_are_malformed() {
    let floor = Floor::open().await;
    for command in [
        r#"{"type":"sign_off_unit","unit":"a b"}"#,
        r#"{"type":"sign_off_unit","unit":"A1","colour":"red"}"#,
        r#"{"type":"sign_on_unit","unit":"A1","kind":"als","home":{"lat":95,"lon":0},"station":null,"crew":"c","shift_until":1}"#,
        r#"{"type":"sign_on_unit","unit":"A1","kind":"helicopter","home":{"lat":35.9,"lon":14.5},"station":null,"crew":"c","shift_until":1}"#,
    ] {
        let body = format!(r#"{{"key":"k","actor":"a","command":{command}}}"#);
        let (status, answer) = floor.post("/api/commands", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{command}: {answer}");
    }
    let empty_key = r#"{"key":"","actor":"a","command":{"type":"sign_off_unit","unit":"A1"}}"#;
    assert_eq!(floor.post("/api/commands", empty_key).await.0, StatusCode::BAD_REQUEST);
    for path in ["/api/frames?unit=A1&limit=0", "/api/frames?limit=5", "/api/incidents/x/timeline"]
    {
        assert_eq!(floor.get(path).await.0, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_a_megabyte_is_not_read() {
    let floor = Floor::open().await;
    let (status, answer) = floor.post("/api/commands", &" ".repeat(2 << 20)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let message = answer["error"]["message"].as_str().unwrap();
    assert_eq!(message, "the body is over 1048576 bytes: send less in one call");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_in_the_openapi_document() {
    let floor = Floor::open().await;
    let (status, document) = floor.get("/api/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 29, "{paths:?}");
    let snapshot = &document["components"]["schemas"]["Snapshot"];
    assert!(snapshot["required"].as_array().unwrap().contains(&"vitals".into()), "{snapshot}");
    for (path, name) in [
        ("/api/frames", "unit"),
        ("/api/frames", "limit"),
        ("/api/units/{id}/vitals", "after"),
        ("/api/stream", "after"),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let parameter = parameters.iter().find(|it| it["name"] == name).unwrap();
        assert_eq!(parameter["in"], "query", "{path} {name}");
    }
    for path in ["/api/frames", "/api/units/{id}/route", "/api/incidents/{id}/timeline"] {
        let responses = &document["paths"][path]["get"]["responses"];
        assert!(responses["400"].is_object(), "{path} says what is not understood");
    }
    let parted = &document["paths"]["/api/units/{id}/route"]["get"]["responses"]["409"];
    assert!(parted.to_string().contains("UnreachableBody"), "{parted}");
    // Every reference leads to a schema.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is described");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_wrongly_is_answered_in_the_form_of_an_error() {
    let floor = Floor::open().await;
    for (path, status, part) in [
        ("/api/nope", 404, "there is no call GET /api/nope: choose one of /api/openapi.json"),
        ("/api", 404, "there is no call GET /api"),
        ("/api/units/Z9/route", 404, "there is no unit Z9"),
        ("/api/frames?unit=A1&colour=red", 400, "unknown field `colour`"),
        ("/api/stream?colour=red", 400, "unknown field `colour`"),
        ("/api/stream", 400, "open this address as a WebSocket"),
        ("/api/uplink", 400, "open this address as a WebSocket"),
    ] {
        let (found, answer) = floor.get(path).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(found.as_u16(), status, "{path}: {answer}");
        assert!(message.contains(part), "{path}: {answer}");
    }
    for (path, body, status, part) in [
        ("/api/nope", "{}", 404, "there is no call POST /api/nope"),
        ("/report", "{}", 404, "there is no call POST /report"),
        ("/api/state", "{}", 405, "does not take that method"),
        (
            "/api/triage",
            r#"{"complaint":"fall","answers":{},"age":131}"#,
            400,
            "age 131 is outside 0..=130",
        ),
    ] {
        let (found, answer) = floor.post(path, body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(found.as_u16(), status, "{path}: {answer}");
        assert!(message.contains(part), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_or_unit_does_not_have_is_not_taken_in_silence() {
    let floor = Floor::open().await;
    let now = floor.clock.now().as_micros();
    let call = |extra: &str, position: &str| {
        format!(
            r#"{{"type":"take_call","priority":null,"call":{{"position":{position},"address":"","caller":null,"complaint":"fall","answers":{{}},"age":3,"rang_at":{now}{extra}}}}}"#
        )
    };
    let home = r#"{"lat":35.9,"lon":14.5}"#;
    let sign_on = format!(
        r#"{{"type":"sign_on_unit","unit":"A9","kind":"bls","home":{home},"station":"nowhere","crew":"c","shift_until":{}}}"#,
        now + 3_600_000_000
    );
    for (command, status, part) in [
        (call(r#","answerd_at":1"#, home), 400, "unknown field `answerd_at`"),
        (call("", r#"{"lat":35.9,"lon":14.5,"alt":3}"#), 400, "unknown field `alt`"),
        (call("", r#""here""#), 400, "expected a position such as"),
        (sign_on, 404, "there is no station nowhere"),
        (call("", home), 200, ""),
    ] {
        let body = format!(r#"{{"key":"key-{status}","actor":"a","command":{command}}}"#);
        let (found, answer) = floor.post("/api/commands", &body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(found.as_u16(), status, "{command}: {answer}");
        assert!(message.contains(part), "{command}: {answer}");
    }
}
