//! The centre's HTTP server: `docs/api.md`.

pub(crate) mod assets;
pub(crate) mod bundles;
mod commands;
pub(crate) mod coverage;
mod ecg;
mod error;
pub(crate) mod guard;
mod input;
pub(crate) mod intake;
mod major;
mod openapi;
mod outlook;
pub(crate) mod photos;
mod queries;
mod replay;
mod reporter;
mod stream;
mod tiles;
mod traffic;
mod unreachable;
mod uplink;

use std::net::{SocketAddr, UdpSocket};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use ems_centre::City;
use ems_dispatch::Reference;
use ems_store::pack::CityPack;
use ems_store::{EventLog, Photos, Telemetry};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tower_http::compression::CompressionLayer;

use crate::centre::{CentreHandle, CentreParts, StartError};
use crate::clock::Clock;
use crate::courier::{self, Peers};
use crate::link::{CertificateError, Credentials, UplinkPort};
use crate::relay::Notary;

use coverage::CoverageDesk;
use error::ApiError;
use replay::ReplayDesk;
use reporter::Reporter;
use traffic::TrafficDesk;
use uplink::Carriers;

/// How long calls that run are waited for when the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// How long a killed program may hold on to its address.
const RELEASE_WITHIN: Duration = Duration::from_secs(2);

/// What a server is made of.
#[derive(Debug)]
pub struct ServerParts {
    /// The centre and its log.
    pub centre: CentreParts,
    /// Where frames are stored.
    pub telemetry: Arc<Telemetry>,
    /// Where photos are kept.
    pub photos: Photos,
    /// The pack with the map's tiles; without it the map is empty.
    pub tiles: Option<Arc<CityPack>>,
    /// How long it waits for others.
    pub patience: Patience,
}

/// How long a server waits for those who do not read or do not speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// A screen that takes longer to read one message is cut off; 10 s by default.
    pub screen_reads_within: Duration,
    /// A screen that is more messages behind is cut off, 1 or more; 16,384 by default.
    pub screen_behind_max: usize,
    /// A gateway is asked so often whether it is there; 3 s by default.
    pub gateway_ping_every: Duration,
    /// A gateway that is silent for longer is gone; 12 s by default.
    pub gateway_silence_max: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            screen_reads_within: Duration::from_secs(10),
            screen_behind_max: 16_384,
            gateway_ping_every: Duration::from_secs(3),
            gateway_silence_max: Duration::from_secs(12),
        }
    }
}

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program listens there.
    #[error("{listen} is in use by another program: stop it, or give another --listen")]
    InUse {
        /// The address.
        listen: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}: give --listen as ADDRESS:PORT of this machine")]
    Bad {
        /// The address.
        listen: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What every call sees. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<AppInner>);

#[derive(Debug)]
pub(crate) struct AppInner {
    pub(crate) centre: CentreHandle,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) photos: Photos,
    pub(crate) tiles: Option<Arc<CityPack>>,
    pub(crate) reference: Arc<Reference>,
    pub(crate) city: Arc<City>,
    pub(crate) traffic: TrafficDesk,
    pub(crate) coverage: CoverageDesk,
    pub(crate) clock: Clock,
    pub(crate) patience: Patience,
    pub(crate) carriers: Carriers,
    pub(crate) reporter: Reporter,
    pub(crate) replay: ReplayDesk,
    /// Checks bundles and signs receipts; there is none before [`Server::hear_links`].
    pub(crate) notary: OnceLock<Notary>,
    pub(crate) shutdown: watch::Receiver<bool>,
}

impl Deref for App {
    type Target = AppInner;
    fn deref(&self) -> &AppInner {
        &self.0
    }
}

impl App {
    /// Runs what waits for a disk off the threads that serve.
    pub(crate) async fn read<T: Send + 'static, E: Into<ReadError> + Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError> {
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(failed(&error.into().0)),
            Err(panic) => Err(failed(&panic.to_string())),
        }
    }
}

/// The text of a store's or pack's error.
pub(crate) struct ReadError(String);

impl<E: std::error::Error> From<E> for ReadError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

fn failed(message: &str) -> ApiError {
    tracing::error!(error = message, "a read failed");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", message)
}

/// Ends when the server is to stop.
pub(crate) async fn stopped(mut shutdown: watch::Receiver<bool>) {
    // A sender that is gone stops the server too.
    drop(shutdown.wait_for(|is_ending| *is_ending).await);
}

