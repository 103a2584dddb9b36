//! Frames and their receipts as bundles that a stranger may carry.
//!
//! A [`Draft`] holds frames of one unit, or the centre's receipt for them. Its author signs
//! [`Draft::to_sign`] and seals it into one bundle of the Bundle Protocol, version 7 (RFC 9171). Who
//! gets one reads it as [`Sealed`], checks the signature, tells [`Sealed::open`] whose it is, and
//! has the [`Content`].
//!
//! It makes and checks no signature and keeps no key: the host does. It reassembles no fragments,
//! keeps no bundles and encrypts nothing. The form is told in `docs/relay.md`.

mod bundle;
mod content;
mod draft;
mod label;
mod proof;
mod sealed;

pub use bundle::{Hops, is_bundle};
pub use content::{Content, FRAMES_MAX};
pub use draft::Draft;
pub use label::{Kind, LIFETIME_MAX, Label};
pub use proof::{CERTIFICATES_MAX, Proof};
pub use sealed::{Sealed, Signer, forwarded};

use ems_model::{Timestamp, UnitId};

/// The largest bundle, in bytes.
pub const BUNDLE_BYTES_MAX: usize = 256 << 10;

/// What is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is longer than any.
    #[error("a bundle of {n_bytes} bytes is over {BUNDLE_BYTES_MAX}: pack fewer frames into one")]
    TooLarge {
        /// Its length, bytes.
        n_bytes: usize,
    },
    /// It is none of version 7.
    #[error("it is no bundle of RFC 9171 ({what}): carry it again, it was damaged or is no bundle")]
    Malformed {
        /// What is wrong.
        what: String,
    },
    /// Its ends or its marks are not ours.
    #[error(
        "it is a bundle from {from} to {to}: only those of units to a centre and back are taken"
    )]
    Foreign {
        /// Its source.
        from: String,
        /// Its destination.
        to: String,
    },
    /// It is part of one.
    #[error("it is a fragment: carry bundles whole, they ask not to be cut")]
    Fragment,
    /// Its time is over.
    #[error("it expired at {at} µs since 1970: pack its frames anew")]
    Expired {
        /// When.
        at: i64,
    },
    /// It was made later than now.
    #[error("it was made at {at} µs since 1970, more than a day from now: set the clocks")]
    Future {
        /// When.
        at: i64,
    },
    /// Its lifetime or its time of making cannot be told.
    #[error("a lifetime of {millis} ms is outside 1..={}, or its beginning is before 2000: give less", LIFETIME_MAX.get())]
    Lifetime {
        /// The lifetime.
        millis: u64,
    },
    /// It was handed on too often.
    #[error("it was handed on {count} times of {limit}: pack its frames anew")]
    Hops {
        /// How often.
        count: u64,
        /// How often it may be.
        limit: u64,
    },
    /// The proof of its author is not one.
    #[error("its proof cannot be read ({what}): pack it with this version of golden-hour")]
    Proof {
        /// What is wrong.
        what: &'static str,
    },
    /// Its author is somebody else.
    #[error(
        "it says that it is {says}'s, its signature is {is}'s: it is forged, find out who made it"
    )]
    Author {
        /// Who it says made it.
        says: String,
        /// Who signed.
        is: String,
    },
    /// What is in it cannot be read.
    #[error("its content cannot be read ({what}): pack it with this version of golden-hour")]
    Content {
        /// What is wrong.
        what: String,
    },
    /// It holds frames of another unit.
    #[error(
        "it is unit {unit}'s and holds frame {seq} of unit {of}: pack each unit's frames alone"
    )]
    OtherUnit {
        /// Whose it is.
        unit: UnitId,
        /// Whose the frame is.
        of: UnitId,
        /// The frame's number.
        seq: u64,
    },
    /// Numbers do not rise.
    #[error("number {next} comes after {seq}: give numbers from 1 on in rising order, each once")]
    Order {
        /// A number.
        seq: u64,
        /// The next.
        next: u64,
    },
    /// How much it would hold.
    #[error("{n} are outside 1..={max}: pack so many frames or ranges into one")]
    Amount {
        /// How many.
        n: usize,
        /// At most so many.
        max: usize,
    },
    /// A frame fits into no bundle.
    #[error("frame {seq} alone is larger than a bundle may be: it waits for a link")]
    FrameTooLarge {
        /// Its number.
        seq: u64,
    },
}

/// Refuses a bundle whose time is not now.
fn check_time(label: &Label, now: Timestamp) -> Result<(), BundleError> {
    let expires = label.expires();
    if expires <= now {
        return Err(BundleError::Expired { at: expires.as_micros() });
    }
    if label.created > now + label::AHEAD_MAX {
        return Err(BundleError::Future { at: label.created.as_micros() });
    }
    Ok(())
}
