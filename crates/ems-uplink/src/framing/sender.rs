//! The ambulance's end.

use std::collections::VecDeque;

use ems_model::{Frame, Millis, Timestamp, UnitId};

use crate::framing::wire::{PROTOCOL, UplinkUp};

/// Frames on their way or waiting in memory at most.
pub const WINDOW_FRAMES: u64 = 256;
/// Frames in one message at most.
pub const MAX_BATCH_FRAMES: usize = 64;
/// Without an acknowledgement for this long frames are sent again; doubled each time.
const RETRANSMIT: Millis = Millis::new(2000);
const RETRANSMIT_MAX: Millis = Millis::new(30_000);

/// Sends one unit's frames from its durable outbox.
///
/// The host stores each frame before [`Self::push`], and keeps it until [`SenderOutput::Prune`].
/// Memory is bounded by [`WINDOW_FRAMES`]: older frames are asked for by [`SenderOutput::Load`].
#[derive(Debug, Clone)]
pub struct Sender {
    unit: UnitId,
    /// Stored at the centre up to here.
    acked: u64,
    /// Pruned from the outbox up to here.
    pruned: u64,
    /// In the outbox up to here.
    last: u64,
    /// Transmitted on this connection up to here.
    sent: u64,
    /// Frames from `acked + 1` on, without gaps.
    buffer: VecDeque<Frame>,
    is_loading: bool,
    is_connected: bool,
    /// When the oldest frame on its way is sent again, and the wait that led to it.
    retransmit: Option<Timestamp>,
    wait: Millis,
}

/// What the host is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum SenderOutput {
    /// Send this message on the connection.
    Transmit(UplinkUp),
    /// Read these frames from the outbox, both ends included, and give them to
    /// [`Sender::on_loaded`].
    Load {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The outbox may forget frames up to this one.
    Prune {
        /// The last that may go.
        through: u64,
    },
}

/// Why to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderWake {
    /// No acknowledgement came: frames are sent again.
    Retransmit,
}

/// What the centre said that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SenderError {
    /// The centre has frames that this unit does not remember sending.
    #[error(
        "centre has frames of {unit} up to {acked}, the outbox ends at {last}: the outbox was lost, number new frames from {acked} on"
    )]
    PeerAhead {
        /// The unit.
        unit: UnitId,
        /// What the centre has.
        acked: u64,
        /// What the outbox has.
        last: u64,
    },
    /// The centre has lost frames that it had acknowledged and the outbox has forgotten.
    #[error(
        "centre has frames of {unit} up to {acked} only, {pruned} were acknowledged: restore the centre's event log"
    )]
    PeerForgot {
        /// The unit.
        unit: UnitId,
        /// What the centre has.
        acked: u64,
        /// What it had acknowledged and the outbox has forgotten.
        pruned: u64,
    },
}

impl Sender {
    /// Goes on from a durable outbox whose frames `acked + 1..=last` are not acknowledged.
    ///
    /// # Panics
    /// If `acked` is beyond `last`.
    pub fn new(unit: UnitId, acked: u64, last: u64) -> Self {
        assert!(acked <= last, "an outbox cannot have acknowledged frames that it never held");
        Self {
            unit,
            acked,
            pruned: acked,
            last,
            sent: acked,
            buffer: VecDeque::new(),
            is_loading: false,
            is_connected: false,
            retransmit: None,
            wait: RETRANSMIT,
        }
    }

    /// The first message on each new connection.
    pub fn hello(&self) -> UplinkUp {
        let (unit, last, forgotten) = (self.unit.clone(), self.last, self.pruned);
        UplinkUp::Hello { unit, last, protocol: PROTOCOL, forgotten }
    }

    /// The centre welcomed the unit and has its frames up to `acked_by_peer`.
    pub fn on_connected(&mut self, now: Timestamp, acked_by_peer: u64) -> Result<(), SenderError> {
        self.on_disconnected();
        self.check(acked_by_peer)?;
        if acked_by_peer < self.acked {
            self.go_back_to(acked_by_peer);
        }
        self.forget_through(acked_by_peer);
        self.is_connected = true;
        self.sent = self.acked;
        self.arm(now);
        Ok(())
    }

    /// The connection is gone; frames go on gathering.
    pub fn on_disconnected(&mut self) {
        self.is_connected = false;
        self.retransmit = None;
        self.wait = RETRANSMIT;
        self.is_loading = false;
        self.sent = self.acked;
    }

    /// Takes the next frame, which the host has stored durably.
    ///
    /// # Panics
    /// If its number does not follow the last one's.
    pub fn push(&mut self, now: Timestamp, frame: Frame) {
        assert_eq!(frame.seq, self.last + 1, "frames of {} are numbered without gaps", self.unit);
        let is_next = self.buffered_through() == self.last && !self.is_loading;
        self.last = frame.seq;
        if is_next && self.has_room() {
            self.buffer.push_back(frame);
        }
        self.arm(now);
    }

