//! What is refused, and why.

use ems_bundle::{BundleError, Content, Draft, Proof, Sealed, Signer, forwarded};
use ems_model::{Millis, Timestamp};

use crate::made::{HOUR, NOW, frame, frames, open, seal, sign, unit};

fn author() -> Signer {
    Signer::Unit(unit("A1"))
}

fn bundle() -> Vec<u8> {
    seal(&Draft::frames(&unit("A1"), &frames(5), NOW, HOUR).unwrap().0, &author())
}

#[test]
fn a_bundle_with_any_byte_changed_is_refused() {
    let bytes = bundle();
    for place in 0..bytes.len() {
        for change in [0x01, 0x40, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[place] ^= change;
            let read = Sealed::read_any(&changed);
            assert!(read.is_err(), "byte {place} changed by {change:#x}: {read:?}");
        }
    }
}

#[test]
fn a_bundle_that_ends_early_or_late_is_refused() {
    let mut bytes = bundle();
    for end in 0..bytes.len() {
        assert!(Sealed::read_any(&bytes[..end]).is_err(), "{end} bytes");
    }
    bytes.push(0);
    assert!(Sealed::read_any(&bytes).is_err());
}

/// Sums are no secret: who changes a bundle makes them anew, and is found by the signature.
#[test]
fn what_is_signed_covers_label_and_content() {
    let (draft, _) = Draft::frames(&unit("A1"), &frames(5), NOW, HOUR).unwrap();
    let proof = sign(&author(), &draft.to_sign());
    let others = [
        Draft::frames(&unit("A1"), &frames(4), NOW, HOUR),
        Draft::frames(&unit("A1"), &frames(5)[1..], NOW, HOUR),
        Draft::frames(&unit("A1"), &frames(5), NOW + Millis::new(1), HOUR),
        Draft::frames(&unit("A1"), &frames(5), NOW, HOUR + Millis::new(1)),
        Draft::frames(&unit("B1"), &[frame(&unit("B1"), 1, vec![])], NOW, HOUR),
    ];
    for other in others {
        let bytes = other.unwrap().0.seal(&proof).unwrap();
        assert_eq!(open(&bytes, &author()).unwrap(), None, "the signature is another's");
    }
    let same = draft.seal(&proof).unwrap();
    assert_eq!(open(&same, &author()).unwrap(), Some(Content::Frames(frames(5))));
}

#[test]
fn frames_are_taken_from_their_unit_and_receipts_from_the_centre() {
    let receipt = Draft::receipt(&unit("A1"), &[(1, 5)], NOW, HOUR).unwrap();
    let (frames, _) = Draft::frames(&unit("A1"), &frames(5), NOW, HOUR).unwrap();
    for (draft, signer, says) in [
        (
            &frames,
            Signer::Unit(unit("B1")),
            "it says that it is unit A1's, its signature is unit B1's",
        ),
        (&frames, Signer::Centre, "it says that it is unit A1's, its signature is the centre's"),
        (&receipt, author(), "it says that it is the centre's, its signature is unit A1's"),
    ] {
        let error = open(&seal(draft, &signer), &signer).unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
}

#[test]
fn a_bundle_is_taken_in_its_time_only() {
    let bytes = bundle();
    let day = Millis::from_mins(24 * 60);
    for (now, is_taken) in [
        (NOW, true),
        (NOW + (HOUR - Millis::new(1)), true),
        (NOW + HOUR, false),
        (NOW + HOUR + HOUR, false),
        (NOW - day, true),
        (NOW - (day + Millis::new(1)), false),
    ] {
        assert_eq!(Sealed::read(&bytes, now).is_ok(), is_taken, "{now:?}");
    }
    let month = Millis::from_mins(30 * 24 * 60);
    for (created, lifetime, is_made) in [
        (NOW, Millis::new(0), false),
        (NOW, Millis::new(1), true),
        (NOW, month, true),
        (NOW, month + Millis::new(1), false),
        (Timestamp::from_millis(946_684_800_000), HOUR, false),
        (Timestamp::from_millis(946_684_800_001), HOUR, true),
    ] {
        let draft = Draft::frames(&unit("A1"), &frames(1), created, lifetime);
        assert_eq!(draft.is_ok(), is_made, "{created:?} for {lifetime:?}");
    }
}

#[test]
fn a_bundle_is_handed_on_eight_times() {
    let mut bytes = bundle();
    for _ in 0..8 {
        bytes = forwarded(&bytes).unwrap();
        assert!(open(&bytes, &author()).unwrap().is_some());
    }
    assert_eq!(forwarded(&bytes), Err(BundleError::Hops { count: 8, limit: 8 }));
}

#[test]
fn only_frames_of_one_unit_in_order_are_packed() {
    let mut two = frames(2);
    two[1].unit = unit("B1");
    let a1 = unit("A1");
    let pack = |frames: &[_]| Draft::frames(&a1, frames, NOW, HOUR).unwrap_err();
    assert!(matches!(pack(&two), BundleError::OtherUnit { seq: 2, .. }));
    two[1] = two[0].clone();
    assert_eq!(pack(&two), BundleError::Order { seq: 1, next: 1 });
    assert_eq!(pack(&[]), BundleError::Amount { n: 0, max: 1024 });
    let receipt = |stored: &[_]| Draft::receipt(&a1, stored, NOW, HOUR).unwrap_err();
    assert_eq!(receipt(&[(5, 4)]), BundleError::Order { seq: 5, next: 4 });
    assert_eq!(receipt(&[(1, 4), (4, 5)]), BundleError::Order { seq: 4, next: 4 });
    assert_eq!(receipt(&[]), BundleError::Amount { n: 0, max: 1024 });
}

#[test]
fn a_proof_has_certificates_and_a_signature_of_some_length() {
    let (draft, _) = Draft::frames(&unit("A1"), &frames(1), NOW, HOUR).unwrap();
    for (certificates, signature, is_taken) in [
        (vec![vec![1; 4096]; 4], vec![2; 512], true),
        (vec![], vec![2], false),
        (vec![vec![1]; 5], vec![2], false),
        (vec![vec![1; 4097]], vec![2], false),
        (vec![vec![]], vec![2], false),
        (vec![vec![1]], vec![], false),
        (vec![vec![1]], vec![2; 513], false),
    ] {
        let proof = Proof { certificates, signature };
        let sealed = draft.seal(&proof);
        assert_eq!(sealed.is_ok(), is_taken, "{proof:?}");
        if let Ok(bytes) = sealed {
            assert_eq!(*Sealed::read(&bytes, NOW).unwrap().proof(), proof);
        }
    }
}
