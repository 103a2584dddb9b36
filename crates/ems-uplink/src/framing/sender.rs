//! The ambulance's end.

use std::collections::VecDeque;

use ems_model::{Frame, Gap, UnitId};

use crate::framing::portion::{N_PORTIONS, Portion};
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
/// not is read again beside the new ones, [`Portion`] by portion, each oldest first. The centre
/// says which numbers it has stored, in any order. What carries the frames loses none while it
/// stands, so nothing is sent twice before it has been lost. Numbers that the host gave up are told
/// like frames, and are held like them until the centre has stored that they will not come.
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
    /// What was given up and is to be told; it counts as sent.
    gaps: Vec<Gap>,
    /// What may wait in the outbox of each portion: only numbers after this one.
    unread_after: [Option<u64>; N_PORTIONS],
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
    /// Tell which frames were given up: nothing new may wait for it.
    GiveUp {
        /// Their numbers.
        gaps: Vec<Gap>,
    },
    /// Read from the outbox and give it to [`Sender::on_loaded`], gaps to
    /// [`Sender::on_gaps_loaded`].
    Load(Reading),
    /// The centre has stored these frames: the outbox may forget them.
    Forget {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
}

/// What to read of an outbox, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Only this portion.
    pub portion: Portion,
    /// Only numbers after this one; of gaps, those that end after it.
    pub after: u64,
    /// At most this many frames or gaps.
    pub limit: usize,
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
    /// Goes on from a durable outbox that holds the frames `held`, or that they were given up, and
    /// whose last number was `last`. Some may be stored by the centre already.
    ///
    /// # Panics
    /// If a number that is held is beyond `last`.
    pub fn new(unit: UnitId, held: Ranges, last: u64) -> Self {
        let is_numbered = held.iter().all(|(_, held_last)| held_last <= last);
        assert!(is_numbered, "an outbox cannot hold frames that were never numbered");
        Self {
            unit,
            last,
            held,
            sent: Ranges::default(),
            backfilled: Ranges::default(),
            live: VecDeque::new(),
            loaded: VecDeque::new(),
            gaps: Vec::new(),
            unread_after: [Some(0); N_PORTIONS],
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
        self.gaps.clear();
        self.unread_after = [Some(0); N_PORTIONS];
    }

    /// What carries frames stands and reaches nobody for now: what is new stays in the outbox, and
    /// what was given to it is still on its way.
    pub fn on_paused(&mut self) {
        self.is_paused = true;
        let frames: Vec<_> = self.live.drain(..).chain(self.loaded.drain(..)).collect();
        for frame in frames {
            self.on_refused(&frame);
        }
        let gaps = std::mem::take(&mut self.gaps);
        self.on_gaps_refused(&gaps);
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
        } else {
            self.read_from(Portion::of(&frame.body), frame.seq);
        }
    }

    /// The host has given up frames of the outbox.
    pub fn on_given_up(&mut self) {
        self.read_from(Portion::Gaps, 1);
    }

    /// Takes the frames that [`SenderOutput::Load`] asked for. `None` tells that the read failed;
    /// it is asked for again, as it is if nobody is reached now.
    pub fn on_loaded(&mut self, reading: Reading, frames: Option<Vec<Frame>>) {
        self.is_loading = false;
        let Some(frames) = frames.filter(|_| self.is_open()) else {
            return self.read_from(reading.portion, reading.after + 1);
        };
        self.go_on_after(reading, frames.len(), frames.last().map(|frame| frame.seq));
        for frame in frames {
            // It may have been stored, or sent on another connection, since it was asked for.
            if self.held.contains(frame.seq) && !self.sent.contains(frame.seq) {
                self.sent.insert(frame.seq, frame.seq);
                self.backfilled.insert(frame.seq, frame.seq);
                self.loaded.push_back(frame);
            }
        }
    }

    /// Takes the gaps that [`SenderOutput::Load`] asked for, as [`Self::on_loaded`] takes frames.
    pub fn on_gaps_loaded(&mut self, reading: Reading, gaps: Option<Vec<Gap>>) {
        self.is_loading = false;
        let Some(gaps) = gaps.filter(|_| self.is_open()) else {
            return self.read_from(reading.portion, reading.after + 1);
        };
        self.go_on_after(reading, gaps.len(), gaps.last().map(|gap| gap.last));
        for gap in gaps {
            // A frame that was sent before it was given up may be stored: then the centre has both,
            // and the frame counts.
            let numbers = Ranges::from_iter([(gap.first, gap.last)]);
            if numbers.first_without(&self.sent).is_some() {
                self.sent.insert(gap.first, gap.last);
                self.gaps.push(gap);
            }
        }
    }

    /// What was read ends here: there may be more if it was as much as was asked for.
    fn go_on_after(&mut self, reading: Reading, n_read: usize, last: Option<u64>) {
        if let Some(last) = last.filter(|_| n_read >= reading.limit) {
            self.read_from(reading.portion, last + 1);
        }
    }

    /// A portion may hold a number from here on that was not read.
    fn read_from(&mut self, portion: Portion, seq: u64) {
        let after = &mut self.unread_after[portion as usize];
        *after = Some(after.unwrap_or(u64::MAX).min(seq.saturating_sub(1)));
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
    pub fn on_refused(&mut self, frame: &Frame) {
        self.sent.remove(frame.seq, frame.seq);
        self.backfilled.remove(frame.seq, frame.seq);
        self.read_from(Portion::of(&frame.body), frame.seq);
        // It may have been given up meanwhile.
        self.read_from(Portion::Gaps, frame.seq);
    }

    /// What carries frames took these gaps not: they are read again later.
    pub fn on_gaps_refused(&mut self, gaps: &[Gap]) {
        for gap in gaps {
            self.sent.remove(gap.first, gap.last);
            self.read_from(Portion::Gaps, gap.first);
        }
    }

    /// What to do next.
    pub fn poll_output(&mut self) -> Option<SenderOutput> {
        if let Some((from, to)) = self.forgettable.pop_first() {
            return Some(SenderOutput::Forget { from, to });
        }
        if !self.is_open() {
            return None;
        }
        self.transmit().or_else(|| self.tell()).or_else(|| self.load())
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

    fn tell(&mut self) -> Option<SenderOutput> {
        let gaps = std::mem::take(&mut self.gaps);
        (!gaps.is_empty()).then_some(SenderOutput::GiveUp { gaps })
    }

    fn load(&mut self) -> Option<SenderOutput> {
        let n_room = WINDOW_FRAMES.saturating_sub(self.backfilled.n_numbers());
        if self.is_loading || n_room < WINDOW_FRAMES / 2 {
            return None;
        }
        let is_unread = |portion: &&Portion| self.unread_after[**portion as usize].is_some();
        let portion = *Portion::ALL.iter().find(is_unread)?;
        self.held.first_without(&self.sent)?;
        let after = self.unread_after[portion as usize].take()?;
        self.is_loading = true;
        let limit = usize::try_from(n_room).unwrap_or(1);
        Some(SenderOutput::Load(Reading { portion, after, limit }))
    }
}
