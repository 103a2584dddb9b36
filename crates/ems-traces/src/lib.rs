//! What a fleet's positions teach about its roads.
//!
//! Streams of fixes become drives ([`Matcher`], [`match_trace`]). The crate holds no clock, file or
//! map of its own. Read [`Matcher`] first.
//!
//! The matcher follows Newson and Krumm, "Hidden Markov map matching through noise and
//! sparseness", ACM SIGSPATIAL GIS 2009.

mod chain;
mod fix;
mod lattice;
mod matcher;
mod model;
mod smooth;

pub use chain::{Chain, Leg, chains, match_trace};
pub use fix::Fix;
pub use matcher::{BreakReason, MatchedFix, Matcher, NotLater, Step};
pub use model::MatchModel;
