//! Devices on a real MQTT broker: what they publish reaches the centre.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ems_device::{
    SenmlRecord, SenmlValue, SparkplugMetric, SparkplugPayload, SparkplugValue, encode_senml_json,
};
use ems_host::{CentreClient, CentreUrl};
use ems_model::{Derived, DerivedOutcome, DerivedQuantity, Frame, FrameBody};
use rumqttc::{AsyncClient, MqttOptions, QoS};

use crate::process::{MALTA, Process, free_port, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn what_devices_publish_on_mqtt_reaches_the_centre() {
    let Some(mosquitto) = find_mosquitto() else {
        return skip("mosquitto is not installed, so no device was heard on MQTT");
    };
    let folder = tempfile::tempdir().unwrap();
    let (broker_port, port, page) = (free_port(), free_port(), free_port());
    let broker = Broker::start(&mosquitto, folder.path(), broker_port);
    let (listen, data) = (format!("127.0.0.1:{port}"), folder.path().join("centre"));
    let (city, data) = (MALTA.to_str().unwrap(), data.to_str().unwrap());
    let args = ["serve", "--city", city, "--data", data, "--listen", &listen];
    let _server = Process::start(&folder.path().join("serve.log"), args);
    let (url, mqtt) = (format!("http://127.0.0.1:{port}"), format!("127.0.0.1:{broker_port}"));
    let (page, data) = (format!("127.0.0.1:{page}"), folder.path().join("gateway"));
    let data = data.to_str().unwrap();
    let args = [
        "gateway", "--unit", "A7", "--centre", &url, "--mqtt", &mqtt, "--data", data, "--listen",
        &page,
    ];
    let _gateway = Process::start(&folder.path().join("gateway.log"), args);

    let client = CentreClient::new(CentreUrl::parse(&url).unwrap());
    let publisher = publish_for_ever(broker_port);
    let is_heard = async || {
        let frames = client.get::<Vec<Frame>>("/api/units/A7/vitals").await.unwrap_or_default();
        frames.iter().any(|frame| match &frame.body {
            FrameBody::Vitals { vitals, .. } => vitals.spo2.is_some_and(|spo2| spo2.get() == 91),
            _ => false,
        })
    };
    wait_until("SpO2 91 % at the centre", Duration::from_secs(30), is_heard).await;
    let crew = CentreClient::new(CentreUrl::parse(&format!("http://{page}")).unwrap());
    let is_told = async || {
        let view = crew.get::<CrewView>("/api/view").await.unwrap_or_default();
        let huge = "message of 1048577 bytes is larger than 1048576";
        view.complaints.iter().any(|complaint| complaint.starts_with(huge))
    };
    wait_until("a complaint of a huge message", Duration::from_secs(30), is_told).await;
    publisher.abort();
    drop(broker);
}

/// The part of the crew's page that is looked at.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct CrewView {
    complaints: Vec<String>,
    vitals: serde_json::Value,
    wave: serde_json::Value,
    derived: Vec<Derived>,
}

/// 20 s of an ECG and of a plethysmogram that beat once a second.
const WAVE_S: u32 = 20;
const ECG_HZ: u32 = 250;
const PLETH_HZ: u32 = 125;

#[tokio::test(flavor = "multi_thread")]
async fn waves_in_senml_and_sparkplug_are_the_patient_s() {
    let Some(mosquitto) = find_mosquitto() else {
        return skip("mosquitto is not installed, so no wave was heard on MQTT");
    };
    let folder = tempfile::tempdir().unwrap();
    let (broker_port, page) = (free_port(), free_port());
    let broker = Broker::start(&mosquitto, folder.path(), broker_port);
    let (mqtt, listen) = (format!("127.0.0.1:{broker_port}"), format!("127.0.0.1:{page}"));
    let data = folder.path().join("gateway");
    // Nobody answers at that centre: what is heard stays with the gateway.
    let args = [
        "gateway",
        "--unit",
        "A7",
        "--centre",
        "http://127.0.0.1:9",
        "--mqtt",
        &mqtt,
        "--data",
        data.to_str().unwrap(),
        "--listen",
        &listen,
    ];
    let _gateway = Process::start(&folder.path().join("gateway.log"), args);
    let crew = CentreClient::new(CentreUrl::parse(&format!("http://{listen}")).unwrap());
    // Without a subscriber the broker forgets what is published: once the gateway hears numbers, it
    // hears all of its topics.
    let (client, publisher) = connected(broker_port);
    let is_heard = async || {
        let pack = br#"[{"n":"MDC_PULS_OXIM_SAT_O2","u":"%","v":93}]"#.to_vec();
        client.publish("golden-hour/A7/senml", QoS::AtLeastOnce, false, pack).await.unwrap();
        crew.get::<CrewView>("/api/view").await.unwrap_or_default().vitals["spo2"] == 93.0
    };
    wait_until("SpO2 93 % in SenML", Duration::from_secs(30), is_heard).await;

    let start_ms = ems_host::system_time().as_micros() / 1000 - i64::from(WAVE_S) * 1000;
    for (topic, payload) in [
        ("golden-hour/A7/senml", senml_ecg(start_ms)),
        (
            "spBv1.0/A7/NBIRTH/oximeter",
            sparkplug(start_ms, Some("finger/MDC_PULS_OXIM_PLETH"), &[]),
        ),
        ("spBv1.0/A7/NDATA/oximeter", sparkplug(start_ms, None, &pleth())),
        ("spBv1.0/A7/NDATA/oximeter", sparkplug(start_ms, None, &[1, 2, 3])),
    ] {
        client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
    }
    let is_shown = async || {
        let view = crew.get::<CrewView>("/api/view").await.unwrap_or_default();
        let is_pulse = |it: &&Derived| it.quantity == DerivedQuantity::PulseRate;
        let pulse = view.derived.iter().find(is_pulse).map(|it| &it.outcome);
        let is_60 = |rate: f64| (rate - 60.0).abs() <= 2.0;
        view.wave["lead"] == "II"
            && view.wave["hz"] == ECG_HZ
            && view.vitals["heart_rate"].as_f64().is_some_and(is_60)
            && matches!(pulse, Some(DerivedOutcome::Known(it)) if is_60(it.value))
            && view
                .complaints
                .iter()
                .any(|it| it.starts_with("array of finger/MDC_PULS_OXIM_PLETH is 3"))
    };
    wait_until("both waves at 60 a minute", Duration::from_secs(30), is_shown).await;
    publisher.abort();
    drop(broker);
}

