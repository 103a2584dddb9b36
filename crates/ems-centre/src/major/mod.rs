//! Major incidents: what is ordered there, who is tagged, loaded and brought.
//!
//! Lifecycles are enforced by `ems_model` when events are applied; here stands what needs the rest
//! of the state: trees, units, areas and hospitals.

mod places;
mod refusal;

use std::collections::BTreeMap;

use ems_dispatch::{TagTree, Tagging};
use ems_model::{
    AgeGroup, Areas, Casualty, CasualtyId, Event, HospitalCapability, IncidentId, MajorEvent,
    MajorIncident, MajorOrder, MajorState, Methane, Phase, Surge, Tag, TagFinding, TagOverrule,
    Timestamp, UNITS_PER_MAJOR_INCIDENT_MAX, UnitId, UnitStep,
};

use crate::centre::Centre;
use crate::checks::{check_length, check_text, within};
use crate::decide::{Decided, all_at, withdraw};
use crate::ledger::IncidentRecord;
use crate::rejection::Rejection;

pub use places::{CasualtyAdvice, HospitalLoad, PlaceAdvice};
pub use refusal::MajorRefusal;

/// Most staging areas of an incident.
const AREAS_MAX: i64 = 4;
/// Most places a hospital promises for one tag.
const PLACES_MAX: i64 = 10_000;
/// The longest name of an area, in bytes.
const AREA_BYTES_MAX: usize = 40;

type Events = Result<Vec<MajorEvent>, Rejection>;

impl Centre {
    pub(crate) fn order(
        &self,
        now: Timestamp,
        incident: IncidentId,
        order: &MajorOrder,
    ) -> Decided {
        let record = self.incident_record(incident)?;
        if let MajorOrder::Declare { areas, methane } = order {
            return self.declare(now, record, areas, methane.as_ref());
        }
        let major = declared(record)?;
        let events = match order {
            MajorOrder::Declare { .. } => unreachable!("decided above"),
            MajorOrder::Report { areas, methane } => {
                self.report_again(major, areas, methane.as_ref())?
            }
            MajorOrder::StageUnit { unit, area } => self.stage(major, unit, area)?,
            MajorOrder::CallForward { unit } => self.call_forward(major, unit)?,
            MajorOrder::Tag { casualty, age_group, tree, answers, overrule, needs } => {
                let tree = self.tree(tree, *age_group)?;
                let overrule = overrule.as_ref();
                let finding = find(tree, *age_group, answers, overrule, needs)?;
                let casualty = casualty.unwrap_or_else(|| major.next_casualty());
                vec![MajorEvent::CasualtyTagged { casualty, finding }]
            }
            MajorOrder::Allot { places, overrule } => {
                self.allot(now, record, major, places, overrule.as_deref())?
            }
            MajorOrder::Load { casualty, unit } => self.load(major, *casualty, unit)?,
            MajorOrder::Unload { casualty, reason } => unload(major, *casualty, reason)?,
            MajorOrder::EndOnScene { casualty, how } => {
                vec![MajorEvent::CasualtyEnded { casualty: *casualty, how: *how }]
            }
            MajorOrder::StandDown => vec![MajorEvent::StoodDown],
        };
        Ok(all_at(now, events.into_iter().map(|what| Event::MajorIncident { incident, what })))
    }

    fn declare(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        areas: &Areas,
        methane: Option<&Methane>,
    ) -> Decided {
        self.check_areas(areas)?;
        check_report(methane)?;
        let incident = record.incident.id;
        let mut events = withdraw(record, "the incident was declared a major one");
        let what = MajorEvent::Declared { areas: areas.clone(), methane: methane.cloned() };
        events.push(Event::MajorIncident { incident, what });
        Ok(all_at(now, events))
    }

    fn report_again(
        &self,
        major: &MajorIncident,
        areas: &Areas,
        methane: Option<&Methane>,
    ) -> Events {
        self.check_areas(areas)?;
        check_report(methane)?;
        let is_kept = |name: &String| areas.staging.iter().any(|area| area.name == *name);
        if let Some((unit, area)) = major.staged.iter().find(|(_, area)| !is_kept(area)) {
            let (unit, area) = (unit.clone(), area.clone());
            return Err(MajorRefusal::AreaInUse { area, unit }.into());
        }
        Ok(vec![MajorEvent::Reported { areas: areas.clone(), methane: methane.cloned() }])
    }

