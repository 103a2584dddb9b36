//! What stands still in a city: hospitals and ambulance stations.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{HospitalId, Position, StationId};

/// What a hospital can do for an emergency patient at any hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HospitalCapability {
    /// An emergency department that takes patients from ambulances.
    Emergency,
    /// Primary percutaneous coronary intervention (cath lab).
    Pci,
    /// Intravenous thrombolysis for stroke.
    StrokeThrombolysis,
    /// Mechanical thrombectomy for stroke.
    StrokeThrombectomy,
    /// Major trauma: surgeons, blood and imaging at once.
    Trauma,
    /// Burns unit.
    Burns,
    /// Obstetrics with operating theatre.
    Obstetrics,
    /// Paediatric emergency care.
    Paediatrics,
    /// Intensive care beds.
    IntensiveCare,
    /// Acute psychiatry.
    Psychiatry,
    /// Antidotes and care for poisoning.
    Toxicology,
    /// Intensive care of newborns, those below 32 weeks included.
    NeonatalIntensiveCare,
    /// Major trauma of children.
    PaediatricTrauma,
}

/// A hospital as the city pack knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HospitalProfile {
    /// Its name within the pack.
    pub id: HospitalId,
    /// Its name for people, in the local language.
    pub name: String,
    /// Its Chinese name, where known.
    pub name_zh: Option<String>,
    /// Where ambulances arrive.
    pub position: Position,
    /// What it can do.
    pub capabilities: BTreeSet<HospitalCapability>,
    /// Emergency department beds; `None` where nobody said.
    pub emergency_beds: Option<u32>,
    /// Whether capabilities or beds were invented for a demonstration.
    pub is_invented: bool,
}

/// An ambulance station as the city pack knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StationProfile {
    /// Its name within the pack.
    pub id: StationId,
    /// Its name for people.
    pub name: String,
    /// Where its units wait.
    pub position: Position,
    /// Whether the import placed it, the map having none.
    pub is_placed: bool,
}
