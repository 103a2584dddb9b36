#![no_main]
//! What comes over a link is a message or an error; a message reads back as it was written.
use ems_uplink::{UplinkDown, UplinkUp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = UplinkUp::from_json(bytes) {
        let again = UplinkUp::from_json(message.to_json().as_bytes());
        assert_eq!(again.expect("a message that was read can be written and read"), message);
    }
    if let Ok(message) = UplinkDown::from_json(bytes) {
        let again = UplinkDown::from_json(message.to_json().as_bytes());
        assert_eq!(again.expect("a message that was read can be written and read"), message);
    }
});
