//! The centre with its log around it: what is answered is durable.
//!
//! One thread owns the [`Centre`]. It takes what waits, lets the centre decide, and hands all new
//! events to the log in one append; answers and publications wait for that append. Meanwhile it
//! goes on deciding. If an append fails, the centre is thrown away and read from the log again.

mod actor;
mod recovery;
mod turn;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ems_centre::{Centre, CentreConfig, City, CityTraffic, Rejection, Relaid, Surveyed};
use ems_model::{Frame, IncidentId, Position, Request, Timestamp, UnitId};
use ems_store::{EventLog, StoreError, TrafficStore};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::view::answer::Ack;

/// Things asked of the centre that may wait; who asks more waits for room.
const WAITING_MAX: usize = 4096;

/// What a centre is started with.
#[derive(Debug)]
pub struct CentreParts {
    /// Cards, pathways, policy and scheme.
    pub config: CentreConfig,
    /// The city it serves.
    pub city: Arc<City>,
    /// Its log.
    pub log: Arc<dyn EventLog>,
    /// The live traffic that was applied to it.
    pub traffic: Arc<TrafficStore>,
    /// Its clock.
    pub clock: Clock,
}

/// Why the centre did not do or tell what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CentreError {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("{0}; nothing has happened")]
    NotDurable(StoreError),
    #[error("the centre is reading its log: try again in a second")]
    Recovering,
}

/// How the centre is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Health {
    Recovering,
    Ready,
    Full,
}

/// How others reach the centre. Clones reach the same one.
#[derive(Clone)]
pub(crate) struct CentreHandle {
    asks: mpsc::Sender<Ask>,
    shared: Arc<Shared>,
}

impl fmt::Debug for CentreHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CentreHandle").field("health", &self.health()).finish_non_exhaustive()
    }
}

/// What the actor and its handles both see.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) metrics: Metrics,
    health: AtomicU8,
}

/// Runs when it is certain that what the centre had decided before is durable, or is not.
type Delivery = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;
/// Looks at the centre and gives the answer's delivery.
type Look = Box<dyn FnOnce(&Centre, Timestamp) -> Delivery + Send>;

/// What is asked of the actor.
enum Ask {
    Command(Box<Request>, oneshot::Sender<Result<Ack, CentreError>>),
    Look(Look),
    Positions(Vec<(UnitId, Timestamp, Position)>),
    Alarms(Vec<Frame>, oneshot::Sender<Result<(), CentreError>>),
    Frames(Vec<Frame>),
    Timeline(IncidentId, oneshot::Sender<Result<Vec<u64>, CentreError>>),
    Traffic(Box<CityTraffic>, oneshot::Sender<()>),
    Relaid(Box<Relaid>),
    Surveyed(Box<Surveyed>),
}

impl Shared {
    fn new(behind_max: usize) -> Self {
        let health = AtomicU8::new(Health::Recovering as u8);
        Self { hub: Hub::new(behind_max), metrics: Metrics::default(), health }
    }

    fn set_health(&self, health: Health) {
        self.health.store(health as u8, Ordering::Release);
    }
}

impl CentreHandle {
    /// Starts the centre's thread, which first reads the log; screens may be `behind_max` messages
    /// behind. The receiver tells how it ended.
    pub(crate) fn start(
        parts: CentreParts,
        behind_max: usize,
    ) -> (Self, oneshot::Receiver<Result<(), StartError>>) {
        let (asks, queue) = mpsc::channel(WAITING_MAX);
        let shared = Arc::new(Shared::new(behind_max));
        let ended = actor::start(parts, queue, asks.downgrade(), Arc::clone(&shared));
        (Self { asks, shared }, ended)
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.shared.hub
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    pub(crate) fn health(&self) -> Health {
        match self.shared.health.load(Ordering::Acquire) {
            0 => Health::Recovering,
            1 => Health::Ready,
            _ => Health::Full,
        }
    }

    /// Asks for a command; the answer comes when it is durable.
    pub(crate) async fn command(&self, request: Request) -> Result<Ack, CentreError> {
        self.ask(|answer| Ask::Command(Box::new(request), answer)).await?
    }

    /// Looks at the centre; the answer comes when all that it shows is durable.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Centre, Timestamp) -> T + Send + 'static,
    ) -> Result<T, CentreError> {
        let ask = |answer: oneshot::Sender<Result<T, CentreError>>| {
            Ask::Look(Box::new(move |centre, now| {
                let seen = look(centre, now);
                Box::new(move |durable| {
                    let answered = durable.map(|()| seen);
                    // Who asked may have gone.
                    drop(answer.send(answered.map_err(|e| CentreError::NotDurable(e.clone()))));
                })
            }))
        };
        self.ask(ask).await?
    }

    /// The numbers of an incident's events; empty if there is no such incident.
    pub(crate) async fn timeline(&self, incident: IncidentId) -> Result<Vec<u64>, CentreError> {
        self.ask(|answer| Ask::Timeline(incident, answer)).await?
    }

    /// Drives under other traffic; the answer comes when every later question is answered by it.
    pub(crate) async fn take_traffic(&self, traffic: CityTraffic) -> Result<(), CentreError> {
        self.ask(|answer| Ask::Traffic(Box::new(traffic), answer)).await
    }

    /// Tells where units are. Not waited for; a position that finds no room is the next one's loss.
    pub(crate) fn positions(&self, positions: Vec<(UnitId, Timestamp, Position)>) {
        // The next position comes in a second.
        let _ = self.asks.try_send(Ask::Positions(positions));
    }

    /// Makes alarms into events; the answer comes when they are durable.
    pub(crate) async fn alarms(&self, frames: Vec<Frame>) -> Result<(), CentreError> {
        self.ask(|answer| Ask::Alarms(frames, answer)).await?
    }

    /// Shows frames that are durable.
    pub(crate) async fn frames(&self, frames: Vec<Frame>) {
        // A centre that has ended shows nothing.
        let _ = self.asks.send(Ask::Frames(frames)).await;
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, CentreError> {
        if self.health() == Health::Recovering {
            return Err(CentreError::Recovering);
        }
        let (answer, wait) = oneshot::channel();
        self.asks.send(ask(answer)).await.map_err(|_| CentreError::Recovering)?;
        wait.await.map_err(|_| CentreError::Recovering)
    }
}

/// Why a centre could not read its log.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not fit this city or program.
    #[error(
        "the event log cannot be replayed: {0}: give the --city and --data that belong together"
    )]
    Replay(#[from] ems_centre::ReplayError),
    /// It failed again and again.
    #[error(
        "the centre failed {n_failures} times in a minute; the last events are kept: report the log's panic messages"
    )]
    KeepsFailing {
        /// How often.
        n_failures: usize,
    },
}
