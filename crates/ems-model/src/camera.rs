//! What a camera in the ambulance kept of a patient.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Millis, Timestamp, UnitId};

/// A photo by the SHA-256 of its file: 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct PhotoId(Arc<str>);

/// A text that names no photo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("photo \"{0}\" is not 64 digits of 0-9 a-f: give the one that the centre answered")]
pub struct InvalidPhoto(String);

impl PhotoId {
    /// Checks and wraps the digits.
    pub fn new(digits: &str) -> Result<Self, InvalidPhoto> {
        let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() == 64 && digits.bytes().all(is_digit) {
            Ok(Self(digits.into()))
        } else {
            Err(InvalidPhoto(digits.chars().take(80).collect()))
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PhotoId {
    type Error = InvalidPhoto;
    fn try_from(digits: String) -> Result<Self, InvalidPhoto> {
        Self::new(&digits)
    }
}

impl From<PhotoId> for String {
    fn from(photo: PhotoId) -> Self {
        photo.0.as_ref().to_owned()
    }
}

impl fmt::Display for PhotoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a photo that was kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhotoFlaw {
    /// Too few pixels.
    Small,
    /// Too dark.
    Dark,
    /// Too bright.
    Bright,
    /// Highlights are cut off.
    Clipped,
    /// Shadows are cut off.
    Black,
    /// Out of focus or shaken.
    Blurred,
}

/// What a camera showed of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum CameraFinding {
    /// A photo of a wound.
    Wound {
        /// The photo, as the centre keeps it.
        photo: PhotoId,
        /// Pixels in a row, and rows.
        size: [u32; 2],
        /// What is wrong with it, the gravest first; empty for a good one.
        flaws: Vec<PhotoFlaw>,
    },
    /// Capillary refill of a pressed nail.
    Refill {
        /// To 90 % of the return of colour.
        time: Millis,
        /// The true time is within this of it, in 19 of 20 cases of `docs/video.md`.
        within: Millis,
    },
}

/// A camera's finding with whose it is and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeenByCamera {
    /// What it showed.
    #[serde(flatten)]
    pub finding: CameraFinding,
    /// In which unit.
    pub unit: UnitId,
    /// Who kept it.
    pub actor: String,
    /// When it was taken.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_named_by_64_digits_and_nothing_that_leaves_a_folder() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(PhotoId::new(&digits).unwrap().as_str(), digits);
        for text in ["", "../../etc/passwd", &digits[1..], &digits.to_uppercase()] {
            assert!(PhotoId::new(text).is_err(), "{text}");
        }
    }
}
