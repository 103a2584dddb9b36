//! A major incident: an open incident with many casualties, its areas and its report.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Casualty, CasualtyId, IncidentId, MajorEvent, Position, TagRecord, Timestamp, TransitionError,
    UnitId,
};

/// Most units on a major incident at a time.
pub const UNITS_PER_MAJOR_INCIDENT_MAX: usize = 200;
/// Most casualties of a major incident.
pub const CASUALTIES_MAX: usize = 2_000;

/// Where units of a major incident wait until they are called forward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StagingArea {
    /// Its name, unique within the incident, 1..=40 bytes.
    pub name: String,
    /// Where.
    pub position: Position,
    /// How many units it holds, 1..=200.
    pub n_units_max: u32,
}

/// Where things are at a major incident.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Areas {
    /// Where units wait; four at most.
    #[serde(default)]
    pub staging: Vec<StagingArea>,
    /// Where casualties are gathered and loaded; `None` where that is the incident's own place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<Position>,
}

/// The first report from a major incident; each line may be missing.
///
/// Source: the M/ETHANE model of the UK's Joint Emergency Services Interoperability Principles,
/// <https://www.jesip.org.uk/methane>: major incident declared, exact location, type of incident,
/// hazards, access, number of casualties, emergency services. The first two the incident has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Methane {
    /// Type of incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Hazards present or suspected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazards: Option<String>,
    /// Routes that are safe to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
    /// Number, type and severity of casualties, as first told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub casualties: Option<String>,
    /// Emergency services present and those required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<String>,
}

/// How a major incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MajorState {
    /// Declared.
    Declared {
        /// When.
        at: Timestamp,
    },
    /// Over; the incident can be closed.
    StoodDown {
        /// When.
        at: Timestamp,
    },
}

impl fmt::Display for MajorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declared { .. } => "declared",
            Self::StoodDown { .. } => "stood down",
        })
    }
}

/// What makes an incident a major one.
#[derive(Debug, Clone, PartialEq)]
pub struct MajorIncident {
    /// Which incident.
    pub incident: IncidentId,
    /// How it stands.
    pub state: MajorState,
    /// Where things are.
    pub areas: Areas,
    /// The newest report.
    pub methane: Option<Methane>,
    /// Units that were told to wait, and at which area; until they arrive on scene, are called
    /// forward or leave.
    pub staged: BTreeMap<UnitId, String>,
    casualties: BTreeMap<CasualtyId, Casualty>,
}

type Stepped = Result<(), TransitionError>;

impl MajorIncident {
    /// A major incident without casualties yet.
    pub fn declared(
        incident: IncidentId,
        at: Timestamp,
        areas: Areas,
        methane: Option<Methane>,
    ) -> Self {
        let (state, staged) = (MajorState::Declared { at }, BTreeMap::new());
        Self { incident, state, areas, methane, staged, casualties: BTreeMap::new() }
    }

    /// Every casualty that was found, by number.
    pub fn casualties(&self) -> impl Iterator<Item = &Casualty> {
        self.casualties.values()
    }

    /// One casualty.
    pub fn casualty(&self, id: CasualtyId) -> Option<&Casualty> {
        self.casualties.get(&id)
    }

    /// The casualties in an ambulance, by number.
    pub fn aboard<'a>(&'a self, unit: &'a UnitId) -> impl Iterator<Item = &'a Casualty> {
        self.casualties().filter(move |casualty| casualty.unit() == Some(unit))
    }

    /// The number of the next casualty.
    pub fn next_casualty(&self) -> CasualtyId {
        CasualtyId(self.casualties.last_key_value().map_or(0, |(id, _)| id.0) + 1)
    }

    /// Where a unit that was told to wait does so.
    pub fn waits_at(&self, unit: &UnitId) -> Option<&StagingArea> {
        let name = self.staged.get(unit)?;
        self.areas.staging.iter().find(|area| area.name == *name)
    }

    /// A unit has arrived on scene, was called forward or has left.
    pub fn unstage(&mut self, unit: &UnitId) {
        self.staged.remove(unit);
    }

    /// Takes what happened; a step that a lifecycle does not allow changes nothing.
    pub fn apply(&mut self, event: &MajorEvent, by: &str, at: Timestamp) -> Stepped {
        self.check_declared(event.name())?;
        match event {
            MajorEvent::Declared { .. } => Err(self.illegal("be declared again", "an incident")),
            MajorEvent::Reported { areas, methane } => {
                (self.areas, self.methane) = (areas.clone(), methane.clone());
                Ok(())
            }
            MajorEvent::UnitStaged { unit, area } => {
                self.staged.insert(unit.clone(), area.clone());
                Ok(())
            }
            MajorEvent::UnitCalledForward { unit } => {
                self.unstage(unit);
                Ok(())
            }
            MajorEvent::CasualtyTagged { casualty, finding } => {
                let tag = TagRecord { finding: finding.clone(), by: by.to_owned(), at };
                self.tag(*casualty, tag)
            }
            MajorEvent::CasualtyAllotted { casualty, hospital, .. } => {
                self.change(*casualty, |it| it.allot(at, hospital.clone()))
            }
            MajorEvent::CasualtyLoaded { casualty, unit } => {
                self.change(*casualty, |it| it.load(at, unit.clone()))
            }
            MajorEvent::CasualtyUnloaded { casualty, .. } => {
                self.change(*casualty, |it| it.unload(at))
            }
            MajorEvent::CasualtyBrought { casualty, .. } => {
                self.change(*casualty, |it| it.arrive(at))
            }
            MajorEvent::CasualtyEnded { casualty, how } => {
                self.change(*casualty, |it| it.end(at, *how))
            }
            MajorEvent::StoodDown => self.stand_down(at),
        }
    }

    fn tag(&mut self, id: CasualtyId, tag: TagRecord) -> Stepped {
        if self.casualties.contains_key(&id) {
            return self.change(id, |it| it.retag(tag));
        }
        if id != self.next_casualty() || self.casualties.len() >= CASUALTIES_MAX {
            return Err(self.illegal("number a casualty so", "given 1 to 2000 in turn"));
        }
        self.casualties.insert(id, Casualty::found(id, tag));
        Ok(())
    }

    fn change(
        &mut self,
        id: CasualtyId,
        change: impl FnOnce(Casualty) -> Result<Casualty, TransitionError>,
    ) -> Stepped {
        let Some(casualty) = self.casualties.get_mut(&id) else {
            return Err(TransitionError::new("casualty", &id, "unknown", "change", "tagged first"));
        };
        *casualty = change(casualty.clone())?;
        Ok(())
    }

    fn stand_down(&mut self, at: Timestamp) -> Stepped {
        if self.casualties().any(Casualty::is_open) {
            let legal = "without a casualty on scene or on the way";
            return Err(self.illegal("stand down", legal));
        }
        self.state = MajorState::StoodDown { at };
        Ok(())
    }

    fn check_declared(&self, step: &str) -> Stepped {
        match self.state {
            MajorState::Declared { .. } => Ok(()),
            MajorState::StoodDown { .. } => Err(self.illegal(step, "declared")),
        }
    }

    fn illegal(&self, step: &str, legal: &'static str) -> TransitionError {
        TransitionError::new("major incident", &self.incident, self.state, step, legal)
    }
}
