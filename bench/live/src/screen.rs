//! A screen's socket that notes how old everything is when it comes.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::Spans;
use crate::commands::now_micros;

/// All patients are seen at the latest after this.
const SEEN_WITHIN: Duration = Duration::from_mins(3);

/// What came, and how late.
#[derive(Default)]
pub(crate) struct Seen {
    /// Of each patient whom the console has not opened, too.
    pub(crate) vitals: Spans,
    /// Of the unit that is watched.
    pub(crate) waves: Spans,
    pub(crate) n_events: usize,
}

/// A screen that watches one unit's wave.
pub(crate) struct Screen {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Screen {
    pub(crate) async fn open(address: &str, watched: &str) -> anyhow::Result<Self> {
        let (mut socket, _) = connect_async(format!("ws://{address}/api/stream")).await?;
        socket.send(Message::Text(json!({"watch": watched}).to_string().into())).await?;
        Ok(Self { socket })
    }

    /// Waits until the vital signs of so many of the gateways' patients have come.
    pub(crate) async fn wait_for_patients(&mut self, n_patients: usize) -> anyhow::Result<()> {
        let mut patients = BTreeSet::new();
        let until = Instant::now() + SEEN_WITHIN;
        while patients.len() < n_patients {
            ensure!(
                Instant::now() < until,
                "only {} of {n_patients} patients came",
                patients.len()
            );
            let message = self.next().await?;
            if is_vitals(&message) {
                patients.insert(message["unit"].to_string());
            }
        }
        Ok(())
    }

    /// Notes what comes within `span`.
    pub(crate) async fn listen(&mut self, span: Duration) -> anyhow::Result<Seen> {
        let mut seen = Seen::default();
        let end = Instant::now() + span;
        while Instant::now() < end {
            let message = self.next().await?;
            let now = now_micros();
            match message["type"].as_str() {
                Some("event") => seen.n_events += 1,
                Some("vitals") if is_vitals(&message) => {
                    seen.vitals.add(millis(now - at(&message)))
                }
                Some("wave") => seen.waves.add(millis(now - last_sample(&message))),
                _ => {}
            }
        }
        Ok(seen)
    }

    async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            let message = self.socket.next().await.context("the centre closed the stream")??;
            if let Message::Text(text) = message {
                return Ok(serde_json::from_str(&text)?);
            }
        }
    }
}

/// Whether these are vital signs of a gateway's patient.
fn is_vitals(message: &Value) -> bool {
    message["type"] == "vitals"
        && message["unit"].as_str().is_some_and(|unit| unit.starts_with('P'))
}

fn at(message: &Value) -> i64 {
    message["at"].as_i64().unwrap_or_default()
}

/// When the last sample of a wave was taken.
fn last_sample(message: &Value) -> i64 {
    let n_samples = message["microvolts"].as_array().map_or(0, Vec::len);
    let hz = message["hz"].as_i64().unwrap_or(1).max(1);
    at(message) + i64::try_from(n_samples).unwrap_or(0) * 1_000_000 / hz
}

#[expect(clippy::cast_precision_loss, reason = "ages in a bench stay far below 2^52 µs")]
fn millis(micros: i64) -> f64 {
    micros as f64 / 1000.0
}
