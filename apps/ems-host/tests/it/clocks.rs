//! Two devices of one patient whose clocks are apart, and exchanged electrodes on the crew's page.

use std::sync::Arc;
use std::time::Duration;

use ems_ambulance::GatewayConfig;
use ems_device::EcgChunk;
use ems_host::{CentreClient, CentreUrl, Clock, GatewayHost, GatewayParts, listen};
use ems_model::{Millis, Timestamp, UnitId};
use ems_store::{Letters, Outbox, Photos};
use serde_json::{Value, json};

const HZ: u32 = 250;
const PIECE_MS: i64 = 200;
/// Devices and gateway live so much faster than the world.
const SPEED: f64 = 20.0;
/// The chest's device is so far behind.
const BEHIND: Millis = Millis::new(3000);

/// A heart of 75 beats a minute as a lead of this size sees it, microvolts.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some seconds")]
fn heart(size: f64, at: Timestamp) -> f32 {
    let now = at.as_micros().rem_euclid(800_000) as f64 / 1e6 - 0.3;
    let bump = |off: f64, width: f64| (-(now - off).powi(2) / (2.0 * width * width)).exp();
    (size * (1000.0 * bump(0.0, 0.012) + 250.0 * bump(0.27, 0.05))) as f32
}

/// The leads of a patient whose arms are exchanged.
const LEADS: [(&str, f64); 8] = [
    ("I", -0.7),
    ("II", 0.4),
    ("V1", -0.6),
    ("V2", -0.2),
    ("V3", 0.4),
    ("V4", 1.0),
    ("V5", 1.3),
    ("V6", 1.1),
];

/// What has been taken since `from`, by the device's own clock.
fn pieces(from: Timestamp) -> Vec<EcgChunk> {
    let piece = |(lead, size): (&str, f64)| {
        let n_samples = PIECE_MS * i64::from(HZ) / 1000;
        let at = |sample: i64| Timestamp::from_micros(from.as_micros() + sample * 4000);
        let microvolts = (0..n_samples).map(|sample| heart(size, at(sample))).collect();
        let behind = if lead.starts_with('V') { BEHIND } else { Millis::new(0) };
        let stamp = Timestamp::from_micros(from.as_micros() - behind.get() * 1000);
        EcgChunk { at: stamp, lead: lead.into(), hz: HZ, microvolts }
    };
    LEADS.into_iter().map(piece).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_apart_are_told_and_exchanged_electrodes_are_found_in_spite_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::scaled(Clock::system().now(), SPEED);
    let parts = GatewayParts {
        unit: UnitId::new("A7").unwrap(),
        config: GatewayConfig::default(),
        outbox: Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap()),
        photos: Photos::open(&folder.path().join("photos")).unwrap(),
        letters: Letters::open(&folder.path().join("letters")).unwrap(),
        centre: CentreUrl::parse("http://127.0.0.1:9").unwrap(),
        links: None,
        clock: clock.clone(),
    };
    let mut host = GatewayHost::start(parts).unwrap();
    let page = listen("127.0.0.1:0").await.unwrap();
    let crew = CentreUrl::parse(&format!("http://{}", page.local_addr().unwrap())).unwrap();
    host.serve_page(page);
    let mut from = clock.now();
    let mut view = Value::Null;
    // A minute of the devices' time and as much again for a machine that is busy.
    while from < host.clock().now() + Millis::from_secs(120) && !is_told(&view) {
        let taken = from + Millis::new(PIECE_MS);
        tokio::time::sleep(clock.until(taken)).await;
        for piece in pieces(from) {
            host.ecg(piece).await;
        }
        from = taken;
        view = CentreClient::new(crew.clone()).get("/api/view").await.unwrap();
    }
    assert_eq!(view["electrodes"], json!({"exchanged": "arms"}), "{view}");
    let late = |lead: &str| {
        let leads = view["leads"].as_array().unwrap().iter();
        let found = leads.clone().find(|it| it["lead"] == lead).unwrap();
        found["clock"]["late"].as_i64().unwrap()
    };
    let apart = late("V1") - late("I");
    assert!((2500..=3500).contains(&apart), "{apart} ms in {view}");
    let complaints = view["complaints"].as_array().unwrap();
    let said = "the electrodes of right and left arm seem to be exchanged";
    assert_eq!(complaints.len(), 1, "{view}");
    assert!(complaints[0].as_str().unwrap().starts_with(said), "{view}");
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn is_told(view: &Value) -> bool {
    !view["electrodes"].is_null()
}
