//! What is said of hearts that were made up, and of those that were recorded.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read recordings from disk, and say when they are absent"
)]

mod atria;
mod findings;
mod heart;
mod measuring;
mod records;
mod rhythm;
