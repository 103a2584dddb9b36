//! Cleans an ECG and finds its beats, causally and in a stream.
//!
//! Samples in, of one lead or of leads side by side ([`Lanes`]): microvolts, at a constant 100 to
//! 2000 Hz, NaN for a missing one. Nothing looks ahead but by the delay that each type states. It
//! tells no rhythm, and its cleaned wave is for monitoring: it is not fit for reading ST segments.
//!
//! Read [`BeatFinder`] and [`Monitor`] first; methods and results are in `docs/signals.md`.

mod beats;
mod biquad;
mod candidate;
mod choice;
mod classes;
mod cleaner;
mod ec57;
mod features;
mod fusion;
mod gaps;
mod heart_rate;
mod hum;
mod lanes;
mod memory;
mod monitor;
mod muscle;
mod peaks;
mod portrait;
mod pulses;
mod quality;
mod rate;
mod resampler;
mod sections;
mod spikes;
mod tail;
mod template;
mod trail;
mod trees;
#[cfg(test)]
mod twin;
mod wave;

pub use beats::{Beat, BeatFinder, Scorer};
pub use classes::{BeatClass, Classes};
pub use cleaner::{Cleaner, Mains};
pub use ec57::{Score, compare_beats, outside, pair_beats};
pub use features::N_FEATURES;
pub use fusion::LeadsFinder;
pub use gaps::{Cleaned, Sample};
pub use heart_rate::HeartRate;
pub use lanes::Lanes;
pub use monitor::Monitor;
pub use portrait::{N_PORTRAIT, Portrait};
pub use pulses::find_pulses;
pub use quality::{LeadState, Quality, QualityMeter};
pub use rate::UnsupportedRate;
pub use trees::{DEPTH, LEAVES, Tree, Trees, TreesError};
