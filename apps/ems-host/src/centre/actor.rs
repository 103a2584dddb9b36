//! The thread that owns the centre.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ems_centre::Centre;
use ems_model::{Frame, Position, Recorded, Request, Timestamp, UnitId};
use ems_store::StoreError;
use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use super::recovery::{self, Timelines};
use super::turn::{InFlight, Turn};
use super::{Ask, CentreError, CentreParts, Health, Shared, StartError};
use crate::view::answer::Ack;
use crate::view::message::StreamMessage;

/// Things that are decided before their events are handed to the log together.
const BATCH_LEN_MAX: usize = 256;
/// How often positions and the time are published.
const BEAT: Duration = Duration::from_secs(1);
/// How often a full disk is looked at again.
const PROBE_EVERY: Duration = Duration::from_millis(200);
/// Failures in a minute after which the program gives up.
const FAILURES_MAX: usize = 3;

/// Why an actor has ended.
enum Ended {
    /// Nobody can ask any more.
    Closed,
    /// Its last events are not durable, so it knows what has not happened.
    NotDurable(StoreError),
}

struct Actor<'a> {
    parts: &'a CentreParts,
    /// How what is done elsewhere comes back.
    asks: &'a mpsc::WeakSender<Ask>,
    shared: &'a Arc<Shared>,
    centre: Centre,
    timelines: Timelines,
    in_flight: Arc<InFlight>,
    /// Why no event can be recorded now.
    full: Option<StoreError>,
    probed_at: Instant,
    /// Units whose position was not published yet.
    moved: BTreeSet<UnitId>,
    next_beat: Instant,
}

pub(super) fn start(
    parts: CentreParts,
    queue: mpsc::Receiver<Ask>,
    asks: mpsc::WeakSender<Ask>,
    shared: Arc<Shared>,
) -> oneshot::Receiver<Result<(), StartError>> {
    let (tell, ended) = oneshot::channel();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a timer needs nothing that the system could refuse");
        let result = runtime.block_on(supervise(&parts, queue, &asks, &shared));
        shared.set_health(Health::Recovering);
        // The log is closed before anybody is told, so that it can be opened again.
        drop(parts);
        drop(tell.send(result));
    };
    std::thread::Builder::new()
        .name("centre".into())
        .spawn(run)
        .expect("a thread starts unless memory is out, which ends the process anyway");
    ended
}

/// Runs centres one after the other: each ends when what it knows is not what the log holds.
async fn supervise(
    parts: &CentreParts,
    mut queue: mpsc::Receiver<Ask>,
    asks: &mpsc::WeakSender<Ask>,
    shared: &Arc<Shared>,
) -> Result<(), StartError> {
    let mut full = None;
    let mut failures: Vec<Instant> = Vec::new();
    loop {
        let (centre, timelines) = recovery::read(parts)?;
        let mut actor = Actor::new(parts, asks, shared, centre, timelines, full.take());
        let in_flight = Arc::clone(&actor.in_flight);
        let ended = AssertUnwindSafe(actor.run(&mut queue)).catch_unwind().await;
        shared.set_health(Health::Recovering);
        while !in_flight.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match ended {
            Ok(Ended::Closed) => return Ok(()),
            Ok(Ended::NotDurable(StoreError::Closed)) => return Err(StoreError::Closed.into()),
            Ok(Ended::NotDurable(error)) => {
                tracing::error!(%error, "the event log takes nothing; commands are refused");
                full = Some(error);
            }
            Err(_panic) => note_failure(&mut failures)?,
        }
        shared.metrics.rebuilds.inc();
    }
}

fn note_failure(failures: &mut Vec<Instant>) -> Result<(), StartError> {
    failures.retain(|at| at.elapsed() < Duration::from_mins(1));
    failures.push(Instant::now());
    let n_failures = failures.len();
    tracing::error!(n_failures, "the centre failed and is read from its log again");
    if n_failures > FAILURES_MAX { Err(StartError::KeepsFailing { n_failures }) } else { Ok(()) }
}

impl<'a> Actor<'a> {
    fn new(
        parts: &'a CentreParts,
        asks: &'a mpsc::WeakSender<Ask>,
        shared: &'a Arc<Shared>,
        centre: Centre,
        timelines: Timelines,
        full: Option<StoreError>,
    ) -> Self {
        shared.hub.start_at(centre.seq());
        shared.set_health(if full.is_some() { Health::Full } else { Health::Ready });
        let now = Instant::now();
        Self {
            parts,
            asks,
            shared,
            centre,
            timelines,
            in_flight: Arc::default(),
            full,
            probed_at: now,
            moved: BTreeSet::new(),
            next_beat: now,
        }
    }

