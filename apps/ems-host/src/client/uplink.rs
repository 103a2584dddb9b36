//! The ambulance's side of `/api/uplink`: frames go to disk first, then to the centre, over as
//! many connections as it takes.
//!
//! One task drives one [`Sender`] a unit over one connection. It never waits for the network while
//! frames come: writing to the socket is another task's, behind a short queue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ems_model::{Frame, Position, Timestamp, UnitId};
use ems_store::{Outbox, StoreError};
use ems_uplink::{Sender, SenderOutput, UplinkDown, UplinkUp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::CentreUrl;
use super::connection::{Pauses, Socket, connect};
use super::link::{Link, next_message};
use crate::clock::Clock;

/// Parcels that may wait for the task; then the gateway waits.
const INBOX_LEN_MAX: usize = 256;
/// Frames that may wait in memory for a disk that takes none.
const UNSTORED_LEN_MAX: usize = 100_000;
/// Messages that may wait for the network; the rest waits in the outbox.
const SENDING_LEN_MAX: usize = 32;
/// Frames read from the outbox at a time.
const LOAD_LEN_MAX: usize = 256;
/// A centre that is silent for so long is gone, unless told otherwise: it pings every 3 s.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// The pause before a disk that took nothing is tried again.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// How an uplink is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UplinkStatus {
    /// Whether the centre answers.
    pub is_connected: bool,
    /// Frames that the centre has not stored yet.
    pub backlog: u64,
    /// What is wrong, if something is.
    pub complaint: Option<String>,
}

/// Delivers what ambulances measure. Dropping it ends the task; the outbox keeps what is left.
#[derive(Debug)]
pub struct UplinkClient {
    inbox: mpsc::Sender<Parcel>,
    status: watch::Receiver<UplinkStatus>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Parcel {
    Frames(Vec<Frame>),
    Position(UnitId, Timestamp, Position),
}

impl UplinkClient {
    /// Starts delivering for `units`, first what the outbox holds of them.
    pub fn start(
        centre: CentreUrl,
        outbox: Arc<Outbox>,
        units: impl IntoIterator<Item = UnitId>,
    ) -> Result<Self, StoreError> {
        Self::start_with(centre, outbox, units, SILENCE_MAX)
    }

    /// The same for a centre that is gone when it is silent for `silence_max`; it must be longer
    /// than the centre's pause between pings.
    pub fn start_with(
        centre: CentreUrl,
        outbox: Arc<Outbox>,
        units: impl IntoIterator<Item = UnitId>,
        silence_max: Duration,
    ) -> Result<Self, StoreError> {
        let mut senders = BTreeMap::new();
        for unit in units {
            let resume = outbox.resume(&unit)?;
            senders.insert(unit.clone(), Sender::new(unit, resume.acked, resume.last));
        }
        let (inbox, parcels) = mpsc::channel(INBOX_LEN_MAX);
        let (tell, status) = watch::channel(UplinkStatus::default());
        let carrier = Carrier::new(centre, outbox, senders, silence_max, tell);
        let task = tokio::spawn(carrier.run(parcels));
        Ok(Self { inbox, status, task })
    }

    /// Takes new frames, each unit's in order; waits only if the disk does not keep up.
    pub async fn frames(&self, frames: Vec<Frame>) {
        // The task ends only with this handle.
        let _ = self.inbox.send(Parcel::Frames(frames)).await;
    }

    /// Takes a unit's newest position; it is not kept.
    pub fn position(&self, unit: UnitId, at: Timestamp, position: Position) {
        // The next position comes in a second.
        let _ = self.inbox.try_send(Parcel::Position(unit, at, position));
    }

    /// How the uplink is now.
    pub fn status(&self) -> UplinkStatus {
        self.status.borrow().clone()
    }
}

impl Drop for UplinkClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What another task has finished.
enum Finished {
    Stored(Vec<Frame>, Result<(), StoreError>),
    Loaded(UnitId, Vec<Frame>),
    Connected(Result<Box<Socket>, String>),
}

struct Carrier {
    centre: CentreUrl,
    outbox: Arc<Outbox>,
    silence_max: Duration,
    /// The senders' time is the world's, however fast the patients' runs.
    clock: Clock,
    senders: BTreeMap<UnitId, Sender>,
    /// Units whose sender may have something to do.
    ready: BTreeSet<UnitId>,
    /// Newest positions that were not sent yet.
    positions: BTreeMap<UnitId, (Timestamp, Position)>,
    unstored: Vec<Frame>,
    is_storing: bool,
    store_at: Instant,
    link: Option<Link>,
    pauses: Pauses,
    /// When to connect; `None` while a connection stands or is being made.
    connect_at: Option<Instant>,
    finish: mpsc::UnboundedSender<Finished>,
    finished: mpsc::UnboundedReceiver<Finished>,
    tell: watch::Sender<UplinkStatus>,
    complaint: Option<String>,
}

impl Carrier {
    fn new(
        centre: CentreUrl,
        outbox: Arc<Outbox>,
        senders: BTreeMap<UnitId, Sender>,
        silence_max: Duration,
        tell: watch::Sender<UplinkStatus>,
    ) -> Self {
        let (finish, finished) = mpsc::unbounded_channel();
        let now = Instant::now();
        Self {
            centre,
            outbox,
            silence_max,
            clock: Clock::system(),
            senders,
            ready: BTreeSet::new(),
            positions: BTreeMap::new(),
            unstored: Vec::new(),
            is_storing: false,
            store_at: now,
            link: None,
            pauses: Pauses::default(),
            connect_at: Some(now),
            finish,
            finished,
            tell,
            complaint: None,
        }
    }

