//! How QUIC is set up: TLS 1.3 with certificates at both ends, datagrams, no limit of its own.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::congestion::{Controller, ControllerFactory};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, EndpointConfig, ServerConfig, TransportConfig, VarInt};
use quinn_proto::HashedConnectionIdGenerator;
use ring::hmac;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;

use super::certificates::{CertificateError, Credentials};

/// Tells versions of the links apart during the handshake.
const ALPN: &[u8] = b"golden-hour-link/1";
/// What fits any path (RFC 9000, section 14).
const PATH_BYTES: u16 = 1200;
/// A connection that has heard nothing for so long is gone; holes of a radio are shorter.
const IDLE_MAX: Duration = Duration::from_mins(5);
/// Datagrams that wait for the program, or for the socket.
const WAITING_BYTES_MAX: usize = 256 << 10;
/// What the handshake expects of a link that it does not know.
const ROUND_TRIP_FIRST: Duration = Duration::from_millis(100);

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
    let mut config = ClientConfig::new(Arc::new(tls));
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
    let mut config = ServerConfig::with_crypto(Arc::new(tls));
    config.transport_config(Arc::new(transport(1)));
    Ok((endpoint, config))
}

/// A centre that starts again tells units at once that it no longer knows their connections
/// (RFC 9000, section 10.3): what it tells is made of its key, which outlives it.
fn endpoint(key: &PrivateKeyDer<'_>) -> EndpointConfig {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.secret_der());
    let resets = hmac::sign(&secret, b"stateless resets");
    let ids = hmac::sign(&secret, b"connection ids");
    let first = ids.as_ref().first_chunk().expect("a hash has 32 bytes");
    let ids = u64::from_be_bytes(*first);
    let resets = hmac::Key::new(hmac::HMAC_SHA256, resets.as_ref());
    let mut endpoint = EndpointConfig::new(Arc::new(resets));
    endpoint.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(ids)));
    endpoint
}

fn transport(n_streams_in: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .initial_mtu(PATH_BYTES)
        .mtu_discovery_config(None)
        .initial_rtt(ROUND_TRIP_FIRST)
        .max_idle_timeout(Some(IDLE_MAX.try_into().expect("minutes fit")))
        .max_concurrent_uni_streams(VarInt::from_u32(n_streams_in))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(4096))
        .receive_window(VarInt::from_u32(4096))
        .datagram_receive_buffer_size(Some(WAITING_BYTES_MAX))
        .datagram_send_buffer_size(WAITING_BYTES_MAX)
        .congestion_controller_factory(Arc::new(Open));
    transport
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn refused(error: impl std::fmt::Display) -> CertificateError {
    CertificateError::Refused(error.to_string())
}

/// Lets everything pass: the session above has a window and a pace for each link.
#[derive(Debug, Clone)]
struct Open;

impl ControllerFactory for Open {
    fn build(self: Arc<Self>, _now: Instant, _mtu: u16) -> Box<dyn Controller> {
        Box::new(Self)
    }
}

impl Controller for Open {
    fn on_congestion_event(&mut self, _: Instant, _: Instant, _: bool, _: u64) {}

    fn on_mtu_update(&mut self, _mtu: u16) {}

    fn window(&self) -> u64 {
        // Above 2^32 nothing is paced.
        1 << 40
    }

    fn initial_window(&self) -> u64 {
        self.window()
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
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
