#![no_main]
//! A log of readings or a map is read or refused; a map that is read is the same once written.
use ems_coverage::{Coverage, read_drives};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = read_drives(bytes);
    let Ok(map) = Coverage::from_csv(bytes) else { return };
    let written = map.to_csv();
    let again = Coverage::from_csv(written.as_bytes()).expect("what is written can be read");
    assert_eq!(again.to_csv(), written);
});
