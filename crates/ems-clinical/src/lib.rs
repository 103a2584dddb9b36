//! Scores and alarms from tables that cite their page.
//!
//! The numbers are data, in `data/clinical/`, each file with its source and whether it was
//! verified against it. What was not measured is listed, never taken for normal. It diagnoses
//! nothing and it sounds nothing: it tells the host what to show.
//!
//! Read [`News2Table`] and [`Alarms`] first. NEWS2 follows Royal College of Physicians, National
//! Early Warning Score (NEWS) 2, London: RCP 2017, charts 1 and 2.

mod alarms;
mod limits;
mod news2;

pub use alarms::{Alarms, EcgState};
pub use limits::{AlarmLimits, AsystoleLimit, LeadOffLimit, Limit};
pub use news2::{News2Table, Spo2Scale};

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is not TOML, or lacks or misnames a field.
    #[error("table cannot be read: {0}: correct the file")]
    Toml(#[from] toml::de::Error),
    /// Its bands do not cover all values in rising order.
    #[error(
        "bands of {parameter} must rise, and only the last must lack \"up_to\": correct the file"
    )]
    Bands {
        /// Which parameter.
        parameter: &'static str,
    },
    /// A number that no alarm can use.
    #[error("{field} {value} is not {expected}: correct the file")]
    Number {
        /// Which field.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// Two limits for one alarm, or a limit for an alarm that has its own section.
    #[error(
        "alarm {kind:?} cannot have this limit: give each kind once, asystole and lead-off in their sections"
    )]
    Kind {
        /// Which alarm.
        kind: ems_model::AlarmKind,
    },
}
