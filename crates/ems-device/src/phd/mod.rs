//! Personal health devices: IEEE 11073-20601 (2014, verified against published sample APDUs), with
//! the standard configurations of the specialisations 10404 (pulse oximeter), 10407 (blood
//! pressure), 10408 (thermometer), 10415 (weighing scale) and 10417 (glucose meter).
//!
//! [`Apdu`] is one message, read and written; a [`PhdSession`] knows what a device measures and
//! turns its reports into readings; a [`PhdManager`] answers the device as well.

mod answers;
mod apdu;
mod association;
mod attribute;
mod config;
mod report;
mod session;

pub use answers::{PhdHeard, PhdManager};
pub use apdu::{Apdu, Service};
pub use association::{Association, Protocol};
pub use attribute::Attribute;
pub use session::PhdSession;
