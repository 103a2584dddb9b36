//! What is told in confidence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A patient's or caller's data: it is stored and sent, but never printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps the value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Opens the value, for a screen or record that may show it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹private›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_reach_the_log() {
        assert_eq!(format!("{:?}", Some(Private::new("Li Na"))), "Some(‹private›)");
    }
}
