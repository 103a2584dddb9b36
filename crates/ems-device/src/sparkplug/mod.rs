//! Sparkplug B: payloads in Protocol Buffers that devices publish over MQTT (Eclipse Sparkplug 3.0,
//! chapter 6; field numbers of `sparkplug_b.proto`).
//!
//! Metrics may be named once, in a birth message, and go by an alias after that: a
//! [`SparkplugSession`] remembers the names. Data sets, templates and arrays are not read.

mod payload;
mod protobuf;
mod session;

pub use payload::{SparkplugMetric, SparkplugPayload, SparkplugValue};
pub use session::SparkplugSession;
