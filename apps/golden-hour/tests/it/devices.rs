//! Devices on a real MQTT broker: what they publish reaches the centre.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ems_host::{CentreClient, CentreUrl};
use ems_model::{Frame, FrameBody};
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
struct CrewView {
    complaints: Vec<String>,
}

fn publish_for_ever(port: u16) -> tokio::task::JoinHandle<()> {
    let mut options = MqttOptions::new("monitor", "127.0.0.1", port);
    options.set_max_packet_size(2 << 20, 2 << 20);
    let (client, mut events) = AsyncClient::new(options, 16);
    // The broker may not listen yet: an error is followed by the next attempt.
    tokio::spawn(async move {
        loop {
            if events.poll().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
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
