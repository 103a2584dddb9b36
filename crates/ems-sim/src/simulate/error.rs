//! Why a simulation did not come to its end.

use std::io;

use ems_model::Millis;

use crate::SettingsError;

/// Why a simulation did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The settings do not fit the city.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The log could not be written.
    #[error("the event log could not be written: {0}; free space or choose another file")]
    Write(#[from] io::Error),
    /// A promise was not kept.
    #[error(
        "promise broken {} after the start, event {seq}: {what}; run `{command}` on the same city and files to see it again",
        clock(*.after)
    )]
    Broken {
        /// How long after the start.
        after: Millis,
        /// The last durable event.
        seq: u64,
        /// What happened.
        what: String,
        /// The command that shows it again.
        command: String,
    },
}

/// A length of time as `3:12:07.250`.
fn clock(span: Millis) -> String {
    let (secs, millis) = (span.get() / 1000, span.get() % 1000);
    format!("{}:{:02}:{:02}.{millis:03}", secs / 3600, secs / 60 % 60, secs % 60)
}