    async fn run(&mut self, queue: &mut mpsc::Receiver<Ask>) -> Ended {
        let mut batch = Vec::with_capacity(BATCH_LEN_MAX);
        loop {
            tokio::select! {
                biased;
                n_asks = queue.recv_many(&mut batch, BATCH_LEN_MAX) => if n_asks == 0 {
                    return Ended::Closed;
                },
                () = tokio::time::sleep(self.rest()) => {}
            }
            if let Some(error) = self.in_flight.failure() {
                for ask in batch {
                    ask.refuse(&error);
                }
                return Ended::NotDurable(error);
            }
            self.take_turn(batch.drain(..));
        }
    }

    /// How long there is nothing to do of itself.
    fn rest(&self) -> Duration {
        let beat = self.next_beat.saturating_duration_since(Instant::now());
        let wake = self.centre.next_wake().filter(|_| self.full.is_none());
        wake.map_or(beat, |(at, _)| beat.min(self.parts.clock.until(at)))
    }

    fn take_turn(&mut self, batch: impl Iterator<Item = Ask>) {
        let mut turn = Turn::default();
        let mut positions = BTreeMap::new();
        for ask in batch {
            match ask {
                Ask::Positions(newer) => {
                    let newer =
                        newer.into_iter().map(|(unit, at, position)| (unit, (at, position)));
                    positions.extend(newer);
                }
                other => self.take(other, &mut turn),
            }
        }
        if self.full.is_none() {
            self.take_positions(positions, &mut turn);
            let events = self.centre.on_wake(self.parts.clock.now());
            self.note(events, &mut turn);
            self.lay_anew();
            self.survey();
        }
        turn.settle(self.parts.log.as_ref(), &self.in_flight);
        self.beat();
    }

    fn take(&mut self, ask: Ask, turn: &mut Turn) {
        match ask {
            Ask::Command(request, answer) => self.take_command(&request, answer, turn),
            Ask::Look(look) => {
                turn.deliveries.push(look(&self.centre, self.parts.clock.now()));
            }
            Ask::Timeline(incident, answer) => {
                let seqs = self.timelines.of(incident);
                turn.deliveries.push(Box::new(move |durable| {
                    let answered = durable.map(|()| seqs).map_err(not_durable);
                    drop(answer.send(answered));
                }));
            }
            Ask::Alarms(frames, answer) => self.take_alarms(&frames, answer, turn),
            Ask::Frames(frames) => {
                let now = self.parts.clock.now();
                for frame in &frames {
                    let events = self.centre.on_frame(now, frame);
                    self.note(events, turn);
                }
            }
            Ask::Traffic(traffic, answer) => {
                self.centre.take_traffic(*traffic);
                self.tell_traffic();
                // Who applied it may have gone.
                let _ = answer.send(());
            }
            Ask::Relaid(relaid) => {
                self.centre.take_relaid(*relaid);
                self.tell_traffic();
            }
            Ask::Surveyed(surveyed) => {
                self.centre.take_surveyed(*surveyed);
                self.tell_traffic();
            }
            Ask::Positions(_) => unreachable!("positions are gathered before"),
        }
    }

    fn take_command(
        &mut self,
        request: &Request,
        answer: oneshot::Sender<Result<Ack, CentreError>>,
        turn: &mut Turn,
    ) {
        if let Some(error) = self.still_full() {
            drop(answer.send(Err(CentreError::NotDurable(error))));
            return;
        }
        let decided = match self.centre.handle(self.parts.clock.now(), request) {
            Ok(accepted) => {
                let ack = Ack::from(&accepted);
                self.note(accepted.events, turn);
                Ok(ack)
            }
            Err(rejection) => Err(CentreError::Rejected(rejection)),
        };
        turn.deliveries.push(Box::new(move |durable| {
            drop(answer.send(durable.map_err(not_durable).and(decided)));
        }));
    }

    fn take_alarms(
        &mut self,
        frames: &[Frame],
        answer: oneshot::Sender<Result<(), CentreError>>,
        turn: &mut Turn,
    ) {
        if let Some(error) = self.still_full() {
            drop(answer.send(Err(CentreError::NotDurable(error))));
            return;
        }
        for frame in frames {
            let events = self.centre.on_frame(self.parts.clock.now(), frame);
            self.note(events, turn);
        }
        turn.deliveries.push(Box::new(move |durable| {
            drop(answer.send(durable.map_err(not_durable)));
        }));
    }

    fn take_positions(
        &mut self,
        positions: BTreeMap<UnitId, (Timestamp, Position)>,
        turn: &mut Turn,
    ) {
        let now = self.parts.clock.now();
        self.shared.metrics.positions.inc_by(positions.len() as u64);
        for (unit, (at, position)) in positions {
            match self.centre.on_position(now, &unit, at, position) {
                Ok(events) => {
                    self.note(events, turn);
                    self.moved.insert(unit);
                }
                Err(rejection) => tracing::debug!(%unit, %rejection, "a position was not taken"),
            }
        }
    }

