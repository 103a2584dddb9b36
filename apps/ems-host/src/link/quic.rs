//! How QUIC is set up: TLS 1.3 with certificates at both ends.

use std::sync::Arc;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, EndpointConfig, ServerConfig};
use ring::hmac;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;

use super::certificates::{CertificateError, Credentials};
use super::transport::{Seldom, centre_endpoint, transport};

/// Tells versions of the links apart during the handshake.
const ALPN: &[u8] = b"golden-hour-link/2";

/// How a unit's end connects.
pub(super) fn client(credentials: Credentials) -> Result<ClientConfig, CertificateError> {
    let Credentials { chain, key, roots } = credentials;
    let mut tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(refused)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(refused)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let tls = QuicClientConfig::try_from(tls).map_err(refused)?;
    let mut config = ClientConfig::new(Arc::new(Seldom(Arc::new(tls))));
    config.transport_config(Arc::new(transport(0)));
    Ok(config)
}

/// How a centre's end answers: who shows no certificate of its authority is refused.
pub(super) fn server(
    credentials: Credentials,
) -> Result<(EndpointConfig, ServerConfig), CertificateError> {
    let Credentials { chain, key, roots } = credentials;
    let endpoint = endpoint(&key);
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(refused)?
        .with_client_cert_verifier(verifier.build().map_err(refused)?)
        .with_single_cert(chain, key)
        .map_err(refused)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let tls = QuicServerConfig::try_from(tls).map_err(refused)?;
    let mut config = ServerConfig::with_crypto(Arc::new(Seldom(Arc::new(tls))));
    config.transport_config(Arc::new(transport(1)));
    Ok((endpoint, config))
}

/// A centre that starts again tells units at once that it no longer knows their connections
/// (RFC 9000, section 10.3): what it tells is made of its key, which outlives it.
fn endpoint(key: &PrivateKeyDer<'_>) -> EndpointConfig {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.secret_der());
    let resets = hmac::sign(&secret, b"stateless resets");
    centre_endpoint(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, resets.as_ref())))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn refused(error: impl std::fmt::Display) -> CertificateError {
    CertificateError::Refused(error.to_string())
}

/// Why a connection ended, in the other end's words where it said some.
pub(super) fn reason(error: &quinn::ConnectionError) -> String {
    match error {
        quinn::ConnectionError::ApplicationClosed(close) if !close.reason.is_empty() => {
            String::from_utf8_lossy(&close.reason).into_owned()
        }
        other => other.to_string(),
    }
}
