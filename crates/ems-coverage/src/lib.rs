//! Where a network carries how much: a map learnt from what gateways measured.
//!
//! [`Coverage`] counts readings by network, cell of a [`Grid`], hour of the day and quantity, as
//! sketches of which several are one. It tells a median and a low part with the number of readings
//! behind them, and leans on wider cells where there are few. It does not know roads or radio
//! propagation, and draws nothing. Read [`Coverage`] first, then [`Prediction`].

mod ahead;
mod coverage;
mod drives;
mod error;
mod file;
mod grid;
mod sketch;

pub use ahead::{Ahead, Need, Way};
pub use coverage::{Cell, Coverage, Place, Prediction, Quantity, Reading};
pub use drives::{CoverageDrive, read_drives};
pub use error::CoverageError;
pub use grid::{Grid, Square};
pub use sketch::{Sketch, Told};
