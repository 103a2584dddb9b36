//! The ambulance's end: a connection on each link, made again for ever, and the session over them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use ems_bundle::is_bundle;
use ems_model::{ClockOffset, Frame, Millis, Timestamp, UnitId};
use ems_uplink::{Class, LinkReport, PacketError, UplinkDown, UplinkUp};
use quinn::{ClientConfig, Connection, Endpoint, TokioRuntime};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::certificates::{CENTRE_NAME, CertificateError, Credentials};
use super::greeting::Greeting;
use super::joint::{Heard, Joint, LINKS_MAX};
use super::marked::Marked;
use super::socket::LinkSpec;
use super::transport::unit_endpoint;
use super::{quic, slices};
use crate::client::connection::Pauses;
use crate::clock::Clock;

/// How long a connection may take to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Datagrams that wait for the session; more are lost.
const WAITING_LEN_MAX: usize = 4096;
/// While no link has answered for so long, what is new stays in the outbox.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// What may wait of a class in the session, in bytes: more stays in the outbox.
const LIVE_BYTES_MAX: usize = 64 << 10;
const BACKFILL_BYTES_MAX: usize = 2 << 20;
/// Frames whose answer is awaited with the time at which they went.
const AWAITED_LEN_MAX: usize = 4096;

/// How a link is.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkStatus {
    /// What people call it.
    pub name: String,
    /// Where it begins: an address or an interface.
    pub from: String,
    /// `None` while no connection stands.
    pub report: Option<LinkReport>,
    /// Why the last connection ended, or could not be made; `None` while one stands.
    pub complaint: Option<String>,
}

/// What a class has sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassStatus {
    /// The bytes that wait to be sent or acknowledged.
    pub n_waiting_bytes: usize,
    /// Frames given to the session.
    pub n_sent: u64,
    /// Frames whose durable answer took longer than the class's deadline.
    pub n_late: u64,
}

/// The links of a unit, with the session over them.
#[derive(Debug)]
pub struct Links {
    unit: UnitId,
    joint: Joint,
    epoch: Arc<AtomicI64>,
    specs: Vec<LinkSpec>,
    complaints: Vec<Option<String>>,
    events: mpsc::Receiver<Event>,
    /// When a link last answered.
    heard_at: Option<Instant>,
    classes: BTreeMap<Class, ClassStatus>,
    awaited: BTreeMap<u64, (Class, Timestamp)>,
    clock: Clock,
    has_begun_anew: bool,
    n_begun: u64,
    _tasks: JoinSet<()>,
}

/// What the links tell their host.
#[derive(Debug)]
pub(crate) enum Told {
    /// The centre says something.
    Down(UplinkDown),
    /// The centre has begun anew.
    Began,
    /// A bundle came.
    Bundle(Vec<u8>),
    /// Something that cannot be understood.
    Complaint(String),
}

#[derive(Debug)]
enum Event {
    Up(u8, Connection),
    Datagram(u8, Bytes),
    Down(u8, Option<usize>, String),
}

impl Links {
    /// Starts connecting `unit` to a centre's uplink port over each of up to 8 links.
    ///
    /// The centre is `HOST:PORT`; `clock` is the one that the unit's frames are measured by.
    ///
    /// # Panics
    /// If there is no link, or more than 8.
    pub fn start(
        unit: &UnitId,
        centre: &str,
        specs: Vec<LinkSpec>,
        credentials: Credentials,
        clock: Clock,
    ) -> Result<Self, CertificateError> {
        assert!((1..=LINKS_MAX).contains(&specs.len()), "a unit has 1 to {LINKS_MAX} links");
        let config = quic::client(credentials)?;
        let joint = Joint::new(clock.clone());
        let epoch = Arc::new(AtomicI64::new(joint.began_at().as_micros()));
        let (tell, events) = mpsc::channel(WAITING_LEN_MAX);
        let mut tasks = JoinSet::new();
        for (link, spec) in (0..).zip(&specs) {
            let dialler = Dialler {
                unit: unit.clone(),
                epoch: Arc::clone(&epoch),
                link,
                centre: centre.to_owned(),
                spec: spec.clone(),
                config: config.clone(),
            };
            tasks.spawn(dialler.run(tell.clone()));
        }
        Ok(Self {
            unit: unit.clone(),
            joint,
            epoch,
            complaints: vec![None; specs.len()],
            specs,
            events,
            heard_at: None,
            classes: BTreeMap::new(),
            awaited: BTreeMap::new(),
            clock,
            has_begun_anew: false,
            n_begun: 0,
            _tasks: tasks,
        })
    }

    /// Whose they are.
    pub(crate) fn unit(&self) -> &UnitId {
        &self.unit
    }

    /// Waits for something to do, and does it. It may be left off at any time.
    pub(crate) async fn turn(&mut self) -> Vec<Told> {
        let rest = self.joint.rest();
        tokio::select! {
            event = self.events.recv() => if let Some(event) = event {
                self.take(event);
                while let Ok(event) = self.events.try_recv() {
                    self.take(event);
                }
            },
            () = tokio::time::sleep(rest) => {}
        }
        self.flush()
    }

