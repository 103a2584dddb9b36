//! Devices that publish on an MQTT broker in the ambulance.

use std::time::Duration;

use ems_device::{FeedMessage, decode_topic};
use ems_model::UnitId;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, Publish, QoS};
use tokio::sync::mpsc;

use super::Input;

/// The largest message that is received, in bytes. One beyond what devices may send is complained
/// about; one beyond this ends the connection, and what comes meanwhile is lost.
const PACKET_BYTES_MAX: usize = 16 << 20;
/// Requests of ours to the broker that may wait.
const REQUESTS_LEN_MAX: usize = 16;
/// The pause before a broker that is gone is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Takes what devices publish for a unit until the gateway ends.
pub(super) async fn listen(broker: (String, u16), unit: UnitId, inputs: mpsc::Sender<Input>) {
    let (host, port) = broker;
    let mut options = MqttOptions::new(format!("golden-hour-{unit}"), host.clone(), port);
    options.set_keep_alive(Duration::from_secs(5));
    options.set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
    let (client, mut events) = AsyncClient::new(options, REQUESTS_LEN_MAX);
    let mut was_told = false;
    while !inputs.is_closed() {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                was_told = false;
                tracing::info!(host, port, "devices are heard on MQTT");
                let topic = format!("golden-hour/{unit}/+");
                if let Err(error) = client.subscribe(topic, QoS::AtLeastOnce).await {
                    tracing::warn!(%error, "the broker was not asked for the devices");
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => take(&publish, &inputs).await,
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

async fn take(publish: &Publish, inputs: &mpsc::Sender<Input>) {
    let (input, complaints) = match decode_topic(&publish.topic, &publish.payload) {
        Ok((_, FeedMessage::Vitals(reading), complaints)) => {
            (Some(Input::Reading(reading)), complaints)
        }
        Ok((_, FeedMessage::Ecg(chunk), complaints)) => (Some(Input::Ecg(chunk)), complaints),
        Ok((_, FeedMessage::Wave(piece), complaints)) => (Some(Input::Wave(piece)), complaints),
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
