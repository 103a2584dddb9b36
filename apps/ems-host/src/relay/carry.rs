//! The ambulance that carries: it keeps its neighbours' bundles, brings them to the centre when a
//! link is there, and gives the receipts back.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ems_bundle::{Content, Kind, forwarded};
use ems_model::UnitId;
use ems_store::{Shelf, ShelfLimits, ShelfTag, Shelved, StoreError};
use ems_uplink::Ranges;
use quinn::{Connection, Endpoint, EndpointConfig, RecvStream, SendStream, TokioRuntime};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::call::{CALL_BYTES_MAX, Call, HELD_LEN_MAX, join};
use super::notary::{Notary, Opened};
use super::quic;
use crate::client::uplink::UplinkHandle;
use crate::clock::system_time;
use crate::link::certificates::{CertificateError, Credentials};

/// Neighbours at once.
const NEIGHBOURS_MAX: usize = 16;
/// How long a call, its answer and the handshake may take.
const CALL_WITHIN: Duration = Duration::from_mins(1);
/// A bundle whose receipt has not come for so long is sent again after the others.
const RECEIPT_WITHIN: Duration = Duration::from_secs(10);
/// How often it looks for something to bring.
const LOOK_UP: Duration = Duration::from_millis(200);

/// Why an ambulance cannot carry.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// Its certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Its disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its port.
    #[error(
        "neighbours cannot be heard there ({0}): give --relay-listen as ADDRESS:PORT of this machine"
    )]
    Port(std::io::Error),
}

/// What an ambulance carries.
#[derive(Debug, Clone)]
pub(crate) struct Carrying {
    notary: Notary,
    bundles: Arc<Shelf>,
    receipts: Arc<Shelf>,
    endpoint: Endpoint,
}