    /// Sends what may go, and gives what came.
    pub(crate) fn flush(&mut self) -> Vec<Told> {
        let heard = self.joint.turn();
        if self.joint.is_heard() {
            self.heard_at = Some(Instant::now());
        }
        let began = std::mem::take(&mut self.has_begun_anew).then_some(Told::Began);
        if began.is_some() || heard.contains(&Heard::Began) {
            // What went before goes again.
            self.awaited.clear();
            self.n_begun += 1;
        }
        began.into_iter().chain(heard.into_iter().map(Self::told)).collect()
    }

    /// Whether what is new should be given to the links, rather than wait in the outbox.
    pub(crate) fn is_open(&self) -> bool {
        self.joint.is_heard() || self.joint.has_connection() && self.was_heard_lately()
    }

    fn was_heard_lately(&self) -> bool {
        self.heard_at.is_some_and(|at| at.elapsed() < SILENCE_MAX)
    }

    /// Sends a frame, or gives it back where there is no room.
    pub(crate) fn send(&mut self, frame: Frame, is_backfill: bool) -> Option<Frame> {
        let class = if is_backfill { Class::Backfill } else { Class::of(&frame.body) };
        let seq = frame.seq;
        let message = UplinkUp::Frames { frames: vec![frame] };
        if !self.push(class, &message) {
            let UplinkUp::Frames { mut frames } = message else { return None };
            return frames.pop();
        }
        if self.awaited.len() < AWAITED_LEN_MAX {
            self.awaited.insert(seq, (class, self.clock.now()));
        }
        None
    }

    /// Tells what was given up, or says that there is no room.
    pub(crate) fn give_up(&mut self, message: &UplinkUp) -> bool {
        self.push(Class::Backfill, message)
    }

    /// Sends what is not numbered, if there is room.
    pub(crate) fn say(&mut self, message: &UplinkUp) {
        // The next one comes soon.
        let _ = self.push(Class::Vitals, message);
    }

    /// Sends a bundle of another unit behind everything else, unless one waits to be sent.
    pub(crate) fn send_bundle(&mut self, bundle: Vec<u8>) {
        if self.joint.n_waiting_bytes(Class::Bulk) > 0 {
            return;
        }
        if let Err(error) = self.joint.push(Class::Bulk, bundle) {
            tracing::warn!(%error, "a bundle stays on the shelf");
        }
    }

    /// The centre has stored the frames `first..=last`.
    pub(crate) fn on_stored(&mut self, first: u64, last: u64) {
        let now = self.clock.now();
        let later = self.awaited.split_off(&last.saturating_add(1));
        let answered = self.awaited.split_off(&first);
        self.awaited.extend(later);
        for (class, sent_at) in answered.into_values() {
            let is_late = now.micros_since(sent_at) > class.traits().deadline;
            self.classes.entry(class).or_default().n_late += u64::from(is_late);
        }
    }

    /// Takes the first hole ahead of each link that has one, from now.
    pub(crate) fn on_outlook(&mut self, holes: &BTreeMap<String, (Millis, Millis)>) {
        let now = self.clock.now();
        for (link, spec) in (0..).zip(&self.specs) {
            let hole = holes.get(&spec.name).map(|(from, until)| (now + *from, now + *until));
            self.joint.on_outlook(link, hole);
        }
    }

    /// How each link is.
    pub(crate) fn links(&self) -> Vec<LinkStatus> {
        let of = |(idx, (spec, complaint)): (u8, (&LinkSpec, &Option<String>))| LinkStatus {
            name: spec.name.clone(),
            from: spec.from.to_string(),
            report: self.joint.report(idx),
            complaint: complaint.clone(),
        };
        (0..).zip(self.specs.iter().zip(&self.complaints)).map(of).collect()
    }

    /// How often the centre has begun.
    pub(crate) fn n_begun(&self) -> u64 {
        self.n_begun
    }

    /// The centre's clock against this one's; `None` before the first answer.
    pub(crate) fn clock(&self) -> Option<ClockOffset> {
        self.joint.clock()
    }

    /// The same at a time of this end's clock, which its host must share.
    pub(crate) fn clock_at(&self, at: Timestamp) -> Option<ClockOffset> {
        self.joint.clock_at(at)
    }

    /// What each class that was used has sent.
    pub(crate) fn classes(&self) -> BTreeMap<Class, ClassStatus> {
        let with_queue = |(class, status): (&Class, &ClassStatus)| {
            let n_waiting_bytes = self.joint.n_waiting_bytes(*class);
            (*class, ClassStatus { n_waiting_bytes, ..*status })
        };
        self.classes.iter().map(with_queue).collect()
    }

