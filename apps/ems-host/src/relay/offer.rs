//! The ambulance without a link: it gives its backlog to a neighbour, and forgets nothing before
//! the centre's receipt is back.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ems_bundle::{BundleError, Content, Draft, FRAMES_MAX};
use ems_model::{Millis, UnitId};
use ems_store::Outbox;
use ems_uplink::Ranges;
use quinn::{ClientConfig, Connection, Endpoint};

use super::call;
use super::notary::Notary;
use super::quic;
use crate::client::uplink::UplinkHandle;
use crate::clock::system_time;
use crate::link::certificates::{CENTRE_NAME, CertificateError, Credentials};

/// How long a connection may take to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How often it looks for something to give, and asks for receipts.
const LOOK_UP: Duration = Duration::from_secs(1);
/// Fewer frames than this wait for more.
const FEW_FRAMES: usize = 256;
/// But no longer than this.
const WAIT_FOR_MORE: Duration = Duration::from_secs(5);
/// The pause after a neighbour that is not there or takes nothing.
const AGAIN: Duration = Duration::from_secs(3);
/// How long a bundle may be carried.
const LIFETIME: Millis = Millis::from_mins(7 * 24 * 60);

/// To whom an ambulance gives its backlog, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayTo {
    /// The neighbour's relay port, `HOST:PORT` (UDP).
    pub neighbour: String,
    /// After how long without an answer of the centre.
    pub after: Duration,
}

/// Gives a unit's backlog away.
pub(crate) struct Offering {
    unit: UnitId,
    to: RelayTo,
    notary: Notary,
    config: ClientConfig,
    outbox: Arc<Outbox>,
    uplink: UplinkHandle,
    given_at: Instant,
}

impl Offering {
    pub(crate) fn new(
        unit: UnitId,
        to: RelayTo,
        credentials: &Credentials,
        outbox: Arc<Outbox>,
        uplink: UplinkHandle,
    ) -> Result<Self, CertificateError> {
        let (notary, config) = (Notary::of(credentials)?, quic::client(credentials)?);
        Ok(Self { unit, to, notary, config, outbox, uplink, given_at: Instant::now() })
    }

    /// Gives what waits whenever the centre has not answered for long, for ever.
    pub(crate) async fn run(mut self) {
        let mut heard_at = Instant::now();
        loop {
            tokio::time::sleep(LOOK_UP).await;
            let status = self.uplink.status();
            if status.is_connected {
                heard_at = Instant::now();
            }
            if heard_at.elapsed() < self.to.after || status.backlog == 0 {
                continue;
            }
            let neighbour = self.to.neighbour.clone();
            if let Err(why) = self.give().await {
                tracing::warn!(neighbour, why, "the backlog was not given away");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Gives what waits over one connection until the centre answers again.
    async fn give(&mut self) -> Result<(), String> {
        let (_endpoint, connection) = self.connect().await?;
        // A neighbour may have lost its disk, or be another one by now.
        let mut held = call::held(&connection).await?;
        tracing::info!(neighbour = self.to.neighbour, "the backlog is given away");
        while !self.uplink.status().is_connected {
            while let Some((first, last, bundle)) = self.pack(&held).await? {
                call::keep(&connection, &bundle).await?;
                held.insert(first, last);
                self.given_at = Instant::now();
            }
            for receipt in call::receipts(&connection).await? {
                self.settle(&receipt).await;
            }
            tokio::time::sleep(LOOK_UP).await;
        }
        connection.close(0u32.into(), b"the centre answers");
        Ok(())
    }

    /// A bundle of what the neighbour does not hold, if it is enough to be worth one.
    async fn pack(&self, held: &Ranges) -> Result<Option<(u64, u64, Vec<u8>)>, String> {
        let is_any_enough = self.given_at.elapsed() >= WAIT_FOR_MORE;
        let (unit, notary, held) = (self.unit.clone(), self.notary.clone(), held.clone());
        let outbox = Arc::clone(&self.outbox);
        let pack = move || {
            let resume = outbox.resume(&unit).map_err(text)?;
            let mut kept = Ranges::default();
            kept.insert(resume.acked + 1, resume.last);
            // Where the outbox has a gap, it ends at what the neighbour holds next.
            while let Some((first, last)) = kept.first_without(&held) {
                let frames = outbox.read(&unit, first, last, FRAMES_MAX).map_err(text)?;
                if frames.is_empty() {
                    kept.remove(first, last);
                    continue;
                }
                if frames.len() < FEW_FRAMES && !is_any_enough {
                    return Ok(None);
                }
                let (draft, n) = match Draft::frames(&unit, &frames, system_time(), LIFETIME) {
                    Err(BundleError::FrameTooLarge { seq }) => {
                        kept.remove(first, seq);
                        continue;
                    }
                    packed => packed.map_err(text)?,
                };
                let bundle = notary.seal(&draft).map_err(text)?;
                return Ok(Some((first, frames[n - 1].seq, bundle)));
            }
            Ok(None)
        };
        tokio::task::spawn_blocking(pack).await.map_err(text)?
    }

    /// The centre has the frames of a receipt: the outbox may forget them.
    async fn settle(&self, receipt: &[u8]) {
        match self.notary.open(receipt, system_time()) {
            Ok(opened) if opened.label.unit == self.unit => {
                if let Content::Receipt(stored) = opened.content {
                    self.uplink.stored(self.unit.clone(), stored).await;
                }
            }
            Ok(opened) => {
                tracing::warn!(unit = %opened.label.unit, "a receipt for another unit came");
            }
            Err(error) => tracing::warn!(%error, "a receipt is refused"),
        }
    }

    async fn connect(&self) -> Result<(Endpoint, Connection), String> {
        let mut found = tokio::net::lookup_host(&self.to.neighbour).await.map_err(text)?;
        let to = found.next().ok_or("it has no address")?;
        let from = match to {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let endpoint = Endpoint::client(from).map_err(text)?;
        // Its certificate is a unit's; the name is not looked at.
        let connecting =
            endpoint.connect_with(self.config.clone(), to, CENTRE_NAME).map_err(text)?;
        match tokio::time::timeout(CONNECT_WITHIN, connecting).await {
            Ok(connection) => Ok((endpoint, connection.map_err(text)?)),
            Err(_) => Err(format!("no answer in {CONNECT_WITHIN:?}")),
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
