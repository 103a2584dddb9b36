//! What every decoder of device messages gives: readings, with metric, value, unit, time, source.

pub(crate) mod metric;
mod moment;
mod unit;
mod vitals;
mod waves;

pub use metric::Metric;
pub use moment::Moment;
pub use vitals::vitals_of;
pub use waves::{Wave, waves_of};

pub(crate) use moment::{clock_time, time_of_day_us};
pub(crate) use unit::{mdc_unit, unit_name};
pub(crate) use waves::is_wave;

use crate::complaint::Complaint;

/// What a message holds, and what was wrong with it.
pub type Readings = (Vec<Reading>, Vec<Complaint>);

/// One thing that a device reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What was measured.
    pub metric: Metric,
    /// What came out.
    pub value: Value,
    /// The unit of a number in UCUM, as `mm[Hg]`, where the message says it and we know it, else as
    /// the message says it.
    pub unit: Option<String>,
    /// When it was measured; `None` where the message does not say.
    pub at: Option<Moment>,
    /// Where it comes from.
    pub source: Source,
}

/// The value of a reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A finite number.
    Number(f64),
    /// A text or the name of a code.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// No value, and why.
    Missing(Absence),
    /// A piece of a wave that began at the reading's time.
    Samples {
        /// Samples a second, above 0.
        hz: f64,
        /// In the reading's unit, oldest first; NaN where one is missing.
        values: Vec<f32>,
    },
}

/// Why a device gives no value (IEEE 11073-20601, annex F, and what protocols say beside it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Not a number: the measurement went wrong.
    NotANumber,
    /// The value does not fit the resolution.
    NotAtThisResolution,
    /// Above what the device can measure.
    PositiveInfinity,
    /// Below what the device can measure.
    NegativeInfinity,
    /// Reserved by the standard.
    Reserved,
    /// The message says that there is none.
    NotGiven,
    /// The message gives one and says that it is not to be used.
    Invalid,
}

impl Absence {
    /// The name for output: `NaN`, `NRes`, `+INF`, `-INF`, `reserved`, `not given`, `invalid`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotANumber => "NaN",
            Self::NotAtThisResolution => "NRes",
            Self::PositiveInfinity => "+INF",
            Self::NegativeInfinity => "-INF",
            Self::Reserved => "reserved",
            Self::NotGiven => "not given",
            Self::Invalid => "invalid",
        }
    }
}

impl Value {
    /// A number, or a missing one where it is not finite.
    pub(crate) fn of(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Missing(Absence::NotANumber) }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Text(crate::wfdb::shorten(text))
    }
}

/// Where a reading comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The protocol: `IEEE 11073-20601`, `GATT`, `PCD-01`, `SenML`, `Sparkplug B`.
    pub protocol: &'static str,
    /// Which device, as the message names it.
    pub device: Option<String>,
    /// Where in the message or the device: a handle, a characteristic, a field.
    pub place: String,
}
