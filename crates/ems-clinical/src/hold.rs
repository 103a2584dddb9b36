//! Alarms of the ECG that are held back while a pulse wave shows what cannot be during them.
//!
//! Nothing that was told is taken back; a channel that is missing, unsteady or no clean wave holds
//! nothing; and what is held for too long is told although the pulse speaks against it.

use ems_model::{AlarmKind, Millis, Timestamp};

use crate::arrhythmia::{Arrhythmia, Channel, Contradiction, Judged};

/// What channels beside the ECG show now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Witness {
    /// Pulses of clean channels, in seconds before each channel's last sample: none is above 0.
    pub channels: Vec<Channel>,
    /// Whether the heart rate is the ECG's: that of a pulse is not checked against itself.
    pub is_rate_of_ecg: bool,
}

/// An alarm that is held.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Which.
    pub kind: AlarmKind,
    /// Since when.
    pub since: Timestamp,
    /// The channel that speaks against it.
    pub channel: String,
    /// What it shows.
    pub why: Contradiction,
}

impl Witness {
    /// What speaks against an alarm that would be told now; `None` where nothing does.
    pub(crate) fn against(
        &self,
        now: Timestamp,
        kind: AlarmKind,
        limit: Option<f64>,
    ) -> Option<Held> {
        match self.claim(kind, limit)?.judge(0.0, &self.channels) {
            Judged::Holds => None,
            Judged::Suppressed { channel, why } => Some(Held { kind, since: now, channel, why }),
        }
    }

    /// What an alarm says of the heart, if the ECG alone says it.
    fn claim(&self, kind: AlarmKind, limit: Option<f64>) -> Option<Arrhythmia> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a limit is 0 to 1000"
        )]
        let limit = limit.map(|limit| limit.round() as u16);
        match kind {
            AlarmKind::Asystole => Some(Arrhythmia::Asystole),
            AlarmKind::HeartRateLow if self.is_rate_of_ecg => limit.map(Arrhythmia::RateBelow),
            AlarmKind::HeartRateHigh if self.is_rate_of_ecg => limit.map(Arrhythmia::RateAbove),
            _ => None,
        }
    }
}

impl Held {
    /// Whether it was held for so long that it is told.
    pub(crate) fn is_over(&self, now: Timestamp, hold_max: Millis) -> bool {
        now.since(self.since) >= hold_max
    }
}
