//! QUIC over one link at a time, by `quinn-proto`.

use std::sync::Arc;
use std::time::Duration;

use ems_model::{Micros, Timestamp};
use quinn_proto::{
    AckFrequencyConfig, ClientConfig, Dir, EndpointConfig, IdleTimeout, ServerConfig, StreamId,
    TransportConfig, VarInt,
};

use super::end::End;
use super::road::DAWN;
use super::tls::{CENTRE, Clock, Identity, address};
use super::{Inbox, Side, Streams, Transport};

/// How long a host that knows both links waits for an answer over each: one and a half round trips
/// and 10 ms. What QUIC has measured is of the other link after a change.
const PATIENCE: [Micros; 2] = [Micros::from_millis(70), Micros::from_millis(115)];

/// Whether the ambulance changes to the other link (RFC 9000, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moves {
    /// It stays.
    Never,
    /// It changes when an answer is owed for [`PATIENCE`]. QUIC leaves that to its host.
    WhenSilent,
}

/// Both ends of a connection.
pub(crate) struct Quic {
    clock: Clock,
    moves: Moves,
    streams: Streams,
    stream: Option<StreamId>,
    ambulance: End,
    centre: End,
    /// The link over which the centre is known to the ambulance.
    home: usize,
    /// The link that the ambulance sends over.
    link: usize,
    /// Since when the centre owes an answer.
    owed_since: Option<Timestamp>,
    inbox: Inbox,
}

impl Quic {
    /// Begins on a link, and stays there or moves.
    pub(crate) fn new(
        seed: u64,
        link: usize,
        moves: Moves,
        streams: Streams,
    ) -> anyhow::Result<Self> {
        let identity = Identity::new()?;
        let transport = Arc::new(transport());
        let mut server = ServerConfig::with_single_cert(identity.chain, identity.key)?;
        server.transport_config(Arc::clone(&transport));
        let mut client = ClientConfig::with_root_certificates(identity.roots)?;
        client.transport_config(transport);
        let clock = Clock::new();
        let centre = End::new(EndpointConfig::default(), seed, 1, Some(server));
        let mut ambulance = End::new(EndpointConfig::default(), seed, 0, None);
        ambulance.connect(clock.instant(DAWN), client, address(true, link), CENTRE)?;
        Ok(Self {
            clock,
            moves,
            streams,
            stream: None,
            ambulance,
            centre,
            home: link,
            link,
            owed_since: None,
            inbox: Inbox::default(),
        })
    }

    /// When the link counts as silent.
    fn patience_ends(&self) -> Option<Timestamp> {
        let since = self.owed_since.filter(|_| self.moves == Moves::WhenSilent)?;
        Some(since + PATIENCE[self.link])
    }

    fn change_link(&mut self, now: Timestamp) {
        self.link = 1 - self.link;
        self.owed_since = Some(now);
        if let Some((_, connection)) = &mut self.ambulance.connection {
            connection.local_address_changed();
        }
    }
}

impl Transport for Quic {
    fn push(&mut self, now: Timestamp, frame: &[u8]) {
        self.owed_since.get_or_insert(now);
        if self.streams == Streams::None {
            return self.ambulance.send_datagram(frame.to_vec());
        }
        let (_, connection) = self.ambulance.connection.as_mut().expect("it has connected");
        let open = self.stream.filter(|_| self.streams == Streams::One);
        let stream = open.or_else(|| connection.streams().open(Dir::Uni));
        let stream = stream.expect("as many streams as frames are allowed");
        self.stream = Some(stream);
        let mut sending = connection.send_stream(stream);
        let written = sending.write(frame).expect("the window is wide");
        assert_eq!(written, frame.len(), "the window is wide");
        if self.streams == Streams::Many {
            sending.finish().expect("it is finished once");
        }
    }

    fn on_packet(&mut self, now: Timestamp, to: Side, link: usize, bytes: &[u8]) {
        let now_std = self.clock.instant(now);
        match to {
            Side::Ambulance => {
                self.owed_since = None;
                self.ambulance.on_packet(now_std, address(true, self.home), bytes);
            }
            Side::Centre => {
                self.centre.on_packet(now_std, address(false, link), bytes);
                self.centre.read(&mut self.inbox);
                self.inbox.frames.extend(self.centre.datagrams().into_iter().map(Vec::from));
            }
        }
    }

    fn on_wake(&mut self, now: Timestamp) {
        let now_std = self.clock.instant(now);
        if self.patience_ends().is_some_and(|at| at <= now) {
            self.change_link(now);
        }
        self.ambulance.on_wake(now_std);
        self.centre.on_wake(now_std);
    }

    fn poll_packet(&mut self, now: Timestamp) -> Option<(Side, usize, Vec<u8>)> {
        let now = self.clock.instant(now);
        if let Some((_, bytes)) = self.ambulance.poll_packet(now) {
            return Some((Side::Ambulance, self.link, bytes));
        }
        self.centre.poll_packet(now).map(|(link, bytes)| (Side::Centre, link, bytes))
    }

    fn poll_frame(&mut self) -> Option<Vec<u8>> {
        self.inbox.frames.pop()
    }

    fn next_wake(&mut self) -> Option<Timestamp> {
        let ends = [&mut self.ambulance, &mut self.centre];
        let ends = ends.into_iter().filter_map(End::next_wake).min();
        let ends = ends.map(|at| self.clock.timestamp(at));
        [ends, self.patience_ends()].into_iter().flatten().min()
    }
}

fn transport() -> TransportConfig {
    let mut answers = AckFrequencyConfig::default();
    answers.ack_eliciting_threshold(VarInt::from_u32(0));
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(60_000))))
        .keep_alive_interval(Some(Duration::from_secs(1)))
        .initial_rtt(Duration::from_millis(40))
        .max_concurrent_uni_streams(VarInt::from_u32(4096))
        .ack_frequency_config(Some(answers));
    transport
}
