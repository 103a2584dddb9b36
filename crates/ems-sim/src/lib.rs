//! A living city around the command centre: callers, crews, patients and hospitals; and a whole
//! service on one thread in virtual time.
//!
//! It is for rehearsal, load and proof, not for prediction: durations, rates and bodies are
//! invented (`data/sim`), and no number of it says anything about a real service. It does not
//! decide who is sent where: it asks the centre's recommendation as a console does, through the
//! public requests, and learns what happened from the public stream.
//!
//! Read [`City`] first, then [`Simulation`]. The ECG is that of `McSharry` et al. 2003, see
//! [`EcgModel`]. The same seed gives the same calls, patients and chances: each call has streams of
//! its own (PCG64, seeded by seed, purpose and index), so that what happens in between never
//! changes them.

mod calls;
mod chance;
mod city;
mod counterfactual;
mod courses;
mod ecg;
mod fleet;
mod mix;
mod patient;
mod people;
mod settings;
mod simulate;

pub use calls::{CallFileError, CallList, CallSource, Calls, ListedCall, PlannedCall};
pub use city::{Advice, City, CityPlan, MajorPlan, Mode, Output, Wake};
pub use counterfactual::{
    Assumed, CallChange, Counterfactual, CounterfactualError, Interval, Likeness, PlaceChange,
    Progress as ReplayProgress, RecordedLog, ReplaySummary, Side, Why,
};
pub use courses::course;
pub use ecg::{EcgModel, EcgSource, Recording};
pub use fleet::{
    ANSWER_COLUMNS, Answer, Call, CallLaws, CallSums, CityFiles, ConfigError, CoverFiles, CrewSums,
    DrawnCalls, Estimate, FleetCity, FleetPolicy, Lookahead, NamedFile, PlayGround, Priority,
    Raster, Sending, SimConfig, Staffing, StaffingError, TableError, Tally, derive_cover_patterns,
    read_calls, read_cover_patterns, run_fleet, stats_dict,
};
pub use mix::{Mix, Rhythm};
pub use patient::{Body, Heart};
pub use settings::{Settings, SettingsError};
pub use simulate::{
    ArrivalErrors, FaultCounts, Faults, Progress, Simulation, SimulationError, SimulationPlan,
    Summary, Traced, UnknownFaults,
};
