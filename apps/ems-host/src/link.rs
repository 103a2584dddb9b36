//! Links between an ambulance and its centre: one QUIC connection each, bound to an interface,
//! with a certificate at both ends. Above them one session of `ems-uplink` keeps deadlines.
//!
//! A packet of the session is one QUIC datagram. QUIC encrypts, authenticates and follows an end
//! whose address changes; it does not limit what is sent, for the session does, link by link.

mod carried;
pub(crate) mod certificates;
pub(crate) mod dial;
pub(crate) mod gather;
mod greeting;
mod joint;
mod marked;
mod quic;
pub(crate) mod slices;
mod socket;
mod transport;

pub use certificates::{Authority, CertificateError, Credentials, Issued};
pub use dial::LinkStatus;
pub use gather::UplinkPort;
pub use socket::{BadLink, LinkSpec};
