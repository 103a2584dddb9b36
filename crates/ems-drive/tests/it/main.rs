//! Sessions over emulated links.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests")]

mod clock;
mod outlook;
mod slices;
