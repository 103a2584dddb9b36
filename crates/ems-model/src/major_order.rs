//! What is ordered at a major incident, and what happens there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AgeGroup, Areas, CasualtyId, HospitalCapability, HospitalId, Methane, Millis, SceneEnd, Tag,
    TagFinding, UnitId,
};

/// Another tag than the tree's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TagOverrule {
    /// The tag.
    pub tag: Tag,
    /// Why.
    pub reason: String,
}

/// Which casualty goes where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CasualtyPlace {
    /// Who.
    pub casualty: CasualtyId,
    /// Where.
    pub hospital: HospitalId,
}

/// What people ask for at a major incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MajorOrder {
    /// The incident is a major one.
    Declare {
        /// Where things are.
        #[serde(default)]
        areas: Areas,
        /// The first report.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        methane: Option<Methane>,
    },
    /// Things are elsewhere, or the report is a later one.
    Report {
        /// Where things are.
        areas: Areas,
        /// The report.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        methane: Option<Methane>,
    },
    /// A unit on its way is to wait at a staging area.
    StageUnit {
        /// Which unit.
        unit: UnitId,
        /// At which area.
        area: String,
    },
    /// A unit is called forward from staging.
    CallForward {
        /// Which unit.
        unit: UnitId,
    },
    /// A casualty is tagged, or tagged again.
    Tag {
        /// Who; `None` for one who has no number yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        casualty: Option<CasualtyId>,
        /// How old the casualty looks.
        age_group: AgeGroup,
        /// By which tree, with its version: `start-1997/1`.
        tree: String,
        /// Question to yes.
        answers: BTreeMap<String, bool>,
        /// Another tag than the tree's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrule: Option<TagOverrule>,
        /// What the hospital must have beyond what the tag asks for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        needs: Vec<HospitalCapability>,
    },
    /// Casualties are given hospitals.
    Allot {
        /// Who goes where; 1..=2000.
        places: Vec<CasualtyPlace>,
        /// Why they are worse than the recommended ones, where one is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrule: Option<String>,
    },
    /// A casualty is carried into an ambulance.
    Load {
        /// Who.
        casualty: CasualtyId,
        /// Into which.
        unit: UnitId,
    },
    /// A casualty is carried out again.
    Unload {
        /// Who.
        casualty: CasualtyId,
        /// Why.
        reason: String,
    },
    /// A casualty leaves the scene without an ambulance.
    EndOnScene {
        /// Who.
        casualty: CasualtyId,
        /// How.
        how: SceneEnd,
    },
    /// Nobody is left on scene or on the way: the incident is no major one any more.
    StandDown,
}

/// Why a hospital was, or was not, the one for a casualty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum PlaceReason {
    /// It has what is needed.
    HasCapability {
        /// What.
        capability: HospitalCapability,
    },
    /// It lacks what is needed.
    LacksCapability {
        /// What.
        capability: HospitalCapability,
    },
    /// It has promised places for this tag.
    PlacesTold {
        /// How many are left, this casualty not counted.
        n_left: u32,
    },
    /// Its department has told free places.
    BedsFree {
        /// How many are left, this casualty not counted.
        n_left: u32,
    },
    /// It has told nothing of late: call it first.
    PlacesUnknown,
    /// What it told is taken.
    Full,
    /// It asks to be passed by.
    Diverting {
        /// Why.
        why: String,
    },
    /// No road leads there.
    Unreachable,
}

/// What happened at a major incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MajorEvent {
    /// It was declared.
    Declared {
        /// Where things are.
        areas: Areas,
        /// The first report.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        methane: Option<Methane>,
    },
    /// Things are elsewhere, or the report is a later one.
    Reported {
        /// Where things are.
        areas: Areas,
        /// The report.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        methane: Option<Methane>,
    },
    /// A unit was told to wait at a staging area.
    UnitStaged {
        /// Which unit.
        unit: UnitId,
        /// Where.
        area: String,
    },
    /// A unit was called forward.
    UnitCalledForward {
        /// Which unit.
        unit: UnitId,
    },
    /// A casualty was tagged.
    CasualtyTagged {
        /// Who.
        casualty: CasualtyId,
        /// What was found.
        finding: TagFinding,
    },
    /// A casualty was given a hospital.
    CasualtyAllotted {
        /// Who.
        casualty: CasualtyId,
        /// Which.
        hospital: HospitalId,
        /// The rules that recommended, with their version.
        policy: String,
        /// The one they recommended; `None` where none had a place.
        advised: Option<HospitalId>,
        /// The drive there from the scene.
        drive: Option<Millis>,
        /// What spoke for and against it.
        reasons: Vec<PlaceReason>,
        /// Why a worse one was taken, where it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrule: Option<String>,
    },
    /// A casualty was carried into an ambulance.
    CasualtyLoaded {
        /// Who.
        casualty: CasualtyId,
        /// Which.
        unit: UnitId,
    },
    /// A casualty was carried out again.
    CasualtyUnloaded {
        /// Who.
        casualty: CasualtyId,
        /// Out of which.
        unit: UnitId,
        /// Why.
        reason: String,
    },
    /// A casualty was brought.
    CasualtyBrought {
        /// Who.
        casualty: CasualtyId,
        /// By whom.
        unit: UnitId,
        /// Where.
        hospital: HospitalId,
    },
    /// A casualty left the scene without an ambulance.
    CasualtyEnded {
        /// Who.
        casualty: CasualtyId,
        /// How.
        how: SceneEnd,
    },
    /// The incident is no major one any more.
    StoodDown,
}

impl MajorEvent {
    /// The unit that the event is about, if it is about one.
    pub fn unit(&self) -> Option<&UnitId> {
        match self {
            Self::UnitStaged { unit, .. }
            | Self::UnitCalledForward { unit }
            | Self::CasualtyLoaded { unit, .. }
            | Self::CasualtyUnloaded { unit, .. }
            | Self::CasualtyBrought { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// The hospital that the event is about, if it is about one.
    pub fn hospital(&self) -> Option<&HospitalId> {
        match self {
            Self::CasualtyAllotted { hospital, .. } | Self::CasualtyBrought { hospital, .. } => {
                Some(hospital)
            }
            _ => None,
        }
    }

    /// What the event is called in the log: `casualty_tagged`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Declared { .. } => "major_incident_declared",
            Self::Reported { .. } => "major_incident_reported",
            Self::UnitStaged { .. } => "unit_staged",
            Self::UnitCalledForward { .. } => "unit_called_forward",
            Self::CasualtyTagged { .. } => "casualty_tagged",
            Self::CasualtyAllotted { .. } => "casualty_allotted",
            Self::CasualtyLoaded { .. } => "casualty_loaded",
            Self::CasualtyUnloaded { .. } => "casualty_unloaded",
            Self::CasualtyBrought { .. } => "casualty_brought",
            Self::CasualtyEnded { .. } => "casualty_ended",
            Self::StoodDown => "major_incident_stood_down",
        }
    }
}
