//! `/api/stream`: every event once and in order, from wherever a screen left off.

#![allow(unused_qualifications, reason = "the macros of utoipa qualify what is imported")]

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use axum::response::Response;
use ems_model::{Recorded, UnitId};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa::{IntoParams, ToSchema};

use super::error::{ApiError, ErrorBody};
use super::input::{Ask, Upgrade};
use super::{App, stopped};
use crate::centre::{CentreError, Health};
use crate::hub::Published;
use crate::view::message::StreamMessage;

/// Events of the past that are sent at a time.
const PAGE_LEN: usize = 500;
/// The longest message that a screen sends.
const WISH_BYTES_MAX: usize = 4096;

const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;
const TRY_AGAIN: u16 = 1013;

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    /// The last event that was seen; the present if left out.
    after: Option<u64>,
}

/// What a screen asks on the stream.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// The unit whose waveform is wanted; `null` for none.
    #[schema(value_type = Option<String>)]
    watch: Option<UnitId>,
}

/// Why a stream ends.
enum End {
    /// The screen has gone.
    Gone,
    /// It has not read one message in the time that is given for it.
    Unread,
    /// It is told why it is cut off.
    Told(u16, String),
}

#[utoipa::path(
    get, path = "/api/stream", params(From),
    responses(
        (status = 101, description = "WebSocket of `StreamMessage`s; the client may send a `Wish`"),
        (status = 400, description = "No WebSocket, or no such place", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn stream(
    State(app): State<App>,
    Ask(from): Ask<From>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, ApiError> {
    if app.centre.health() == Health::Recovering {
        // The end of the log is not known yet: a screen would be told that its place is beyond it.
        return Err(CentreError::Recovering.into());
    }
    let upgrade = upgrade.max_message_size(WISH_BYTES_MAX).read_buffer_size(WISH_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| serve(app, from, socket)))
}

async fn serve(app: App, from: From, socket: WebSocket) {
    let gauge = app.centre.metrics().stream_clients.clone();
    gauge.inc();
    // Subscribed before the log is read: what comes between is heard twice and told once.
    let live = app.centre.hub().subscribe();
    let seen = from.after.unwrap_or_else(|| app.centre.hub().durable_seq());
    let mut screen = Screen { app, socket, seen, watched: None };
    let end = match screen.run(live).await {
        Err(end) => end,
        Ok(never) => match never {},
    };
    match end {
        End::Gone => {}
        End::Unread => {
            screen.app.centre.metrics().stream_lagged.inc();
            tracing::info!(seen = screen.seen, "a screen that does not read is cut off");
        }
        End::Told(code, reason) => {
            let frame = CloseFrame { code, reason: reason.into() };
            // It may be gone already.
            let _ = screen.send_message(Message::Close(Some(frame))).await;
        }
    }
    gauge.dec();
}

struct Screen {
    app: App,
    socket: WebSocket,
    /// The last event that was sent.
    seen: u64,
    watched: Option<UnitId>,
}

enum Never {}

impl Screen {
    async fn run(&mut self, mut live: Receiver<Published>) -> Result<Never, End> {
        let seq = self.app.centre.hub().durable_seq();
        let (now, speed) = (self.app.clock.now(), self.app.clock.speed());
        let hello = StreamMessage::Hello { seq, now, speed };
        self.send(hello.to_json().into()).await?;
        self.check_place(seq)?;
        self.catch_up().await?;
        let stopped = stopped(self.app.shutdown.clone());
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                message = live.recv() => self.tell(message).await?,
                wish = self.socket.recv() => self.hear(wish)?,
                () = &mut stopped => {
                    return Err(End::Told(GOING_AWAY, "the centre is stopping: reconnect".into()));
                }
            }
        }
    }

    /// A screen that has seen more than there is has seen another log, and would wait for ever.
    fn check_place(&self, last: u64) -> Result<(), End> {
        let seen = self.seen;
        if seen <= last {
            return Ok(());
        }
        let reason = format!("after={seen} is beyond the last event, {last}: load /api/state anew");
        Err(End::Told(POLICY, reason))
    }

    /// Sends all durable events after the last that was sent.
    async fn catch_up(&mut self) -> Result<(), End> {
        while self.seen < self.app.centre.hub().durable_seq() {
            let (log, after) = (self.app.log.clone(), self.seen);
            let page = self.app.read(move || log.read_after(after, PAGE_LEN)).await;
            let page = page.map_err(|_| End::Told(TRY_AGAIN, "the log cannot be read".into()))?;
            let Some(last) = page.last() else { break };
            let last = last.seq;
            for text in with_views(&self.app, page).await? {
                self.send(text).await?;
            }
            self.seen = last;
        }
        Ok(())
    }

    async fn tell(&mut self, message: Result<Published, RecvError>) -> Result<(), End> {
        match message {
            Ok(Published::Event(seq, _)) if seq <= self.seen => Ok(()),
            Ok(Published::Event(seq, text)) if seq == self.seen + 1 => {
                self.seen = seq;
                self.send(text).await
            }
            Ok(Published::Event(..)) => self.catch_up().await,
            Ok(Published::All(text)) => self.send(text).await,
            Ok(Published::Wave(unit, text)) if self.watched.as_ref() == Some(&unit) => {
                self.send(text).await
            }
            Ok(Published::Wave(..)) => Ok(()),
            Err(RecvError::Lagged(n_missed)) => {
                self.app.centre.metrics().stream_lagged.inc();
                let seen = self.seen;
                let reason = format!(
                    "read too slowly, {n_missed} messages missed: reconnect with after={seen}"
                );
                Err(End::Told(TRY_AGAIN, reason))
            }
            Err(RecvError::Closed) => Err(End::Gone),
        }
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match message {
            Some(Ok(Message::Text(text))) => match serde_json::from_str::<Wish>(&text) {
                Ok(wish) => {
                    self.watched = wish.watch;
                    Ok(())
                }
                Err(error) => {
                    // A reason is at most 123 bytes (RFC 6455, 5.5).
                    let mut reason = format!("send {{\"watch\": UNIT}}: {error}");
                    reason.truncate(reason.floor_char_boundary(123));
                    Err(End::Told(POLICY, reason))
                }
            },
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
            Some(Ok(_)) => Ok(()),
        }
    }

    async fn send(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.send_message(Message::Text(text)).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), End> {
        let within = self.app.patience.screen_reads_within;
        match tokio::time::timeout(within, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Unread),
        }
    }
}

/// Encodes events of the past with the present views of what they touched.
async fn with_views(app: &App, page: Vec<Recorded>) -> Result<Vec<Utf8Bytes>, End> {
    let texts = app.centre.look(move |centre, _| {
        let messages = page.iter().map(|recorded| StreamMessage::event(centre, recorded));
        messages.map(|message| Utf8Bytes::from(message.to_json())).collect()
    });
    texts.await.map_err(|error| End::Told(TRY_AGAIN, error.to_string()))
}
