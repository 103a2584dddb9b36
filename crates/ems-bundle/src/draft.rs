//! A bundle that is not signed yet.

use ems_model::{Frame, Millis, Timestamp, UnitId};

use crate::content::{FRAMES_MAX, check_frames, check_ranges, pack_frames, pack_receipt};
use crate::proof::{PROOF_BYTES_MAX, Proof, message};
use crate::{BUNDLE_BYTES_MAX, BundleError, Kind, Label, bundle};

/// What the blocks around a payload take at most, in bytes.
const BLOCKS_BYTES_MAX: usize = 512;
/// The largest packed content: the bundle with its proof and blocks still fits.
const CONTENT_BYTES_MAX: usize = BUNDLE_BYTES_MAX - PROOF_BYTES_MAX - BLOCKS_BYTES_MAX;

/// A bundle that waits for its author's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    label: Label,
    content: Vec<u8>,
}

impl Draft {
    /// Packs the first of a unit's `frames`, as many as fit, and tells how many these are.
    ///
    /// `frames` are in the order of their numbers; `now` is when it is made.
    pub fn frames(
        unit: &UnitId,
        frames: &[Frame],
        now: Timestamp,
        lifetime: Millis,
    ) -> Result<(Self, usize), BundleError> {
        let mut n = frames.len().min(FRAMES_MAX);
        check_frames(unit, &frames[..n])?;
        let number = frames[0].seq;
        let unit = unit.clone();
        let label = Label { kind: Kind::Frames, unit, created: now, number, lifetime }.checked()?;
        loop {
            match pack_frames(&frames[..n]) {
                Some(content) if content.len() <= CONTENT_BYTES_MAX => {
                    return Ok((Self { label, content }, n));
                }
                _ if n == 1 => return Err(BundleError::FrameTooLarge { seq: number }),
                _ => n /= 2,
            }
        }
    }

    /// A receipt: the centre has these frames of a unit, ranges of numbers that rise.
    pub fn receipt(
        unit: &UnitId,
        stored: &[(u64, u64)],
        now: Timestamp,
        lifetime: Millis,
    ) -> Result<Self, BundleError> {
        check_ranges(stored)?;
        let (number, content) = (stored[0].0, pack_receipt(unit, stored));
        let unit = unit.clone();
        let label =
            Label { kind: Kind::Receipt, unit, created: now, number, lifetime }.checked()?;
        Ok(Self { label, content })
    }

    /// What stands on it.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// What its author signs.
    pub fn to_sign(&self) -> Vec<u8> {
        message(&self.label, &self.content)
    }

    /// The bundle.
    pub fn seal(&self, proof: &Proof) -> Result<Vec<u8>, BundleError> {
        bundle::write(&self.label, &proof.with(&self.content)?)
    }
}
