//! How the calls would fare from which a unit may be taken.

use std::collections::BTreeMap;

use ems_dispatch::{Errand, Loss, UnitRule, minutes};
use ems_model::{CrewState, IncidentId, Millis, Timestamp, Unit, UnitId};
use ems_roads::Snap;

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
        let units = self.ledger.units.values().map(|record| &record.unit);
        let awake: Vec<&Unit> = units.filter(|unit| covers(unit) && is_awake(unit)).collect();
        let scenes: Vec<_> = turned.iter().map(|(_, unit)| self.scene_of(unit)).collect();
        let ways = self.whereabouts.ways(awake.iter().copied(), &scenes);
        let loss = |(nth, (_, unit)): (usize, &(Millis, &Unit))| {
            let record = &self.ledger.incidents[&unit.incident()?];
            let response = |unit, drive| self.response(now, record, unit, drive);
            let next = awake.iter().enumerate();
            let next = next.filter_map(|(idx, unit)| Some(response(unit, ways.drive(idx, nth)?)));
            let before = self.outlook(record, response(unit, ways.drive_of(unit, nth)?));
            Some((unit.id.clone(), Loss { before, after: next.min().map(minutes) }))
        };
        turned.iter().enumerate().filter_map(loss).collect()
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

    fn scene_of(&self, unit: &Unit) -> Option<Snap> {
        let record = &self.ledger.incidents[&unit.incident()?];
        self.snap(record.incident.call.position).ok()
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
