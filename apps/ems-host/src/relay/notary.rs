//! Signs bundles, and finds out whose a signature is.
//!
//! ECDSA on P-256 with SHA-256 (FIPS 186-5), the key that a certificate of the links has. A
//! certificate counts while it is valid, as on the links.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ems_bundle::{BundleError, Content, Draft, Kind, Label, Proof, Sealed, Signer};
use ems_model::{Timestamp, UnitId};
use rustls::SignatureScheme;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::sign::SigningKey;
use webpki::ring::ECDSA_P256_SHA256;
use webpki::{EndEntityCert, KeyUsage};

use crate::link::certificates::{CENTRE_NAME, CertificateError, Credentials, unit_of};

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// Signs in the name of its certificate, and checks what others signed.
#[derive(Clone)]
pub struct Notary {
    certificates: Vec<Vec<u8>>,
    unit: Option<UnitId>,
    key: Arc<dyn SigningKey>,
    roots: Arc<[TrustAnchor<'static>]>,
}

/// A bundle whose signature is right.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// What stands on it.
    pub label: Label,
    /// What is in it.
    pub content: Content,
}

/// Why a bundle was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RefusedBundle {
    /// What it says cannot be.
    #[error("the bundle is refused: {0}")]
    Bundle(#[from] BundleError),
    /// Its certificate is none of this authority's, or for something else.
    #[error(
        "the bundle's certificate is refused ({0}): it must be of the authority of --certs and valid now"
    )]
    Certificate(String),
    /// The signature is not of its certificate's key.
    #[error("the bundle's signature is wrong: it was changed on its way, carry it again")]
    Signature,
}

impl Notary {
    /// One that signs with the key of these credentials.
    pub fn of(credentials: &Credentials) -> Result<Self, CertificateError> {
        let refused = |error: rustls::Error| CertificateError::Refused(error.to_string());
        let key = rustls::crypto::ring::sign::any_ecdsa_type(&credentials.key).map_err(refused)?;
        if key.choose_scheme(&[SCHEME]).is_none() {
            return Err(CertificateError::Refused("its key is not of ECDSA on P-256".to_owned()));
        }
        let certificates = credentials.chain.iter().map(|it| it.as_ref().to_vec()).collect();
        let unit = credentials.chain.first().and_then(unit_of);
        Ok(Self { certificates, unit, key, roots: credentials.roots.roots.clone().into() })
    }

    /// The unit that its certificate names; a centre's names none.
    pub fn unit(&self) -> Option<&UnitId> {
        self.unit.as_ref()
    }

    /// The bundle of a draft.
    pub fn seal(&self, draft: &Draft) -> Result<Vec<u8>, BundleError> {
        let signer = self.key.choose_scheme(&[SCHEME]).expect("looked at when it was made");
        let signature = signer.sign(&draft.to_sign()).expect("the key is of that scheme");
        draft.seal(&Proof { certificates: self.certificates.clone(), signature })
    }

    /// What a bundle holds, if its author signed it and it is worth something `now`.
    pub fn open(&self, bytes: &[u8], now: Timestamp) -> Result<Opened, RefusedBundle> {
        let sealed = Sealed::read(bytes, now)?;
        let signer = self.signer(&sealed, now)?;
        let content = sealed.open(&signer)?;
        Ok(Opened { label: sealed.label().clone(), content })
    }

    /// Whose signature it is.
    fn signer(&self, sealed: &Sealed, now: Timestamp) -> Result<Signer, RefusedBundle> {
        let proof = sealed.proof();
        let chain: Vec<_> =
            proof.certificates.iter().map(|it| CertificateDer::from(&it[..])).collect();
        let certificate = EndEntityCert::try_from(&chain[0]).map_err(untrusted)?;
        let usage = match sealed.label().kind {
            Kind::Frames => KeyUsage::client_auth(),
            Kind::Receipt => KeyUsage::server_auth(),
        };
        check_chain(&certificate, &self.roots, &chain[1..], now, usage).map_err(untrusted)?;
        certificate
            .verify_signature(ECDSA_P256_SHA256, &sealed.signed(), &proof.signature)
            .map_err(|_| RefusedBundle::Signature)?;
        match sealed.label().kind {
            Kind::Frames => {
                let unit = unit_of(&chain[0]);
                unit.map(Signer::Unit).ok_or_else(|| untrusted("it names no unit"))
            }
            Kind::Receipt => {
                let name = ServerName::try_from(CENTRE_NAME).expect("it is a name");
                certificate.verify_is_valid_for_subject_name(&name).map_err(untrusted)?;
                Ok(Signer::Centre)
            }
        }
    }
}

/// Whether a certificate is of one of the authorities, valid now and for that usage.
pub(crate) fn check_chain(
    certificate: &EndEntityCert<'_>,
    roots: &[TrustAnchor<'_>],
    others: &[CertificateDer<'_>],
    now: Timestamp,
    usage: KeyUsage,
) -> Result<(), webpki::Error> {
    let since_1970 = Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0));
    let time = UnixTime::since_unix_epoch(since_1970);
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    certificate.verify_for_usage(algorithms, roots, others, time, usage, None, None).map(drop)
}

fn untrusted(what: impl fmt::Display) -> RefusedBundle {
    RefusedBundle::Certificate(what.to_string())
}

impl fmt::Debug for Notary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notary").field("unit", &self.unit).finish_non_exhaustive()
    }
}
