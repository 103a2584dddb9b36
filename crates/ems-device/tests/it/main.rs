//! Decoders against real recordings and against noise.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read recordings, and say which they skip"
)]

mod dicom;
mod edf;
mod gatt;
mod hl7;
mod hostile;
mod packing;
mod phd;
mod recordings;
mod senml;
mod sparkplug;
