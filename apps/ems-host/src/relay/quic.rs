//! QUIC between ambulances: streams, with a unit's certificate at both ends.
//!
//! Units' certificates are good for clients only, so that none can play the centre. Between units
//! the one that listens shows such a certificate, too, and is taken for no more than a neighbour.

use std::sync::Arc;
use std::time::Duration;

use ems_model::{Timestamp, UnitId};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Connection, ServerConfig, TransportConfig, VarInt};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CertificateError as BadCertificate, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};
use webpki::{EndEntityCert, KeyUsage};

use super::notary::check_chain;
use crate::link::certificates::{CertificateError, Credentials, unit_of};

const ALPN: &[u8] = b"golden-hour-relay/1";
/// A neighbour that has said nothing for so long is gone.
const IDLE_MAX: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// Calls of one neighbour at once.
const STREAMS_MAX: u32 = 4;
/// What of a neighbour may wait in memory.
const WINDOW_BYTES: u32 = 512 << 10;

/// How a unit's end connects to its neighbour.
pub(super) fn client(credentials: &Credentials) -> Result<ClientConfig, CertificateError> {
    let provider = provider();
    let verifier = Neighbour { roots: credentials.roots.clone(), provider: Arc::clone(&provider) };
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(refused)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_auth_cert(credentials.chain.clone(), credentials.key.clone_key())
        .map_err(refused)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let tls = QuicClientConfig::try_from(tls).map_err(refused)?;
    let mut config = ClientConfig::new(Arc::new(tls));
    let mut transport = transport(0);
    transport.keep_alive_interval(Some(KEEP_ALIVE));
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// How a unit's end answers its neighbours.
pub(super) fn server(credentials: &Credentials) -> Result<ServerConfig, CertificateError> {
    let roots = Arc::new(credentials.roots.clone());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(refused)?
        .with_client_cert_verifier(verifier.build().map_err(refused)?)
        .with_single_cert(credentials.chain.clone(), credentials.key.clone_key())
        .map_err(refused)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let tls = QuicServerConfig::try_from(tls).map_err(refused)?;
    let mut config = ServerConfig::with_crypto(Arc::new(tls));
    config.transport_config(Arc::new(transport(STREAMS_MAX)));
    Ok(config)
}

/// The unit at the other end, whose certificate was checked in the handshake.
pub(super) fn neighbour(connection: &Connection) -> Option<UnitId> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    unit_of(chain.first()?)
}

fn transport(n_streams_in: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IDLE_MAX.try_into().expect("seconds fit")))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .max_concurrent_bidi_streams(VarInt::from_u32(n_streams_in))
        .stream_receive_window(VarInt::from_u32(WINDOW_BYTES))
        .receive_window(VarInt::from_u32(2 * WINDOW_BYTES))
        .datagram_receive_buffer_size(None);
    transport
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn refused(error: impl std::fmt::Display) -> CertificateError {
    CertificateError::Refused(error.to_string())
}

/// Takes whoever has a unit's certificate of the same authority, whatever it is called.
#[derive(Debug)]
struct Neighbour {
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Neighbour {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let bad = |_| Error::InvalidCertificate(BadCertificate::UnknownIssuer);
        let certificate = EndEntityCert::try_from(end_entity).map_err(bad)?;
        let now = Timestamp::from_millis(i64::try_from(now.as_secs() * 1000).unwrap_or(i64::MAX));
        let usage = KeyUsage::client_auth();
        check_chain(&certificate, &self.roots.roots, intermediates, now, usage).map_err(bad)?;
        let unit = unit_of(end_entity);
        unit.map(|_| ServerCertVerified::assertion())
            .ok_or(Error::InvalidCertificate(BadCertificate::NotValidForName))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
