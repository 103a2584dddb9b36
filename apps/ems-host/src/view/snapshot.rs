//! Everything that a console needs to start.

use ems_centre::{Centre, IncidentRecord};
use ems_model::{Millis, StationProfile, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::hospital::HospitalView;
use super::incident::IncidentView;
use super::reference::SchemeView;
use super::traffic::TrafficSummaryView;
use super::unit::{UnitView, VitalsView};

/// How long an incident that is over stays on screens.
const KEPT: Millis = Millis::from_mins(60);

/// The state of the service at one event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Snapshot {
    /// The last event that it contains; follow the stream from here.
    seq: u64,
    now: Timestamp,
    /// How many of the centre's seconds pass in one of the world's.
    speed: f64,
    city: CityView,
    scheme: SchemeView,
    incidents: Vec<IncidentView>,
    units: Vec<UnitView>,
    /// The latest of each patient who is being measured.
    vitals: Vec<VitalsView>,
    hospitals: Vec<HospitalView>,
    stations: Vec<StationProfile>,
    traffic: TrafficSummaryView,
    /// The name of the policy in force; `/api/policies` tells them all.
    policy: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct CityView {
    name: String,
    /// West, south, east, north in degrees.
    bounds: [f64; 4],
    attribution: String,
    /// The file of speeds by hour of the week under which times are told; nobody has checked it.
    week: Option<String>,
}

impl Snapshot {
    pub(crate) fn of(centre: &Centre, now: Timestamp, speed: f64) -> Self {
        let ledger = centre.ledger();
        let shown = ledger.incidents().filter(|record| is_shown(record, now));
        let units = ledger.units().filter_map(|it| UnitView::of(centre, &it.unit.id));
        let vitals = ledger.units().filter_map(|it| VitalsView::of(centre, &it.unit));
        let hospitals =
            ledger.hospitals().filter_map(|it| HospitalView::of(centre, &it.profile.id));
        Self {
            seq: centre.seq(),
            now,
            speed,
            city: city_view(centre),
            scheme: SchemeView::from(centre.config().reference.scheme()),
            incidents: shown.map(|it| IncidentView::of(centre, now, it)).collect(),
            units: units.collect(),
            vitals: vitals.collect(),
            hospitals: hospitals.collect(),
            stations: centre.city().stations.clone(),
            traffic: centre.traffic().summary().into(),
            policy: centre.policy().name.clone(),
        }
    }
}

fn is_shown(record: &IncidentRecord, now: Timestamp) -> bool {
    record.ended_at.is_none_or(|ended| now.since(ended) <= KEPT)
}

fn city_view(centre: &Centre) -> CityView {
    let city = centre.city();
    let bounds = city.roads.bounds();
    let (low, high) = (bounds.south_west, bounds.north_east);
    CityView {
        name: city.name.clone(),
        bounds: [low.lon(), low.lat(), high.lon(), high.lat()],
        attribution: city.attribution.clone(),
        week: city.drive_times.week.as_ref().map(|week| week.name.clone()),
    }
}
