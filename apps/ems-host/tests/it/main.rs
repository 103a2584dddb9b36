//! A real server on the loopback, talked to as consoles and gateways do.
#![allow(clippy::unwrap_used, reason = "a test stops at a surprise and says what it saw")]

mod aid;
mod air;
mod brittle;
mod clocks;
mod commands;
mod coverage;
mod devices;
mod ecg;
mod floor;
mod full;
mod half_open;
mod hostile;
mod latest;
mod links;
mod mllp;
mod photos;
mod radio;
mod replay;
mod serial;
mod slow;
mod start;
mod stream;
mod traffic;
mod uplink;
