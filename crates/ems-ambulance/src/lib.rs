//! The ambulance gateway without its IO.
//!
//! Device readings in, numbered frames out: vital signs with their score once a second, cleaned
//! waves in pieces of 100 ms as soon as they are full, the beats found since then with each, alarms as they start and end. It works alike
//! with and without a network; storing and sending frames is the host's, with `ems-uplink`.
//!
//! Read [`Gateway`] and [`GatewayConfig`] first.

mod body_wave;
mod clock;
mod complaint;
mod config;
mod drift;
mod electrodes;
mod gateway;
mod lead;
mod readings;
mod reference;
mod sensors;
mod timeline;
mod view;
mod watch;

pub use complaint::GatewayComplaint;
pub use config::GatewayConfig;
pub use gateway::{Gateway, GatewayWake, MAX_LEADS};
pub use sensors::MAX_WAVES;
pub use view::{LeadView, View};
