//! Forecasts of series whose future is known: patterns, simulated services, Wales.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::format_push_string,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "tests read files, say what they skip and compare what must be equal"
)]

mod cells;
mod drift;
mod forecast;
mod hours;
mod intensity;
mod table;
mod world;
