//! The centre's end: connections of many units are gathered into one session a unit.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use ems_bundle::is_bundle;
use ems_model::{Frame, FrameBody, Gap, UnitId};
use ems_uplink::{Class, Ranges, UplinkDown, UplinkUp};
use quinn::{Connection, Endpoint, Incoming, TokioRuntime};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::carried::Carried;
use super::certificates::{CertificateError, Credentials};
use super::greeting::Greeting;
use super::joint::{Heard, Joint};
use super::quic;
use crate::clock::Clock;
use crate::server::intake::{self, IN_FLIGHT_MAX, Stored};
use crate::server::{App, stopped};

/// Connections of one port at most; units have up to 8 each.
const CONNECTIONS_MAX: usize = 8192;
/// From here on strangers must show that they can be reached at their address (RFC 9000, section
/// 8.1.2).
const UNSURE_ABOVE: usize = 1024;
/// How long a handshake with its greeting may take.
const GREET_WITHIN: Duration = Duration::from_secs(5);
/// Datagrams of a unit that wait for its session; more are lost.
const WAITING_LEN_MAX: usize = 1024;
/// A session without a connection is forgotten after so long.
const LINGER: Duration = Duration::from_mins(10);
/// Answers wait for each other while so many bytes of them are under way.
const ANSWERS_BYTES_MAX: usize = 4096;
/// Ranges of one answer at most.
const RANGES_MAX: usize = 64;

/// The port on which a centre hears units' links. Dropping it closes it.
#[derive(Debug)]
pub struct UplinkPort {
    endpoint: Endpoint,
    address: SocketAddr,
}

