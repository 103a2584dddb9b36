//! Monitors that send HL7 version 2 over MLLP.

use std::time::Duration;

use ems_device::{
    Alarm, Complaint, Message, MllpReader, Observations, acknowledge, decode_observations,
    frame_mllp,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Input;
use super::readings::inputs_of;
use crate::clock::Clock;

/// Monitors that may be connected at once; further ones wait.
const MONITORS_MAX: usize = 16;
/// A monitor that says nothing for this long is taken to be gone.
const IDLE_MAX: Duration = Duration::from_mins(5);
/// The pause after the system could not take a connection.
const TRY_AGAIN: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 8 << 10;

/// Takes what monitors send until the gateway ends.
pub(super) async fn listen(listener: TcpListener, clock: Clock, inputs: mpsc::Sender<Input>) {
    let mut monitors = JoinSet::new();
    while !inputs.is_closed() {
        while monitors.len() >= MONITORS_MAX {
            monitors.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, address)) => {
                tracing::info!(%address, "a monitor is heard over MLLP");
                let (clock, inputs) = (clock.clone(), inputs.clone());
                monitors.spawn(async move {
                    hear(stream, IDLE_MAX, &clock, &inputs).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no monitor could be heard over MLLP");
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
        while monitors.try_join_next().is_some() {}
    }
}

/// Hears one monitor out: until it is gone, or silent for too long.
pub(super) async fn hear(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    idle_max: Duration,
    clock: &Clock,
    inputs: &mpsc::Sender<Input>,
) {
    let mut reader = MllpReader::default();
    let mut bytes = vec![0; READ_BYTES];
    let mut n_answers = 0_u64;
    while let Ok(Ok(n_bytes @ 1..)) = tokio::time::timeout(idle_max, stream.read(&mut bytes)).await
    {
        for message in reader.push(&bytes[..n_bytes]) {
            n_answers += 1;
            let message = message.and_then(|message| Message::parse(&message));
            let answer = match message {
                Ok(message) => take(&message, n_answers, clock, inputs).await,
                Err(fault) => {
                    drop(inputs.send(Input::Complaint(fault.to_string())).await);
                    None
                }
            };
            if let Some(answer) = answer
                && stream.write_all(&frame_mllp(&answer)).await.is_err()
            {
                return;
            }
        }
    }
}

/// Hands a message to the gateway; then gives the answer that its sender wants.
async fn take(
    message: &Message,
    number: u64,
    clock: &Clock,
    inputs: &mpsc::Sender<Input>,
) -> Option<String> {
    let now = clock.now();
    let found = decode_observations(message);
    let told = found.alarms.iter().map(alarm_line);
    let complaints = told.chain(found.complaints.iter().map(ToString::to_string));
    let found_inputs = inputs_of(&found.readings, now);
    for input in found_inputs.into_iter().chain(complaints.map(Input::Complaint)) {
        // The gateway may have ended; then nobody wants to know.
        drop(inputs.send(input).await);
    }
    let control_id = format!("{}-{number}", now.as_micros());
    acknowledge(message, outcome(&found), now, &control_id)
}

/// A message in which nothing could be read was not taken.
fn outcome(found: &Observations) -> Result<(), &ems_device::Fault> {
    let is_empty = found.readings.is_empty() && found.alarms.is_empty();
    match found.complaints.first() {
        Some(Complaint::Fault(fault)) if is_empty => Err(fault),
        _ => Ok(()),
    }
}

/// What the crew reads of a monitor's own alarm.
fn alarm_line(alarm: &Alarm) -> String {
    let name = if alarm.text.is_empty() { &alarm.event.name } else { &alarm.text };
    format!("the monitor alarms: {name} ({}, {}, {})", alarm.priority, alarm.phase, alarm.state)
}
