//! IEEE 11073-20601: published sample messages, and laws.

use std::fmt::Write as _;

use ems_device::{Apdu, Fault, PhdManager, PhdSession, Reading, Readings, Value};
use expect_test::expect;
use proptest::prelude::*;

use crate::recordings::data;

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The messages by name; they lie beside the records.
fn vectors() -> Option<Vec<(String, Vec<u8>)>> {
    let text = std::fs::read(data("formats")?.with_file_name("ieee11073_apdus.json")).unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap().to_owned();
    Some(list.iter().map(|it| (text(it, "vector"), bytes_of(&text(it, "hex")))).collect())
}

#[test]
fn every_sample_message_is_written_as_it_was_read() {
    let Some(vectors) = vectors() else { return };
    assert_eq!(vectors.len(), 19);
    for (name, bytes) in vectors {
        let (apdu, n_bytes) =
            Apdu::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((n_bytes, &apdu.encode()), (bytes.len(), &bytes), "{name}: {apdu:?}");
    }
}

pub(crate) fn listed((readings, complaints): &Readings) -> String {
    let mut text = String::new();
    for Reading { metric, value, unit, at, source } in readings {
        let value = match value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Flag(flag) => flag.to_string(),
            Value::Missing(absence) => absence.name().to_owned(),
            Value::Samples { hz, values } => format!("{} samples at {hz}/s", values.len()),
        };
        let unit = unit.as_deref().unwrap_or("-");
        let at = at.map_or("-".to_owned(), |at| at.to_string());
        let device = source.device.as_deref().unwrap_or("-");
        writeln!(text, "{} {value} {unit} {at} {device} {}", metric.name, source.place).unwrap();
    }
    for complaint in complaints {
        writeln!(text, "! {complaint}").unwrap();
    }
    text
}

