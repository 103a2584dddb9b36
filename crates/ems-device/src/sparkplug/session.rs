//! What a host remembers of the nodes that it hears.

use std::collections::BTreeMap;

use ems_model::Timestamp;

use super::payload::{SparkplugMetric, SparkplugPayload, SparkplugValue};
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::reading::{Absence, Metric, Moment, Reading, Readings, Source, Value};

/// The most aliases that are remembered, over all nodes.
const MAX_ALIASES: usize = 100_000;
const WAIT: &str = "wait for the next birth message, or ask for a rebirth";

/// The names that nodes gave to their metrics.
#[derive(Debug, Clone, Default)]
pub struct SparkplugSession {
    /// By node or device and alias.
    names: BTreeMap<(String, u64), Birth>,
}

#[derive(Debug, Clone)]
struct Birth {
    name: String,
    datatype: Option<u32>,
    unit: Option<String>,
    hz: Option<f64>,
}

/// The kinds of message that carry metrics of a device or node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Birth,
    Data,
    Death,
}

impl SparkplugSession {
    /// Reads a message by its topic, `spBv1.0/GROUP/TYPE/NODE[/DEVICE]`. Commands and the states of
    /// hosts give nothing.
    pub fn on_message(&mut self, topic: &str, payload: &[u8]) -> Result<Readings, Fault> {
        let Some((kind, device)) = kind_of(topic)? else { return Ok(Readings::default()) };
        let payload = SparkplugPayload::decode(payload)?;
        if kind != Kind::Data {
            self.names.retain(|(known, _), _| *known != device);
        }
        let mut complaints = vec![];
        let mut readings = vec![];
        if kind == Kind::Death {
            return Ok((readings, complaints));
        }
        for metric in &payload.metrics {
            match self.reading(kind, &device, &payload, metric) {
                Ok(reading) => readings.push(reading),
                Err(fault) => complaints.push(Complaint::from(fault)),
            }
        }
        Ok((readings, complaints))
    }

    fn reading(
        &mut self,
        kind: Kind,
        device: &str,
        payload: &SparkplugPayload,
        metric: &SparkplugMetric,
    ) -> Result<Reading, Fault> {
        let key = metric.alias.map(|alias| (device.to_owned(), alias));
        if let (Kind::Birth, Some(key), Some(name)) = (kind, &key, &metric.name) {
            self.remember(key.clone(), name, metric)?;
        }
        let birth = key.as_ref().and_then(|key| self.names.get(key));
        let name = metric.name.as_deref().or(birth.map(|birth| birth.name.as_str()));
        let name = name.ok_or_else(|| {
            let alias =
                metric.alias.map_or("without name and alias".to_owned(), |it| it.to_string());
            Fault::new(format!("alias of {device}"), alias, "one that a birth message named", WAIT)
        })?;
        let datatype = metric.datatype.or(birth.and_then(|birth| birth.datatype));
        let unit = metric.unit.clone().or_else(|| birth.and_then(|birth| birth.unit.clone()));
        let hz = metric.hz.or(birth.and_then(|birth| birth.hz));
        let at_ms = metric.at_ms.or(payload.at_ms).and_then(|it| i64::try_from(it).ok());
        let at = at_ms.and_then(|it| it.checked_mul(1000)).map(Timestamp::from_micros);
        let place = metric.alias.map_or("metric".to_owned(), |alias| format!("alias {alias}"));
        Ok(Reading {
            metric: Metric::at_path(name),
            value: value(name, datatype, hz, metric.value.as_ref())?,
            unit,
            at: at.map(Moment::Utc),
            source: Source { protocol: "Sparkplug B", device: Some(device.to_owned()), place },
        })
    }

    fn remember(
        &mut self,
        key: (String, u64),
        name: &str,
        metric: &SparkplugMetric,
    ) -> Result<(), Fault> {
        if self.names.len() >= MAX_ALIASES {
            let remedy = "use fewer metrics, or names without aliases";
            return Err(Fault::new("aliases", MAX_ALIASES + 1, "up to 100000", remedy));
        }
        let (name, unit) = (name.to_owned(), metric.unit.clone());
        self.names.insert(key, Birth { name, datatype: metric.datatype, unit, hz: metric.hz });
        Ok(())
    }
}

