//! Frames that a unit measured and that will never come.

use serde::{Deserialize, Serialize};

/// Numbers of frames that a unit's gateway gave up before the centre had stored them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gap {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// Why.
    pub cause: GapCause,
}

/// Why frames were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// They were too old to be of use.
    Expired,
    /// The outbox had no space left.
    NoSpace,
}

impl GapCause {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Expired, Self::NoSpace];

    /// Its name in the API and on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NoSpace => "no_space",
        }
    }
}
