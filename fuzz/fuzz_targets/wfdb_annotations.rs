#![no_main]
//! Annotations are decoded with complaints, never a panic.
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ems_device::decode_annotations(bytes);
});
