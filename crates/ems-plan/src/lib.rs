//! Where stations and units should stand, how busy they are, and how many call-takers it takes.
//!
//! The planning models of emergency medical services, each solved to proven optimality or with a
//! proven bound: [`mclp`], [`nested_mclp`], [`mexclp`], [`malp`], [`p_median`],
//! [`double_standard`]; how busy the units of a plan are: [`Hypercube`]; seats for call-takers:
//! [`CallLoad`]. `docs/plan-models.md` has each formula with its source.
//!
//! What covers what comes in as tables: the crate knows no road, map or file. It chooses nothing
//! for anybody: a [`Plan`] is an answer to one model. Objectives are recomputed here from the
//! table, never taken from the solver. Without a time limit the same question has the same answer,
//! always; with one, the solver reads a clock to keep it. Read [`Cover`] and [`Plan`] first.

mod cover;
mod covering;
mod double;
mod error;
mod greedy;
mod hypercube;
mod malp;
mod median;
mod model;
mod nested;
mod pattern_file;
mod program;
mod search;
mod seats;

pub use cover::Cover;
pub use covering::{expected_cover, mclp, mexclp};
pub use double::{DoubleStandard, double_standard};
pub use error::PlanError;
pub use hypercube::{Atom, Hypercube, Overflow, UNITS_EXACT_MAX, Workloads};
pub use malp::{busy_share_needs, load_needs, malp};
pub use median::{Times, p_median};
pub use nested::{NestedPlan, Stage, nested_mclp};
pub use pattern_file::{PatternFile, PatternFileError};
pub use search::{Effort, Ended, Plan, Progress, Ties, Watch};
pub use seats::{CallLoad, ERLANGS_MAX};
