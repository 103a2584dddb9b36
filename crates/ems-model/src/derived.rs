//! Quantities that no device measured: computed from what devices did, and marked so.

use serde::{Deserialize, Serialize};

use crate::Millis;

/// A number and how unsure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Estimate {
    /// The number, in its quantity's unit.
    pub value: f64,
    /// One standard deviation, in the same unit, 0 or more.
    pub sd: f64,
}

/// What a virtual sensor says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Derived {
    /// What was derived.
    pub quantity: DerivedQuantity,
    /// What came out.
    pub outcome: DerivedOutcome,
    /// What it was derived from, the nearest first, down to what devices measured.
    pub chain: Vec<ChainLink>,
}

/// What can be derived; each has one unit, see [`DerivedQuantity::unit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DerivedQuantity {
    /// Heart rate over systolic pressure.
    ShockIndex,
    /// Pulses of a pressure or plethysmogram wave.
    PulseRate,
    /// The pulse's part of the light that a finger lets through.
    PerfusionIndex,
    /// Oxygen saturation from red and infrared light, by a curve that nobody verified.
    UncalibratedSpo2,
    /// Breaths by the impedance of the chest.
    ImpedanceBreaths,
    /// Breaths by what they do to the plethysmogram.
    PulseBreaths,
    /// Breaths by what they do to the ECG.
    EcgBreaths,
    /// From an R wave to the foot of its pulse.
    PulseTransitTime,
    /// Systolic pressure since the last cuff reading: its change, not its level.
    SystolicChange,
    /// Cardiac output over that of the first minute.
    RelativeCardiacOutput,
    /// Carbon dioxide at the end of a breath.
    EndTidalCo2,
    /// Carbon dioxide while breathing in.
    InspiredCo2,
    /// Breaths by the carbon dioxide.
    CapnogramBreaths,
    /// How steeply carbon dioxide rises on the plateau.
    PlateauSlope,
    /// How long nobody has breathed out.
    SinceLastBreath,
}

impl DerivedQuantity {
    /// Its unit in UCUM.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ShockIndex | Self::RelativeCardiacOutput => "1",
            Self::PulseRate => "{beat}/min",
            Self::PerfusionIndex | Self::UncalibratedSpo2 => "%",
            Self::ImpedanceBreaths
            | Self::PulseBreaths
            | Self::EcgBreaths
            | Self::CapnogramBreaths => "{breath}/min",
            Self::PulseTransitTime => "ms",
            Self::SystolicChange | Self::EndTidalCo2 | Self::InspiredCo2 => "mm[Hg]",
            Self::PlateauSlope => "mm[Hg]/s",
            Self::SinceLastBreath => "s",
        }
    }
}

/// What came out of a virtual sensor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DerivedOutcome {
    /// A number.
    Known(Estimate),
    /// None.
    Missing {
        /// Why.
        why: WhyMissing,
    },
}

/// Why a virtual sensor says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhyMissing {
    /// An input was never measured: in the chain it has no age.
    NoInput,
    /// An input is too old.
    TooOld,
    /// An input is no clean wave.
    BadQuality,
    /// An input has not been there for long enough.
    TooShort,
    /// Ways of finding it disagree.
    Disagree,
    /// No reference for it was measured.
    NotCalibrated,
}

/// One input of a virtual sensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChainLink {
    /// Which: `heart_rate`, `ecg II`, `wave PLETH`.
    pub id: String,
    /// How old it was; `None` where it is missing.
    pub age: Option<Millis>,
}
