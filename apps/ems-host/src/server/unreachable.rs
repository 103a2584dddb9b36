//! What is answered where closures part a unit from its goal.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ems_model::Position;
use ems_roads::{Snap, Unreachable};
use serde::Serialize;
use utoipa::ToSchema;

/// The body of an error that says how near one can come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreachableBody {
    error: UnreachableView,
}

#[derive(Debug, Serialize, ToSchema)]
struct UnreachableView {
    /// `unreachable`.
    code: &'static str,
    /// The same in words.
    message: String,
    /// Where the unit is, on its road.
    from: Position,
    /// Its goal, on its road.
    to: Position,
    /// As near to the goal as the unit can drive; null if it stands on a closed road.
    drive_to: Option<NearView>,
    /// As near to the unit as the goal can be driven to from; null if the goal is on a closed road.
    drive_from: Option<NearView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NearView {
    position: Position,
    /// The straight line that is left, metres.
    metres: f64,
}

impl UnreachableBody {
    pub(crate) fn of(parted: &Unreachable) -> Self {
        let error = UnreachableView {
            code: "unreachable",
            message: parted.to_string(),
            from: parted.from,
            to: parted.to,
            drive_to: parted.drive_to.map(near),
            drive_from: parted.drive_from.map(near),
        };
        Self { error }
    }
}

fn near(snap: Snap) -> NearView {
    NearView { position: snap.position(), metres: snap.off_road_metres() }
}

impl IntoResponse for UnreachableBody {
    fn into_response(self) -> Response {
        (StatusCode::CONFLICT, Json(self)).into_response()
    }
}
