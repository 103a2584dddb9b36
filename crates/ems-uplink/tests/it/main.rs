//! The two ends against a link that loses, repeats, reorders, and against crashes of both ends.
#![allow(clippy::unwrap_used, reason = "tests")]

mod facts;
mod link;
mod session;
