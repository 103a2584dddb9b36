//! A unit on a screen.

use ems_centre::{Centre, Posted, UnitRoute};
use ems_model::{
    CrewId, CrewState, IncidentId, Leg, Micros, Millis, News2, Position, PostReason, ScoreTold,
    StationId, Timestamp, Unit, UnitId, UnitKind, UnitState, Vitals,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::aid::GuestView;

/// A unit with where it was last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitView {
    id: UnitId,
    kind: UnitKind,
    state: UnitState,
    since: Timestamp,
    home: Position,
    /// The station where it waits while it is free.
    station: Option<StationId>,
    /// Where it was last told to wait in this shift, and why.
    post: Option<PostView>,
    crew: CrewView,
    position: Option<Position>,
    position_at: Option<Timestamp>,
    /// Whose it is, where another centre lent it.
    guest: Option<GuestView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PostView {
    station: StationId,
    policy: String,
    reasons: Vec<PostReason>,
    overrule: Option<String>,
    at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
struct CrewView {
    id: CrewId,
    state: CrewState,
}

impl UnitView {
    pub(crate) fn of(centre: &Centre, id: &UnitId) -> Option<Self> {
        let record = centre.ledger().unit(id)?;
        let unit = &record.unit;
        let fix = centre.fix(id);
        Some(Self {
            id: unit.id.clone(),
            kind: unit.kind,
            state: unit.state,
            since: unit.since,
            home: unit.home,
            station: unit.waits_at().cloned(),
            post: record.posted.as_ref().map(PostView::from),
            crew: CrewView { id: unit.crew.id.clone(), state: unit.crew.state },
            position: fix.map(|fix| fix.position),
            position_at: fix.map(|fix| fix.at),
            guest: record.guest.as_ref().map(GuestView::from),
        })
    }
}

impl From<&Posted> for PostView {
    fn from(posted: &Posted) -> Self {
        let Posted { station, policy, reasons, overrule, at } = posted.clone();
        Self { station, policy, reasons, overrule, at }
    }
}

/// The newest vital signs of the patient whom a unit is with; their age counts from `at`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VitalsView {
    unit: UnitId,
    at: Timestamp,
    /// The truth lies within so many µs of `at`; `null` where the unit's clock is not known.
    within_us: Option<i64>,
    incident: IncidentId,
    vitals: Vitals,
    news2: Option<News2>,
    /// Other scores that they begin; `/api/reference` has their texts.
    scores: Vec<ScoreTold>,
}

impl VitalsView {
    /// `None` until the patient of the unit's present call was measured.
    pub(crate) fn of(centre: &Centre, unit: &Unit) -> Option<Self> {
        let incident = unit.incident()?;
        let latest = centre.latest_vitals(&unit.id).filter(|it| it.incident == Some(incident))?;
        Some(Self {
            unit: unit.id.clone(),
            at: latest.at,
            within_us: latest.within.map(Micros::get),
            incident,
            vitals: latest.vitals,
            news2: latest.news2.clone(),
            scores: latest.scores.clone(),
        })
    }
}

/// The way that a unit has before it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteView {
    /// Longitude and latitude of each point.
    points: Vec<[f64; 2]>,
    duration: Millis,
    metres: f64,
    leg: Leg,
    incident: IncidentId,
}

impl RouteView {
    pub(crate) fn of(way: &UnitRoute) -> Self {
        let points = way.route.points.iter().map(|(at, _)| [at.lon(), at.lat()]);
        Self {
            points: points.collect(),
            duration: way.route.duration,
            metres: way.route.metres,
            leg: way.leg,
            incident: way.incident,
        }
    }
}
