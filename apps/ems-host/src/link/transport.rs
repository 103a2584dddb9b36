//! What QUIC does on a link: datagrams without a limit of its own, in as few bytes as it allows.
//!
//! Two ends of this file understand each other and any other QUIC (RFC 9000). The bench compiles it
//! too, so that what is measured there is what hosts do.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn_proto::congestion::{Controller, ControllerFactory};
use quinn_proto::crypto::{self, Session};
use quinn_proto::transport_parameters::TransportParameters;
use quinn_proto::{
    AckFrequencyConfig, ConnectError, ConnectionId, EndpointConfig, RandomConnectionIdGenerator,
    Side, TransportConfig, VarInt,
};

/// What fits any path (RFC 9000, section 14).
const PATH_BYTES: u16 = 1200;
/// A connection that has heard nothing for so long is gone; holes of a radio are shorter.
const IDLE_MAX: Duration = Duration::from_mins(5);
/// Datagrams that wait for the program, or for the socket.
const WAITING_BYTES_MAX: usize = 256 << 10;
/// What the handshake expects of a link that it does not know.
const ROUND_TRIP_FIRST: Duration = Duration::from_millis(100);
/// A unit's socket has one connection: its packets need not say of which they are.
const UNIT_ID_BYTES: usize = 0;
/// A centre has up to 8,192 connections with two names each: 16 million tell them apart.
const CENTRE_ID_BYTES: usize = 3;
/// The session answers each packet. QUIC's own answers ride along, or come so seldom: after so many
/// packets - more would lengthen their numbers - or after so long.
const ANSWER_AFTER: u32 = 100;
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// How a unit's end sends and hears.
pub(crate) fn unit_endpoint() -> EndpointConfig {
    let mut endpoint = EndpointConfig::default();
    endpoint.cid_generator(|| Box::new(RandomConnectionIdGenerator::new(UNIT_ID_BYTES)));
    endpoint
}

/// How a centre's end sends and hears: `resets` makes what tells units that it has begun anew.
pub(crate) fn centre_endpoint(resets: Arc<dyn crypto::HmacKey>) -> EndpointConfig {
    let mut endpoint = EndpointConfig::new(resets);
    endpoint.cid_generator(|| Box::new(RandomConnectionIdGenerator::new(CENTRE_ID_BYTES)));
    endpoint
}

/// How a connection goes, which takes `n_streams_in` streams of the other end.
pub(crate) fn transport(n_streams_in: u32) -> TransportConfig {
    let mut answers = AckFrequencyConfig::default();
    answers
        .ack_eliciting_threshold(VarInt::from_u32(ANSWER_AFTER))
        .max_ack_delay(Some(ANSWER_WITHIN));
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
        .ack_frequency_config(Some(answers))
        .congestion_controller_factory(Arc::new(Open));
    transport
}

/// TLS that says that this end answers within [`ANSWER_WITHIN`], and not before: else the other may
/// not ask for less than an answer a round trip (draft-ietf-quic-ack-frequency, section 3).
pub(crate) struct Seldom<C>(pub(crate) Arc<C>);

impl<C: crypto::ClientConfig> crypto::ClientConfig for Seldom<C> {
    fn start_session(
        self: Arc<Self>,
        version: u32,
        server_name: &str,
        params: &TransportParameters,
    ) -> Result<Box<dyn Session>, ConnectError> {
        let params = seldom(Side::Server, params);
        Arc::clone(&self.0).start_session(version, server_name, &params)
    }
}

impl<C: crypto::ServerConfig> crypto::ServerConfig for Seldom<C> {
    fn initial_keys(
        &self,
        version: u32,
        dst_cid: &ConnectionId,
    ) -> Result<crypto::Keys, crypto::UnsupportedVersion> {
        self.0.initial_keys(version, dst_cid)
    }

    fn retry_tag(&self, version: u32, orig_dst_cid: &ConnectionId, packet: &[u8]) -> [u8; 16] {
        self.0.retry_tag(version, orig_dst_cid, packet)
    }

    fn start_session(
        self: Arc<Self>,
        version: u32,
        params: &TransportParameters,
    ) -> Box<dyn Session> {
        Arc::clone(&self.0).start_session(version, &seldom(Side::Client, params))
    }
}

/// What an end says of itself, as `reader` will read it, with longer delays of answers.
fn seldom(reader: Side, params: &TransportParameters) -> TransportParameters {
    /// `max_ack_delay` in ms (RFC 9000, section 18.2) and `min_ack_delay` in µs (draft 07).
    const MAX: u64 = 0x0b;
    const MIN: u64 = 0xff04_de1b;
    let mut bytes = Vec::new();
    params.write(&mut bytes);
    // The first is left out where it is what RFC 9000 says, the last of the second counts.
    put(&mut bytes, MAX, ANSWER_WITHIN.as_millis());
    put(&mut bytes, MIN, ANSWER_WITHIN.as_micros());
    TransportParameters::read(reader, &mut bytes.as_slice()).expect("they were well made, and are")
}

/// A parameter with its number in as few bytes as it needs, 2 or 4 (RFC 9000, sections 16 and 18).
fn put(into: &mut Vec<u8>, id: u64, value: u128) {
    into.extend((0xc000_0000_0000_0000 | id).to_be_bytes());
    if let Some(short) = u16::try_from(value).ok().filter(|value| *value < 0x4000) {
        into.push(2);
        into.extend((0x4000 | short).to_be_bytes());
    } else {
        let value = u32::try_from(value).expect("a second of microseconds fits");
        into.push(4);
        into.extend((0x8000_0000 | value).to_be_bytes());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_says_that_it_answers_within_a_second_and_not_before() {
        let mut nothing: &[u8] = &[];
        let plain = TransportParameters::read(Side::Client, &mut nothing).unwrap();
        let mut bytes = Vec::new();
        seldom(Side::Client, &plain).write(&mut bytes);
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(has(&[0x0b, 2, 0x43, 0xe8]), "max_ack_delay of 1,000 ms: {bytes:02x?}");
        let least = [0xff, 0x04, 0xde, 0x1b, 4, 0x80, 0x0f, 0x42, 0x40];
        assert!(has(&least), "min_ack_delay of 1,000,000 us: {bytes:02x?}");
    }
}
