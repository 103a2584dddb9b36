//! The whole city, simulated.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod devices;
mod grid;
mod restart;
mod simulate;
mod town;
