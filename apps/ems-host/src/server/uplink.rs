//! `/api/uplink`: takes what ambulances send over WebSocket, and says so when it is durable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::response::Response;
use ems_model::{Frame, Gap, UnitId};
use ems_uplink::{MAX_MESSAGE_BYTES, Ranges, UplinkDown, UplinkUp};
use tokio::sync::mpsc;

use super::error::ErrorBody;
use super::input::Upgrade;
use super::intake::{self, IN_FLIGHT_MAX, Stored};
use super::{App, stopped};
use crate::READ_BUFFER_BYTES;

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
    let mut connection = Connection { app, socket, id, heard_at, n_in_flight: 0, finished };
    if let Err(Some(error)) = connection.run(stored).await {
        tracing::warn!(error, "a gateway was refused");
        // It may be gone already.
        let _ = connection.send(&UplinkDown::Refused { unit: None, error }).await;
    }
    gauge.dec();
}

/// The end of a connection, with what the gateway is to be told.
type End = Option<String>;

struct Connection {
    app: App,
    socket: WebSocket,
    id: u64,
    heard_at: Instant,
    n_in_flight: usize,
    finished: mpsc::UnboundedSender<Stored>,
}

impl Connection {
    async fn run(&mut self, mut stored: mpsc::UnboundedReceiver<Stored>) -> Result<(), End> {
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
            UplinkUp::Hello { unit, protocol } => self.greet(unit, protocol).await,
            UplinkUp::Frames { frames } => self.take(frames).await,
            UplinkUp::GivenUp { unit, gaps } => self.note_gaps(unit, gaps),
            UplinkUp::Position { unit, at, position } => {
                self.app.centre.positions(vec![(unit, at, position)]);
                Ok(())
            }
        }
    }

    async fn greet(&mut self, unit: UnitId, protocol: u32) -> Result<(), End> {
        if !intake::understands(protocol) {
            return Err(Some(intake::other_protocol(&unit, protocol)));
        }
        // From here on no other connection's frames of this unit reach the store.
        self.app.carriers.take(&unit, self.id);
        self.send(&UplinkDown::Welcome { unit }).await
    }

    async fn take(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        if frames.is_empty() {
            return Ok(());
        }
        intake::tell_alarms(&self.app, &frames).await.map_err(Some)?;
        let units: BTreeSet<_> = frames.iter().map(|frame| frame.unit.clone()).collect();
        let finished = self.finished.clone();
        // The connection may be gone when the frames are stored.
        let done = move |stored| drop(finished.send(stored));
        let store = || intake::store(&self.app, frames, done);
        self.app
            .carriers
            .while_carrying(&units, self.id, store)
            .map_err(|unit| Some(not_carried(&unit)))?;
        self.n_in_flight += 1;
        Ok(())
    }

    fn note_gaps(&mut self, unit: UnitId, gaps: Vec<Gap>) -> Result<(), End> {
        let (units, finished) = (BTreeSet::from([unit.clone()]), self.finished.clone());
        // The connection may be gone when it is durable.
        let done = move |stored| drop(finished.send(stored));
        let note = || intake::note_gaps(&self.app, unit, gaps, done);
        self.app
            .carriers
            .while_carrying(&units, self.id, note)
            .map_err(|unit| Some(not_carried(&unit)))?;
        self.n_in_flight += 1;
        Ok(())
    }

    async fn on_stored(&mut self, stored: Stored) -> Result<(), End> {
        self.n_in_flight -= 1;
        let stored = intake::show(&self.app, stored).await.map_err(Some)?;
        let mut numbers: BTreeMap<UnitId, Ranges> = BTreeMap::new();
        for (unit, first, last) in stored {
            numbers.entry(unit).or_default().insert(first, last);
        }
        for (unit, ranges) in numbers {
            let stored = ranges.iter().collect();
            self.send(&UplinkDown::Ack { unit, stored }).await?;
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

fn not_carried(unit: &UnitId) -> String {
    format!(
        "unit {unit} has not said hello on this connection, or has said it on another: say hello on each, and give each gateway its own --unit"
    )
}
