//! Hospitals for casualties: what each can still take, and which one is best for whom.

use std::collections::BTreeSet;

use ems_dispatch::{MassCasualtyRules, PlaceCandidate, PlaceFacts, Places};
use ems_model::{
    Casualty, CasualtyId, CasualtyPlace, CasualtyState, Doors, HospitalId, IncidentId, MajorEvent,
    MajorIncident, Millis, Tag, Timestamp,
};

use super::refusal::MajorRefusal;
use super::{Events, casualty};
use crate::HospitalRecord;
use crate::centre::Centre;
use crate::checks::{check_reason, within};
use crate::divert::TIE;
use crate::ledger::IncidentRecord;
use crate::rejection::Rejection;

/// Casualties without a hospital that are advised at a time, the most urgent first; a hundred take
/// some milliseconds.
const ADVISED_MAX: usize = 100;

/// The hospital that is best for a casualty; `None` where none has a place as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasualtyAdvice {
    /// Who.
    pub casualty: CasualtyId,
    /// Where.
    pub advised: Option<PlaceCandidate>,
}

/// What a hospital has told and been given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalLoad {
    /// What the spreading knows of it.
    pub facts: PlaceFacts,
    /// When it last told its places; `None` where that is too long ago, or never.
    pub told_at: Option<Timestamp>,
    /// How many of its casualties have arrived.
    pub n_brought: u32,
}

/// Where the casualties of a major incident would go, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceAdvice {
    /// The rules, with their version.
    pub policy: String,
    /// A hundred casualties without a hospital at most, the most urgent first.
    pub casualties: Vec<CasualtyAdvice>,
    /// Every hospital.
    pub hospitals: Vec<HospitalLoad>,
}

impl Centre {
    /// Where the casualties of a major incident would go. Cost: a search of the road graph where
    /// the incident is over, and the spreading of a hundred casualties.
    pub fn advise_places(
        &self,
        now: Timestamp,
        incident: IncidentId,
    ) -> Result<PlaceAdvice, Rejection> {
        let record = self.incident_record(incident)?;
        let Some(major) = &record.incident.major else {
            return Err(MajorRefusal::NotDeclared { incident }.into());
        };
        let hospitals = self.loads(now, record, &BTreeSet::new())?;
        let waiting = waiting(major, &BTreeSet::new());
        let advised = advise(self.rules(), &waiting, &hospitals);
        Ok(PlaceAdvice { policy: self.rules().name.clone(), casualties: advised, hospitals })
    }