    /// Takes frames that [`SenderOutput::Load`] asked for.
    ///
    /// An empty list tells that the read failed: it is asked for again at the next wake.
    pub fn on_loaded(&mut self, now: Timestamp, frames: Vec<Frame>) {
        self.is_loading = frames.is_empty();
        for frame in frames {
            if frame.seq == self.buffered_through() + 1 && self.has_room() {
                self.buffer.push_back(frame);
            }
        }
        self.arm(now);
    }

    /// The centre has stored all frames up to `seq`.
    pub fn on_ack(&mut self, now: Timestamp, seq: u64) -> Result<(), SenderError> {
        if seq > self.acked {
            self.check(seq)?;
            self.forget_through(seq);
            // Halved only, so that a slow link is not flooded with repeats again and again.
            self.wait = Millis::new(self.wait.get() / 2).max(RETRANSMIT);
            self.retransmit = None;
            self.arm(now);
        }
        Ok(())
    }

    /// The centre misses `from` and what follows.
    pub fn on_resend(&mut self, now: Timestamp, from: u64) -> Result<(), SenderError> {
        let has = from.saturating_sub(1);
        // What was stored stays stored: an older wish comes from an older connection.
        if has >= self.acked {
            self.check(has)?;
            self.sent = has.min(self.sent);
            self.arm(now);
        }
        Ok(())
    }

    /// What to do next.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<SenderOutput> {
        if self.pruned < self.acked {
            self.pruned = self.acked;
            return Some(SenderOutput::Prune { through: self.acked });
        }
        if !self.is_connected {
            return None;
        }
        self.transmit(now).or_else(|| self.load())
    }

    /// When to wake, and why.
    pub fn next_wake(&self) -> Option<(Timestamp, SenderWake)> {
        self.retransmit.map(|at| (at, SenderWake::Retransmit))
    }

    /// Sends again what was not acknowledged in time; an early call does nothing.
    pub fn on_wake(&mut self, now: Timestamp) {
        if self.retransmit.is_some_and(|at| now >= at) {
            self.sent = self.acked;
            self.is_loading = false;
            self.wait = (self.wait + self.wait).min(RETRANSMIT_MAX);
            self.retransmit = None;
            self.arm(now);
        }
    }

    /// Frames that the centre has not stored yet.
    pub const fn backlog(&self) -> u64 {
        self.last - self.acked
    }

    /// The number of the newest frame that the centre has stored.
    pub const fn acked(&self) -> u64 {
        self.acked
    }

    /// Whether the centre has welcomed the unit on a connection that still stands.
    pub const fn is_connected(&self) -> bool {
        self.is_connected
    }

    fn transmit(&mut self, now: Timestamp) -> Option<SenderOutput> {
        let start = usize::try_from(self.sent - self.acked).ok()?;
        let frames: Vec<_> =
            self.buffer.iter().skip(start).take(MAX_BATCH_FRAMES).cloned().collect();
        self.sent = frames.last()?.seq;
        self.arm(now);
        Some(SenderOutput::Transmit(UplinkUp::Frames { frames }))
    }

    fn load(&mut self) -> Option<SenderOutput> {
        let from = self.buffered_through() + 1;
        let to = self.last.min(self.acked + WINDOW_FRAMES);
        if self.is_loading || from > to {
            return None;
        }
        self.is_loading = true;
        Some(SenderOutput::Load { from, to })
    }

    /// Refuses what the centre cannot have.
    fn check(&self, acked: u64) -> Result<(), SenderError> {
        let (unit, last, pruned) = (self.unit.clone(), self.last, self.pruned);
        if acked > last {
            Err(SenderError::PeerAhead { unit, acked, last })
        } else if acked < pruned {
            Err(SenderError::PeerForgot { unit, acked, pruned })
        } else {
            Ok(())
        }
    }

    fn forget_through(&mut self, seq: u64) {
        while self.buffer.front().is_some_and(|frame| frame.seq <= seq) {
            self.buffer.pop_front();
        }
        self.acked = self.acked.max(seq);
        self.sent = self.sent.max(self.acked);
    }

    /// The centre has less than it acknowledged, and the outbox still holds the rest.
    fn go_back_to(&mut self, seq: u64) {
        self.acked = seq;
        self.sent = seq;
        self.buffer.clear();
    }

    /// Sets the alarm clock while frames wait for an acknowledgement.
    fn arm(&mut self, now: Timestamp) {
        if !self.is_connected || self.backlog() == 0 {
            self.retransmit = None;
        } else if self.retransmit.is_none() {
            self.retransmit = Some(now + self.wait);
        }
    }

    fn buffered_through(&self) -> u64 {
        self.acked + self.buffer.len() as u64
    }

    fn has_room(&self) -> bool {
        (self.buffer.len() as u64) < WINDOW_FRAMES
    }
}
