//! The ambulance's side of the uplink: frames go to disk first, then to the centre, over whatever
//! carries them.
//!
//! One task drives one [`Sender`] a unit. It never waits for the network while frames come.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ems_model::{ClockOffset, Frame, Gap, Millis, Position, Timestamp, UnitId};
use ems_store::{Contents, Kept, Outbox, StoreError};
use ems_uplink::{Class, Portion, Ranges, Reading, Sender, SenderOutput, UplinkDown, UplinkUp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::CentreUrl;
use super::carriage::{Carriage, Carried};
pub(crate) use super::handle::UplinkHandle;
use super::socket::SocketCarriage;
use crate::link::dial::{ClassStatus, LinkStatus, Links};

/// Parcels that may wait for the task; then the gateway waits.
const INBOX_LEN_MAX: usize = 256;
/// Frames that may wait in memory for a disk that takes none, some 50 MiB; then the gateway waits.
pub(crate) const UNSTORED_LEN_MAX: usize = 32_768;
/// A centre that is silent for so long is gone, unless told otherwise: it pings every 3 s.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// The pause before a disk that took or gave nothing is tried again.
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// Bundles that came and wait to be looked at; more are lost, and come again.
const BUNDLES_LEN_MAX: usize = 8;
/// How often the task looks up where nothing happens.
const LOOK_UP: Duration = Duration::from_secs(1);
/// How often the outbox is counted.
const COUNT_EVERY: Duration = Duration::from_secs(10);
/// How often links are told of.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// How an uplink is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UplinkStatus {
    /// Whether the centre answers.
    pub is_connected: bool,
    /// Frames that the centre has not stored yet.
    pub backlog: u64,
    /// What is wrong, if something is.
    pub complaint: Option<String>,
    /// Frames in memory that the outbox has not taken yet.
    pub n_unstored: usize,
    /// What the outbox held lately, and what it gave up.
    pub contents: Contents,
    /// The links, where there are several.
    pub links: Vec<LinkStatus>,
    /// What each class has sent over them.
    pub classes: BTreeMap<Class, ClassStatus>,
    /// The centre's clock against this one's, where it is known.
    pub clock: Option<ClockOffset>,
    /// How often the other end of links has begun: as a new centre does.
    pub n_begun: u64,
}

/// Delivers what ambulances measure. Dropping it ends the task; the outbox keeps what is left.
#[derive(Debug)]
pub struct UplinkClient {
    inbox: mpsc::Sender<Parcel>,
    status: watch::Receiver<UplinkStatus>,
    bundles: Option<mpsc::Receiver<Vec<u8>>>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
pub(super) enum Parcel {
    Frames(Vec<Frame>),
    Position(UnitId, Timestamp, Position),
    /// Of another unit.
    Bundle(Vec<u8>),
    /// The centre has these, whatever carried them.
    Stored(UnitId, Vec<(u64, u64)>),
    Outlook(BTreeMap<String, (Millis, Millis)>),
}

impl UplinkClient {
    /// Starts delivering for `units` over a WebSocket, with what the outbox holds of them.
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
        let senders = senders(&outbox, units)?;
        let socket = SocketCarriage::new(centre, senders.len(), silence_max);
        Ok(Self::carry(outbox, senders, Carriage::Socket(Box::new(socket))))
    }

    /// Starts delivering for the unit whose links these are.
    pub fn over_links(links: Links, outbox: Arc<Outbox>) -> Result<Self, StoreError> {
        let mut senders = senders(&outbox, [links.unit().clone()])?;
        for sender in senders.values_mut() {
            sender.on_connected();
            sender.on_paused();
        }
        Ok(Self::carry(outbox, senders, Carriage::Links(Box::new(links))))
    }

