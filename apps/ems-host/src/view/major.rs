//! A major incident on a screen.

use std::collections::BTreeMap;

use ems_centre::{Centre, HospitalLoad, IncidentRecord, PlaceAdvice, Rejection};
use ems_dispatch::{Next, PlaceCandidate, Places, TagTree};
use ems_model::{
    AgeGroup, Areas, Casualty, CasualtyId, CasualtyState, HospitalCapability, HospitalId,
    IncidentId, Leg, MajorIncident, MajorState, Methane, Millis, PlaceReason, Surge, Tag,
    TagRecord, Timestamp, UnitId,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::text::{SourceView, TextView};

/// How a major incident stands, in a few numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MajorSummaryView {
    #[serde(flatten)]
    state: MajorState,
    /// Casualties by tag: `{"immediate": 3, ...}`.
    by_tag: BTreeMap<Tag, usize>,
    /// The same casualties by where they are.
    by_place: BTreeMap<&'static str, usize>,
}

/// Everything about a major incident.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MajorIncidentView {
    incident: IncidentId,
    now: Timestamp,
    summary: MajorSummaryView,
    areas: Areas,
    methane: Option<Methane>,
    /// Units that were told to wait, and where.
    staged: BTreeMap<UnitId, String>,
    casualties: Vec<CasualtyView>,
    /// The rules that advise, with their version.
    policy: String,
    hospitals: Vec<HospitalLoadView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CasualtyView {
    id: CasualtyId,
    tag: Tag,
    age_group: AgeGroup,
    #[serde(flatten)]
    state: CasualtyState,
    since: Timestamp,
    /// When the ambulance is expected at the hospital.
    eta: Option<Timestamp>,
    /// Every tagging, oldest first.
    tags: Vec<TagRecord>,
    /// The best hospital, for one who has none; `null` where none has a place as far as is known.
    advised: Option<PlaceView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlaceView {
    hospital: HospitalId,
    drive: Option<Millis>,
    cost: i64,
    has_place: bool,
    reasons: Vec<PlaceReason>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HospitalLoadView {
    hospital: HospitalId,
    drive: Option<Millis>,
    /// What it can still take, as far as is known.
    left: LeftView,
    /// When it told so.
    told_at: Option<Timestamp>,
    /// Immediate, delayed and minor casualties that it was given.
    n_given: [u32; 3],
    /// How many of them are there.
    n_brought: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "told", rename_all = "snake_case")]
enum LeftView {
    /// By tag: immediate, delayed, minor.
    Promised { places: [u32; 3] },
    /// Free beds for any tag.
    Beds { n: u32 },
    /// Nothing was told of late.
    Unknown,
}

/// A casualty whom a hospital expects.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnnouncedView {
    incident: IncidentId,
    casualty: CasualtyId,
    tag: Tag,
    age_group: AgeGroup,
    needs: Vec<HospitalCapability>,
    unit: Option<UnitId>,
    eta: Option<Timestamp>,
}

/// Places that a hospital promises.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SurgeView {
    /// For immediate, delayed and minor casualties.
    places: [u32; 3],
    declared_at: Timestamp,
}

/// A method of tagging.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagTreeView {
    name: String,
    title: TextView,
    ages: Vec<AgeGroup>,
    steps: Vec<TagStepView>,
    sources: Vec<SourceView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TagStepView {
    id: String,
    ask: TextView,
    yes: NextView,
    no: NextView,
}

/// Where an answer leads.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NextView {
    Step(String),
    Tag(Tag),
}

impl From<&MajorIncident> for MajorSummaryView {
    fn from(major: &MajorIncident) -> Self {
        let (mut by_tag, mut by_place) = (BTreeMap::new(), BTreeMap::new());
        for casualty in major.casualties() {
            *by_tag.entry(casualty.tag()).or_default() += 1;
            *by_place.entry(place_name(&casualty.state)).or_default() += 1;
        }
        Self { state: major.state, by_tag, by_place }
    }
}

fn place_name(state: &CasualtyState) -> &'static str {
    match state {
        CasualtyState::Tagged => "tagged",
        CasualtyState::Allotted { .. } => "allotted",
        CasualtyState::Loaded { .. } => "loaded",
        CasualtyState::AtHospital { .. } => "at_hospital",
        CasualtyState::DeadOnScene => "dead_on_scene",
        CasualtyState::WalkedAway => "walked_away",
        CasualtyState::Released => "released",
    }
}

