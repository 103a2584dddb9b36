//! Where an incident's patient belongs: hospitals ranked by what the crew found, the roads and
//! what each hospital said of itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ems_dispatch::{
    Demand, HospitalFacts, HospitalQuery, HospitalRanking, Patient, rank_hospitals,
};
use ems_model::{
    Event, Findings, Found, HospitalCapability, HospitalId, IncidentId, Millis, Phase, Timestamp,
    Unit, UnitId,
};

use crate::centre::Centre;
use crate::checks::check_findings;
use crate::ledger::{Happening, HospitalRecord, IncidentRecord};
use crate::rejection::Rejection;

/// Drives between hospitals.
type Transfers = BTreeMap<(HospitalId, HospitalId), Millis>;

impl Centre {
    /// Ranks the hospitals for an incident. Cost: a search of the road graph, where the patient is
    /// on the road, and one a hospital, where treatment may begin at one and go on at another.
    pub(crate) fn weigh_hospitals(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<HospitalRanking, Rejection> {
        let demand = self.demand(now, record)?;
        let window = self.pathway(record).window;
        let query = HospitalQuery { now, needs: demand.needs, prefers: demand.prefers, window };
        let facts = self.hospital_facts(now, record)?;
        Ok(rank_hospitals(&query, &facts, self.config.reference.hospitals()))
    }

    /// What the patient needs, by the call and what the crew found.
    pub(crate) fn demand(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<Demand, Rejection> {
        let call = &record.incident.call;
        let card = self.suggest(&call.complaint, &call.answers, call.age)?;
        Ok(self.config.reference.demand(&self.patient(now, record), card.needs_hospital))
    }

    fn patient<'a>(&self, now: Timestamp, record: &'a IncidentRecord) -> Patient<'a> {
        let findings = record.findings.iter().map(|found| &found.findings);
        let leaves_at = self.leaves_at(now, record);
        Patient { age: record.incident.call.age, leaves_at, findings: findings.collect() }
    }

    /// When the patient's drive to hospital begins: when the unit on scene has been there as long
    /// as planned, or now.
    fn leaves_at(&self, now: Timestamp, record: &IncidentRecord) -> Timestamp {
        match self.bearer(record) {
            Some(_) => now,
            None => self.door_eta(now, record, Millis::ZERO).unwrap_or(now),
        }
    }

    /// The unit that has the patient on board and is driving.
    fn bearer(&self, record: &IncidentRecord) -> Option<&Unit> {
        let lead = record.lead(&self.ledger.units)?;
        (lead.phase() == Some(Phase::Transporting)).then_some(lead)
    }

