//! Reading a pack: base values are carried from record to record.

use serde_json::Value as Json;

use super::cbor::{self, Item};
use crate::bytes::Bytes;
use crate::complaint::Complaint;
use crate::fault::Fault;

/// The largest pack, in bytes.
pub const MAX_SENML_BYTES: usize = 1 << 20;
const REMEDY: &str = "correct the pack (RFC 8428)";

/// A record that stands alone: base values are already in it (RFC 8428, section 4.6).
#[derive(Debug, Clone, PartialEq)]
pub struct SenmlRecord {
    /// The whole name.
    pub name: String,
    /// The unit, from the registry of RFC 8428.
    pub unit: Option<String>,
    /// What was measured; `None` where there is only a sum.
    pub value: Option<SenmlValue>,
    /// The value summed up over time.
    pub sum: Option<f64>,
    /// Seconds since 1970; below 2^28, seconds from now.
    pub time_secs: f64,
    /// Within how many seconds the next value will come, at the latest.
    pub update_secs: Option<f64>,
}

/// The value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum SenmlValue {
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Data(Vec<u8>),
}

/// The labels of a record: their names in JSON and their numbers in CBOR (RFC 8428, table 4).
pub(super) const LABELS: [(&str, i8); 14] = [
    ("bver", -1),
    ("bn", -2),
    ("bt", -3),
    ("bu", -4),
    ("bv", -5),
    ("bs", -6),
    ("n", 0),
    ("u", 1),
    ("v", 2),
    ("vs", 3),
    ("vb", 4),
    ("s", 5),
    ("t", 6),
    ("ut", 7),
];
pub(super) const DATA: (&str, i8) = ("vd", 8);
/// The version that we read (RFC 8428, section 4.4).
const MAX_VERSION: f64 = 10.0;

/// Reads a pack in JSON; records that are wrong are complained about and left out.
pub fn decode_senml_json(bytes: &[u8]) -> Result<(Vec<SenmlRecord>, Vec<Complaint>), Fault> {
    check_length(bytes)?;
    let list: Vec<serde_json::Map<String, Json>> = serde_json::from_slice(bytes)
        .map_err(|error| Fault::new("pack", error, "a JSON array of objects", REMEDY))?;
    Ok(resolve(list.into_iter().map(|record| record.into_iter().map(json_field).collect())))
}

/// Reads a pack in CBOR; records that are wrong are complained about and left out.
pub fn decode_senml_cbor(bytes: &[u8]) -> Result<(Vec<SenmlRecord>, Vec<Complaint>), Fault> {
    check_length(bytes)?;
    let mut bytes = Bytes::new("pack", bytes);
    let Item::Array(list) = cbor::item(&mut bytes, 0)? else {
        return Err(bytes.fault("another item", "an array of maps", REMEDY));
    };
    if !bytes.is_empty() {
        return Err(bytes.fault(format!("followed by {} bytes", bytes.len()), "the end", REMEDY));
    }
    Ok(resolve(list.into_iter().map(|record| match record {
        Item::Map(fields) => fields.into_iter().map(cbor_field).collect(),
        other => vec![("record".to_owned(), Field::Wrong(format!("{other:?}")))],
    })))
}

fn check_length(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.len() <= MAX_SENML_BYTES {
        return Ok(());
    }
    let found = format!("{} bytes long", bytes.len());
    Err(Fault::new("pack", found, "up to 1048576 bytes long", "send fewer records at once"))
}

/// A field's value, whatever it was encoded as.
enum Field {
    Number(f64),
    Text(String),
    Flag(bool),
    Data(Vec<u8>),
    Wrong(String),
}

fn json_field((label, value): (String, Json)) -> (String, Field) {
    let field = match value {
        Json::Number(number) => number.as_f64().map_or(Field::Wrong(String::new()), Field::Number),
        Json::String(text) if label == DATA.0 => match base64(&text) {
            Some(bytes) => Field::Data(bytes),
            None => Field::Wrong(text),
        },
        Json::String(text) => Field::Text(text),
        Json::Bool(flag) => Field::Flag(flag),
        other => Field::Wrong(other.to_string()),
    };
    (label, field)
}

fn cbor_field((label, value): (Item, Item)) -> (String, Field) {
    let known = |number: f64| {
        let is_it = |(_, it): &&(&str, i8)| (f64::from(*it) - number).abs() < 0.5;
        LABELS.iter().chain([&DATA]).find(is_it).map(|(name, _)| (*name).to_owned())
    };
    let label = match label {
        Item::Number(number) => known(number).unwrap_or_else(|| format!("label {number}")),
        Item::Text(text) => text,
        other => format!("{other:?}"),
    };
    let field = match value {
        Item::Number(number) => Field::Number(number),
        Item::Text(text) => Field::Text(text),
        Item::Flag(flag) => Field::Flag(flag),
        Item::Bytes(bytes) => Field::Data(bytes),
        other => Field::Wrong(format!("{other:?}")),
    };
    (label, field)
}

/// Base values, as they are carried on.
#[derive(Default)]
struct Base {
    name: String,
    time: f64,
    unit: Option<String>,
    value: f64,
    sum: f64,
}

