//! Cleans an ECG and finds its beats, causally and in a stream.
//!
//! Samples of one lead in, one at a time: microvolts, at a constant 100 to 2000 Hz, NaN for a
//! missing one. Nothing looks ahead but by the delay that each type states. It tells no rhythm,
//! and its cleaned wave is for monitoring: it is not fit for reading ST segments.
//!
//! Read [`BeatFinder`] and [`Cleaner`] first; methods and results are in `docs/signals.md`.

mod beats;
mod biquad;
mod candidate;
mod classes;
mod cleaner;
mod ec57;
mod features;
mod fusion;
mod heart_rate;
mod intervals;
mod kinds;
mod looks;
mod memory;
mod peaks;
mod portrait;
mod pulses;
mod quality;
mod rate;
mod resampler;
mod template;
mod trail;
mod trees;
mod wave;

pub use beats::{Beat, BeatFinder, Scorer};
pub use classes::{BeatClass, Classes};
pub use cleaner::{Cleaner, Mains};
pub use ec57::{Score, compare_beats, outside, pair_beats};
pub use features::N_FEATURES;
pub use fusion::LeadsFinder;
pub use heart_rate::HeartRate;
pub use portrait::{N_PORTRAIT, NUMBERS, Painter, Portrait};
pub use pulses::find_pulses;
pub use quality::{LeadState, Quality, QualityMeter};
pub use rate::UnsupportedRate;
pub use trees::{DEPTH, LEAVES, Tree, Trees, TreesError};
