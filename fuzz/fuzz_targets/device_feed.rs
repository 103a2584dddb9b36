#![no_main]
//! What a monitor publishes over MQTT is decoded with complaints, or refused.
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ems_device::decode_vitals(bytes);
    let _ = ems_device::decode_ecg(bytes);
});