#[test]
fn sample_reports_are_read_after_their_configurations() {
    let Some(vectors) = vectors() else { return };
    let of = |name: &str| vectors.iter().find(|(it, _)| it == name).unwrap().1.clone();
    let mut text = String::new();
    for names in [
        ["ExtendedCfg10404", "ExtendedMeasure10404APDUtest"],
        ["Aarq10407APDUtest", "Measure10407PrstAPDUtest"],
        ["ExtendedCfg10408", "ExtendedMeasure10408APDUtest"],
        ["Aarq10415APDUtest", "Measure10415PrstAPDUtest"],
        ["ExtendedCfg10415", "ExtendedMeasure10415APDUtest"],
        ["Aarq10415APDUtest", "RealMeasure10415PrstAPDUtest"],
        ["Aarq10417APDUtest", "Measure10417PrstAPDUtest"],
        ["UnknownCfg", "Measure10417PrstAPDUtest"],
    ] {
        let bytes = names.map(of).concat();
        writeln!(text, "{}", names.join(" ")).unwrap();
        text += &listed(&PhdSession::default().decode(&bytes).unwrap());
    }
    expect![[r"
        ExtendedCfg10404 ExtendedMeasure10404APDUtest
        MDC_PULS_OXIM_SAT_O2 98 % 2007-12-06T12:10:00 - object 1
        MDC_PULS_OXIM_PULS_RATE 72 {beat}/min 2007-12-06T12:10:00 - object 10
        Aarq10407APDUtest Measure10407PrstAPDUtest
        MDC_PRESS_BLD_NONINV_SYS 120 mm[Hg] 2007-12-06T12:10:00 1122334455667788 object 1
        MDC_PRESS_BLD_NONINV_DIA 80 mm[Hg] 2007-12-06T12:10:00 1122334455667788 object 1
        MDC_PRESS_BLD_NONINV_MEAN 100 mm[Hg] 2007-12-06T12:10:00 1122334455667788 object 1
        MDC_PULS_RATE_NON_INV 60 {beat}/min 2007-12-06T12:10:00 1122334455667788 object 2
        ExtendedCfg10408 ExtendedMeasure10408APDUtest
        MDC_TEMP_BODY 37 Cel 2008-05-06T08:30:00 - object 1
        ! event report, byte 24 is followed by 1 observations, not the 4 of its count: none is needed, but tell the device's maker
        Aarq10415APDUtest Measure10415PrstAPDUtest
        MDC_MASS_BODY_ACTUAL 76.2 kg 2007-12-06T12:10:00 1122334455667788 object 1
        ExtendedCfg10415 ExtendedMeasure10415APDUtest
        MDC_MASS_BODY_ACTUAL 76.2 kg 2007-12-06T12:10:00 - object 1
        MDC_RATIO_MASS_BODY_LEN_SQ 24.3 kg/m2 2007-12-06T12:10:00 - object 3
        MDC_MASS_BODY_ACTUAL 76 kg 2007-12-06T20:05:00 - object 1
        MDC_RATIO_MASS_BODY_LEN_SQ 24.2 kg/m2 2007-12-06T20:05:00 - object 3
        Aarq10415APDUtest RealMeasure10415PrstAPDUtest
        MDC_MASS_BODY_ACTUAL 72.6 kg 2012-05-08T15:02:16 1122334455667788 object 1
        MDC_MASS_BODY_ACTUAL 72.7 kg 2012-05-08T15:04:12 1122334455667788 object 1
        MDC_MASS_BODY_ACTUAL 72.6 kg 2012-05-08T15:17:29 1122334455667788 object 1
        MDC_MASS_BODY_ACTUAL 72.7 kg 2012-05-08T15:19:37 1122334455667788 object 1
        MDC_MASS_BODY_ACTUAL 72.6 kg 2012-05-08T15:20:55 1122334455667788 object 1
        Aarq10417APDUtest Measure10417PrstAPDUtest
        MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD 85 mg/dL 2007-12-06T12:10:00 1122334455667788 object 1
        UnknownCfg Measure10417PrstAPDUtest
        ! object 1 is not known, not configured: let the device send its configuration first
    "]].assert_eq(&text);
}

/// The published answers of a manager, byte by byte, however the device's bytes are cut.
#[test]
fn a_manager_answers_as_the_samples_do() {
    let Some(vectors) = vectors() else { return };
    let of = |name: &str| vectors.iter().find(|(it, _)| it == name).unwrap().1.clone();
    let accepted = of("AareAPDUtest");
    let unknown = [&accepted[..4], &[0, 3], &accepted[6..]].concat();
    let configured = bytes_of("e7000016001499990201000e0000000000000d1c000440000000");
    let measured = of("ConfirmMeasurePrstAPDUtest");
    let of_invoke = |it: &str| [&measured[..6], &of(it)[6..8], &measured[8..]].concat();
    let asked: [(&str, Vec<u8>, usize); 8] = [
        ("Aarq10407APDUtest", accepted.clone(), 0),
        ("Measure10407PrstAPDUtest", of_invoke("Measure10407PrstAPDUtest"), 4),
        ("UnknownCfg", unknown, 0),
        ("ExtendedCfg10408", configured, 0),
        ("Measure10417PrstAPDUtest", of_invoke("Measure10417PrstAPDUtest"), 0),
        ("RlrqAPDUtest", of("RlreAPDUtest"), 0),
        ("Aarq10417APDUtest", accepted, 0),
        ("AbrtAPDUtest", vec![], 0),
    ];
    for piece in [1, 7, 1000] {
        let mut manager = PhdManager::new(*b"TSB_Mana");
        for (name, answer, n_readings) in &asked {
            let heard: Vec<_> = of(name).chunks(piece).map(|it| manager.push(it)).collect();
            let answers: Vec<u8> = heard.iter().flat_map(|it| it.answers.clone()).collect();
            assert_eq!(&answers, answer, "{name} in pieces of {piece}");
            let readings = heard.iter().map(|it| it.readings.0.len()).sum::<usize>();
            assert_eq!(readings, *n_readings, "{name} in pieces of {piece}");
            let is_over = heard.iter().any(|it| it.is_over);
            assert_eq!(is_over, ["RlrqAPDUtest", "AbrtAPDUtest"].contains(name), "{name}");
        }
    }
}

#[test]
fn a_device_that_speaks_otherwise_is_told_so() {
    let mut manager = PhdManager::new([1; 8]);
    let other = manager.push(&bytes_of("e200000e800000000001000600ff00021234"));
    assert_eq!(other.answers, bytes_of("e3000006000400000000"));
    let noise = manager.push(b"AT+GMR");
    assert_eq!((noise.readings.1.len(), noise.answers.len()), (1, 0));
    assert!(manager.push(&bytes_of("e40000020000")).is_over, "noise is forgotten");
}

#[test]
fn what_is_no_message_is_refused_with_its_place() {
    for (hex, message) in [
        (
            "0000",
            "APDU, byte 2 is 0 bytes before the end, not a field of 2 bytes: send the whole message",
        ),
        (
            "e1000000",
            "APDU, byte 0 is 0xe100, not 0xe200, 0xe300, … or 0xe700: check that the bytes start at a message of IEEE 11073-20601",
        ),
        // An association with a byte in its list of no options.
        (
            "e2000033800000000001002b5079002780000000a0008000000000000000008000000008112233445566778801900001010000000001ff",
            "APDU, byte 54 is followed by 1 more bytes, not the end of its part: correct the lengths of the message",
        ),
        (
            "e40000030000ff",
            "APDU, byte 6 is followed by 1 more bytes, not the end of its part: correct the lengths of the message",
        ),
    ] {
        let refused: Fault = Apdu::decode(&bytes_of(hex)).unwrap_err();
        assert_eq!(refused.to_string(), message);
    }
}

proptest! {
    #[test]
    fn a_message_that_is_read_is_written_as_it_was(
        kind in 0xe200u16..0xe800,
        body in prop::collection::vec(prop_oneof![3 => 0u8..3, 1 => any::<u8>()], 0..60),
    ) {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        let bytes = [&(kind & 0xff00).to_be_bytes()[..], &length, &body].concat();
        if let Ok((apdu, n_bytes)) = Apdu::decode(&bytes) {
            prop_assert_eq!(apdu.encode(), &bytes[..n_bytes]);
        }
        let _ = PhdSession::default().decode(&bytes);
    }
}
