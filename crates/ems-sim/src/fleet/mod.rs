//! A fleet of units through years of calls, as fast as it goes: discrete events over exact drive
//! times.
//!
//! Unlike [`crate::Simulation`], which runs whole machines (centre, gateways, links), this knows
//! units, calls and roads alone, to compare policies of dispatch and relocation. Cities, calls and
//! rules are those of JEMSS (Ridler, Mason, Raith, "A simulation and optimisation package for
//! emergency medical services", EJOR 298, 2022; named from memory, unverified): times are days,
//! distances kilometres. The policies are those of `ems_dispatch`.
//!
//! Read [`FleetCity`] first, then [`run_fleet`].

mod agenda;
mod ahead;
mod call;
mod choose;
mod city;
mod config;
mod coverage;
mod crew;
mod draw;
mod duty;
mod generate;
mod labels;
mod plane;
mod policy;
mod raster;
mod rearrange;
mod roads;
mod rows;
mod run;
mod search;
mod staffing;
mod stats;
mod stats_dict;
mod table;
mod trip;

pub use ahead::{Lookahead, PlayGround};
pub use call::{ANSWER_COLUMNS, Answer, Call, read_calls};
pub use city::{CityFiles, FleetCity, Priority};
pub use config::{ConfigError, SimConfig};
pub use coverage::{CoverFiles, derive_cover_patterns, read_cover_patterns};
pub use crew::CrewSums;
pub use generate::{CallLaws, DrawnCalls};
pub use policy::{FleetPolicy, Sending};
pub use raster::Raster;
pub use run::run_fleet;
pub use staffing::{Staffing, StaffingError};
pub use stats::{CallSums, Tally};
pub use stats_dict::{Estimate, stats_dict};
pub use table::{NamedFile, TableError};
