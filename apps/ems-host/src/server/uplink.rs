//! `/api/uplink`: takes what ambulances send, each frame once and in order, and says so when it is
//! durable.
//!
//! An alarm becomes an event before its frame is stored: if the program dies between, the gateway
//! sends the frame again and the centre sees that it knows the alarm. The other way round an
//! alarm could be stored and never told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::response::Response;
use ems_model::{Frame, FrameBody, UnitId};
use ems_store::{Done, StoreError, Stored};
use ems_uplink::{MAX_MESSAGE_BYTES, Receiver, UplinkDown, UplinkUp};
use tokio::sync::{mpsc, oneshot};

use super::error::ErrorBody;
use super::input::Upgrade;
use super::{App, stopped};
use crate::READ_BUFFER_BYTES;

/// Messages of one connection that may wait for the disk; then it is not read on.
const IN_FLIGHT_MAX: usize = 64;

/// Which connection carries which unit: the newest one that said hello for it.
#[derive(Debug, Default)]
pub(crate) struct Carriers {
    inner: Mutex<CarriersInner>,
}

#[derive(Debug, Default)]
struct CarriersInner {
    n_connections: u64,
    carrier_of: BTreeMap<UnitId, u64>,
}

impl Carriers {
    fn new_connection(&self) -> u64 {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.n_connections += 1;
        inner.n_connections
    }

    fn take(&self, unit: &UnitId, connection: u64) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.carrier_of.insert(unit.clone(), connection);
    }

    /// Runs `act` while no other connection can take these units; `Err` with one that is taken.
    fn while_carrying<T>(
        &self,
        units: &BTreeSet<UnitId>,
        connection: u64,
        act: impl FnOnce() -> T,
    ) -> Result<T, UnitId> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = units.iter().find(|unit| inner.carrier_of.get(unit) != Some(&connection));
        match lost {
            Some(unit) => Err(unit.clone()),
            None => Ok(act()),
        }
    }
}

#[utoipa::path(
    get, path = "/api/uplink",
    responses(
        (status = 101, description = "WebSocket of a gateway, see docs/api.md, Uplink"),
        (status = 400, description = "No WebSocket", body = ErrorBody),
    )
)]
pub(crate) async fn uplink(State(app): State<App>, Upgrade(upgrade): Upgrade) -> Response {
    let upgrade = upgrade.max_message_size(MAX_MESSAGE_BYTES).read_buffer_size(READ_BUFFER_BYTES);
    upgrade.on_upgrade(move |socket| serve(app, socket))
}

async fn serve(app: App, socket: WebSocket) {
    let gauge = app.centre.metrics().uplink_clients.clone();
    gauge.inc();
    let (finished, stored) = mpsc::unbounded_channel();
    let id = app.carriers.new_connection();
    let heard_at = Instant::now();
    let mut connection = Connection {
        app,
        socket,
        receiver: Receiver::new(),
        id,
        heard_at,
        n_in_flight: 0,
        finished,
    };
    if let Err(Some(error)) = connection.run(stored).await {
        tracing::warn!(error, "a gateway was refused");
        // It may be gone already.
        let _ = connection.send(&UplinkDown::Refused { unit: None, error }).await;
    }
    gauge.dec();
}

/// Frames whose storing has ended, well or not.
type Finished = (Vec<Frame>, Result<Stored, StoreError>);
/// The end of a connection, with what the gateway is to be told.
type End = Option<String>;

struct Connection {
    app: App,
    socket: WebSocket,
    receiver: Receiver,
    id: u64,
    heard_at: Instant,
    n_in_flight: usize,
    finished: mpsc::UnboundedSender<Finished>,
}

