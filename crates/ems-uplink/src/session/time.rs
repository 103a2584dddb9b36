//! The other end's clock, by the times that acknowledgements carry.

use ems_model::{Micros, Timestamp};

use super::packet::{PACKET_BYTES_MAX, Section};
use super::{LINKS_MAX, LinkId, Session};
use crate::clock::{Exchange, PeerClock};

/// How long an end waits until it tells its time in full again: four times as long each time, for
/// what is told may be lost, and the rest of a time is in each answer.
const SAY_AFTER: Micros = Micros::from_millis(1_000);
const SAY_AFTER_MAX: Micros = Micros::from_millis(32_000);
/// The bytes of that.
const CLOCK_BYTES: usize = 9;

/// What is known of the other end's clock, and when it was told of this end's.
#[derive(Debug, Default)]
pub(super) struct Times {
    clock: PeerClock,
    /// The other end's time less this end's when it last told it in full, in µs.
    told: Option<i64>,
    /// When this end told its time, and how long until it does again.
    said: Option<(Timestamp, Micros)>,
}

impl Session {
    /// A map of coverage foretells that a link carries too little from then until then, or nothing
    /// of the kind any more: from two seconds before, urgent frames go over a second link too.
    /// Other links than 0 to 7 are passed over.
    pub fn on_outlook(&mut self, link: LinkId, hole: Option<(Timestamp, Timestamp)>) {
        if usize::from(link.0) < LINKS_MAX {
            self.outlook.on_hole(usize::from(link.0), hole);
        }
    }

    /// The other end's clock: how far it is ahead, how surely, and how fast it drifts.
    pub fn clock(&self) -> &PeerClock {
        &self.times.clock
    }
}

impl Times {
    /// The other end told its time.
    pub(super) fn on_told(&mut self, now: Timestamp, peer_us: u64) {
        self.told = i64::try_from(peer_us).ok().map(|us| us.saturating_sub(now.as_micros()));
    }

    /// A packet that was sent at `sent_at` came at a time of which the last 32 bits are known, and
    /// was answered `delay` later.
    pub(super) fn on_ack(
        &mut self,
        now: Timestamp,
        sent_at: Timestamp,
        received_us: u32,
        delay: Micros,
    ) {
        let Some(told) = self.told else { return };
        let near = sent_at.as_micros().saturating_add(told);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_possible_wrap,
            reason = "the last 32 bits, and a difference around zero"
        )]
        let off = received_us.wrapping_sub(near as u32) as i32;
        let came_at = Timestamp::from_micros(near.saturating_add(i64::from(off)));
        let left_at = came_at + delay;
        self.clock.note(&Exchange { sent_at, came_at, left_at, back_at: now });
    }

    /// Tells this end's time in full where that is due and fits beside `n_bytes` more.
    pub(super) fn say(&mut self, now: Timestamp, into: &mut Vec<u8>, n_bytes: usize) {
        let is_due = |(at, wait): (Timestamp, Micros)| now < at || now.micros_since(at) >= wait;
        let Ok(now_us) = u64::try_from(now.as_micros()) else { return };
        if self.said.is_none_or(is_due) && into.len() + n_bytes + CLOCK_BYTES <= PACKET_BYTES_MAX {
            let longer = |(_, wait): (Timestamp, Micros)| Micros::new(4 * wait.get());
            let wait = self.said.map_or(SAY_AFTER, longer).min(SAY_AFTER_MAX);
            self.said = Some((now, wait));
            Section::Clock { now_us }.print(into);
        }
    }
}
