//! SenML: the examples of RFC 8428, and what is written is read again.

use ems_device::{
    SenmlRecord, SenmlValue, Value, Wave, decode_senml_cbor, decode_senml_json, encode_senml_cbor,
    encode_senml_json, senml_readings, waves_of,
};
use ems_model::Timestamp;
use proptest::prelude::*;

fn number(name: &str, unit: Option<&str>, value: f64, time_secs: f64) -> SenmlRecord {
    SenmlRecord {
        name: name.into(),
        unit: unit.map(str::to_owned),
        value: Some(SenmlValue::Number(value)),
        sum: None,
        time_secs,
        update_secs: None,
    }
}

#[test]
fn the_examples_of_the_rfc_are_resolved() {
    // Section 5.1.1.
    let text = br#"[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]"#;
    let (found, complaints) = decode_senml_json(text).unwrap();
    assert_eq!(found, [number("urn:dev:ow:10e2073a01080063", Some("Cel"), 23.1, 0.0)]);
    assert_eq!(complaints, []);
    let reading = found[0].reading(Some(Timestamp::from_millis(1_700_000_000_000)));
    assert_eq!(reading.at.unwrap().to_string(), "2023-11-14T22:13:20Z");
    assert_eq!(found[0].reading(None).at, None);

    // Section 5.1.3 with a base time, in JSON, and section 6 with the same in CBOR.
    let text = br#"[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,
        "n":"voltage","u":"V","v":120.1},
        {"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","t":-3,"v":1.4},
        {"n":"current","t":-2,"v":1.5},{"n":"current","t":-1,"v":1.6},{"n":"current","v":1.7}]"#;
    let (from_json, complaints) = decode_senml_json(text).unwrap();
    assert_eq!((from_json.len(), complaints.len()), (7, 0));
    let name = "urn:dev:ow:10e2073a0108006:";
    assert_eq!(
        from_json[0],
        number(&format!("{name}voltage"), Some("V"), 120.1, 1_276_020_076.001)
    );
    assert_eq!(from_json[6], number(&format!("{name}current"), Some("A"), 1.7, 1_276_020_076.001));
    let dump = "87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a\
        22fb41d303a15b00106223614120050067766f6c7461676501615602fb405e066666666666\
        a3006763757272656e74062402fb3ff3333333333333\
        a3006763757272656e74062302fb3ff4cccccccccccd\
        a3006763757272656e74062202fb3ff6666666666666\
        a3006763757272656e74062102f93e00\
        a3006763757272656e74062002fb3ff999999999999a\
        a3006763757272656e74060002fb3ffb333333333333";
    let (from_cbor, complaints) = decode_senml_cbor(&bytes_of(dump)).unwrap();
    assert_eq!(complaints, []);
    assert_eq!(from_cbor, from_json);

    // Section 5.1.5: other kinds of values.
    let text = br#"[{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},
        {"n":"label","vs":"Machine Room"},{"n":"open","vb":false},{"n":"nfv","vd":"aGkgCg"}]"#;
    let (found, _) = decode_senml_json(text).unwrap();
    let values: Vec<_> = found.iter().map(|it| it.reading(None).value).collect();
    let texts = ["Machine Room", "4 bytes"].map(|it| Value::Text(it.into()));
    let [room, bytes] = texts;
    assert_eq!(values, [Value::Number(23.1), room, Value::Flag(false), bytes]);
    assert_eq!(found[3].value, Some(SenmlValue::Data(b"hi \n".to_vec())));
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn a_record_that_is_wrong_is_left_out_and_said_so() {
    let text = br#"[{"n":"a","v":"x"},{"n":"b c","v":1},{"n":"d","must_":1,"v":1},{"n":"e"},
        {"n":"f","may":1,"v":1},{"bver":11,"n":"g","v":1},{"n":"h","s":2.5}]"#;
    let (found, complaints) = decode_senml_json(text).unwrap();
    assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["f", "h"]);
    assert_eq!(found[1].reading(None).metric.name, "h sum");
    let complaints: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    assert_eq!(
        complaints,
        [
            "record 0, v is \"x\", not what RFC 8428 says of it, up to version 10: correct the pack (RFC 8428)",
            "record 1, name is \"b c\", not letters, digits and -:./_ after a letter or digit: correct the pack (RFC 8428)",
            "record 2, must_ is 1, not what RFC 8428 says of it, up to version 10: correct the pack (RFC 8428)",
            "record 3, value is missing, not v, vs, vb, vd or s: correct the pack (RFC 8428)",
            "record 5, bver is 11, not what RFC 8428 says of it, up to version 10: correct the pack (RFC 8428)",
        ]
    );
}

