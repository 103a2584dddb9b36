//! Cleans an ECG and finds its beats, causally and in a stream.
//!
//! Samples in, of one lead or of leads side by side ([`Lanes`]): microvolts, at a constant 100 to
//! 2000 Hz, NaN for a missing one. Nothing looks ahead but by the delay that each type states. It
//! tells no rhythm, and its cleaned wave is for monitoring: it is not fit for reading ST segments.
//!
//! Read [`BeatFinder`] and [`Monitor`] first; methods and results are in `docs/signals.md`.
#![expect(clippy::inline_always, reason = "loops over lanes reach the widest registers so")]

mod beats;
mod biquad;
mod breaths;
mod candidate;
mod capnogram;
mod choice;
mod classes;
mod cleaner;
mod clock;
mod ec57;
mod features;
mod fusion;
mod gaps;
mod heart_rate;
mod hrv;
mod hum;
mod intervals;
mod kinds;
mod lanes;
mod limbs;
mod lomb;
mod looks;
mod memory;
mod modulation;
mod monitor;
mod muscle;
mod output;
mod oximetry;
mod peaks;
mod placement;
mod portrait;
mod pulse_train;
mod pulses;
mod quality;
mod rate;
mod regrid;
mod resampler;
mod robust;
mod sections;
mod shape;
mod spikes;
mod tail;
mod tails;
mod template;
mod trail;
mod transit;
mod trees;
#[cfg(test)]
mod twin;
mod wave;

pub use beats::{Beat, BeatFinder, Scorer};
pub use breaths::{BREATHS_LOOK_S, SlowWave, breath_rate, fuse_breaths};
pub use capnogram::{Capnograph, Exhalation};
pub use classes::{BeatClass, Classes};
pub use cleaner::{Cleaner, Mains};
pub use clock::{SampleTime, SourceClock};
pub use ec57::{Score, compare_beats, outside, pair_beats};
pub use features::N_FEATURES;
pub use fusion::LeadsFinder;
pub use gaps::{Cleaned, Sample};
pub use heart_rate::HeartRate;
pub use hrv::{ClassedTimes, Hrv, HrvError, hrv};
pub use lanes::Lanes;
pub use modulation::{HeartBeat, ecg_breaths, pulse_breaths};
pub use monitor::Monitor;
pub use output::relative_output;
pub use oximetry::{OximeterCurve, perfusion_index, ratio_of_ratios};
pub use placement::{Placement, PlacementWatch, Reversal};
pub use portrait::{N_PORTRAIT, NUMBERS, Painter, Portrait};
pub use pulse_train::PulseTrain;
pub use pulses::{Pulse, PulseFinder, UnsupportedWaveRate, find_pulses};
pub use quality::{LeadState, Quality, QualityMeter};
pub use rate::UnsupportedRate;
pub use regrid::Regrid;
pub use transit::{pressure_change, transit_time};
pub use trees::{DEPTH, LEAVES, Tree, Trees, TreesError};
