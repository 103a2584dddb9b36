//! Follows a centre's stream over any number of connections: every event once and in order.

use std::time::Duration;

use ems_model::{Recorded, UnitId, UnitState};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use super::CentreUrl;
use super::connection::{Pauses, Socket, connect};

/// A centre that has not said anything for so long is gone: it says the time every second.
const SILENCE_MAX: Duration = Duration::from_secs(4);

/// What the stream tells a program.
#[derive(Debug, Clone)]
pub enum Heard {
    /// The connection stands.
    Connected {
        /// The centre's last event: what comes up to it is of the past.
        last: u64,
    },
    /// Something happened.
    Event(Box<HeardEvent>),
    /// The connection is gone and is made again.
    Disconnected(String),
    /// The centre's log ends before what was heard of it: it is another log, and nothing more is
    /// told.
    Replaced,
}

/// An event with the unit that it is about.
#[derive(Debug, Clone, Deserialize)]
pub struct HeardEvent {
    /// The event.
    pub recorded: Recorded,
    /// Its unit as it is after the event, or later.
    pub unit: Option<HeardUnit>,
}

/// What a unit is doing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HeardUnit {
    /// Which unit.
    pub id: UnitId,
    /// What it is doing.
    pub state: UnitState,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum StreamIn {
    Hello {
        seq: u64,
    },
    Event(Box<HeardEvent>),
    #[serde(other)]
    Other,
}

/// Why one connection was listened to no longer.
enum End {
    Lost(String),
    Replaced,
}

/// Follows the stream after event `after` until the receiver is dropped or the log is replaced.
pub async fn follow(centre: CentreUrl, mut after: u64, tell: mpsc::Sender<Heard>) {
    let mut pauses = Pauses::default();
    while !tell.is_closed() {
        let why = match connect(centre.websocket(&format!("/api/stream?after={after}"))).await {
            Ok(socket) => {
                pauses.on_success();
                match listen(socket, &mut after, &tell).await {
                    End::Lost(why) => why,
                    End::Replaced => return drop(tell.send(Heard::Replaced).await),
                }
            }
            Err(why) => why,
        };
        if tell.send(Heard::Disconnected(why)).await.is_err() {
            return;
        }
        tokio::time::sleep(pauses.next()).await;
    }
}

/// Tells events until the connection ends; says why.
async fn listen(mut socket: Socket, after: &mut u64, tell: &mpsc::Sender<Heard>) -> End {
    loop {
        let text = match tokio::time::timeout(SILENCE_MAX, socket.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(Message::Close(Some(frame))))) => {
                return End::Lost(frame.reason.to_string());
            }
            Ok(Some(Ok(_))) => continue,
            Ok(Some(Err(error))) => return End::Lost(error.to_string()),
            Ok(None) => return End::Lost("the centre closed the stream".into()),
            Err(_) => {
                return End::Lost(format!("the centre has said nothing for {SILENCE_MAX:?}"));
            }
        };
        match serde_json::from_str(&text) {
            Ok(StreamIn::Hello { seq }) if seq < *after => return End::Replaced,
            Ok(StreamIn::Hello { seq }) => {
                if tell.send(Heard::Connected { last: seq }).await.is_err() {
                    return End::Lost(String::new());
                }
            }
            Ok(StreamIn::Event(event)) if event.recorded.seq == *after + 1 => {
                *after += 1;
                if tell.send(Heard::Event(event)).await.is_err() {
                    return End::Lost(String::new());
                }
            }
            Ok(StreamIn::Event(event)) if event.recorded.seq <= *after => {}
            Ok(StreamIn::Event(event)) => {
                return End::Lost(format!("event {} came after {after}", event.recorded.seq));
            }
            Ok(StreamIn::Other) => {}
            Err(error) => return End::Lost(format!("a message could not be read: {error}")),
        }
    }
}
