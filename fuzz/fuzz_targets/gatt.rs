#![no_main]
//! A log of notifications is decoded with complaints; a record access value is written as it was; a
//! dialogue with a device ends, whatever it says.
use ems_device::{GattDialogue, Racp, decode_characteristic, decode_notifications};
use ems_model::{Millis, Timestamp};
use libfuzzer_sys::fuzz_target;

/// 2026-01-01 at noon.
const NOW: Timestamp = Timestamp::from_millis(1_767_268_800_000);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = decode_notifications(&text);
    let [high, low, value @ ..] = bytes else { return };
    let _ = decode_characteristic(u16::from_be_bytes([*high, *low]), value);
    if let Ok(racp) = Racp::decode(value) {
        assert_eq!(Racp::decode(&racp.encode()), Ok(racp));
    }
    converse(value);
});

/// Values of up to 15 bytes: their length, the characteristic's low byte, and what it says.
fn converse(mut bytes: &[u8]) {
    let has = [0x2a08, 0x2a18, 0x2a34, 0x2a35, 0x2a52, 0x2a5f];
    let mut dialogue = GattDialogue::new(NOW, &has, Some(7)).expect("a meter");
    let mut n_steps = 0;
    while let [n_bytes, uuid, rest @ ..] = bytes {
        n_steps += std::iter::from_fn(|| dialogue.poll_output()).count();
        let (value, rest) = rest.split_at(rest.len().min(usize::from(n_bytes & 15)));
        let _ = dialogue.on_value(NOW, 0x2a00 | u16::from(*uuid), value);
        bytes = rest;
    }
    let _ = dialogue.on_wake(NOW + Millis::from_mins(1));
    n_steps += std::iter::from_fn(|| dialogue.poll_output()).count();
    assert!(n_steps <= has.len() + 3, "it is asked twice at most, and told to stop");
}
