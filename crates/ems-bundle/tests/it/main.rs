//! Bundles that are written, read, changed and forged.
#![allow(clippy::unwrap_used, reason = "a test stops at a surprise")]

mod forged;
mod made;
mod round_trips;
