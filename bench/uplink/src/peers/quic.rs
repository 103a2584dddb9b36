//! QUIC over one link at a time, by `quinn-proto`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use ems_model::{Micros, Timestamp};
use quinn_proto::{
    AckFrequencyConfig, ClientConfig, Connection, ConnectionHandle, DatagramEvent, Dir, Endpoint,
    EndpointConfig, IdleTimeout, ServerConfig, StreamId, TransportConfig, VarInt,
};

use super::road::DAWN;
use super::tls::{CENTRE, Clock, Identity, address, link};
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
    /// The link that the ambulance sends over.
    link: usize,
    /// Since when the centre owes an answer.
    owed_since: Option<Timestamp>,
    inbox: Inbox,
}

struct End {
    endpoint: Endpoint,
    connection: Option<(ConnectionHandle, Connection)>,
    reading: Vec<StreamId>,
}

impl Quic {
    pub(crate) fn new(seed: u64, moves: Moves, streams: Streams) -> anyhow::Result<Self> {
        let identity = Identity::new()?;
        let transport = Arc::new(transport());
        let mut server = ServerConfig::with_single_cert(identity.chain, identity.key)?;
        server.transport_config(Arc::clone(&transport));
        let mut client = ClientConfig::with_root_certificates(identity.roots)?;
        client.transport_config(transport);
        let clock = Clock::new();
        let centre = End::new(seed, 1, Some(Arc::new(server)));
        let mut ambulance = End::new(seed, 0, None);
        let connected =
            ambulance.endpoint.connect(clock.instant(DAWN), client, address(true, 0), CENTRE)?;
        ambulance.connection = Some(connected);
        Ok(Self {
            clock,
            moves,
            streams,
            stream: None,
            ambulance,
            centre,
            link: 0,
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
        self.owed_since.get_or_insert(now);
    }

    fn on_packet(&mut self, now: Timestamp, to: Side, link: usize, bytes: &[u8]) {
        let now_std = self.clock.instant(now);
        match to {
            Side::Ambulance => {
                self.owed_since = None;
                self.ambulance.on_packet(now_std, address(true, 0), bytes);
            }
            Side::Centre => {
                self.centre.on_packet(now_std, address(false, link), bytes);
                self.centre.read(&mut self.inbox);
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

impl End {
    fn new(seed: u64, salt: u8, server: Option<Arc<ServerConfig>>) -> Self {
        let mut random = [salt; 32];
        random[..8].copy_from_slice(&seed.to_be_bytes());
        let config = Arc::new(EndpointConfig::default());
        Self {
            endpoint: Endpoint::new(config, server, true, Some(random)),
            connection: None,
            reading: Vec::new(),
        }
    }

    fn on_packet(&mut self, now: Instant, from: std::net::SocketAddr, bytes: &[u8]) {
        let mut answer = Vec::new();
        match self.endpoint.handle(now, from, None, None, BytesMut::from(bytes), &mut answer) {
            Some(DatagramEvent::ConnectionEvent(_, event)) => {
                if let Some((_, connection)) = &mut self.connection {
                    connection.handle_event(event);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => {
                self.connection = self.endpoint.accept(incoming, now, &mut answer, None).ok();
            }
            Some(DatagramEvent::Response(_)) | None => {}
        }
        self.settle();
    }

    fn on_wake(&mut self, now: Instant) {
        if let Some((_, connection)) = &mut self.connection
            && connection.poll_timeout().is_some_and(|at| at <= now)
        {
            connection.handle_timeout(now);
        }
        self.settle();
    }

    /// Lets the endpoint know what the connection asks of it.
    fn settle(&mut self) {
        let Some((handle, connection)) = &mut self.connection else { return };
        while let Some(event) = connection.poll_endpoint_events() {
            if let Some(event) = self.endpoint.handle_event(*handle, event) {
                connection.handle_event(event);
            }
        }
        while connection.poll().is_some() {}
    }

    fn read(&mut self, inbox: &mut Inbox) {
        let Some((_, connection)) = &mut self.connection else { return };
        while let Some(stream) = connection.streams().accept(Dir::Uni) {
            self.reading.push(stream);
        }
        self.reading.retain(|stream| {
            let mut receiving = connection.recv_stream(*stream);
            let Ok(mut chunks) = receiving.read(true) else { return false };
            let is_open = loop {
                match chunks.next(usize::MAX) {
                    Ok(Some(chunk)) => inbox.read(stream.index(), &chunk.bytes),
                    Ok(None) => break false,
                    Err(_) => break true,
                }
            };
            let _ = chunks.finalize();
            is_open
        });
    }

    fn poll_packet(&mut self, now: Instant) -> Option<(usize, Vec<u8>)> {
        let (_, connection) = self.connection.as_mut()?;
        let mut bytes = Vec::new();
        let sent = connection.poll_transmit(now, 1, &mut bytes)?;
        bytes.truncate(sent.size);
        Some((link(sent.destination), bytes))
    }

    fn next_wake(&mut self) -> Option<Instant> {
        self.connection.as_mut()?.1.poll_timeout()
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