    async fn run(mut self, mut parcels: mpsc::Receiver<Parcel>) {
        loop {
            let may_take = self.unstored.len() < UNSTORED_LEN_MAX;
            let rest = self.rest();
            tokio::select! {
                parcel = parcels.recv(), if may_take => match parcel {
                    Some(parcel) => self.take(parcel),
                    None => return,
                },
                Some(finished) = self.finished.recv() => self.finish(finished),
                message = next_message(&mut self.link) => self.hear(message),
                () = tokio::time::sleep(rest) => {}
            }
            self.wake();
            self.store();
            self.transmit();
            self.report();
        }
    }

    /// How long there is nothing to do of itself.
    fn rest(&self) -> Duration {
        let now = Instant::now();
        let until = |at: Instant| at.saturating_duration_since(now);
        let wakes = self.senders.values().filter_map(Sender::next_wake);
        let wakes = wakes.map(|(at, _)| self.clock.until(at));
        let silence = self.link.iter().map(|link| until(link.heard_at + self.silence_max));
        let store = (!self.is_storing && !self.unstored.is_empty()).then(|| until(self.store_at));
        let times = wakes.chain(silence).chain(store).chain(self.connect_at.map(until));
        times.min().unwrap_or(Duration::from_secs(1)).max(Duration::from_millis(1))
    }

    fn take(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::Frames(frames) => self.unstored.extend(frames),
            Parcel::Position(unit, at, position) => {
                self.positions.insert(unit, (at, position));
            }
        }
    }

    /// Puts what waits into the outbox, one write at a time.
    fn store(&mut self) {
        if self.is_storing || self.unstored.is_empty() || Instant::now() < self.store_at {
            return;
        }
        self.is_storing = true;
        let frames = std::mem::take(&mut self.unstored);
        let (finish, kept) = (self.finish.clone(), frames.clone());
        // The task may have ended; then the next start goes on from the outbox.
        let done = move |result| drop(finish.send(Finished::Stored(kept, result)));
        self.outbox.append(frames, Box::new(done));
    }

    fn finish(&mut self, finished: Finished) {
        match finished {
            Finished::Stored(frames, Ok(())) => {
                self.is_storing = false;
                self.complaint = None;
                for frame in frames {
                    self.push(frame);
                }
            }
            Finished::Stored(mut frames, Err(error)) => {
                tracing::error!(%error, "the outbox takes no frames; they are kept in memory");
                self.is_storing = false;
                self.store_at = Instant::now() + STORE_AGAIN;
                self.complaint = Some(error.to_string());
                frames.append(&mut self.unstored);
                self.unstored = frames;
            }
            Finished::Loaded(unit, frames) => {
                let now = self.clock.now();
                if let Some(sender) = self.senders.get_mut(&unit) {
                    sender.on_loaded(now, frames);
                    self.ready.insert(unit);
                }
            }
            Finished::Connected(Ok(socket)) => self.greet(*socket),
            Finished::Connected(Err(why)) => self.lost(&why),
        }
    }

    fn push(&mut self, frame: Frame) {
        let now = self.clock.now();
        let unit = frame.unit.clone();
        if !self.senders.contains_key(&unit) {
            // A unit that was not named at the start: all that it has is this frame and earlier.
            let sender = Sender::new(unit.clone(), frame.seq - 1, frame.seq - 1);
            self.say(&sender.hello());
            self.senders.insert(unit.clone(), sender);
        }
        let sender = self.senders.get_mut(&unit).expect("it was put there if it was not");
        sender.push(now, frame);
        self.ready.insert(unit);
    }

    /// Does what time asks for.
    fn wake(&mut self) {
        let now = self.clock.now();
        for (unit, sender) in &mut self.senders {
            if sender.next_wake().is_some_and(|(at, _)| at <= now) {
                sender.on_wake(now);
                self.ready.insert(unit.clone());
            }
        }
        let silence_max = self.silence_max;
        if self.link.as_ref().is_some_and(|link| link.heard_at.elapsed() >= silence_max) {
            self.lost(&format!("the centre has said nothing for {silence_max:?}"));
        }
        if self.connect_at.is_some_and(|at| at <= Instant::now()) {
            self.connect_at = None;
            let (finish, url) = (self.finish.clone(), self.centre.websocket("/api/uplink"));
            tokio::spawn(async move {
                let connected = connect(url).await.map(Box::new);
                drop(finish.send(Finished::Connected(connected)));
            });
        }
    }