    fn push(&mut self, class: Class, message: &UplinkUp) -> bool {
        let limit = if class == Class::Backfill { BACKFILL_BYTES_MAX } else { LIVE_BYTES_MAX };
        let text = message.to_json().into_bytes();
        if self.joint.n_waiting_bytes(class) + text.len() > limit {
            return false;
        }
        if let Err(error) = self.joint.push(class, text) {
            tracing::warn!(%error, "a frame waits in the outbox");
            return false;
        }
        self.classes.entry(class).or_default().n_sent += 1;
        true
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Up(link, connection) => {
                self.complaints[usize::from(link)] = None;
                self.joint.up(link, connection);
            }
            Event::Datagram(link, bytes) => match self.joint.hear(link, &bytes) {
                Ok(()) => {}
                Err(PacketError::OldEpoch { .. }) => self.begin_anew(),
                Err(error) => tracing::debug!(link, %error, "a packet was not taken"),
            },
            Event::Down(link, connection, why) => {
                tracing::info!(link = self.specs[usize::from(link)].name, why, "a link is down");
                self.complaints[usize::from(link)] = Some(why);
                if let Some(connection) = connection {
                    self.joint.down(link, connection);
                }
            }
        }
    }

    /// The centre's clock went back while it was away. Its packets are authenticated, so the
    /// earlier epoch is the newer one.
    fn begin_anew(&mut self) {
        self.joint.close("the centre's clock went back");
        self.joint = Joint::new(self.clock.clone());
        self.epoch.store(self.joint.began_at().as_micros(), Ordering::Relaxed);
        self.has_begun_anew = true;
    }

    fn told(heard: Heard) -> Told {
        match heard {
            Heard::Began => Told::Began,
            Heard::Frame(bytes) if is_bundle(&bytes) => Told::Bundle(bytes),
            Heard::Frame(bytes) => match UplinkDown::from_json(&bytes) {
                Ok(down) => Told::Down(down),
                Err(error) => Told::Complaint(error.to_string()),
            },
        }
    }
}

/// Keeps a link's connection.
#[derive(Debug)]
struct Dialler {
    unit: UnitId,
    /// When the session began.
    epoch: Arc<AtomicI64>,
    link: u8,
    centre: String,
    spec: LinkSpec,
    config: ClientConfig,
}

impl Dialler {
    async fn run(self, tell: mpsc::Sender<Event>) {
        let link = self.link;
        let mut pauses = Pauses::default();
        while !tell.is_closed() {
            let (connection, why) = match self.connect().await {
                Ok((_endpoint, connection)) => {
                    let began = Instant::now();
                    let id = connection.stable_id();
                    if tell.send(Event::Up(link, connection.clone())).await.is_err() {
                        return;
                    }
                    let why = read(link, &connection, &tell).await;
                    // One that is refused at once is not asked again at once.
                    if began.elapsed() > CONNECT_WITHIN {
                        pauses.on_success();
                    }
                    (Some(id), why)
                }
                Err(why) => (None, why),
            };
            if tell.send(Event::Down(link, connection, why)).await.is_err() {
                return;
            }
            tokio::time::sleep(pauses.next()).await;
        }
    }

    /// A socket of its own for each attempt: an interface that comes back has a new address.
    async fn connect(&self) -> Result<(Endpoint, Connection), String> {
        let centre = self.resolve().await?;
        let from = &self.spec.from;
        let socket = from
            .bind(centre, slices::mark())
            .and_then(Marked::new)
            .map_err(|error| format!("{from} cannot be used: {error}"))?;
        let (config, runtime) = (unit_endpoint(), Arc::new(TokioRuntime));
        let endpoint = Endpoint::new_with_abstract_socket(config, None, Arc::new(socket), runtime)
            .map_err(|error| error.to_string())?;
        let connecting = endpoint
            .connect_with(self.config.clone(), centre, CENTRE_NAME)
            .map_err(|error| error.to_string())?;
        let connected = tokio::time::timeout(CONNECT_WITHIN, async {
            let connection = connecting.await.map_err(|error| error.to_string())?;
            self.greeting().send(&connection).await?;
            Ok::<_, String>(connection)
        });
        match connected.await {
            Ok(connection) => Ok((endpoint, connection?)),
            Err(_) => Err(format!("no answer from {centre} in {CONNECT_WITHIN:?}")),
        }
    }

    /// Asked each time: names are looked up again when a network is back.
    async fn resolve(&self) -> Result<SocketAddr, String> {
        let found = tokio::net::lookup_host(&self.centre).await;
        let mut found = found.map_err(|error| format!("{}: {error}", self.centre))?;
        let address = found.find(|address| self.spec.from.reaches(address));
        address.ok_or_else(|| {
            format!("{} has no address that {} reaches", self.centre, self.spec.from)
        })
    }

    fn greeting(&self) -> Greeting {
        let epoch = self.epoch.load(Ordering::Relaxed);
        Greeting { unit: self.unit.clone(), epoch, link: self.link, name: self.spec.name.clone() }
    }
}

/// Passes on what comes until the connection ends; says why it did.
async fn read(link: u8, connection: &Connection, tell: &mpsc::Sender<Event>) -> String {
    loop {
        match connection.read_datagram().await {
            // What finds no room is lost, as on any link.
            Ok(bytes) => drop(tell.try_send(Event::Datagram(link, bytes))),
            Err(error) => return quic::reason(&error),
        }
    }
}
