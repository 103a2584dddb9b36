//! What a unit says first on each link, on a stream of its own.

use ems_model::UnitId;
use quinn::{Connection, RecvStream};
use serde::{Deserialize, Serialize};

/// The longest greeting, in bytes.
const BYTES_MAX: usize = 1024;

/// Which link of which session a connection is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Greeting {
    /// Who speaks: the certificate must name the same.
    pub(super) unit: UnitId,
    /// When the unit's session began, in µs since 1970.
    pub(super) epoch: i64,
    /// The link's place, 0 to 7.
    pub(super) link: u8,
    /// What people call it.
    pub(super) name: String,
}

impl Greeting {
    pub(super) async fn send(&self, over: &Connection) -> Result<(), String> {
        let text = serde_json::to_vec(self).expect("a greeting has text keys");
        let mut stream = over.open_uni().await.map_err(|error| error.to_string())?;
        stream.write_all(&text).await.map_err(|error| error.to_string())?;
        stream.finish().map_err(|error| error.to_string())
    }

    pub(super) async fn read(from: &mut RecvStream) -> Result<Self, String> {
        let text = from.read_to_end(BYTES_MAX).await.map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }
}
