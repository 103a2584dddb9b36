//! When units and patients arrive, and what moves with it.

use ems_dispatch::Pathway;
use ems_model::{
    Casualty, EtaCause, Event, IncidentId, Leg, Millis, Phase, Timestamp, Unit, UnitId, UnitKind,
};
use ems_roads::{Route, Snap, Unreachable};

use crate::centre::Centre;
use crate::drive_times::Arrival;
use crate::ledger::{Eta, Happening, IncidentRecord};

/// How often a moving unit's expected arrival is computed again.
pub(crate) const RECHECK: Millis = Millis::from_secs(10);
/// How far an expected arrival moves before people are told.
const WORTH_TELLING: Millis = Millis::from_secs(30);
/// How long a patient is on scene beyond the plan before people are told, and then each time.
const OVERRUN_STEP: Millis = Millis::from_secs(60);

/// A unit's way on its present leg.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRoute {
    /// The incident.
    pub incident: IncidentId,
    /// Which leg.
    pub leg: Leg,
    /// The way from where the unit is now.
    pub route: Route,
}

impl Centre {
    /// The way that a unit has before it, or how near closures let it come; `None` if it is not
    /// driving to a call or hospital.
    ///
    /// Cost: a route; where there is none, two searches of the whole city.
    pub fn route_of(&self, unit: &UnitId) -> Option<Result<UnitRoute, Unreachable>> {
        let (incident, leg, to) = self.leg_ahead(unit)?;
        let route = self.traffic.roads().way(self.whereabouts.place(unit)?, &to);
        Some(route.map(|route| UnitRoute { incident, leg, route }))
    }

    /// The fastest way that a unit has before it, then up to `n_more` others; none if it is not
    /// driving to a call or hospital, or there is no way.
    ///
    /// Cost: as [`ems_roads::Roads::alternatives`].
    pub fn ways_of(&self, unit: &UnitId, n_more: usize) -> Vec<Route> {
        let ends = self.leg_ahead(unit).zip(self.whereabouts.place(unit));
        let Some(((_, _, to), from)) = ends else { return Vec::new() };
        let ways = self.traffic.roads().alternatives(from, &to, n_more);
        ways.into_iter().map(|way| way.route).collect()
    }

    /// Where a unit is driving, and for which call.
    fn leg_ahead(&self, unit: &UnitId) -> Option<(IncidentId, Leg, Snap)> {
        let unit = &self.ledger.units.get(unit)?.unit;
        let incident = unit.incident().filter(|_| unit.kind.is_crewed())?;
        let record = &self.ledger.incidents[&incident];
        let leg = leg_of(unit.phase()?)?;
        Some((incident, leg, self.goal(record, unit, leg)?))
    }

    /// When the patient is expected at the hospital's door, `drive` from the scene.
    pub(crate) fn door_eta(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        drive: Millis,
    ) -> Option<Timestamp> {
        let lead = record.lead(&self.ledger.units)?;
        let leg = leg_of(lead.phase()?);
        let arrival = leg.and_then(|leg| self.arrival(now, record, lead, leg));
        let arrival = arrival.map(|arrival| arrival.eta);
        self.door_after(now, record, lead, arrival, drive)
    }

    /// The same where the lead's arrival at the end of its present leg is known.
    fn door_after(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        lead: &Unit,
        arrival: Option<Timestamp>,
        drive: Millis,
    ) -> Option<Timestamp> {
        match lead.phase()? {
            Phase::Notified | Phase::Acknowledged | Phase::EnRoute | Phase::Staged => {
                Some(arrival? + self.pathway(record).on_scene + drive)
            }
            Phase::OnScene | Phase::AtPatient | Phase::CareHandedOn => {
                Some(self.departure(now, record, lead) + drive)
            }
            Phase::Transporting => arrival,
            Phase::AtLandingArea | Phase::AtHospital | Phase::CareTransferred => Some(now),
        }
    }

