//! How a gateway is set up.

use ems_clinical::{AlarmLimits, Scores, Spo2Scale};
use ems_ecg::RhythmRules;
use ems_model::Millis;
use ems_signal::Mains;

/// Scores that vital signs and the age of the call can begin, in the order they are shown. None is
/// for injuries alone: a gateway does not know of one.
const SCORES_TOLD: [&str; 8] = [
    "news2",
    "mews",
    "qsofa",
    "sirs",
    "shock-index",
    "modified-shock-index",
    "age-shock-index",
    "rems",
];

/// How a gateway is set up.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// The mains whose hum is taken out of waves; 50 Hz.
    pub mains: Mains,
    /// The leads from which the heart rate is taken, best first; then any other.
    pub lead_order: Vec<String>,
    /// After this a heart rate, saturation or respiratory rate is missing; 30 s.
    pub stale_after: Millis,
    /// After this a pressure, temperature, oxygen or consciousness is missing; 10 min.
    pub stale_after_slow: Millis,
    /// Alarm limits; our adult defaults.
    pub limits: AlarmLimits,
    /// What rhythms are told by; those that ship.
    pub rhythm: RhythmRules,
    /// The scores; those that ship.
    pub scores: Scores,
    /// The scores that are told once their range says something, by their names.
    pub scores_told: Vec<String>,
    /// The saturation scale of NEWS2; 1.
    pub spo2_scale: Spo2Scale,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            mains: Mains::default(),
            lead_order: ["II", "MLII", "I", "V5", "V2", "V1", "III"].map(str::to_owned).into(),
            stale_after: Millis::from_secs(30),
            stale_after_slow: Millis::from_mins(10),
            limits: AlarmLimits::adult(),
            rhythm: RhythmRules::standard(),
            scores: Scores::standard(),
            scores_told: SCORES_TOLD.map(str::to_owned).into(),
            spo2_scale: Spo2Scale::default(),
        }
    }
}
