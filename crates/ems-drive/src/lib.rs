//! Drives in virtual time: what an ambulance sends over the radio links of a measured drive, and
//! what of it arrives when.
//!
//! The session is the one that ambulance and centre run, the links are emulated; time and chance
//! are arguments, so a seed tells everything. It reads no file and measures no real clock.
//!
//! Read [`Profile`] first, then [`Run`] and [`Outcome`].

mod outcome;
mod profile;
mod run;
mod slices;

pub use outcome::{ClassOutcome, Fate, LinkOutcome, Outcome};
pub use profile::{Flow, LinkProfile, Pause, Profile, ProfileError};
pub use run::{Run, Strategy};
pub use slices::{Conformance, Kept, Slice, Slices, SlicesError};
