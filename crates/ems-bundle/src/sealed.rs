//! A bundle that came: read, then opened once its author is known.

use std::fmt;

use ems_model::{Timestamp, UnitId};

use crate::content::{Content, unpack};
use crate::proof::{Proof, message};
use crate::{BundleError, Hops, Kind, Label, bundle, check_time};

/// A bundle whose form and times are right. Nothing on it is proven before its signature is
/// checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    label: Label,
    hops: Hops,
    proof: Proof,
    content: Vec<u8>,
}

/// Whose signature it is, as its certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// A unit's.
    Unit(UnitId),
    /// A centre's.
    Centre,
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(unit) => write!(f, "unit {unit}"),
            Self::Centre => f.write_str("the centre"),
        }
    }
}

impl Sealed {
    /// Reads a bundle that is worth something `now`.
    pub fn read(bytes: &[u8], now: Timestamp) -> Result<Self, BundleError> {
        let sealed = Self::read_any(bytes)?;
        check_time(&sealed.label, now)?;
        Ok(sealed)
    }

    /// Reads a bundle whenever its time was, to show it.
    pub fn read_any(bytes: &[u8]) -> Result<Self, BundleError> {
        let parsed = bundle::parse(bytes)?;
        let label = Label::of(&parsed)?;
        let hops = bundle::hops(&parsed)?;
        if parsed.report_to != parsed.id.source {
            return Err(BundleError::Foreign {
                from: parsed.report_to.to_string(),
                to: parsed.destination.to_string(),
            });
        }
        let (proof, content) = Proof::split(bundle::payload(&parsed, bytes)?)?;
        Ok(Self { label, hops, proof, content: content.to_vec() })
    }

    /// What stands on it.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// How often it was handed on.
    pub fn hops(&self) -> Hops {
        self.hops
    }

    /// Who says to have made it.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// What its author signed.
    pub fn signed(&self) -> Vec<u8> {
        message(&self.label, &self.content)
    }

    /// What it holds, if the signer, whose signature was checked, may have made it.
    pub fn open(&self, signer: &Signer) -> Result<Content, BundleError> {
        let author = match self.label.kind {
            Kind::Frames => Signer::Unit(self.label.unit.clone()),
            Kind::Receipt => Signer::Centre,
        };
        if *signer != author {
            let (says, is) = (author.to_string(), signer.to_string());
            return Err(BundleError::Author { says, is });
        }
        unpack(self.label.kind, &self.label.unit, &self.content)
    }
}

/// The bundle as who carries it hands it on: one more hop, all else as it was.
pub fn forwarded(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    bundle::handed_on(bytes)
}
