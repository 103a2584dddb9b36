//! The two ends against links that lose, repeat and reorder, and against crashes of both ends.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests"
)]

mod clock;
mod facts;
mod link;
mod session;
mod terse;
