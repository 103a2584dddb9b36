//! A session with the connections that carry it.

use std::time::Duration;

use axum::body::Bytes;
use ems_model::{ClockOffset, Timestamp};
use ems_uplink::{
    Class, LinkId, LinkReport, LinkStanding, PacketError, PushError, Session, SessionOutput,
};
use quinn::Connection;

use crate::clock::Clock;

/// The most links of a session.
pub(super) const LINKS_MAX: usize = 8;

/// One end of a session over QUIC.
#[derive(Debug)]
pub(super) struct Joint {
    session: Session,
    began_at: Timestamp,
    clock: Clock,
    connections: [Option<Connection>; LINKS_MAX],
}

/// What a session has for its host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Frame(Vec<u8>),
    /// The other end has begun anew.
    Began,
}

impl Joint {
    pub(super) fn new(clock: Clock) -> Self {
        let began_at = clock.now();
        let connections = [const { None }; LINKS_MAX];
        Self { session: Session::new(began_at), began_at, clock, connections }
    }

    /// When it began: its epoch.
    pub(super) fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// A connection carries a link from now on; the one that did is closed.
    pub(super) fn up(&mut self, link: u8, connection: Connection) {
        if let Some(old) = self.connections[usize::from(link)].replace(connection) {
            old.close(0u32.into(), b"another connection carries the link");
        }
        self.session.on_link_up(self.clock.now(), LinkId(link));
    }

    /// A connection is gone; another one may carry its link by now.
    pub(super) fn down(&mut self, link: u8, connection: usize) {
        let slot = &mut self.connections[usize::from(link)];
        if slot.as_ref().is_some_and(|known| known.stable_id() == connection) {
            *slot = None;
            self.session.on_link_down(self.clock.now(), LinkId(link));
        }
    }

    /// Takes a datagram of a link.
    pub(super) fn hear(&mut self, link: u8, bytes: &[u8]) -> Result<(), PacketError> {
        self.session.on_packet(self.clock.now(), LinkId(link), bytes)
    }

    pub(super) fn push(&mut self, class: Class, bytes: Vec<u8>) -> Result<(), PushError> {
        self.session.push(self.clock.now(), class, bytes)
    }

    /// Does what time asks for, sends what may go, and gives what came.
    pub(super) fn turn(&mut self) -> Vec<Heard> {
        let now = self.clock.now();
        self.session.on_wake(now);
        let mut heard = Vec::new();
        while let Some(output) = self.session.poll_output(now) {
            match output {
                SessionOutput::Packet { link, bytes } => self.send(link, bytes),
                SessionOutput::Frame { bytes, .. } => heard.push(Heard::Frame(bytes)),
                SessionOutput::PeerBegan { .. } => heard.push(Heard::Began),
            }
        }
        heard
    }

    /// A hole is foretold for a link, or none is any more.
    pub(super) fn on_outlook(&mut self, link: u8, hole: Option<(Timestamp, Timestamp)>) {
        self.session.on_outlook(LinkId(link), hole);
    }

    /// How long there is nothing to do of itself.
    pub(super) fn rest(&self) -> Duration {
        let wake = self.session.next_wake().map(|(at, _)| self.clock.until(at));
        wake.unwrap_or(Duration::from_secs(1))
    }

    /// Whether some link answers.
    pub(super) fn is_heard(&self) -> bool {
        (0..8).filter_map(|link| self.report(link)).any(|it| it.standing == LinkStanding::Good)
    }

    /// Whether a connection is there.
    pub(super) fn has_connection(&self) -> bool {
        self.connections.iter().flatten().next().is_some()
    }

    pub(super) fn report(&self, link: u8) -> Option<LinkReport> {
        self.session.link_report(LinkId(link))
    }

    /// The other end's clock against this one's; `None` before the first answer.
    pub(super) fn clock(&self) -> Option<ClockOffset> {
        self.clock_at(self.clock.now())
    }

    /// The same at a time of this end's clock.
    pub(super) fn clock_at(&self, at: Timestamp) -> Option<ClockOffset> {
        self.session.clock().offset(at)
    }

    pub(super) fn n_waiting_bytes(&self, class: Class) -> usize {
        self.session.n_waiting_bytes(class)
    }

    /// Ends all connections and tells why.
    pub(super) fn close(&mut self, why: &str) {
        for connection in self.connections.iter_mut().filter_map(Option::take) {
            connection.close(1u32.into(), why.as_bytes());
        }
    }

    fn send(&self, link: LinkId, bytes: Vec<u8>) {
        let Some(connection) = &self.connections[usize::from(link.0)] else { return };
        if let Err(error) = connection.send_datagram(Bytes::from(bytes)) {
            // It counts as lost; a connection that is gone is told by the task that reads it.
            tracing::trace!(link = link.0, %error, "a datagram was not sent");
        }
    }
}
