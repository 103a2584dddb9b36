//! One payload: its metrics, read and written.

use super::protobuf::{Wire, field, put_bytes, put_fixed32, put_fixed64, put_varint};
use crate::bytes::Bytes;
use crate::fault::Fault;

/// What a message carries.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SparkplugPayload {
    /// When it was sent, in milliseconds since 1970.
    pub at_ms: Option<u64>,
    /// Its place in the sequence of its node, 0..=255.
    pub seq: Option<u64>,
    /// What it tells.
    pub metrics: Vec<SparkplugMetric>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SparkplugMetric {
    /// Its name; birth messages give it, others may not.
    pub name: Option<String>,
    /// The number that stands for the name.
    pub alias: Option<u64>,
    /// When it was measured, in milliseconds since 1970.
    pub at_ms: Option<u64>,
    /// The number of its type (chapter 6.4.16).
    pub datatype: Option<u32>,
    /// Whether it was measured before this session.
    pub is_historical: bool,
    /// The property `engUnit`.
    pub unit: Option<String>,
    /// The property `sampleRate`, a name of ours: samples a second of an array.
    pub hz: Option<f64>,
    /// Its value; `None` is null.
    pub value: Option<SparkplugValue>,
}

/// A value as it is sent; the type says how it is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum SparkplugValue {
    /// Up to 32 bits, negative numbers in two's complement.
    Int(u32),
    /// Up to 64 bits, negative numbers in two's complement.
    Long(u64),
    /// Single precision.
    Float(f32),
    /// Double precision.
    Double(f64),
    /// Yes or no.
    Flag(bool),
    /// Text, up to 200 characters of it.
    Text(String),
    /// Bytes: what they are, the type says.
    Bytes(Vec<u8>),
    /// A kind that is not read: a data set, a template.
    Other(u32),
}

const UNIT: &str = "engUnit";
const RATE: &str = "sampleRate";

impl SparkplugPayload {
    /// Reads a payload; fields that are not known are passed over.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut bytes = Bytes::new("payload", bytes);
        let mut payload = Self::default();
        while let Some((number, wire)) = field(&mut bytes)? {
            match (number, wire) {
                (1, wire) => payload.at_ms = wire.number(),
                (2, Wire::Bytes(metric)) => payload.metrics.push(SparkplugMetric::decode(metric)?),
                (3, wire) => payload.seq = wire.number(),
                _ => {}
            }
        }
        Ok(payload)
    }

    /// Writes a payload.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![];
        if let Some(at_ms) = self.at_ms {
            put_varint(1, at_ms, &mut bytes);
        }
        for metric in &self.metrics {
            put_bytes(2, &metric.encode(), &mut bytes);
        }
        if let Some(seq) = self.seq {
            put_varint(3, seq, &mut bytes);
        }
        bytes
    }
}

