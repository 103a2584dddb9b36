//! A hospital on a screen.

use std::collections::BTreeSet;

use ems_centre::Centre;
use ems_dispatch::nedocs_points;
use ems_model::{Crowding, Doors, HospitalCapability, HospitalId, Position};
use serde::Serialize;
use utoipa::ToSchema;

use super::incident::ReceptionView;
use super::major::{AnnouncedView, SurgeView};

/// A hospital with what it said of itself and whom it expects.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HospitalView {
    id: HospitalId,
    name: String,
    name_zh: Option<String>,
    position: Position,
    capabilities: BTreeSet<HospitalCapability>,
    emergency_beds: Option<u32>,
    is_invented: bool,
    crowding: Option<Crowding>,
    /// National Emergency Department Overcrowding Scale, rounded; `None` where the department
    /// told no census.
    nedocs: Option<u32>,
    doors: Doors,
    receptions: Vec<ReceptionView>,
    /// Casualties of major incidents who are to come.
    casualties: Vec<AnnouncedView>,
    surge: Option<SurgeView>,
}

impl HospitalView {
    pub(crate) fn of(centre: &Centre, id: &HospitalId) -> Option<Self> {
        let record = centre.ledger().hospital(id)?;
        let profile = record.profile.clone();
        let expected = record.expecting.iter().filter_map(|id| centre.ledger().incident(*id));
        let receptions = expected.filter_map(|incident| incident.reception.as_ref());
        Some(Self {
            id: profile.id,
            name: profile.name,
            name_zh: profile.name_zh,
            position: profile.position,
            capabilities: profile.capabilities,
            emergency_beds: profile.emergency_beds,
            is_invented: profile.is_invented,
            crowding: record.crowding,
            nedocs: record.crowding.as_ref().and_then(nedocs_points),
            doors: record.doors.clone(),
            receptions: receptions.map(ReceptionView::from).collect(),
            casualties: AnnouncedView::at(centre, id).collect(),
            surge: record.surge.map(SurgeView::from),
        })
    }
}