impl UplinkPort {
    /// Listens on a UDP socket.
    pub(crate) fn listen(
        app: App,
        socket: UdpSocket,
        credentials: Credentials,
    ) -> Result<Self, CertificateError> {
        let (config, server) = quic::server(credentials)?;
        let refused = |error: std::io::Error| CertificateError::Refused(error.to_string());
        let address = socket.local_addr().map_err(refused)?;
        let endpoint = Endpoint::new(config, Some(server), socket, Arc::new(TokioRuntime));
        let endpoint = endpoint.map_err(refused)?;
        tokio::spawn(accept(
            Gatherer { app, clock: Clock::system(), units: Arc::default() },
            endpoint.clone(),
        ));
        Ok(Self { endpoint, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for UplinkPort {
    fn drop(&mut self) {
        self.endpoint.close(0u32.into(), b"the centre stops");
    }
}

/// Units by name, each with the way to its session.
type Units = Arc<Mutex<BTreeMap<UnitId, mpsc::Sender<Event>>>>;

#[derive(Debug, Clone)]
struct Gatherer {
    app: App,
    /// The sessions' time is the world's, however fast the centre's runs.
    clock: Clock,
    units: Units,
}

#[derive(Debug)]
enum Event {
    Up(Greeting, Connection),
    Datagram(u8, Bytes),
    Down(u8, usize),
}

async fn accept(gatherer: Gatherer, endpoint: Endpoint) {
    let stopped = stopped(gatherer.app.shutdown.clone());
    tokio::pin!(stopped);
    loop {
        let incoming = tokio::select! {
            incoming = endpoint.accept() => incoming,
            () = &mut stopped => None,
        };
        let Some(incoming) = incoming else { break };
        let n_open = endpoint.open_connections();
        if n_open >= CONNECTIONS_MAX {
            incoming.refuse();
        } else if n_open >= UNSURE_ABOVE && !incoming.remote_address_validated() {
            // It may be gone already.
            let _ = incoming.retry();
        } else {
            tokio::spawn(gatherer.clone().receive(incoming));
        }
    }
    endpoint.close(0u32.into(), b"the centre stops");
}

impl Gatherer {
    /// Lets a connection in, if it is of the unit that it says.
    async fn receive(self, incoming: Incoming) {
        let from = incoming.remote_address();
        let connection = match timeout(GREET_WITHIN, async { incoming.await }).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return tracing::warn!(%from, %error, "a link was refused"),
            Err(_) => return tracing::debug!(%from, "a handshake took too long"),
        };
        match timeout(GREET_WITHIN, Greeting::of(&connection)).await {
            Ok(Ok(greeting)) => self.join(greeting, connection).await,
            Ok(Err(why)) => {
                tracing::warn!(%from, why, "a link was refused");
                connection.close(1u32.into(), why.as_bytes());
            }
            Err(_) => connection.close(1u32.into(), b"no greeting came in time"),
        }
    }

    async fn join(&self, greeting: Greeting, connection: Connection) {
        let (link, id) = (greeting.link, connection.stable_id());
        tracing::info!(unit = %greeting.unit, link = greeting.name, "a link is up");
        let tell = self.session_of(&greeting.unit);
        let gauge = &self.app.centre.metrics().uplink_clients;
        gauge.inc();
        if tell.send(Event::Up(greeting, connection.clone())).await.is_ok() {
            loop {
                match connection.read_datagram().await {
                    // What finds no room is lost, as on any link.
                    Ok(bytes) => drop(tell.try_send(Event::Datagram(link, bytes))),
                    Err(_) => break drop(tell.send(Event::Down(link, id)).await),
                }
            }
        }
        connection.close(0u32.into(), b"");
        gauge.dec();
    }

    /// The way to a unit's session, which begins if there is none.
    fn session_of(&self, unit: &UnitId) -> mpsc::Sender<Event> {
        // The map is whole whatever panicked.
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tell) = units.get(unit).filter(|tell| !tell.is_closed()) {
            return tell.clone();
        }
        units.retain(|_, tell| !tell.is_closed());
        let (tell, events) = mpsc::channel(WAITING_LEN_MAX);
        tokio::spawn(
            UnitSession::new(self.app.clone(), self.clock.clone(), unit.clone()).run(events),
        );
        units.insert(unit.clone(), tell.clone());
        tell
    }
}

/// A unit's session.
struct UnitSession {
    app: App,
    clock: Clock,
    unit: UnitId,
    /// The unit's epoch, and this end of the session with it.
    joint: Option<(i64, Joint)>,
    /// What is stored and was not told.
    untold: Ranges,
    n_in_flight: usize,
    /// Bundles that it carries for other units.
    carried: Carried,
    /// Counts sessions, so that what an earlier one stored is told apart.
    n_sessions: u64,
    finish: mpsc::UnboundedSender<(u64, Result<Stored, String>)>,
    finished: mpsc::UnboundedReceiver<(u64, Result<Stored, String>)>,
}

impl UnitSession {
    fn new(app: App, clock: Clock, unit: UnitId) -> Self {
        let (finish, finished) = mpsc::unbounded_channel();
        let untold = Ranges::default();
        Self {
            app,
            clock,
            unit,
            joint: None,
            untold,
            n_in_flight: 0,
            carried: Carried::default(),
            n_sessions: 0,
            finish,
            finished,
        }
    }

    async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        let stopped = stopped(self.app.shutdown.clone());
        tokio::pin!(stopped);
        loop {
            let rest = self.joint.as_ref().map_or(LINGER, |(_, joint)| {
                if joint.has_connection() { joint.rest() } else { LINGER }
            });
            let result = tokio::select! {
                event = events.recv(), if self.n_in_flight < IN_FLIGHT_MAX => match event {
                    Some(event) => { self.take(event); Ok(()) }
                    None => return,
                },
                Some((session, stored)) = self.finished.recv() => {
                    self.on_stored(session, stored).await
                }
                receipt = self.carried.receipt() => { self.tell_receipt(receipt); Ok(()) }
                () = tokio::time::sleep(rest) => {
                    let is_idle = self.joint.as_ref().is_none_or(|(_, it)| !it.has_connection());
                    if is_idle && events.is_empty() {
                        return;
                    }
                    Ok(())
                }
                () = &mut stopped => return,
            };
            if let Err(why) = result.and_then(|()| self.turn()) {
                self.end(&why);
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Up(greeting, connection) => self.up(&greeting, connection),
            Event::Datagram(link, bytes) => {
                let Some((_, joint)) = &mut self.joint else { return };
                if let Err(error) = joint.hear(link, &bytes) {
                    tracing::debug!(unit = %self.unit, link, %error, "a packet was not taken");
                }
            }
            Event::Down(link, connection) => {
                if let Some((_, joint)) = &mut self.joint {
                    joint.down(link, connection);
                }
            }
        }
    }

    /// A link is up. A unit that has begun anew gets a new session: the newest counts.
    fn up(&mut self, greeting: &Greeting, connection: Connection) {
        if self.joint.as_ref().is_none_or(|(epoch, _)| *epoch != greeting.epoch) {
            self.end("the unit has begun anew");
            self.joint = Some((greeting.epoch, Joint::new(self.clock.clone())));
        }
        if let Some((_, joint)) = &mut self.joint {
            joint.up(greeting.link, connection);
        }
    }

    /// Sends what may go and takes what came. The error is for the gateway.
    fn turn(&mut self) -> Result<(), String> {
        let Some((_, joint)) = &mut self.joint else { return Ok(()) };
        for heard in joint.turn() {
            // A unit that has begun anew says so when it greets.
            let Heard::Frame(bytes) = heard else { continue };
            self.hear(bytes)?;
        }
        self.tell_stored();
        Ok(())
    }

    fn hear(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        if is_bundle(&bytes) {
            self.carried.take(&self.app, &self.unit, bytes);
            return Ok(());
        }
        match UplinkUp::from_json(&bytes).map_err(|error| error.to_string())? {
            UplinkUp::Hello { unit, protocol } if !intake::understands(protocol) => {
                Err(intake::other_protocol(&unit, protocol))
            }
            UplinkUp::Hello { unit, .. } => self.check(&unit),
            UplinkUp::Frames { frames } => {
                frames.iter().try_for_each(|frame| self.check(&frame.unit))?;
                self.store(frames);
                Ok(())
            }
            UplinkUp::GivenUp { unit, gaps } => {
                self.check(&unit)?;
                self.note_gaps(gaps);
                Ok(())
            }
            UplinkUp::Position { unit, at, position } => {
                self.check(&unit)?;
                self.app.centre.positions(vec![(unit, at, position)]);
                Ok(())
            }
        }
    }

    fn check(&self, unit: &UnitId) -> Result<(), String> {
        if *unit == self.unit {
            return Ok(());
        }
        Err(format!("unit {} speaks for unit {unit}: give each gateway its own --unit", self.unit))
    }

    /// Stores frames. An alarm waits to be an event; nothing else waits for it.
    fn store(&mut self, frames: Vec<Frame>) {
        if frames.is_empty() {
            return;
        }
        self.n_in_flight += 1;
        let session = self.n_sessions;
        let (finish, app) = (self.finish.clone(), self.app.clone());
        let is_alarm = |frame: &Frame| matches!(frame.body, FrameBody::Alarm { .. });
        if !frames.iter().any(is_alarm) {
            return intake::store(&app, frames, move |stored| {
                drop(finish.send((session, Ok(stored))));
            });
        }
        tokio::spawn(async move {
            match intake::tell_alarms(&app, &frames).await {
                Ok(()) => intake::store(&app, frames, move |stored| {
                    drop(finish.send((session, Ok(stored))));
                }),
                Err(why) => drop(finish.send((session, Err(why)))),
            }
        });
    }

    fn note_gaps(&mut self, gaps: Vec<Gap>) {
        self.n_in_flight += 1;
        let (finish, session) = (self.finish.clone(), self.n_sessions);
        intake::note_gaps(&self.app, self.unit.clone(), gaps, move |stored| {
            drop(finish.send((session, Ok(stored))));
        });
    }

    async fn on_stored(
        &mut self,
        session: u64,
        stored: Result<Stored, String>,
    ) -> Result<(), String> {
        self.n_in_flight -= 1;
        let shown = match stored {
            Ok(stored) => intake::show(&self.app, stored).await,
            Err(why) => Err(why),
        };
        // What an earlier session did not store goes again in this one.
        if session != self.n_sessions {
            return Ok(());
        }
        for (_, first, last) in shown? {
            self.untold.insert(first, last);
        }
        Ok(())
    }

    /// The receipt of a bundle, for whoever it is.
    fn tell_receipt(&mut self, receipt: Vec<u8>) {
        let Some((_, joint)) = &mut self.joint else { return };
        if let Err(error) = joint.push(Class::Command, receipt) {
            tracing::warn!(unit = %self.unit, %error, "a receipt was not sent");
        }
    }

    /// Tells what is stored, many numbers at once where answers are slow.
    fn tell_stored(&mut self) {
        let Some((_, joint)) = &mut self.joint else { return };
        let mut is_any = false;
        while !self.untold.is_empty() && joint.n_waiting_bytes(Class::Command) < ANSWERS_BYTES_MAX {
            let ranges: Vec<_> =
                std::iter::from_fn(|| self.untold.pop_first()).take(RANGES_MAX).collect();
            let ack = UplinkDown::Ack { unit: self.unit.clone(), stored: ranges.clone() };
            if joint.push(Class::Command, ack.to_json().into_bytes()).is_err() {
                for (first, last) in ranges {
                    self.untold.insert(first, last);
                }
                break;
            }
            is_any = true;
        }
        if is_any {
            // Nothing comes of it that was not taken before.
            let heard = joint.turn();
            debug_assert!(heard.is_empty(), "frames come with packets only");
        }
    }

    /// Ends the session and its connections: the unit connects anew and sends again.
    fn end(&mut self, why: &str) {
        if let Some((_, mut joint)) = self.joint.take() {
            tracing::warn!(unit = %self.unit, why, "a unit's session ends");
            joint.close(why);
        }
        self.n_sessions += 1;
        self.untold.clear();
    }
}
