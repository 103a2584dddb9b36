//! A console that notes how old everything is when it comes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::Spans;
use crate::commands::now_micros;

/// What was seen, and how late.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) vitals: Spans,
    pub(crate) waves: Spans,
    pub(crate) n_patients: usize,
    pub(crate) n_events: usize,
}

/// Listens for `span` after vital signs of `n_patients` have been seen.
pub(crate) async fn listen(
    address: &str,
    watched: &str,
    n_patients: usize,
    span: Duration,
) -> anyhow::Result<Seen> {
    let (mut socket, _) = connect_async(format!("ws://{address}/api/stream")).await?;
    socket.send(Message::Text(json!({"watch": watched}).to_string().into())).await?;
    let mut seen = Seen::default();
    let mut patients = BTreeSet::new();
    let started = Instant::now();
    let mut end = None;
    while end.is_none_or(|end| Instant::now() < end) && started.elapsed() < 3 * span {
        let message = socket.next().await.context("the centre closed the stream")??;
        let now = now_micros();
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text)?;
        let is_ours = message["unit"].as_str().is_some_and(|unit| unit.starts_with('P'));
        match message["type"].as_str() {
            Some("event") => seen.n_events += 1,
            Some("vitals") if is_ours => {
                patients.insert(message["unit"].to_string());
                if patients.len() >= n_patients {
                    end.get_or_insert_with(|| Instant::now() + span);
                }
                if end.is_some() {
                    seen.vitals.add(millis(now - at(&message)));
                }
            }
            Some("wave") if end.is_some() => seen.waves.add(millis(now - last_sample(&message))),
            _ => {}
        }
    }
    seen.n_patients = patients.len();
    Ok(seen)
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
