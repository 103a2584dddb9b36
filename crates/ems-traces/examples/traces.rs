//! Prints what 400 units sent on a trip each in Malta, at hidden speeds: a file to try
//! `golden-hour roads learn` with. Its first argument is another number of trips.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    dead_code,
    reason = "an example reads files and prints"
)]

#[path = "../tests/it/learning.rs"]
mod learning;
#[path = "../tests/it/world.rs"]
mod world;

fn main() {
    let n_trips = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(400);
    print!("{}", learning::file(&world::MALTA, n_trips, 1));
}
