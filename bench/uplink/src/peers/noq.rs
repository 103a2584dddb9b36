//! Multipath QUIC over both links, by `noq-proto` (draft-ietf-quic-multipath).
//!
//! Of paths that are available it takes the first whose window has room: link A here.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use ems_model::{Micros, Timestamp};
use noq_proto::{
    AckFrequencyConfig, ClientConfig, Connection, ConnectionHandle, DatagramEvent, Dir, Endpoint,
    EndpointConfig, Event, FourTuple, IdleTimeout, PathEvent, PathId, PathStatus, ServerConfig,
    StreamId, TransportConfig, VarInt,
};

use super::road::DAWN;
use super::tls::{CENTRE, Clock, Identity, address, link};
use super::{Inbox, Side, Streams, Transport};

/// How often a path that is not there is tried again.
const RETRY: Micros = Micros::from_millis(2_000);

/// What becomes of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paths {
    /// Both may carry frames, and are kept while they are silent.
    Kept,
    /// Both may carry frames. One that is silent for 300 ms is abandoned - noq makes that three
    /// probe timeouts at least - and tried again every 2 s. One without packets is asked every
    /// 60 ms: with fewer questions link B is given up by chance, and with both the connection.
    Dropped,
}

/// Both ends of a connection.
pub(crate) struct Noq {
    clock: Clock,
    streams: Streams,
    stream: Option<StreamId>,
    ambulance: End,
    centre: End,
    /// The path over each link, and when one that is not there is tried.
    open: [Result<PathId, Timestamp>; 2],
    inbox: Inbox,
}

struct End {
    is_centre: bool,
    endpoint: Endpoint,
    connection: Option<(ConnectionHandle, Connection)>,
    reading: Vec<StreamId>,
    abandoned: Vec<PathId>,
}

impl Noq {
    pub(crate) fn new(seed: u64, paths: Paths, streams: Streams) -> anyhow::Result<Self> {
        let identity = Identity::new()?;
        let transport = Arc::new(transport(paths));
        let mut server = ServerConfig::with_single_cert(identity.chain, identity.key)?;
        server.transport_config(Arc::clone(&transport));
        let mut client = ClientConfig::with_root_certificates(identity.roots)?;
        client.transport_config(transport);
        let clock = Clock::new();
        let centre = End::new(seed, true, Some(Arc::new(server)));
        let mut ambulance = End::new(seed, false, None);
        let connected =
            ambulance.endpoint.connect(clock.instant(DAWN), client, address(true, 0), CENTRE)?;
        ambulance.connection = Some(connected);
        Ok(Self {
            clock,
            streams,
            stream: None,
            ambulance,
            centre,
            open: [Ok(PathId::ZERO), Err(DAWN + Micros::from_millis(500))],
            inbox: Inbox::default(),
        })
    }

    /// Opens paths that are not there.
    fn open_paths(&mut self, now: Timestamp) {
        for path in self.ambulance.abandoned.drain(..) {
            for open in self.open.iter_mut().filter(|open| **open == Ok(path)) {
                *open = Err(now + RETRY);
            }
        }
        let Some((_, connection)) = self.ambulance.alive() else { return };
        for (link, open) in self.open.iter_mut().enumerate() {
            if open.is_err_and(|at| at <= now) {
                let over = FourTuple::from_remote(address(true, link));
                let opened =
                    connection.open_path(over, PathStatus::Available, self.clock.instant(now));
                *open = opened.map_err(|_| now + RETRY);
            }
        }
    }
}

impl Transport for Noq {
    fn push(&mut self, _: Timestamp, frame: &[u8]) {
        let Some((_, connection)) = self.ambulance.alive() else { return };
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
        let now = self.clock.instant(now);
        match to {
            Side::Ambulance => self.ambulance.on_packet(now, link, bytes),
            Side::Centre => {
                self.centre.on_packet(now, link, bytes);
                self.centre.read(&mut self.inbox);
            }
        }
    }

    fn on_wake(&mut self, now: Timestamp) {
        let now_std = self.clock.instant(now);
        self.ambulance.on_wake(now_std);
        self.centre.on_wake(now_std);
        self.open_paths(now);
    }

