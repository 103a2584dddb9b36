//! Frames of one class on their way out, cut into pieces.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use ems_model::{Micros, Timestamp};

use super::class::{Class, Traits};
use super::number::{Number, Recent};
use super::packet::{DATA_HEADER_BYTES_MAX, PACKET_BYTES_MAX, ParityOf, Section};
use super::parity;

/// The most content of a piece, so that it fits into a packet with its headers and a hello.
/// Even, since parity is made of pairs of bytes.
pub(crate) const PIECE_BYTES_MAX: usize =
    (PACKET_BYTES_MAX - 11 - 9 - DATA_HEADER_BYTES_MAX) / 2 * 2;
/// How many pieces of a class may be unsettled at once.
pub const WINDOW_PIECES: u64 = 8192;
/// For how long a piece may be on its way, over whichever link.
const LIFETIME: Micros = Micros::from_millis(60_000);
/// The largest frame.
pub(crate) const FRAME_BYTES_MAX: usize = 1 << 20;

/// A frame that is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// It is empty, or larger than any.
    #[error("frame of {n_bytes} bytes is outside 1..={FRAME_BYTES_MAX}: cut it")]
    Size {
        /// Its length.
        n_bytes: usize,
    },
    /// Too much of its class waits.
    #[error(
        "{n_waiting} bytes of class {} wait, {limit} may: send less or keep it for later",
        class.name()
    )]
    Full {
        /// The class.
        class: Class,
        /// What waits.
        n_waiting: usize,
        /// What may wait.
        limit: usize,
    },
}

/// What a class has to send, oldest first.
#[derive(Debug)]
pub(crate) struct Outgoing {
    class: Class,
    traits: Traits,
    /// The number of the first piece of `pieces`, with which a frame begins: only whole frames are
    /// forgotten, for the other end holds on to the pieces of one that is not whole.
    base: u64,
    pieces: VecDeque<Piece>,
    /// How many of the first frame's first pieces are settled.
    n_settled: usize,
    /// The number of the first piece that was never sent.
    unsent: u64,
    /// Pieces to send again.
    again: VecDeque<u64>,
    n_bytes: usize,
    n_expired: u64,
    /// The newest number that the other end, as it is now, has.
    known: Option<u64>,
    recent: Recent,
}

#[derive(Debug, Clone)]
struct Piece {
    /// The frame, or the parity.
    frame: Arc<[u8]>,
    from: usize,
    to: usize,
    /// Which parity it is, if it is one.
    parity: Option<ParityOf>,
    /// Its place in its frame, and how many pieces the frame has, parity included.
    place: usize,
    n_pieces: usize,
    deadline: Timestamp,
    /// Whether the other end has it.
    is_acked: bool,
    /// Whether it need not be sent again.
    is_settled: bool,
    /// How many copies are to be sent now.
    n_wanted: u8,
    /// How many packets that are neither acknowledged nor lost hold it.
    n_flying: u8,
    /// The links of this round, a bit each, and those of earlier ones.
    sent_on: u16,
    tried: u16,
}

/// The piece to send next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next {
    pub(crate) number: u64,
    pub(crate) n_bytes: usize,
    pub(crate) deadline: Timestamp,
    /// Whether it was sent before.
    pub(crate) is_again: bool,
    /// The links on which this round has sent it, a bit each.
    pub(crate) sent_on: u16,
    /// The links of earlier rounds.
    pub(crate) tried: u16,
}

impl Outgoing {
    pub(crate) fn new(class: Class) -> Self {
        Self {
            class,
            traits: class.traits(),
            base: 0,
            pieces: VecDeque::new(),
            n_settled: 0,
            unsent: 0,
            again: VecDeque::new(),
            n_bytes: 0,
            n_expired: 0,
            known: None,
            recent: Recent::new(LIFETIME),
        }
    }

