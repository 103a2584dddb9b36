//! How much a link may carry at once, so that no queue builds in it.

use ems_model::{Micros, Timestamp};

use super::packet::PACKET_BYTES_MAX;
use super::round_trip::Least;

/// The queue, in time, that a link is kept at while only patient classes use it: enough that it
/// does not run dry when its rate grows.
pub(crate) const QUEUE_PATIENT: Micros = Micros::from_millis(20);
/// The queue while classes with deadlines share it.
pub(crate) const QUEUE_LIVE: Micros = Micros::new(2_500);
/// How often a link is emptied, so that the shortest way is seen again.
const DRAIN_EVERY: Micros = Micros::from_millis(2_500);
/// After so many full rounds without a queue the window doubles.
const EMPTY_DOUBLE: i32 = 6;
/// A round has at least so many delays: the least queue of few would be their jitter.
const ROUND_DELAYS_MIN: u32 = 8;
/// Rounds that are empty because the link was emptied do not count.
const EMPTY_AFTER_DRAIN: i32 = -3;
/// What counts as empty.
const EMPTY: Micros = Micros::from_millis(1);
/// The largest packet, in bytes.
#[expect(clippy::cast_precision_loss, reason = "1,160")]
const PACKET: f64 = PACKET_BYTES_MAX as f64;
const WINDOW_MIN: f64 = 4.0 * PACKET;
/// RFC 6928 begins with 10 packets.
const WINDOW_FIRST: f64 = 10.0 * PACKET;
const WINDOW_MAX: f64 = 64e6;
/// A share of packets lost from which a full link is told, not a noisy one.
const LOSS_MAX: f64 = 0.1;

/// A congestion window that steers the queueing delay, measured one way, to a target.
///
/// Once a round trip the window is multiplied by (way + target) / (way + queue), as FAST TCP does
/// with the round trip (Jin, Wei and Low, IEEE INFOCOM 2004; unverified), where the way is the
/// round trip without queue. While rounds see no queue at all it grows faster, up to twice. Clocks
/// of the two ends need not agree: the least delay of the last seconds stands for an empty link.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    bytes: f64,
    /// Of small packets, and of large ones, which take longer without a queue, too.
    least_delays: [Least; 2],
    queue: Micros,
    round: Round,
    emptied_at: Timestamp,
    /// How many full rounds in turn saw no queue; at first as if there had been many.
    n_empty: i32,
    /// Whether no queue was seen yet.
    is_starting: bool,
    /// What was delivered a second, in the busiest round of late.
    rate_bps: f64,
    n_acked_bytes: u64,
    full_for: Micros,
}

#[derive(Debug, Clone, Copy)]
struct Round {
    /// The number of the packet that ends it.
    ends: u64,
    began: Timestamp,
    least_queue: Option<Micros>,
    n_bytes: u64,
    n_delays: u32,
    n_acked: u32,
    n_lost: u32,
    was_full: bool,
}

