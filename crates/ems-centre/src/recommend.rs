//! Ranked units and hospitals for an incident, with reasons.

use ems_dispatch::{NextCover, Relocation, UnitFacts, UnitQuery, rank_units};
use ems_model::{
    CasualtyPlace, Event, HospitalCandidate, HospitalCapability, IncidentId, Judgement, Millis,
    Phase, RemoteCareReason, StationId, Timestamp, Unit, UnitCandidate, UnitState,
};
use ems_roads::Snap;

use crate::centre::Centre;
use crate::ledger::{Happening, IncidentRecord, UnitRecord};
use crate::rejection::Rejection;

/// What the centre would do about an incident, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Which incident.
    pub incident: IncidentId,
    /// The version that was looked at.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// The policy that ranked, with its version.
    pub policy: String,
    /// Units, best first.
    pub units: Vec<UnitCandidate>,
    /// What the patient's hospital must have.
    pub needs: Vec<HospitalCapability>,
    /// What it should have where that costs little time.
    pub prefers: Vec<HospitalCapability>,
    /// What the crew's findings mean.
    pub judgements: Vec<Judgement>,
    /// The longest drive there that still helps.
    pub window: Millis,
    /// Hospitals, best first.
    pub hospitals: Vec<HospitalCandidate>,
    /// Why remote care is proposed, if it is.
    pub remote_care: Option<RemoteCareReason>,
    /// Where the casualties of a major incident would go, those who have no hospital yet.
    pub places: Vec<CasualtyPlace>,
}

impl Centre {
    /// Ranks units and hospitals for an incident. Cost: one search of the road graph.
    pub fn recommend(
        &self,
        now: Timestamp,
        incident: IncidentId,
    ) -> Result<Recommendation, Rejection> {
        let record = self.incident_record(incident)?;
        let ranking = self.weigh_hospitals(now, record)?;
        let demand = self.demand(now, record)?;
        Ok(Recommendation {
            incident,
            version: record.version,
            at: now,
            policy: self.policy().name.clone(),
            units: self.weigh_units(now, record)?,
            needs: demand.needs,
            prefers: demand.prefers.into_iter().collect(),
            judgements: demand.judgements,
            window: self.pathway(record).window,
            hospitals: ranking.candidates,
            remote_care: ranking.remote_care,
            places: self.advised_places(now, record)?,
        })
    }

    pub(crate) fn weigh_units(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<Vec<UnitCandidate>, Rejection> {
        let call = &record.incident.call;
        let scene = self.snap(call.position)?;
        let suggestion = self.suggest(&call.complaint, &call.answers, call.age)?;
        let priority = record.incident.priority.as_ref().unwrap_or(&record.suggested);
        let reference = &self.config.reference;
        let query = UnitQuery {
            now,
            rank: priority.rank,
            target: reference.target(priority),
            waited: now.since(call.rang_at),
            needs: suggestion.needs_unit,
            expected_call: self.expected_call(record),
        };
        let facts = self.unit_facts(now, record.incident.id, &scene);
        Ok(rank_units(&query, &facts, self.policy()))
    }

    /// Remote care, where no hospital suits and it was not proposed before.
    pub(crate) fn propose_remote_care(
        &self,
        now: Timestamp,
        incident: IncidentId,
    ) -> Option<Happening> {
        let record = &self.ledger.incidents[&incident];
        if record.remote_care.is_some() {
            return None;
        }
        let reason = self.weigh_hospitals(now, record).ok()?.remote_care?;
        Some(Happening { at: now, event: Event::RemoteCareProposed { incident, reason } })
    }

    /// From arrival on scene until the unit is free again, with the drive to hospital guessed at
    /// a quarter of an hour where none is chosen.
    fn expected_call(&self, record: &IncidentRecord) -> Millis {
        let drive = self.drive(record).unwrap_or(Millis::from_mins(15));
        self.pathway(record).expected_call(drive)
    }

    fn unit_facts(&self, now: Timestamp, incident: IncidentId, scene: &Snap) -> Vec<UnitFacts> {
        let units = self.ledger.units.values().map(|record| &record.unit);
        let may_go = units.filter(|unit| is_free(unit) || self.call_rank(unit, incident).is_some());
        let placed = may_go.filter_map(|unit| Some((unit, self.place(unit)?)));
        let (may_go, snaps): (Vec<_>, Vec<_>) = placed.unzip();
        let etas = self.traffic.roads().times_to(&snaps, scene);
        let drive_of = |unit: &Unit| {
            let idx = may_go.iter().position(|it| it.id == unit.id)?;
            Some(self.city.drive_times.expect(etas[idx]?))
        };
        let weighs_cover = self.policy().dispatch.rule.weighs_cover();
        let cover = weighs_cover.then(|| self.cover(|_| true)).flatten();
        let facts = |UnitRecord { unit, .. }: &UnitRecord| {
            let drive = drive_of(unit);
            UnitFacts {
                id: unit.id.clone(),
                kind: unit.kind,
                state: unit.state,
                crew: unit.crew.state,
                eta: drive.map(|drive| drive.time),
                likely: drive.and_then(|drive| drive.likely),
                position_age: self.live.fixes.get(&unit.id).map(|fix| now.since(fix.at)),
                station: unit.waits_at().cloned(),
                next_cover: self.next_cover(unit),
                call_rank: self.call_rank(unit, incident),
                cover_lost: self.cover_lost(cover.as_ref(), unit),
            }
        };
        self.ledger.units.values().map(facts).collect()
    }

    /// The rank of another call to which a unit drives, where the policy lets any turn round.
    fn call_rank(&self, unit: &Unit, asked_about: IncidentId) -> Option<u8> {
        let is_under_way = unit.phase().is_some_and(|phase| phase < Phase::OnScene);
        let other = unit.incident().filter(|other| is_under_way && *other != asked_about)?;
        let record = &self.ledger.incidents[&other];
        let priority = record.incident.priority.as_ref().unwrap_or(&record.suggested);
        (!self.policy().diversions.is_empty()).then_some(priority.rank)
    }

    /// What goes with a free unit of what the free units cover.
    fn cover_lost(&self, cover: Option<&Relocation>, unit: &Unit) -> Option<f64> {
        let station = unit.waits_at().filter(|_| is_free(unit))?;
        let station = self.traffic.places().reach.station(station)?;
        Some(cover?.cover_lost(station))
    }

    /// The nearest other free unit's drive to this one's station, from its own station.
    fn next_cover(&self, unit: &Unit) -> NextCover {
        let Some(station) = unit.waits_at().filter(|_| is_free(unit)) else {
            return NextCover::NotWeighed;
        };
        let others = self.ledger.units.values().map(|record| &record.unit);
        let others = others.filter(|other| other.id != unit.id && is_free(other));
        let drives = others.filter_map(|other| self.station_drive(other.waits_at()?, station));
        drives.min().map_or(NextCover::Nobody, NextCover::Within)
    }

    fn station_drive(&self, from: &StationId, to: &StationId) -> Option<Millis> {
        if from == to { Some(Millis::ZERO) } else { self.traffic.places().between(from, to) }
    }
}

pub(crate) fn is_free(unit: &Unit) -> bool {
    matches!(unit.state, UnitState::Available { .. })
}
