//! A photo of a wound, decoded, judged, and bared of what the camera wrote beside it.

use ems_model::{PhotoFlaw, Timestamp};
use ems_vision::{BadFrame, BadPicture, Frame, PhotoFault, judge_photo};

use crate::picture::{PictureError, bare_picture, decode_picture};

/// A photo that can be shown.
#[derive(Debug)]
pub(crate) struct JudgedPhoto {
    /// The file without place, time and device.
    pub(crate) bare: Vec<u8>,
    /// Pixels in a row, and rows.
    pub(crate) size: [u32; 2],
    /// What is wrong with it and what to do, the gravest first.
    pub(crate) faults: Vec<(PhotoFlaw, String)>,
}

/// Why a photo cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadPhoto {
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error(transparent)]
    Frame(#[from] BadFrame),
    #[error(transparent)]
    Bare(#[from] BadPicture),
}

/// Decodes and judges a photo. Cost: one decoding, one pass over its pixels; up to a second.
pub(crate) fn judge(bytes: &[u8]) -> Result<JudgedPhoto, BadPhoto> {
    let picture = decode_picture(bytes)?;
    let bare = bare_picture(bytes, picture.format)?;
    let [width, height] = picture.size;
    let quality = judge_photo(&Frame::new(Timestamp::default(), width, height, &picture.rgb)?);
    let faults = quality.faults.iter().map(|fault| (flaw(*fault), fault.to_string())).collect();
    // A side has 8192 pixels at most.
    let side = |px| u32::try_from(px).unwrap_or(u32::MAX);
    Ok(JudgedPhoto { bare, size: [side(width), side(height)], faults })
}

const fn flaw(fault: PhotoFault) -> PhotoFlaw {
    match fault {
        PhotoFault::Small { .. } => PhotoFlaw::Small,
        PhotoFault::Dark { .. } => PhotoFlaw::Dark,
        PhotoFault::Bright { .. } => PhotoFlaw::Bright,
        PhotoFault::Clipped { .. } => PhotoFlaw::Clipped,
        PhotoFault::Black { .. } => PhotoFlaw::Black,
        PhotoFault::Blurred { .. } => PhotoFlaw::Blurred,
    }
}
