//! The rhythm of one lead, followed causally.

mod beats;
mod rules;
mod tally;
mod watch;
mod wave;

pub use rules::RhythmRules;
pub use watch::{RhythmStatement, RhythmWatch};
