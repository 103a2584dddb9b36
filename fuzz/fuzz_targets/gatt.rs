#![no_main]
//! A log of notifications is decoded with complaints; a record access value is written as it was.
use ems_device::{Racp, decode_characteristic, decode_notifications};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = decode_notifications(&String::from_utf8_lossy(bytes));
    let [high, low, value @ ..] = bytes else { return };
    let _ = decode_characteristic(u16::from_be_bytes([*high, *low]), value);
    if let Ok(racp) = Racp::decode(value) {
        assert_eq!(Racp::decode(&racp.encode()), Ok(racp));
    }
});