    /// Takes a frame. What expires makes room for what is new. `loss` is the share of packets that
    /// links lose: parity is added to what has it, where that is much.
    pub(crate) fn push(
        &mut self,
        now: Timestamp,
        frame: Vec<u8>,
        loss: f64,
    ) -> Result<(), PushError> {
        let (n_bytes, limit) = (frame.len(), self.traits.queue_bytes_max);
        if !(1..=FRAME_BYTES_MAX).contains(&n_bytes) {
            return Err(PushError::Size { n_bytes });
        }
        self.expire(now);
        if self.n_bytes + n_bytes > limit {
            return Err(PushError::Full { class: self.class, n_waiting: self.n_bytes, limit });
        }
        let frame: Arc<[u8]> = frame.into();
        let parity = if self.traits.has_parity { parity::of(&frame, loss) } else { vec![] };
        let n_pieces = n_bytes.div_ceil(PIECE_BYTES_MAX) + parity.len();
        let piece = Piece {
            frame: Arc::clone(&frame),
            from: 0,
            to: 0,
            parity: None,
            place: 0,
            n_pieces,
            deadline: now + self.traits.deadline,
            is_acked: false,
            is_settled: false,
            n_wanted: 1,
            n_flying: 0,
            sent_on: 0,
            tried: 0,
        };
        let cuts = (0..n_bytes).step_by(PIECE_BYTES_MAX);
        let data = cuts.map(|from| (Arc::clone(&frame), from, None));
        let parity = parity.into_iter().map(|(of, bytes)| (Arc::from(bytes), 0, Some(of)));
        for (place, (frame, from, parity)) in data.chain(parity).enumerate() {
            let to = frame.len().min(from + PIECE_BYTES_MAX);
            self.n_bytes += to - from;
            self.pieces.push_back(Piece { frame, from, to, parity, place, ..piece.clone() });
        }
        Ok(())
    }

