#![no_main]
//! What a monitor publishes over MQTT is decoded with complaints, or refused. The first line is
//! the topic.
use ems_device::{FeedMessage, decode_ecg, decode_topic, decode_vitals, decode_wave};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (topic, payload) = bytes.split_at(end);
    match decode_topic(&String::from_utf8_lossy(topic), payload) {
        Ok((_, FeedMessage::Vitals(reading), _)) => {
            let again = decode_vitals(reading.to_json().as_bytes());
            assert_eq!(again.expect("what is written can be read"), (reading, vec![]));
        }
        Ok((_, FeedMessage::Ecg(chunk), _)) => {
            let (again, _) = decode_ecg(chunk.to_json().as_bytes()).expect("and so can a wave");
            assert_eq!(again.microvolts.len(), chunk.microvolts.len());
        }
        Ok((_, FeedMessage::Wave(piece), _)) => {
            let (again, _) = decode_wave(piece.to_json().as_bytes()).expect("and so can another");
            assert_eq!(again.samples.len(), piece.samples.len());
        }
        Ok((_, FeedMessage::Position(reading), _)) => {
            let (lat, lon) = (reading.position.lat(), reading.position.lon());
            assert!(lat.abs() <= 90.0 && lon.abs() <= 180.0, "{lat}, {lon}");
        }
        Ok((_, FeedMessage::Modem(reading), _)) => {
            assert!((1..=64).contains(&reading.link.chars().count()), "{}", reading.link);
            assert!(reading.signal_dbm.is_none_or(|dbm| (-160..=0).contains(&dbm)));
        }
        Err(error) => assert!(error.to_string().len() < 2000, "{error}"),
    }
});
