//! Cleans an ECG and finds its beats, causally and in a stream.
//!
//! Samples of one lead in, one at a time: microvolts, at a constant 100 to 2000 Hz, NaN for a
//! missing one. Nothing looks ahead but by the delay that each type states. It classifies no beat
//! and no rhythm, and its cleaned wave is for monitoring: it is not fit for reading ST segments.
//!
//! Read [`BeatFinder`] and [`Cleaner`] first. The detector follows P. Hamilton, "Open source ECG
//! analysis", Computers in Cardiology 2002;29:101-104, with medians as its estimates.

mod beats;
mod biquad;
mod cleaner;
mod energy;
mod heart_rate;
mod judge;
mod peaks;
mod pulses;
mod quality;
mod rate;

pub use beats::{Beat, BeatFinder};
pub use cleaner::{Cleaner, Mains};
pub use heart_rate::HeartRate;
pub use pulses::find_pulses;
pub use quality::{LeadState, Quality, QualityMeter};
pub use rate::UnsupportedRate;
