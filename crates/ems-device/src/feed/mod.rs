//! The device feed: JSON messages that devices publish over MQTT.
//!
//! `golden-hour/UNIT/vitals` carries `{"at": µs, "heart_rate": 72, "spo2": 97, ...}` with the names
//! of [`Vitals`]; `golden-hour/UNIT/ecg` carries
//! `{"at": µs, "lead": "II", "hz": 250, "microvolts": [12, null, ...]}`; `golden-hour/UNIT/wave`
//! carries a wave that is no ECG, see [`decode_wave`]. Not of the patient are
//! `golden-hour/UNIT/position`, see [`decode_position`], and `golden-hour/UNIT/modem`, see
//! [`decode_modem`].

mod fields;
mod modem;
mod wave;

use ems_model::{InvalidName, Timestamp, UnitId, Vitals};
use serde_json::{Map, Value, json};

use self::fields::Fields;
use crate::complaint::Complaint;
pub use modem::{ModemReading, PositionReading, decode_modem, decode_position};
pub use wave::{WaveKind, WavePiece, decode_wave};

/// The largest message, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;
/// The most samples in one ECG message.
pub const MAX_CHUNK_SAMPLES: usize = 20_000;
/// The longest name of a lead, in characters.
pub const MAX_LEAD_CHARS: usize = 16;
/// The fastest sampling of an ECG, in samples a second.
const MAX_HZ: u64 = 2000;
/// 2000-01-01 and 2200-01-01 in microseconds: a device's clock is somewhere between.
pub(crate) const CLOCK_MICROS: std::ops::Range<i64> = 946_684_800_000_000..7_258_118_400_000_000;

/// What a device reported.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedMessage {
    /// Numbers.
    Vitals(VitalsReading),
    /// A piece of one lead's waveform.
    Ecg(EcgChunk),
    /// A piece of a wave that is no ECG.
    Wave(WavePiece),
    /// Where the unit is.
    Position(PositionReading),
    /// What a modem says of its network.
    Modem(ModemReading),
}

/// Numbers that a device reported together; what it did not report is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct VitalsReading {
    /// When they were measured, on the device's clock.
    pub at: Timestamp,
    /// The numbers.
    pub vitals: Vitals,
}

/// A piece of one lead's waveform as a device reported it.
#[derive(Debug, Clone, PartialEq)]
pub struct EcgChunk {
    /// When the first sample was taken, on the device's clock.
    pub at: Timestamp,
    /// The lead's name, 1 to 16 characters.
    pub lead: String,
    /// Samples a second, 1..=2000.
    pub hz: u32,
    /// One lead, microvolts within ±32,767, oldest first; NaN for a missing sample.
    pub microvolts: Vec<f32>,
}

