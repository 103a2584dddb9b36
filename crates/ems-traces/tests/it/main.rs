//! Synthetic drives over whole cities: Malta, which the repository ships, and others where the
//! shared data is at hand.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "tests read files and say what they skip"
)]

mod learning;
mod learnt;
mod lesson;
mod matching;
mod traces;
mod world;