/// Numbers that JSON's parser gives back to the last bit.
fn eighths() -> impl Strategy<Value = f64> {
    any::<i32>().prop_map(|eighths| f64::from(eighths) / 8.0)
}

fn records() -> impl Strategy<Value = Vec<SenmlRecord>> {
    let value = prop_oneof![
        eighths().prop_map(SenmlValue::Number),
        ".{0,9}".prop_map(SenmlValue::Text),
        any::<bool>().prop_map(SenmlValue::Flag),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(SenmlValue::Data),
    ];
    let record = (
        "[a-z][a-z0-9:._/-]{0,9}",
        prop::option::of("[A-Z]{1,4}"),
        value,
        prop::option::of(eighths()),
        eighths(),
    )
        .prop_map(|(name, unit, value, sum, time_secs)| SenmlRecord {
            name,
            unit,
            value: Some(value),
            sum,
            time_secs,
            update_secs: sum,
        });
    prop::collection::vec(record, 0..6)
}

proptest! {
    #[test]
    fn records_that_are_written_are_read_again(records in records()) {
        let from_json = decode_senml_json(encode_senml_json(&records).as_bytes()).unwrap();
        prop_assert_eq!(&from_json.0, &records);
        let from_cbor = decode_senml_cbor(&encode_senml_cbor(&records)).unwrap();
        prop_assert_eq!(from_cbor, (records, vec![]));
    }

    #[test]
    fn no_change_of_a_pack_makes_the_reader_panic(
        records in records(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = encode_senml_cbor(&records);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = decode_senml_cbor(&bytes);
        let _ = decode_senml_json(&bytes);
    }
}

#[test]
fn records_of_a_wave_at_even_steps_are_one_piece_of_it() {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let readings = |text: &str| {
        let (records, complaints) = decode_senml_json(text.as_bytes()).unwrap();
        assert_eq!(complaints, []);
        senml_readings(&records, now)
    };
    let text = r#"[{"bn":"urn:dev:mac:0024befffe804ff1/","bt":1.7e9,"bu":"mV",
        "n":"MDC_ECG_ELEC_POTL_II","v":0.5},
        {"n":"MDC_PULS_OXIM_SAT_O2","u":"%","v":97},
        {"n":"MDC_ECG_ELEC_POTL_II","t":0.004,"v":0.25},
        {"n":"MDC_ECG_ELEC_POTL_II","t":0.008,"v":0.75}]"#;
    let (found, complaints) = readings(text);
    assert_eq!((found.len(), complaints.len()), (2, 0));
    let (waves, complaints) = waves_of(&found, now);
    let [Wave::Ecg(ecg)] = &waves[..] else { panic!("{waves:?} {complaints:?}") };
    assert_eq!((ecg.lead.as_str(), ecg.hz, ecg.at), ("II", 250, now));
    assert_eq!(ecg.microvolts, [500.0, 250.0, 750.0]);
    for (from, to, message) in [
        (
            "0.004",
            "0.005",
            "times of urn:dev:mac:0024befffe804ff1/MDC_ECG_ELEC_POTL_II is off by 0.25 steps, not even steps: send each piece without gaps, oldest first, two samples or more",
        ),
        (
            "\"v\":0.25",
            "\"vs\":\"x\"",
            "value of urn:dev:mac:0024befffe804ff1/MDC_ECG_ELEC_POTL_II is no number, not numbers: leave other samples out",
        ),
        (
            "0.004,",
            "0.004,\"u\":\"uV\",",
            "unit of urn:dev:mac:0024befffe804ff1/MDC_ECG_ELEC_POTL_II is not the same, not one unit: send a base unit for all of them",
        ),
    ] {
        let (found, complaints) = readings(&text.replace(from, to));
        assert_eq!((found.len(), complaints[0].to_string().as_str()), (1, message));
    }
}
