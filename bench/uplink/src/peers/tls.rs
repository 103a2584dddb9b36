//! A certificate of the centre, and who trusts it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use ems_model::{Micros, Timestamp};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::road::DAWN;

/// The centre's name in its certificate.
pub(crate) const CENTRE: &str = "centre";

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) roots: Arc<RootCertStore>,
}

impl Identity {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed([CENTRE.to_owned()])?;
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone())?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der());
        Ok(Self {
            chain: vec![made.cert.der().clone()],
            key: key.ok().context("a key that is none")?,
            roots: Arc::new(roots),
        })
    }

    pub(crate) fn server(&self) -> anyhow::Result<rustls::ServerConfig> {
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())?;
        Ok(config)
    }

    pub(crate) fn client(&self) -> anyhow::Result<rustls::ClientConfig> {
        let config = rustls::ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        Ok(config)
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Virtual time as the standard library's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn instant(self, at: Timestamp) -> Instant {
        let since = at.micros_since(DAWN).get();
        self.0 + Duration::from_micros(u64::try_from(since).unwrap_or(0))
    }

    /// The first microsecond that is not before an instant.
    pub(crate) fn timestamp(self, at: Instant) -> Timestamp {
        let since = at.saturating_duration_since(self.0).as_nanos().div_ceil(1000);
        DAWN + Micros::new(i64::try_from(since).unwrap_or(i64::MAX / 2))
    }
}

/// An end's address on a link; the port tells the link.
pub(crate) fn address(is_centre: bool, link: usize) -> SocketAddr {
    let third = u8::try_from(link).expect("at most 8 links");
    let port = 4000 + u16::from(third);
    SocketAddr::from((Ipv4Addr::new(10, 0, third, if is_centre { 2 } else { 1 }), port))
}

/// The link of an address.
pub(crate) fn link(address: SocketAddr) -> usize {
    usize::from(address.port() - 4000)
}
