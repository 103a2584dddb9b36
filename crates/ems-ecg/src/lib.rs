//! Measures a 12-lead ECG and says what its criteria say; follows the rhythm of a stream.
//!
//! A short recording at rest becomes beats, the average beat, intervals and voltages, and findings,
//! each with the numbers and the rule that it rests on. What cannot be measured is missing and said
//! so. The limits are in `data/ecg/criteria.toml`; methods and results in `docs/ecg.md`. It is no
//! certified interpretation.
//!
//! The rhythm of a lead is told as it goes, from its wave and the beats that `ems-signal` finds in
//! it.
//!
//! Read [`Ecg`] and [`Report`], or [`RhythmWatch`], first.

mod atria;
mod average;
mod criteria;
mod delineate;
mod ecg;
mod filter;
mod finding;
mod judge;
mod lead;
mod measure;
mod paper;
mod rate;
mod report;
mod rhythm;
mod words;

pub use average::{AverageBeat, ShapedBeat};
pub use criteria::{Criteria, Source};
pub use ecg::{Ecg, EcgError};
pub use finding::{Finding, Measure, Reason, Statement, Test};
pub use lead::Lead;
pub use measure::{Bounds, LeadMeasures, Measurements, Missing, Qtc};
pub use paper::{Ink, Mark, PAGE_MM, Page, Pen, Point, Scope, Sheet, pages, svg};
pub use report::{Patient, Report, ReportError, Sex};
pub use rhythm::{RhythmRules, RhythmStatement, RhythmWatch};
pub use words::{Language, missing_lines};
