//! A whole service on one thread in virtual time: the centre, the city, a gateway and an uplink a
//! unit, and what goes wrong between them.
//!
//! The roles are the very ones that run live; only sockets, disks and clocks are simulated. The
//! promises are checked while it runs: no unit on two incidents, no acknowledged command or frame
//! lost or doubled, no task moved without a reason, the log whole and equal to the state.

mod ambulance;
mod arrivals;
mod checks;
mod error;
mod faults;
mod network;
mod plan;
mod queue;
mod server;
mod summary;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use ems_centre::{Centre, CentreConfig, City as Pack, ReplayError};
use ems_model::{Millis, Phase, Position, Timestamp, UnitId};
use ems_uplink::Ranges;
use rand_pcg::Pcg64Mcg;

pub use arrivals::ArrivalErrors;
pub use error::SimulationError;
pub use plan::{Faults, SimulationPlan, UnknownFaults};
pub use summary::{FaultCounts, Summary, Traced};

use crate::chance::{Purpose, stream};
use crate::city::{Advice, City, Output};
use ambulance::Ambulance;
use checks::{Broken, FrameCheck, LogCheck};
use queue::{Armed, Happening, Queue};
use server::{Process, Server};
use summary::Scribe;

/// How far a simulation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Virtual time that has passed.
    pub elapsed: Millis,
    /// Virtual time in all.
    pub span: Millis,
    /// Calls taken so far.
    pub n_calls: u64,
    /// Events recorded so far.
    pub n_events: u64,
}

/// Promises about the whole state are checked this often.
const CHECK: Millis = Millis::from_mins(1);
/// The disk takes what is pending within this long, milliseconds.
const COMMIT_MS: (i64, i64) = (2, 9);
/// After the end all links stand, and what is under way may take this long to arrive.
const DRAIN: Millis = Millis::from_mins(15);

/// A simulation.
#[derive(Debug)]
pub struct Simulation {
    plan: SimulationPlan,
    now: Timestamp,
    queue: Queue,
    server: Server,
    city: City,
    ambulances: Vec<Ambulance>,
    of_unit: BTreeMap<UnitId, usize>,
    city_armed: Armed,
    centre_armed: Armed,
    /// The public stream has told the city this many events.
    n_told: usize,
    is_crash_armed: bool,
    /// The process that crashed with nothing pending, for comparison with the next.
    crashed: Option<Box<Process>>,
    /// After the end nothing goes wrong any more, and the city rests.
    is_draining: bool,
    delays: Pcg64Mcg,
    faults: Pcg64Mcg,
    log_check: LogCheck,
    frame_check: FrameCheck,
    scribe: Scribe,
}

type Kept = Result<(), Broken>;

impl Simulation {
    /// A simulation that has not begun.
    pub fn new(
        plan: SimulationPlan,
        pack: Arc<Pack>,
        centre: CentreConfig,
    ) -> Result<Self, SimulationError> {
        let seed = plan.city.seed;
        let reference = Arc::clone(&centre.reference);
        let city = City::new(plan.city.clone(), Arc::clone(&pack), reference)?;
        let units: Vec<_> = city.units().cloned().collect();
        let ambulance = |(idx, unit): (u64, &UnitId)| {
            let delays = stream(seed, Purpose::Delay, idx);
            Ambulance::new(unit.clone(), delays, stream(seed, Purpose::Fault, idx))
        };
        let mut simulation = Self {
            now: plan.city.start,
            queue: Queue::default(),
            server: Server::new(centre, pack, plan.city.start),
            city,
            ambulances: (1..).zip(&units).map(ambulance).collect(),
            of_unit: units.into_iter().zip(0..).collect(),
            city_armed: Armed::default(),
            centre_armed: Armed::default(),
            n_told: 0,
            is_crash_armed: false,
            crashed: None,
            is_draining: false,
            delays: stream(seed, Purpose::Delay, 0),
            faults: stream(seed, Purpose::Fault, 0),
            log_check: LogCheck::default(),
            frame_check: FrameCheck::default(),
            scribe: Scribe::default(),
            plan,
        };
        simulation.plan_first();
        Ok(simulation)
    }

