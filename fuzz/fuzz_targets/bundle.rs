#![no_main]
//! A bundle is read or refused; what its author may have made packs and reads again as it was.
use ems_bundle::{BundleError, Content, Draft, Kind, Sealed, Signer, forwarded};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(sealed) = Sealed::read_any(bytes) else { return };
    if let Ok(handed_on) = forwarded(bytes) {
        let read = Sealed::read_any(&handed_on).expect("what is handed on is read");
        assert_eq!(read.signed(), sealed.signed(), "a carrier changes nothing that is signed");
        assert_eq!(read.hops().count, sealed.hops().count + 1);
    }
    let label = sealed.label().clone();
    let author = match label.kind {
        Kind::Frames => Signer::Unit(label.unit.clone()),
        Kind::Receipt => Signer::Centre,
    };
    let Ok(content) = sealed.open(&author) else { return };
    let (unit, created, lifetime) = (&label.unit, label.created, label.lifetime);
    let draft = match &content {
        Content::Frames(frames) => Draft::frames(unit, frames, created, lifetime)
            .map(|(draft, n)| (n == frames.len()).then_some(draft)),
        Content::Receipt(stored) => Draft::receipt(unit, stored, created, lifetime).map(Some),
    };
    let draft = match draft {
        Ok(Some(draft)) => draft,
        // Another packer may have made less of it.
        Ok(None) | Err(BundleError::FrameTooLarge { .. }) => return,
        Err(error) => panic!("what was read cannot be packed: {error}"),
    };
    let again = draft.seal(sealed.proof()).expect("its proof fitted before");
    let again = Sealed::read_any(&again).expect("what was packed is read");
    assert_eq!(again.open(&author).expect("it is the same author's"), content);
});
