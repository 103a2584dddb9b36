//! The limits at which alarms start and end.

use std::collections::BTreeSet;

use ems_model::{AlarmKind, AlarmPriority, Millis};
use serde::Deserialize;

use crate::TableError;
use crate::signal::Rule;

/// Alarm limits of one patient group.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmLimits {
    /// Whose limits these are.
    pub name: String,
    /// Whether they were checked against a source.
    pub verified: bool,
    /// For how long audio may be paused, seconds, 1..=600.
    pub audio_pause_s: f64,
    /// When silence is asystole.
    pub asystole: AsystoleLimit,
    /// When a lead that cannot be used is told.
    pub lead_off: LeadOffLimit,
    /// How alarms of the ECG are held against a pulse wave; absent: never.
    pub suppression: Option<SuppressionLimit>,
    /// Limits of numbers, at most one of a kind.
    pub limits: Vec<Limit>,
    /// How fibrillation and flutter of the ventricles are told.
    pub ventricular_fibrillation: RhythmLimit,
    /// How ventricular tachycardia is told.
    pub ventricular_tachycardia: RhythmLimit,
}

/// How a rhythm is told; what it is told by is in `data/ecg/rhythm.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RhythmLimit {
    /// How it is told.
    pub told: Telling,
}

/// When silence is asystole.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsystoleLimit {
    /// Seconds without a beat on a usable lead, 1..=60.
    pub silence_s: f64,
    /// How it is told.
    pub told: Telling,
}

/// When a lead that cannot be used is told.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadOffLimit {
    /// How it is told.
    pub told: Telling,
}

/// How alarms of the ECG are held against a pulse wave.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuppressionLimit {
    /// Seconds after which one that is held is told all the same, 1..=600.
    pub hold_max_s: f64,
}

/// The limit of one number.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The alarm that it starts.
    pub kind: AlarmKind,
    /// High alarms start at or above it, low alarms at or below it; in the reading's unit.
    pub limit: f64,
    /// How far back within the limit a reading must be to end the alarm, 0 or more.
    pub hysteresis: f64,
    /// How it is told.
    pub told: Telling,
}

/// How an alarm is told.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// How urgent it begins.
    pub priority: AlarmPriority,
    /// Seconds for which the limit must be crossed to be an alarm condition, 0..=600.
    pub delay_s: f64,
    /// Seconds from then until it is told, 0..=600.
    pub signal_delay_s: f64,
    /// Whether it stays until somebody acknowledges it, though the reading is back.
    pub latching: bool,
    /// Seconds without acknowledgement after which it is one step more urgent, 1..=3600; absent:
    /// never.
    pub escalate_after_s: Option<f64>,
}

impl AlarmLimits {
    /// Our defaults for adults, not from a guideline: `data/clinical/alarms.toml`.
    #[expect(clippy::missing_panics_doc, reason = "the table in the tree is tested")]
    pub fn adult() -> Self {
        let text = include_str!("../../../data/clinical/alarms.toml");
        Self::parse(text).expect("the table in the tree is tested to be readable")
    }

    /// Reads limits in the format of `data/clinical/alarms.toml`.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let limits: Self = toml::from_str(text)?;
        limits.check()?;
        Ok(limits)
    }

    fn check(&self) -> Result<(), TableError> {
        within("silence_s", self.asystole.silence_s, 1.0, 60.0, "1 to 60 s")?;
        within("audio_pause_s", self.audio_pause_s, 1.0, 600.0, "1 to 600 s")?;
        let hold_max_s = self.suppression.map_or(1.0, |it| it.hold_max_s);
        within("hold_max_s", hold_max_s, 1.0, 600.0, "1 to 600 s")?;
        self.asystole.told.check()?;
        self.lead_off.told.check()?;
        self.ventricular_fibrillation.told.check()?;
        self.ventricular_tachycardia.told.check()?;
        let mut seen = BTreeSet::from([
            AlarmKind::Asystole,
            AlarmKind::LeadOff,
            AlarmKind::VentricularFibrillation,
            AlarmKind::VentricularTachycardia,
        ]);
        for limit in &self.limits {
            if !seen.insert(limit.kind) {
                return Err(TableError::Kind { kind: limit.kind });
            }
            within("limit", limit.limit, 0.0, 1000.0, "0 to 1000")?;
            within("hysteresis", limit.hysteresis, 0.0, 1000.0, "0 to 1000")?;
            limit.told.check()?;
        }
        Ok(())
    }
}

impl Telling {
    fn check(&self) -> Result<(), TableError> {
        within("delay_s", self.delay_s, 0.0, 600.0, "0 to 600 s")?;
        within("signal_delay_s", self.signal_delay_s, 0.0, 600.0, "0 to 600 s")?;
        let after = self.escalate_after_s.unwrap_or(1.0);
        within("escalate_after_s", after, 1.0, 3600.0, "1 to 3600 s")
    }

    pub(crate) fn rule(&self) -> Rule {
        Rule {
            condition_delay: millis(self.delay_s),
            signal_delay: millis(self.signal_delay_s),
            is_latching: self.latching,
            escalate_after: self.escalate_after_s.map(millis),
            priority: self.priority,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be an hour at most")]
pub(crate) fn millis(seconds: f64) -> Millis {
    Millis::new((seconds * 1000.0).round() as i64)
}

impl Limit {
    /// Whether the alarm is for high readings.
    pub(crate) const fn is_high(&self) -> bool {
        matches!(
            self.kind,
            AlarmKind::HeartRateHigh
                | AlarmKind::RespirationHigh
                | AlarmKind::SystolicHigh
                | AlarmKind::News2High
        )
    }

    /// Whether a reading crosses the limit.
    pub(crate) fn is_crossed(&self, value: f64) -> bool {
        if self.is_high() { value >= self.limit } else { value <= self.limit }
    }

    /// Whether a reading is far enough back to end the alarm.
    pub(crate) fn is_back(&self, value: f64) -> bool {
        let is_inside = if self.is_high() {
            value <= self.limit - self.hysteresis
        } else {
            value >= self.limit + self.hysteresis
        };
        is_inside && !self.is_crossed(value)
    }
}

fn within(
    field: &'static str,
    value: f64,
    min: f64,
    max: f64,
    expected: &'static str,
) -> Result<(), TableError> {
    if value >= min && value <= max {
        Ok(())
    } else {
        Err(TableError::Number { field, value, expected })
    }
}