    fn greet(&mut self, socket: Socket) {
        self.link = Some(Link::new(socket, self.senders.len() + SENDING_LEN_MAX));
        let hellos: Vec<_> = self.senders.values().map(Sender::hello).collect();
        for hello in &hellos {
            self.say(hello);
        }
    }

    fn lost(&mut self, why: &str) {
        if self.link.take().is_some() {
            tracing::info!(why, "the uplink is interrupted");
        } else {
            tracing::debug!(why, "the uplink could not be made");
        }
        self.senders.values_mut().for_each(Sender::on_disconnected);
        self.connect_at = Some(Instant::now() + self.pauses.next());
    }

    fn hear(&mut self, message: Result<Message, String>) {
        if let Some(link) = &mut self.link {
            link.heard_at = Instant::now();
        }
        match message {
            Ok(Message::Text(text)) => match UplinkDown::from_json(text.as_bytes()) {
                Ok(down) => self.obey(down),
                Err(error) => self.lost(&error.to_string()),
            },
            Ok(Message::Close(_)) => self.lost("the centre closed the uplink"),
            Ok(_) => {}
            Err(why) => self.lost(&why),
        }
    }

    fn obey(&mut self, down: UplinkDown) {
        let now = self.clock.now();
        let (unit, result) = match down {
            UplinkDown::Welcome { unit, acked } => {
                self.pauses.on_success();
                let result = self.senders.get_mut(&unit).map(|it| it.on_connected(now, acked));
                (unit, result)
            }
            UplinkDown::Ack { unit, seq } => {
                let result = self.senders.get_mut(&unit).map(|it| it.on_ack(now, seq));
                (unit, result)
            }
            UplinkDown::Resend { unit, from } => {
                let result = self.senders.get_mut(&unit).map(|it| it.on_resend(now, from));
                (unit, result)
            }
            UplinkDown::Refused { unit, error } => {
                tracing::error!(unit = unit.as_ref().map(UnitId::as_str), error, "refused");
                self.complaint = Some(error);
                return;
            }
        };
        if let Some(Err(error)) = result {
            tracing::error!(%unit, %error, "the centre's answer does not fit");
            self.complaint = Some(error.to_string());
        }
        self.ready.insert(unit);
    }

    /// Sends what the senders have, as far as the network takes it.
    fn transmit(&mut self) {
        let now = self.clock.now();
        self.transmit_positions();
        let ready: Vec<_> = self.ready.iter().cloned().collect();
        for unit in ready {
            while self.may_send() {
                let sender = self.senders.get_mut(&unit);
                let Some(output) = sender.and_then(|sender| sender.poll_output(now)) else {
                    self.ready.remove(&unit);
                    break;
                };
                match output {
                    SenderOutput::Transmit(message) => self.say(&message),
                    SenderOutput::Load { from, to } => self.load(unit.clone(), from, to),
                    SenderOutput::Prune { through } => self.outbox.trim(unit.clone(), through),
                }
            }
        }
    }

    fn transmit_positions(&mut self) {
        while self.link.is_some() && self.may_send() {
            let Some((unit, (at, position))) = self.positions.pop_first() else { return };
            self.say(&UplinkUp::Position { unit, at, position });
        }
    }

    /// Whether the network takes more; without a link senders have only their outbox to tidy.
    fn may_send(&self) -> bool {
        self.link.as_ref().is_none_or(Link::has_room)
    }

    fn say(&mut self, message: &UplinkUp) {
        let Some(link) = &self.link else { return };
        if !link.send(message.to_json()) {
            // There is room for all hellos, and the rest looks first: the socket is gone.
            self.lost("the socket took no more");
        }
    }

    fn load(&self, unit: UnitId, from: u64, to: u64) {
        let (outbox, finish) = (Arc::clone(&self.outbox), self.finish.clone());
        tokio::task::spawn_blocking(move || {
            let frames = outbox.read(&unit, from, to, LOAD_LEN_MAX).unwrap_or_else(|error| {
                tracing::error!(%error, "the outbox could not be read; it is tried again");
                Vec::new()
            });
            drop(finish.send(Finished::Loaded(unit, frames)));
        });
    }

    fn report(&self) {
        let stored: u64 = self.senders.values().map(Sender::backlog).sum();
        let status = UplinkStatus {
            is_connected: self.senders.values().any(Sender::is_connected),
            backlog: stored + self.unstored.len() as u64,
            complaint: self.complaint.clone(),
        };
        self.tell.send_if_modified(|known| {
            let is_news = *known != status;
            *known = status;
            is_news
        });
    }
}
