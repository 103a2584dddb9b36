//! What every decoder gives: readings, with their metric, value, unit, time and source.

mod moment;

pub use moment::Moment;

pub(crate) use moment::time_of_day_us;
