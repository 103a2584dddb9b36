//! What a unit says first on each link, on a stream of its own.

use ems_model::UnitId;
use quinn::{Connection, RecvStream};
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use super::certificates::unit_of;
use super::joint::LINKS_MAX;

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
    /// The greeting of a connection, which must be of the unit that its certificate names.
    pub(super) async fn of(connection: &Connection) -> Result<Self, String> {
        let mut stream = connection.accept_uni().await.map_err(|error| error.to_string())?;
        let greeting = Self::read(&mut stream).await?;
        let identity = connection.peer_identity();
        let chain = identity.and_then(|it| it.downcast::<Vec<CertificateDer<'static>>>().ok());
        let named = chain.and_then(|chain| unit_of(chain.first()?));
        match named {
            Some(named) if named == greeting.unit && usize::from(greeting.link) < LINKS_MAX => {
                Ok(greeting)
            }
            Some(named) if named != greeting.unit => Err(format!(
                "the certificate is unit {named}'s, the greeting unit {}'s: give each gateway the certificate of its --unit",
                greeting.unit
            )),
            Some(_) => Err(format!("link {} is outside 0..={}", greeting.link, LINKS_MAX - 1)),
            None => {
                Err("the certificate names no unit: make one with golden-hour certs unit".into())
            }
        }
    }

    pub(super) async fn send(&self, over: &Connection) -> Result<(), String> {
        let text = serde_json::to_vec(self).expect("a greeting has text keys");
        let mut stream = over.open_uni().await.map_err(|error| error.to_string())?;
        stream.write_all(&text).await.map_err(|error| error.to_string())?;
        stream.finish().map_err(|error| error.to_string())
    }

    async fn read(from: &mut RecvStream) -> Result<Self, String> {
        let text = from.read_to_end(BYTES_MAX).await.map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }
}