    /// The places of [`Self::advise_places`] in short; none where the incident is no major one.
    pub(crate) fn advised_places(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<Vec<CasualtyPlace>, Rejection> {
        if record.incident.major.is_none() {
            return Ok(Vec::new());
        }
        let advice = self.advise_places(now, record.incident.id)?.casualties.into_iter();
        let place = |CasualtyAdvice { casualty, advised }| {
            Some(CasualtyPlace { casualty, hospital: advised?.hospital })
        };
        Ok(advice.filter_map(place).collect())
    }

    pub(super) fn allot(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        major: &MajorIncident,
        places: &[CasualtyPlace],
        overrule: Option<&str>,
    ) -> Events {
        check_reason("overrule", overrule)?;
        let most = i64::try_from(ems_model::CASUALTIES_MAX).expect("2000");
        within("places", i64::try_from(places.len()).unwrap_or(i64::MAX), [1, most])?;
        let named = check_named(major, places)?;
        let hospitals = self.loads(now, record, &named)?;
        let advised = advise(self.rules(), &waiting(major, &named), &hospitals);
        let mut facts: Vec<_> = hospitals.into_iter().map(|load| load.facts).collect();
        let allot = |place: &CasualtyPlace| {
            let best = advised.iter().find(|it| it.casualty == place.casualty);
            let best = best.and_then(|it| it.advised.as_ref());
            let who = self.wanted(casualty(major, place.casualty)?);
            let unknown =
                || Rejection::Unknown { subject: "hospital", id: place.hospital.to_string() };
            let facts = facts.iter_mut().find(|it| it.id == place.hospital).ok_or_else(unknown)?;
            let chosen = self.rules().weigh(&who, facts);
            facts.give(who.tag);
            self.allotted(record, place.casualty, chosen, best, overrule)
        };
        places.iter().map(allot).collect()
    }

    fn allotted(
        &self,
        record: &IncidentRecord,
        casualty: CasualtyId,
        chosen: PlaceCandidate,
        best: Option<&PlaceCandidate>,
        overrule: Option<&str>,
    ) -> Result<MajorEvent, Rejection> {
        let (hospital, incident) = (chosen.hospital, record.incident.id);
        if chosen.drive.is_none() {
            return Err(Rejection::NoRoad { hospital, incident });
        }
        let advised = best.map(|best| best.hospital.clone());
        let is_worse = best.is_some_and(|best| chosen.cost - best.cost > TIE.get());
        let is_bad = advised.as_ref() != Some(&hospital) && (is_worse || !chosen.has_place);
        if is_bad && overrule.is_none() {
            return Err(MajorRefusal::PlaceNeedsReason { casualty, hospital, advised }.into());
        }
        Ok(MajorEvent::CasualtyAllotted {
            casualty,
            hospital,
            policy: self.rules().name.clone(),
            advised,
            drive: chosen.drive,
            reasons: chosen.reasons,
            overrule: overrule.filter(|_| is_bad).map(str::to_owned),
        })
    }

    fn rules(&self) -> &MassCasualtyRules {
        self.config.reference.mass_casualty()
    }

    fn wanted(&self, casualty: &Casualty) -> ems_dispatch::Casualty {
        wanted(self.rules(), casualty)
    }

    /// Every hospital as casualties see it, those in `but` not counted as given.
    fn loads(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        but: &BTreeSet<CasualtyId>,
    ) -> Result<Vec<HospitalLoad>, Rejection> {
        let drives = self.drives(record)?;
        let all = self.ledger.majors.iter().filter_map(|id| {
            let major = self.ledger.incidents[id].incident.major.as_ref()?;
            Some((*id, major))
        });
        let given: Vec<_> = all
            .flat_map(|(id, major)| major.casualties().map(move |it| (id, it)))
            .filter(|(id, it)| *id != record.incident.id || !but.contains(&it.id))
            .filter_map(|(_, it)| Some((it.hospital()?, it)))
            .collect();
        let load = |hospital: &HospitalRecord| {
            let id = &hospital.profile.id;
            let own = given.iter().filter(|(to, _)| *to == id).map(|(_, casualty)| *casualty);
            let drive = drives.get(id).map(|drive| self.city.drive_times.expect(*drive).time);
            load(now, hospital, drive, &own.collect::<Vec<_>>(), self.rules().told_fresh)
        };
        Ok(self.ledger.hospitals.values().map(load).collect())
    }
}

/// What a hospital can take: what it promised for casualties of that kind, or else the beds it told
/// free; less those on their way to it, and those who came after it told.
fn load(
    now: Timestamp,
    hospital: &HospitalRecord,
    drive: Option<Millis>,
    given: &[&Casualty],
    told_fresh: Millis,
) -> HospitalLoad {
    let is_fresh = |at: Timestamp| now.since(at) <= told_fresh;
    let promised = hospital.surge.filter(|surge| is_fresh(surge.declared_at));
    let crowding = hospital.crowding.filter(|told| is_fresh(told.reported_at));
    let told_at = promised.map(|it| it.declared_at).or(crowding.map(|it| it.reported_at));
    let counts = |it: &&&Casualty| match it.state {
        CasualtyState::AtHospital { .. } => told_at.is_none_or(|told| it.since >= told),
        _ => true,
    };
    let taken = by_tag(given.iter().filter(counts).copied());
    let places = match (promised, crowding) {
        (Some(surge), _) => Places::Promised(std::array::from_fn(|idx| {
            surge.places[idx].saturating_sub(taken[idx])
        })),
        (None, Some(told)) => {
            let n_free = told.beds.saturating_sub(told.occupied);
            Places::Beds(n_free.saturating_sub(taken.iter().sum()))
        }
        (None, None) => Places::Unknown,
    };
    let n_brought =
        given.iter().filter(|it| matches!(it.state, CasualtyState::AtHospital { .. })).count();
    let facts = PlaceFacts {
        id: hospital.profile.id.clone(),
        capabilities: hospital.profile.capabilities.clone(),
        drive,
        doors: Doors::clone(&hospital.doors),
        places,
        n_given: by_tag(given.iter().copied()),
    };
    HospitalLoad { facts, told_at, n_brought: u32::try_from(n_brought).unwrap_or(u32::MAX) }
}

/// How many are immediate, delayed and minor; who is brought all the same counts as immediate.
fn by_tag<'a>(casualties: impl Iterator<Item = &'a Casualty>) -> [u32; 3] {
    let mut n = [0; 3];
    for casualty in casualties {
        n[match casualty.tag() {
            Tag::Immediate | Tag::Expectant | Tag::Deceased => 0,
            Tag::Delayed => 1,
            Tag::Minor => 2,
        }] += 1;
    }
    n
}

