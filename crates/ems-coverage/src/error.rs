//! Files that cannot be used.

use ems_table::TableError;

/// A file of readings or of a map that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CoverageError {
    /// As a table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No column holds a reading.
    #[error(
        "no column is named \"…_kbps\" or \"…_delay_ms\": name one for each network, as in \"att_kbps\""
    )]
    NoNetwork,
    /// A size of squares that is no use.
    #[error("squares of {metres} m are outside 50..=10000")]
    Metres {
        /// The size.
        metres: u32,
    },
    /// Two maps of other squares.
    #[error(
        "squares of {other} m do not fit those of {own} m: make the map anew from its readings"
    )]
    OtherGrid {
        /// Of this map.
        own: u32,
        /// Of the other.
        other: u32,
    },
}
