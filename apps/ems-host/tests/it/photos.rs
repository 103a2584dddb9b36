//! Photos and refill times that a crew takes on the gateway's page are with the patient at the
//! centre.

use std::path::Path;

use axum::body::Bytes;
use axum::http::{Request as HttpRequest, StatusCode};
use ems_host::{CentreUrl, GatewayHost, listen};
use ems_model::{CameraFinding, Command, PhotoId};
use ems_store::{Letters, Photos};
use ems_vision::{Camera, Finger, Light, Scene, SkinTone, Studio};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::devices::{gateway_of, mosaic};
use crate::floor::{Floor, assign, refusal, unit, until};

/// A gateway of A1 with its page.
async fn gateway(folder: &Path, centre: CentreUrl) -> (GatewayHost, String) {
    let mut host = gateway_of(unit("A1"), folder, centre);
    let page = listen("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", page.local_addr().unwrap());
    host.serve_page(page);
    (host, address)
}

async fn post(url: String, body: Vec<u8>) -> (StatusCode, Value) {
    let request = HttpRequest::post(url)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let http = Client::builder(TokioExecutor::new()).build_http();
    let response = http.request(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// A photo of stripes, sharp or all grey, with a text that the camera wrote beside it.
fn photo(is_sharp: bool) -> Vec<u8> {
    let (width, height) = (640, 480);
    let stripe = |x: u32| if is_sharp && (x / 4).is_multiple_of(2) { 60 } else { 140 };
    let pixels: Vec<u8> = (0..width * height).flat_map(|idx| [stripe(idx % width); 3]).collect();
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_text_chunk("Comment".into(), "35.9122 N 14.5042 E".into()).unwrap();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// What the page sends of a nail that is pressed and takes two seconds to be red again.
fn pressed() -> Vec<u8> {
    let finger = Finger { tone: SkinTone::III, pressed_s: [1.0, 4.0], refill_s: 2.0 };
    let (scene, light) = (Scene::Finger(finger), Light::DAY);
    let studio = Studio { scene, light, camera: Camera { size: [112, 84], ..Camera::COMMON } };
    let taken = studio.film(10.0, 3).map(|it| (it.at, it.rgb.unwrap()));
    let pictures: Vec<_> = taken.map(|(at, rgb)| mosaic(at, &rgb)).collect();
    json!({ "pictures": pictures }).to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crew_takes_is_kept_with_the_patient_once_and_bare() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    let folder = tempfile::tempdir().unwrap();
    let centre = CentreUrl::parse(&format!("http://{}", floor.server.address())).unwrap();
    let (host, page) = gateway(folder.path(), centre.clone()).await;
    let (status, told) = post(format!("{page}/api/photo?keep=good"), photo(true)).await;
    assert_eq!(
        (status, &told["has_patient"], &told["is_kept"]),
        (StatusCode::OK, &json!(false), &json!(false))
    );

    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let is_assigned = async || {
        let (_, told) = post(format!("{page}/api/photo?keep=good"), photo(false)).await;
        // Blurred: it is not kept unless the crew says so.
        assert_eq!(told["flaws"][0]["flaw"], "blurred", "{told}");
        assert_eq!(told["is_kept"], false);
        told["has_patient"] == true
    };
    until("the gateway to hear of its call", is_assigned).await;
    let (_, told) = post(format!("{page}/api/photo?keep=always"), photo(false)).await;
    assert_eq!(told["is_kept"], true, "{told}");
    let (_, told) = post(format!("{page}/api/photo?keep=good"), photo(true)).await;
    assert_eq!((&told["is_kept"], &told["flaws"]), (&json!(true), &json!([])), "{told}");
    let (_, told) = post(format!("{page}/api/refill"), pressed()).await;
    assert_eq!(told["is_kept"], true, "{told}");
    assert!((told["refill"]["secs"].as_f64().unwrap() - 2.0).abs() < 0.3, "{told}");
    let (status, _) = post(format!("{page}/api/photo?keep=good"), b"no picture".to_vec()).await;
    assert_eq!(status, StatusCode::OK, "the answer says that it is none");

    let seen = async || floor.get("/api/state").await.1["incidents"][0]["camera"].clone();
    until("three findings at the centre", async || seen().await.as_array().unwrap().len() == 3)
        .await;
    let seen = seen().await;
    assert_eq!((&seen[0]["what"], &seen[0]["flaws"][0]), (&json!("wound"), &json!("blurred")));
    assert_eq!((&seen[1]["flaws"], &seen[1]["size"]), (&json!([]), &json!([640, 480])));
    assert_eq!((&seen[2]["what"], &seen[2]["unit"]), (&json!("refill"), &json!("A1")));
    assert!((1700..=2300).contains(&seen[2]["time"].as_i64().unwrap()), "{seen}");
    let name = PhotoId::new(seen[1]["photo"].as_str().unwrap()).unwrap();
    let kept =
        Photos::open(&floor.data.path().join("photos")).unwrap().read(&name).unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("35.9122"), "where it was taken is not kept");
    assert_eq!(floor.get(&format!("/api/photos/{name}")).await.0, StatusCode::OK);
    assert_eq!(floor.get("/api/photos/..%2Fevents.db").await.0, StatusCode::BAD_REQUEST);
    let is_empty = |name: &str| folder.path().join(name).read_dir().unwrap().next().is_none();
    until("an empty gateway", async || is_empty("photos") && is_empty("letters")).await;

    // Without a network it waits on the ambulance's disk, through a restart of the gateway, too.
    drop(host);
    let letters = Letters::open(&folder.path().join("letters")).unwrap();
    assert_eq!(letters.first().unwrap(), None);
    let finding = CameraFinding::Refill {
        time: ems_model::Millis::new(900),
        within: ems_model::Millis::new(90),
    };
    let at = floor.clock.now();
    let command = Command::RecordCamera { incident, unit: unit("A1"), at, finding };
    let request = json!({ "key": "camera-A1-1", "actor": "unit:A1", "command": command });
    letters.keep(1, json!({ "photo": null, "request": request }).to_string().as_bytes()).unwrap();
    let (_host, _) = gateway(folder.path(), centre).await;
    let n_seen = async || {
        floor.get("/api/state").await.1["incidents"][0]["camera"].as_array().unwrap().len()
    };
    until("the letter at the centre", async || n_seen().await == 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_names_a_photo_that_is_kept_and_a_unit_that_was_there() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    let photo = PhotoId::new(&"0".repeat(64)).unwrap();
    let wound = CameraFinding::Wound { photo, size: [640, 480], flaws: vec![] };
    let refill = |ms| CameraFinding::Refill {
        time: ems_model::Millis::new(ms),
        within: ems_model::Millis::new(100),
    };
    let at = floor.clock.now();
    let record = |finding| Command::RecordCamera { incident, unit: unit("A1"), at, finding };
    let (status, code, _) = refusal(floor.say("1", record(wound)).await);
    assert_eq!((status, code.as_str()), (404, "unknown"));
    let (status, code, _) = refusal(floor.say("2", record(refill(1500))).await);
    assert_eq!((status, code.as_str()), (409, "illegal_step"));
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let (status, ..) = refusal(floor.say("3", record(refill(60_001))).await);
    assert_eq!(status, 400);
    for n in 0..100 {
        floor.say(&format!("many-{n}"), record(refill(1500))).await.unwrap();
    }
    let (status, _, message) = refusal(floor.say("one-more", record(refill(1500))).await);
    assert_eq!(status, 422);
    assert!(message.contains("100 photos and measurements already"), "{message}");
}
