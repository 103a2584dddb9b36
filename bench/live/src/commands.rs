//! Dispatchers and hospitals at work, by the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::Spans;

/// A round of commands begins so often.
const ROUND: Duration = Duration::from_millis(200);

pub(crate) struct Client {
    address: String,
    http: Http<HttpConnector, Full<Bytes>>,
}

/// How long answers took.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) all: Spans,
    pub(crate) recommendations: Spans,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Http::builder(TokioExecutor::new()).build(connector);
        Self { address: address.to_owned(), http }
    }

    pub(crate) async fn wait_for_units(&self, n_units: usize) -> anyhow::Result<()> {
        for _ in 0..300 {
            if let Ok(state) = self.state().await
                && state["units"].as_array().is_some_and(|units| units.len() >= n_units)
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        bail!("{n_units} units were not on duty within five minutes")
    }

    /// What the centre knows.
    pub(crate) async fn state(&self) -> anyhow::Result<Value> {
        self.call("GET", "/api/state", Value::Null).await
    }

    /// The units and hospitals that the centre recommends for an incident.
    pub(crate) async fn recommendation(&self, incident: u64) -> anyhow::Result<Value> {
        let path = format!("/api/incidents/{incident}/recommendation");
        self.call("GET", &path, Value::Null).await
    }

    /// Whether a unit's monitor has told the heart rate of an incident's patient.
    pub(crate) async fn is_measured(&self, unit: &str, incident: u64) -> anyhow::Result<bool> {
        let path = format!("/api/units/{unit}/vitals");
        let frames = self.call("GET", &path, Value::Null).await?;
        Ok(frames.as_array().into_iter().flatten().any(|frame| {
            frame["incident"] == incident && !frame["body"]["vitals"]["heart_rate"].is_null()
        }))
    }

    /// Gives a command as a dispatcher.
    pub(crate) async fn order(&self, key: &str, command: Value) -> anyhow::Result<Value> {
        let request = json!({"key": key, "actor": "dispatcher:bench", "command": command});
        self.call("POST", "/api/commands", request).await
    }

    /// Five times a second: a call, its recommendation, a hospital's report, and the call's end.
    pub(crate) async fn dispatch(&self, span: Duration) -> anyhow::Result<Answers> {
        let state = self.state().await?;
        let hospital = state["hospitals"][0]["id"].clone();
        let mut answers = Answers::default();
        let mut rounds = tokio::time::interval(ROUND);
        let end = Instant::now() + span;
        let mut n = 0;
        while Instant::now() < end {
            rounds.tick().await;
            n += 1;
            self.round(n, &hospital, &mut answers).await?;
        }
        Ok(answers)
    }

    async fn round(&self, n: u64, hospital: &Value, into: &mut Answers) -> anyhow::Result<()> {
        let call = json!({
            "position": {"lat": 35.9122, "lon": 14.5042}, "address": "Tower Road", "caller": null,
            "complaint": "chest-pain", "answers": {}, "age": 58, "rang_at": now_micros(),
        });
        let take = json!({"type": "take_call", "call": call, "priority": null});
        let ack = self.say(&format!("call-{n}"), take, into).await?;
        let incident = ack["incident"].as_u64().context("a call that is taken has an incident")?;
        let start = Instant::now();
        self.recommendation(incident).await?;
        into.recommendations.add(start.elapsed().as_secs_f64() * 1000.0);
        let report = json!({
            "type": "report_crowding", "hospital": hospital, "occupied": n % 40, "beds": 40,
        });
        self.say(&format!("crowding-{n}"), report, into).await?;
        let cancel = json!({
            "type": "cancel_incident", "incident": incident, "expected_version": null,
            "reason": "bench",
        });
        self.say(&format!("off-{n}"), cancel, into).await?;
        Ok(())
    }

    async fn say(&self, key: &str, command: Value, into: &mut Answers) -> anyhow::Result<Value> {
        let start = Instant::now();
        let ack = self.order(key, command).await?;
        into.all.add(start.elapsed().as_secs_f64() * 1000.0);
        Ok(ack)
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> anyhow::Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = hyper::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("content-type", "application/json")
            .body(Full::from(body))?;
        let response = self.http.request(request).await.with_context(|| path.to_owned())?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{method} {path}: {status}: {}", String::from_utf8_lossy(&bytes));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Microseconds since 1970 by this machine's clock.
pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