/// Those without a hospital and those in `named`, the most urgent first.
fn waiting<'a>(major: &'a MajorIncident, named: &BTreeSet<CasualtyId>) -> Vec<&'a Casualty> {
    let is_waiting = |it: &&Casualty| it.state == CasualtyState::Tagged || named.contains(&it.id);
    let mut waiting: Vec<_> = major.casualties().filter(is_waiting).collect();
    waiting.sort_by_key(|it| (!named.contains(&it.id), it.tag(), it.id));
    waiting.truncate(ADVISED_MAX.max(named.len()));
    waiting.sort_by_key(|it| (it.tag(), it.id));
    waiting
}

fn advise(
    rules: &MassCasualtyRules,
    waiting: &[&Casualty],
    hospitals: &[HospitalLoad],
) -> Vec<CasualtyAdvice> {
    let facts: Vec<_> = hospitals.iter().map(|load| load.facts.clone()).collect();
    let who: Vec<_> = waiting.iter().map(|casualty| wanted(rules, casualty)).collect();
    let advised = waiting.iter().zip(rules.advise(&who, &facts));
    advised.map(|(it, advised)| CasualtyAdvice { casualty: it.id, advised }).collect()
}

fn wanted(rules: &MassCasualtyRules, casualty: &Casualty) -> ems_dispatch::Casualty {
    let finding = &casualty.latest().finding;
    ems_dispatch::Casualty { tag: finding.tag, needs: rules.needs(finding) }
}

/// Who is named: each once, and with everybody in the same ambulance.
fn check_named(
    major: &MajorIncident,
    places: &[CasualtyPlace],
) -> Result<BTreeSet<CasualtyId>, Rejection> {
    let mut named = BTreeSet::new();
    for place in places {
        if !named.insert(place.casualty) {
            return Err(MajorRefusal::Twice { casualty: place.casualty }.into());
        }
    }
    let goal_of = |id: CasualtyId| -> Option<&HospitalId> {
        places.iter().find(|place| place.casualty == id).map(|place| &place.hospital)
    };
    for place in places {
        let Some(unit) = casualty(major, place.casualty)?.unit() else { continue };
        if let Some(other) = major.aboard(unit).find(|it| goal_of(it.id) != Some(&place.hospital)) {
            let refusal =
                MajorRefusal::TogetherAboard { casualty: place.casualty, other: other.id };
            return Err(refusal.into());
        }
    }
    Ok(named)
}
