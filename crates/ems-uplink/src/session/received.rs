//! Which packets of a link have come.

use ems_model::{Micros, Timestamp};

use super::packet::{RANGES_MAX, Section};

/// How long an acknowledgement may wait for others.
pub(crate) const ACK_WAIT: Micros = Micros::from_millis(5);
/// How many packets are acknowledged at the latest together.
const ACK_EVERY: u32 = 2;

/// The numbers that came, and what is to be acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Ranges of numbers, first and last, the newest first; at most [`RANGES_MAX`].
    ranges: Vec<(u64, u64)>,
    newest_at: Timestamp,
    n_unacknowledged: u32,
    ack_at: Option<Timestamp>,
}

impl Received {
    /// The number of the packet that comes next, if none is lost.
    pub(crate) fn expected(&self) -> u64 {
        self.ranges.first().map_or(0, |newest| newest.1 + 1)
    }

    /// When the newest packet came; `None` before the first.
    pub(crate) fn heard_at(&self) -> Option<Timestamp> {
        self.ranges.first().map(|_| self.newest_at)
    }

    /// Whether a packet is new: one that came before, or is too old to know, is not.
    pub(crate) fn is_new(&self, number: u64) -> bool {
        let is_known = self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&number));
        let is_old = self.ranges.len() == RANGES_MAX
            && self.ranges.last().is_some_and(|oldest| number < oldest.0);
        !is_known && !is_old
    }

    /// Notes a packet; `asks` tells whether it wants to be acknowledged, and whether at once.
    pub(crate) fn note(&mut self, now: Timestamp, number: u64, asks: Option<bool>) {
        let is_next = self.ranges.first().is_none_or(|newest| number == newest.1 + 1);
        if self.ranges.first().is_none_or(|newest| number > newest.1) {
            self.newest_at = now;
        }
        self.insert(number);
        if let Some(at_once) = asks {
            self.n_unacknowledged += 1;
            let is_due = at_once || !is_next || self.n_unacknowledged >= ACK_EVERY;
            let due = if is_due { now } else { now + ACK_WAIT };
            self.ack_at = Some(self.ack_at.map_or(due, |at| at.min(due)));
        }
    }

    /// When an acknowledgement is due.
    pub(crate) fn ack_at(&self) -> Option<Timestamp> {
        self.ack_at
    }

    /// The acknowledgement, where one is wanted; it is then given.
    pub(crate) fn ack(&mut self, now: Timestamp, tag: u16) -> Option<Section<'static>> {
        self.ack_at.take()?;
        self.n_unacknowledged = 0;
        let delay_us = u64::try_from(now.micros_since(self.newest_at).get()).unwrap_or(0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the last 32 bits"
        )]
        let received_us = self.newest_at.as_micros() as u32;
        Some(Section::Ack { tag, ranges: self.ranges.clone(), delay_us, received_us })
    }

    fn insert(&mut self, number: u64) {
        let at = self.ranges.partition_point(|range| range.0 > number);
        let joins_newer = at > 0 && self.ranges[at - 1].0 == number + 1;
        let joins_older = self.ranges.get(at).is_some_and(|older| older.1 + 1 == number);
        match (joins_newer, joins_older) {
            (true, true) => {
                self.ranges[at - 1].0 = self.ranges[at].0;
                self.ranges.remove(at);
            }
            (true, false) => self.ranges[at - 1].0 = number,
            (false, true) => self.ranges[at].1 = number,
            (false, false) => {
                self.ranges.insert(at, (number, number));
                self.ranges.truncate(RANGES_MAX);
            }
        }
    }
}
