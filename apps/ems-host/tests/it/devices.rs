//! A health device that a gateway answers, and a camera on the crew's page.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ems_ambulance::GatewayConfig;
use ems_host::{CentreClient, CentreUrl, Clock, GatewayHost, GatewayParts, listen};
use ems_model::{Timestamp, UnitId};
use ems_store::{Letters, Outbox, Photos};
use ems_vision::{Camera, Face, Frame, Light, Mosaic, Region, Scene, SkinTone, Studio};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A gateway whose centre nobody answers for: readings stay with it.
pub(crate) fn gateway(folder: &Path) -> GatewayHost {
    let unit = UnitId::new("A7").unwrap();
    gateway_of(unit, folder, CentreUrl::parse("http://127.0.0.1:9").unwrap())
}

pub(crate) fn gateway_of(unit: UnitId, folder: &Path, centre: CentreUrl) -> GatewayHost {
    let parts = GatewayParts {
        unit,
        config: GatewayConfig::default(),
        outbox: Arc::new(Outbox::open(&folder.join("outbox.db")).unwrap()),
        photos: Photos::open(&folder.join("photos")).unwrap(),
        letters: Letters::open(&folder.join("letters")).unwrap(),
        centre,
        links: None,
        clock: Clock::system(),
    };
    GatewayHost::start(parts).unwrap()
}

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oximeter_is_let_in_confirmed_and_heard() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = gateway(folder.path());
    let (page, phd) = (listen("127.0.0.1:0").await.unwrap(), listen("127.0.0.1:0").await.unwrap());
    let (page_at, phd_at) = (page.local_addr().unwrap(), phd.local_addr().unwrap());
    host.serve_page(page);
    host.listen_phd(phd);
    let mut device = TcpStream::connect(phd_at).await.unwrap();
    // A device of the standard configuration 0190 asks; a confirmed fixed report of saturation 91
    // and pulse 72 follows; then it takes its leave.
    let asks = "e2000032800000000001002a5079002680000000a000800000000000000000800000\
                0008112233445566778801900001010000000000";
    let reports =
        "e7000026002400010101001e0000ffffffff0d1d0014f00000000002000c00010002005b000a00020048";
    let goes = "e40000020000";
    for (message, answer) in
        [(asks, "e300002c0000"), (reports, "e7000012001000010201"), (goes, "e50000020000")]
    {
        device.write_all(&bytes_of(message)).await.unwrap();
        let mut found = vec![0; answer.len() / 2];
        let read = tokio::time::timeout(Duration::from_secs(30), device.read_exact(&mut found));
        read.await.unwrap().unwrap();
        assert_eq!(found, bytes_of(answer), "to {message}");
        let mut rest = [0; 256];
        let _ = tokio::time::timeout(Duration::from_millis(100), device.read(&mut rest)).await;
    }
    let crew = CentreClient::new(CentreUrl::parse(&format!("http://{page_at}")).unwrap());
    let view: Value = crew.get("/api/view").await.unwrap();
    let vitals = &view["vitals"];
    assert_eq!((&vitals["spo2"], &vitals["heart_rate"]), (&91.0.into(), &72.0.into()), "{view}");
}

/// Mosaics as the page sends them.
fn pictures(bpm: f64) -> Vec<Value> {
    let camera = Camera { size: [112, 84], ..Camera::COMMON };
    let scene = Scene::Face(Face::still(SkinTone::III, bpm));
    let studio = Studio { scene, light: Light::DAY, camera };
    let taken = studio.film(12.0, 5).map(|it| (it.at, it.rgb.unwrap()));
    taken.map(|(at, rgb)| mosaic(at, &rgb)).collect()
}

/// A picture of 112 x 84 pixels as the page sends it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 65280")]
pub(crate) fn mosaic(at: Timestamp, rgb: &[u8]) -> Value {
    let mosaic = Mosaic::of(&Frame::new(at, 112, 84, rgb).unwrap(), Region::MIDDLE);
    let numbers = |cell: &ems_vision::Cell| {
        let [red, green, blue] = cell.rgb;
        [red, green, blue, cell.clipped].map(|it| (it * 256.0).round() as u16)
    };
    let cells: Vec<u16> = mosaic.cells.iter().flat_map(numbers).collect();
    json!({ "at": at.as_micros(), "cells": cells })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulse_by_camera_is_told_beside_the_vital_signs_not_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = gateway(folder.path());
    let page = listen("127.0.0.1:0").await.unwrap();
    let page_at = page.local_addr().unwrap();
    host.serve_page(page);
    let body = json!({ "camera": "one", "pictures": pictures(84.0) }).to_string();
    let mut stream = TcpStream::connect(page_at).await.unwrap();
    let head = format!(
        "POST /api/camera HTTP/1.1\r\nhost: {page_at}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let answer: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let bpm = answer["pulse"]["bpm"].as_f64().unwrap();
    assert!((bpm - 84.0).abs() < 1.0, "{answer}");
    let crew = CentreClient::new(CentreUrl::parse(&format!("http://{page_at}")).unwrap());
    let view: Value = crew.get("/api/view").await.unwrap();
    assert_eq!(
        (&view["camera"]["rate"], &view["vitals"]["heart_rate"]),
        (&84.0.into(), &Value::Null)
    );
    assert_eq!(view["last_seq"], 1, "it was sent to the centre");
}
