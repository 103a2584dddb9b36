#![no_main]
//! What a monitor sends over MLLP is decoded with complaints, or refused, and can be answered.
use ems_device::{Message, MllpReader, acknowledge, decode_observations, vitals_of, waves_of};
use ems_model::Timestamp;
use libfuzzer_sys::fuzz_target;

/// 2026-01-01 at noon.
const NOW: Timestamp = Timestamp::from_millis(1_767_268_800_000);

fuzz_target!(|bytes: &[u8]| {
    let mut messages = vec![bytes.to_vec()];
    messages.extend(MllpReader::default().push(bytes).into_iter().flatten());
    for message in messages {
        let Ok(message) = Message::parse(&message) else { continue };
        let found = decode_observations(&message);
        let _ = vitals_of(&found.readings, NOW);
        let _ = waves_of(&found.readings, NOW);
        if let Some(answer) = acknowledge(&message, Ok(()), NOW, "1") {
            assert!(Message::parse(answer.as_bytes()).is_ok(), "{answer}");
        }
    }
});