impl SparkplugMetric {
    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut bytes = Bytes::new("metric", bytes);
        let mut metric = Self::default();
        let mut is_null = false;
        while let Some((number, wire)) = field(&mut bytes)? {
            match (number, wire) {
                (1, wire) => metric.name = wire.text(),
                (2, wire) => metric.alias = wire.number(),
                (3, wire) => metric.at_ms = wire.number(),
                (4, wire) => metric.datatype = wire.number().and_then(|it| u32::try_from(it).ok()),
                (5, wire) => metric.is_historical = wire.number() == Some(1),
                (7, wire) => is_null = wire.number() == Some(1),
                (9, Wire::Bytes(properties)) => metric.read_properties(properties)?,
                _ => metric.value = value(number, wire).or(metric.value),
            }
        }
        if is_null {
            metric.value = None;
        }
        Ok(metric)
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![];
        if let Some(name) = &self.name {
            put_bytes(1, name.as_bytes(), &mut bytes);
        }
        let numbers = [(2, self.alias), (3, self.at_ms), (4, self.datatype.map(u64::from))];
        for (field, number) in numbers {
            if let Some(number) = number {
                put_varint(field, number, &mut bytes);
            }
        }
        for (field, is_set) in [(5, self.is_historical), (7, self.value.is_none())] {
            if is_set {
                put_varint(field, 1, &mut bytes);
            }
        }
        if self.unit.is_some() || self.hz.is_some() {
            put_bytes(9, &self.properties(), &mut bytes);
        }
        match &self.value {
            Some(SparkplugValue::Int(number)) => put_varint(10, u64::from(*number), &mut bytes),
            Some(SparkplugValue::Long(number)) => put_varint(11, *number, &mut bytes),
            Some(SparkplugValue::Float(number)) => put_fixed32(12, number.to_bits(), &mut bytes),
            Some(SparkplugValue::Double(number)) => put_fixed64(13, number.to_bits(), &mut bytes),
            Some(SparkplugValue::Flag(flag)) => put_varint(14, u64::from(*flag), &mut bytes),
            Some(SparkplugValue::Text(text)) => put_bytes(15, text.as_bytes(), &mut bytes),
            Some(SparkplugValue::Bytes(value)) => put_bytes(16, value, &mut bytes),
            Some(SparkplugValue::Other(field)) => put_bytes(*field, &[], &mut bytes),
            None => {}
        }
        bytes
    }

    /// A set of keys and, in the same order, values.
    fn read_properties(&mut self, properties: &[u8]) -> Result<(), Fault> {
        let mut bytes = Bytes::new("properties", properties);
        let (mut keys, mut values) = (vec![], vec![]);
        while let Some((number, wire)) = field(&mut bytes)? {
            match (number, wire) {
                (1, wire) => keys.push(wire.text()),
                (2, Wire::Bytes(value)) => values.push(value),
                _ => {}
            }
        }
        for (key, value) in keys.iter().zip(values) {
            let mut bytes = Bytes::new("property", value);
            while let Some((field, wire)) = field(&mut bytes)? {
                match (key.as_deref(), field) {
                    (Some(UNIT), 8) => self.unit = wire.text(),
                    (Some(RATE), 3..=6) => self.hz = number((field, wire)),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Types 10 and 12 are a number and text.
    fn properties(&self) -> Vec<u8> {
        let (mut keys, mut values) = (vec![], vec![]);
        let mut put = |key: &str, datatype, write: &dyn Fn(&mut Vec<u8>)| {
            let mut value = vec![];
            put_bytes(1, key.as_bytes(), &mut keys);
            put_varint(1, datatype, &mut value);
            write(&mut value);
            put_bytes(2, &value, &mut values);
        };
        if let Some(unit) = &self.unit {
            put(UNIT, 12, &|value| put_bytes(8, unit.as_bytes(), value));
        }
        if let Some(hz) = self.hz {
            put(RATE, 10, &|value| put_fixed64(6, hz.to_bits(), value));
        }
        [keys, values].concat()
    }
}

fn value(number: u32, wire: Wire<'_>) -> Option<SparkplugValue> {
    Some(match (number, wire) {
        // A writer may extend the sign of a negative number to 64 bits.
        (10, Wire::Varint(number)) => SparkplugValue::Int((number & 0xffff_ffff) as u32),
        (11, Wire::Varint(number)) => SparkplugValue::Long(number),
        (12, Wire::Fixed32(bits)) => SparkplugValue::Float(f32::from_bits(bits)),
        (13, Wire::Fixed64(bits)) => SparkplugValue::Double(f64::from_bits(bits)),
        (14, Wire::Varint(flag)) => SparkplugValue::Flag(flag != 0),
        (15, wire) => SparkplugValue::Text(wire.text()?),
        (16, Wire::Bytes(bytes)) => SparkplugValue::Bytes(bytes.to_vec()),
        (17..=18, _) => SparkplugValue::Other(number),
        _ => return None,
    })
}

/// The number of a property's value, whatever its type (fields 3 to 6).
fn number((field, wire): (u32, Wire<'_>)) -> Option<f64> {
    let number = match (field, wire) {
        (3 | 4, Wire::Varint(number)) => f64::from(u32::try_from(number).ok()?),
        (5, Wire::Fixed32(bits)) => f64::from(f32::from_bits(bits)),
        (6, Wire::Fixed64(bits)) => f64::from_bits(bits),
        _ => return None,
    };
    Some(number).filter(|it| it.is_finite())
}
