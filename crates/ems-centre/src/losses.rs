//! How the calls would fare from which a unit may be taken.

use std::collections::BTreeMap;

use ems_dispatch::{Errand, Loss, UnitRule, minutes};
use ems_model::{CrewState, IncidentId, Millis, Timestamp, Unit, UnitId};

use crate::centre::Centre;
use crate::ledger::IncidentRecord;
use crate::recommend::covers;
use crate::whereabouts::Drives;

/// Units under way that are weighed, those nearest to the call asked about: each costs a search.
const TURNED_MAX: usize = 8;

impl Centre {
    /// By unit under way to another call: how that call fares with it, and with the next free unit;
    /// of nobody under a policy that weighs no calls.
    ///
    /// Cost: half a search for each of the eight nearest.
    pub(crate) fn losses(
        &self,
        now: Timestamp,
        asked_about: IncidentId,
        drives: &Drives<'_>,
    ) -> BTreeMap<UnitId, Loss> {
        if !matches!(self.policy().dispatch.rule, UnitRule::Weigh(_)) {
            return BTreeMap::new();
        }
        let mut turned = self.turned(asked_about, drives);
        turned.sort_unstable_by_key(|(drive, unit)| (*drive, &unit.id));
        turned.truncate(TURNED_MAX);
        let loss = |(_, unit): (Millis, &Unit)| Some((unit.id.clone(), self.loss(now, unit)?));
        turned.into_iter().filter_map(loss).collect()
    }

    /// Units that the policy lets turn to a call, with their drives there.
    fn turned(&self, asked_about: IncidentId, drives: &Drives<'_>) -> Vec<(Millis, &Unit)> {
        let diversions = self.policy().diversions();
        let to = self.ledger.incidents[&asked_about].rank();
        let units = self.ledger.units.values().map(|record| &record.unit);
        let may_turn = units.filter_map(|unit| {
            let rank = self.call_rank(unit, asked_about)?;
            let errand = Errand::of(unit.state, rank);
            diversions.lets(errand, to).then_some((drives.of(unit).1?, unit))
        });
        may_turn.collect()
    }

    fn loss(&self, now: Timestamp, unit: &Unit) -> Option<Loss> {
        let record = &self.ledger.incidents[&unit.incident()?];
        let scene = self.snap(record.incident.call.position).ok()?;
        let drives = self.whereabouts.drives_to(&scene);
        let response = |unit: &Unit| Some(self.response(now, record, unit, drives.of(unit).1?));
        let units = self.ledger.units.values().map(|record| &record.unit);
        let next = units.filter(|unit| covers(unit) && is_awake(unit)).filter_map(response).min();
        let before = self.outlook(record, response(unit)?);
        Some(Loss { before, after: next.map(minutes) })
    }
}

impl IncidentRecord {
    /// The rank of its priority, 1 the most urgent.
    pub(crate) fn rank(&self) -> u8 {
        self.incident.priority.as_ref().unwrap_or(&self.suggested).rank
    }
}

fn is_awake(unit: &Unit) -> bool {
    matches!(unit.crew.state, CrewState::OnShift { .. })
}
