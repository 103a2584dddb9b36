//! How much of its shift each unit is busy.

use std::collections::BTreeMap;

use ems_model::{Event, IncidentId, Millis, Timestamp, UnitId, UnitKind, UnitStep};

/// A unit's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitReport {
    /// Its call sign.
    pub unit: UnitId,
    /// What it could do when it last signed on.
    pub kind: UnitKind,
    /// On duty, all shifts together.
    pub on_duty: Millis,
    /// From being sent to being free again, within the shifts.
    pub busy: Millis,
    /// Calls that it was sent to.
    pub n_calls: u32,
}

impl UnitReport {
    /// Busy time by time on duty, 0..=1; `None` for a unit that was not on duty.
    pub fn utilisation(&self) -> Option<f64> {
        let on_duty = self.on_duty.as_secs_f64();
        (self.on_duty > Millis::ZERO).then(|| self.busy.as_secs_f64() / on_duty)
    }
}

/// The fleet's time as the log tells it.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    units: BTreeMap<UnitId, UnitTime>,
}

#[derive(Debug)]
struct UnitTime {
    kind: UnitKind,
    on_since: Option<Timestamp>,
    on_duty: Millis,
    busy_since: Option<Timestamp>,
    busy: Millis,
    n_calls: u32,
    last_call: Option<IncidentId>,
}

impl UnitTime {
    fn new(kind: UnitKind) -> Self {
        Self {
            kind,
            on_since: None,
            on_duty: Millis::ZERO,
            busy_since: None,
            busy: Millis::ZERO,
            n_calls: 0,
            last_call: None,
        }
    }

    fn end_busy(&mut self, at: Timestamp) {
        if let Some(since) = self.busy_since.take() {
            self.busy = self.busy + at.since(since).max(Millis::ZERO);
        }
    }

    fn end_duty(&mut self, at: Timestamp) {
        self.end_busy(at);
        if let Some(since) = self.on_since.take() {
            self.on_duty = self.on_duty + at.since(since).max(Millis::ZERO);
        }
    }
}

impl Fleet {
    pub(super) fn hear(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::UnitSignedOn { unit, kind, .. } => {
                let time = self.units.entry(unit.clone()).or_insert_with(|| UnitTime::new(*kind));
                time.kind = *kind;
                time.on_since.get_or_insert(at);
            }
            Event::UnitSignedOff { unit } => self.with(unit, |time| time.end_duty(at)),
            Event::UnitAssigned { incident, unit, .. } => self.with(unit, |time| {
                time.n_calls += 1;
                time.last_call = Some(*incident);
                time.busy_since.get_or_insert(at);
            }),
            Event::UnitStepped {
                unit,
                step: UnitStep::ReturnToService | UnitStep::StandDown,
                ..
            }
            | Event::UnitDiverted { unit, .. } => self.with(unit, |time| time.end_busy(at)),
            _ => {}
        }
    }

    /// The call that a unit was last sent to.
    pub(super) fn last_call(&self, unit: &UnitId) -> Option<IncidentId> {
        self.units.get(unit).and_then(|time| time.last_call)
    }

    fn with(&mut self, unit: &UnitId, change: impl FnOnce(&mut UnitTime)) {
        if let Some(time) = self.units.get_mut(unit) {
            change(time);
        }
    }
}

/// Each unit's time up to `now`.
pub(super) fn report(fleet: &Fleet, now: Timestamp) -> Vec<UnitReport> {
    let until_now = |since: Option<Timestamp>| {
        since.map_or(Millis::ZERO, |since| now.since(since).max(Millis::ZERO))
    };
    let one = |(unit, time): (&UnitId, &UnitTime)| UnitReport {
        unit: unit.clone(),
        kind: time.kind,
        on_duty: time.on_duty + until_now(time.on_since),
        busy: time.busy + until_now(time.busy_since),
        n_calls: time.n_calls,
    };
    fleet.units.iter().map(one).collect()
}
