//! A unit on a screen.

use ems_centre::Centre;
use ems_model::{
    CrewId, CrewState, IncidentId, Leg, Millis, Position, StationId, Timestamp, UnitId, UnitKind,
    UnitState,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A unit with where it was last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitView {
    id: UnitId,
    kind: UnitKind,
    state: UnitState,
    since: Timestamp,
    home: Position,
    station: Option<StationId>,
    crew: CrewView,
    position: Option<Position>,
    position_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CrewView {
    id: CrewId,
    state: CrewState,
}

impl UnitView {
    pub(crate) fn of(centre: &Centre, id: &UnitId) -> Option<Self> {
        let unit = &centre.ledger().unit(id)?.unit;
        let fix = centre.fix(id);
        Some(Self {
            id: unit.id.clone(),
            kind: unit.kind,
            state: unit.state,
            since: unit.since,
            home: unit.home,
            station: unit.station.clone(),
            crew: CrewView { id: unit.crew.id.clone(), state: unit.crew.state },
            position: fix.map(|fix| fix.position),
            position_at: fix.map(|fix| fix.at),
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
    pub(crate) fn of(centre: &Centre, id: &UnitId) -> Option<Self> {
        let way = centre.route_of(id)?;
        let points = way.route.points.iter().map(|(at, _)| [at.lon(), at.lat()]);
        Some(Self {
            points: points.collect(),
            duration: way.route.duration,
            metres: way.route.metres,
            leg: way.leg,
            incident: way.incident,
        })
    }
}
