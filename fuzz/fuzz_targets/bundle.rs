#![no_main]
//! A bundle is read or refused; what its author may have made packs and reads again as it was.
use ems_bundle::{BundleError, Content, Draft, Kind, Sealed, Signer, forwarded, is_bundle};
use hardy_bpv7::builder::Builder;
use hardy_bpv7::bundle::Flags;
use hardy_bpv7::creation_timestamp::CreationTimestamp;
use hardy_bpv7::dtn_time::DtnTime;
use hardy_bpv7::hop_info::HopInfo;
use libfuzzer_sys::fuzz_target;

/// A bundle whose sums are right: else no payload that was changed would come past them.
fn around(payload: &[u8]) -> Box<[u8]> {
    let eid = |text: &str| text.parse().expect("it is one");
    let created = CreationTimestamp::from_parts(Some(DtnTime::new(820_000_000_000)), 1);
    Builder::new(eid("dtn://A1/frames"), eid("dtn://centre/frames"))
        .with_flags(Flags { do_not_fragment: true, ..Flags::default() })
        .with_hop_count(&HopInfo { limit: 8, count: 0 })
        .with_payload(payload.into())
        .build(created)
        .expect("any payload can be carried")
        .1
}

fuzz_target!(|bytes: &[u8]| {
    let bundle = if is_bundle(bytes) { bytes.into() } else { around(bytes) };
    let Ok(sealed) = Sealed::read_any(&bundle) else { return };
    if let Ok(handed_on) = forwarded(&bundle) {
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