    fn hospital_facts(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<Vec<HospitalFacts>, Rejection> {
        let drives = self.drives(record)?;
        let hospitals = self.ledger.hospitals.values();
        let facts = hospitals.map(|hospital| self.facts(now, record, hospital, &drives));
        let mut facts: Vec<_> = facts.collect();
        let patient = self.patient(now, record);
        let transfers = self.transfers(&patient, &facts);
        let transfer = |from: &HospitalId, to: &HospitalId| {
            transfers.get(&(from.clone(), to.clone())).copied()
        };
        let treatments = self.config.reference.treatments(&patient, &facts, now, transfer);
        for hospital in &mut facts {
            hospital.treatment = treatments.get(&hospital.id).cloned();
        }
        Ok(facts)
    }

    fn facts(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        hospital: &HospitalRecord,
        drives: &BTreeMap<HospitalId, Millis>,
    ) -> HospitalFacts {
        let drive = drives.get(&hospital.profile.id);
        let drive = drive.map(|it| self.city.drive_times.expect(*it));
        HospitalFacts {
            id: hospital.profile.id.clone(),
            capabilities: hospital.profile.capabilities.clone(),
            drive: drive.map(|drive| drive.time),
            likely: drive.and_then(|drive| drive.likely),
            crowding: hospital.crowding,
            doors: hospital.doors.clone(),
            refused: record.refusals.get(&hospital.profile.id).cloned(),
            treatment: None,
            n_expected: self.n_expected(now, record.incident.id, hospital),
            beds: hospital.crowding.map(|it| it.beds).or(hospital.profile.emergency_beds),
        }
    }

    /// Other patients who are announced to arrive there within the policy's time.
    fn n_expected(&self, now: Timestamp, incident: IncidentId, hospital: &HospitalRecord) -> u32 {
        let within = self.config.reference.hospitals().expected_within;
        let others = hospital.expecting.iter().filter(|other| **other != incident);
        let receptions = others.filter_map(|other| self.ledger.incidents[other].reception.as_ref());
        let soon = receptions.filter(|reception| reception.eta <= now + within);
        u32::try_from(soon.count()).expect("fewer open incidents than 2^32")
    }

    /// The drives to each hospital: from the scene remembered while the incident is open, searched
    /// for afterwards, or once the patient is on the road from where the unit is.
    pub(crate) fn drives(
        &self,
        record: &IncidentRecord,
    ) -> Result<Cow<'_, BTreeMap<HospitalId, Millis>>, Rejection> {
        let on_road =
            self.bearer(record).and_then(|unit| self.whereabouts.place(&unit.id).copied());
        let remembered = self.live.drives.get(&record.incident.id);
        let from = match (on_road, remembered) {
            (Some(place), _) => place,
            (None, Some(drives)) => return Ok(Cow::Borrowed(drives)),
            (None, None) => self.snap(record.incident.call.position)?,
        };
        Ok(Cow::Owned(self.traffic.places().drives(self.traffic.roads(), &from)))
    }

    /// The drives between the hospitals that take emergencies, where a patient may be taken on
    /// from one to another.
    fn transfers(&self, patient: &Patient<'_>, facts: &[HospitalFacts]) -> Transfers {
        let is_timed = |findings: &&&Findings| {
            matches!(findings, Findings::Stroke { .. } | Findings::Ecg { is_stemi: true, .. })
        };
        if !patient.findings.iter().any(|findings| is_timed(&findings)) {
            return Transfers::new();
        }
        let takes = |it: &&HospitalFacts| it.capabilities.contains(&HospitalCapability::Emergency);
        let places = facts.iter().filter(takes);
        let places =
            places.filter_map(|it| Some((&it.id, *self.traffic.places().hospital(&it.id)?)));
        let (ids, snaps): (Vec<_>, Vec<_>) = places.unzip();
        let mut transfers = Transfers::new();
        for (from, row) in ids.iter().zip(self.traffic.roads().matrix(&snaps, &snaps)) {
            for (to, drive) in ids.iter().zip(row) {
                let drive = drive.map(|drive| self.city.drive_times.expect(drive).time);
                transfers.extend(drive.map(|drive| (((*from).clone(), (*to).clone()), drive)));
            }
        }
        transfers
    }

    pub(crate) fn record_findings(
        &self,
        now: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
        at: Timestamp,
        findings: &Findings,
    ) -> Result<Vec<Happening>, Rejection> {
        self.unit_record(unit)?;
        let record = self.incident_record(incident)?;
        if !record.incident.units.contains(unit) {
            return Err(Rejection::NotItsCall { unit: unit.clone(), incident });
        }
        check_findings(now, findings)?;
        self.config.reference.check_findings(findings)?;
        let (unit, findings) = (unit.clone(), findings.clone());
        let event = Event::FindingsRecorded { incident, unit, findings };
        Ok(vec![Happening { at: at.max(record.opened_at).min(now), event }])
    }
}

impl IncidentRecord {
    /// Takes what a crew found; an earlier finding about the same is replaced, unless it is newer.
    pub(crate) fn find(&mut self, found: Found) {
        let subject = found.findings.subject();
        let known = self.findings.iter().find(|known| known.findings.subject() == subject);
        if known.is_some_and(|known| known.at > found.at) {
            return;
        }
        self.findings.retain(|known| known.findings.subject() != subject);
        self.findings.push(found);
    }
}
