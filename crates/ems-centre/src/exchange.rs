//! A unit that has come free is proposed for a call that it reaches sooner than the one on its way.

use ems_dispatch::{OnTheWay, Outlook, minutes, unit_choice};
use ems_model::{
    Event, IncidentId, Millis, Phase, ResponseSlot, Timestamp, Unit, UnitId, UnitReason,
};

use crate::centre::Centre;
use crate::divert::not_eligible;
use crate::ledger::{Happening, IncidentRecord};
use crate::recommend::is_free;
use crate::rejection::Rejection;

/// A free unit that would take over a call, while it is free and the other unit drives there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// The free unit.
    pub unit: UnitId,
    /// The unit on its way.
    pub instead_of: UnitId,
    /// From the call's ringing to the arrival of the unit on its way, as expected then.
    pub now: Millis,
    /// The same of the free unit.
    pub then: Millis,
    /// The policy that proposed it.
    pub policy: String,
    /// When.
    pub at: Timestamp,
}

impl Centre {
    /// The call that a freed unit would take over, under a policy that proposes such.
    ///
    /// Cost: half a search for each call with a unit on its way.
    pub(crate) fn propose_exchange(&self, now: Timestamp, unit: &UnitId) -> Option<Happening> {
        let rule = self.policy().exchange?.rule();
        let free = &self.ledger.units[unit].unit;
        if !is_free(free) || !free.kind.is_crewed() || self.why_no_exchange(now, free) {
            return None;
        }
        let open = self.ledger.open.difference(&self.ledger.majors);
        let calls = open.flat_map(|id| self.on_the_way(now, &self.ledger.incidents[id], free));
        let (incident, instead_of, waits, takes) = rule.pick(calls)?;
        let (unit, instead_of) = (unit.clone(), instead_of.clone());
        let policy = self.policy().name.clone();
        let event =
            Event::ExchangeProposed { incident, unit, instead_of, now: waits, then: takes, policy };
        Some(Happening { at: now, event })
    }

    /// Whether its crew rests or is about to go home.
    fn why_no_exchange(&self, now: Timestamp, free: &Unit) -> bool {
        self.why_home(now, free).is_some_and(|why| why != ems_model::PostReason::Home)
    }

    /// The units that drive to a call and whose places the free one can take, with what it gains.
    fn on_the_way<'a>(
        &'a self,
        now: Timestamp,
        record: &'a IncidentRecord,
        free: &'a Unit,
    ) -> Vec<OnTheWay<(IncidentId, &'a UnitId, Millis, Millis)>> {
        let driving = self.replaceable(now, record, free);
        let Some(scene) =
            self.snap(record.incident.call.position).ok().filter(|_| !driving.is_empty())
        else {
            return Vec::new();
        };
        let drives = self.whereabouts.drives_to(&scene);
        let Some(then) = drives.of(free).1.map(|drive| self.response(now, record, free, drive))
        else {
            return Vec::new();
        };
        let one = |unit: &&'a Unit| {
            let waits = self.response(now, record, unit, drives.of(unit).1?);
            let call = (record.incident.id, &unit.id, waits, then);
            let outlook = self.outlook(record, waits);
            Some(OnTheWay { call, now: outlook, then: minutes(then) })
        };
        driving.iter().filter_map(one).collect()
    }

    /// The units that drive to a call, can do no more than the free one and hold places of its run
    /// card that are for the free one's kind.
    fn replaceable<'a>(
        &'a self,
        now: Timestamp,
        record: &IncidentRecord,
        free: &Unit,
    ) -> Vec<&'a Unit> {
        let units = record.incident.units.iter().map(|id| &self.ledger.units[id].unit);
        let driving: Vec<_> =
            units.filter(|unit| drives_to_scene(unit) && unit.kind <= free.kind).collect();
        if driving.is_empty() {
            return driving;
        }
        let Some(standing) = self.standing(now, record) else { return Vec::new() };
        let takes = |slot: &ResponseSlot| slot.kinds.contains(&free.kind);
        driving.into_iter().filter(|unit| standing.slot_of(&unit.id).is_some_and(takes)).collect()
    }

    /// From a call's ringing to a unit's arrival, its drive given.
    pub(crate) fn response(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        unit: &Unit,
        drive: Millis,
    ) -> Millis {
        let is_out = unit.phase() >= Some(Phase::EnRoute);
        let turn_out = if is_out { Millis::ZERO } else { self.policy().units.turn_out };
        now.since(record.incident.call.rang_at) + turn_out + drive
    }

    /// How a call fares with such a response.
    pub(crate) fn outlook(&self, record: &IncidentRecord, response: Millis) -> Outlook {
        let priority = record.incident.priority.as_ref().unwrap_or(&record.suggested);
        let target = self.config.reference.target(priority);
        Outlook {
            rank: priority.rank,
            response: minutes(response),
            target: target.map_or(f64::INFINITY, minutes),
        }
    }

    /// A person lets a free unit take over a call from one that drives there.
    pub(crate) fn exchange(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        unit: &UnitId,
        instead_of: &UnitId,
    ) -> Result<[Event; 2], Rejection> {
        let incident = record.incident.id;
        let other = &self.unit_record(instead_of)?.unit;
        if other.incident() != Some(incident) || !drives_to_scene(other) {
            return Err(Rejection::NotItsCall { unit: instead_of.clone(), incident });
        }
        let candidates = self.weigh_units(now, record)?.candidates;
        let choice = unit_choice(&candidates, unit, None, self.policy());
        let mut choice =
            choice.ok_or_else(|| Rejection::Unknown { subject: "unit", id: unit.to_string() })?;
        if !choice.chosen.is_eligible {
            return Err(not_eligible(&choice.chosen, incident));
        }
        let standing = self.standing(now, record);
        let slot = standing.as_ref().and_then(|standing| standing.slot_of(instead_of));
        let Some(slot) = slot.filter(|slot| slot.kinds.contains(&choice.chosen.kind)) else {
            let why = "the other one takes no place of the run card that is for its kind";
            return Err(Rejection::NotEligible { unit: unit.clone(), incident, why });
        };
        choice.chosen.pros.push(UnitReason::Fills { slot: slot.slot.clone() });
        let step = ems_model::UnitStep::StandDown;
        let (unit, instead_of) = (unit.clone(), instead_of.clone());
        let stood_down = Event::UnitStepped { unit: instead_of, incident, step };
        Ok([Event::UnitAssigned { incident, unit, choice }, stood_down])
    }
}

fn drives_to_scene(unit: &Unit) -> bool {
    unit.phase().is_some_and(|phase| phase < Phase::OnScene)
}