    /// Runs to the end. Each durable event goes to `log` as a line of JSON; `progress` is told
    /// about once a virtual minute.
    ///
    /// What counts as wrong ends the run with [`SimulationError::Broken`].
    pub fn run(
        mut self,
        log: &mut dyn io::Write,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Summary, SimulationError> {
        let end = self.plan.city.start + self.plan.span;
        self.run_until(end, log, progress)?;
        self.now = end;
        self.drain();
        self.run_until(end + DRAIN, log, progress)?;
        let whole = self.check_end();
        whole.map_err(|broken| self.error(broken))?;
        log.flush()?;
        Ok(self.scribe.into_summary(self.plan.span))
    }

    fn run_until(
        &mut self,
        end: Timestamp,
        log: &mut dyn io::Write,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), SimulationError> {
        while self.queue.next_at().is_some_and(|at| at < end) && !self.is_drained() {
            let Some((at, happening)) = self.queue.pop() else { break };
            assert!(at >= self.now, "time does not run backwards");
            self.now = at;
            if matches!(happening, Happening::Check) && !self.is_draining {
                progress(self.progress());
            }
            let n_written = self.server.disk.log.len();
            let kept = self.happen(happening).and_then(|()| self.check_log(n_written));
            for recorded in &self.server.disk.log[n_written..] {
                self.scribe.write(recorded, log)?;
            }
            kept.map_err(|broken| self.error(broken))?;
        }
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Kept {
        let now = self.now;
        match happening {
            Happening::City if self.city_armed.take(now) && !self.is_draining => {
                self.city.on_wake(now);
                self.after_city();
            }
            Happening::Centre if self.centre_armed.take(now) => {
                self.server.on_wake(now);
                self.after_centre();
            }
            Happening::Gateway(unit) => self.wake_gateway(unit),
            Happening::Request(request) => self.on_request(&request),
            Happening::Answer { key, answer } => self.on_answer(&key, answer)?,
            Happening::Ask(incident) => self.on_ask(incident),
            Happening::Advice { incident, answer } => {
                let advice = answer.as_ref().as_ref().map(Advice::from).map_err(|code| *code);
                self.city.on_recommendation(now, incident, advice);
                self.after_city();
            }
            Happening::Commit { life } if life == self.server.life => self.commit()?,
            Happening::Stream { life } if life == self.server.life => self.tell_city(),
            Happening::City
            | Happening::Centre
            | Happening::Commit { .. }
            | Happening::Stream { .. } => {}
            Happening::Up { unit, connection, message } => self.on_up(unit, connection, *message),
            Happening::Down { unit, connection, message } => {
                self.on_down(unit, connection, *message)?;
            }
            Happening::Connect(unit) => self.connect(unit),
            Happening::Check => self.check()?,
            fault => self.strike(&fault)?,
        }
        Ok(())
    }

    fn plan_first(&mut self) {
        let start = self.now;
        for unit in 0..self.ambulances.len() {
            self.queue.plan(start, Happening::Connect(unit));
        }
        self.queue.plan(start + CHECK, Happening::Check);
        self.plan_faults();
        self.after_city();
    }

    /// Hands on what the city wants, and plans its next wake.
    fn after_city(&mut self) {
        let now = self.now;
        while let Some(output) = self.city.poll_output() {
            match output {
                Output::Command(request) => self.send_request(Happening::Request(request.into())),
                Output::AskRecommendation(incident) => self.send_request(Happening::Ask(incident)),
                Output::Position { unit, at, position } => {
                    if self.plan.keeps_traces {
                        self.trace(&unit, at, position);
                    }
                    self.send_position(&unit, at, position);
                }
                Output::Reading { unit, reading } => {
                    let idx = self.of_unit[&unit];
                    self.ambulances[idx].on_reading(now, reading);
                    self.pump(idx);
                }
                Output::Ecg { unit, chunk } => {
                    let idx = self.of_unit[&unit];
                    self.ambulances[idx].on_ecg(now, chunk);
                    self.pump(idx);
                }
                Output::Assignment { unit, incident } => {
                    let idx = self.of_unit[&unit];
                    self.ambulances[idx].on_assignment(now, incident);
                    self.pump(idx);
                }
            }
        }
        let wake = self.city.next_wake().map(|(at, _)| at);
        self.city_armed.arm(&mut self.queue, now, wake, Happening::City);
    }

    /// Notes where a unit is, if the centre knows it on its way.
    fn trace(&mut self, unit: &UnitId, at: Timestamp, position: Position) {
        let Some(process) = &self.server.process else { return };
        let phase = process.centre.ledger().unit(unit).and_then(|record| record.unit.phase());
        if matches!(phase, Some(Phase::EnRoute | Phase::Transporting)) {
            self.scribe.traces.push(Traced { unit: unit.clone(), at, position });
        }
    }

    /// Plans that the disk takes what the centre recorded, and its next wake.
    fn after_centre(&mut self) {
        let (now, life) = (self.now, self.server.life);
        let Some(process) = &mut self.server.process else { return };
        let wake = process.centre.next_wake().map(|(at, _)| at);
        self.centre_armed.arm(&mut self.queue, now, wake, Happening::Centre);
        if !process.pending.is_empty() && !process.is_committing {
            process.is_committing = true;
            let takes = faults::between(COMMIT_MS, &mut self.delays);
            self.queue.plan(now + takes, Happening::Commit { life });
            if std::mem::take(&mut self.is_crash_armed) {
                self.queue.plan(now + Millis::new(1), Happening::CentreCrash);
            }
        }
    }

    /// The disk has taken what was pending: now it may be told.
    fn commit(&mut self) -> Kept {
        let committed = self.server.commit();
        for (unit, seq) in &committed.pending.frames {
            self.frame_check.on_stored(unit, *seq)?;
            self.scribe.n_frames += 1;
        }
        for ack in committed.acks {
            self.send_down(ack)?;
        }
        for (key, seq) in committed.pending.answers {
            self.send_answer(key, Ok(seq));
        }
        if !committed.pending.events.is_empty() {
            self.plan_stream();
        }
        Ok(())
    }

    fn tell_city(&mut self) {
        let now = self.now;
        let told = self.server.disk.log.len();
        for idx in self.n_told..told {
            self.city.on_event(now, &self.server.disk.log[idx]);
        }
        self.n_told = told;
        self.after_city();
    }

    fn check_log(&mut self, n_written: usize) -> Kept {
        let new = &self.server.disk.log[n_written..];
        new.iter().try_for_each(|recorded| self.log_check.on_recorded(recorded))
    }

    /// Checks the state, while nothing waits for the disk.
    fn check(&mut self) -> Kept {
        if !self.is_draining {
            self.queue.plan(self.now + CHECK, Happening::Check);
        }
        let Some(process) = &self.server.process else { return Ok(()) };
        if process.pending.events.is_empty() {
            self.log_check.check_ledger(process.centre.ledger())?;
        }
        self.frame_check.check_disk(&self.server.disk.frames)
    }

    /// Checks that the log, replayed, gives what a process knew.
    fn check_replay(&self, process: &Process) -> Kept {
        let replayed = self.server.replay(&process.pending.events).map_err(no_replay)?;
        compare(&replayed, &process.centre)
    }

    /// The end: links stand, roles run, the city rests, and everything under way may arrive.
    fn drain(&mut self) {
        self.is_draining = true;
        if self.server.process.is_none() {
            self.queue.plan(self.now, Happening::CentreStart);
        }
        for unit in 0..self.ambulances.len() {
            self.queue.plan(self.now, Happening::GatewayStart(unit));
            self.queue.plan(self.now, Happening::LinkBack(unit));
        }
    }

    /// Whether everything has arrived after the end.
    fn is_drained(&self) -> bool {
        let Some(process) = self.server.process.as_ref().filter(|_| self.is_draining) else {
            return false;
        };
        let has_arrived = |ambulance: &Ambulance| {
            let stored = self.server.disk.frames.get(&ambulance.unit);
            let n_stored = stored.map_or(0, Ranges::n_numbers);
            ambulance.process.is_some() && ambulance.outbox.last == n_stored
        };
        process.pending.is_empty() && self.ambulances.iter().all(has_arrived)
    }

    fn check_end(&mut self) -> Kept {
        self.check()?;
        for ambulance in &self.ambulances {
            self.frame_check.check_whole(&ambulance.unit, ambulance.outbox.last)?;
        }
        match &self.server.process {
            Some(process) => self.check_replay(process),
            None => Err(Broken("the centre did not start again".to_owned())),
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            elapsed: self.now.since(self.plan.city.start),
            span: self.plan.span,
            n_calls: self.scribe.n_calls,
            n_events: self.server.disk.log.len() as u64,
        }
    }

    fn error(&self, Broken(what): Broken) -> SimulationError {
        SimulationError::Broken {
            after: self.now.since(self.plan.city.start),
            seq: self.server.disk.log.len() as u64,
            what,
            command: self.plan.command(),
        }
    }
}

/// A centre that read the log against the one that wrote it.
fn compare(replayed: &Centre, live: &Centre) -> Kept {
    if replayed.ledger() == live.ledger() {
        Ok(())
    } else {
        Err(Broken("the log, replayed, differs from the centre's state".to_owned()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn no_replay(error: ReplayError) -> Broken {
    Broken(format!("the log does not replay: {error}"))
}
