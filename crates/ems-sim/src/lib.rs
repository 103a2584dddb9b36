//! A living city: calls, patients, crews and hospitals, and the day simulator.

mod calls;
mod chance;
mod city;
mod ecg;
mod mix;
mod patient;
mod people;
mod settings;
mod simulate;

pub use calls::{CallFileError, CallList, CallSource, Calls, ListedCall, PlannedCall};
pub use city::{Advice, City, CityPlan, Mode, Output, Wake};
pub use ecg::{EcgModel, EcgSource, Recording};
pub use mix::{Mix, Rhythm};
pub use patient::{Body, Heart};
pub use settings::{Settings, SettingsError};
pub use simulate::{
    FaultCounts, Faults, Progress, Simulation, SimulationError, SimulationPlan, Summary,
    UnknownFaults,
};
