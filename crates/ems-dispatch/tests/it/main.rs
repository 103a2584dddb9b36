//! The engine from outside: shipped data, triage, rankings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod destination;
mod findings;
mod hospitals;
mod mass_casualty;
mod own_files;
mod response;
mod shipped;
mod spread;
mod tagging;
mod triage;
mod units;
