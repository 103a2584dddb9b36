#![no_main]
//! A health device's bytes are answered and read the same whatever pieces they come in. The first
//! byte is the length of the pieces.
use ems_device::{Apdu, PhdHeard, PhdManager};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [n_bytes, stream @ ..] = bytes else { return };
    let in_pieces = heard(stream.chunks(usize::from(*n_bytes).max(1)));
    let mut answers = &in_pieces.answers[..];
    while !answers.is_empty() {
        let (_, n_bytes) = Apdu::decode(answers).expect("an answer is a message");
        answers = &answers[n_bytes..];
    }
    // What is no message is dropped with all that waits: then pieces make a difference.
    if in_pieces.readings.1.is_empty() {
        let at_once = heard([stream].into_iter());
        assert_eq!((at_once.answers, at_once.readings), (in_pieces.answers, in_pieces.readings));
    }
});

fn heard<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> PhdHeard {
    let mut manager = PhdManager::new(*b"\x02GolHour");
    pieces.fold(PhdHeard::default(), |mut all, piece| {
        let more = manager.push(piece);
        all.readings.0.extend(more.readings.0);
        all.readings.1.extend(more.readings.1);
        all.answers.extend(more.answers);
        all
    })
}
