//! Scores and alarms from tables that cite their page.
//!
//! The numbers are data, in `data/clinical/`, each file with its source and whether it was
//! verified against it. What was not measured is listed and leaves a score its range, never taken
//! for normal. It diagnoses nothing and it sounds nothing: it tells the host what to show.
//!
//! Read [`Scores`] and [`Alarms`] first. Each score follows the publication that its file names.

mod alarms;
mod arrhythmia;
mod budget;
mod evaluate;
mod hold;
mod inputs;
mod interval;
mod limits;
mod score;
mod scores;
mod signal;
mod text;
mod told;
mod trend;
mod virtual_sensor;

pub use alarms::{Alarms, Audio, EcgState, Ventricles};
pub use arrhythmia::{AlarmScore, Arrhythmia, Channel, Contradiction, Judged};
pub use budget::{AlarmBudget, BudgetLine};
pub use evaluate::{ItemScored, Scored, Standing};
pub use hold::{Held, Witness};
pub use inputs::{Input, InputError, Inputs, Observations, Observed, vital_answers};
pub use interval::Interval;
pub use limits::{
    AlarmLimits, AsystoleLimit, LeadOffLimit, Limit, RhythmLimit, SuppressionLimit, Telling,
};
pub use score::{Class, Item, Score};
pub use scores::Scores;
pub use text::Text;
pub use told::Spo2Scale;
pub use trend::{Calibration, CalibrationBin, Features, N_FEATURES, Trend, TrendModel};
pub use virtual_sensor::{Sensed, cuff_pressure, derive, drift, shock_index};

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is not TOML, or lacks or misnames a field.
    #[error("table cannot be read: {0}: correct the file")]
    Toml(#[from] toml::de::Error),
    /// An input or a score that cannot work.
    #[error("{id}: {what}")]
    Entry {
        /// Which.
        id: String,
        /// What is wrong, and what to do.
        what: String,
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
