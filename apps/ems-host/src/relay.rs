//! Bundles: frames that others carry to the centre where a unit has no link (`docs/relay.md`).

mod call;
pub(crate) mod carry;
pub(crate) mod notary;
pub(crate) mod offer;
mod quic;
#[cfg(test)]
mod tests;

pub use carry::CarryError;
pub use notary::{Notary, Opened, RefusedBundle};
pub use offer::RelayTo;
