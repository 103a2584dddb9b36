//! The uplink over one WebSocket, made again for ever. What is sent is written by a task of its own,
//! so that nobody waits for the network.

use std::future::pending;
use std::time::Duration;

use ems_uplink::{UplinkDown, UplinkUp};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::CentreUrl;
use super::connection::{Pauses, Socket, connect};

/// Messages that may wait for the network; the rest waits in the outbox.
const SENDING_LEN_MAX: usize = 32;

/// What a WebSocket tells.
#[derive(Debug)]
pub(super) enum SocketTold {
    /// It stands: say hello.
    Stands,
    /// The centre says something.
    Down(UplinkDown),
    /// It is gone.
    Lost,
}

/// A WebSocket to a centre, now or soon.
#[derive(Debug)]
pub(super) struct SocketCarriage {
    centre: CentreUrl,
    silence_max: Duration,
    n_units: usize,
    link: Option<Link>,
    pauses: Pauses,
    /// When to connect; `None` while a connection stands or is being made.
    connect_at: Option<Instant>,
    connect: mpsc::UnboundedSender<Result<Box<Socket>, String>>,
    connected: mpsc::UnboundedReceiver<Result<Box<Socket>, String>>,
}

impl SocketCarriage {
    /// A centre that is silent for `silence_max` is gone; it must be longer than its pause between
    /// pings. `n_units` say hello at once.
    pub(super) fn new(centre: CentreUrl, n_units: usize, silence_max: Duration) -> Self {
        let (connect, connected) = mpsc::unbounded_channel();
        Self {
            centre,
            silence_max,
            n_units,
            link: None,
            pauses: Pauses::default(),
            connect_at: Some(Instant::now()),
            connect,
            connected,
        }
    }

    /// Waits for something to tell. It may be left off at any time.
    pub(super) async fn turn(&mut self) -> SocketTold {
        loop {
            let wake = self.wake_at();
            tokio::select! {
                message = next_message(&mut self.link) => {
                    if let Some(told) = self.hear(message) {
                        return told;
                    }
                }
                Some(connected) = self.connected.recv() => return self.on_connected(connected),
                () = tokio::time::sleep_until(wake) => {
                    if self.link.is_some() {
                        return self.lost(&format!("the centre has said nothing for {:?}", self.silence_max));
                    }
                    self.connect();
                }
            }
        }
    }

    /// Whether the network takes more.
    pub(super) fn has_room(&self) -> bool {
        self.link.as_ref().is_none_or(Link::has_room)
    }

    /// Whether a connection stands.
    pub(super) fn is_up(&self) -> bool {
        self.link.is_some()
    }

    /// Sends a message, if a connection stands that takes it.
    pub(super) fn say(&self, message: &UplinkUp) -> bool {
        self.link.as_ref().is_some_and(|link| link.send(message.to_json()))
    }

    /// The centre has welcomed a unit.
    pub(super) fn on_welcome(&mut self) {
        self.pauses.on_success();
    }

    fn wake_at(&self) -> Instant {
        let silence = self.link.as_ref().map(|link| link.heard_at + self.silence_max);
        let wake = silence.or(self.connect_at);
        wake.unwrap_or_else(|| Instant::now() + Duration::from_hours(1))
    }

    fn connect(&mut self) {
        self.connect_at = None;
        let (tell, url) = (self.connect.clone(), self.centre.websocket("/api/uplink"));
        // The uplink may have ended when the answer comes.
        tokio::spawn(async move { drop(tell.send(connect(url).await.map(Box::new))) });
    }

    fn on_connected(&mut self, connected: Result<Box<Socket>, String>) -> SocketTold {
        match connected {
            Ok(socket) => {
                self.link = Some(Link::new(*socket, self.n_units + SENDING_LEN_MAX));
                SocketTold::Stands
            }
            Err(why) => self.lost(&why),
        }
    }

    fn hear(&mut self, message: Result<Message, String>) -> Option<SocketTold> {
        if let Some(link) = &mut self.link {
            link.heard_at = Instant::now();
        }
        match message {
            Ok(Message::Text(text)) => Some(match UplinkDown::from_json(text.as_bytes()) {
                Ok(down) => SocketTold::Down(down),
                Err(error) => self.lost(&error.to_string()),
            }),
            Ok(Message::Close(_)) => Some(self.lost("the centre closed the uplink")),
            Ok(_) => None,
            Err(why) => Some(self.lost(&why)),
        }
    }

    fn lost(&mut self, why: &str) -> SocketTold {
        if self.link.take().is_some() {
            tracing::info!(why, "the uplink is interrupted");
        } else {
            tracing::debug!(why, "the uplink could not be made");
        }
        self.connect_at = Some(Instant::now() + self.pauses.next());
        SocketTold::Lost
    }
}

/// A connection that stands.
#[derive(Debug)]
struct Link {
    sending: mpsc::Sender<Message>,
    from_centre: SplitStream<Socket>,
    heard_at: Instant,
}

impl Link {
    /// Starts writing; `len_max` messages may wait for the network.
    fn new(socket: Socket, len_max: usize) -> Self {
        let (to_centre, from_centre) = socket.split();
        let (sending, queue) = mpsc::channel(len_max);
        tokio::spawn(send_all(to_centre, queue));
        Self { sending, from_centre, heard_at: Instant::now() }
    }

    /// Whether another message finds room.
    fn has_room(&self) -> bool {
        self.sending.capacity() > 0
    }

    /// Sends a message; `false` if there is no room or the socket is gone.
    fn send(&self, text: String) -> bool {
        self.sending.try_send(Message::Text(text.into())).is_ok()
    }
}

/// The next message; waits for ever without a link.
async fn next_message(link: &mut Option<Link>) -> Result<Message, String> {
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
