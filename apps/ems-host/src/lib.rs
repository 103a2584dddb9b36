//! The world around the roles: HTTP and WebSocket servers and clients, MQTT, threads and clocks.
//!
//! It decides nothing about patients or units; `ems-centre` and `ems-ambulance` do. What it adds
//! is durability (an answer waits for its commit), delivery (a stream without gap or double), and
//! errors that say what to do. Read [`Server`] (the centre's side) and `docs/api.md`.

mod centre;
mod client;
mod clock;
mod courier;
mod gateway;
mod hub;
mod link;
mod metrics;
mod pages;
mod photo;
mod picture;
mod relay;
mod server;
mod view;

#[cfg(feature = "ble")]
pub use bluer::Address as BleAddress;
pub use centre::{CentreParts, StartError};
pub use client::ages::Ages;
pub use client::calls::{AdviceAnswer, CallError, Candidates, CentreClient};
pub use client::follow::{Heard, HeardEvent, HeardUnit, follow};
pub use client::numbers::number_new_units;
pub use client::uplink::{UplinkClient, UplinkStatus};
pub use client::{BadUrl, CentreUrl};
pub use clock::{Clock, system_time};
pub use courier::Peers;
pub use gateway::{BadSerialLine, GatewayHost, GatewayParts, SerialLine};
pub use link::dial::{ClassStatus, Links};
pub use link::{
    Authority, BadLink, CertificateError, Credentials, Issued, LinkSpec, LinkStatus, UplinkPort,
};
pub use metrics::Metrics;
pub use picture::{DecodedPicture, PictureError, PictureFormat, bare_picture, decode_picture};
pub use relay::{CarryError, Notary, Opened, RefusedBundle, RelayTo};
pub use server::{ListenError, Patience, Server, ServerParts, listen};
pub use view::answer::Ack;
pub use view::traffic::TrafficAck;

/// What each read of a WebSocket clears before it fills it. Frames have some hundred bytes; to
/// clear the library's own 128 KiB would cost a centre a quarter of its work.
const READ_BUFFER_BYTES: usize = 8 << 10;
