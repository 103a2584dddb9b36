//! When units and patients arrive, and what moves with it.

use ems_dispatch::Pathway;
use ems_model::{EtaCause, Event, IncidentId, Leg, Millis, Phase, Timestamp, Unit, UnitId};
use ems_roads::{Route, Snap};

use crate::centre::{Centre, Happening};
use crate::ledger::IncidentRecord;

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
    /// The way that a unit has before it; `None` if it is not driving to a call or hospital.
    pub fn route_of(&self, unit: &UnitId) -> Option<UnitRoute> {
        let unit = &self.ledger.units.get(unit)?.unit;
        let incident = unit.incident()?;
        let record = &self.ledger.incidents[&incident];
        let leg = leg_of(unit.phase()?)?;
        let to = self.goal(record, leg)?;
        let route = self.city.roads.route(&self.place(unit)?, &to)?;
        Some(UnitRoute { incident, leg, route })
    }

    /// Where a unit is on the road: its last fix, or its home before it has reported one.
    pub(crate) fn place(&self, unit: &Unit) -> Option<Snap> {
        match self.live.fixes.get(&unit.id) {
            Some(fix) => Some(fix.snap),
            None => self.city.roads.snap(unit.home).ok(),
        }
    }

    /// When the patient of an incident is expected at the door of `hospital_drive` from the scene.
    pub(crate) fn door_eta(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        drive: Millis,
    ) -> Option<Timestamp> {
        let lead = record.lead(&self.ledger.units)?;
        match lead.phase()? {
            Phase::Transporting => {
                let to = self.goal(record, Leg::ToHospital)?;
                Some(now + self.city.roads.time(&self.place(lead)?, &to)?)
            }
            Phase::OnScene | Phase::AtPatient | Phase::CareHandedOn => {
                Some(self.departure(now, record, lead) + drive)
            }
            Phase::Notified | Phase::Acknowledged | Phase::EnRoute | Phase::Staged => {
                let scene = self.arrival(now, lead, Leg::ToScene)?;
                Some(scene + self.pathway(record).on_scene + drive)
            }
            Phase::AtLandingArea | Phase::AtHospital | Phase::CareTransferred => Some(now),
        }
    }

    /// What moves when a unit has moved or taken a step.
    pub(crate) fn revise(&self, now: Timestamp, unit: &UnitId, cause: EtaCause) -> Vec<Happening> {
        let unit = &self.ledger.units[unit].unit;
        let Some(incident) = unit.incident() else { return Vec::new() };
        let record = &self.ledger.incidents[&incident];
        let mut happenings = Vec::new();
        if let Some(leg) = unit.phase().and_then(leg_of) {
            happenings.extend(self.revise_leg(now, record, unit, leg, cause));
        }
        if record.lead(&self.ledger.units).is_some_and(|lead| lead.id == unit.id) {
            happenings.extend(self.move_tasks(now, record, cause));
        }
        happenings
    }

    /// What moves when a patient stays on scene longer than planned.
    pub(crate) fn overrun(&self, now: Timestamp, incident: IncidentId) -> Vec<Happening> {
        let record = &self.ledger.incidents[&incident];
        let since = record.lead(&self.ledger.units).map(|lead| on_scene_since(record, lead));
        let on_scene = since.map_or(Millis::ZERO, |since| now.since(since));
        self.move_tasks(now, record, EtaCause::SceneTimeOverrun { on_scene })
    }

    /// When a patient on scene will have been there a step longer than the hospital was told.
    pub(crate) fn overrun_at(&self, record: &IncidentRecord) -> Option<Timestamp> {
        let reception = record.reception.as_ref().filter(|reception| reception.is_open())?;
        let lead = record.lead(&self.ledger.units)?;
        let drive = self.live.drives.get(&record.incident.id)?;
        let is_on_scene = matches!(lead.phase(), Some(Phase::OnScene | Phase::AtPatient));
        is_on_scene.then(|| reception.eta - *drive + OVERRUN_STEP)
    }

    /// Computes the drive from scene to chosen hospital once.
    pub(crate) fn remember_drive(&mut self, incident: IncidentId) {
        let record = &self.ledger.incidents[&incident];
        let drive = record.incident.hospital.as_ref().and_then(|hospital| {
            let scene = self.city.roads.snap(record.incident.call.position).ok()?;
            self.city.roads.time(&scene, self.places.hospital(hospital)?)
        });
        match drive {
            Some(drive) => self.live.drives.insert(incident, drive),
            None => self.live.drives.remove(&incident),
        };
    }

    /// The pathway of an incident's complaint.
    pub(crate) fn pathway(&self, record: &IncidentRecord) -> &Pathway {
        let call = &record.incident.call;
        let suggestion = self.suggest(&call.complaint, &call.answers, call.age);
        let id = suggestion.expect("a call in the log passed its card").pathway;
        self.config.reference.pathway(&id).expect("a card names a pathway that exists")
    }

    fn revise_leg(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        unit: &Unit,
        leg: Leg,
        cause: EtaCause,
    ) -> Option<Happening> {
        let eta = self.arrival(now, unit, leg)?;
        let known = record.etas.get(&(unit.id.clone(), leg));
        if known.is_some_and(|known| eta.since(known.eta).abs() < WORTH_TELLING) {
            return None;
        }
        let incident = record.incident.id;
        let event = Event::EtaRevised { incident, unit: unit.id.clone(), leg, eta, cause };
        Some(Happening { at: now, event })
    }

    fn move_tasks(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        cause: EtaCause,
    ) -> Vec<Happening> {
        self.moved(now, record, cause).into_iter().collect()
    }

    fn moved(&self, now: Timestamp, record: &IncidentRecord, cause: EtaCause) -> Option<Happening> {
        let reception = record.reception.as_ref().filter(|reception| reception.is_open())?;
        let drive = *self.live.drives.get(&record.incident.id)?;
        let to = self.door_eta(now, record, drive)?;
        if to.since(reception.eta).abs() < WORTH_TELLING {
            return None;
        }
        let event = Event::TasksMoved {
            incident: record.incident.id,
            hospital: reception.hospital.clone(),
            tasks: reception.open_tasks(),
            from: reception.eta,
            to,
            cause,
        };
        Some(Happening { at: now, event })
    }

    /// When a unit arrives at the end of its leg, turning out included.
    fn arrival(&self, now: Timestamp, unit: &Unit, leg: Leg) -> Option<Timestamp> {
        let record = &self.ledger.incidents[&unit.incident()?];
        let drive = self.city.roads.time(&self.place(unit)?, &self.goal(record, leg)?)?;
        let is_turning_out = matches!(unit.phase(), Some(Phase::Notified | Phase::Acknowledged));
        let turn_out = self.config.reference.policy().units.turn_out;
        let leaves = if is_turning_out { (unit.since + turn_out).max(now) } else { now };
        Some(leaves + drive)
    }

    fn goal(&self, record: &IncidentRecord, leg: Leg) -> Option<Snap> {
        match leg {
            Leg::ToScene => self.city.roads.snap(record.incident.call.position).ok(),
            Leg::ToHospital => self.places.hospital(record.incident.hospital.as_ref()?).copied(),
        }
    }

    /// When a unit on scene leaves it: after the pathway's time there, or now if that is over.
    fn departure(&self, now: Timestamp, record: &IncidentRecord, unit: &Unit) -> Timestamp {
        (on_scene_since(record, unit) + self.pathway(record).on_scene).max(now)
    }
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
