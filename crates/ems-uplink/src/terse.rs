//! Vitals and alarms in at most 32 bytes, for bearers of a kilobit a second and less.

mod bits;
mod budget;
mod changes;
mod codec;

use ems_model::{AlarmKind, AlarmPriority, MmHg, Position, Timestamp, Vitals};

pub use budget::{Bearer, Teller, TellerWake};

/// The largest message.
pub const TERSE_BYTES_MAX: usize = 32;
/// The largest alias of a unit.
pub const TERSE_UNIT_MAX: u16 = 4095;
/// The most alarms of a message.
pub const TERSE_ALARMS_MAX: usize = 7;

/// One message: what is known of one patient at one second.
///
/// Rates, pressures and saturation are whole, as measured; the temperature is told to a tenth of a
/// degree; "not measured" is told apart from zero. Neither encrypted nor authenticated: that is the
/// bearer's. Layout: `docs/uplink.md`.
#[derive(Debug, Clone, PartialEq)]
pub struct Terse {
    /// The unit's alias, 0 to 4095, which both ends know.
    pub unit: u16,
    /// Counts messages, and wraps.
    pub seq: u8,
    /// When, to the second.
    pub at: Timestamp,
    /// Vital signs.
    pub vitals: Vitals,
    /// The Glasgow Coma Scale, 3 to 15.
    pub gcs: Option<u8>,
    /// Carbon dioxide at the end of a breath, 0 to 120 mmHg.
    pub etco2: Option<MmHg>,
    /// Alarms, the most urgent first; at most 7.
    pub alarms: Vec<TerseAlarm>,
    /// Where the unit is.
    pub place: TersePlace,
}

/// An alarm that began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerseAlarm {
    /// What it is about.
    pub kind: AlarmKind,
    /// How urgent it is.
    pub priority: AlarmPriority,
    /// Whether it began.
    pub is_active: bool,
}

/// Where a unit is, as far as a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TersePlace {
    /// Nothing is told.
    #[default]
    Untold,
    /// Told in full: 38 to 51 bits.
    Absolute(Position, Grain),
    /// The last 12 bits of each coordinate, for a reader who knows where the unit is within 2,000
    /// grains.
    Near(Position, Grain),
    /// Told by its last bits to a reader who does not know where the unit was.
    Unresolved,
}

/// How finely a position is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// A thousandth of a degree: 111 m of latitude.
    Thousandth,
    /// Ten-thousandths: 11 m.
    TenThousandth,
    /// Hundred-thousandths: 1.1 m.
    HundredThousandth,
}

/// What a reader knows before a message comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerseContext {
    /// The time, within 18 hours of the message's.
    pub now: Timestamp,
    /// Where the unit was last.
    pub position: Option<Position>,
}

/// A message that cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TerseError {
    /// A number does not fit.
    #[error("{what} {value} is outside {min}..={max}: send it over another link")]
    Range {
        /// Which.
        what: &'static str,
        /// Its value.
        value: i64,
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// It ends too early, or goes on.
    #[error("message of {n_bytes} bytes is not as long as it says: it was cut or joined")]
    Length {
        /// Its length.
        n_bytes: usize,
    },
    /// Its check sum is wrong.
    #[error("check sum {found:04x} is not {expected:04x}: the message is damaged")]
    Damaged {
        /// As it came.
        found: u16,
        /// As it should be.
        expected: u16,
    },
    /// Of another version.
    #[error("message of version {version}, not 1: update the older end")]
    Version {
        /// The version.
        version: u8,
    },
    /// A code that means nothing.
    #[error("{what} has no code {code}: update the older end")]
    Code {
        /// Of which list.
        what: &'static str,
        /// The code.
        code: u32,
    },
}
