//! Ranked units and hospitals for an incident, with reasons.

use ems_dispatch::{NextCover, Ranking, UnitFacts};
use ems_model::{
    CasualtyPlace, Event, HospitalCandidate, HospitalCapability, IncidentId, Judgement, Millis,
    Phase, RemoteCareReason, Response, Timestamp, Unit, UnitCandidate, UnitState,
};
use ems_roads::Snap;

use crate::centre::Centre;
use crate::ledger::{Happening, IncidentRecord};
use crate::rejection::Rejection;
use crate::whereabouts::Seen;

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
    /// Who should take the places of the run card; `None` once the patient has left the scene.
    pub response: Option<Response>,
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
        let units = self.weigh_units(now, record)?;
        Ok(Recommendation {
            incident,
            version: record.version,
            at: now,
            policy: self.policy().name.clone(),
            response: self.respond(now, record, &units)?,
            units: units.candidates,
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
    ) -> Result<Ranking, Rejection> {
        let position = record.incident.call.position;
        let scene = self.snap(position)?;
        let units = self.unit_facts(now, record.incident.id, &scene);
        let query = self.unit_query(now, record)?;
        let rules = self.response_rules(record)?;
        let ranked = rules.rank(&query, &units, &self.drones(now, position));
        // Futures are played with one unit sent.
        let is_alone = rules.card.slots.len() == 1;
        Ok(if is_alone { self.looked_ahead(now, record, &scene, ranked) } else { ranked })
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
    pub(crate) fn expected_call(&self, record: &IncidentRecord) -> Millis {
        let drive = self.drive(record).unwrap_or(Millis::from_mins(15));
        self.pathway(record).expected_call(drive)
    }

    fn unit_facts(&self, now: Timestamp, incident: IncidentId, scene: &Snap) -> Vec<UnitFacts> {
        let units = self.ledger.units.values().map(|record| &record.unit);
        let units: Vec<&Unit> = units.filter(|unit| unit.kind.is_crewed()).collect();
        let stations: Vec<_> = units.iter().map(|unit| self.station_of_free(unit)).collect();
        let waiting = self.waiting_at(stations.iter().copied().flatten());
        let (drives, next_cover) = (self.whereabouts.drives_to(scene), waiting.next_cover());
        let policy = self.policy();
        let weighed = policy.cover.as_ref().filter(|_| policy.dispatch.rule.weighs_cover());
        let cover_lost = weighed.map(|cover| waiting.cover_lost(cover));
        let losses = self.losses(now, incident, &drives);
        let facts = |((unit, fix, drive), station): (Seen<'_>, Option<usize>)| {
            let call_rank = self.call_rank(unit, incident);
            let may_go = is_free(unit) || call_rank.is_some();
            let drive = drive.filter(|_| may_go).map(|drive| self.city.drive_times.expect(drive));
            UnitFacts {
                id: unit.id.clone(),
                kind: unit.kind,
                state: unit.state,
                crew: unit.crew.state,
                eta: drive.map(|drive| drive.time),
                likely: drive.and_then(|drive| drive.likely),
                position_age: fix.map(|fix| now.since(fix.at)),
                station: unit.waits_at().cloned(),
                next_cover: station.map_or(NextCover::NotWeighed, |it| next_cover[it]),
                call_rank,
                cover_lost: station.and_then(|it| Some(cover_lost.as_ref()?[it])),
                loss: call_rank.and_then(|_| losses.get(&unit.id).copied()),
                meal_due: self.meal_due(now, &unit.id),
                range_low: self.range_low(&unit.id),
            }
        };
        drives.of_all(units.into_iter()).zip(stations).map(facts).collect()
    }

    /// The place of a free unit's station in the city's list, where the unit covers it.
    pub(crate) fn station_of_free(&self, unit: &Unit) -> Option<usize> {
        let station = unit.waits_at().filter(|_| covers(unit))?;
        self.traffic.places().reach.station(station)
    }

    /// The rank of another call to which a unit drives, where the policy lets any turn round.
    pub(crate) fn call_rank(&self, unit: &Unit, asked_about: IncidentId) -> Option<u8> {
        let is_under_way = unit.phase().is_some_and(|phase| phase < Phase::OnScene);
        let other = unit.incident().filter(|other| is_under_way && *other != asked_about)?;
        let turns_any = !self.policy().diversions.is_empty();
        turns_any.then(|| self.ledger.incidents[&other].rank())
    }
}

/// Whether calls around its station find it ready: who takes no patient covers none.
pub(crate) fn covers(unit: &Unit) -> bool {
    is_free(unit) && unit.kind.can_transport()
}

pub(crate) fn is_free(unit: &Unit) -> bool {
    matches!(unit.state, UnitState::Available { .. })
}