impl MajorIncidentView {
    pub(crate) fn of(
        centre: &Centre,
        now: Timestamp,
        incident: IncidentId,
    ) -> Result<Self, Rejection> {
        let PlaceAdvice { policy, casualties, hospitals } = centre.advise_places(now, incident)?;
        let record = centre.ledger().incident(incident).expect("it was just advised on");
        let major = record.incident.major.as_ref().expect("it was just advised on");
        let mut advised: BTreeMap<_, _> = casualties
            .into_iter()
            .filter_map(|it| Some((it.casualty, PlaceView::from(it.advised?))))
            .collect();
        let view = |it: &Casualty| CasualtyView::of(record, it, advised.remove(&it.id));
        Ok(Self {
            incident,
            now,
            summary: MajorSummaryView::from(major.as_ref()),
            areas: major.areas.clone(),
            methane: major.methane.clone(),
            staged: major.staged.clone(),
            casualties: major.casualties().map(view).collect(),
            policy,
            hospitals: hospitals.into_iter().map(HospitalLoadView::from).collect(),
        })
    }
}

impl CasualtyView {
    fn of(record: &IncidentRecord, casualty: &Casualty, advised: Option<PlaceView>) -> Self {
        Self {
            id: casualty.id,
            tag: casualty.tag(),
            age_group: casualty.latest().finding.age_group,
            state: casualty.state.clone(),
            since: casualty.since,
            eta: eta_of(record, casualty),
            tags: casualty.tags.clone(),
            advised,
        }
    }
}

fn eta_of(record: &IncidentRecord, casualty: &Casualty) -> Option<Timestamp> {
    let eta = record.etas.get(&(casualty.unit()?.clone(), Leg::ToHospital))?;
    Some(eta.eta)
}

impl From<PlaceCandidate> for PlaceView {
    fn from(it: PlaceCandidate) -> Self {
        let PlaceCandidate { hospital, drive, cost, has_place, reasons } = it;
        Self { hospital, drive, cost, has_place, reasons }
    }
}

impl From<HospitalLoad> for HospitalLoadView {
    fn from(load: HospitalLoad) -> Self {
        let HospitalLoad { facts, told_at, n_brought } = load;
        let left = match facts.places {
            Places::Promised(places) => LeftView::Promised { places },
            Places::Beds(n) => LeftView::Beds { n },
            Places::Unknown => LeftView::Unknown,
        };
        let (hospital, drive, n_given) = (facts.id, facts.drive, facts.n_given);
        Self { hospital, drive, left, told_at, n_given, n_brought }
    }
}

impl AnnouncedView {
    /// The casualties whom a hospital was told of and who are not there yet.
    pub(crate) fn at<'a>(
        centre: &'a Centre,
        hospital: &'a HospitalId,
    ) -> impl Iterator<Item = Self> + 'a {
        let majors = centre.ledger().major_incidents();
        let all = majors.flat_map(|record| {
            let casualties = record.incident.major.iter().flat_map(|major| major.casualties());
            casualties.map(move |casualty| (record, casualty))
        });
        let expected = all.filter(|(_, it)| it.is_open() && it.hospital() == Some(hospital));
        expected.map(|(record, it)| Self {
            incident: record.incident.id,
            casualty: it.id,
            tag: it.tag(),
            age_group: it.latest().finding.age_group,
            needs: it.latest().finding.needs.iter().copied().collect(),
            unit: it.unit().cloned(),
            eta: eta_of(record, it),
        })
    }
}

impl From<Surge> for SurgeView {
    fn from(surge: Surge) -> Self {
        Self { places: surge.places, declared_at: surge.declared_at }
    }
}

impl From<&TagTree> for TagTreeView {
    fn from(tree: &TagTree) -> Self {
        let steps = tree.steps.iter().map(|step| TagStepView {
            id: step.id.clone(),
            ask: TextView::from(&step.ask),
            yes: NextView::from(&step.yes),
            no: NextView::from(&step.no),
        });
        Self {
            name: tree.name.clone(),
            title: TextView::from(&tree.title),
            ages: tree.ages.iter().copied().collect(),
            steps: steps.collect(),
            sources: tree.sources.iter().map(SourceView::from).collect(),
        }
    }
}

impl From<&Next> for NextView {
    fn from(next: &Next) -> Self {
        match next {
            Next::Step(id) => Self::Step(id.clone()),
            Next::Tag(tag) => Self::Tag(*tag),
        }
    }
}