    fn check_areas(&self, areas: &Areas) -> Result<(), Rejection> {
        let n = i64::try_from(areas.staging.len()).unwrap_or(i64::MAX);
        within("staging", n, [0, AREAS_MAX])?;
        for (idx, area) in areas.staging.iter().enumerate() {
            check_length("staging name", &area.name, 1, AREA_BYTES_MAX)?;
            check_text("staging name", &area.name)?;
            let most = i64::try_from(UNITS_PER_MAJOR_INCIDENT_MAX).expect("200");
            within("n_units_max", area.n_units_max.into(), [1, most])?;
            if areas.staging[..idx].iter().any(|other| other.name == area.name) {
                return Err(MajorRefusal::AreaTwice { area: area.name.clone() }.into());
            }
            self.snap(area.position)?;
        }
        areas.collection.map_or(Ok(()), |position| Ok(self.snap(position).map(drop)?))
    }

    fn stage(&self, major: &MajorIncident, unit: &UnitId, name: &str) -> Events {
        self.check_on_its_way(major, unit)?;
        let areas = &major.areas.staging;
        let Some(area) = areas.iter().find(|area| area.name == name) else {
            return Err(MajorRefusal::UnknownArea { area: echo(name) }.into());
        };
        let others = major.staged.iter().filter(|(other, at)| *other != unit && *at == name);
        let n_units = others.count();
        if n_units >= area.n_units_max as usize {
            let (area, unit) = (area.name.clone(), unit.clone());
            return Err(MajorRefusal::AreaFull { area, n_units, unit }.into());
        }
        Ok(vec![MajorEvent::UnitStaged { unit: unit.clone(), area: area.name.clone() }])
    }

    fn call_forward(&self, major: &MajorIncident, unit: &UnitId) -> Events {
        self.check_on_its_way(major, unit)?;
        if !major.staged.contains_key(unit) {
            return Err(MajorRefusal::NotStaged { unit: unit.clone() }.into());
        }
        Ok(vec![MajorEvent::UnitCalledForward { unit: unit.clone() }])
    }

    fn check_on_its_way(&self, major: &MajorIncident, unit: &UnitId) -> Result<(), Rejection> {
        let phase = self.phase_there(major.incident, unit)?;
        if phase.is_some_and(|phase| phase <= Phase::Staged) {
            return Ok(());
        }
        let (unit, incident) = (unit.clone(), major.incident);
        Err(MajorRefusal::NotOnItsWay { unit, incident }.into())
    }

    /// How far a unit has come with that incident.
    fn phase_there(&self, incident: IncidentId, unit: &UnitId) -> Result<Option<Phase>, Rejection> {
        let unit = &self.unit_record(unit)?.unit;
        Ok(unit.phase().filter(|_| unit.incident() == Some(incident)))
    }

    fn tree(&self, name: &str, age_group: AgeGroup) -> Result<&TagTree, Rejection> {
        let reference = &self.config.reference;
        let Some(tree) = reference.tag_tree(name) else {
            let known: Vec<_> = reference.tag_trees().iter().map(|it| it.name.as_str()).collect();
            let (tree, known) = (echo(name), known.join(", "));
            return Err(MajorRefusal::UnknownTree { tree, known }.into());
        };
        if !tree.ages.contains(&age_group) {
            return Err(MajorRefusal::WrongTree { tree: tree.name.clone(), age_group }.into());
        }
        Ok(tree)
    }

    fn load(&self, major: &MajorIncident, id: CasualtyId, unit: &UnitId) -> Events {
        let casualty = casualty(major, id)?;
        let phase = self.phase_there(major.incident, unit)?;
        if !matches!(phase, Some(Phase::OnScene | Phase::AtPatient)) {
            let (unit, incident) = (unit.clone(), major.incident);
            return Err(MajorRefusal::NotOnScene { unit, incident }.into());
        }
        let aboard: Vec<_> = major.aboard(unit).collect();
        if let Some(other) = aboard.iter().find(|it| it.hospital() != casualty.hospital()) {
            let unit = unit.clone();
            return Err(MajorRefusal::OtherWay { casualty: id, unit, other: other.id }.into());
        }
        let kind = self.unit_record(unit)?.unit.kind;
        let load = self.config.reference.mass_casualty().load(kind);
        let lies = |it: &&Casualty| it.tag() != Tag::Minor;
        let with_it = || aboard.iter().copied().chain([casualty]);
        let (n, n_lying) = (with_it().count(), with_it().filter(lies).count());
        if n > load.n_max as usize || n_lying > load.n_lying_max as usize {
            let (n_max, n_lying_max) = (load.n_max, load.n_lying_max);
            let unit = unit.clone();
            return Err(MajorRefusal::Overloaded { unit, n, n_lying, n_max, n_lying_max }.into());
        }
        Ok(vec![MajorEvent::CasualtyLoaded { casualty: id, unit: unit.clone() }])
    }

    /// The unit whose expected arrival a major event changes.
    pub(crate) fn turned_by<'a>(
        &'a self,
        incident: IncidentId,
        what: &'a MajorEvent,
    ) -> Option<&'a UnitId> {
        match what {
            MajorEvent::UnitStaged { unit, .. } | MajorEvent::UnitCalledForward { unit } => {
                Some(unit)
            }
            MajorEvent::CasualtyAllotted { casualty, .. } => {
                let major = self.ledger.incidents[&incident].incident.major.as_ref()?;
                major.casualty(*casualty)?.unit()
            }
            _ => None,
        }
    }
}

