#![no_main]
//! A SenML pack is decoded with complaints, or refused; what is read can be written and read again.
use ems_device::{
    decode_senml_cbor, decode_senml_json, encode_senml_cbor, senml_readings, waves_of,
};
use ems_model::Timestamp;
use libfuzzer_sys::fuzz_target;

/// 2026-01-01 at noon.
const NOW: Timestamp = Timestamp::from_millis(1_767_268_800_000);

fuzz_target!(|bytes: &[u8]| {
    for found in [decode_senml_json(bytes), decode_senml_cbor(bytes)] {
        let Ok((records, _)) = found else { continue };
        for record in &records {
            let _ = record.reading(None);
        }
        let (readings, _) = senml_readings(&records, NOW);
        assert!(readings.len() <= records.len());
        let _ = waves_of(&readings, NOW);
        let (again, _) = decode_senml_cbor(&encode_senml_cbor(&records)).expect("it was written");
        assert!(again.len() <= records.len());
    }
});