/// A device message that cannot be read at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeedError {
    /// A topic that is not ours.
    #[error(
        "topic \"{topic}\" is not golden-hour/UNIT/ and vitals, ecg, wave, position or modem: correct the device profile"
    )]
    UnknownTopic {
        /// The topic, shortened.
        topic: String,
    },
    /// A topic whose unit is not a unit's name.
    #[error(transparent)]
    Unit(#[from] InvalidName),
    /// A message that is larger than any device sends.
    #[error("message of {n_bytes} bytes is larger than {MAX_PAYLOAD_BYTES}: send shorter pieces")]
    TooLarge {
        /// Its length.
        n_bytes: usize,
    },
    /// A message that is not JSON.
    #[error("line {line}, column {column}: {what}: correct the device's JSON")]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What the parser found.
        what: String,
    },
    /// A field without which the message says nothing.
    #[error("field \"{field}\" is {found}, not {expected}: correct the device profile")]
    Field {
        /// Its name.
        field: &'static str,
        /// What came, as JSON, shortened; `missing` where nothing came.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// Reads a message by its topic; complaints tell what was left out.
pub fn decode_topic(
    topic: &str,
    payload: &[u8],
) -> Result<(UnitId, FeedMessage, Vec<Complaint>), FeedError> {
    let mut parts = topic.split('/');
    let (Some("golden-hour"), Some(unit), Some(kind), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(unknown_topic(topic));
    };
    let unit = UnitId::new(unit)?;
    let (reading, complaints) = match kind {
        "vitals" => {
            decode_vitals(payload).map(|(vitals, what)| (FeedMessage::Vitals(vitals), what))?
        }
        "ecg" => decode_ecg(payload).map(|(ecg, what)| (FeedMessage::Ecg(ecg), what))?,
        "wave" => decode_wave(payload).map(|(wave, what)| (FeedMessage::Wave(wave), what))?,
        "position" => {
            decode_position(payload).map(|(it, what)| (FeedMessage::Position(it), what))?
        }
        "modem" => decode_modem(payload).map(|(it, what)| (FeedMessage::Modem(it), what))?,
        _ => return Err(unknown_topic(topic)),
    };
    Ok((unit, reading, complaints))
}

/// Reads a `vitals` message; a number out of range is missing and complained about.
pub fn decode_vitals(payload: &[u8]) -> Result<(VitalsReading, Vec<Complaint>), FeedError> {
    let mut fields = fields(payload)?;
    let at = clock(&mut fields)?;
    let vitals = Vitals {
        heart_rate: fields.quantity("heart_rate"),
        respiratory_rate: fields.quantity("respiratory_rate"),
        spo2: fields.quantity("spo2"),
        on_oxygen: fields.flag("on_oxygen"),
        systolic: fields.quantity("systolic"),
        diastolic: fields.quantity("diastolic"),
        temperature: fields.quantity("temperature"),
        consciousness: fields.consciousness("consciousness"),
        // Told by the gateway from the wave.
        rhythm: None,
    };
    Ok((VitalsReading { at, vitals }, fields.into_complaints()))
}

/// Reads an `ecg` message; a sample that is `null` or out of range is missing.
pub fn decode_ecg(payload: &[u8]) -> Result<(EcgChunk, Vec<Complaint>), FeedError> {
    let mut fields = fields(payload)?;
    let at = clock(&mut fields)?;
    let lead = fields.needed("lead", "a name of 1 to 16 characters", |value| {
        value.as_str().filter(|name| is_lead(name)).map(str::to_owned)
    })?;
    let hz = fields.needed("hz", "a whole number from 1 to 2000", |value| {
        value.as_u64().filter(|hz| (1..=MAX_HZ).contains(hz)).and_then(|hz| hz.try_into().ok())
    })?;
    let microvolts = fields.needed("microvolts", "1 to 20000 numbers or nulls", samples)?;
    let (microvolts, n_samples) = without_extremes(microvolts);
    let mut complaints = fields.into_complaints();
    if n_samples > 0 {
        complaints.push(Complaint::SamplesOutOfRange { lead: lead.clone(), n_samples });
    }
    Ok((EcgChunk { at, lead, hz, microvolts }, complaints))
}

impl VitalsReading {
    /// The message that [`decode_vitals`] reads back: for device simulators.
    pub fn to_json(&self) -> String {
        let mut message = json!(self.vitals);
        if let Some(fields) = message.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
            fields.insert("at".to_owned(), json!(self.at));
        }
        message.to_string()
    }
}

impl EcgChunk {
    /// The message that [`decode_ecg`] reads back, in whole microvolts: for device simulators.
    pub fn to_json(&self) -> String {
        let whole = |value: &f32| value.is_finite().then(|| f64::from(value.round()));
        let microvolts: Vec<_> = self.microvolts.iter().map(whole).collect();
        json!({"at": self.at, "lead": self.lead, "hz": self.hz, "microvolts": microvolts})
            .to_string()
    }
}

fn unknown_topic(topic: &str) -> FeedError {
    FeedError::UnknownTopic { topic: crate::wfdb::shorten(topic) }
}

fn fields(payload: &[u8]) -> Result<Fields, FeedError> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(FeedError::TooLarge { n_bytes: payload.len() });
    }
    let object: Map<String, Value> = serde_json::from_slice(payload).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        FeedError::Json { line: error.line(), column: error.column(), what }
    })?;
    Ok(Fields::new(object))
}

fn clock(fields: &mut Fields) -> Result<Timestamp, FeedError> {
    fields.needed("at", "microseconds since 1970 within the years 2000 to 2199", |value| {
        value.as_i64().filter(|at| CLOCK_MICROS.contains(at)).map(Timestamp::from_micros)
    })
}

fn is_lead(name: &str) -> bool {
    let n_chars = name.chars().count();
    (1..=MAX_LEAD_CHARS).contains(&n_chars) && !name.chars().any(char::is_control)
}

