#![no_main]
//! APDUs are decoded with complaints, or refused; what is read is written as it was.
use ems_device::{Apdu, PhdSession};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((apdu, n_bytes)) = Apdu::decode(bytes) {
        assert_eq!(apdu.encode(), &bytes[..n_bytes]);
    }
    let _ = PhdSession::default().decode(bytes);
});