/// The kind of message, and the device or node it is of.
fn kind_of(topic: &str) -> Result<Option<(Kind, String)>, Fault> {
    let parts: Vec<_> = topic.split('/').collect();
    let kind = match parts[..] {
        ["spBv1.0", _, kind, _] if kind.starts_with('N') => &kind[1..],
        ["spBv1.0", _, kind, _, _] if kind.starts_with('D') => &kind[1..],
        ["spBv1.0", "STATE", _] => return Ok(None),
        _ => "",
    };
    let kind = match kind {
        "BIRTH" => Kind::Birth,
        "DATA" => Kind::Data,
        "DEATH" => Kind::Death,
        "CMD" => return Ok(None),
        _ => {
            let expected = "spBv1.0/GROUP/TYPE/NODE[/DEVICE]";
            return Err(Fault::new("topic", format!("\"{topic}\""), expected, "correct the topic"));
        }
    };
    let device: Vec<_> =
        parts.iter().enumerate().filter(|(idx, _)| ![0, 2].contains(idx)).collect();
    let device: Vec<_> = device.into_iter().map(|(_, part)| *part).collect();
    Ok(Some((kind, crate::wfdb::shorten(&device.join("/")))))
}

/// The value as its type means it (chapter 6.4.16).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "two's complement and doubles are meant"
)]
fn value(
    name: &str,
    datatype: Option<u32>,
    hz: Option<f64>,
    value: Option<&SparkplugValue>,
) -> Result<Value, Fault> {
    let Some(value) = value else { return Ok(Value::Missing(Absence::NotGiven)) };
    Ok(match (value, datatype) {
        (SparkplugValue::Int(bits), Some(1)) => Value::of(f64::from(*bits as i8)),
        (SparkplugValue::Int(bits), Some(2)) => Value::of(f64::from(*bits as i16)),
        (SparkplugValue::Int(bits), Some(3)) => Value::of(f64::from(bits.cast_signed())),
        (SparkplugValue::Int(bits), _) => Value::of(f64::from(*bits)),
        (SparkplugValue::Long(bits), Some(4)) => Value::of(bits.cast_signed() as f64),
        (SparkplugValue::Long(bits), Some(13)) => date_time(*bits),
        (SparkplugValue::Long(bits), _) => Value::of(*bits as f64),
        (SparkplugValue::Float(number), _) => Value::of(f64::from(*number)),
        (SparkplugValue::Double(number), _) => Value::of(*number),
        (SparkplugValue::Flag(flag), _) => Value::Flag(*flag),
        (SparkplugValue::Text(text), _) => Value::text(text),
        (SparkplugValue::Bytes(bytes), Some(kind @ 22..=31)) => array(name, kind, hz, bytes)?,
        (SparkplugValue::Bytes(_) | SparkplugValue::Other(_), _) => {
            let expected = "a number, flag, text or array of numbers";
            return Err(Fault::new(
                format!("value of {name}"),
                "bytes, a set or a template",
                expected,
                "send its parts as metrics",
            ));
        }
    })
}

/// An array of numbers, one after the other, the least byte first (types 22 to 31), is a piece of a
/// wave.
fn array(name: &str, kind: u32, hz: Option<f64>, bytes: &[u8]) -> Result<Value, Fault> {
    let hz = hz.filter(|hz| *hz > 0.0).ok_or_else(|| {
        let expected = "samples a second, in data or birth message";
        Fault::new(format!("sampleRate of {name}"), "missing", expected, "add the property")
    })?;
    let values = samples(kind, bytes).ok_or_else(|| {
        let found = format!("{} bytes long", bytes.len());
        Fault::new(format!("array of {name}"), found, "whole numbers of its type", "send all of it")
    })?;
    Ok(Value::Samples { hz, values })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "samples are single precision"
)]
fn samples(kind: u32, bytes: &[u8]) -> Option<Vec<f32>> {
    match kind {
        22 => all(bytes, |it| f32::from(i8::from_le_bytes(it))),
        23 => all(bytes, |it| f32::from(i16::from_le_bytes(it))),
        24 => all(bytes, |it| i32::from_le_bytes(it) as f32),
        25 => all(bytes, |it| i64::from_le_bytes(it) as f32),
        26 => all(bytes, |it| f32::from(u8::from_le_bytes(it))),
        27 => all(bytes, |it| f32::from(u16::from_le_bytes(it))),
        28 => all(bytes, |it| u32::from_le_bytes(it) as f32),
        29 => all(bytes, |it| u64::from_le_bytes(it) as f32),
        30 => all(bytes, f32::from_le_bytes),
        _ => all(bytes, |it| f64::from_le_bytes(it) as f32),
    }
}

/// Numbers of `N` bytes each; `None` where the bytes end within one.
fn all<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
    let (whole, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| whole.iter().map(|it| number(*it)).collect())
}

fn date_time(millis: u64) -> Value {
    let micros = i64::try_from(millis).ok().and_then(|it| it.checked_mul(1000));
    micros.map_or(Value::Missing(Absence::NotANumber), |it| {
        Value::Text(Moment::Utc(Timestamp::from_micros(it)).to_string())
    })
}
