#![no_main]
//! A command from outside is read or refused; what was read reads back the same.
use ems_model::{Recorded, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let text = serde_json::to_string(&request).expect("a request can be written");
        assert_eq!(serde_json::from_str::<Request>(&text).expect("and read"), request);
    }
    let _ = serde_json::from_slice::<Recorded>(bytes);
});
