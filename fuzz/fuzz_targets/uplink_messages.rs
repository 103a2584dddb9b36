#![no_main]
//! What comes over a link, a message a line, is taken or refused, whatever its order and numbers;
//! a message reads back as it was written.
use ems_model::UnitId;
use ems_uplink::{Ranges, Sender, UplinkDown, UplinkUp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let held = Ranges::from_iter([(3, 9)]);
    let mut sender = Sender::new(UnitId::new("A1").expect("a name"), held, 9);
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        if let Ok(message) = UplinkUp::from_json(line) {
            let again = UplinkUp::from_json(message.to_json().as_bytes());
            assert_eq!(again.expect("what is written can be read"), message);
        } else if let Ok(message) = UplinkDown::from_json(line) {
            let again = UplinkDown::from_json(message.to_json().as_bytes());
            assert_eq!(again.expect("what is written can be read"), message);
            in_the_ambulance(&mut sender, message);
        }
    }
});

fn in_the_ambulance(sender: &mut Sender, message: UplinkDown) {
    match message {
        UplinkDown::Welcome { .. } => sender.on_connected(),
        UplinkDown::Ack { stored, .. } => {
            for (first, last) in stored {
                let is_known = sender.on_stored(first, last).is_ok();
                assert!(!is_known || last <= 9, "what was never numbered is not stored");
            }
        }
        UplinkDown::Refused { .. } => sender.on_disconnected(),
    }
    for _ in 0..8 {
        let _ = sender.poll_output();
    }
    assert!(sender.backlog() <= 7, "nothing comes back that was stored");
}
