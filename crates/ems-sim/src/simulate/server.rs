//! The simulated host of the centre: a process that may crash, and a disk that does not.
//!
//! Like the real host it answers and tells only what the disk has: events and frames gather while
//! the disk is busy and become durable together. A crash drops all that has not.

use std::collections::BTreeMap;
use std::sync::Arc;

use ems_centre::{Centre, CentreConfig, City as Pack, CityTraffic, Recommendation, ReplayError};
use ems_model::{Frame, IncidentId, Recorded, Request, Timestamp, UnitId};
use ems_roads::Traffic;
use ems_uplink::{Ranges, UplinkDown, UplinkUp};

/// The centre's process, disk and clock.
#[derive(Debug)]
pub(crate) struct Server {
    config: CentreConfig,
    pack: Arc<Pack>,
    /// `None` while it is down.
    pub(crate) process: Option<Process>,
    pub(crate) disk: Disk,
    /// Counts starts, so that what an earlier process planned is told apart.
    pub(crate) life: u32,
}

/// What a crash takes away.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) centre: Centre,
    pub(crate) pending: Pending,
    pub(crate) is_committing: bool,
}

/// What a crash leaves.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) log: Vec<Recorded>,
    /// The numbers of each unit's frames.
    pub(crate) frames: BTreeMap<UnitId, Ranges>,
}

/// What waits for the disk.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) events: Vec<Recorded>,
    pub(crate) frames: Vec<(UnitId, u64)>,
    /// Keys of commands with the place of their last event.
    pub(crate) answers: Vec<(String, u64)>,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.frames.is_empty() && self.answers.is_empty()
    }
}

impl Server {
    pub(crate) fn new(config: CentreConfig, pack: Arc<Pack>, now: Timestamp) -> Self {
        let mut centre = Centre::new(config.clone(), Arc::clone(&pack));
        take_hour(&mut centre, &pack, now);
        let process = Some(Process::new(centre));
        Self { config, pack, process, disk: Disk::default(), life: 1 }
    }

    /// Handles a request; an error is answered at once, anything else when it is durable.
    pub(crate) fn on_request(&mut self, now: Timestamp, request: &Request) -> Option<&'static str> {
        let process = self.process.as_mut()?;
        match process.centre.handle(now, request) {
            Ok(accepted) => {
                process.pending.events.extend(accepted.events);
                process.pending.answers.push((request.key.clone(), accepted.seq));
                None
            }
            Err(rejection) => Some(rejection.code()),
        }
    }

    pub(crate) fn recommend(
        &self,
        now: Timestamp,
        incident: IncidentId,
    ) -> Option<Result<Recommendation, &'static str>> {
        let process = self.process.as_ref()?;
        Some(process.centre.recommend(now, incident).map_err(|rejection| rejection.code()))
    }

    pub(crate) fn on_wake(&mut self, now: Timestamp) {
        if let Some(process) = &mut self.process {
            let events = process.centre.on_wake(now);
            process.pending.events.extend(events);
            if let Some(relay) = process.centre.poll_relay() {
                process.centre.take_relaid(relay.run(now));
            }
            if let Some(survey) = process.centre.poll_survey(now) {
                process.centre.take_surveyed(survey.run(now));
            }
        }
    }

    /// Takes a unit's message; gives what is answered at once.
    pub(crate) fn on_up(&mut self, now: Timestamp, message: UplinkUp) -> Vec<UplinkDown> {
        let Some(process) = &mut self.process else { return Vec::new() };
        match message {
            UplinkUp::Hello { unit, .. } => vec![UplinkDown::Welcome { unit }],
            UplinkUp::GivenUp { .. } => unreachable!("a simulated outbox has room for ever"),
            UplinkUp::Position { unit, at, position } => {
                let events = process.centre.on_position(now, &unit, at, position);
                process.pending.events.extend(events.unwrap_or_default());
                Vec::new()
            }
            UplinkUp::Frames { frames } => {
                for frame in &frames {
                    process.take(now, frame);
                }
                Vec::new()
            }
        }
    }

    /// The disk has taken what was pending.
    pub(crate) fn commit(&mut self) -> Committed {
        let Some(process) = &mut self.process else { return Committed::default() };
        process.is_committing = false;
        let mut pending = std::mem::take(&mut process.pending);
        self.disk.log.extend(pending.events.iter().cloned());
        let mut stored: BTreeMap<UnitId, Ranges> = BTreeMap::new();
        for (unit, seq) in &pending.frames {
            stored.entry(unit.clone()).or_default().insert(*seq, *seq);
        }
        pending.frames.retain(|(unit, seq)| self.disk.keep(unit, *seq));
        let ack = |(unit, ranges): (UnitId, Ranges)| UplinkDown::Ack {
            unit,
            stored: ranges.iter().collect(),
        };
        Committed { pending, acks: stored.into_iter().map(ack).collect() }
    }

    /// The process dies; gives what it knew.
    pub(crate) fn crash(&mut self) -> Option<Process> {
        self.process.take()
    }

    /// A new process reads the log.
    pub(crate) fn start(&mut self, now: Timestamp) -> Result<&Centre, ReplayError> {
        let mut centre = self.replay(&[])?;
        take_hour(&mut centre, &self.pack, now);
        self.life += 1;
        Ok(&self.process.insert(Process::new(centre)).centre)
    }

    /// The centre that the durable log and these events make.
    pub(crate) fn replay(&self, more: &[Recorded]) -> Result<Centre, ReplayError> {
        let log = self.disk.log.iter().chain(more).cloned();
        Centre::replay(self.config.clone(), Arc::clone(&self.pack), log)
    }
}

/// The roads of the hour from the start on, where hours differ.
fn take_hour(centre: &mut Centre, pack: &Pack, now: Timestamp) {
    if pack.drive_times.week.is_some() {
        centre.take_traffic(CityTraffic::lay(pack, &Traffic::default(), now));
    }
}

/// What became durable at once.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    pub(crate) pending: Pending,
    pub(crate) acks: Vec<UplinkDown>,
}

impl Process {
    fn new(centre: Centre) -> Self {
        Self { centre, pending: Pending::default(), is_committing: false }
    }

    fn take(&mut self, now: Timestamp, frame: &Frame) {
        self.pending.events.extend(self.centre.on_frame(now, frame));
        self.pending.frames.push((frame.unit.clone(), frame.seq));
    }
}

impl Disk {
    /// Keeps a frame; gives whether it is new.
    fn keep(&mut self, unit: &UnitId, seq: u64) -> bool {
        let known = self.frames.entry(unit.clone()).or_default();
        let is_new = !known.contains(seq);
        known.insert(seq, seq);
        is_new
    }
}