    /// What moves when a unit has moved or taken a step. Cost: one search of the road graph.
    pub(crate) fn revise(&self, now: Timestamp, unit: &UnitId, cause: EtaCause) -> Vec<Happening> {
        let unit = &self.ledger.units[unit].unit;
        let Some(incident) = unit.incident() else { return Vec::new() };
        let record = &self.ledger.incidents[&incident];
        let leg = unit.phase().and_then(leg_of);
        let arrival = leg.and_then(|leg| self.arrival(now, record, unit, leg));
        let is_lead = record.lead(&self.ledger.units).is_some_and(|lead| lead.id == unit.id);
        let door = self.drive(record).filter(|_| is_lead);
        let eta = arrival.map(|arrival| arrival.eta);
        let door = door.and_then(|drive| self.door_after(now, record, unit, eta, drive));
        let revised = leg.zip(arrival).and_then(|(leg, to)| revised(record, unit, leg, to, cause));
        let moved = door.and_then(|to| moved(record, to, cause));
        let events = revised.into_iter().chain(moved);
        events.map(|event| Happening { at: now, event }).collect()
    }

    /// What moves when the lead of an incident has a new goal.
    pub(crate) fn revise_lead(&self, now: Timestamp, incident: IncidentId) -> Vec<Happening> {
        let record = &self.ledger.incidents[&incident];
        let lead = record.lead(&self.ledger.units);
        lead.map_or_else(Vec::new, |lead| self.revise(now, &lead.id, EtaCause::Planned))
    }

    /// What moves when a patient stays on scene longer than planned.
    pub(crate) fn overrun(&self, now: Timestamp, incident: IncidentId) -> Vec<Happening> {
        let record = &self.ledger.incidents[&incident];
        let Some(lead) = record.lead(&self.ledger.units) else { return Vec::new() };
        let on_scene = now.since(on_scene_since(record, lead));
        self.revise(now, &lead.id, EtaCause::SceneTimeOverrun { on_scene })
    }

    /// When a patient on scene will have been there a step longer than the hospital was told.
    pub(crate) fn overrun_at(&self, record: &IncidentRecord) -> Option<Timestamp> {
        let reception = record.reception.as_ref().filter(|reception| reception.is_open())?;
        let lead = record.lead(&self.ledger.units)?;
        let drive = self.drive(record)?;
        let is_on_scene = matches!(lead.phase(), Some(Phase::OnScene | Phase::AtPatient));
        is_on_scene.then(|| reception.eta - drive + OVERRUN_STEP)
    }

    /// Computes the drives from an incident's scene to all hospitals once.
    pub(crate) fn remember_drives(&mut self, incident: IncidentId) {
        let position = self.ledger.incidents[&incident].incident.call.position;
        if let Ok(scene) = self.snap(position) {
            let drives = self.traffic.places().drives(self.traffic.roads(), &scene);
            self.live.drives.insert(incident, drives);
        }
    }

    /// The drive from an open incident's scene to its chosen hospital.
    pub(crate) fn drive(&self, record: &IncidentRecord) -> Option<Millis> {
        let drives = self.live.drives.get(&record.incident.id)?;
        let drive = drives.get(record.incident.hospital.as_ref()?)?;
        Some(self.city.drive_times.expect(*drive).time)
    }

    /// The pathway of an incident's complaint.
    pub(crate) fn pathway(&self, record: &IncidentRecord) -> &Pathway {
        let call = &record.incident.call;
        let suggestion = self.suggest(&call.complaint, &call.answers, call.age);
        let id = suggestion.expect("a call in the log passed its card").pathway;
        self.config.reference.pathway(&id).expect("a card names a pathway that exists")
    }

