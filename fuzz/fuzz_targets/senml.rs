#![no_main]
//! A SenML pack is decoded with complaints, or refused; what is read can be written and read again.
use ems_device::{decode_senml_cbor, decode_senml_json, encode_senml_cbor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for found in [decode_senml_json(bytes), decode_senml_cbor(bytes)] {
        let Ok((records, _)) = found else { continue };
        for record in &records {
            let _ = record.reading(None);
        }
        let (again, _) = decode_senml_cbor(&encode_senml_cbor(&records)).expect("it was written");
        assert!(again.len() <= records.len());
    }
});
