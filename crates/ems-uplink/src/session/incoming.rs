//! Pieces of one class as they come, and the frames that they make.

use std::collections::VecDeque;

use super::class::Class;
use super::outgoing::{FRAME_BYTES_MAX, WINDOW_PIECES};
use super::packet::{PARITY_DATA_MAX, PARITY_MAX, PacketError, ParityOf};
use super::parity;

/// The most bytes of pieces that wait for others.
const HELD_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// What has come of a class. It holds at most [`WINDOW_PIECES`] pieces and [`HELD_BYTES_MAX`].
#[derive(Debug)]
pub(crate) struct Incoming {
    class: Class,
    is_ordered: bool,
    /// The number of the first slot: all before are delivered or given up.
    base: u64,
    slots: VecDeque<Slot>,
    n_held_bytes: usize,
    /// How many slots from the first on are held, where frames are delivered in order.
    n_in_order: usize,
}

#[derive(Debug)]
enum Slot {
    Missing,
    Held { is_first: bool, is_last: bool, bytes: Vec<u8> },
    Parity { of: ParityOf, bytes: Vec<u8> },
    Delivered,
}

impl Slot {
    fn n_bytes(&self) -> usize {
        match self {
            Self::Held { bytes, .. } | Self::Parity { bytes, .. } => bytes.len(),
            Self::Missing | Self::Delivered => 0,
        }
    }
}

/// A piece that came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) back: u64,
    pub(crate) bytes: &'a [u8],
}

/// Which piece came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Data { is_first: bool, is_last: bool },
    Parity(ParityOf),
}

impl Incoming {
    pub(crate) fn new(class: Class) -> Self {
        Self {
            class,
            is_ordered: class.traits().is_ordered,
            base: 0,
            slots: VecDeque::new(),
            n_held_bytes: 0,
            n_in_order: 0,
        }
    }

    /// The number after the newest that came.
    pub(crate) fn expected(&self) -> u64 {
        self.base + self.slots.len() as u64
    }

    /// Whether there is room for a piece; nothing is changed.
    pub(crate) fn check(&self, piece: &Arrival<'_>) -> Result<(), PacketError> {
        let base = self.base.max(piece.number - piece.back);
        let is_near = piece.number.saturating_sub(base) < WINDOW_PIECES;
        // The piece that all others wait for is always taken: it makes room.
        let is_next = piece.number == self.base + self.n_in_order as u64;
        let has_room = self.n_held_bytes + piece.bytes.len() <= HELD_BYTES_MAX;
        if is_near && (has_room || is_next || piece.number < base) {
            return Ok(());
        }
        let (class, number) = (self.class, piece.number);
        Err(PacketError::Window { class, number, limit: HELD_BYTES_MAX })
    }

    /// Takes a piece that was checked; frames that are whole go to `deliver`. Gives whether the
    /// piece was new.
    pub(crate) fn take(&mut self, piece: Arrival<'_>, deliver: &mut impl FnMut(Vec<u8>)) -> bool {
        self.give_up_before(piece.number - piece.back, deliver);
        let Some(ahead) = piece.number.checked_sub(self.base) else { return false };
        let idx = usize::try_from(ahead).expect("checked to be within the window");
        while self.slots.len() <= idx {
            self.slots.push_back(Slot::Missing);
        }
        if !matches!(self.slots[idx], Slot::Missing) {
            return false;
        }
        self.n_held_bytes += piece.bytes.len();
        let bytes = piece.bytes.to_vec();
        self.slots[idx] = match piece.kind {
            Kind::Data { is_first, is_last } => Slot::Held { is_first, is_last, bytes },
            Kind::Parity(of) => Slot::Parity { of, bytes },
        };
        if self.is_ordered {
            self.deliver_in_order(deliver);
        } else {
            self.deliver_around(idx, deliver);
            self.restore_around(piece.number, deliver);
        }
        true
    }

    /// Makes the frame that holds a piece out of its parity, if enough has come.
    fn restore_around(&mut self, number: u64, deliver: &mut impl FnMut(Vec<u8>)) {
        let Some(ahead) = number.checked_sub(self.base) else { return };
        let idx = usize::try_from(ahead).expect("checked to be within the window");
        if matches!(self.slots.get(idx), None | Some(Slot::Delivered)) {
            return;
        }
        let reach = idx..self.slots.len().min(idx + PARITY_DATA_MAX + PARITY_MAX);
        let found = reach.into_iter().find_map(|at| match &self.slots[at] {
            Slot::Parity { of, .. } => Some((at, *of)),
            _ => None,
        });
        let Some((at, of)) = found else { return };
        let Some(end) = at.checked_sub(usize::from(of.place)) else { return };
        let Some(first) = end.checked_sub(usize::from(of.n_data)) else { return };
        if first > idx {
            return;
        }
        if self.slots.range(first..end).any(|slot| matches!(slot, Slot::Delivered)) {
            // The frame is whole without its parity.
            self.settle(end, end);
            return;
        }
        let Some(frame) = self.restored(first, end, of) else { return };
        self.settle(first, end);
        deliver(frame);
    }

