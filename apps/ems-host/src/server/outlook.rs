//! What a unit's way will carry: holes ahead, and ways that lack less.

#![allow(unused_qualifications, reason = "the macros of utoipa qualify what is imported")]

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ems_coverage::{Ahead, Coverage, Need};
use ems_model::UnitId;
use ems_roads::Route;
use ems_store::StoreError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::coverage::solar_hour;
use super::error::{ApiError, ErrorBody};
use super::input::{Ask, Named};
use crate::view::outlook::{HoleView, OutlookView};

/// Other ways that are held against the fastest.
const N_OTHERS: usize = 3;
/// What a consultation by video needs, unless something else is asked.
const NEEDS_KBPS: u32 = 5_000;
/// What vital signs, alarms and a curve need: less on a link is a hole.
const HOLE_KBPS: f64 = 100.0;

/// What is needed on the way.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needing {
    /// At least so many kbit/s upwards on the best network, 1..=1000000; 5000 if left out.
    needs_kbps: Option<u32>,
}

#[utoipa::path(
    get, path = "/api/units/{id}/outlook",
    params(("id" = UnitId, Path, description = "The unit's call sign"), Needing),
    responses(
        (status = 200, description = "What its way is expected to carry, and what other ways would", body = OutlookView),
        (status = 404, description = "No such unit, or it is not driving to a scene or hospital", body = ErrorBody),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn outlook(
    State(app): State<App>,
    Named(id): Named<UnitId>,
    Ask(needing): Ask<Needing>,
) -> Result<Json<OutlookView>, ApiError> {
    let needs_kbps = needing.needs_kbps.unwrap_or(NEEDS_KBPS);
    if !(1..=1_000_000).contains(&needs_kbps) {
        let message = format!("needs_kbps {needs_kbps} is outside 1..=1000000: ask for another");
        return Err(ApiError::malformed(message));
    }
    let unit = id.clone();
    let look = move |centre: &ems_centre::Centre, now| {
        centre.ledger().unit(&unit).map(|_| (centre.ways_of(&unit, N_OTHERS), now))
    };
    let found = app.centre.look(look).await?.ok_or_else(|| ApiError::unknown("unit", &id))?;
    let (ways, now) = found;
    let start = ways.first().and_then(|way| way.points.first()).ok_or_else(|| not_driving(&id))?.0;
    let hour = Some(solar_hour(now, start));
    let map = app.coverage.map(&app).await?;
    let view = move || Ok::<_, StoreError>(view(&map, &ways, needs_kbps, hour));
    Ok(Json(app.read(view).await?))
}

fn not_driving(id: &UnitId) -> ApiError {
    let message = format!("unit {id} has no way before it: ask again when it drives");
    ApiError::new(StatusCode::NOT_FOUND, "unknown", message)
}

fn view(map: &Arc<Coverage>, ways: &[Route], needs_kbps: u32, hour: Option<u8>) -> OutlookView {
    let networks: Vec<&str> = map.networks().collect();
    let need = Need { kbps: needs_kbps.into(), hour };
    let aheads: Vec<Ahead> =
        ways.iter().map_while(|way| map.ahead(&networks, &way.points, &need)).collect();
    let hole = |network: &&str| {
        let need = Need { kbps: HOLE_KBPS, hour };
        let (from, until) = map.ahead(&[*network], &ways[0].points, &need)?.hole?;
        Some(HoleView { network: (*network).to_owned(), from, until })
    };
    OutlookView::of(needs_kbps, hour, &aheads, networks.iter().filter_map(hole).collect())
}
