//! Bluetooth health profiles: values put together by their flags are taken apart again.

use ems_device::{MedicalFloat, Value, decode_characteristic};
use proptest::prelude::*;

/// A value's fields, each with the bit of the flags that says it is there.
fn value(flags: u8, fields: &[(Option<u8>, &[u8])]) -> Vec<u8> {
    let is_there = |bit: &Option<u8>| bit.is_none_or(|bit| flags >> bit & 1 == 1);
    let there = fields.iter().filter(|(bit, _)| is_there(bit)).flat_map(|(_, bytes)| *bytes);
    std::iter::once(flags).chain(there.copied()).collect()
}

fn values(uuid: u16, bytes: &[u8]) -> Vec<(String, Value)> {
    let (readings, complaints) = decode_characteristic(uuid, bytes).unwrap();
    assert_eq!(complaints, [], "{uuid:04x} {bytes:02x?}");
    readings.into_iter().map(|it| (it.metric.name, it.value)).collect()
}

fn sfloat(bits: u16) -> Value {
    MedicalFloat::from_sfloat(bits).value()
}

const TIME: [u8; 7] = [0xea, 0x07, 1, 31, 8, 15, 0];

proptest! {
    #[test]
    fn oximetry_is_read_whatever_its_flags(flags in 0u8..32, bits in any::<[u16; 7]>()) {
        let [spo2, pulse, fast, fast_pulse, slow, slow_pulse, perfusion] =
            bits.map(u16::to_le_bytes);
        let bytes = value(flags, &[
            (None, &[spo2, pulse].concat()),
            (Some(0), &[fast, fast_pulse].concat()),
            (Some(1), &[slow, slow_pulse].concat()),
            (Some(2), &[0x80, 0x00]),
            (Some(3), &[0x20, 0x00, 0x00]),
            (Some(4), &perfusion),
        ]);
        let found = values(0x2a5f, &bytes);
        prop_assert_eq!(&found[0].1, &sfloat(bits[0]));
        prop_assert_eq!(&found[1].1, &sfloat(bits[1]));
        let perfused = found.iter().find(|(name, _)| name == "MDC_PULS_OXIM_PERF_REL");
        let expected = (flags >> 4 == 1).then(|| sfloat(bits[6]));
        prop_assert_eq!(perfused.map(|(_, it)| it.clone()), expected);
        let bytes = value(flags, &[
            (None, &[spo2, pulse].concat()),
            (Some(0), &TIME),
            (Some(1), &[0x80, 0x00]),
            (Some(2), &[0x20, 0x00, 0x00]),
            (Some(3), &perfusion),
        ]);
        prop_assert_eq!(&values(0x2a5e, &bytes)[0].1, &sfloat(bits[0]));
    }

    #[test]
    fn pressures_and_temperatures_are_read_whatever_their_flags(
        flags in 0u8..32,
        bits in any::<[u16; 4]>(),
        temperature in any::<u32>(),
    ) {
        let [systolic, diastolic, mean, pulse] = bits.map(u16::to_le_bytes);
        let bytes = value(flags, &[
            (None, &[systolic, diastolic, mean].concat()),
            (Some(1), &TIME),
            (Some(2), &pulse),
            (Some(3), &[9]),
            (Some(4), &[0x0c, 0x00]),
        ]);
        let found = values(0x2a35, &bytes);
        for (idx, name) in ["SYS", "DIA", "MEAN"].iter().enumerate() {
            prop_assert!(found[idx].0.ends_with(name));
            prop_assert_eq!(&found[idx].1, &sfloat(bits[idx]));
        }
        let flags = flags & 7;
        let number = temperature.to_le_bytes();
        let bytes = value(flags, &[(None, &number), (Some(1), &TIME), (Some(2), &[6])]);
        let found = values(0x2a1c, &bytes);
        prop_assert_eq!(&found[0].1, &MedicalFloat::from_float(temperature).value());
        prop_assert_eq!(found.len(), 1 + usize::from(flags >> 2));
    }

    #[test]
    fn glucose_is_read_in_its_usual_unit(
        flags in 0u8..16,
        record in any::<u16>(),
        mantissa in 1i32..2000,
    ) {
        let glucose = MedicalFloat::Decimal { mantissa, exponent: -6 };
        let bytes = value(flags, &[
            (None, &record.to_le_bytes()),
            (None, &TIME),
            (Some(0), &[0xc4, 0xff]),
            (Some(1), &glucose.to_sfloat().unwrap().to_le_bytes()),
            (Some(1), &[0x11]),
            (Some(3), &[0x01, 0x00]),
        ]);
        let (readings, complaints) = decode_characteristic(0x2a18, &bytes).unwrap();
        prop_assert_eq!(complaints, vec![]);
        if flags >> 1 & 1 == 1 {
            let exponent = if flags >> 2 & 1 == 1 { -3 } else { -1 };
            let expected = MedicalFloat::Decimal { mantissa, exponent }.value();
            prop_assert_eq!(&readings[0].value, &expected);
            let at = if flags & 1 == 1 { "2026-01-31T07:15:00" } else { "2026-01-31T08:15:00" };
            prop_assert_eq!(readings[0].at.unwrap().to_string(), at);
            prop_assert_eq!(&readings[0].source.place, &format!("2A18 record {record}"));
        }
    }

    #[test]
    fn no_value_makes_a_reader_panic(
        uuid in 0x2a18u16..0x2a60,
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let _ = decode_characteristic(uuid, &bytes);
    }
}