    /// The frame of the pieces from `first` on, whose parity begins at `end`.
    fn restored(&self, first: usize, end: usize, of: ParityOf) -> Option<Vec<u8>> {
        let data: Vec<(usize, &[u8])> = (first..end)
            .filter_map(|at| match &self.slots[at] {
                Slot::Held { bytes, .. } => Some((at - first, bytes.as_slice())),
                _ => None,
            })
            .collect();
        let last = self.slots.len().min(end + PARITY_MAX);
        let parity: Vec<(usize, &[u8])> = (end..last)
            .filter_map(|at| match &self.slots[at] {
                Slot::Parity { of, bytes } if usize::from(of.place) == at - end => {
                    Some((at - end, bytes.as_slice()))
                }
                _ => None,
            })
            .collect();
        let n_data = usize::from(of.n_data);
        if data.len() + parity.len() < n_data {
            return None;
        }
        parity::restore(n_data, usize::from(of.n_last_bytes), &data, &parity)
    }

    /// The pieces of a frame are done with, and so is what parity of it has come.
    fn settle(&mut self, first: usize, end: usize) {
        let last = self.slots.len().min(end + PARITY_MAX);
        for at in first..last {
            let place = at.saturating_sub(end);
            let slot = &self.slots[at];
            let is_its = matches!(slot, Slot::Parity { of, .. } if usize::from(of.place) == place);
            if at < end || is_its {
                let slot = std::mem::replace(&mut self.slots[at], Slot::Delivered);
                self.n_held_bytes -= slot.n_bytes();
            }
        }
        self.forget_delivered();
    }

    fn forget_delivered(&mut self) {
        while self.slots.pop_front_if(|slot| matches!(slot, Slot::Delivered)).is_some() {
            self.base += 1;
        }
    }

    /// Moves on to `base`: what is missing before it will not come.
    fn give_up_before(&mut self, base: u64, deliver: &mut impl FnMut(Vec<u8>)) {
        let mut frame: Option<Vec<u8>> = None;
        while self.base < base {
            let Some(slot) = self.slots.pop_front() else {
                self.base = base;
                break;
            };
            self.base += 1;
            self.n_held_bytes -= slot.n_bytes();
            if self.is_ordered {
                add(&mut frame, slot, deliver);
            }
            self.n_in_order = self.n_in_order.saturating_sub(1);
        }
        if self.is_ordered {
            self.deliver_in_order(deliver);
        }
    }

    fn deliver_in_order(&mut self, deliver: &mut impl FnMut(Vec<u8>)) {
        while let Some(Slot::Held { is_last, .. }) = self.slots.get(self.n_in_order) {
            self.n_in_order += 1;
            if *is_last {
                self.deliver_first(self.n_in_order, deliver);
            }
        }
    }

    fn deliver_first(&mut self, n_slots: usize, deliver: &mut impl FnMut(Vec<u8>)) {
        let mut frame = None;
        for slot in self.slots.drain(..n_slots) {
            self.n_held_bytes -= slot.n_bytes();
            add(&mut frame, slot, deliver);
        }
        self.base += n_slots as u64;
        self.n_in_order = 0;
    }

    /// Delivers the frame that holds the piece at `idx`, if it is whole.
    fn deliver_around(&mut self, idx: usize, deliver: &mut impl FnMut(Vec<u8>)) {
        let is = |idx: usize, wanted: fn(bool, bool) -> bool| match self.slots.get(idx) {
            Some(Slot::Held { is_first, is_last, .. }) => Some(wanted(*is_first, *is_last)),
            _ => None,
        };
        let first = (0..=idx).rev().map_while(|at| is(at, |first, _| first).map(|is| (at, is)));
        let Some((first, _)) = first.into_iter().find(|(_, is_first)| *is_first) else { return };
        let last = (idx..).map_while(|at| is(at, |_, last| last).map(|is| (at, is)));
        let Some((last, _)) = last.into_iter().find(|(_, is_last)| *is_last) else { return };
        let mut frame = None;
        for slot in self.slots.range_mut(first..=last) {
            let slot = std::mem::replace(slot, Slot::Delivered);
            self.n_held_bytes -= slot.n_bytes();
            add(&mut frame, slot, deliver);
        }
        self.forget_delivered();
    }
}

/// Adds a slot to the frame that is being put together; a gap ends it.
fn add(frame: &mut Option<Vec<u8>>, slot: Slot, deliver: &mut impl FnMut(Vec<u8>)) {
    let Slot::Held { is_first, is_last, bytes } = slot else {
        *frame = None;
        return;
    };
    match frame {
        _ if is_first => *frame = Some(bytes),
        Some(begun) if begun.len() + bytes.len() <= FRAME_BYTES_MAX => begun.extend(bytes),
        _ => *frame = None,
    }
    if is_last && let Some(whole) = frame.take() {
        deliver(whole);
    }
}
