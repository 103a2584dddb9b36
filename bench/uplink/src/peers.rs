//! Other transports over the links of F1: QUIC over one link (quinn), multipath QUIC (noq).
//!
//! Each is given what suits it. Handshakes, the second path and the search for the largest packet
//! are done over links that lose nothing, before the first frame. Answers are asked for at once
//! for each packet, as a session gives them. No connection is given up within the blackout. As many
//! streams as there are frames are allowed. The congestion control is what each ships (CUBIC).
//! Traffic is what UDP carries, TLS included.

pub(crate) mod mptcp;
mod noq;
mod quic;
mod road;
mod tls;

use std::collections::BTreeMap;

use ems_drive::{Outcome, Profile};
use ems_model::Timestamp;

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
}

/// How frames are laid into streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Streams {
    /// All in one.
    One,
    /// Each in its own.
    Many,
}

/// Who carries the frames.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    Quic(quic::Moves, Streams),
    Noq(noq::Paths, Streams),
}

/// Each peer by name.
pub(crate) const PEERS: [(&str, Peer); 8] = [
    ("QUIC, link A, one stream", Peer::Quic(quic::Moves::Never, Streams::One)),
    ("QUIC, link A, a stream a frame", Peer::Quic(quic::Moves::Never, Streams::Many)),
    ("QUIC moved when silent, one stream", Peer::Quic(quic::Moves::WhenSilent, Streams::One)),
    ("QUIC moved when silent, stream a frame", Peer::Quic(quic::Moves::WhenSilent, Streams::Many)),
    ("noq, both paths, one stream", Peer::Noq(noq::Paths::Kept, Streams::One)),
    ("noq, both paths, a stream a frame", Peer::Noq(noq::Paths::Kept, Streams::Many)),
    ("noq, silent path dropped, one stream", Peer::Noq(noq::Paths::Dropped, Streams::One)),
    ("noq, silent path dropped, stream a frame", Peer::Noq(noq::Paths::Dropped, Streams::Many)),
];

impl Peer {
    /// Carries the frames of a profile; chance follows from `seed`, as in a session's run.
    pub(crate) fn drive(self, profile: &Profile, seed: u64) -> anyhow::Result<Outcome> {
        match self {
            Self::Quic(moves, streams) => {
                road::drive(profile, seed, &mut quic::Quic::new(seed, moves, streams)?)
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
