//! Who made a bundle: certificates and a signature before the content.
//!
//! The payload of a bundle, numbers big-endian:
//!
//! ```text
//! version 1 (1 byte) | certificates (1) { bytes (2) | DER } ... | bytes (2) | signature | content
//! ```
//!
//! Signed is [`message`]: the label is in it, so that nobody puts a content under another.

use crate::BundleError;
use crate::label::{Kind, Label};

const VERSION: u8 = 1;
/// The most certificates of a chain.
pub const CERTIFICATES_MAX: usize = 4;
const CERTIFICATE_BYTES_MAX: usize = 4096;
const SIGNATURE_BYTES_MAX: usize = 512;
pub(crate) const PROOF_BYTES_MAX: usize =
    2 + CERTIFICATES_MAX * (2 + CERTIFICATE_BYTES_MAX) + 2 + SIGNATURE_BYTES_MAX;
/// What no other signature of these keys begins with.
const CONTEXT: &[u8] = b"golden-hour bundle, version 1\0";

/// Who signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Certificates in DER (X.509 v3), the author's first: 1 to [`CERTIFICATES_MAX`], at most
    /// 4,096 bytes each.
    pub certificates: Vec<Vec<u8>>,
    /// The author's signature of what is to be signed, as its key makes it: at most 512 bytes.
    pub signature: Vec<u8>,
}

impl Proof {
    /// The payload with it in front.
    pub(crate) fn with(&self, content: &[u8]) -> Result<Vec<u8>, BundleError> {
        let n = self.certificates.len();
        if !(1..=CERTIFICATES_MAX).contains(&n) {
            return Err(bad("it has no certificate, or over 4"));
        }
        let mut payload = vec![VERSION, u8::try_from(n).unwrap_or(u8::MAX)];
        for certificate in &self.certificates {
            put(&mut payload, certificate, CERTIFICATE_BYTES_MAX)?;
        }
        put(&mut payload, &self.signature, SIGNATURE_BYTES_MAX)?;
        payload.extend_from_slice(content);
        Ok(payload)
    }

    /// Reads it off a payload; gives the content, too.
    pub(crate) fn split(payload: &[u8]) -> Result<(Self, &[u8]), BundleError> {
        let (head, mut rest) = payload.split_first_chunk::<2>().ok_or(bad("it ends early"))?;
        let [version, n] = *head;
        if version != VERSION {
            return Err(bad("it is of another version"));
        }
        if !(1..=CERTIFICATES_MAX).contains(&usize::from(n)) {
            return Err(bad("it has no certificate, or over 4"));
        }
        let certificates = (0..n).map(|_| take(&mut rest, CERTIFICATE_BYTES_MAX));
        let certificates = certificates.collect::<Result<_, _>>()?;
        let signature = take(&mut rest, SIGNATURE_BYTES_MAX)?;
        Ok((Self { certificates, signature }, rest))
    }
}

/// What an author signs: label and content.
pub(crate) fn message(label: &Label, content: &[u8]) -> Vec<u8> {
    let unit = label.unit.as_str().as_bytes();
    let lifetime = u64::try_from(label.lifetime.get()).unwrap_or(0);
    let mut message = CONTEXT.to_vec();
    message.push(match label.kind {
        Kind::Frames => 0,
        Kind::Receipt => 1,
    });
    message.extend_from_slice(&(unit.len() as u64).to_be_bytes());
    message.extend_from_slice(unit);
    for number in [label.created_ms().unwrap_or(0), label.number, lifetime] {
        message.extend_from_slice(&number.to_be_bytes());
    }
    message.extend_from_slice(content);
    message
}

fn put(payload: &mut Vec<u8>, bytes: &[u8], max: usize) -> Result<(), BundleError> {
    let n = u16::try_from(bytes.len()).ok().filter(|n| (1..=max).contains(&usize::from(*n)));
    let n = n.ok_or(bad("a certificate or the signature is empty or too long"))?;
    payload.extend_from_slice(&n.to_be_bytes());
    payload.extend_from_slice(bytes);
    Ok(())
}

fn take(rest: &mut &[u8], max: usize) -> Result<Vec<u8>, BundleError> {
    let (n, after) = rest.split_first_chunk::<2>().ok_or(bad("it ends early"))?;
    let n = usize::from(u16::from_be_bytes(*n));
    if !(1..=max).contains(&n) {
        return Err(bad("a certificate or the signature is empty or too long"));
    }
    let (bytes, after) = after.split_at_checked(n).ok_or(bad("it ends early"))?;
    *rest = after;
    Ok(bytes.to_vec())
}

const fn bad(what: &'static str) -> BundleError {
    BundleError::Proof { what }
}