fn unload(major: &MajorIncident, id: CasualtyId, reason: &str) -> Events {
    check_text("reason", reason)?;
    let unit = casualty(major, id)?.unit().cloned();
    let unit = unit.ok_or(MajorRefusal::NotAboard { casualty: id })?;
    Ok(vec![MajorEvent::CasualtyUnloaded { casualty: id, unit, reason: reason.to_owned() }])
}

/// What a crew's step at a major incident brings about, if it may take it: an ambulance leaves
/// with casualties, and gives them away before it does anything else.
pub(crate) fn carry(
    record: &IncidentRecord,
    unit: &UnitId,
    step: UnitStep,
) -> Result<Vec<Event>, Rejection> {
    let Some(major) = &record.incident.major else { return Ok(Vec::new()) };
    let aboard: Vec<_> = major.aboard(unit).collect();
    match step {
        UnitStep::LeaveScene if aboard.is_empty() => {
            Err(MajorRefusal::NobodyAboard { unit: unit.clone() }.into())
        }
        UnitStep::StandDown | UnitStep::ReturnToService | UnitStep::HandCareOn
            if !aboard.is_empty() =>
        {
            Err(MajorRefusal::PeopleAboard { unit: unit.clone(), n: aboard.len() }.into())
        }
        UnitStep::ArriveAtHospital => {
            let incident = record.incident.id;
            let brought = aboard.into_iter().filter_map(|it| brought(it, unit));
            Ok(brought.map(|what| Event::MajorIncident { incident, what }).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// What a hospital promises, checked.
pub(crate) fn surge(now: Timestamp, places: [u32; 3]) -> Result<Surge, Rejection> {
    for n in places {
        within("places", n.into(), [0, PLACES_MAX])?;
    }
    Ok(Surge { places, declared_at: now })
}

fn declared(record: &IncidentRecord) -> Result<&MajorIncident, Rejection> {
    let major = record.incident.major.as_deref();
    let major = major.filter(|it| matches!(it.state, MajorState::Declared { .. }));
    major.ok_or_else(|| MajorRefusal::NotDeclared { incident: record.incident.id }.into())
}

fn casualty(major: &MajorIncident, id: CasualtyId) -> Result<&Casualty, Rejection> {
    let unknown = || Rejection::Unknown { subject: "casualty", id: id.to_string() };
    major.casualty(id).ok_or_else(unknown)
}

fn brought(casualty: &Casualty, unit: &UnitId) -> Option<MajorEvent> {
    let hospital = casualty.hospital()?.clone();
    Some(MajorEvent::CasualtyBrought { casualty: casualty.id, unit: unit.clone(), hospital })
}

fn check_report(methane: Option<&Methane>) -> Result<(), Rejection> {
    let Some(report) = methane else { return Ok(()) };
    for (field, line) in [
        ("kind", &report.kind),
        ("hazards", &report.hazards),
        ("access", &report.access),
        ("casualties", &report.casualties),
        ("services", &report.services),
    ] {
        line.as_ref().map_or(Ok(()), |line| check_text(field, line))?;
    }
    Ok(())
}

/// What the tree says of these answers, and the tag that is given.
fn find(
    tree: &TagTree,
    age_group: AgeGroup,
    answers: &BTreeMap<String, bool>,
    overrule: Option<&TagOverrule>,
    needs: &[HospitalCapability],
) -> Result<TagFinding, Rejection> {
    if let Some(question) = answers.keys().find(|id| !tree.asks(id)) {
        let (tree, question) = (tree.name.clone(), echo(question));
        return Err(MajorRefusal::UnknownQuestion { tree, question }.into());
    }
    let by_tree = match tree.follow(answers) {
        Tagging::Tagged(tag) => tag,
        Tagging::Ask(step) => {
            let (tree, question) = (tree.name.clone(), step.id.clone());
            return Err(MajorRefusal::Unanswered { tree, question }.into());
        }
    };
    if let Some(overrule) = overrule {
        check_text("reason", &overrule.reason)?;
    }
    let other = overrule.filter(|overrule| overrule.tag != by_tree);
    Ok(TagFinding {
        age_group,
        tree: tree.name.clone(),
        answers: answers.clone(),
        by_tree,
        tag: other.map_or(by_tree, |overrule| overrule.tag),
        overrule: other.map(|overrule| overrule.reason.clone()),
        needs: needs.iter().copied().collect(),
    })
}

/// A name for an error's text, which it must not flood.
fn echo(name: &str) -> String {
    name.chars().take(AREA_BYTES_MAX).collect()
}
