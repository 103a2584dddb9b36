//! Sparkplug B: births, data by alias, and what is written is read again.

use ems_device::{
    SparkplugMetric, SparkplugPayload, SparkplugSession, SparkplugValue, Value, Wave, waves_of,
};
use ems_model::Timestamp;
use proptest::prelude::*;

use crate::phd::listed;

fn metric(
    name: Option<&str>,
    alias: u64,
    datatype: Option<u32>,
    value: SparkplugValue,
) -> SparkplugMetric {
    SparkplugMetric {
        name: name.map(str::to_owned),
        alias: Some(alias),
        datatype,
        value: Some(value),
        ..SparkplugMetric::default()
    }
}

fn payload(metrics: Vec<SparkplugMetric>) -> Vec<u8> {
    SparkplugPayload { at_ms: Some(1_700_000_000_250), seq: Some(1), metrics }.encode()
}

#[test]
fn a_birth_names_what_data_call_by_an_alias() {
    let pulse = metric(Some("Pulse"), 1, Some(3), SparkplugValue::Int(72));
    let birth = payload(vec![
        SparkplugMetric { unit: Some("{beat}/min".into()), ..pulse },
        metric(Some("Base excess"), 2, Some(1), SparkplugValue::Int(0xfd)),
    ]);
    let data = payload(vec![
        metric(None, 1, None, SparkplugValue::Int(u32::MAX)),
        metric(None, 2, None, SparkplugValue::Int(0xffff_fffe)),
        metric(None, 3, None, SparkplugValue::Flag(true)),
        SparkplugMetric { value: None, ..metric(None, 1, None, SparkplugValue::Int(0)) },
        metric(Some("On battery"), 4, Some(11), SparkplugValue::Flag(true)),
        metric(Some("Log"), 5, Some(17), SparkplugValue::Other(16)),
    ]);
    let mut session = SparkplugSession::default();
    let readings = session.on_message("spBv1.0/fleet/DBIRTH/A103/monitor", &birth).unwrap();
    assert_eq!(readings.0[1].value, Value::Number(-3.0));
    let found = session.on_message("spBv1.0/fleet/DDATA/A103/monitor", &data).unwrap();
    expect_test::expect![[r"
        Pulse -1 {beat}/min 2023-11-14T22:13:20.25Z fleet/A103/monitor alias 1
        Base excess -2 - 2023-11-14T22:13:20.25Z fleet/A103/monitor alias 2
        Pulse not given {beat}/min 2023-11-14T22:13:20.25Z fleet/A103/monitor alias 1
        On battery true - 2023-11-14T22:13:20.25Z fleet/A103/monitor alias 4
        ! alias of fleet/A103/monitor is 3, not one that a birth message named: wait for the next birth message, or ask for a rebirth
        ! value of Log is bytes, a set or a template, not a number, flag, text or array of numbers: send its parts as metrics
    "]].assert_eq(&listed(&found));
    session.on_message("spBv1.0/fleet/DDEATH/A103/monitor", &[]).unwrap();
    let (readings, complaints) =
        session.on_message("spBv1.0/fleet/DDATA/A103/monitor", &data).unwrap();
    assert_eq!((readings.len(), complaints.len()), (1, 5), "the names died with the device");
    assert!(session.on_message("spBv1.0/fleet/NCMD/A103", b"anything").unwrap().0.is_empty());
    assert_eq!(
        session.on_message("fleet/A103", &[]).unwrap_err().to_string(),
        "topic is \"fleet/A103\", not spBv1.0/GROUP/TYPE/NODE[/DEVICE]: correct the topic"
    );
}

/// Bytes as `protoc` writes them: metric "a", double 36.6, at 1 ms, sequence 3.
#[test]
fn fields_stand_where_the_schema_has_them() {
    let mut bytes = vec![0x08, 0x01, 0x12, 0x0e, 0x0a, 0x01, b'a', 0x20, 0x0a, 0x69];
    bytes.extend(36.6_f64.to_le_bytes());
    bytes.extend([0x18, 0x03]);
    let found = SparkplugPayload::decode(&bytes).unwrap();
    assert_eq!((found.at_ms, found.seq, found.metrics[0].datatype), (Some(1), Some(3), Some(10)));
    assert_eq!(found.metrics[0].value, Some(SparkplugValue::Double(36.6)));
    assert_eq!(found.encode(), bytes);
}

#[test]
fn an_array_with_a_rate_is_a_piece_of_a_wave() {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let array = |samples: &[i16]| {
        SparkplugValue::Bytes(samples.iter().flat_map(|it| it.to_le_bytes()).collect())
    };
    let lead = metric(Some("MDC_ECG_ELEC_POTL_II"), 1, Some(23), array(&[]));
    let (unit, hz) = (Some("uV".into()), Some(250.0));
    let birth = payload(vec![SparkplugMetric { unit, hz, ..lead }]);
    let mut session = SparkplugSession::default();
    let (readings, _) = session.on_message("spBv1.0/A7/NBIRTH/monitor", &birth).unwrap();
    assert_eq!(waves_of(&readings, now).0, [], "an empty piece is none");
    let data = payload(vec![
        metric(None, 1, Some(23), array(&[500, -250])),
        metric(None, 1, Some(23), SparkplugValue::Bytes(vec![1, 2, 3])),
        metric(Some("MDC_PULS_OXIM_PLETH"), 2, Some(30), SparkplugValue::Bytes(vec![0; 8])),
    ]);
    let (readings, complaints) = session.on_message("spBv1.0/A7/NDATA/monitor", &data).unwrap();
    let (waves, _) = waves_of(&readings, now);
    let [Wave::Ecg(ecg)] = &waves[..] else { panic!("{waves:?}") };
    assert_eq!((ecg.lead.as_str(), ecg.hz, &ecg.microvolts[..]), ("II", 250, &[500.0, -250.0][..]));
    assert_eq!(ecg.at, Timestamp::from_millis(1_700_000_000_250));
    let complaints: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    assert_eq!(
        complaints,
        [
            "array of MDC_ECG_ELEC_POTL_II is 3 bytes long, not whole numbers of its type: send all of it",
            "sampleRate of MDC_PULS_OXIM_PLETH is missing, not samples a second, in data or birth message: add the property",
        ]
    );
}

fn payloads() -> impl Strategy<Value = SparkplugPayload> {
    let value = prop_oneof![
        any::<u32>().prop_map(SparkplugValue::Int),
        any::<u64>().prop_map(SparkplugValue::Long),
        (-1e9f32..1e9).prop_map(SparkplugValue::Float),
        (-1e9f64..1e9).prop_map(SparkplugValue::Double),
        any::<bool>().prop_map(SparkplugValue::Flag),
        ".{0,9}".prop_map(SparkplugValue::Text),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(SparkplugValue::Bytes),
    ];
    let numbers = (
        prop::option::of(any::<u64>()),
        prop::option::of(any::<u64>()),
        prop::option::of(0u32..40),
    );
    let metric = (
        prop::option::of("[a-z/]{0,9}"),
        numbers,
        any::<bool>(),
        (prop::option::of("[a-z]{0,5}"), prop::option::of(0.0..1e4)),
        prop::option::of(value),
    )
        .prop_map(|(name, (alias, at_ms, datatype), is_historical, (unit, hz), value)| {
            SparkplugMetric { name, alias, at_ms, datatype, is_historical, unit, hz, value }
        });
    (
        prop::option::of(any::<u64>()),
        prop::option::of(any::<u64>()),
        prop::collection::vec(metric, 0..6),
    )
        .prop_map(|(at_ms, seq, metrics)| SparkplugPayload { at_ms, seq, metrics })
}

proptest! {
    #[test]
    fn a_payload_that_is_written_is_read_again(payload in payloads()) {
        prop_assert_eq!(SparkplugPayload::decode(&payload.encode()).unwrap(), payload);
    }

    #[test]
    fn no_change_of_a_payload_makes_the_session_panic(
        payload in payloads(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = payload.encode();
        for (at, byte) in changes.into_iter().filter(|_| !payload.metrics.is_empty()) {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut session = SparkplugSession::default();
        for kind in ["NBIRTH", "NDATA"] {
            let _ = session.on_message(&format!("spBv1.0/g/{kind}/n"), &bytes);
        }
    }
}