impl Carrying {
    /// Listens for neighbours on a UDP socket, with shelves in a folder.
    pub(crate) fn listen(
        socket: UdpSocket,
        credentials: &Credentials,
        folder: &Path,
        limits: ShelfLimits,
    ) -> Result<Self, CarryError> {
        let notary = Notary::of(credentials)?;
        let bundles = Arc::new(Shelf::open(&folder.join("bundles"), limits)?);
        let receipts = Arc::new(Shelf::open(&folder.join("receipts"), limits)?);
        let (config, server) = (EndpointConfig::default(), quic::server(credentials)?);
        let endpoint = Endpoint::new(config, Some(server), socket, Arc::new(TokioRuntime));
        Ok(Self { notary, bundles, receipts, endpoint: endpoint.map_err(CarryError::Port)? })
    }

    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.endpoint.local_addr().ok()
    }

    /// Answers neighbours, for ever.
    pub(crate) async fn answer(self) {
        while let Some(incoming) = self.endpoint.accept().await {
            if self.endpoint.open_connections() > NEIGHBOURS_MAX {
                incoming.refuse();
                continue;
            }
            let carrying = self.clone();
            tokio::spawn(async move {
                match timeout(CALL_WITHIN, async { incoming.await }).await {
                    Ok(Ok(connection)) => carrying.answer_one(connection).await,
                    Ok(Err(error)) => tracing::warn!(%error, "a neighbour was refused"),
                    Err(_) => tracing::debug!("a neighbour's handshake took too long"),
                }
            });
        }
    }

    async fn answer_one(self, connection: Connection) {
        let Some(unit) = quic::neighbour(&connection) else {
            return connection.close(1u32.into(), b"the certificate names no unit");
        };
        tracing::info!(%unit, "a neighbour is here");
        while let Ok((send, call)) = connection.accept_bi().await {
            let (carrying, unit) = (self.clone(), unit.clone());
            tokio::spawn(async move {
                // Who takes too long asks again.
                let _ = timeout(CALL_WITHIN, carrying.answer_call(&unit, send, call)).await;
            });
        }
    }

    async fn answer_call(self, unit: &UnitId, mut send: SendStream, mut call: RecvStream) {
        let Ok(bytes) = call.read_to_end(CALL_BYTES_MAX).await else { return };
        let mut told = Vec::new();
        let answer = match Call::read(&bytes) {
            Some(Call::Held) => self.held(unit),
            Some(Call::Keep(bundle)) => self.keep(bundle.to_vec()).await,
            Some(Call::Receipts) => {
                let answer;
                (answer, told) = self.receipts_of(unit);
                answer
            }
            None => {
                b"no such call: use the same version of Golden Hour in both ambulances".to_vec()
            }
        };
        let is_sent = send.write_all(&answer).await.is_ok() && send.finish().is_ok();
        // The neighbour has all of it once nothing is left to be acknowledged.
        if is_sent && matches!(send.stopped().await, Ok(None)) {
            for tag in &told {
                log(self.receipts.remove(tag));
            }
        }
    }

    fn held(&self, unit: &UnitId) -> Vec<u8> {
        let mut held = Ranges::default();
        let tags = self.bundles.tags().into_iter().chain(self.receipts.tags());
        for tag in tags.filter(|tag| tag.unit == *unit) {
            held.insert(tag.first, tag.last);
        }
        let held: Vec<_> = held.iter().take(HELD_LEN_MAX).collect();
        serde_json::to_vec(&held).expect("numbers are JSON")
    }

    /// Keeps a bundle on the disk, or says why not.
    async fn keep(&self, bundle: Vec<u8>) -> Vec<u8> {
        let carrying = self.clone();
        let kept = tokio::task::spawn_blocking(move || carrying.shelve(&bundle)).await;
        let why = match kept {
            Ok(Ok(Shelved::Kept | Shelved::Known)) => return Vec::new(),
            Ok(Ok(Shelved::Full)) => "the shelf is full: try again later".to_owned(),
            Ok(Err(why)) => why,
            Err(panic) => panic.to_string(),
        };
        tracing::warn!(why, "a neighbour's bundle was not taken");
        why.into_bytes()
    }

    fn shelve(&self, bundle: &[u8]) -> Result<Shelved, String> {
        let opened = self.notary.open(bundle, system_time()).map_err(|error| error.to_string())?;
        if opened.label.kind != Kind::Frames {
            return Err("it is no bundle of frames".to_owned());
        }
        self.bundles.put(&tag(&opened), bundle).map_err(|error| error.to_string())
    }

    fn receipts_of(&self, unit: &UnitId) -> (Vec<u8>, Vec<ShelfTag>) {
        let tags = self.receipts.tags().into_iter().filter(|tag| tag.unit == *unit);
        let read = |tag: ShelfTag| Some((self.receipts.read(&tag).ok()??, tag));
        let (receipts, mut tags): (Vec<_>, Vec<_>) = tags.filter_map(read).unzip();
        let (answer, n) = join(&receipts);
        tags.truncate(n);
        (answer, tags)
    }

    /// Brings bundles to the centre one after the other, for ever.
    pub(crate) async fn bring(self, uplink: UplinkHandle, mut came: mpsc::Receiver<Vec<u8>>) {
        let mut under_way: Option<(ShelfTag, Instant)> = None;
        loop {
            tokio::select! {
                Some(receipt) = came.recv() => {
                    let carrying = self.clone();
                    let took = tokio::task::spawn_blocking(move || carrying.take_receipt(&receipt));
                    if let Ok(Some(tag)) = took.await {
                        under_way.take_if(|(sent, _)| *sent == tag);
                    }
                }
                () = tokio::time::sleep(LOOK_UP) => {}
            }
            if under_way.as_ref().is_some_and(|(_, at)| at.elapsed() < RECEIPT_WITHIN) {
                continue;
            }
            let after = under_way.take().map(|(tag, _)| tag);
            if let Some((tag, bundle)) = self.next(&uplink, after.as_ref()) {
                uplink.bundle(bundle);
                under_way = Some((tag, Instant::now()));
            }
        }
    }

    /// The bundle to bring next, while the centre is reached: the one after that whose receipt did
    /// not come.
    fn next(&self, uplink: &UplinkHandle, after: Option<&ShelfTag>) -> Option<(ShelfTag, Vec<u8>)> {
        log(self.bundles.clear(system_time()));
        log(self.receipts.clear(system_time()));
        if !uplink.status().is_connected {
            return None;
        }
        let tags = self.bundles.tags();
        let later = tags.iter().find(|tag| after.is_some_and(|after| *tag > after));
        let tag = later.or(tags.first())?;
        let bundle = self.bundles.read(tag).ok()??;
        match forwarded(&bundle) {
            Ok(bundle) => Some((tag.clone(), bundle)),
            Err(error) => {
                tracing::warn!(%error, "a bundle is thrown away");
                log(self.bundles.remove(tag));
                None
            }
        }
    }

    /// Keeps a receipt for its unit; the bundle that it is for has arrived.
    pub(super) fn take_receipt(&self, receipt: &[u8]) -> Option<ShelfTag> {
        let opened = self.notary.open(receipt, system_time());
        let opened = opened.inspect_err(|error| tracing::warn!(%error, "a receipt is no receipt"));
        let receipt_tag = tag(&opened.ok()?);
        let bundle_tag = self.bundles.tags().into_iter().find(|tag| is_about(tag, &receipt_tag))?;
        // The receipt first: who dies between them brings the bundle again.
        match self.receipts.put(&receipt_tag, receipt) {
            Ok(Shelved::Full) => {
                tracing::warn!("no room for a receipt: its bundle is brought again");
            }
            Ok(_) => {
                log(self.bundles.remove(&bundle_tag));
                return Some(bundle_tag);
            }
            Err(error) => tracing::error!(%error, "a receipt is not kept"),
        }
        None
    }
}

fn is_about(bundle: &ShelfTag, receipt: &ShelfTag) -> bool {
    (&bundle.unit, bundle.first, bundle.last) == (&receipt.unit, receipt.first, receipt.last)
}

fn tag(opened: &Opened) -> ShelfTag {
    let (first, last) = match &opened.content {
        Content::Frames(frames) => {
            (frames.first().map(|it| it.seq), frames.last().map(|it| it.seq))
        }
        Content::Receipt(stored) => (stored.first().map(|it| it.0), stored.last().map(|it| it.1)),
    };
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    ShelfTag { unit: opened.label.unit.clone(), first, last, expires: opened.label.expires() }
}

fn log(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::error!(%error, "what is carried for others");
    }
}
