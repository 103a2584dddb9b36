#![no_main]
//! A WFDB header is read or refused, whatever its bytes.
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ems_device::Header::parse(bytes);
});