/// A pack of records at even steps, in millivolts.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970")]
fn senml_ecg(start_ms: i64) -> Vec<u8> {
    let millivolts = |idx: u32| match idx % ECG_HZ {
        100 | 104 => 0.3,
        101 | 103 => 0.8,
        102 => 1.2,
        // A little ripple: a lead that is quite flat is off.
        n => f64::from(n % 7) * 0.005,
    };
    let records = (0..WAVE_S * ECG_HZ).map(|idx| SenmlRecord {
        name: "urn:dev:mac:0024befffe804ff1/MDC_ECG_ELEC_POTL_II".into(),
        unit: Some("mV".into()),
        value: Some(SenmlValue::Number(millivolts(idx))),
        sum: None,
        time_secs: start_ms as f64 / 1000.0 + f64::from(idx) / f64::from(ECG_HZ),
        update_secs: None,
    });
    encode_senml_json(&records.collect::<Vec<_>>()).into_bytes()
}

/// An array of 16-bit samples by its alias, which a birth names.
fn sparkplug(at_ms: i64, name: Option<&str>, samples: &[u8]) -> Vec<u8> {
    let metric = SparkplugMetric {
        name: name.map(str::to_owned),
        alias: Some(1),
        datatype: Some(23),
        hz: name.map(|_| f64::from(PLETH_HZ)),
        value: Some(SparkplugValue::Bytes(samples.to_vec())),
        ..SparkplugMetric::default()
    };
    let at_ms = u64::try_from(at_ms).ok();
    SparkplugPayload { at_ms, seq: Some(0), metrics: vec![metric] }.encode()
}

/// A steep rise and a slow fall.
#[expect(clippy::cast_possible_truncation, reason = "0 to 1000")]
fn pleth() -> Vec<u8> {
    let level = |idx: u32| {
        let secs = f64::from(idx % PLETH_HZ) / f64::from(PLETH_HZ);
        let up = (secs / 0.12).min(1.0);
        let level = if up < 1.0 { up } else { (-(secs - 0.12) / 0.2).exp() };
        (1000.0 * level) as i16
    };
    (0..WAVE_S * PLETH_HZ).flat_map(|idx| level(idx).to_le_bytes()).collect()
}

/// A device of the broker's, and the task that speaks for it.
fn connected(port: u16) -> (AsyncClient, tokio::task::JoinHandle<()>) {
    let mut options = MqttOptions::new("monitor", "127.0.0.1", port);
    options.set_max_packet_size(2 << 20, 2 << 20);
    let (client, mut events) = AsyncClient::new(options, 16);
    // The broker may not listen yet: an error is followed by the next attempt.
    let speaking = tokio::spawn(async move {
        loop {
            if events.poll().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
    (client, speaking)
}

fn publish_for_ever(port: u16) -> tokio::task::JoinHandle<()> {
    let (client, _) = connected(port);
    tokio::spawn(async move {
        loop {
            let at = ems_host::system_time().as_micros();
            let payload = format!("{{\"at\":{at},\"spo2\":91,\"heart_rate\":88}}");
            let (topic, huge) = ("golden-hour/A7/vitals", "x".repeat((1 << 20) + 1));
            drop(client.publish(topic, QoS::AtLeastOnce, false, huge).await);
            if client.publish(topic, QoS::AtLeastOnce, false, payload).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
}

struct Broker(Child);

impl Broker {
    fn start(mosquitto: &Path, folder: &Path, port: u16) -> Self {
        let config = folder.join("mosquitto.conf");
        let text = format!("listener {port} 127.0.0.1\nallow_anonymous true\n");
        std::fs::write(&config, text).unwrap();
        let child = Command::new(mosquitto)
            .arg("-c")
            .arg(config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn find_mosquitto() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join("mosquitto")).find(|path| path.is_file())
}

/// Says that a test gave up for a reason, where `make test` counts it.
fn skip(why: &str) {
    eprintln!("skipped: {why}");
    if let Some(log) = std::env::var_os("GH_SKIP_LOG") {
        let mut log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        writeln!(log, "skipped: {why}").unwrap();
    }
}