    /// When a unit arrives at the end of its leg, turning out included.
    fn arrival(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        unit: &Unit,
        leg: Leg,
    ) -> Option<Arrival> {
        if unit.kind == UnitKind::Drone {
            let eta = self.lands(now, unit, record.incident.call.position);
            return Some(Arrival { eta, likely: None });
        }
        let drive = self
            .traffic
            .roads()
            .time(self.whereabouts.place(&unit.id)?, &self.goal(record, unit, leg)?)?;
        let is_turning_out = matches!(unit.phase(), Some(Phase::Notified | Phase::Acknowledged));
        let turn_out = self.policy().units.turn_out;
        let leaves = if is_turning_out { (unit.since + turn_out).max(now) } else { now };
        Some(self.city.drive_times.expect(drive).from(leaves))
    }

    fn goal(&self, record: &IncidentRecord, unit: &Unit, leg: Leg) -> Option<Snap> {
        let major = record.incident.major.as_ref();
        match leg {
            Leg::ToScene => {
                let waits_at = major.and_then(|major| major.waits_at(&unit.id));
                let scene = record.incident.call.position;
                self.snap(waits_at.map_or(scene, |area| area.position)).ok()
            }
            Leg::ToHospital => {
                let aboard = major.and_then(|major| major.aboard(&unit.id).next());
                let hospital = aboard.and_then(Casualty::hospital);
                let hospital = hospital.or(record.incident.hospital.as_ref())?;
                self.traffic.places().hospital(hospital).copied()
            }
        }
    }

    /// When a unit on scene leaves it: after the pathway's time there, or now if that is over.
    fn departure(&self, now: Timestamp, record: &IncidentRecord, unit: &Unit) -> Timestamp {
        (on_scene_since(record, unit) + self.pathway(record).on_scene).max(now)
    }
}

/// The news of a unit's arrival, where it is worth telling.
fn revised(
    record: &IncidentRecord,
    unit: &Unit,
    leg: Leg,
    to: Arrival,
    cause: EtaCause,
) -> Option<Event> {
    let known = record.etas.get(&(unit.id.clone(), leg));
    let is_news = known.is_none_or(|known| is_news(known, &to));
    let (incident, unit) = (record.incident.id, unit.id.clone());
    let Arrival { eta, likely } = to;
    is_news.then_some(Event::EtaRevised { incident, unit, leg, eta, likely, cause })
}

/// Whether an arrival, or an end of the interval around it, has moved: a drive that goes as
/// expected becomes surer by the minute.
fn is_news(known: &Eta, to: &Arrival) -> bool {
    let ends = |likely: Option<[Timestamp; 2]>| likely.into_iter().flatten();
    let pairs = ends(known.likely).zip(ends(to.likely)).chain([(known.eta, to.eta)]);
    let has_moved = pairs.into_iter().any(|(from, to)| to.since(from).abs() >= WORTH_TELLING);
    has_moved || known.likely.is_some() != to.likely.is_some()
}

/// The move of a hospital's tasks, where it is worth telling.
fn moved(record: &IncidentRecord, to: Timestamp, cause: EtaCause) -> Option<Event> {
    let reception = record.reception.as_ref().filter(|reception| reception.is_open())?;
    let is_news = to.since(reception.eta).abs() >= WORTH_TELLING;
    is_news.then(|| Event::TasksMoved {
        incident: record.incident.id,
        hospital: reception.hospital.clone(),
        tasks: reception.open_tasks(),
        from: reception.eta,
        to,
        cause,
    })
}

fn leg_of(phase: Phase) -> Option<Leg> {
    match phase {
        Phase::Notified | Phase::Acknowledged | Phase::EnRoute | Phase::Staged => {
            Some(Leg::ToScene)
        }
        Phase::Transporting => Some(Leg::ToHospital),
        _ => None,
    }
}

fn on_scene_since(record: &IncidentRecord, unit: &Unit) -> Timestamp {
    let is_arrival =
        |time: &&crate::Etime| time.etimes == "eTimes.06" && time.unit.as_ref() == Some(&unit.id);
    record.times.iter().rev().find(is_arrival).map_or(unit.since, |time| time.at)
}