/// Numbers and nulls as samples; `None` where anything else is among them.
#[expect(clippy::cast_possible_truncation, reason = "range is checked after rounding to f32")]
fn samples(value: &Value) -> Option<Vec<f32>> {
    let values = value.as_array()?;
    let sample = |value: &Value| match value {
        Value::Null => Some(f32::NAN),
        value => value.as_f64().map(|microvolts| microvolts as f32),
    };
    let is_fit = (1..=MAX_CHUNK_SAMPLES).contains(&values.len());
    is_fit.then(|| values.iter().map(sample).collect::<Option<_>>())?
}

/// Makes samples beyond 16 bits missing and counts them.
pub(crate) fn without_extremes(mut microvolts: Vec<f32>) -> (Vec<f32>, usize) {
    let limit = f32::from(i16::MAX);
    let extremes = microvolts.iter_mut().filter(|value| value.abs() > limit);
    let n_samples = extremes.map(|value| *value = f32::NAN).count();
    (microvolts, n_samples)
}

#[cfg(test)]
mod tests {
    use ems_model::{Bpm, Consciousness};

    use super::*;

    #[test]
    fn a_number_out_of_range_is_missing_and_the_rest_is_kept() {
        let payload =
            br#"{"at": 1700000000000000, "heart_rate": 412, "spo2": 97, "on_oxygen": "no",
            "consciousness": "voice", "mood": 3, "systolic": null}"#;
        let (reading, complaints) = decode_vitals(payload).unwrap();
        assert_eq!(reading.vitals.heart_rate, None);
        assert_eq!(reading.vitals.spo2.map(f64::from), Some(97.0));
        assert_eq!(reading.vitals.on_oxygen, None);
        assert_eq!(reading.vitals.consciousness, Some(Consciousness::Voice));
        let complaints: Vec<_> = complaints.iter().map(ToString::to_string).collect();
        assert_eq!(
            complaints,
            [
                "heart rate 412 beats/min is outside 0..=300: check the sensor, then the device profile",
                "field \"on_oxygen\" is \"no\", not true or false: correct the device profile",
                "field \"mood\" is not known: correct its name or take it out of the device profile",
            ]
        );
    }

    #[test]
    fn a_message_that_cannot_be_read_says_where_and_what_to_do() {
        for (topic, payload, message) in [
            (
                "golden-hour/A1/vitals",
                "{\"at\": }",
                "line 1, column 8: expected value: correct the device's JSON",
            ),
            (
                "golden-hour/A1/vitals",
                "{}",
                "field \"at\" is missing, not microseconds since 1970 within the years 2000 to 2199: correct the device profile",
            ),
            (
                "golden-hour/A1/ecg",
                r#"{"at": 1700000000000000, "lead": "II", "hz": 0, "microvolts": [1]}"#,
                "field \"hz\" is 0, not a whole number from 1 to 2000: correct the device profile",
            ),
            (
                "golden-hour/A1/ecg",
                r#"{"at": 1700000000000000, "lead": "II", "hz": 250, "microvolts": ["x"]}"#,
                "field \"microvolts\" is [\"x\"], not 1 to 20000 numbers or nulls: correct the device profile",
            ),
            (
                "golden-hour/A1/mood",
                "{}",
                "topic \"golden-hour/A1/mood\" is not golden-hour/UNIT/ and vitals, ecg, wave, position or modem: correct the device profile",
            ),
        ] {
            assert_eq!(decode_topic(topic, payload.as_bytes()).unwrap_err().to_string(), message);
        }
        assert!(matches!(decode_topic("golden-hour/a b/ecg", b"{}"), Err(FeedError::Unit(_))));
    }

    #[test]
    fn a_missing_or_extreme_sample_is_not_a_number() {
        let payload =
            br#"{"at": 1700000000000000, "lead": "II", "hz": 250, "microvolts": [12, null, 40000]}"#;
        let (chunk, complaints) = decode_ecg(payload).unwrap();
        assert!((chunk.microvolts[0] - 12.0).abs() < 1e-6);
        assert!(chunk.microvolts[1..].iter().all(|value| value.is_nan()));
        assert_eq!(complaints, [Complaint::SamplesOutOfRange { lead: "II".into(), n_samples: 1 }]);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let vitals = Vitals { heart_rate: Bpm::new(72).ok(), ..Vitals::default() };
        let reading = VitalsReading { at: Timestamp::from_millis(1_700_000_000_000), vitals };
        assert_eq!(decode_vitals(reading.to_json().as_bytes()).unwrap(), (reading, vec![]));
    }
}
