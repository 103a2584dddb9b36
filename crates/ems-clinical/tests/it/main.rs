//! Scores by their charts.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "tests read the tables that they check"
)]

mod points;
mod scores;
