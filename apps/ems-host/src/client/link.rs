//! A connection that stands, written by a task of its own so that nobody waits for the network.

use std::future::pending;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::connection::Socket;

/// A connection that stands.
pub(super) struct Link {
    sending: mpsc::Sender<Message>,
    from_centre: SplitStream<Socket>,
    pub(super) heard_at: Instant,
}

impl Link {
    /// Starts writing; `len_max` messages may wait for the network.
    pub(super) fn new(socket: Socket, len_max: usize) -> Self {
        let (to_centre, from_centre) = socket.split();
        let (sending, queue) = mpsc::channel(len_max);
        tokio::spawn(send_all(to_centre, queue));
        Self { sending, from_centre, heard_at: Instant::now() }
    }

    /// Whether another message finds room.
    pub(super) fn has_room(&self) -> bool {
        self.sending.capacity() > 0
    }

    /// Sends a message; `false` if there is no room or the socket is gone.
    pub(super) fn send(&self, text: String) -> bool {
        self.sending.try_send(Message::Text(text.into())).is_ok()
    }
}

/// The next message; waits for ever without a link.
pub(super) async fn next_message(link: &mut Option<Link>) -> Result<Message, String> {
    let Some(link) = link else { return pending().await };
    match link.from_centre.next().await {
        Some(Ok(message)) => Ok(message),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("the connection ended".into()),
    }
}

/// Writes messages to the socket until it or the queue ends.
async fn send_all(mut to_centre: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<Message>) {
    while let Some(message) = queue.recv().await {
        if to_centre.send(message).await.is_err() {
            return;
        }
    }
}
