//! The report of an incident's ECG at the centre.

use axum::http::StatusCode;
use ems_model::{Frame, FrameBody, IncidentId, Millis, Timestamp, WaveChunk};
use serde_json::json;

use crate::floor::{Floor, assign, unit};

const HZ: u32 = 250;

/// A heart of 75 beats a minute, its P, QRS and T waves; microvolts.
fn heart(secs: f64) -> f64 {
    let bump = |at: f64, width: f64| (-at * at / (2.0 * width * width)).exp();
    let now = secs.rem_euclid(0.8) - 0.3;
    120.0 * bump(now + 0.16, 0.02) + 1000.0 * bump(now, 0.012) - 250.0 * bump(now - 0.028, 0.01)
        + 250.0 * bump(now - 0.27, 0.05)
}

/// Pieces of a tenth of a second of leads I and II from `start` on.
fn waves(incident: IncidentId, start: Timestamp, secs: u32) -> Vec<Frame> {
    let piece = |idx: u32, lead: &str, height: f64| {
        let first = f64::from(idx) / 10.0;
        let sample = |n: u32| (height * heart(first + f64::from(n) / f64::from(HZ))).round();
        #[expect(clippy::cast_possible_truncation, reason = "a thousand microvolts")]
        let microvolts = (0..HZ / 10).map(|n| sample(n) as i16).collect();
        FrameBody::Wave(WaveChunk { lead: lead.into(), hz: HZ, microvolts, beats: vec![] })
    };
    let frames = (0..10 * secs).flat_map(|idx| {
        let at = start + Millis::new(100 * i64::from(idx));
        [("I", 0.6), ("II", 1.0)].map(|(lead, height)| (at, piece(idx, lead, height)))
    });
    let numbered = frames.zip(1..);
    let frame = |((at, body), seq)| Frame {
        unit: unit("A1"),
        seq,
        at,
        incident: Some(incident),
        clock: None,
        body,
    };
    numbered.map(frame).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leads_that_a_unit_sent_become_a_report_of_their_rhythm() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let path = |lang: &str| format!("/api/incidents/{incident}/ecg?unit=A1&lang={lang}");
    assert_eq!(floor.text(&path("en")).await.0, StatusCode::UNPROCESSABLE_ENTITY, "no wave");
    let mut gateway = floor.socket("/api/uplink").await;
    let hello = json!({"type": "hello", "unit": "A1", "protocol": 2});
    gateway.send(&hello.to_string()).await;
    let start = floor.clock.now() + Millis::from_secs(-20);
    for frames in waves(incident, start, 12).chunks(60) {
        gateway.send(&json!({"type": "frames", "frames": frames}).to_string()).await;
        gateway.next_of("ack").await;
    }
    let (status, report) = floor.text(&path("en")).await;
    assert_eq!(status, StatusCode::OK, "{report}");
    for said in ["Call 1", "A1", "58 years", "rhythm only", "aVF"] {
        assert!(report.contains(said), "{said}: {}", &report[..2000]);
    }
    for bent in [">QRS<", ">QT<", "QTc", "J+60", ">P<"] {
        assert!(!report.contains(bent), "a monitor's filter leaves no {bent}");
    }
    assert!(report.contains(">PR<") && report.contains("From a monitor"), "{report}");
    let (_, chinese) = floor.text(&path("zh")).await;
    assert!(chinese.contains("仅判节律") && chinese.contains("来自监护滤波"));
    assert_eq!(floor.text("/api/incidents/99/ecg?unit=A1").await.0, StatusCode::NOT_FOUND);
}
