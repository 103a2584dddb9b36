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
    Ack, CallError, CentreClient, CentreParts, CentreUrl, Clock, Patience, Server, ServerParts,
    listen,
};
use ems_model::{
    Call, Command, CrewId, IncidentId, Millis, Position, Request, Timestamp, UnitId, UnitKind,
    UnitStep,
};
use ems_roads::{ImportRequest, Overlay, Profile, import};
use ems_store::{EventLog, Photos, SqliteLog, Telemetry, TrafficStore};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

pub(crate) static MALTA: LazyLock<Arc<City>> = LazyLock::new(|| {
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
        Self::open_with(data, Patience::default(), |log| log).await
    }

    pub(crate) async fn with_patience(patience: Patience) -> Self {
        Self::open_with(tempfile::tempdir().unwrap(), patience, |log| log).await
    }

    /// A server whose centre writes to what `dress` makes of its log.
    pub(crate) async fn open_with(
        data: TempDir,
        patience: Patience,
        dress: impl FnOnce(Arc<SqliteLog>) -> Arc<dyn EventLog>,
    ) -> Self {
        let floor = Self::start_with(data, patience, dress).await;
        floor.ready().await;
        floor
    }

    /// A server that may not become ready.
    pub(crate) async fn start_in(data: TempDir) -> Self {
        Self::start_with(data, Patience::default(), |log| log).await
    }

    async fn start_with(
        data: TempDir,
        patience: Patience,
        dress: impl FnOnce(Arc<SqliteLog>) -> Arc<dyn EventLog>,
    ) -> Self {
        let (log, telemetry) = stores(data.path());
        let clock = Clock::system();
        let config = CentreConfig { reference: Arc::new(Reference::standard()) };
        let centre = CentreParts {
            config,
            city: Arc::clone(&MALTA),
            log: dress(Arc::clone(&log)),
            traffic: Arc::new(TrafficStore::open(&data.path().join("traffic.db")).unwrap()),
            clock: clock.clone(),
        };
        let telemetry_of_server = Arc::clone(&telemetry);
        let parts = ServerParts {
            centre,
            telemetry: telemetry_of_server,
            photos: Photos::open(&data.path().join("photos")).unwrap(),
            tiles: None,
            patience,
        };
        let listener = listen("127.0.0.1:0").await.unwrap();
        let server = Server::start(parts, listener).unwrap();
        let url = CentreUrl::parse(&format!("http://{}", server.address())).unwrap();
        let client = CentreClient::new(url);
        Self { data, server, client, log, telemetry, clock }
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

    /// The same, for an answer that is no JSON.
    pub(crate) async fn text(&self, path: &str) -> (StatusCode, String) {
        let (status, bytes) = self.exchange(Method::GET, path, "").await;
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (StatusCode, Value) {
        self.call(Method::POST, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let (status, bytes) = self.exchange(method, path, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// What a counter or gauge of `/metrics` says.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let bytes = self.exchange(Method::GET, "/metrics", "").await.1;
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("{name} is not in {text}")).parse().unwrap()
    }

    /// Waits until a counter or gauge says so.
    pub(crate) async fn metric_is(&self, name: &str, expected: u64) {
        let is_so = async || self.metric(name).await == expected;
        until(&format!("{name} to be {expected}"), is_so).await;
    }

    async fn exchange(&self, method: Method, path: &str, body: &str) -> (StatusCode, Bytes) {
        let request = HttpRequest::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.server.address()))
            .body(Full::new(Bytes::from(body.to_owned())))
            .unwrap();
        let http = Client::builder(TokioExecutor::new()).build_http();
        let response = http.request(request).await.unwrap();
        let status = response.status();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    }

    pub(crate) async fn socket(&self, path: &str) -> TestSocket {
        let url = format!("ws://{}{path}", self.server.address());
        TestSocket(connect_async(url).await.unwrap().0)
    }

    /// A socket of a client whose system takes only a little before the program reads it.
    pub(crate) async fn narrow_socket(&self, path: &str) -> TestSocket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(self.server.address()).await.unwrap();
        let url = format!("ws://{}{path}", self.server.address());
        TestSocket(client_async(url, MaybeTlsStream::Plain(stream)).await.unwrap().0)
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

/// Waits until `is_so`, or fails with what was waited for.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..2000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain for {what}");
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
