//! Gives every message of the stream to every screen.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;
use ems_model::{Frame, FrameBody, UnitId};
use tokio::sync::broadcast;

use crate::view::message::StreamMessage;

/// A message as it goes out, encoded once for all screens.
#[derive(Debug, Clone)]
pub(crate) enum Published {
    /// An event, by its number.
    Event(u64, Utf8Bytes),
    /// For every screen.
    All(Utf8Bytes),
    /// For the screens that watch this unit.
    Wave(UnitId, Utf8Bytes),
}

/// Where messages are published, in the order in which they become durable.
#[derive(Debug)]
pub(crate) struct Hub {
    sender: broadcast::Sender<Published>,
    durable_seq: AtomicU64,
    /// The number of each unit's newest frame of each kind.
    newest: Mutex<BTreeMap<(UnitId, &'static str), u64>>,
}

impl Hub {
    /// A screen may be `behind_max` messages behind; then it is cut off and resumes from the log.
    pub(crate) fn new(behind_max: usize) -> Self {
        Self {
            sender: broadcast::Sender::new(behind_max),
            durable_seq: AtomicU64::new(0),
            newest: Mutex::default(),
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.sender.subscribe()
    }

    /// The last event that is durable.
    pub(crate) fn durable_seq(&self) -> u64 {
        self.durable_seq.load(Ordering::Acquire)
    }

    /// Notes what the log holds when a centre starts.
    pub(crate) fn start_at(&self, seq: u64) {
        self.durable_seq.store(seq, Ordering::Release);
    }

    pub(crate) fn publish_event(&self, seq: u64, text: String) {
        self.durable_seq.fetch_max(seq, Ordering::AcqRel);
        self.send(Published::Event(seq, text.into()));
    }

    pub(crate) fn publish(&self, message: &StreamMessage<'_>) {
        self.send(Published::All(message.to_json().into()));
    }

    /// A frame that is older than one of its kind that was published is history, and is not.
    pub(crate) fn publish_frame(&self, frame: &Frame) {
        let Some(message) = StreamMessage::frame(frame).filter(|_| self.is_news(frame)) else {
            return;
        };
        let text = message.to_json().into();
        self.send(match frame.body {
            FrameBody::Wave(_) => Published::Wave(frame.unit.clone(), text),
            _ => Published::All(text),
        });
    }

    fn is_news(&self, frame: &Frame) -> bool {
        // The map is whole whatever panicked.
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = newest.entry((frame.unit.clone(), frame.body.kind())).or_default();
        let is_news = frame.seq >= *newest;
        *newest = frame.seq.max(*newest);
        is_news
    }

    fn send(&self, message: Published) {
        // Nobody listening is no error.
        let _ = self.sender.send(message);
    }
}
