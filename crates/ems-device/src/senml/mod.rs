//! Sensor Measurement Lists: SenML in JSON and in CBOR (RFC 8428), resolved to records that stand
//! alone.

mod cbor;
mod pack;
mod wave;
mod write;

pub use pack::{MAX_SENML_BYTES, SenmlRecord, SenmlValue, decode_senml_cbor, decode_senml_json};
pub use wave::senml_readings;
pub use write::{encode_senml_cbor, encode_senml_json};

use ems_model::Timestamp;

use crate::reading::{Metric, Moment, Reading, Source, Value};

/// Times before this, in seconds, count from now (RFC 8428, section 4.5.3).
const RELATIVE_SECS: f64 = 268_435_456.0;

impl SenmlRecord {
    /// The record as a reading; a time that counts from now is missing without `now`.
    #[expect(clippy::cast_possible_truncation, reason = "a cast that saturates is meant")]
    pub fn reading(&self, now: Option<Timestamp>) -> Reading {
        let micros = (self.time_secs * 1e6).round() as i64;
        let at = if self.time_secs >= RELATIVE_SECS {
            Some(Moment::Utc(Timestamp::from_micros(micros)))
        } else {
            now.map(|now| Moment::Utc(now).after(micros))
        };
        let value = match &self.value {
            Some(SenmlValue::Number(number)) => Value::of(*number),
            Some(SenmlValue::Text(text)) => Value::text(text),
            Some(SenmlValue::Flag(flag)) => Value::Flag(*flag),
            Some(SenmlValue::Data(bytes)) => Value::Text(format!("{} bytes", bytes.len())),
            None => self.sum.map_or(Value::Missing(crate::Absence::NotGiven), Value::of),
        };
        let source = Source { protocol: "SenML", device: None, place: "record".to_owned() };
        let is_sum = self.value.is_none() && self.sum.is_some();
        let metric = Metric::at_path(&self.name);
        let metric = if is_sum {
            Metric { code: None, name: format!("{} sum", metric.name) }
        } else {
            metric
        };
        Reading { metric, value, unit: self.unit.as_deref().map(ucum), at, source }
    }
}

/// Units of RFC 8428, section 12.1, that UCUM writes otherwise.
fn ucum(unit: &str) -> String {
    let ucum = match unit {
        "beat/min" => "{beat}/min",
        "beats" => "{beat}",
        "%EL" | "%RH" => "%",
        "/" => "1",
        "degC" => "Cel",
        other => other,
    };
    crate::wfdb::shorten(ucum)
}