impl Window {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            bytes: WINDOW_FIRST,
            least_delays: [Least::default(), Least::default()],
            queue: Micros::ZERO,
            round: Round::new(now, 0),
            emptied_at: now,
            n_empty: EMPTY_DOUBLE - 1,
            is_starting: true,
            rate_bps: 0.0,
            n_acked_bytes: 0,
            full_for: Micros::ZERO,
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 64e6")]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes as usize
    }

    /// The queue that was last seen.
    pub(crate) fn queue(&self) -> Micros {
        self.queue
    }

    /// What the link carries, in bit/s, as far as it was used.
    pub(crate) fn rate_bps(&self) -> f64 {
        self.rate_bps
    }

    /// All bytes that were acknowledged.
    pub(crate) fn n_acked_bytes(&self) -> u64 {
        self.n_acked_bytes
    }

    /// How long rounds took in which the window held something back, though it had found the
    /// link's queue.
    pub(crate) fn full_for(&self) -> Micros {
        self.full_for
    }

    /// A packet of `n_bytes` was acknowledged.
    pub(crate) fn on_acked(&mut self, n_bytes: usize) {
        self.round.n_acked += 1;
        self.round.n_bytes += n_bytes as u64;
        self.n_acked_bytes += n_bytes as u64;
    }

    pub(crate) fn on_lost(&mut self) {
        self.round.n_lost += 1;
    }

    /// The window, or the pace that follows from it, held something back.
    pub(crate) fn on_full(&mut self) {
        self.round.was_full = true;
    }

    /// The link did not answer for long: what was under way is gone, or waits in a queue that has
    /// to drain first.
    pub(crate) fn on_silence(&mut self) {
        self.bytes = (self.bytes / 4.0).max(WINDOW_MIN);
        self.is_starting = true;
    }

    /// The newest acknowledged packet, `newest` of `n_bytes`, took `delay` on its way by the two
    /// clocks; the next packet has number `next`.
    pub(crate) fn on_delay(
        &mut self,
        now: Timestamp,
        delay: i64,
        round_trip: Micros,
        (newest, n_bytes): (u64, usize),
        next: u64,
        target: Micros,
    ) {
        let is_large = n_bytes > PACKET_BYTES_MAX / 2;
        let least = self.least_delays[usize::from(is_large)].note(now, delay);
        self.queue = Micros::new(delay - least);
        self.round.n_delays += 1;
        self.round.least_queue =
            Some(self.round.least_queue.map_or(self.queue, |queue| queue.min(self.queue)));
        if newest >= self.round.ends && self.round.n_delays >= ROUND_DELAYS_MIN {
            self.end_round(now, round_trip, target);
            self.round = Round::new(now, next);
        }
    }

    fn end_round(&mut self, now: Timestamp, round_trip: Micros, target: Micros) {
        let queue = self.round.least_queue.unwrap_or(Micros::ZERO);
        if queue < EMPTY {
            self.emptied_at = now;
        }
        self.count_empty(queue);
        self.measure(now);
        if self.round.was_full && !self.is_starting && self.n_empty < 2 {
            self.full_for = self.full_for + now.micros_since(self.round.began);
        }
        let way = (round_trip - queue).max(Micros::from_millis(1)).as_millis_f64();
        let full = way + queue.as_millis_f64();
        let factor = if now.micros_since(self.emptied_at) > DRAIN_EVERY {
            (self.emptied_at, self.n_empty) = (now, EMPTY_AFTER_DRAIN);
            0.9 * way / full
        } else if self.is_overflowing(queue, target) {
            0.7
        } else {
            self.growth(target).unwrap_or((way + target.as_millis_f64()) / full)
        };
        // A window that was not used says nothing about a larger one.
        let most = if self.round.was_full { 2.0 } else { 1.0 };
        self.bytes = (self.bytes * factor.clamp(0.5, most)).clamp(WINDOW_MIN, WINDOW_MAX);
    }

    fn count_empty(&mut self, queue: Micros) {
        if queue >= EMPTY {
            (self.n_empty, self.is_starting) = (0, false);
        } else if self.round.was_full {
            self.n_empty += 1;
        }
    }

    /// A link that stays empty carries more than was thought: the window grows by a quarter, a
    /// half, then twice, each time waiting a round to see what came of it. Beside live classes it
    /// grows by no more than a sixteenth once the link has been full.
    fn growth(&self, target: Micros) -> Option<f64> {
        let is_live = target < QUEUE_PATIENT && !self.is_starting;
        match self.n_empty {
            ..=1 => None,
            odd if odd % 2 == 1 => Some(1.0),
            _ if is_live => Some(1.0625),
            2 => Some(1.25),
            4 => Some(1.5),
            _ => Some(2.0),
        }
    }

    fn measure(&mut self, now: Timestamp) {
        let took = now.micros_since(self.round.began).as_millis_f64().max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "bytes of a round stay far below 2^52")]
        let rate = self.round.n_bytes as f64 * 8000.0 / took;
        let fade = if self.round.was_full { 0.8 } else { 0.99 };
        self.rate_bps = rate.max(fade * self.rate_bps + (1.0 - fade) * rate);
    }

    fn is_overflowing(&self, queue: Micros, target: Micros) -> bool {
        let n_packets = f64::from(self.round.n_acked + self.round.n_lost).max(1.0);
        f64::from(self.round.n_lost) / n_packets > LOSS_MAX && queue > Micros::new(target.get() / 2)
    }
}

impl Round {
    fn new(began: Timestamp, ends: u64) -> Self {
        Self {
            ends,
            began,
            least_queue: None,
            n_bytes: 0,
            n_delays: 0,
            n_acked: 0,
            n_lost: 0,
            was_full: false,
        }
    }
}
