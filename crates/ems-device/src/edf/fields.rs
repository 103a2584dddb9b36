//! The header of a file: fields of ASCII of fixed widths.

use std::str::FromStr;

use ems_model::Date;

use super::{EdfKind, MAX_EDF_SIGNALS};
use crate::bytes::Bytes;
use crate::fault::Fault;
use crate::reading::{Moment, time_of_day_us};

pub(super) const ANNOTATIONS: &str = "EDF Annotations";
const REMEDY: &str = "correct the header, or copy the file again";

/// What stands before the data records.
pub(super) struct Fields {
    pub(super) kind: EdfKind,
    pub(super) patient: String,
    pub(super) recording: String,
    pub(super) start: Option<Moment>,
    /// `None` while the file is being recorded.
    pub(super) n_records: Option<usize>,
    pub(super) record_secs: f64,
    pub(super) channels: Vec<Channel>,
}

/// What is said of one signal.
pub(super) struct Channel {
    pub(super) label: String,
    pub(super) transducer: String,
    pub(super) unit: String,
    pub(super) physical: (f64, f64),
    pub(super) digital: (i32, i32),
    pub(super) prefilter: String,
    pub(super) n_samples: usize,
}

pub(super) fn read(bytes: &mut Bytes<'_>) -> Result<Fields, Fault> {
    let version = text(bytes, 8)?;
    if version != "0" {
        return Err(Fault::new(
            "version",
            format!("\"{version}\""),
            "\"0\" as in EDF",
            "convert BDF to EDF",
        ));
    }
    let (patient, recording) = (text(bytes, 80)?, text(bytes, 80)?);
    let (date, time) = (text(bytes, 8)?, text(bytes, 8)?);
    let n_header_bytes: usize = number(bytes, 8, "header bytes")?;
    let kind = kind(&text(bytes, 44)?);
    let n_records: i64 = number(bytes, 8, "number of data records")?;
    let record_secs: f64 = number(bytes, 8, "duration of a data record")?;
    let n_signals: usize = number(bytes, 4, "number of signals")?;
    if n_signals > MAX_EDF_SIGNALS || n_header_bytes != 256 * (n_signals + 1) {
        let found = format!("{n_signals} with a header of {n_header_bytes} bytes");
        let expected = "up to 1024 with 256 header bytes for each and for the file";
        return Err(Fault::new("number of signals", found, expected, REMEDY));
    }
    if !(0.0..1e9).contains(&record_secs) {
        return Err(Fault::new("duration of a data record", record_secs, "0 s or more", REMEDY));
    }
    Ok(Fields {
        kind,
        start: start(&date, &time, &recording, kind),
        patient,
        recording,
        n_records: usize::try_from(n_records).ok(),
        record_secs,
        channels: channels(bytes, n_signals)?,
    })
}

fn kind(reserved: &str) -> EdfKind {
    match reserved.get(..5) {
        Some("EDF+C") => EdfKind::Continuous,
        Some("EDF+D") => EdfKind::Discontinuous,
        _ => EdfKind::Plain,
    }
}

/// Fields stand by kind, not by signal.
fn channels(bytes: &mut Bytes<'_>, n_signals: usize) -> Result<Vec<Channel>, Fault> {
    fn each<T>(
        n_signals: usize,
        mut one: impl FnMut() -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        (0..n_signals).map(|_| one()).collect()
    }
    let labels = each(n_signals, || text(bytes, 16))?;
    let transducers = each(n_signals, || text(bytes, 80))?;
    let units = each(n_signals, || text(bytes, 8))?;
    let physical_min = each(n_signals, || finite(bytes, "physical minimum"))?;
    let physical_max = each(n_signals, || finite(bytes, "physical maximum"))?;
    let digital_min = each(n_signals, || number(bytes, 8, "digital minimum"))?;
    let digital_max = each(n_signals, || number(bytes, 8, "digital maximum"))?;
    let prefilters = each(n_signals, || text(bytes, 80))?;
    let n_samples = each(n_signals, || number(bytes, 8, "samples in a data record"))?;
    bytes.take(32 * n_signals)?;
    let channel = |idx: usize| Channel {
        label: labels[idx].clone(),
        transducer: transducers[idx].clone(),
        unit: units[idx].clone(),
        physical: (physical_min[idx], physical_max[idx]),
        digital: (digital_min[idx], digital_max[idx]),
        prefilter: prefilters[idx].clone(),
        n_samples: n_samples[idx],
    };
    Ok((0..n_signals).map(channel).collect())
}

/// The text of a field, each byte a character, without the spaces after it.
fn text(bytes: &mut Bytes<'_>, n_bytes: usize) -> Result<String, Fault> {
    let field = bytes.take(n_bytes)?.iter().map(|&byte| char::from(byte));
    Ok(field.collect::<String>().trim_end_matches([' ', '\0']).to_owned())
}

fn number<T: FromStr>(
    bytes: &mut Bytes<'_>,
    n_bytes: usize,
    field: &'static str,
) -> Result<T, Fault> {
    let text = text(bytes, n_bytes)?;
    let found = || Fault::new(field, format!("\"{text}\""), "a number", REMEDY);
    text.trim().parse().map_err(|_| found())
}

fn finite(bytes: &mut Bytes<'_>, field: &'static str) -> Result<f64, Fault> {
    let value: f64 = number(bytes, 8, field)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Fault::new(field, value, "a finite number", REMEDY))
    }
}

/// `31.12.85` and `23.59.30`; the year's century is that of EDF+'s own date, else 1985 to 2084.
fn start(date: &str, time: &str, recording: &str, kind: EdfKind) -> Option<Moment> {
    let [day, month, year] = three(date)?;
    let [hour, minute, second] = three(time)?;
    let full = Some(recording).filter(|_| kind != EdfKind::Plain).and_then(full_date);
    let century = if year >= 85 { 1900 } else { 2000 };
    let short = Date::new(century + i32::from(year), month, day);
    Some(Moment::local(full.or(short)?, time_of_day_us(hour, minute, second)?))
}

fn three(text: &str) -> Option<[u8; 3]> {
    let mut parts = text.split(['.', ':', '-', '/']);
    let mut part = || parts.next().and_then(|part| part.trim().parse().ok());
    Some([part()?, part()?, part()?])
}

pub(super) const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `Startdate 02-AUG-2011 …`.
pub(super) fn full_date(recording: &str) -> Option<Date> {
    let mut parts = recording.strip_prefix("Startdate ")?.split(' ').next()?.split('-');
    let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.to_ascii_uppercase());
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    Date::new(parts.next()?.parse().ok()?, month, day)
}
