#![no_main]
//! A Sparkplug B payload is decoded with complaints, or refused; what is read is written again.
use ems_device::{SparkplugPayload, SparkplugSession};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut session = SparkplugSession::default();
    for topic in ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n", "spBv1.0/g/NDEATH/n"] {
        let _ = session.on_message(topic, bytes);
    }
    if let Ok(payload) = SparkplugPayload::decode(bytes) {
        let again = SparkplugPayload::decode(&payload.encode()).expect("it was written");
        assert_eq!(again.metrics.len(), payload.metrics.len());
    }
});