    fn carry(outbox: Arc<Outbox>, senders: BTreeMap<UnitId, Sender>, carriage: Carriage) -> Self {
        let (inbox, parcels) = mpsc::channel(INBOX_LEN_MAX);
        let (tell, status) = watch::channel(UplinkStatus::default());
        let mut carrier = Carrier::new(carriage, outbox, senders, tell);
        let (came, bundles) = mpsc::channel(BUNDLES_LEN_MAX);
        carrier.came = Some(came);
        let task = tokio::spawn(carrier.run(parcels));
        Self { inbox, status, bundles: Some(bundles), task }
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

    /// A hand on it for those who carry frames another way.
    pub(crate) fn handle(&self) -> UplinkHandle {
        UplinkHandle { inbox: self.inbox.clone(), status: self.status.clone() }
    }

    /// What comes of bundles; `None` if somebody has taken it.
    pub(crate) fn take_bundles(&mut self) -> Option<mpsc::Receiver<Vec<u8>>> {
        self.bundles.take()
    }

    /// Takes the first hole ahead of each link that has one, by its name: from when until when,
    /// from now. The others have none.
    pub fn outlook(&self, holes: BTreeMap<String, (Millis, Millis)>) {
        // The next one comes in some seconds.
        let _ = self.inbox.try_send(Parcel::Outlook(holes));
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

/// The senders of units, where their outbox left off.
fn senders(
    outbox: &Outbox,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<BTreeMap<UnitId, Sender>, StoreError> {
    let sender = |unit: UnitId| {
        let resume = outbox.resume(&unit)?;
        let held = outbox.held(&unit)?;
        Ok((unit.clone(), Sender::new(unit, held, resume.last)))
    };
    units.into_iter().map(sender).collect()
}

/// What another task has finished.
enum Finished {
    Stored(Vec<Frame>, Result<Kept, StoreError>),
    Loaded(UnitId, Reading, Option<Vec<Frame>>),
    GapsLoaded(UnitId, Reading, Option<Vec<Gap>>),
    Counted(Option<Contents>),
}

struct Carrier {
    carriage: Carriage,
    outbox: Arc<Outbox>,
    senders: BTreeMap<UnitId, Sender>,
    /// Units whose sender may have something to do.
    ready: BTreeSet<UnitId>,
    /// Newest positions that were not sent yet.
    positions: BTreeMap<UnitId, (Timestamp, Position)>,
    unstored: Vec<Frame>,
    is_storing: bool,
    store_at: Instant,
    finish: mpsc::UnboundedSender<Finished>,
    finished: mpsc::UnboundedReceiver<Finished>,
    /// Where bundles go that come.
    came: Option<mpsc::Sender<Vec<u8>>>,
    tell: watch::Sender<UplinkStatus>,
    told_at: Option<Instant>,
    complaint: Option<String>,
    contents: Contents,
    count_at: Instant,
    is_counting: bool,
}

impl Carrier {
    fn new(
        carriage: Carriage,
        outbox: Arc<Outbox>,
        senders: BTreeMap<UnitId, Sender>,
        tell: watch::Sender<UplinkStatus>,
    ) -> Self {
        let (finish, finished) = mpsc::unbounded_channel();
        Self {
            carriage,
            outbox,
            senders,
            ready: BTreeSet::new(),
            positions: BTreeMap::new(),
            unstored: Vec::new(),
            is_storing: false,
            store_at: Instant::now(),
            finish,
            finished,
            came: None,
            tell,
            told_at: None,
            complaint: None,
            contents: Contents::default(),
            count_at: Instant::now(),
            is_counting: false,
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
                carried = self.carriage.turn() => self.hear_all(carried),
                () = tokio::time::sleep(rest) => {}
            }
            self.store();
            self.pause_or_resume();
            self.transmit();
            self.count();
            let carried = self.carriage.flush();
            self.hear_all(carried);
            self.report();
        }
    }

    /// How long there is nothing to do of itself.
    fn rest(&self) -> Duration {
        let wants_store = !self.is_storing && !self.unstored.is_empty();
        let store_in = self.store_at.saturating_duration_since(Instant::now());
        if wants_store { store_in.clamp(Duration::from_millis(1), LOOK_UP) } else { LOOK_UP }
    }

    fn take(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::Frames(mut frames) => {
                self.carriage.set_clock(&mut frames);
                self.unstored.extend(frames);
            }
            Parcel::Position(unit, at, position) => {
                self.positions.insert(unit, (at, position));
            }
            Parcel::Bundle(bundle) => self.carriage.send_bundle(bundle),
            Parcel::Stored(unit, stored) => self.obey(UplinkDown::Ack { unit, stored }),
            Parcel::Outlook(holes) => self.carriage.on_outlook(&holes),
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
            Finished::Stored(frames, Ok(kept)) => {
                self.is_storing = false;
                self.complaint = None;
                for frame in frames {
                    self.push(frame);
                }
                for unit in kept.gave_up {
                    self.on_given_up(unit);
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
            Finished::Loaded(unit, reading, frames) => {
                if let Some(sender) = self.senders.get_mut(&unit) {
                    sender.on_loaded(reading, frames);
                    self.ready.insert(unit);
                }
            }
            Finished::GapsLoaded(unit, reading, gaps) => {
                if let Some(sender) = self.senders.get_mut(&unit) {
                    sender.on_gaps_loaded(reading, gaps);
                    self.ready.insert(unit);
                }
            }
            Finished::Counted(contents) => {
                self.contents = contents.unwrap_or_default();
                self.count_at = Instant::now() + COUNT_EVERY;
                self.is_counting = false;
            }
        }
    }

    fn on_given_up(&mut self, unit: UnitId) {
        if let Some(sender) = self.senders.get_mut(&unit) {
            sender.on_given_up();
            self.ready.insert(unit);
        }
    }

    /// Counts what waits, now and then: it reads an index of the whole outbox.
    fn count(&mut self) {
        if self.is_counting || Instant::now() < self.count_at {
            return;
        }
        self.is_counting = true;
        let (outbox, finish) = (Arc::clone(&self.outbox), self.finish.clone());
        // The task may have ended.
        tokio::task::spawn_blocking(move || {
            drop(finish.send(Finished::Counted(outbox.contents().ok())));
        });
    }

    fn push(&mut self, frame: Frame) {
        let unit = frame.unit.clone();
        if !self.senders.contains_key(&unit) {
            // A unit that was not named at the start: all that it has is this frame and earlier.
            let sender = Sender::new(unit.clone(), Ranges::default(), frame.seq - 1);
            self.carriage.say(&sender.hello());
            self.senders.insert(unit.clone(), sender);
        }
        let sender = self.senders.get_mut(&unit).expect("it was put there if it was not");
        sender.push(frame);
        self.ready.insert(unit);
    }

    fn hear_all(&mut self, carried: Vec<Carried>) {
        for carried in carried {
            self.hear(carried);
        }
    }

    fn hear(&mut self, carried: Carried) {
        match carried {
            Carried::Stands => {
                let hellos: Vec<_> = self.senders.values().map(Sender::hello).collect();
                for hello in &hellos {
                    self.carriage.say(hello);
                }
            }
            Carried::Lost => self.senders.values_mut().for_each(Sender::on_disconnected),
            Carried::Began => {
                self.senders.values_mut().for_each(Sender::on_connected);
                self.ready.extend(self.senders.keys().cloned());
            }
            Carried::Down(down) => self.obey(down),
            // Who waits for it asks again.
            Carried::Bundle(bundle) => {
                drop(self.came.as_ref().map(|came| came.try_send(bundle)));
            }
            Carried::Complaint(what) => self.complain(what),
        }
    }

    fn obey(&mut self, down: UplinkDown) {
        match down {
            UplinkDown::Welcome { unit } => {
                self.carriage.on_welcome();
                if let Some(sender) = self.senders.get_mut(&unit) {
                    sender.on_connected();
                    self.ready.insert(unit);
                }
            }
            UplinkDown::Ack { unit, stored } => {
                for (first, last) in stored {
                    self.on_stored(&unit, first, last);
                }
                self.ready.insert(unit);
            }
            UplinkDown::Refused { error, .. } => self.complain(error),
        }
    }

    fn on_stored(&mut self, unit: &UnitId, first: u64, last: u64) {
        let Some(sender) = self.senders.get_mut(unit) else { return };
        match sender.on_stored(first, last) {
            Ok(()) => self.carriage.on_stored(unit, first, last),
            Err(error) => self.complain(error.to_string()),
        }
    }

    fn complain(&mut self, what: String) {
        tracing::error!(what, "the centre and this uplink do not fit");
        self.complaint = Some(what);
    }

    /// While nobody is reached, what is new stays in the outbox.
    fn pause_or_resume(&mut self) {
        let is_open = self.carriage.is_open();
        for (unit, sender) in &mut self.senders {
            if is_open && sender.is_paused() {
                sender.on_resumed();
                self.ready.insert(unit.clone());
            } else if !is_open && !sender.is_paused() {
                sender.on_paused();
            }
        }
    }

    /// Sends what the senders have, as far as the network takes it.
    fn transmit(&mut self) {
        self.transmit_positions();
        for unit in self.ready.clone() {
            if self.transmit_of(&unit) {
                self.ready.remove(&unit);
            }
        }
    }

    /// Whether a unit has nothing more to send.
    fn transmit_of(&mut self, unit: &UnitId) -> bool {
        while self.carriage.has_room() {
            let sender = self.senders.get_mut(unit);
            let Some(output) = sender.and_then(Sender::poll_output) else { return true };
            match output {
                SenderOutput::Transmit { frames, is_backfill } => {
                    let refused = self.carriage.send(frames, is_backfill);
                    let sender = self.senders.get_mut(unit).expect("it was asked above");
                    for frame in &refused {
                        sender.on_refused(frame);
                    }
                    if !refused.is_empty() {
                        // It is read again when something was stored, or is new.
                        return true;
                    }
                }
                SenderOutput::GiveUp { gaps } => {
                    if !self.carriage.give_up(unit, &gaps) {
                        let sender = self.senders.get_mut(unit).expect("it was asked above");
                        sender.on_gaps_refused(&gaps);
                        return true;
                    }
                }
                SenderOutput::Load(reading) => self.load(unit.clone(), reading),
                SenderOutput::Forget { from, to } => self.outbox.forget(unit.clone(), from, to),
            }
        }
        false
    }

    fn transmit_positions(&mut self) {
        while self.carriage.is_open() && self.carriage.has_room() {
            let Some((unit, (at, position))) = self.positions.pop_first() else { return };
            self.carriage.say(&UplinkUp::Position { unit, at, position });
        }
    }

    fn load(&self, unit: UnitId, reading: Reading) {
        let (outbox, finish) = (Arc::clone(&self.outbox), self.finish.clone());
        let asked = unit.clone();
        tokio::spawn(async move {
            let finished = if reading.portion == Portion::Gaps {
                let gaps = read(move || outbox.read_gaps(&asked, reading.after, reading.limit));
                Finished::GapsLoaded(unit, reading, gaps.await)
            } else {
                let frames = read(move || outbox.read_portion(&asked, reading));
                Finished::Loaded(unit, reading, frames.await)
            };
            // The task may have ended.
            drop(finish.send(finished));
        });
    }

    fn report(&mut self) {
        let stored: u64 = self.senders.values().map(Sender::backlog).sum();
        let is_taken = |sender: &Sender| sender.is_connected() && !sender.is_paused();
        let mut status = UplinkStatus {
            is_connected: self.senders.values().any(is_taken),
            backlog: stored + self.unstored.len() as u64,
            complaint: self.complaint.clone(),
            n_unstored: self.unstored.len(),
            contents: self.contents.clone(),
            ..self.tell.borrow().clone()
        };
        if self.told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
            self.told_at = Some(Instant::now());
            self.carriage.tell(&mut status);
        }
        self.tell.send_if_modified(|known| {
            let is_news = *known != status;
            *known = status;
            is_news
        });
    }
}

/// Reads the outbox; `None` if it cannot be read, after a pause.
async fn read<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Option<T> {
    match tokio::task::spawn_blocking(ask).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            tracing::error!(%error, "the outbox could not be read; it is tried again");
            tokio::time::sleep(STORE_AGAIN).await;
            None
        }
        // It panics nowhere, and the runtime ends after its tasks.
        Err(_) => None,
    }
}
