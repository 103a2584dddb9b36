//! The ambulance's end.

use std::collections::VecDeque;

use ems_model::{Frame, UnitId};

use crate::framing::ranges::Ranges;
use crate::framing::wire::{PROTOCOL, UplinkUp};

/// New frames that wait in memory at most; those that find no room are read again later.
const LIVE_LEN_MAX: usize = 256;
/// Frames that were read again and are on their way at most.
pub const WINDOW_FRAMES: u64 = 256;
/// Frames in one message at most.
pub const MAX_BATCH_FRAMES: usize = 64;

/// Sends one unit's frames from its durable outbox, new ones first.
///
/// The host stores each frame before [`Self::push`], and keeps it until [`SenderOutput::Forget`].
/// A frame that is new while the unit is connected goes at once; what was measured while it was
/// not is read again, oldest first, beside the new ones. The centre says which numbers it has
/// stored, in any order. What carries the frames loses none while it stands, so nothing is sent
/// twice before it has been lost.
#[derive(Debug, Clone)]
pub struct Sender {
    unit: UnitId,
    /// In the outbox up to here.
    last: u64,
    /// Numbers that the centre has not stored.
    held: Ranges,
    /// Those of them that were given to what carries them.
    sent: Ranges,
    /// Those that were read again.
    backfilled: Ranges,
    /// New frames to send; they count as sent.
    live: VecDeque<Frame>,
    /// Frames that were read again; they count as sent.
    loaded: VecDeque<Frame>,
    is_loading: bool,
    is_connected: bool,
    is_paused: bool,
    /// What the outbox may forget.
    forgettable: Ranges,
}

/// What the host is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum SenderOutput {
    /// Send these frames.
    Transmit {
        /// The frames, at most [`MAX_BATCH_FRAMES`].
        frames: Vec<Frame>,
        /// Whether they were read again: nothing new may wait for them.
        is_backfill: bool,
    },
    /// Read frames from the outbox, both ends included, and give them to [`Sender::on_loaded`].
    Load {
        /// The first.
        from: u64,
        /// The last: at most [`WINDOW_FRAMES`] numbers are asked for.
        to: u64,
    },
    /// The centre has stored these frames: the outbox may forget them.
    Forget {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
}

/// What the centre said that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SenderError {
    /// The centre has frames that this unit does not remember sending.
    #[error(
        "centre has frame {acked} of {unit}, the outbox ends at {last}: the outbox was lost, number new frames from {acked} on"
    )]
    PeerAhead {
        /// The unit.
        unit: UnitId,
        /// What the centre has.
        acked: u64,
        /// What the outbox has.
        last: u64,
    },
}

impl Sender {
    /// Goes on from a durable outbox that holds frames within `acked + 1 ..= last`, some of which
    /// may be stored by the centre already.
    ///
    /// # Panics
    /// If `acked` is beyond `last`.
    pub fn new(unit: UnitId, acked: u64, last: u64) -> Self {
        assert!(acked <= last, "an outbox cannot have acknowledged frames that it never held");
        let mut held = Ranges::default();
        held.insert(acked + 1, last);
        Self {
            unit,
            last,
            held,
            sent: Ranges::default(),
            backfilled: Ranges::default(),
            live: VecDeque::new(),
            loaded: VecDeque::new(),
            is_loading: false,
            is_connected: false,
            is_paused: false,
            forgettable: Ranges::default(),
        }
    }

    /// The first message on each new connection.
    pub fn hello(&self) -> UplinkUp {
        UplinkUp::Hello { unit: self.unit.clone(), protocol: PROTOCOL }
    }

    /// What carries frames stands anew, or the centre has begun anew: what it had not stored goes
    /// again.
    pub fn on_connected(&mut self) {
        self.on_disconnected();
        self.is_connected = true;
    }

    /// What carried frames is gone; frames go on gathering.
    pub fn on_disconnected(&mut self) {
        self.is_connected = false;
        self.sent.clear();
        self.backfilled.clear();
        self.live.clear();
        self.loaded.clear();
    }

