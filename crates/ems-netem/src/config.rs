//! What a link is like.

use ems_model::Micros;

use crate::loss::Loss;
use crate::steps::Steps;

/// One direction of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkConfig {
    /// What it carries, in bits a second, since its start; 0 while it carries nothing.
    pub rate_bps: Steps<u64>,
    /// How long a packet travels, beside its time in the queue.
    pub delay: Steps<Micros>,
    /// The delay of each packet is up to this much more or less, evenly spread.
    pub jitter: Micros,
    /// Whether a packet may overtake another by jitter; radio bearers keep order (RLC acknowledged
    /// mode, 3GPP TS 38.322).
    pub overtakes: bool,
    /// Which packets it loses.
    pub loss: Loss,
    /// The bytes that may wait; a packet that does not fit is dropped.
    pub queue_bytes_max: usize,
    /// When it does not carry.
    pub interruptions: Vec<Interruption>,
}

/// A time in which a link does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// From when, since the link's start.
    pub from: Micros,
    /// Until when.
    pub to: Micros,
    /// What becomes of packets.
    pub kind: InterruptionKind,
}

/// What becomes of packets in an interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterruptionKind {
    /// They wait: the old cell hands them to the new one.
    Handover,
    /// They are lost, those that come and those that wait.
    Blackout,
}

impl LinkConfig {
    /// A link of one rate and delay that loses nothing, with a queue of 100 ms, at least 15 kB.
    pub fn steady(rate_bps: u64, delay: Micros) -> Self {
        let queue = usize::try_from(rate_bps / 80).unwrap_or(usize::MAX);
        Self {
            rate_bps: Steps::constant(rate_bps),
            delay: Steps::constant(delay),
            jitter: Micros::ZERO,
            overtakes: false,
            loss: Loss::Single(0.0),
            queue_bytes_max: queue.max(15_000),
            interruptions: Vec::new(),
        }
    }
}
