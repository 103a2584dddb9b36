#![no_main]
//! A city pack's places are read or refused.
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ems_roads::Places::from_json(bytes);
});
