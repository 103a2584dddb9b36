//! Alarms of the ECG that are held back while a pulse wave shows what cannot be during them.
//!
//! Nothing that was told is taken back; a channel that is missing, unsteady or no clean wave holds
//! nothing; and what is held for too long is told although the pulse speaks against it.

use ems_model::{AlarmKind, Millis, Timestamp};

use crate::arrhythmia::{Arrhythmia, Channel, Contradiction, Judged};

/// A pulse that speaks against ventricular rhythms, beats a minute: compressions make faster ones,
/// and a slower one may be every second beat. Our own estimate.
const NORMAL_PULSE: std::ops::RangeInclusive<f64> = 50.0..=90.0;

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
            Judged::Suppressed { why, .. } if is_ventricular(kind) && !is_normal(why) => None,
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
            AlarmKind::VentricularFibrillation => Some(Arrhythmia::VentricularFibrillation),
            AlarmKind::VentricularTachycardia => Some(Arrhythmia::VentricularTachycardia),
            AlarmKind::HeartRateLow if self.is_rate_of_ecg => limit.map(Arrhythmia::RateBelow),
            AlarmKind::HeartRateHigh if self.is_rate_of_ecg => limit.map(Arrhythmia::RateAbove),
            _ => None,
        }
    }
}

const fn is_ventricular(kind: AlarmKind) -> bool {
    matches!(kind, AlarmKind::VentricularFibrillation | AlarmKind::VentricularTachycardia)
}

/// Against these rhythms a channel speaks by a rate alone.
fn is_normal(why: Contradiction) -> bool {
    NORMAL_PULSE.contains(&why.named().1)
}

impl Held {
    /// Whether it was held for so long that it is told.
    pub(crate) fn is_over(&self, now: Timestamp, hold_max: Millis) -> bool {
        now.since(self.since) >= hold_max
    }
}

#[cfg(test)]
mod tests {
    use AlarmKind::{VentricularFibrillation as Vf, VentricularTachycardia as Vt};

    use super::*;

    /// Pulses at `rate` a minute until `until` seconds ago; of every second pair the later one
    /// comes by `uneven` of an interval too late.
    fn witness(rate: f64, until: f64, uneven: f64) -> Witness {
        let every = 60.0 / rate;
        let late = |idx: u32| if idx.is_multiple_of(2) { 0.0 } else { uneven * every };
        let beats = (0..60).rev().map(|idx| late(idx) - until - f64::from(idx) * every);
        let channel = Channel { name: "ABP".into(), is_pulse: true, beats: beats.collect() };
        Witness { channels: vec![channel], is_rate_of_ecg: true }
    }

    #[test]
    fn ventricular_rhythms_are_held_against_a_steady_pulse_of_a_normal_rate_alone() {
        for (what, kind, witness, is_held) in [
            ("a normal pulse", Vf, witness(72.0, 0.4, 0.0), true),
            ("a normal pulse", Vt, witness(72.0, 0.4, 0.0), true),
            ("the limits", Vf, witness(50.1, 0.4, 0.0), true),
            ("the limits", Vt, witness(89.9, 0.4, 0.0), true),
            ("every second beat of a fast one", Vf, witness(49.0, 0.4, 0.0), false),
            ("every second beat of a fast one", Vt, witness(49.0, 0.4, 0.0), false),
            ("chest compressions", Vf, witness(105.0, 0.3, 0.0), false),
            ("chest compressions", Vt, witness(95.0, 0.3, 0.0), false),
            ("the tachycardia's own pulse", Vt, witness(160.0, 0.2, 0.0), false),
            ("a pulse that went with the rhythm", Vf, witness(72.0, 3.0, 0.0), false),
            ("a pulse that went with the rhythm", Vt, witness(72.0, 3.0, 0.0), false),
            ("an unsteady pulse", Vf, witness(72.0, 0.4, 0.4), false),
            ("an unsteady pulse", Vt, witness(72.0, 0.4, 0.4), false),
            ("no pulse wave, or no clean one", Vf, Witness::default(), false),
            ("no pulse wave, or no clean one", Vt, Witness::default(), false),
        ] {
            let held = witness.against(Timestamp::default(), kind, None);
            assert_eq!(held.is_some(), is_held, "{kind:?}, {what}: {held:?}");
        }
        let ecg = |mut it: Witness| {
            it.channels[0].is_pulse = false;
            it
        };
        let another_lead = ecg(witness(72.0, 0.4, 0.0));
        assert_eq!(another_lead.against(Timestamp::default(), Vf, None), None);
    }
}
