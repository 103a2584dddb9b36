//! Devices that publish on an MQTT broker in the ambulance.

use std::time::Duration;

use ems_device::{
    Complaint, Fault, FeedMessage, Readings, SenmlRecord, SparkplugSession, decode_senml_cbor,
    decode_senml_json, decode_topic, senml_readings,
};
use ems_model::{Timestamp, UnitId};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, Publish, QoS};
use tokio::sync::mpsc;

use super::Input;
use super::readings::hand_on;
use crate::clock::Clock;

/// The largest message that is received, in bytes. One beyond what devices may send is complained
/// about; one beyond this ends the connection, and what comes meanwhile is lost.
const PACKET_BYTES_MAX: usize = 16 << 20;
/// Requests of ours to the broker that may wait.
const REQUESTS_LEN_MAX: usize = 16;
/// The pause before a broker that is gone is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Takes what devices publish for a unit until the gateway ends.
pub(super) async fn listen(
    broker: (String, u16),
    unit: UnitId,
    clock: Clock,
    inputs: mpsc::Sender<Input>,
) {
    let (host, port) = broker;
    let mut options = MqttOptions::new(format!("golden-hour-{unit}"), host.clone(), port);
    options.set_keep_alive(Duration::from_secs(5));
    options.set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
    let (client, mut events) = AsyncClient::new(options, REQUESTS_LEN_MAX);
    let mut was_told = false;
    let sparkplug = SparkplugSession::default();
    let mut devices = Devices { clock, sparkplug, inputs: inputs.clone() };
    while !inputs.is_closed() {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                was_told = false;
                tracing::info!(host, port, "devices are heard on MQTT");
                for topic in topics(&unit) {
                    if let Err(error) = client.subscribe(topic, QoS::AtLeastOnce).await {
                        tracing::warn!(%error, "the broker was not asked for the devices");
                    }
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => devices.take(&publish).await,
            Ok(_) => {}
            Err(error) => {
                if !was_told {
                    let what = format!(
                        "MQTT broker {host}:{port} does not answer ({error}): start it, or correct --mqtt"
                    );
                    drop(inputs.send(Input::Complaint(what)).await);
                }
                was_told = true;
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
    }
}

/// Our own topics, and the nodes and devices of a Sparkplug group that has the unit's name.
fn topics(unit: &UnitId) -> [String; 3] {
    [
        format!("golden-hour/{unit}/+"),
        format!("spBv1.0/{unit}/+/+"),
        format!("spBv1.0/{unit}/+/+/+"),
    ]
}

/// What is remembered of devices, and whom to tell.
struct Devices {
    clock: Clock,
    sparkplug: SparkplugSession,
    inputs: mpsc::Sender<Input>,
}

impl Devices {
    async fn take(&mut self, publish: &Publish) {
        let (topic, payload) = (publish.topic.as_str(), &publish.payload[..]);
        let now = self.clock.now();
        let is_senml = |kind| topic.ends_with(kind);
        if topic.starts_with("spBv1.0/") {
            let found = self.sparkplug.on_message(topic, payload);
            hand_on(found, now, &self.inputs).await;
        } else if is_senml("/senml") {
            hand_on(senml(decode_senml_json(payload), now), now, &self.inputs).await;
        } else if is_senml("/senml-cbor") {
            hand_on(senml(decode_senml_cbor(payload), now), now, &self.inputs).await;
        } else {
            take_own(topic, payload, &self.inputs).await;
        }
    }
}

fn senml(
    pack: Result<(Vec<SenmlRecord>, Vec<Complaint>), Fault>,
    now: Timestamp,
) -> Result<Readings, Fault> {
    let (records, mut complaints) = pack?;
    let (readings, more) = senml_readings(&records, now);
    complaints.extend(more);
    Ok((readings, complaints))
}

/// Our own JSON.
async fn take_own(topic: &str, payload: &[u8], inputs: &mpsc::Sender<Input>) {
    let (input, complaints) = match decode_topic(topic, payload) {
        Ok((_, FeedMessage::Vitals(reading), complaints)) => {
            (Some(Input::Reading(reading)), complaints)
        }
        Ok((_, FeedMessage::Ecg(chunk), complaints)) => (Some(Input::Ecg(chunk)), complaints),
        Ok((_, FeedMessage::Wave(piece), complaints)) => (Some(Input::Wave(piece)), complaints),
        Ok((_, FeedMessage::Position(reading), complaints)) => {
            (Some(Input::Position(reading.position)), complaints)
        }
        Ok((_, FeedMessage::Modem(reading), complaints)) => {
            (Some(Input::Modem(reading)), complaints)
        }
        Err(error) => {
            drop(inputs.send(Input::Complaint(error.to_string())).await);
            (None, Vec::new())
        }
    };
    // The gateway may have ended; then nobody wants to know.
    for complaint in complaints {
        drop(inputs.send(Input::Complaint(complaint.to_string())).await);
    }
    if let Some(input) = input {
        drop(inputs.send(input).await);
    }
}
