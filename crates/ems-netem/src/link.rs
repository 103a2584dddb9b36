//! One direction of a link, packet by packet.

use std::collections::{BTreeMap, VecDeque};

use ems_model::{Micros, Timestamp};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use crate::config::{Interruption, InterruptionKind, LinkConfig};
use crate::steps::Steps;

/// A link that packets of type `P` travel.
#[derive(Debug, Clone)]
pub struct Link<P> {
    config: LinkConfig,
    start: Timestamp,
    rng: Pcg64Mcg,
    is_bad: bool,
    /// When the sender is free, in ns since the start: rates of Gbit/s need more than µs.
    free_ns: i64,
    /// Packets that wait or are being sent: until when, and how long they are.
    waiting: VecDeque<(i64, usize)>,
    n_waiting_bytes: usize,
    travelling: BTreeMap<(Timestamp, u64), (usize, P)>,
    last_due: Timestamp,
    tally: Tally,
}

/// What became of a link's packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets pushed.
    pub n_offered: u64,
    /// Bytes pushed.
    pub n_offered_bytes: u64,
    /// Packets that came out.
    pub n_delivered: u64,
    /// Bytes that came out.
    pub n_delivered_bytes: u64,
    /// Packets lost by chance.
    pub n_lost: u64,
    /// Packets that found the queue full.
    pub n_overflowed: u64,
    /// Packets lost in a blackout, or at a rate that stays 0.
    pub n_blacked_out: u64,
}

/// Why a packet will not come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drop {
    /// Chance.
    Lost,
    /// The queue is full.
    Overflowed,
    /// The link does not carry.
    BlackedOut,
}

const NS_PER_SECOND: i128 = 1_000_000_000;

impl<P> Link<P> {
    /// A link that begins at `start`; chance follows from `seed` alone.
    pub fn new(config: LinkConfig, start: Timestamp, seed: u64) -> Self {
        let handovers = config.interruptions.iter();
        let handovers = handovers.filter(|pause| pause.kind == InterruptionKind::Handover);
        let rate_bps = handovers
            .fold(config.rate_bps.clone(), |rates, pause| rates.overlaid(pause.from, pause.to, 0));
        Self {
            config: LinkConfig { rate_bps, ..config },
            start,
            // An odd multiplier spreads near seeds apart; the generator wants no zero state.
            rng: Pcg64Mcg::new(
                (u128::from(seed) << 1 | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
            ),
            is_bad: false,
            free_ns: 0,
            waiting: VecDeque::new(),
            n_waiting_bytes: 0,
            travelling: BTreeMap::new(),
            last_due: start,
            tally: Tally::default(),
        }
    }

    /// Sends a packet of `n_bytes`, or tells why it will not come out. `now` never goes back.
    pub fn push(&mut self, now: Timestamp, n_bytes: usize, packet: P) -> Result<(), Drop> {
        self.tally.n_offered += 1;
        self.tally.n_offered_bytes += n_bytes as u64;
        let outcome = self.send(now, n_bytes, packet);
        match outcome {
            Ok(()) => {}
            Err(Drop::Lost) => self.tally.n_lost += 1,
            Err(Drop::Overflowed) => self.tally.n_overflowed += 1,
            Err(Drop::BlackedOut) => self.tally.n_blacked_out += 1,
        }
        outcome
    }

    /// A packet that has come out by `now`, oldest first.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<P> {
        let first = self.travelling.first_entry().filter(|entry| entry.key().0 <= now)?;
        let (n_bytes, packet) = first.remove();
        self.tally.n_delivered += 1;
        self.tally.n_delivered_bytes += n_bytes as u64;
        Some(packet)
    }

    /// When the next packet comes out.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.travelling.first_key_value().map(|(key, _)| key.0)
    }

    /// What became of packets so far; those on their way are offered only.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn send(&mut self, now: Timestamp, n_bytes: usize, packet: P) -> Result<(), Drop> {
        let now_ns = now.micros_since(self.start).get().saturating_mul(1000);
        self.leave_queue(now_ns);
        if self.is_black(now_ns) {
            return Err(Drop::BlackedOut);
        }
        if self.n_waiting_bytes + n_bytes > self.config.queue_bytes_max {
            return Err(Drop::Overflowed);
        }
        let sent_ns = sent_by(&self.config.rate_bps, self.free_ns.max(now_ns), n_bytes)
            .ok_or(Drop::BlackedOut)?;
        self.free_ns = sent_ns;
        self.waiting.push_back((sent_ns, n_bytes));
        self.n_waiting_bytes += n_bytes;
        // A packet that is lost on the air has taken its time there all the same.
        if self.config.loss.draw(&mut self.is_bad, &mut self.rng) {
            return Err(Drop::Lost);
        }
        if self.is_black(sent_ns) {
            return Err(Drop::BlackedOut);
        }
        let due = self.due(sent_ns);
        self.travelling.insert((due, self.tally.n_offered), (n_bytes, packet));
        Ok(())
    }

    fn leave_queue(&mut self, now_ns: i64) {
        while let Some((_, n_bytes)) = self.waiting.pop_front_if(|packet| packet.0 <= now_ns) {
            self.n_waiting_bytes -= n_bytes;
        }
    }

    fn is_black(&self, at_ns: i64) -> bool {
        let at = Micros::new(at_ns / 1000);
        let covers = |pause: &Interruption| {
            pause.kind == InterruptionKind::Blackout && pause.from <= at && at < pause.to
        };
        self.config.interruptions.iter().any(covers)
    }

    fn due(&mut self, sent_ns: i64) -> Timestamp {
        let sent = Micros::new(sent_ns.div_euclid(1000) + 1);
        let jitter = self.config.jitter.get();
        let jitter = if jitter > 0 { self.rng.random_range(-jitter..=jitter) } else { 0 };
        let travel = (self.config.delay.at(sent) + Micros::new(jitter)).max(Micros::ZERO);
        let due = self.start + sent + travel;
        if self.config.overtakes {
            return due;
        }
        self.last_due = self.last_due.max(due);
        self.last_due
    }
}

/// When `n_bytes` that begin at `from_ns` are sent; `None` where the rate stays 0 before they are.
fn sent_by(rates: &Steps<u64>, from_ns: i64, n_bytes: usize) -> Option<i64> {
    let mut idx = rates.idx_at(Micros::new(from_ns / 1000));
    let mut at_ns = i128::from(from_ns);
    // What is left to send, in bits times ns a second, so that no step rounds.
    let mut left = n_bytes as i128 * 8 * NS_PER_SECOND;
    loop {
        let rate = i128::from(rates.step(idx)?.1);
        let ends_ns = rates.step(idx + 1).map(|next| i128::from(next.0.get()) * 1000);
        let room = ends_ns.map(|ends| (ends - at_ns).max(0) * rate);
        match (room, ends_ns) {
            (Some(room), Some(ends)) if room < left => (left, at_ns) = (left - room, ends),
            _ if rate == 0 => return None,
            _ => return i64::try_from(at_ns + (left + rate - 1) / rate).ok(),
        }
        idx += 1;
    }
}