    /// What carries frames stands and reaches nobody for now: what is new stays in the outbox, and
    /// what was given to it is still on its way.
    pub fn on_paused(&mut self) {
        self.is_paused = true;
        for frame in self.live.drain(..).chain(self.loaded.drain(..)) {
            self.sent.remove(frame.seq, frame.seq);
            self.backfilled.remove(frame.seq, frame.seq);
        }
    }

    /// The centre is reached again.
    pub fn on_resumed(&mut self) {
        self.is_paused = false;
    }

    /// Takes the next frame, which the host has stored durably.
    ///
    /// # Panics
    /// If its number does not follow the last one's.
    pub fn push(&mut self, frame: Frame) {
        assert_eq!(frame.seq, self.last + 1, "frames of {} are numbered without gaps", self.unit);
        self.last = frame.seq;
        self.held.insert(frame.seq, frame.seq);
        if self.is_open() && self.live.len() < LIVE_LEN_MAX {
            self.sent.insert(frame.seq, frame.seq);
            self.live.push_back(frame);
        }
    }

    /// Takes what [`SenderOutput::Load`] asked for: numbers that are not among the frames have been
    /// forgotten. `None` tells that the read failed; it is asked for again.
    pub fn on_loaded(&mut self, from: u64, to: u64, frames: Option<Vec<Frame>>) {
        self.is_loading = false;
        let Some(frames) = frames else { return };
        let mut gone = Ranges::default();
        gone.insert(from, to);
        for frame in frames {
            gone.remove(frame.seq, frame.seq);
            // It may have been stored, or sent on another connection, since it was asked for.
            let is_wanted = self.held.contains(frame.seq) && !self.sent.contains(frame.seq);
            if self.is_open() && is_wanted {
                self.sent.insert(frame.seq, frame.seq);
                self.backfilled.insert(frame.seq, frame.seq);
                self.loaded.push_back(frame);
            }
        }
        gone.iter().for_each(|(first, last)| self.held.remove(first, last));
    }

    /// The centre has stored the frames `first..=last`.
    pub fn on_stored(&mut self, first: u64, last: u64) -> Result<(), SenderError> {
        if last > self.last {
            let (unit, acked, last) = (self.unit.clone(), last, self.last);
            return Err(SenderError::PeerAhead { unit, acked, last });
        }
        self.held.remove(first, last);
        self.sent.remove(first, last);
        self.backfilled.remove(first, last);
        self.forgettable.insert(first, last);
        Ok(())
    }

    /// What carries frames took this one not: it is read again later.
    pub fn on_refused(&mut self, seq: u64) {
        self.sent.remove(seq, seq);
        self.backfilled.remove(seq, seq);
    }

    /// What to do next.
    pub fn poll_output(&mut self) -> Option<SenderOutput> {
        if let Some((from, to)) = self.forgettable.pop_first() {
            return Some(SenderOutput::Forget { from, to });
        }
        if !self.is_open() {
            return None;
        }
        self.transmit().or_else(|| self.load())
    }

    /// Frames that the centre has not stored yet.
    pub fn backlog(&self) -> u64 {
        self.held.n_numbers()
    }

    /// Whether the centre takes frames.
    pub const fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Whether what carries frames reaches nobody for now.
    pub const fn is_paused(&self) -> bool {
        self.is_paused
    }

    fn is_open(&self) -> bool {
        self.is_connected && !self.is_paused
    }

    fn transmit(&mut self) -> Option<SenderOutput> {
        let is_backfill = self.live.is_empty();
        let queue = if is_backfill { &mut self.loaded } else { &mut self.live };
        let frames: Vec<_> = queue.drain(..queue.len().min(MAX_BATCH_FRAMES)).collect();
        (!frames.is_empty()).then_some(SenderOutput::Transmit { frames, is_backfill })
    }

    fn load(&mut self) -> Option<SenderOutput> {
        let n_room = WINDOW_FRAMES.saturating_sub(self.backfilled.n_numbers());
        if self.is_loading || n_room < WINDOW_FRAMES / 2 {
            return None;
        }
        let (from, last) = self.held.first_without(&self.sent)?;
        self.is_loading = true;
        Some(SenderOutput::Load { from, to: last.min(from + n_room - 1) })
    }
}
