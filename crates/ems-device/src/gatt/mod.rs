//! Bluetooth health profiles: what their characteristics say (GATT Specification Supplement, and
//! the services HRS 1.0, PLXS 1.0, BLS 1.1, HTS 1.0, GLS 1.0; field tables quoted from memory and
//! checked against their published examples where there were any).

mod dialogue;
mod glucose;
mod glucose_context;
mod heart;
mod oximeter;
mod pressure;
mod racp;
mod sheet;
mod thermometer;

pub use dialogue::{GattDialogue, GattStep};
pub use racp::{Filter, Racp, RacpError, Records};

use crate::fault::Fault;
use crate::reading::Readings;
use sheet::Sheet;

/// The characteristics that are read, for messages.
const KNOWN: &str = "2A18, 2A1C, 2A1E, 2A34, 2A35, 2A36, 2A37, 2A52, 2A5E or 2A5F";

/// Reads a value that the characteristic `uuid` (16 bits) notified or indicated.
pub fn decode_characteristic(uuid: u16, value: &[u8]) -> Result<Readings, Fault> {
    let read = match uuid {
        0x2a18 => glucose::measurement,
        0x2a1c | 0x2a1e => thermometer::measurement,
        0x2a34 => glucose_context::context,
        0x2a35 => pressure::measurement,
        0x2a36 => pressure::intermediate,
        0x2a37 => heart::measurement,
        0x2a52 => return racp::readings(value),
        0x2a5e => oximeter::spot_check,
        0x2a5f => oximeter::continuous,
        other => {
            let remedy = "leave other characteristics out";
            return Err(Fault::new("characteristic", format!("{other:04X}"), KNOWN, remedy));
        }
    };
    let mut sheet = Sheet::new(uuid, value);
    read(&mut sheet)?;
    Ok(sheet.finish())
}

/// Reads a log of notifications: a line each with the characteristic's UUID, 16 bits or all 128,
/// and its value in hexadecimal; `#` starts a comment.
pub fn decode_notifications(text: &str) -> Readings {
    let (mut readings, mut complaints) = Readings::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        match notification(line, number)
            .and_then(|(uuid, value)| decode_characteristic(uuid, &value))
        {
            Ok((more, wrong)) => {
                readings.extend(more);
                complaints.extend(wrong);
            }
            Err(fault) => complaints.push(in_line(fault, number).into()),
        }
    }
    (readings, complaints)
}

fn in_line(mut fault: Fault, number: usize) -> Fault {
    fault.place = format!("line {number}, {}", fault.place);
    fault
}

fn notification(line: &str, number: usize) -> Result<(u16, Vec<u8>), Fault> {
    let (uuid, value) = line.split_once([' ', '\t', ',', ':']).unwrap_or((line, ""));
    let digits: Vec<char> = value.chars().filter(|it| !" \t,:-".contains(*it)).collect();
    let byte = |pair: &[char]| {
        let (high, low) = (pair.first()?.to_digit(16)?, pair.get(1)?.to_digit(16)?);
        u8::try_from(high << 4 | low).ok()
    };
    let bytes = digits.chunks(2).map(byte).collect::<Option<Vec<_>>>();
    let parts = short_uuid(uuid).zip(bytes.filter(|_| digits.len().is_multiple_of(2)));
    parts.ok_or_else(|| {
        let expected = "a UUID and pairs of hexadecimal digits, as 2A37 004B";
        Fault::new(
            format!("notification {number}"),
            format!("\"{line}\""),
            expected,
            "correct the line",
        )
    })
}

/// `2A37`, `0x2A37`, or as `00002a37-0000-1000-8000-00805f9b34fb`.
fn short_uuid(text: &str) -> Option<u16> {
    const BASE: &str = "-0000-1000-8000-00805f9b34fb";
    let lower = text.to_ascii_lowercase();
    let short = match lower.strip_suffix(BASE) {
        Some(long) => long.strip_prefix("0000")?,
        None => lower.strip_prefix("0x").unwrap_or(&lower),
    };
    (short.len() == 4).then(|| u16::from_str_radix(short, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Absence, Value};

    fn values(text: &str) -> Vec<(String, Value, Option<String>)> {
        let (readings, complaints) = decode_notifications(text);
        assert_eq!(complaints, [], "{text}");
        readings.into_iter().map(|it| (it.metric.name, it.value, it.unit)).collect()
    }

    #[test]
    fn a_number_keeps_its_unit_and_a_special_value_is_missing() {
        let [spo2, pulse] = &values("2A5F 00 61 00 ff 07")[..] else { panic!() };
        assert_eq!((spo2.0.as_str(), &spo2.1), ("MDC_PULS_OXIM_SAT_O2", &Value::Number(97.0)));
        assert_eq!(
            (&pulse.1, pulse.2.as_deref()),
            (&Value::Missing(Absence::NotANumber), Some("{beat}/min"))
        );
        let [temperature] = &values("00002a1c-0000-1000-8000-00805f9b34fb 01da0300ff")[..] else {
            panic!()
        };
        assert_eq!(temperature.1, Value::Number(98.6));
        assert_eq!(temperature.2.as_deref(), Some("[degF]"));
        let found = values("2A35 01 a0f0 6af0 7bf0");
        assert_eq!((&found[0].1, found[0].2.as_deref()), (&Value::Number(16.0), Some("kPa")));
        let [glucose, sample] = &values("2A18 02 0700 e607 01 1f 0a 1e 00 5ab0 11")[..] else {
            panic!()
        };
        assert_eq!((&glucose.1, glucose.2.as_deref()), (&Value::Number(90.0), Some("mg/dL")));
        assert_eq!(glucose.0, "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD");
        assert_eq!(sample.1, Value::Text("finger".into()));
    }

    #[test]
    fn unusable_measurements_are_missing() {
        // Demonstration data, and a measurement that the oximeter calls invalid.
        for status in ["0004", "0080"] {
            let found = values(&format!("2A5F 04 6100 4800 {status}"));
            assert_eq!(found[0].1, Value::Missing(Absence::Invalid), "{status}");
        }
    }

    #[test]
    fn what_is_cut_off_or_unknown_is_complained_about() {
        for (line, message) in [
            (
                "2A37 01 4b",
                "line 1, characteristic 2A37, byte 1 is 1 bytes before the end, not a field of 2 bytes: send the whole message",
            ),
            (
                "2A37 00 4b 17",
                "characteristic 2A37, byte 2 is followed by 1 more bytes, not the end of the value: check the flags that the device sends",
            ),
            (
                "2A00 00",
                "line 1, characteristic is 2A00, not 2A18, 2A1C, 2A1E, 2A34, 2A35, 2A36, 2A37, 2A52, 2A5E or 2A5F: leave other characteristics out",
            ),
            (
                "2A37 0",
                "line 1, notification 1 is \"2A37 0\", not a UUID and pairs of hexadecimal digits, as 2A37 004B: correct the line",
            ),
        ] {
            let (_, complaints) = decode_notifications(line);
            let complaints: Vec<_> = complaints.iter().map(ToString::to_string).collect();
            assert_eq!(complaints, [message]);
        }
    }
}
