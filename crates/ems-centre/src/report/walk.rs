//! One pass over the log: the moments of each incident.

use std::collections::BTreeMap;

use ems_model::{
    Event, IncidentId, Outcome, Priority, Recorded, Timestamp, UnitId, UnitKind, UnitStep,
};

use super::OverruleReport;
use super::fleet::Fleet;
use super::receptions::Receptions;

/// What the log says, gathered.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) from: Option<Timestamp>,
    pub(super) n_events: u64,
    pub(super) incidents: BTreeMap<IncidentId, IncidentFacts>,
    pub(super) fleet: Fleet,
    pub(super) receptions: Receptions,
    pub(super) overrules: OverruleReport,
}

/// The moments of an incident.
#[derive(Debug)]
pub(super) struct IncidentFacts {
    pub(super) rang: Timestamp,
    pub(super) answered: Option<Timestamp>,
    pub(super) taken: Timestamp,
    pub(super) triaged: Option<Timestamp>,
    pub(super) priority: Option<Priority>,
    /// One for each time a unit was sent.
    pub(super) legs: Vec<Leg>,
    pub(super) outcome: Option<Outcome>,
    pub(super) is_cancelled: bool,
}

/// A unit's part in an incident, from being sent.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) unit: UnitId,
    pub(super) kind: UnitKind,
    pub(super) assigned: Timestamp,
    /// The first time of each step.
    pub(super) steps: BTreeMap<UnitStep, Timestamp>,
    /// Whether the unit has been sent elsewhere or went off duty since.
    pub(super) is_left: bool,
}

impl IncidentFacts {
    pub(super) fn is_over(&self) -> bool {
        self.outcome.is_some() || self.is_cancelled
    }
}

impl Leg {
    /// Whether the unit may still take `step` for this incident.
    pub(super) fn may_still(&self, step: UnitStep) -> bool {
        let is_after = matches!(step, UnitStep::ReturnHome | UnitStep::CompleteCall);
        let is_free = self.steps.contains_key(&UnitStep::ReturnToService)
            || self.steps.contains_key(&UnitStep::StandDown);
        !self.is_left && (is_after || !is_free)
    }
}

impl Walk {
    pub(super) fn hear(&mut self, recorded: &Recorded) {
        let at = recorded.occurred_at;
        self.n_events += 1;
        self.from = Some(self.from.map_or(at, |from| from.min(at)));
        if let Event::UnitAssigned { unit, .. } | Event::UnitSignedOff { unit } = &recorded.event {
            self.leave(unit);
        }
        self.hear_decision(recorded);
        self.fleet.hear(at, &recorded.event);
        self.receptions.hear(at, &recorded.event);
        match &recorded.event {
            Event::CallReceived { incident, call, .. } => {
                let facts = IncidentFacts {
                    rang: call.rang_at,
                    answered: call.answered_at,
                    taken: at,
                    triaged: None,
                    priority: None,
                    legs: Vec::new(),
                    outcome: None,
                    is_cancelled: false,
                };
                self.incidents.insert(*incident, facts);
            }
            Event::UnitAssigned { incident, unit, choice } => {
                let kind = choice.chosen.kind;
                let leg = Leg {
                    unit: unit.clone(),
                    kind,
                    assigned: at,
                    steps: BTreeMap::new(),
                    is_left: false,
                };
                self.with(*incident, |facts| facts.legs.push(leg));
            }
            event => self.hear_step(at, event),
        }
    }

    fn hear_step(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::IncidentTriaged { incident, priority, .. } => self.with(*incident, |facts| {
                facts.triaged.get_or_insert(at);
                facts.priority = Some(priority.clone());
            }),
            Event::UnitStepped { unit, incident, step } => self.with(*incident, |facts| {
                if let Some(leg) = facts.legs.iter_mut().rfind(|leg| leg.unit == *unit) {
                    leg.steps.entry(*step).or_insert(at);
                }
            }),
            Event::UnitDiverted { unit, incident, .. } => self.with(*incident, |facts| {
                if let Some(leg) = facts.legs.iter_mut().rfind(|leg| leg.unit == *unit) {
                    leg.steps.entry(UnitStep::StandDown).or_insert(at);
                }
            }),
            Event::IncidentClosed { incident, outcome } => {
                self.with(*incident, |facts| facts.outcome = Some(*outcome));
            }
            Event::IncidentCancelled { incident, .. } => {
                self.with(*incident, |facts| facts.is_cancelled = true);
            }
            _ => {}
        }
    }

    fn hear_decision(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::IncidentTriaged { priority, suggested, .. } => {
                self.overrules.priorities.count(priority != suggested);
            }
            Event::UnitAssigned { choice, .. } => {
                self.overrules.units.count(choice.overrule.is_some());
            }
            Event::HospitalChosen { choice, .. } => {
                self.overrules.hospitals.count(choice.overrule.is_some());
            }
            _ => {}
        }
    }

    /// The unit is elsewhere now; whatever it has not done for earlier calls it will not do.
    fn leave(&mut self, unit: &UnitId) {
        let last = self.fleet.last_call(unit);
        let Some(facts) = last.and_then(|incident| self.incidents.get_mut(&incident)) else {
            return;
        };
        for leg in facts.legs.iter_mut().filter(|leg| leg.unit == *unit) {
            leg.is_left = true;
        }
    }

    /// A log that starts in the middle names incidents that it has not opened: they are left out.
    fn with(&mut self, incident: IncidentId, change: impl FnOnce(&mut IncidentFacts)) {
        if let Some(facts) = self.incidents.get_mut(&incident) {
            change(facts);
        }
    }
}
