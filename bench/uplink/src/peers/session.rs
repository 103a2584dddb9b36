//! Our session over links, each a QUIC connection of `quinn-proto` as hosts set it up.

use std::sync::Arc;

use ems_model::Timestamp;
use ems_uplink::{Class, Counts, LinkId, Session, SessionOutput};
use quinn_proto::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn_proto::{ClientConfig, ServerConfig};

use super::end::End;
use super::road::DAWN;
use super::tls::{CENTRE, Clock, Identity, address};
use super::transport::{Seldom, centre_endpoint, transport, unit_endpoint};
use super::{Side, Transport};

const N_LINKS: usize = 2;

/// Which links carry what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// One session over both links.
    Both,
    /// One over one link.
    One(usize),
    /// One for each link, each with every frame.
    Each,
}

/// Both ends of sessions, and of a connection for each link.
pub(crate) struct Links {
    clock: Clock,
    /// Each with the links that it has.
    sessions: Vec<(Vec<usize>, [Session; 2])>,
    ways: Vec<[End; 2]>,
    frames: Vec<Vec<u8>>,
}

impl Links {
    pub(crate) fn new(seed: u64, over: Over) -> anyhow::Result<Self> {
        let clock = Clock::new();
        let identity = Identity::new()?;
        let ways = (0..N_LINKS).map(|link| connect(clock, seed, link, &identity));
        let groups = match over {
            Over::Both => vec![vec![0, 1]],
            Over::One(link) => vec![vec![link]],
            Over::Each => vec![vec![0], vec![1]],
        };
        let sessions = groups.into_iter().map(|links| {
            let ends = [(); 2].map(|()| begin(&links));
            (links, ends)
        });
        let sessions = sessions.collect();
        Ok(Self { clock, sessions, ways: ways.collect::<Result<_, _>>()?, frames: vec![] })
    }

    /// Does what the sessions want, and gives their packets to the connections.
    fn turn(&mut self, now: Timestamp) {
        let ends = self.sessions.iter_mut().flat_map(|(_, ends)| ends.iter_mut().enumerate());
        for (side, session) in ends {
            session.on_wake(now);
            while let Some(output) = session.poll_output(now) {
                match output {
                    SessionOutput::Packet { link, bytes } => {
                        self.ways[usize::from(link.0)][side].send_datagram(bytes);
                    }
                    SessionOutput::Frame { bytes, .. } => self.frames.push(bytes),
                    SessionOutput::PeerBegan { .. } => {}
                }
            }
        }
    }
}

fn begin(links: &[usize]) -> Session {
    let mut session = Session::new(DAWN);
    links.iter().for_each(|link| session.on_link_up(DAWN, id(*link)));
    session
}

/// A unit's and a centre's end, with the host's settings.
fn connect(clock: Clock, seed: u64, link: usize, identity: &Identity) -> anyhow::Result<[End; 2]> {
    let tls = QuicServerConfig::try_from(identity.server()?)?;
    let mut server = ServerConfig::with_crypto(Arc::new(Seldom(Arc::new(tls))));
    server.transport_config(Arc::new(transport(1)));
    let tls = QuicClientConfig::try_from(identity.client()?)?;
    let mut client = ClientConfig::new(Arc::new(Seldom(Arc::new(tls))));
    client.transport_config(Arc::new(transport(0)));
    let resets = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[7; 64]);
    let salt = 2 * u8::try_from(link)?;
    let centre = End::new(centre_endpoint(Arc::new(resets)), seed, salt + 1, Some(server));
    let mut ambulance = End::new(unit_endpoint(), seed, salt, None);
    ambulance.connect(clock.instant(DAWN), client, address(true, link), CENTRE)?;
    Ok([ambulance, centre])
}

fn id(link: usize) -> LinkId {
    LinkId(u8::try_from(link).expect("two links"))
}

impl Transport for Links {
    fn push(&mut self, now: Timestamp, frame: &[u8]) {
        for (_, [ambulance, _]) in &mut self.sessions {
            ambulance.push(now, Class::Vitals, frame.to_vec()).expect("few frames wait");
        }
        self.turn(now);
    }

    fn on_packet(&mut self, now: Timestamp, to: Side, link: usize, bytes: &[u8]) {
        let at = self.clock.instant(now);
        let (side, from) = match to {
            Side::Ambulance => (0, address(true, link)),
            Side::Centre => (1, address(false, link)),
        };
        let end = &mut self.ways[link][side];
        end.on_packet(at, from, bytes);
        let datagrams = end.datagrams();
        let session = self.sessions.iter_mut().find(|(links, _)| links.contains(&link));
        if let Some((_, ends)) = session {
            for datagram in datagrams {
                let taken = ends[side].on_packet(now, id(link), &datagram);
                taken.expect("nobody sends anything else");
            }
        }
        self.turn(now);
    }

    fn on_wake(&mut self, now: Timestamp) {
        let at = self.clock.instant(now);
        self.ways.iter_mut().flatten().for_each(|end| end.on_wake(at));
        self.turn(now);
    }

    fn poll_packet(&mut self, now: Timestamp) -> Option<(Side, usize, Vec<u8>)> {
        let at = self.clock.instant(now);
        for (link, ends) in self.ways.iter_mut().enumerate() {
            for (end, side) in ends.iter_mut().zip([Side::Ambulance, Side::Centre]) {
                if let Some((_, bytes)) = end.poll_packet(at) {
                    return Some((side, link, bytes));
                }
            }
        }
        None
    }

    fn poll_frame(&mut self) -> Option<Vec<u8>> {
        self.frames.pop()
    }

    fn next_wake(&mut self) -> Option<Timestamp> {
        let ends = self.ways.iter_mut().flatten().filter_map(End::next_wake).min();
        let sessions = self.sessions.iter().flat_map(|(_, ends)| ends.each_ref());
        let sessions = sessions.filter_map(Session::next_wake).map(|wake| wake.0);
        sessions.chain(ends.map(|at| self.clock.timestamp(at))).min()
    }

    fn counts(&self) -> [Counts; 2] {
        [0, 1].map(|side| {
            let mut sum = Counts::default();
            for (_, ends) in &self.sessions {
                let counts = ends[side].counts();
                sum.n_copies += counts.n_copies;
                sum.n_duplicates += counts.n_duplicates;
            }
            sum
        })
    }
}
