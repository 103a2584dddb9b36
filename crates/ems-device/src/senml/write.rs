//! Writing packs of records that stand alone.

use serde_json::{Map, Value as Json, json};

use super::cbor::head;
use super::pack::{DATA, LABELS, SenmlRecord, SenmlValue};

pub(super) const ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes records as a pack in JSON; numbers that are not finite are left out.
pub fn encode_senml_json(records: &[SenmlRecord]) -> String {
    let object = |record: &SenmlRecord| {
        let fields = fields(record).into_iter().map(|(label, field)| {
            let value = match field {
                SenmlValue::Number(number) => json!(number),
                SenmlValue::Text(text) => json!(text),
                SenmlValue::Flag(flag) => json!(flag),
                SenmlValue::Data(bytes) => json!(base64(&bytes)),
            };
            (label.to_owned(), value)
        });
        Json::Object(fields.collect::<Map<_, _>>())
    };
    Json::Array(records.iter().map(object).collect()).to_string()
}

/// Writes records as a pack in CBOR.
pub fn encode_senml_cbor(records: &[SenmlRecord]) -> Vec<u8> {
    let mut bytes = vec![];
    head(4, records.len() as u64, &mut bytes);
    for record in records {
        let fields = fields(record);
        head(5, fields.len() as u64, &mut bytes);
        for (label, field) in fields {
            let number = LABELS.iter().chain([&DATA]).find(|(name, _)| *name == label);
            let number = number.expect("only labels of the table are written").1;
            // A record that stands alone has no base values, so no negative labels.
            head(0, u64::from(number.unsigned_abs()), &mut bytes);
            put(&field, &mut bytes);
        }
    }
    bytes
}

fn fields(record: &SenmlRecord) -> Vec<(&'static str, SenmlValue)> {
    let number = |label, number: Option<f64>| {
        number.filter(|it| it.is_finite()).map(|it| (label, SenmlValue::Number(it)))
    };
    let value = record.value.clone().map(|value| (label_of(&value), value));
    let name = ("n", SenmlValue::Text(record.name.clone()));
    let unit = record.unit.clone().map(|unit| ("u", SenmlValue::Text(unit)));
    let time = number("t", Some(record.time_secs).filter(|time| time.abs() > 0.0));
    let rest = [unit, value, number("s", record.sum), time, number("ut", record.update_secs)];
    std::iter::once(name).chain(rest.into_iter().flatten()).collect()
}

const fn label_of(value: &SenmlValue) -> &'static str {
    match value {
        SenmlValue::Number(_) => "v",
        SenmlValue::Text(_) => "vs",
        SenmlValue::Flag(_) => "vb",
        SenmlValue::Data(_) => "vd",
    }
}

fn put(field: &SenmlValue, bytes: &mut Vec<u8>) {
    match field {
        SenmlValue::Number(number) => {
            bytes.push(0xfb);
            bytes.extend(number.to_be_bytes());
        }
        SenmlValue::Text(text) => {
            head(3, text.len() as u64, bytes);
            bytes.extend(text.as_bytes());
        }
        SenmlValue::Flag(flag) => bytes.push(0xf4 + u8::from(*flag)),
        SenmlValue::Data(data) => {
            head(2, data.len() as u64, bytes);
            bytes.extend(data);
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    let four = |three: &[u8]| {
        let bits = (0..3)
            .fold(0_usize, |bits, idx| bits << 8 | three.get(idx).map_or(0, |it| usize::from(*it)));
        let digits: Vec<char> =
            [18, 12, 6, 0].iter().map(|shift| char::from(ALPHABET[bits >> shift & 63])).collect();
        digits.into_iter().take(three.len() + 1)
    };
    bytes.chunks(3).flat_map(four).collect()
}
