//! What came of a simulation.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use ems_model::{
    Event, IncidentId, Millis, Outcome, Position, Recorded, Timestamp, UnitId, UnitKind, UnitStep,
};
use sha2::{Digest, Sha256};

use super::arrivals::{ArrivalErrors, Arrivals};

/// What came of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// SHA-256 of the event log's bytes, in hexadecimal.
    pub hash: String,
    /// Virtual time that passed.
    pub span: Millis,
    /// Events of the log.
    pub n_events: u64,
    /// Commands that were acknowledged.
    pub n_commands: u64,
    /// Frames that the centre stored.
    pub n_frames: u64,
    /// Calls that were taken.
    pub n_calls: u64,
    /// Incidents that ended with a hospital taking over.
    pub n_handed_over: u64,
    /// Incidents that ended on scene.
    pub n_on_scene: u64,
    /// Incidents that were cancelled.
    pub n_cancelled: u64,
    /// Ring to first unit on scene, mean; `None` if none got there.
    pub response_mean: Option<Millis>,
    /// The same, of which nine of ten are shorter.
    pub response_p90: Option<Millis>,
    /// Units sent a call that got any, mean; `None` if none did.
    pub units_per_call: Option<f64>,
    /// Ring to first unit of advanced life support or more on scene, mean; `None` if none got
    /// there.
    pub als_mean: Option<Millis>,
    /// How far arrivals were from what was expected when units set out.
    pub arrivals: ArrivalErrors,
    /// Where units were on their way to scenes and hospitals, in the order of time; empty unless
    /// the plan keeps them.
    pub traces: Vec<Traced>,
    /// What went wrong on purpose.
    pub faults: FaultCounts,
}

/// Where a unit was on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Which.
    pub unit: UnitId,
    /// When.
    pub at: Timestamp,
    /// Where.
    pub position: Position,
}

/// How often each fault struck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Links lost.
    pub link_losses: u64,
    /// Crashes of the centre.
    pub centre_crashes: u64,
    /// Crashes of the centre that took changes of state that were not durable.
    pub torn_commits: u64,
    /// Crashes of a gateway.
    pub gateway_crashes: u64,
    /// Jumps of a device's clock.
    pub clock_jumps: u64,
    /// Requests and answers lost on the way.
    pub lost_messages: u64,
}

/// Writes the log, hashes it, and counts.
#[derive(Debug, Default)]
pub(crate) struct Scribe {
    hasher: Sha256,
    line: Vec<u8>,
    n_events: u64,
    pub(crate) n_commands: u64,
    pub(crate) n_frames: u64,
    pub(crate) n_calls: u64,
    n_handed_over: u64,
    n_on_scene: u64,
    n_cancelled: u64,
    /// When the phone rang, until a unit is on scene.
    rang: BTreeMap<IncidentId, Timestamp>,
    responses: Vec<Millis>,
    responders: Responders,
    arrivals: Arrivals,
    pub(crate) traces: Vec<Traced>,
    pub(crate) faults: FaultCounts,
}

impl Scribe {
    /// Writes one event as a line of JSON.
    pub(crate) fn write(&mut self, recorded: &Recorded, log: &mut dyn io::Write) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, recorded)?;
        self.line.push(b'\n');
        self.hasher.update(&self.line);
        self.n_events += 1;
        self.count(recorded);
        self.arrivals.follow(recorded);
        log.write_all(&self.line)
    }

    pub(crate) fn into_summary(mut self, span: Millis) -> Summary {
        self.responses.sort_unstable();
        let p90 = (self.responses.len() * 9).div_ceil(10).checked_sub(1);
        Summary {
            hash: hexadecimal(&self.hasher.finalize()),
            span,
            n_events: self.n_events,
            n_commands: self.n_commands,
            n_frames: self.n_frames,
            n_calls: self.n_calls,
            n_handed_over: self.n_handed_over,
            n_on_scene: self.n_on_scene,
            n_cancelled: self.n_cancelled,
            response_mean: mean(&self.responses),
            response_p90: p90.and_then(|idx| self.responses.get(idx).copied()),
            units_per_call: self.responders.per_call(),
            als_mean: mean(&self.responders.to_als),
            arrivals: self.arrivals.errors(),
            traces: self.traces,
            faults: self.faults,
        }
    }

    fn count(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::CallReceived { incident, call, .. } => {
                self.n_calls += 1;
                self.rang.insert(*incident, call.rang_at);
                self.responders.no_als_since.insert(*incident, call.rang_at);
            }
            Event::UnitAssigned { incident, unit, choice } => {
                self.responders.sent.insert(*incident);
                self.responders.n_sent += 1;
                self.responders.kinds.insert(unit.clone(), choice.chosen.kind);
            }
            Event::UnitStepped { incident, unit, step: UnitStep::ArriveOnScene } => {
                let kind = self.responders.kinds.get(unit).copied();
                self.responders.arrive(*incident, kind, recorded.occurred_at);
                if kind == Some(UnitKind::Drone) {
                    return;
                }
                if let Some(rang_at) = self.rang.remove(incident) {
                    self.responses.push(recorded.occurred_at.since(rang_at));
                }
            }
            Event::IncidentClosed { outcome: Outcome::HandedOver, .. } => self.n_handed_over += 1,
            Event::IncidentClosed { .. } => self.n_on_scene += 1,
            Event::IncidentCancelled { .. } => self.n_cancelled += 1,
            _ => {}
        }
    }
}

/// Who was sent to calls.
#[derive(Debug, Default)]
struct Responders {
    sent: BTreeSet<IncidentId>,
    n_sent: u32,
    kinds: BTreeMap<UnitId, UnitKind>,
    /// When the phone rang, until advanced life support is on scene.
    no_als_since: BTreeMap<IncidentId, Timestamp>,
    to_als: Vec<Millis>,
}

impl Responders {
    fn arrive(&mut self, incident: IncidentId, kind: Option<UnitKind>, at: Timestamp) {
        if kind.is_some_and(|kind| kind >= UnitKind::Als)
            && let Some(rang_at) = self.no_als_since.remove(&incident)
        {
            self.to_als.push(at.since(rang_at));
        }
    }

    fn per_call(&self) -> Option<f64> {
        let n_calls = u32::try_from(self.sent.len()).ok().filter(|n| *n > 0)?;
        Some(f64::from(self.n_sent) / f64::from(n_calls))
    }
}

fn mean(spans: &[Millis]) -> Option<Millis> {
    let n = i64::try_from(spans.len()).ok().filter(|n| *n > 0)?;
    Some(Millis::new(spans.iter().map(|span| span.get()).sum::<i64>() / n))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