/// Listens on an address such as `127.0.0.1:8080`; port 0 takes a free one. An address in use is
/// tried for [`RELEASE_WITHIN`]: a program that was just killed may still hold it.
pub async fn listen(listen: &str) -> Result<TcpListener, ListenError> {
    let start = Instant::now();
    loop {
        let source = match TcpListener::bind(listen).await {
            Ok(listener) => return Ok(listener),
            Err(source) => source,
        };
        let is_in_use = source.kind() == std::io::ErrorKind::AddrInUse;
        let listen = listen.to_owned();
        if !is_in_use {
            return Err(ListenError::Bad { listen, source });
        }
        if start.elapsed() >= RELEASE_WITHIN {
            return Err(ListenError::InUse { listen });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A running centre with its server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    http: JoinHandle<std::io::Result<()>>,
    handle: CentreHandle,
    app: App,
    /// How the centre ended; `None` once that was told.
    centre: Option<oneshot::Receiver<Result<(), StartError>>>,
}

impl Server {
    /// Starts the centre and answers calls. Until the log is read, calls are answered 503.
    pub fn start(parts: ServerParts, listener: TcpListener) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, shutdown) = watch::channel(false);
        let reference = Arc::clone(&parts.centre.config.reference);
        let (log, clock) = (Arc::clone(&parts.centre.log), parts.centre.clock.clone());
        let city = Arc::clone(&parts.centre.city);
        let traffic = TrafficDesk::new(Arc::clone(&parts.centre.traffic));
        let patience = parts.patience;
        let (centre_handle, centre) =
            CentreHandle::start(parts.centre, patience.screen_behind_max.max(1));
        let handle = centre_handle.clone();
        let app = App(Arc::new(AppInner {
            centre: centre_handle,
            log,
            telemetry: parts.telemetry,
            photos: parts.photos,
            tiles: parts.tiles,
            reference,
            city,
            traffic,
            coverage: CoverageDesk::new(),
            clock,
            patience,
            carriers: Carriers::default(),
            reporter: Reporter::default(),
            replay: ReplayDesk::default(),
            notary: OnceLock::new(),
            shutdown: shutdown.clone(),
        }));
        tokio::spawn(coverage::keep_up(app.clone()));
        let service = router(app.clone());
        let http = tokio::spawn(async move {
            axum::serve(listener, service).with_graceful_shutdown(stopped(shutdown)).await
        });
        Ok(Self { address, stop, http, handle, app, centre: Some(centre) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hears units' links on a UDP socket until the server stops, and takes bundles from now on.
    ///
    /// # Errors
    /// If the credentials cannot be used, or the socket cannot.
    pub fn hear_links(
        &self,
        socket: UdpSocket,
        credentials: Credentials,
    ) -> Result<UplinkPort, CertificateError> {
        // Who listens on two ports has one certificate.
        let _ = self.app.notary.set(Notary::of(&credentials)?);
        UplinkPort::listen(self.app.clone(), socket, credentials)
    }

    /// Carries messages of mutual aid to and from these centres until the server stops.
    pub fn carry_aid(&self, peers: Peers) {
        tokio::spawn(courier::carry(self.handle.clone(), peers, self.stop.subscribe()));
    }

    /// Waits until the centre ends by itself, which it does only for a reason.
    pub async fn failed(&mut self) -> StartError {
        let Some(centre) = &mut self.centre else { return std::future::pending().await };
        let ended = centre.await;
        self.centre = None;
        match ended {
            Ok(Err(error)) => error,
            // The centre ends well only when nobody can ask it, and its thread always answers.
            Ok(Ok(())) | Err(_) => StartError::Store(ems_store::StoreError::Closed),
        }
    }

    /// Stops taking calls, tells the screens, finishes what runs and closes the stores.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let abort = self.http.abort_handle();
        if tokio::time::timeout(STOP_WITHIN, self.http).await.is_err() {
            abort.abort();
        }
        // The centre ends when the last call has let go of it.
        drop((self.handle, self.app));
        if let Some(centre) = self.centre {
            let _ = tokio::time::timeout(STOP_WITHIN, centre).await;
        }
    }
}

fn router(app: App) -> Router {
    let photo_limit = DefaultBodyLimit::max(photos::PHOTO_BYTES_MAX);
    let csv_limit = DefaultBodyLimit::max(traffic::TRAFFIC_BYTES_MAX);
    Router::new()
        .route("/healthz", get(queries::health))
        .route("/metrics", get(queries::metrics))
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/state", get(queries::state))
        .route("/api/stream", get(stream::stream))
        .route("/api/reference", get(queries::reference))
        .route("/api/policies", get(queries::policies))
        .route("/api/triage", post(commands::triage))
        .route("/api/commands", post(commands::command))
        .route("/api/incidents/{id}/recommendation", get(queries::recommendation))
        .route("/api/incidents/{id}/timeline", get(queries::timeline))
        .route("/api/incidents/{id}/line-up", get(queries::line_up))
        .route("/api/incidents/{id}/major", get(major::major))
        .route("/api/aid", get(major::aid))
        .route("/api/units/{id}/route", get(queries::route))
        .route("/api/units/{id}/outlook", get(outlook::outlook))
        .route("/api/units/{id}/vitals", get(queries::vitals))
        .route("/api/units/{id}/gaps", get(queries::gaps))
        .route("/api/frames", get(queries::frames))
        .route("/api/uplink", get(uplink::uplink))
        .route("/api/report", get(queries::report))
        .route("/api/traffic", get(traffic::show).post(traffic::apply).layer(csv_limit))
        .route("/api/coverage", get(coverage::show))
        .route("/api/tiles/{z}/{x}/{y}", get(tiles::tile))
        .route("/api/replay", get(replay::show).post(replay::start).delete(replay::stop))
        .route("/api/replay/{incident}/ways", get(replay::ways))
        .route("/api/incidents/{id}/ecg", get(ecg::report))
        .route("/api/photos", post(photos::keep).layer(photo_limit))
        .route("/api/photos/{id}", get(photos::show))
        .route("/api/bundles", post(bundles::post))
        .fallback(assets::fallback)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(input::BODY_BYTES_MAX))
        .layer(CompressionLayer::new())
        .layer(axum::middleware::from_fn(guard::guard))
        .with_state(app)
}

async fn not_allowed() -> ApiError {
    let message = "this call does not take that method: see /api/openapi.json";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "not_allowed", message)
}
