#![no_main]
//! A short message is read or refused, and reads again as it was written.
use ems_fuzz::START;
use ems_model::Position;
use ems_uplink::{Terse, TerseContext, TersePlace};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let position = Position::from_degrees(35.9, 14.5).ok();
    let context = TerseContext { now: START, position };
    let Ok(terse) = Terse::decode(bytes, &context) else { return };
    assert_ne!(terse.place, TersePlace::Unresolved, "the reader knows where the unit was");
    let written = terse.encode().expect("what was read can be written");
    assert_eq!(Terse::decode(&written, &context).expect("and read again"), terse);
});
