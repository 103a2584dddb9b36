//! Fixes, and what is left out of a trace before it is matched.

use ems_model::{Millis, Position, Timestamp};

/// One position that a unit sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// When the unit was there.
    pub at: Timestamp,
    /// Where its receiver believed it to be.
    pub position: Position,
}

impl Fix {
    /// Metres in a straight line to another fix.
    pub(crate) fn metres_to(&self, other: &Self) -> f64 {
        self.position.metres_to(other.position)
    }

    /// The time from this fix to a later one.
    pub(crate) fn until(&self, later: &Self) -> Millis {
        later.at.since(self.at)
    }
}