    /// Has traffic of which some has ended laid anew, on a thread of its own.
    fn lay_anew(&mut self) {
        let Some(relay) = self.centre.poll_relay() else { return };
        self.aside(move |now| Ask::Relaid(Box::new(relay.run(now))));
    }

    /// Has what units drove of late matched to the roads, on a thread of its own.
    fn survey(&mut self) {
        let Some(survey) = self.centre.poll_survey(self.parts.clock.now()) else { return };
        self.aside(move |now| Ask::Surveyed(Box::new(survey.run(now))));
    }

    /// Does work about roads on a thread of its own, and has its outcome taken.
    fn aside(&self, work: impl FnOnce(Timestamp) -> Ask + Send + 'static) {
        let (asks, clock) = (self.asks.clone(), self.parts.clock.clone());
        tokio::task::spawn_blocking(move || {
            let outcome = work(clock.now());
            if let Some(asks) = asks.upgrade() {
                // A centre that has ended needs no roads.
                let _ = asks.blocking_send(outcome);
            }
        });
    }

    /// Tells the screens that the roads have changed.
    fn tell_traffic(&self) {
        let (now, summary) = (self.parts.clock.now(), self.centre.traffic().summary());
        tracing::info!(n_arcs = summary.n_arcs, n_closed = summary.n_closed, "traffic");
        self.shared.metrics.on_traffic(now, &summary);
        self.shared.hub.publish(&StreamMessage::Traffic { now, traffic: summary.into() });
    }

    /// Takes new events into the turn, to be published when they are durable.
    fn note(&mut self, events: Vec<Recorded>, turn: &mut Turn) {
        for recorded in events {
            self.timelines.note(&recorded);
            let text = StreamMessage::event(&self.centre, &recorded).to_json();
            let (shared, seq) = (Arc::clone(self.shared), recorded.seq);
            turn.deliveries.push(Box::new(move |durable| {
                if durable.is_ok() {
                    shared.metrics.seq.set(seq.cast_signed());
                    shared.hub.publish_event(seq, text);
                }
            }));
            turn.events.push(recorded);
        }
    }

    /// Publishes what moved and the time, once a second.
    fn beat(&mut self) {
        let instant = Instant::now();
        if instant < self.next_beat {
            return;
        }
        self.next_beat = instant + BEAT;
        self.still_full();
        let now = self.parts.clock.now();
        let moved = std::mem::take(&mut self.moved);
        let positions = moved.iter().filter_map(|unit| {
            let fix = self.centre.fix(unit)?;
            Some((unit, fix.position.lat(), fix.position.lon(), fix.at))
        });
        let positions: Vec<_> = positions.collect();
        let hub = &self.shared.hub;
        if !positions.is_empty() {
            hub.publish(&StreamMessage::Positions { now, positions });
        }
        hub.publish(&StreamMessage::Tick { now, seq: hub.durable_seq() });
        self.shared.metrics.on_traffic(now, &self.centre.traffic().summary());
        let n_bytes = i64::try_from(self.parts.log.n_bytes()).unwrap_or(i64::MAX);
        self.shared.metrics.log_bytes.set(n_bytes);
    }

    /// Why no event can be recorded, after looking again whether that is still so.
    fn still_full(&mut self) -> Option<StoreError> {
        let error = self.full.clone()?;
        if self.probed_at.elapsed() < PROBE_EVERY {
            return Some(error);
        }
        self.probed_at = Instant::now();
        let (answer, wait) = std::sync::mpsc::channel();
        self.parts.log.probe(Box::new(move |result| drop(answer.send(result))));
        if let Ok(Ok(())) = wait.recv() {
            tracing::info!("the event log has room again; commands are taken");
            self.full = None;
            self.shared.set_health(Health::Ready);
        }
        self.full.clone()
    }
}

impl Ask {
    /// Answers what was asked of a centre that has just been thrown away.
    fn refuse(self, error: &StoreError) {
        match self {
            Self::Command(_, answer) => drop(answer.send(Err(not_durable(error)))),
            Self::Alarms(_, answer) => drop(answer.send(Err(not_durable(error)))),
            Self::Timeline(_, answer) => drop(answer.send(Err(CentreError::Recovering))),
            // A dropped look is answered as recovering; frames and positions go on by themselves.
            // Traffic is read from its store by the next centre.
            Self::Look(_)
            | Self::Frames(_)
            | Self::Positions(_)
            | Self::Traffic(..)
            | Self::Relaid(_)
            | Self::Surveyed(_) => {}
        }
    }
}

fn not_durable(error: &StoreError) -> CentreError {
    CentreError::NotDurable(error.clone())
}
