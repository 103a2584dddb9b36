//! Packets under way, and what the other end says of them.

use ems_model::{Micros, Timestamp};

use super::class::Class;

/// The most pieces of a packet.
const PIECES_MAX: usize = 4;

/// What the other end says of packets that came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ack<'a> {
    /// Ranges of numbers, first and last, the newest first.
    pub(crate) ranges: &'a [(u64, u64)],
    /// How long ago the newest came.
    pub(crate) delay: Micros,
    /// When it came by the other clock, in µs, the last 32 bits.
    pub(crate) received_us: u32,
}

/// Pieces that need no more waiting for.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) acked: Vec<(Class, u64)>,
    pub(crate) lost: Vec<(Class, u64)>,
    /// When the newest was sent, where its answer is new.
    pub(crate) newest_sent: Option<Timestamp>,
}

/// A packet under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) at: Timestamp,
    pub(crate) n_bytes: usize,
    /// After how long an answer was worth to be doubted when it was sent: while a link slows down,
    /// that grows.
    pub(crate) doubt_after: Micros,
    pub(crate) pieces: [(Class, u64); PIECES_MAX],
    pub(crate) n_pieces: usize,
    pub(crate) is_urgent: bool,
    /// Whether it still counts as flying.
    pub(crate) is_flying: bool,
}

impl Sent {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            at,
            n_bytes: 0,
            doubt_after: Micros::ZERO,
            pieces: [(Class::Bulk, 0); PIECES_MAX],
            n_pieces: 0,
            is_urgent: false,
            is_flying: true,
        }
    }

    pub(crate) fn add(&mut self, class: Class, number: u64) {
        self.pieces[self.n_pieces] = (class, number);
        self.n_pieces += 1;
        self.is_urgent |= class.traits().is_urgent;
    }

    pub(crate) fn has_room(&self) -> bool {
        self.n_pieces < PIECES_MAX
    }

    pub(crate) fn pieces(&self) -> &[(Class, u64)] {
        &self.pieces[..self.n_pieces]
    }
}
