//! A real server on the loopback, talked to as consoles and gateways do.

mod commands;
mod floor;
mod full;
mod hostile;
mod stream;
mod uplink;