    fn poll_packet(&mut self, now: Timestamp) -> Option<(Side, usize, Vec<u8>)> {
        let now = self.clock.instant(now);
        if let Some((link, bytes)) = self.ambulance.poll_packet(now) {
            return Some((Side::Ambulance, link, bytes));
        }
        self.centre.poll_packet(now).map(|(link, bytes)| (Side::Centre, link, bytes))
    }

    fn poll_frame(&mut self) -> Option<Vec<u8>> {
        self.inbox.frames.pop()
    }

    fn next_wake(&mut self) -> Option<Timestamp> {
        let ends = [&mut self.ambulance, &mut self.centre].into_iter().filter_map(End::next_wake);
        let ends = ends.min().map(|at| self.clock.timestamp(at));
        ends.into_iter().chain(self.open.iter().filter_map(|open| open.err())).min()
    }
}

impl End {
    fn new(seed: u64, is_centre: bool, server: Option<Arc<ServerConfig>>) -> Self {
        let mut random = [u8::from(is_centre); 32];
        random[..8].copy_from_slice(&seed.to_be_bytes());
        let mut config = EndpointConfig::default();
        config.rng_seed(Some(random));
        Self {
            is_centre,
            endpoint: Endpoint::new(Arc::new(config), server, true),
            connection: None,
            reading: Vec::new(),
            abandoned: Vec::new(),
        }
    }

    /// The connection; none where it has lost its last path.
    fn alive(&mut self) -> Option<&mut (ConnectionHandle, Connection)> {
        let connection = self.connection.as_mut();
        connection
            .filter(|(_, connection)| !connection.is_closed() && !connection.paths().is_empty())
    }

    fn on_packet(&mut self, now: Instant, link: usize, bytes: &[u8]) {
        let from: SocketAddr = address(!self.is_centre, link);
        let over = FourTuple::new(from, self.is_centre.then(|| address(true, link).ip()));
        let mut answer = Vec::new();
        match self.endpoint.handle(now, over, None, BytesMut::from(bytes), &mut answer) {
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
        if let Some((_, connection)) = self.alive()
            && connection.poll_timeout().is_some_and(|at| at <= now)
        {
            connection.handle_timeout(now);
        }
        self.settle();
    }

    /// Lets the endpoint know what the connection asks of it, and keeps what became of paths.
    fn settle(&mut self) {
        let Some((handle, connection)) = &mut self.connection else { return };
        while let Some(event) = connection.poll_endpoint_events() {
            if let Some(event) = self.endpoint.handle_event(*handle, event) {
                connection.handle_event(event);
            }
        }
        while let Some(event) = connection.poll() {
            if let Event::Path(PathEvent::Abandoned { id, .. }) = event {
                self.abandoned.push(id);
            }
        }
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
        let (_, connection) = self.alive()?;
        let mut bytes = Vec::new();
        let sent = connection.poll_transmit(now, NonZeroUsize::MIN, &mut bytes)?;
        bytes.truncate(sent.size);
        Some((link(sent.destination), bytes))
    }

    fn next_wake(&mut self) -> Option<Instant> {
        self.alive()?.1.poll_timeout()
    }
}

/// The connection is given up after 25 s, for noq probes more often where that is 25 s or less.
fn transport(paths: Paths) -> TransportConfig {
    let mut answers = AckFrequencyConfig::default();
    answers.ack_eliciting_threshold(VarInt::from_u32(0));
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(25_000))))
        .keep_alive_interval(Some(Duration::from_secs(1)))
        .initial_rtt(Duration::from_millis(40))
        .max_concurrent_uni_streams(VarInt::from_u32(4096))
        .max_concurrent_multipath_paths(8)
        .ack_frequency_config(Some(answers));
    let (idle, ask) = match paths {
        Paths::Kept => (None, Duration::from_secs(1)),
        Paths::Dropped => (Some(Duration::from_millis(300)), Duration::from_millis(60)),
    };
    transport.default_path_max_idle_timeout(idle).default_path_keep_alive_interval(Some(ask));
    transport
}
