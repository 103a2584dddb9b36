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
    assert_eq!(paths.len(), 15, "{paths:?}");
    let snapshot = &document["components"]["schemas"]["Snapshot"];
    assert!(snapshot["required"].as_array().unwrap().contains(&"vitals".into()), "{snapshot}");
    // Every reference leads to a schema.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is described");
    }
}
