//! Transports over the links of F1: our session within QUIC, QUIC over one link (quinn), multipath
//! QUIC (noq).
//!
//! Each is given what suits it. Handshakes, the second path and the search for the largest packet
//! are done over links that lose nothing, before the first frame. Answers are asked for at once
//! for each packet, as a session gives them. No connection is given up within the blackout. As many
//! streams as there are frames are allowed. The congestion control is what each ships (CUBIC).
//! Traffic is what UDP carries, TLS included.

mod end;
pub(crate) mod mptcp;
mod noq;
mod quic;
mod road;
mod session;
mod tls;
/// What hosts do: not another copy of it.
#[path = "../../../apps/ems-host/src/link/transport.rs"]
mod transport;

use std::collections::BTreeMap;

use ems_drive::{Outcome, Profile};
use ems_model::Timestamp;
use ems_uplink::Counts;

pub(crate) use road::FRAME_BYTES;

/// An end of the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ambulance,
    Centre,
}

/// Both ends of a transport, without IO. A link goes by its place in the profile.
pub(crate) trait Transport {
    /// Sends a frame of [`FRAME_BYTES`] to the centre.
    fn push(&mut self, now: Timestamp, frame: &[u8]);
    /// A packet that has come to an end.
    fn on_packet(&mut self, now: Timestamp, to: Side, link: usize, bytes: &[u8]);
    /// Does what is due by `now`.
    fn on_wake(&mut self, now: Timestamp);
    /// A packet that an end sends over a link.
    fn poll_packet(&mut self, now: Timestamp) -> Option<(Side, usize, Vec<u8>)>;
    /// A frame that the centre has.
    fn poll_frame(&mut self) -> Option<Vec<u8>>;
    /// When there is something to do.
    fn next_wake(&mut self) -> Option<Timestamp>;
    /// What the sessions of both ends count, where they are ours.
    fn counts(&self) -> [Counts; 2] {
        [Counts::default(); 2]
    }
}

/// How frames are laid into streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Streams {
    /// All in one.
    One,
    /// Each in its own.
    Many,
    /// Each in a datagram, sent once.
    None,
}

/// Who carries the frames.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    Session(session::Over),
    /// Over a link, from the first.
    Quic(usize, quic::Moves, Streams),
    Noq(noq::Paths, Streams),
}

/// Each by name, ours first.
pub(crate) const PEERS: [(&str, Peer); 14] = [
    ("session", Peer::Session(session::Over::Both)),
    ("session over link A alone", Peer::Session(session::Over::One(0))),
    ("session over link B alone", Peer::Session(session::Over::One(1))),
    ("session over each, every frame twice", Peer::Session(session::Over::Each)),
    ("QUIC, link B, each frame sent once", Peer::Quic(1, quic::Moves::Never, Streams::None)),
    ("QUIC, link B, a stream a frame", Peer::Quic(1, quic::Moves::Never, Streams::Many)),
    ("QUIC, link A, one stream", Peer::Quic(0, quic::Moves::Never, Streams::One)),
    ("QUIC, link A, a stream a frame", Peer::Quic(0, quic::Moves::Never, Streams::Many)),
    ("QUIC moved when silent, one stream", Peer::Quic(0, quic::Moves::WhenSilent, Streams::One)),
    (
        "QUIC moved when silent, stream a frame",
        Peer::Quic(0, quic::Moves::WhenSilent, Streams::Many),
    ),
    ("noq, both paths, one stream", Peer::Noq(noq::Paths::Kept, Streams::One)),
    ("noq, both paths, a stream a frame", Peer::Noq(noq::Paths::Kept, Streams::Many)),
    ("noq, silent path dropped, one stream", Peer::Noq(noq::Paths::Dropped, Streams::One)),
    ("noq, silent path dropped, streams", Peer::Noq(noq::Paths::Dropped, Streams::Many)),
];

impl Peer {
    /// Carries the frames of a profile; chance follows from `seed`, as in a session's run.
    pub(crate) fn drive(self, profile: &Profile, seed: u64) -> anyhow::Result<Outcome> {
        match self {
            Self::Session(over) => {
                road::drive(profile, seed, &mut session::Links::new(seed, over)?)
            }
            Self::Quic(link, moves, streams) => {
                road::drive(profile, seed, &mut quic::Quic::new(seed, link, moves, streams)?)
            }
            Self::Noq(paths, streams) => {
                road::drive(profile, seed, &mut noq::Noq::new(seed, paths, streams)?)
            }
        }
    }
}

/// Frames put together from streams.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    streams: BTreeMap<u64, Vec<u8>>,
    frames: Vec<Vec<u8>>,
}

impl Inbox {
    fn read(&mut self, stream: u64, bytes: &[u8]) {
        let waiting = self.streams.entry(stream).or_default();
        waiting.extend_from_slice(bytes);
        while waiting.len() >= FRAME_BYTES {
            self.frames.push(waiting.drain(..FRAME_BYTES).collect());
        }
    }
}
