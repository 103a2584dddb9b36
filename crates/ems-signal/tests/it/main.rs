//! The detector measured on annotated recordings, and laws that hold for any input.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::struct_field_names,
    reason = "tests read recordings, and print what they measure"
)]

mod cleaning;
mod clocks;
mod laws;
mod recordings;
