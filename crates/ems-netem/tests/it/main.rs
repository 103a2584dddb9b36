//! Laws of a link, and the traces at hand.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

mod laws;
mod traces;
