//! Emulates radio links: packets in, the same packets out, later or never.
//!
//! Time and chance are arguments: a [`Link`] is seeded, and the same packets at the same times come
//! out the same. One link is one direction. A packet waits in a queue of limited length, is sent at
//! the rate of that moment, may be lost, and travels for a delay with jitter; handovers hold it up,
//! blackouts swallow it. Rates come by the second from measured drives, see [`Drive`]; round trips
//! from [`Journey`].
//!
//! It reads no file and unpacks nothing; it knows no protocol, so packets are whatever the caller
//! pushes. Read [`LinkConfig`] first, then [`Link`].

mod config;
mod drive;
mod journey;
mod link;
mod loss;
mod mahimahi;
mod steps;

pub use config::{Interruption, InterruptionKind, LinkConfig};
pub use drive::{Drive, DriveError, Network};
pub use journey::{Journey, RoundTrip};
pub use link::{Drop, Link, Tally};
pub use loss::Loss;
pub use mahimahi::{MahimahiError, OPPORTUNITY_BYTES, mahimahi};
pub use steps::{Steps, StepsError};
