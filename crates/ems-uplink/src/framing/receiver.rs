//! The centre's end.

use std::collections::BTreeMap;

use ems_model::{Frame, UnitId};

use crate::framing::wire::{PROTOCOL, UplinkDown};

/// Takes the frames of many units, each frame once and in order.
///
/// It remembers nothing over a crash: each unit says hello again, and the host tells what is
/// stored. A frame is acknowledged by [`Self::on_stored`] only, never before it is durable.
#[derive(Debug, Clone, Default)]
pub struct Receiver {
    units: BTreeMap<UnitId, Progress>,
}

#[derive(Debug, Clone, Copy)]
struct Progress {
    /// Stored durably up to here.
    stored: u64,
    /// Given to the host up to here.
    accepted: u64,
    /// A resend was asked for and has not come yet.
    is_waiting: bool,
}

/// What came of a batch of frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Accepted {
    /// New frames, in order for each unit: store them, then call [`Receiver::on_stored`].
    pub frames: Vec<Frame>,
    /// Frames that had come before.
    pub n_duplicates: usize,
    /// Messages to send back now.
    pub replies: Vec<UplinkDown>,
}

/// What a unit said that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiverError {
    /// It speaks another version.
    #[error(
        "unit {unit} speaks uplink protocol {protocol}, the centre {PROTOCOL}: update the older of them"
    )]
    Protocol {
        /// The unit.
        unit: UnitId,
        /// Its version.
        protocol: u32,
    },
    /// It has fewer frames than are stored: its outbox was lost, and numbers would come twice.
    #[error(
        "unit {unit} ends at frame {last}, {stored} are stored: its outbox was lost, let it number new frames from {stored} on"
    )]
    UnitBehind {
        /// The unit.
        unit: UnitId,
        /// Its newest frame.
        last: u64,
        /// The newest stored frame.
        stored: u64,
    },
    /// It sent frames before its hello.
    #[error("unit {unit} sent frames before its hello: say hello on each new connection")]
    NoHello {
        /// The unit.
        unit: UnitId,
    },
}

impl Receiver {
    /// Starts knowing no unit.
    pub fn new() -> Self {
        Self::default()
    }

    /// A unit says hello on a new connection; `stored` is its newest frame that is durable here.
    ///
    /// On an error answer with [`UplinkDown::Refused`] carrying its text.
    pub fn on_hello(
        &mut self,
        unit: &UnitId,
        last: u64,
        protocol: u32,
        stored: u64,
    ) -> Result<UplinkDown, ReceiverError> {
        let unit = unit.clone();
        if protocol != PROTOCOL {
            return Err(ReceiverError::Protocol { unit, protocol });
        }
        if last < stored {
            return Err(ReceiverError::UnitBehind { unit, last, stored });
        }
        // Frames that were given to the host and are not stored yet still will be.
        let accepted = self.units.get(&unit).map_or(stored, |known| known.accepted.max(stored));
        self.units.insert(unit.clone(), Progress { stored, accepted, is_waiting: false });
        Ok(UplinkDown::Welcome { unit, acked: stored })
    }

    /// Takes frames of one or more units that have said hello.
    pub fn on_frames(&mut self, frames: Vec<Frame>) -> Result<Accepted, ReceiverError> {
        let unknown = frames.iter().find(|frame| !self.units.contains_key(&frame.unit));
        if let Some(frame) = unknown {
            return Err(ReceiverError::NoHello { unit: frame.unit.clone() });
        }
        let mut accepted = Accepted::default();
        for frame in frames {
            self.take(frame, &mut accepted);
        }
        Ok(accepted)
    }

    /// The host has stored all frames of a unit up to `seq`; gives the acknowledgement to send.
    pub fn on_stored(&mut self, unit: &UnitId, seq: u64) -> Option<UplinkDown> {
        let progress = self.units.get_mut(unit)?;
        let seq = seq.min(progress.accepted);
        if seq <= progress.stored {
            return None;
        }
        progress.stored = seq;
        Some(UplinkDown::Ack { unit: unit.clone(), seq })
    }

    /// The host failed to store frames after `stored`: they will be asked for again.
    pub fn on_store_failed(&mut self, unit: &UnitId, stored: u64) -> Option<UplinkDown> {
        let progress = self.units.get_mut(unit)?;
        progress.accepted = stored.max(progress.stored);
        Some(progress.resend(unit))
    }

    /// The number of the next frame that a unit is expected to send; `None` before its hello.
    pub fn next_expected(&self, unit: &UnitId) -> Option<u64> {
        self.units.get(unit).map(|progress| progress.accepted + 1)
    }

    fn take(&mut self, frame: Frame, into: &mut Accepted) {
        let Some(progress) = self.units.get_mut(&frame.unit) else { return };
        let next = progress.accepted + 1;
        if frame.seq == next {
            progress.accepted = next;
            progress.is_waiting = false;
            into.frames.push(frame);
        } else if frame.seq < next {
            into.n_duplicates += 1;
            // Its acknowledgement may have been lost.
            into.reply(UplinkDown::Ack { unit: frame.unit, seq: progress.stored });
        } else if !progress.is_waiting {
            let resend = progress.resend(&frame.unit);
            into.reply(resend);
        }
    }
}

impl Progress {
    fn resend(&mut self, unit: &UnitId) -> UplinkDown {
        self.is_waiting = true;
        UplinkDown::Resend { unit: unit.clone(), from: self.accepted + 1 }
    }
}

impl Accepted {
    fn reply(&mut self, message: UplinkDown) {
        if !self.replies.contains(&message) {
            self.replies.push(message);
        }
    }
}
