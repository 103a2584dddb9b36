//! How well a gateway sees its patient: the leads of the ECG, and the alarms that it holds back.

use serde::{Deserialize, Serialize};

use crate::{AlarmKind, Millis, Timestamp};

/// How a lead of the ECG is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LeadCondition {
    /// In its first second.
    Starting,
    /// Fit to be judged.
    Good,
    /// Noisy; beats may still be found.
    Noisy,
    /// A line without signal.
    Flat,
    /// Beyond what the device measures.
    Saturated,
    /// Its electrode is off, or the device is silent.
    Off,
}

/// One lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadWatch {
    /// Its name.
    pub lead: String,
    /// How it is.
    pub state: LeadCondition,
    /// Its device's clock, once that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockWatch>,
}

/// A device's clock as its samples' arrivals show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockWatch {
    /// How long samples arrive after the time that the device gave them: its way and what its
    /// clock is off, which cannot be told apart.
    pub late: Millis,
    /// How much slower than its rate it samples, in millionths.
    pub drift_ppm: i32,
    /// The standard deviation of a sample's time, in microseconds.
    pub sd_us: u32,
}

/// Two electrodes that seem to be on each other's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "exchanged", content = "lower", rename_all = "snake_case")]
pub enum ElectrodesExchanged {
    /// Right and left arm.
    Arms,
    /// Right arm and left leg.
    RightArmLeg,
    /// Two neighbours on the chest, by the lower one's number, 1..=5.
    Chest(u8),
}

/// What a pulse wave shows steadily that cannot be during an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "shows", content = "value", rename_all = "snake_case")]
pub enum PulseShows {
    /// No pause was longer than so many seconds.
    LongestPause(f64),
    /// No five beats were slower than so many a minute.
    SlowestFive(f64),
    /// No two beats were nearer to each other than so many a minute.
    FastestBeat(f64),
    /// Pulses were steady at so many a minute.
    SteadyPulse(f64),
}

/// An alarm of the ECG that is held back against a pulse wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldAlarm {
    /// Which.
    pub kind: AlarmKind,
    /// Since when.
    pub since: Timestamp,
    /// The channel that speaks against it.
    pub channel: String,
    /// What it shows.
    #[serde(flatten)]
    pub shows: PulseShows,
}
