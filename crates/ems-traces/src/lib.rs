//! What a fleet's positions teach about its roads.
//!
//! Streams of fixes become drives ([`Matcher`], [`match_trace`]), drives become speed observations
//! ([`drives`], [`Span`]), and these become paces by road class, hour and arc ([`Paces`]), live speeds
//! ([`live_speeds`]), a profile that drives as its fleet does ([`calibrated_profile`]), and the
//! interval around an ETA ([`EtaModel`]). The crate holds no clock, file or map of its own, and
//! ships no learnt numbers: a city that has not learnt has the profile's times and no intervals.
//! Read [`Matcher`] and [`Paces`] first.
//!
//! The matcher follows Newson and Krumm, "Hidden Markov map matching through noise and
//! sparseness", ACM SIGSPATIAL GIS 2009; the distribution of drive times has the forms of
//! Kolesar, Walker and Hausner (1975) and Budge, Ingolfsson and Zerom (2010), see [`EtaModel`].

mod calibrate;
mod chain;
mod descent;
mod drives;
mod eta;
mod file;
mod fix;
mod lattice;
mod lesson;
mod live;
mod matcher;
mod model;
mod paces;
mod smooth;
mod span;
mod student;

pub use calibrate::calibrated_profile;
pub use chain::{Chain, Leg, chains, match_trace};
pub use drives::{Drive, drives};
pub use eta::{EtaError, EtaInterval, EtaModel, TRIPS_MIN, Trip};
pub use file::{FIXES_MAX, Traces};
pub use fix::Fix;
pub use lesson::{EtaErrors, HeldOut, Lesson, LessonError, LessonRules, learn};
pub use live::{LiveRules, LiveSpeed, live_speeds};
pub use matcher::{BreakReason, MatchedFix, Matcher, NotLater, Step};
pub use model::MatchModel;
pub use paces::{Paces, Shrinkage};
pub use span::{Part, Span, SpanRules};
