//! Waves that are no ECG: `golden-hour/UNIT/wave` carries
//! `{"at": µs, "channel": "PLETH", "kind": "pleth", "hz": 125, "samples": [0.41, null, ...]}`.

use ems_model::Timestamp;
use serde_json::{Value, json};

use super::{FeedError, clock, fields, is_lead, samples};
use crate::complaint::Complaint;

/// The fastest sampling of a wave, in samples a second; breaths need no faster one.
const MAX_HZ: u64 = 2000;
/// The slowest: a pulse would be lost between its samples.
const MIN_HZ: u64 = 10;

/// What a wave shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaveKind {
    /// The plethysmogram as a monitor shows it: in no unit, its level taken out.
    Pleth,
    /// The red light that a finger lets through, with its level, in no unit.
    PlethRed,
    /// The infrared light, on the scale of the red one.
    PlethInfrared,
    /// Arterial pressure, mmHg.
    ArterialPressure,
    /// Breathing by the impedance of the chest, in any unit.
    Respiration,
    /// Carbon dioxide in the airway, mmHg.
    Co2,
}

/// The kinds by the names that messages give them.
const KINDS: [(&str, WaveKind); 6] = [
    ("pleth", WaveKind::Pleth),
    ("pleth_red", WaveKind::PlethRed),
    ("pleth_infrared", WaveKind::PlethInfrared),
    ("arterial_pressure", WaveKind::ArterialPressure),
    ("respiration", WaveKind::Respiration),
    ("co2", WaveKind::Co2),
];

impl WaveKind {
    /// The kind of a message's name for it.
    fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// What the name of a recording's signal or a monitor's channel says it is.
    pub fn of_name(name: &str) -> Option<Self> {
        let first = name.split([' ', ',', '_']).next().unwrap_or_default();
        match first.to_ascii_uppercase().as_str() {
            "PLETH" | "PPG" => Some(Self::Pleth),
            "RED" => Some(Self::PlethRed),
            "IR" | "INFRARED" => Some(Self::PlethInfrared),
            "ABP" | "ART" => Some(Self::ArterialPressure),
            "RESP" => Some(Self::Respiration),
            "CO2" => Some(Self::Co2),
            _ => None,
        }
    }
}

/// A piece of a wave that is no ECG, as a device reported it.
#[derive(Debug, Clone, PartialEq)]
pub struct WavePiece {
    /// When the first sample was taken, on the device's clock.
    pub at: Timestamp,
    /// The channel's name, 1 to 16 characters.
    pub channel: String,
    /// What it shows.
    pub kind: WaveKind,
    /// Samples a second, 10..=2000.
    pub hz: u32,
    /// One channel in the unit of its kind, oldest first; NaN for a missing sample.
    pub samples: Vec<f32>,
}

impl WavePiece {
    /// The message that [`decode_wave`] reads back: for device simulators.
    pub fn to_json(&self) -> String {
        let known = |value: &f32| value.is_finite().then_some(*value);
        let samples: Vec<_> = self.samples.iter().map(known).collect();
        json!({
            "at": self.at, "channel": self.channel, "kind": self.kind.name(), "hz": self.hz,
            "samples": samples,
        })
        .to_string()
    }
}

/// Reads a `wave` message; a sample that is `null` is missing.
pub fn decode_wave(payload: &[u8]) -> Result<(WavePiece, Vec<Complaint>), FeedError> {
    let mut fields = fields(payload)?;
    let at = clock(&mut fields)?;
    let channel = fields.needed("channel", "a name of 1 to 16 characters", |value| {
        value.as_str().filter(|name| is_lead(name)).map(str::to_owned)
    })?;
    let kinds = "pleth, pleth_red, pleth_infrared, arterial_pressure, respiration or co2";
    let kind = fields.needed("kind", kinds, |value| value.as_str().and_then(WaveKind::named))?;
    let hz = fields.needed("hz", "a whole number from 10 to 2000", rate)?;
    let samples = fields.needed("samples", "1 to 20000 numbers or nulls", samples)?;
    Ok((WavePiece { at, channel, kind, hz, samples }, fields.into_complaints()))
}

fn rate(value: &Value) -> Option<u32> {
    value.as_u64().filter(|hz| (MIN_HZ..=MAX_HZ).contains(hz))?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_decoded_as_it_was_encoded_and_refused_with_a_remedy() {
        let piece = WavePiece {
            at: Timestamp::from_millis(1_700_000_000_000),
            channel: "PLETH".into(),
            kind: WaveKind::Pleth,
            hz: 125,
            samples: vec![0.25, 0.5],
        };
        let json = piece.to_json();
        assert_eq!(decode_wave(json.as_bytes()).unwrap(), (piece, vec![]));
        let (gap, _) = decode_wave(json.replace("0.25", "null").as_bytes()).unwrap();
        assert!(gap.samples[0].is_nan());
        for (from, to, message) in [
            ("\"pleth\"", "\"blood\"", "field \"kind\" is \"blood\", not pleth, pleth_red, "),
            ("125", "5", "field \"hz\" is 5, not a whole number from 10 to 2000: correct"),
        ] {
            let error = decode_wave(json.replace(from, to).as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
