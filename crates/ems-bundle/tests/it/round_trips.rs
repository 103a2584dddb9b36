//! What was written is read again.

use ems_bundle::{
    BUNDLE_BYTES_MAX, Content, Draft, FRAMES_MAX, Hops, Kind, Label, Sealed, Signer, forwarded,
    is_bundle,
};
use ems_model::{Millis, Timestamp};
use proptest::prelude::*;

use crate::made::{HOUR, NOW, frame, frames, open, seal, unit};

fn samples() -> impl Strategy<Value = Vec<i16>> {
    prop::collection::vec(any::<i16>(), 0..40)
}

proptest! {
    #[test]
    fn frames_come_out_as_they_went_in(
        steps in prop::collection::vec((1_u64..1000, samples()), 1..60),
        hours in 1_i64..720,
        n_hops in 0_u64..9,
    ) {
        let unit = unit("A1");
        let mut seq = 0;
        let frames: Vec<_> = steps.into_iter().map(|(step, microvolts)| {
            seq += step;
            frame(&unit, seq, microvolts)
        }).collect();
        let (draft, n) = Draft::frames(&unit, &frames, NOW, Millis::from_mins(60 * hours)).unwrap();
        prop_assert_eq!(n, frames.len());
        let author = Signer::Unit(unit.clone());
        let mut bytes = seal(&draft, &author);
        for _ in 0..n_hops {
            bytes = forwarded(&bytes).unwrap();
        }
        prop_assert!(is_bundle(&bytes));
        let sealed = Sealed::read(&bytes, NOW).unwrap();
        prop_assert_eq!(sealed.hops(), Hops { count: n_hops, limit: 8 });
        prop_assert_eq!(sealed.label(), draft.label());
        prop_assert_eq!(open(&bytes, &author).unwrap(), Some(Content::Frames(frames)));
    }

    #[test]
    fn a_receipt_comes_back_as_it_was_given(
        steps in prop::collection::vec((1_u64..1000, 0_u64..1000), 1..200),
    ) {
        let mut end = 0;
        let stored: Vec<_> = steps.into_iter().map(|(gap, len)| {
            let first = end + gap;
            end = first + len;
            (first, end)
        }).collect();
        let draft = Draft::receipt(&unit("A1"), &stored, NOW, HOUR).unwrap();
        let opened = open(&seal(&draft, &Signer::Centre), &Signer::Centre).unwrap();
        prop_assert_eq!(opened, Some(Content::Receipt(stored)));
    }

    #[test]
    fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Sealed::read_any(&bytes);
        let _ = forwarded(&bytes);
    }
}

#[test]
fn a_label_tells_from_whom_to_whom_and_when() {
    let odd = Timestamp::from_micros(NOW.as_micros() + 999);
    let (draft, _) = Draft::frames(&unit("A1"), &frames(3), odd, HOUR).unwrap();
    let label = draft.label();
    let expected =
        Label { kind: Kind::Frames, unit: unit("A1"), created: NOW, number: 1, lifetime: HOUR };
    assert_eq!(*label, expected, "whole milliseconds");
    assert_eq!(
        (label.source(), label.destination()),
        ends("dtn://A1/frames", "dtn://centre/frames")
    );
    assert_eq!(label.expires(), NOW + HOUR);
    let receipt = Draft::receipt(&unit("A1"), &[(1, 3)], NOW, HOUR).unwrap();
    let (source, destination) = (receipt.label().source(), receipt.label().destination());
    assert_eq!((source, destination), ends("dtn://centre/receipts", "dtn://A1/receipts"));
}

fn ends(source: &str, destination: &str) -> (String, String) {
    (source.into(), destination.into())
}

/// A bundle that was carried for days is read by a newer centre.
#[test]
fn version_1_stays_as_it_is_on_the_wire() {
    let author = Signer::Unit(unit("A1"));
    let old = bytes(VERSION_1);
    assert_eq!(open(&old, &author).unwrap(), Some(Content::Frames(frames(1))));
    let (draft, _) = Draft::frames(&unit("A1"), &frames(1), NOW, HOUR).unwrap();
    let new = seal(&draft, &author);
    // What comes after the primary block and the hop count depends on how DEFLATE packs.
    assert_eq!(new[..PAYLOAD_AT], old[..PAYLOAD_AT]);
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}

const PAYLOAD_AT: usize = 86;
const VERSION_1: &str = "9f8907040282016f2f2f63656e7472652f6672616d657382016b2f2f41312f6672616d657382016b\
     2f2f41312f6672616d6573821b000000bf11d9e088011a0036ee80447ba2e61b860a020302438208\
     004449226b678601010402589801010007756e6974204131000860a1402551652337358d410ec220\
     1045ef32eb3129106dc2ce65cf60586019239182b6b4a612eeeed4d859fd793f79bf405e9f041a6e\
     a31d6802dc83be1498a3cf5c9d05e3895ea005826522da53aba46afec7d4c7de3b8adcc53904846b\
     722be8020f1f1d1bde76217604b2dbd7759cef1fd0f2d8200cbe1fd39242de36051e242ac302b23f\
     606a35f50b444bfe4aeaff";

#[test]
fn as_many_frames_are_packed_as_fit() {
    let many = frames(FRAMES_MAX as u64 + 1);
    let (_, n) = Draft::frames(&unit("A1"), &many, NOW, HOUR).unwrap();
    assert_eq!(n, FRAMES_MAX);
    // Noise does not pack: some 100 KB a frame.
    let mut noise = 1_u64;
    let mut next = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i16::from_be_bytes(noise.to_be_bytes()[..2].try_into().unwrap())
    };
    let large: Vec<_> =
        (1..=8).map(|seq| frame(&unit("A1"), seq, (0..40_000).map(|_| next()).collect())).collect();
    let (draft, n) = Draft::frames(&unit("A1"), &large, NOW, HOUR).unwrap();
    assert_eq!(n, 2);
    assert!(seal(&draft, &Signer::Centre).len() <= BUNDLE_BYTES_MAX);
    let huge = frame(&unit("A1"), 7, (0..150_000).map(|_| next()).collect());
    let error = Draft::frames(&unit("A1"), &[huge], NOW, HOUR).unwrap_err();
    assert_eq!(
        error.to_string(),
        "frame 7 alone is larger than a bundle may be: it waits for a link"
    );
}
