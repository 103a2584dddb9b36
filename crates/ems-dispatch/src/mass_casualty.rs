//! Which hospital each casualty of a major incident goes to, and why; how many a unit takes.

use std::collections::BTreeSet;

use ems_model::{
    AgeGroup, Doors, HospitalCapability, HospitalId, Millis, PlaceReason, Tag, TagFinding, UnitKind,
};
use serde::Deserialize;

use crate::spread::{Allotment, Casualty, Receiver, SpreadPolicy, spread};
use crate::text::{Source, check_name, check_texts, secs};

/// How casualties are spread and loaded, from `data/dispatch/mass-casualty.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MassCasualtyRules {
    /// Its name with its version.
    pub name: String,
    /// Penalty for each capability that a casualty needs and the hospital lacks.
    #[serde(rename = "lacks_capability_s", deserialize_with = "secs")]
    pub lacks_capability: Millis,
    /// Penalty for each casualty of the same tag that the hospital gets already.
    #[serde(rename = "each_before_s", deserialize_with = "secs")]
    pub each_before: Millis,
    /// Casualties that a hospital without told places is offered until it tells some.
    pub n_unknown_max: u32,
    /// Penalty for such a hospital.
    #[serde(rename = "places_unknown_s", deserialize_with = "secs")]
    pub places_unknown: Millis,
    /// What a hospital told up to this age is trusted.
    #[serde(rename = "told_fresh_s", deserialize_with = "secs")]
    pub told_fresh: Millis,
    needs: Needs,
    loads: Vec<Load>,
    /// Where its figures come from.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Needs {
    immediate: BTreeSet<HospitalCapability>,
    delayed: BTreeSet<HospitalCapability>,
    minor: BTreeSet<HospitalCapability>,
    child: BTreeSet<HospitalCapability>,
}

/// How many casualties a unit takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    kind: UnitKind,
    /// Most who lie: all but those tagged minor.
    pub n_lying_max: u32,
    /// Most in all.
    pub n_max: u32,
}

/// What a hospital can still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// Promised by tag (immediate, delayed, minor), and not yet given to a casualty.
    Promised([u32; 3]),
    /// Free beds of its department, for any tag, not yet given to a casualty.
    Beds(u32),
    /// Nobody knows.
    Unknown,
}

/// A hospital as casualties see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceFacts {
    /// Which.
    pub id: HospitalId,
    /// What it can do.
    pub capabilities: BTreeSet<HospitalCapability>,
    /// The drive from the scene; `None` where no road leads.
    pub drive: Option<Millis>,
    /// Whether it takes ambulances.
    pub doors: Doors,
    /// What it can still take.
    pub places: Places,
    /// How many immediate, delayed and minor casualties it was given.
    pub n_given: [u32; 3],
}

/// A hospital weighed for one casualty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCandidate {
    /// Which.
    pub hospital: HospitalId,
    /// The drive from the scene.
    pub drive: Option<Millis>,
    /// Drive and penalties, milliseconds.
    pub cost: i64,
    /// Whether it has a place, as far as is known, and takes ambulances.
    pub has_place: bool,
    /// What speaks for and against it.
    pub reasons: Vec<PlaceReason>,
}

/// What a hospital costs that no road leads to: a day.
const NO_ROAD: Millis = Millis::from_mins(24 * 60);
/// The tags that are brought to hospital, most urgent first.
const BROUGHT: [Tag; 3] = [Tag::Immediate, Tag::Delayed, Tag::Minor];

impl MassCasualtyRules {
    /// What a casualty's hospital must have.
    pub fn needs(&self, finding: &TagFinding) -> BTreeSet<HospitalCapability> {
        let of_tag = match finding.tag {
            Tag::Immediate | Tag::Expectant | Tag::Deceased => &self.needs.immediate,
            Tag::Delayed => &self.needs.delayed,
            Tag::Minor => &self.needs.minor,
        };
        let of_age = (finding.age_group == AgeGroup::Child).then_some(&self.needs.child);
        of_tag.iter().chain(of_age.into_iter().flatten()).chain(&finding.needs).copied().collect()
    }

    /// How many casualties a unit of that kind takes: none, where it takes no patient.
    pub fn load(&self, kind: UnitKind) -> Load {
        let load = self.loads.iter().find(|load| load.kind == kind);
        load.copied().unwrap_or(Load { kind, n_lying_max: 0, n_max: 0 })
    }

