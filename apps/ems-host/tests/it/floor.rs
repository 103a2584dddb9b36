//! A centre in Malta behind its server, and short ways to talk to it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request as HttpRequest, StatusCode};
use ems_centre::{CentreConfig, City};
use ems_dispatch::Reference;
use ems_host::{
    Ack, CallError, CentreClient, CentreParts, CentreUrl, Clock, Server, ServerParts, listen,
};
use ems_model::{
    Call, Command, CrewId, IncidentId, Millis, Position, Request, Timestamp, UnitId, UnitKind,
    UnitStep,
};
use ems_roads::{ImportRequest, Overlay, Profile, import};
use ems_store::{EventLog, SqliteLog, Telemetry};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

static MALTA: LazyLock<Arc<City>> = LazyLock::new(|| {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta");
    let extract = File::open(format!("{data}/malta.osm.pbf")).unwrap();
    let overlay = std::fs::read_to_string(format!("{data}/overlay.toml")).unwrap();
    let request = ImportRequest {
        name: "Malta".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::parse(&overlay).unwrap(),
    };
    let city = import(extract, &request, &mut |_| ()).unwrap();
    Arc::new(City::new(Arc::new(city.roads), &city.places))
});

/// A running server with its folder; dropping it leaves the folder until `data` goes.
pub(crate) struct Floor {
    pub(crate) data: TempDir,
    pub(crate) server: Server,
    pub(crate) client: CentreClient,
    pub(crate) log: Arc<SqliteLog>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) clock: Clock,
}

impl Floor {
    pub(crate) async fn open() -> Self {
        Self::open_in(tempfile::tempdir().unwrap()).await
    }

    pub(crate) async fn open_in(data: TempDir) -> Self {
        let (log, telemetry) = stores(data.path());
        let clock = Clock::system();
        let config = CentreConfig { reference: Arc::new(Reference::standard()) };
        let centre = CentreParts {
            config,
            city: Arc::clone(&MALTA),
            log: Arc::clone(&log) as Arc<dyn EventLog>,
            clock: clock.clone(),
        };
        let parts = ServerParts { centre, telemetry: Arc::clone(&telemetry), tiles: None };
        let listener = listen("127.0.0.1:0").await.unwrap();
        let server = Server::start(parts, listener).unwrap();
        let url = CentreUrl::parse(&format!("http://{}", server.address())).unwrap();
        let client = CentreClient::new(url);
        let floor = Self { data, server, client, log, telemetry, clock };
        floor.ready().await;
        floor
    }

    async fn ready(&self) {
        for _ in 0..200 {
            if self.get("/healthz").await.0 == StatusCode::OK {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the centre did not become ready in 2 s");
    }

    /// Stops the server and starts another one on the same folder.
    pub(crate) async fn restart(self) -> Self {
        let Self { data, server, log, telemetry, .. } = self;
        server.stop().await;
        drop((log, telemetry));
        Self::open_in(data).await
    }

    pub(crate) async fn say(&self, key: &str, command: Command) -> Result<Ack, CallError> {
        self.say_as("dispatcher:li", key, command).await
    }

    pub(crate) async fn say_as(
        &self,
        actor: &str,
        key: &str,
        command: Command,
    ) -> Result<Ack, CallError> {
        let request = Request { key: key.into(), actor: actor.into(), command };
        self.client.command(&request).await
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        self.call(Method::POST, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let request = HttpRequest::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.server.address()))
            .body(Full::new(Bytes::from(body.to_owned())))
            .unwrap();
        let http = Client::builder(TokioExecutor::new()).build_http();
        let response = http.request(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn socket(&self, path: &str) -> TestSocket {
        let url = format!("ws://{}{path}", self.server.address());
        TestSocket(connect_async(url).await.unwrap().0)
    }

    /// Three units on duty and a triaged chest pain in Sliema.
    pub(crate) async fn incident(&self) -> IncidentId {
        for name in ["A1", "A2", "A3"] {
            self.say(&format!("on-{name}"), sign_on(name, self.clock.now())).await.unwrap();
        }
        let call =
            Command::TakeCall { call: chest_pain(self.clock.now()), priority: Some("I".into()) };
        self.say("call-1", call).await.unwrap().incident.unwrap()
    }
}

fn stores(data: &Path) -> (Arc<SqliteLog>, Arc<Telemetry>) {
    let log = SqliteLog::open(&data.join("events.db")).unwrap();
    let telemetry = Telemetry::open(&data.join("telemetry.db")).unwrap();
    (Arc::new(log), Arc::new(telemetry))
}

pub(crate) struct TestSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl TestSocket {
    pub(crate) async fn send(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next text message; `None` when the server has closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(5), self.0.next());
            match message.await.expect("something comes within 5 s") {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Some(serde_json::json!({
                        "type": "close", "reason": frame.reason.as_str(), "code": u16::from(frame.code)
                    }));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next message of a type.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await.expect("the server has not closed");
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// The numbers of the next events.
    pub(crate) async fn seqs(&mut self, n_events: usize) -> Vec<u64> {
        let mut seqs = Vec::new();
        while seqs.len() < n_events {
            seqs.push(self.next_of("event").await["recorded"]["seq"].as_u64().unwrap());
        }
        seqs
    }
}

pub(crate) fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

pub(crate) fn sign_on(name: &str, now: Timestamp) -> Command {
    Command::SignOnUnit {
        unit: unit(name),
        kind: UnitKind::Als,
        home: Position::from_degrees(35.8966, 14.5080).unwrap(),
        station: None,
        crew: CrewId::new(&format!("crew-{name}")).unwrap(),
        shift_until: now + Millis::from_mins(600),
    }
}

pub(crate) fn chest_pain(now: Timestamp) -> Call {
    Call {
        position: Position::from_degrees(35.9122, 14.5042).unwrap(),
        address: "Tower Road".into(),
        caller: None,
        complaint: "chest-pain".into(),
        answers: BTreeMap::new(),
        age: Some(58),
        rang_at: now,
        answered_at: None,
    }
}

pub(crate) fn assign(incident: IncidentId, name: &str, version: Option<u32>) -> Command {
    let overrule = Some("test".to_owned());
    Command::AssignUnit { incident, expected_version: version, unit: unit(name), overrule }
}

pub(crate) fn step(incident: IncidentId, name: &str, step: UnitStep, at: Timestamp) -> Command {
    Command::StepUnit { unit: unit(name), incident, step, at }
}

/// Status, code and message of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, CallError>) -> (u16, String, String) {
    match result {
        Err(CallError::Refused { status, code, message }) => (status, code, message),
        other => panic!("not a refusal: {other:?}"),
    }
}

impl Floor {
    /// How many events are durable.
    pub(crate) fn log_len(&self) -> usize {
        usize::try_from(self.log.last_seq().unwrap()).unwrap()
    }
}
