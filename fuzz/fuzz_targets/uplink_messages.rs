#![no_main]
//! What comes over a link, a message a line, is taken or refused, whatever its order and numbers;
//! a message reads back as it was written.
use ems_fuzz::START;
use ems_model::UnitId;
use ems_uplink::{Receiver, Sender, UplinkDown, UplinkUp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut receiver = Receiver::new();
    let mut sender = Sender::new(UnitId::new("A1").expect("a name"), 2, 9);
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        if let Ok(message) = UplinkUp::from_json(line) {
            let again = UplinkUp::from_json(message.to_json().as_bytes());
            assert_eq!(again.expect("what is written can be read"), message);
            at_the_centre(&mut receiver, message);
        } else if let Ok(message) = UplinkDown::from_json(line) {
            let again = UplinkDown::from_json(message.to_json().as_bytes());
            assert_eq!(again.expect("what is written can be read"), message);
            in_the_ambulance(&mut sender, message);
        }
    }
});

fn at_the_centre(receiver: &mut Receiver, message: UplinkUp) {
    match message {
        UplinkUp::Hello { unit, last, protocol, .. } => {
            let _ = receiver.on_hello(&unit, last, protocol, 3);
        }
        UplinkUp::Frames { frames } => {
            let Ok(accepted) = receiver.on_frames(frames) else { return };
            for frame in accepted.frames {
                let _ = receiver.on_stored(&frame.unit, frame.seq);
            }
        }
        UplinkUp::Position { .. } => {}
    }
}

fn in_the_ambulance(sender: &mut Sender, message: UplinkDown) {
    let _ = match message {
        UplinkDown::Welcome { acked, .. } => sender.on_connected(START, acked),
        UplinkDown::Ack { seq, .. } => sender.on_ack(START, seq),
        UplinkDown::Resend { from, .. } => sender.on_resend(START, from),
        UplinkDown::Refused { .. } => Ok(()),
    };
    for _ in 0..8 {
        let _ = sender.poll_output(START);
    }
    assert!(sender.acked() <= 9, "nothing is acknowledged that was never numbered");
}