impl Connection {
    async fn run(&mut self, mut stored: mpsc::UnboundedReceiver<Finished>) -> Result<(), End> {
        let stopped = stopped(self.app.shutdown.clone());
        tokio::pin!(stopped);
        let mut ping = tokio::time::interval(self.app.patience.gateway_ping_every);
        loop {
            tokio::select! {
                finished = stored.recv() => if let Some(finished) = finished {
                    self.on_stored(finished).await?;
                },
                message = self.socket.recv(), if self.n_in_flight < IN_FLIGHT_MAX => {
                    self.hear(message).await?;
                }
                _ = ping.tick() => self.ping().await?,
                () = &mut stopped => return Err(None),
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        let silence_max = self.app.patience.gateway_silence_max;
        if self.heard_at.elapsed() > silence_max && self.n_in_flight < IN_FLIGHT_MAX {
            return Err(None);
        }
        self.write(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard_at = Instant::now();
        let message = match message {
            Some(Ok(Message::Text(text))) => UplinkUp::from_json(text.as_bytes()),
            Some(Ok(Message::Binary(bytes))) => UplinkUp::from_json(&bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        };
        match message.map_err(|error| Some(error.to_string()))? {
            UplinkUp::Hello { unit, last, protocol, forgotten } => {
                // A unit cannot have forgotten what it never had.
                let forgotten = forgotten.min(last);
                self.greet(&unit, last, protocol, forgotten).await
            }
            UplinkUp::Frames { frames } => self.take(frames).await,
            UplinkUp::Position { unit, at, position } => {
                self.app.centre.positions(vec![(unit, at, position)]);
                Ok(())
            }
        }
    }

    async fn greet(
        &mut self,
        unit: &UnitId,
        last: u64,
        protocol: u32,
        forgotten: u64,
    ) -> Result<(), End> {
        // From here on no other connection's frames of this unit reach the store; those that are
        // on their way there are waited for.
        self.app.carriers.take(unit, self.id);
        let telemetry = Arc::clone(&self.app.telemetry);
        let mut settled = told(|done| telemetry.settled_seq(unit.clone(), done)).await?;
        if settled < forgotten {
            // The unit's disk is new, or this store is not the one that acknowledged them. What
            // the unit measures from now on matters more than that.
            tracing::info!(%unit, settled, forgotten, "the unit has no frames in between");
            told(|done| telemetry.go_on_after(unit.clone(), forgotten, done)).await?;
            settled = forgotten;
        }
        let reply = match self.receiver.on_hello(unit, last, protocol, settled) {
            Ok(welcome) => welcome,
            Err(error) => {
                tracing::warn!(%unit, %error, "a unit was refused");
                UplinkDown::Refused { unit: Some(unit.clone()), error: error.to_string() }
            }
        };
        self.send(&reply).await
    }

    async fn take(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        let accepted = self.receiver.on_frames(frames).map_err(|error| Some(error.to_string()))?;
        let metrics = self.app.centre.metrics();
        metrics.frames_repeated.inc_by(accepted.n_duplicates as u64);
        for reply in accepted.replies {
            if matches!(reply, UplinkDown::Resend { .. }) {
                self.app.centre.metrics().frame_gaps.inc();
            }
            self.send(&reply).await?;
        }
        if accepted.frames.is_empty() {
            return Ok(());
        }
        tell_alarms(&self.app, &accepted.frames).await?;
        self.store(accepted.frames)
    }

    fn store(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        let units: BTreeSet<_> = frames.iter().map(|frame| frame.unit.clone()).collect();
        let (finished, kept) = (self.finished.clone(), frames.clone());
        // The connection may be gone when the frames are stored.
        let done = Box::new(move |result| drop(finished.send((kept, result))));
        let telemetry = &self.app.telemetry;
        let append = || telemetry.append(frames, done);
        self.app.carriers.while_carrying(&units, self.id, append).map_err(|unit| {
            Some(format!(
                "unit {unit} has said hello on another connection: give each gateway its own --unit"
            ))
        })?;
        self.n_in_flight += 1;
        Ok(())
    }

    async fn on_stored(&mut self, (frames, result): Finished) -> Result<(), End> {
        self.n_in_flight -= 1;
        let stored = result.map_err(|error| Some(error.to_string()))?;
        let now = self.app.clock.now();
        let metrics = self.app.centre.metrics();
        metrics.frames_stored.inc_by(frames.len() as u64 - stored.n_known);
        metrics.frames_repeated.inc_by(stored.n_known);
        let mut ends = BTreeMap::new();
        for frame in &frames {
            metrics.on_delay(now.since(frame.at));
            self.app.centre.hub().publish_frame(frame);
            ends.insert(frame.unit.clone(), frame.seq);
        }
        for (unit, seq) in ends {
            if let Some(ack) = self.receiver.on_stored(&unit, seq) {
                self.send(&ack).await?;
            }
        }
        let is_vitals = |frame: &Frame| matches!(frame.body, FrameBody::Vitals { .. });
        let vitals: Vec<_> = frames.into_iter().filter(is_vitals).collect();
        if !vitals.is_empty() {
            self.app.centre.frames(vitals).await;
        }
        Ok(())
    }

    async fn send(&mut self, message: &UplinkDown) -> Result<(), End> {
        self.write(Message::Text(message.to_json().into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        let within = self.app.patience.gateway_silence_max;
        match tokio::time::timeout(within, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}

/// Waits for what the store answers.
async fn told<T: Send + 'static>(ask: impl FnOnce(Done<T>)) -> Result<T, End> {
    let (answer, wait) = oneshot::channel();
    // The connection may be gone when the answer comes.
    ask(Box::new(move |result| drop(answer.send(result))));
    let result = wait.await.unwrap_or(Err(StoreError::Closed));
    result.map_err(|error| Some(error.to_string()))
}

async fn tell_alarms(app: &App, frames: &[Frame]) -> Result<(), End> {
    let alarms = frames.iter().filter(|it| matches!(it.body, FrameBody::Alarm { .. }));
    let alarms: Vec<_> = alarms.cloned().collect();
    if alarms.is_empty() {
        return Ok(());
    }
    app.centre.alarms(alarms).await.map_err(|error| Some(error.to_string()))
}
