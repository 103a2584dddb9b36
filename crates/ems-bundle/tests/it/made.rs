//! Frames, and a stand-in for signatures: who signs what is told by a sum.

use ems_bundle::{BundleError, Content, Draft, Proof, Sealed, Signer};
use ems_model::{Frame, FrameBody, Millis, Timestamp, UnitId, WaveChunk};

/// 2026-01-02, 03:04:05.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_000);
pub(crate) const HOUR: Millis = Millis::from_mins(60);

pub(crate) fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

pub(crate) fn frame(unit: &UnitId, seq: u64, microvolts: Vec<i16>) -> Frame {
    let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts, beats: Vec::new() };
    let at = Timestamp::from_micros(1_767_323_000_000_000 + seq.cast_signed());
    Frame { unit: unit.clone(), seq, at, incident: None, clock: None, body: FrameBody::Wave(chunk) }
}

pub(crate) fn frames(n: u64) -> Vec<Frame> {
    (1..=n).map(|seq| frame(&unit("A1"), seq, vec![1, -2, 3])).collect()
}

/// A sum over what is signed (FNV-1a, 64 bits) that only `signer` "can make".
pub(crate) fn sign(signer: &Signer, message: &[u8]) -> Proof {
    let name = signer.to_string().into_bytes();
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = name.iter().chain(message).fold(0xcbf2_9ce4_8422_2325, step);
    Proof { certificates: vec![name], signature: sum.to_be_bytes().to_vec() }
}

pub(crate) fn seal(draft: &Draft, signer: &Signer) -> Vec<u8> {
    draft.seal(&sign(signer, &draft.to_sign())).unwrap()
}

/// Reads and opens a bundle as `signer`'s; `None` if the signature is not.
pub(crate) fn open(bytes: &[u8], signer: &Signer) -> Result<Option<Content>, BundleError> {
    let sealed = Sealed::read(bytes, NOW)?;
    if *sealed.proof() != sign(signer, &sealed.signed()) {
        return Ok(None);
    }
    sealed.open(signer).map(Some)
}