    /// Gives up what is late and worth nothing then.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        if !self.traits.expires {
            return;
        }
        while let Some(piece) = self.pieces.pop_front_if(|piece| piece.deadline <= now) {
            if !piece.is_settled {
                self.n_bytes -= piece.to - piece.from;
                self.n_expired += 1;
            }
            (self.base, self.n_settled) = (self.base + 1, 0);
        }
        self.unsent = self.unsent.max(self.base);
        self.forget_settled();
    }

    /// The piece to send next: one that is sent again goes first, and only those if `only_again`.
    pub(crate) fn next(&mut self) -> Option<Next> {
        while let Some(number) = self.again.front().copied() {
            match self.piece(number).filter(|piece| !piece.is_settled && piece.n_wanted > 0) {
                Some(piece) => return Some(piece.next(number, true)),
                None => drop(self.again.pop_front()),
            }
        }
        self.next_new()
    }

    fn next_new(&mut self) -> Option<Next> {
        let has_room = self.unsent < self.base + WINDOW_PIECES;
        let number = self.unsent;
        Some(self.piece(number).filter(|_| has_room)?.next(number, false))
    }

    /// A piece that is due to be sent on a link; `n_wanted` copies are sent in all, if it is new.
    pub(crate) fn send(
        &mut self,
        now: Timestamp,
        next: Next,
        link: u8,
        n_wanted: u8,
        into: &mut Vec<u8>,
    ) {
        let (class, back, number) = (self.class, next.number - self.base, next.number);
        let written = self.written(now, number);
        let Some(piece) = self.piece_mut(number) else { return };
        if !next.is_again {
            piece.n_wanted = n_wanted;
        }
        piece.n_wanted = piece.n_wanted.saturating_sub(1);
        piece.n_flying = piece.n_flying.saturating_add(1);
        piece.sent_on |= 1 << link;
        piece.section(class, written, back).print(into);
        let is_wanted = piece.n_wanted > 0;
        if !next.is_again {
            self.unsent += 1;
            if is_wanted {
                self.again.push_front(number);
            }
        }
    }

    /// Writes a piece that was sent as the last of its packet.
    pub(crate) fn print_last(&mut self, now: Timestamp, number: u64, into: &mut Vec<u8>) {
        let written = self.written(now, number);
        let Some(piece) = self.piece(number) else { return };
        piece.section(self.class, written, number - self.base).print_last(into);
    }

    /// A number as short as the other end understands it.
    fn written(&mut self, now: Timestamp, number: u64) -> Number {
        let next = self.unsent.max(number) + 1;
        let recent = self.recent.first(now, self.unsent);
        let whole = Number::whole(number);
        self.known
            .map_or(whole, |known| Number::within(number, next - known.min(recent).min(number)))
    }

    /// The other end has begun anew: it knows none of the numbers.
    pub(crate) fn on_peer_began(&mut self) {
        self.known = None;
    }

    /// The other end has a piece.
    pub(crate) fn settle(&mut self, number: u64) {
        self.known = self.known.max(Some(number));
        let Some(piece) = self.piece_mut(number).filter(|piece| !piece.is_settled) else { return };
        piece.is_acked = true;
        self.finish(number);
        self.finish_frame(number);
        self.forget_settled();
    }

    /// A piece need not be sent again.
    fn finish(&mut self, number: u64) {
        let Some(piece) = self.piece_mut(number).filter(|piece| !piece.is_settled) else { return };
        piece.is_settled = true;
        let n_bytes = piece.to - piece.from;
        self.n_bytes -= n_bytes;
    }

    /// With parity, as many pieces as there are of data make the frame, whichever they are.
    fn finish_frame(&mut self, number: u64) {
        let Some(piece) = self.piece(number) else { return };
        let first = number - piece.place as u64;
        let numbers = first..first + piece.n_pieces as u64;
        let n_parity = self.pieces_of(&numbers).filter(|piece| piece.parity.is_some()).count();
        let n_acked = self.pieces_of(&numbers).filter(|piece| piece.is_acked).count();
        if n_parity > 0 && n_acked + n_parity >= piece.n_pieces {
            numbers.for_each(|number| self.finish(number));
        }
    }

    fn pieces_of(&self, numbers: &Range<u64>) -> impl Iterator<Item = &Piece> {
        numbers.clone().filter_map(|number| self.piece(number))
    }

    /// A packet with a piece is lost or late: `n_copies` are sent, unless another packet that
    /// still flies holds it.
    pub(crate) fn send_again(&mut self, number: u64, n_copies: u8) {
        let Some(piece) = self.piece_mut(number) else { return };
        piece.n_flying = piece.n_flying.saturating_sub(1);
        if piece.is_settled || piece.n_flying > 0 || piece.n_wanted > 0 {
            return;
        }
        if piece.parity.is_some() {
            self.finish(number);
            self.forget_settled();
            return;
        }
        piece.tried |= piece.sent_on;
        (piece.n_wanted, piece.sent_on) = (n_copies, 0);
        self.again.push_back(number);
    }

    /// The deadline of a piece that is not settled.
    pub(crate) fn deadline(&self, number: u64) -> Option<Timestamp> {
        self.piece(number).filter(|piece| !piece.is_settled).map(|piece| piece.deadline)
    }

    /// The bytes that wait to be sent or acknowledged.
    pub(crate) fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// The pieces that were given up.
    pub(crate) fn n_expired(&self) -> u64 {
        self.n_expired
    }

    fn piece(&self, number: u64) -> Option<&Piece> {
        self.pieces.get(usize::try_from(number.checked_sub(self.base)?).ok()?)
    }

    fn piece_mut(&mut self, number: u64) -> Option<&mut Piece> {
        self.pieces.get_mut(usize::try_from(number.checked_sub(self.base)?).ok()?)
    }

    fn forget_settled(&mut self) {
        while let Some(piece) = self.pieces.get(self.n_settled).filter(|piece| piece.is_settled) {
            self.n_settled += 1;
            if self.n_settled == piece.n_pieces {
                self.pieces.drain(..self.n_settled);
                self.base += self.n_settled as u64;
                self.n_settled = 0;
            }
        }
    }
}

impl Piece {
    fn section(&self, class: Class, number: Number, back: u64) -> Section<'_> {
        let bytes = &self.frame[self.from..self.to];
        if let Some(of) = self.parity {
            return Section::Parity { class, number, back, of, bytes };
        }
        let (is_first, is_last) = (self.from == 0, self.to == self.frame.len());
        Section::Data { class, is_first, is_last, number, back, bytes }
    }

    fn next(&self, number: u64, is_again: bool) -> Next {
        let n_bytes = self.to - self.from;
        let Self { deadline, sent_on, tried, .. } = *self;
        Next { number, n_bytes, deadline, is_again, sent_on, tried }
    }
}