/// What one record itself says.
#[derive(Default)]
struct Own {
    name: String,
    unit: Option<String>,
    value: Option<SenmlValue>,
    sum: Option<f64>,
    time: f64,
    update: Option<f64>,
    is_base_only: bool,
}

fn resolve(
    records: impl Iterator<Item = Vec<(String, Field)>>,
) -> (Vec<SenmlRecord>, Vec<Complaint>) {
    let (mut found, mut complaints) = (vec![], vec![]);
    let mut base = Base::default();
    for (fields, idx) in records.zip(0..) {
        match record(fields, &mut base) {
            Ok(record) => found.extend(record),
            Err(fault) => {
                let place = format!("record {idx}, {}", fault.place);
                complaints.push(Fault { place, ..fault }.into());
            }
        }
    }
    (found, complaints)
}

fn record(fields: Vec<(String, Field)>, base: &mut Base) -> Result<Option<SenmlRecord>, Fault> {
    let mut own = Own { is_base_only: true, ..Own::default() };
    for (label, field) in fields {
        own.take(&label, field, base)?;
    }
    if own.is_base_only {
        return Ok(None);
    }
    let name = format!("{}{}", base.name, own.name);
    check_name(&name)?;
    // Base values add to what is there, they do not replace it.
    let value = match own.value {
        Some(SenmlValue::Number(number)) => Some(SenmlValue::Number(number + base.value)),
        None if own.sum.is_none() => {
            return Err(Fault::new("value", "missing", "v, vs, vb, vd or s", REMEDY));
        }
        other => other,
    };
    Ok(Some(SenmlRecord {
        name,
        unit: own.unit.or_else(|| base.unit.clone()),
        value,
        sum: own.sum.map(|sum| sum + base.sum),
        time_secs: base.time + own.time,
        update_secs: own.update,
    }))
}

impl Own {
    fn take(&mut self, label: &str, field: Field, base: &mut Base) -> Result<(), Fault> {
        self.is_base_only &= label.starts_with('b') && label.len() > 1;
        match (label, field) {
            ("bver", Field::Number(version)) if version <= MAX_VERSION => {}
            ("bn", Field::Text(text)) => base.name = crate::wfdb::shorten(&text),
            ("bt", Field::Number(number)) => base.time = number,
            ("bu", Field::Text(text)) => base.unit = Some(crate::wfdb::shorten(&text)),
            ("bv", Field::Number(number)) => base.value = number,
            ("bs", Field::Number(number)) => base.sum = number,
            ("n", Field::Text(text)) => self.name = crate::wfdb::shorten(&text),
            ("u", Field::Text(text)) => self.unit = Some(crate::wfdb::shorten(&text)),
            ("v", Field::Number(number)) => self.value = Some(SenmlValue::Number(number)),
            ("vs", Field::Text(text)) => self.value = Some(SenmlValue::Text(text)),
            ("vb", Field::Flag(flag)) => self.value = Some(SenmlValue::Flag(flag)),
            ("vd", Field::Data(bytes)) => self.value = Some(SenmlValue::Data(bytes)),
            ("s", Field::Number(number)) => self.sum = Some(number),
            ("t", Field::Number(number)) => self.time = number,
            ("ut", Field::Number(number)) => self.update = Some(number),
            (label, field) => return wrong(label, field),
        }
        Ok(())
    }
}

/// A label that is not known may be passed over, unless it ends with `_` (section 4.4).
fn wrong(label: &str, field: Field) -> Result<(), Fault> {
    let is_known = LABELS.iter().chain([&DATA]).any(|(known, _)| *known == label);
    if !is_known && !label.ends_with('_') && label != "record" {
        return Ok(());
    }
    let found = match field {
        Field::Number(number) => number.to_string(),
        Field::Text(text) | Field::Wrong(text) => format!("\"{text}\""),
        Field::Flag(flag) => flag.to_string(),
        Field::Data(bytes) => format!("{} bytes", bytes.len()),
    };
    Err(Fault::new(label, found, "what RFC 8428 says of it, up to version 10", REMEDY))
}

/// Section 4.5.1: letters, digits and `-:./_`, starting with a letter or digit.
fn check_name(name: &str) -> Result<(), Fault> {
    let is_letter = |it: char| it.is_ascii_alphanumeric();
    let is_right =
        name.starts_with(is_letter) && name.chars().all(|it| is_letter(it) || "-:./_".contains(it));
    if is_right {
        return Ok(());
    }
    let expected = "letters, digits and -:./_ after a letter or digit";
    Err(Fault::new("name", format!("\"{name}\""), expected, REMEDY))
}

/// Base64 with the URL alphabet, without padding (RFC 4648, section 5).
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let digit = |it: u8| super::write::ALPHABET.iter().position(|known| *known == it);
    let digits = text.bytes().map(digit).collect::<Option<Vec<_>>>()?;
    if digits.len() % 4 == 1 {
        return None;
    }
    let triple = |four: &[usize]| {
        let bits = (0..4).fold(0, |bits, idx| bits << 6 | four.get(idx).copied().unwrap_or(0));
        let bytes: Vec<u8> =
            [16, 8, 0].iter().map(|shift| (bits >> shift).to_le_bytes()[0]).collect();
        bytes.into_iter().take(four.len() - 1)
    };
    Some(digits.chunks(4).flat_map(triple).collect())
}