    /// The best hospital for each casualty, in their order; `None` where none has a place, and for
    /// expectant and deceased ones, who are not brought before the others.
    ///
    /// The most urgent choose first, of each tag as many as possible get a place, and none is
    /// given more than it told. Cost: see [`spread`], once a tag.
    pub fn advise(
        &self,
        casualties: &[Casualty],
        hospitals: &[PlaceFacts],
    ) -> Vec<Option<PlaceCandidate>> {
        let mut hospitals = hospitals.to_vec();
        let mut advised = vec![None; casualties.len()];
        for tag in BROUGHT {
            let of_tag: Vec<_> =
                (0..casualties.len()).filter(|&idx| casualties[idx].tag == tag).collect();
            let who: Vec<_> = of_tag.iter().map(|&idx| casualties[idx].clone()).collect();
            let receivers: Vec<_> = hospitals.iter().map(|it| self.receiver(it, tag)).collect();
            let policy = SpreadPolicy {
                lacks_capability: self.lacks_capability,
                each_before: self.each_before,
            };
            for (idx, allotment) in of_tag.into_iter().zip(spread(&who, &receivers, policy)) {
                let Allotment::To { hospital, .. } = allotment else { continue };
                let found = hospitals.iter_mut().find(|it| it.id == hospital);
                let facts = found.expect("spread names one of the receivers");
                advised[idx] = Some(self.weigh(&casualties[idx], facts));
                facts.give(tag);
            }
        }
        advised
    }

    /// Weighs one hospital for one casualty.
    pub fn weigh(&self, casualty: &Casualty, facts: &PlaceFacts) -> PlaceCandidate {
        let mut reasons = Vec::new();
        let mut cost = self.drive_cost(facts, casualty.tag).get();
        for &capability in &casualty.needs {
            reasons.push(if facts.capabilities.contains(&capability) {
                PlaceReason::HasCapability { capability }
            } else {
                cost += self.lacks_capability.get();
                PlaceReason::LacksCapability { capability }
            });
        }
        let n_left = self.n_left(facts, casualty.tag);
        reasons.push(place_reason(facts.places, n_left));
        if let Doors::Diverting { reason, .. } = &facts.doors {
            reasons.push(PlaceReason::Diverting { why: reason.clone() });
        }
        if facts.drive.is_none() {
            reasons.push(PlaceReason::Unreachable);
        }
        let has_place = facts.is_open() && n_left > 0;
        PlaceCandidate { hospital: facts.id.clone(), drive: facts.drive, cost, has_place, reasons }
    }

    fn receiver(&self, facts: &PlaceFacts, tag: Tag) -> Receiver {
        let n_left = if facts.is_open() { self.n_left(facts, tag) } else { 0 };
        Receiver {
            hospital: facts.id.clone(),
            capabilities: facts.capabilities.clone(),
            drive: facts.drive.map(|_| self.drive_cost(facts, tag)),
            places: [n_left; 3],
        }
    }

    /// The drive with what is added to it whoever the casualty is.
    fn drive_cost(&self, facts: &PlaceFacts, tag: Tag) -> Millis {
        let n_given = idx_of(tag).map_or(0, |idx| facts.n_given[idx]);
        let before = Millis::new(self.each_before.get() * i64::from(n_given));
        let unknown = match facts.places {
            Places::Unknown => self.places_unknown,
            Places::Promised(_) | Places::Beds(_) => Millis::ZERO,
        };
        facts.drive.unwrap_or(NO_ROAD) + before + unknown
    }

    fn n_left(&self, facts: &PlaceFacts, tag: Tag) -> u32 {
        match facts.places {
            Places::Promised(places) => idx_of(tag).map_or(0, |idx| places[idx]),
            Places::Beds(n) => n,
            Places::Unknown => self.n_unknown_max.saturating_sub(facts.n_given.iter().sum()),
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        check_texts([], &self.sources)?;
        for kind in UnitKind::ALL {
            let n = self.loads.iter().filter(|load| load.kind == kind).count();
            if n != usize::from(kind.can_transport()) {
                return Err(format!(
                    "{kind:?} has {n} [[loads]]: give one to each kind that takes patients, no other"
                ));
            }
        }
        let bad =
            self.loads.iter().find(|it| !(1..=20).contains(&it.n_max) || it.n_lying_max > it.n_max);
        bad.map_or(Ok(()), |load| {
            let (n, lying) = (load.n_max, load.n_lying_max);
            Err(format!("n_max {n} is outside 1..=20 or under n_lying_max {lying}: correct one"))
        })
    }
}

impl PlaceFacts {
    fn is_open(&self) -> bool {
        self.doors == Doors::Open && self.drive.is_some()
    }

    /// Takes off the place that a casualty of that tag is given.
    pub fn give(&mut self, tag: Tag) {
        let Some(idx) = idx_of(tag) else { return };
        self.n_given[idx] += 1;
        match &mut self.places {
            Places::Promised(places) => places[idx] = places[idx].saturating_sub(1),
            Places::Beds(n) => *n = n.saturating_sub(1),
            Places::Unknown => {}
        }
    }
}

fn idx_of(tag: Tag) -> Option<usize> {
    BROUGHT.iter().position(|it| *it == tag)
}

fn place_reason(places: Places, n_left: u32) -> PlaceReason {
    match (places, n_left.checked_sub(1)) {
        (Places::Unknown, _) => PlaceReason::PlacesUnknown,
        (_, None) => PlaceReason::Full,
        (Places::Promised(_), Some(n_left)) => PlaceReason::PlacesTold { n_left },
        (Places::Beds(_), Some(n_left)) => PlaceReason::BedsFree { n_left },
    }
}
