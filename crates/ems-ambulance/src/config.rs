//! How a gateway is set up.

use ems_clinical::{AlarmLimits, Scores, Spo2Scale};
use ems_model::Millis;
use ems_signal::Mains;

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
    /// The scores; those that ship.
    pub scores: Scores,
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
            scores: Scores::standard(),
            spo2_scale: Spo2Scale::default(),
        }
    }
}
