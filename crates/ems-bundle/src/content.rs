//! What a bundle holds: the uplink's own messages, packed with DEFLATE (RFC 1951).

use std::io::Read;

use ems_model::{Frame, UnitId};
use ems_uplink::{UplinkDown, UplinkUp};
use flate2::Compression;
use flate2::bufread::{DeflateDecoder, DeflateEncoder};

use crate::{BundleError, Kind};

/// Frames in one bundle at most; ranges in one receipt, too.
pub const FRAMES_MAX: usize = 1024;
/// The longest content once it is unpacked, in bytes.
const PLAIN_BYTES_MAX: usize = 2 << 20;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Frames of one unit in the order of their numbers, not all of which follow each other.
    Frames(Vec<Frame>),
    /// The centre has stored frames durably: ranges of their numbers, first and last of each.
    Receipt(Vec<(u64, u64)>),
}

/// Packs frames; `None` if they are too many bytes.
pub(crate) fn pack_frames(frames: &[Frame]) -> Option<Vec<u8>> {
    let plain = UplinkUp::Frames { frames: frames.to_vec() }.to_json();
    (plain.len() <= PLAIN_BYTES_MAX).then(|| pack(plain.as_bytes()))
}

pub(crate) fn pack_receipt(unit: &UnitId, stored: &[(u64, u64)]) -> Vec<u8> {
    let ack = UplinkDown::Ack { unit: unit.clone(), stored: stored.to_vec() };
    pack(ack.to_json().as_bytes())
}

pub(crate) fn unpack(kind: Kind, unit: &UnitId, packed: &[u8]) -> Result<Content, BundleError> {
    let plain = inflate(packed)?;
    match kind {
        Kind::Frames => match UplinkUp::from_json(&plain).map_err(unreadable)? {
            UplinkUp::Frames { frames } => {
                check_frames(unit, &frames)?;
                Ok(Content::Frames(frames))
            }
            _ => Err(unreadable("it holds no frames")),
        },
        Kind::Receipt => match UplinkDown::from_json(&plain).map_err(unreadable)? {
            UplinkDown::Ack { unit: of, stored } if of == *unit => {
                check_ranges(&stored)?;
                Ok(Content::Receipt(stored))
            }
            _ => Err(unreadable("it is no receipt for its unit")),
        },
    }
}

/// Frames are of the unit, their numbers rise from 1 on, and they are not too many.
pub(crate) fn check_frames(unit: &UnitId, frames: &[Frame]) -> Result<(), BundleError> {
    check_amount(frames.len())?;
    let mut seq = 0;
    for frame in frames {
        if frame.unit != *unit {
            let of = frame.unit.clone();
            return Err(BundleError::OtherUnit { unit: unit.clone(), of, seq: frame.seq });
        }
        seq = rising(seq, frame.seq)?;
    }
    Ok(())
}

/// Ranges do not overlap and rise.
pub(crate) fn check_ranges(stored: &[(u64, u64)]) -> Result<(), BundleError> {
    check_amount(stored.len())?;
    let mut end = 0;
    for (first, last) in stored {
        rising(end, *first)?;
        if last < first {
            return Err(BundleError::Order { seq: *first, next: *last });
        }
        end = *last;
    }
    Ok(())
}

fn rising(seq: u64, next: u64) -> Result<u64, BundleError> {
    if next > seq { Ok(next) } else { Err(BundleError::Order { seq, next }) }
}

fn check_amount(n: usize) -> Result<(), BundleError> {
    let is_some = (1..=FRAMES_MAX).contains(&n);
    if is_some { Ok(()) } else { Err(BundleError::Amount { n, max: FRAMES_MAX }) }
}

fn pack(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = DeflateEncoder::new(plain, Compression::default());
    encoder.read_to_end(&mut packed).expect("memory can be read and written");
    packed
}

/// Unpacks what fills `packed` and is not larger than it may be.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, BundleError> {
    let mut plain = Vec::new();
    let mut decoder = DeflateDecoder::new(packed);
    let limit = PLAIN_BYTES_MAX as u64 + 1;
    decoder.by_ref().take(limit).read_to_end(&mut plain).map_err(unreadable)?;
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(unreadable(format!("it is over {PLAIN_BYTES_MAX} bytes when unpacked")));
    }
    if decoder.total_in() != packed.len() as u64 {
        return Err(unreadable("something follows its end"));
    }
    Ok(plain)
}

fn unreadable(what: impl std::fmt::Display) -> BundleError {
    BundleError::Content { what: what.to_string() }
}
