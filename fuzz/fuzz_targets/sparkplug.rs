#![no_main]
//! A Sparkplug B payload is decoded with complaints, or refused; what is read is written again.
use ems_device::{SparkplugPayload, SparkplugSession, waves_of};
use ems_model::Timestamp;
use libfuzzer_sys::fuzz_target;

/// 2026-01-01 at noon.
const NOW: Timestamp = Timestamp::from_millis(1_767_268_800_000);

fuzz_target!(|bytes: &[u8]| {
    let mut session = SparkplugSession::default();
    for topic in ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n", "spBv1.0/g/NDEATH/n"] {
        if let Ok((readings, _)) = session.on_message(topic, bytes) {
            let _ = waves_of(&readings, NOW);
        }
    }
    if let Ok(payload) = SparkplugPayload::decode(bytes) {
        let again = SparkplugPayload::decode(&payload.encode()).expect("it was written");
        assert_eq!(again.metrics.len(), payload.metrics.len());
    }
});
