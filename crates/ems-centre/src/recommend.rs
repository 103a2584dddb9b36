//! Ranked units and hospitals for an incident, with reasons.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ems_dispatch::{
    HospitalFacts, HospitalQuery, HospitalRanking, NextCover, UnitFacts, rank_hospitals,
};
use ems_model::{
    Event, HospitalCandidate, HospitalCapability, HospitalId, IncidentId, Millis, RemoteCareReason,
    Response, StationId, Timestamp, Unit, UnitCandidate, UnitState,
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
    /// Who should take the places of the run card; `None` once the patient has left the scene.
    pub response: Option<Response>,
    /// What the patient's hospital must have.
    pub needs: Vec<HospitalCapability>,
    /// The longest drive there that still helps.
    pub window: Millis,
    /// Hospitals, best first.
    pub hospitals: Vec<HospitalCandidate>,
    /// Why remote care is proposed, if it is.
    pub remote_care: Option<RemoteCareReason>,
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
        let needs = self.needs(record)?;
        let units = self.weigh_units(now, record)?;
        Ok(Recommendation {
            incident,
            version: record.version,
            at: now,
            policy: self.config.reference.policy().name.clone(),
            response: self.respond(now, record, &units)?,
            units,
            needs,
            window: self.pathway(record).window,
            hospitals: ranking.candidates,
            remote_care: ranking.remote_care,
        })
    }

    pub(crate) fn weigh_units(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<Vec<UnitCandidate>, Rejection> {
        let position = record.incident.call.position;
        let units = self.unit_facts(now, &self.snap(position)?);
        let query = self.unit_query(now, record)?;
        Ok(self.rules(record)?.rank(&query, &units, &self.drones(now, position)))
    }

    pub(crate) fn weigh_hospitals(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<HospitalRanking, Rejection> {
        let drives = self.drives(record)?;
        let facts = self.ledger.hospitals.values().map(|hospital| {
            let drive =
                drives.get(&hospital.profile.id).map(|it| self.city.drive_times.expect(*it));
            HospitalFacts {
                id: hospital.profile.id.clone(),
                capabilities: hospital.profile.capabilities.clone(),
                drive: drive.map(|drive| drive.time),
                likely: drive.and_then(|drive| drive.likely),
                crowding: hospital.crowding,
                doors: hospital.doors.clone(),
                refused: record.refusals.get(&hospital.profile.id).cloned(),
            }
        });
        let facts: Vec<_> = facts.collect();
        let query =
            HospitalQuery { now, needs: self.needs(record)?, window: self.pathway(record).window };
        Ok(rank_hospitals(&query, &facts, self.config.reference.policy()))
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

    /// The drives from the scene: remembered while the incident is open, searched for afterwards.
    fn drives(
        &self,
        record: &IncidentRecord,
    ) -> Result<Cow<'_, BTreeMap<HospitalId, Millis>>, Rejection> {
        if let Some(drives) = self.live.drives.get(&record.incident.id) {
            return Ok(Cow::Borrowed(drives));
        }
        let scene = self.snap(record.incident.call.position)?;
        Ok(Cow::Owned(self.traffic.places().drives(self.traffic.roads(), &scene)))
    }

    fn needs(&self, record: &IncidentRecord) -> Result<Vec<HospitalCapability>, Rejection> {
        let call = &record.incident.call;
        Ok(self.suggest(&call.complaint, &call.answers, call.age)?.needs_hospital)
    }

    /// From arrival on scene until the unit is free again, with the drive to hospital guessed at
    /// a quarter of an hour where none is chosen.
    pub(crate) fn expected_call(&self, record: &IncidentRecord) -> Millis {
        let drive = self.drive(record).unwrap_or(Millis::from_mins(15));
        self.pathway(record).expected_call(drive)
    }

    fn unit_facts(&self, now: Timestamp, scene: &Snap) -> Vec<UnitFacts> {
        let free = self.ledger.units.values().filter(|record| is_free(&record.unit));
        let placed = free.filter_map(|record| Some((record, self.place(&record.unit)?)));
        let (free, snaps): (Vec<_>, Vec<_>) = placed.unzip();
        let etas = self.traffic.roads().times_to(&snaps, scene);
        let drive_of = |record: &UnitRecord| {
            let idx = free.iter().position(|it| it.unit.id == record.unit.id)?;
            Some(self.city.drive_times.expect(etas[idx]?))
        };
        let facts = |record: &UnitRecord| {
            let drive = drive_of(record);
            UnitFacts {
                id: record.unit.id.clone(),
                kind: record.unit.kind,
                state: record.unit.state,
                crew: record.unit.crew.state,
                eta: drive.map(|drive| drive.time),
                likely: drive.and_then(|drive| drive.likely),
                position_age: self.live.fixes.get(&record.unit.id).map(|fix| now.since(fix.at)),
                station: record.unit.station.clone(),
                next_cover: self.next_cover(&record.unit),
            }
        };
        let crewed = self.ledger.units.values().filter(|it| it.unit.kind.is_crewed());
        crewed.map(facts).collect()
    }

    /// The nearest other free unit's drive to this one's station, from its own station.
    fn next_cover(&self, unit: &Unit) -> NextCover {
        let Some(station) = unit.station.as_ref().filter(|_| is_free(unit)) else {
            return NextCover::NotWeighed;
        };
        let others = self.ledger.units.values().map(|record| &record.unit);
        let others = others.filter(|other| other.id != unit.id && is_free(other));
        let others = others.filter(|other| other.kind.can_transport());
        let drives = others.filter_map(|other| self.cover(other.station.as_ref()?, station));
        drives.min().map_or(NextCover::Nobody, NextCover::Within)
    }

    fn cover(&self, from: &StationId, to: &StationId) -> Option<Millis> {
        if from == to { Some(Millis::ZERO) } else { self.traffic.places().between(from, to) }
    }
}

fn is_free(unit: &Unit) -> bool {
    matches!(unit.state, UnitState::Available { .. })
}
