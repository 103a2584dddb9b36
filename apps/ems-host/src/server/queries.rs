//! Calls that only look.

#![allow(unused_qualifications, reason = "the macros of utoipa qualify what is imported")]

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use ems_model::{Frame, Gap, IncidentId, Recorded, Timestamp, UnitId};
use ems_store::StoreError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::{Ask, Named};
use super::unreachable::UnreachableBody;
use crate::centre::Health;
use crate::view::answer::RecommendationView;
use crate::view::line_up::LineUpView;
use crate::view::policy::PoliciesView;
use crate::view::reference::ReferenceView;
use crate::view::report::ReportView;
use crate::view::snapshot::Snapshot;
use crate::view::unit::RouteView;

/// Frames in one answer at most.
const FRAMES_MAX: usize = 5000;
/// Events of a timeline at most.
const TIMELINE_MAX: usize = 5000;

/// How the program is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// `ok`, `recovering` or `not_durable`.
    status: &'static str,
    version: &'static str,
    /// The last durable event.
    seq: u64,
}

#[utoipa::path(
    get, path = "/healthz",
    responses(
        (status = 200, description = "Commands are taken", body = HealthView),
        (status = 503, description = "It reads its log, or its disk is full", body = HealthView),
    )
)]
pub(crate) async fn health(State(app): State<App>) -> Response {
    let (code, status) = match app.centre.health() {
        Health::Ready => (StatusCode::OK, "ok"),
        Health::Recovering => (StatusCode::SERVICE_UNAVAILABLE, "recovering"),
        Health::Full => (StatusCode::SERVICE_UNAVAILABLE, "not_durable"),
    };
    let version = env!("CARGO_PKG_VERSION");
    let seq = app.centre.hub().durable_seq();
    (code, Json(HealthView { status, version, seq })).into_response()
}

#[utoipa::path(
    get, path = "/metrics",
    responses((
        status = 200, description = "OpenMetrics text for Prometheus", body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ))
)]
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.centre.metrics().text()).into_response()
}

#[utoipa::path(
    get, path = "/api/state",
    responses(
        (status = 200, description = "Everything a console needs to start", body = Snapshot),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn state(State(app): State<App>) -> Result<Json<Snapshot>, ApiError> {
    let speed = app.clock.speed();
    Ok(Json(app.centre.look(move |centre, now| Snapshot::of(centre, now, speed)).await?))
}

#[utoipa::path(
    get, path = "/api/reference",
    responses((status = 200, description = "Cards, priorities and names", body = ReferenceView))
)]
pub(crate) async fn reference(State(app): State<App>) -> Json<ReferenceView> {
    Json(ReferenceView::from(app.reference.as_ref()))
}

#[utoipa::path(
    get, path = "/api/policies",
    responses(
        (status = 200, description = "The policy in force and all that there are", body = PoliciesView),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn policies(State(app): State<App>) -> Result<Json<PoliciesView>, ApiError> {
    Ok(Json(app.centre.look(|centre, _| PoliciesView::of(centre)).await?))
}

#[utoipa::path(
    get, path = "/api/incidents/{id}/recommendation",
    params(("id" = IncidentId, Path, description = "The incident's number")),
    responses(
        (status = 200, description = "Units and hospitals with reasons", body = RecommendationView),
        (status = 404, description = "No such incident", body = ErrorBody),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn recommendation(
    State(app): State<App>,
    Named(id): Named<u64>,
) -> Result<Json<RecommendationView>, ApiError> {
    let recommend = move |centre: &ems_centre::Centre, now| centre.recommend(now, IncidentId(id));
    Ok(Json(app.centre.look(recommend).await??.into()))
}

#[utoipa::path(
    get, path = "/api/incidents/{id}/timeline",
    params(("id" = IncidentId, Path, description = "The incident's number")),
    responses(
        (status = 200, description = "Its events, oldest first, at most 5000", body = Vec<Recorded>),
        (status = 404, description = "No such incident", body = ErrorBody),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn timeline(
    State(app): State<App>,
    Named(id): Named<u64>,
) -> Result<Json<Vec<Recorded>>, ApiError> {
    let mut seqs = app.centre.timeline(IncidentId(id)).await?;
    if seqs.is_empty() {
        return Err(ApiError::unknown("incident", id));
    }
    seqs.truncate(TIMELINE_MAX);
    let log = app.log.clone();
    Ok(Json(app.read(move || log.read(&seqs)).await?))
}

#[utoipa::path(
    get, path = "/api/units/{id}/route",
    params(("id" = UnitId, Path, description = "The unit's call sign")),
    responses(
        (status = 200, description = "The way of its present leg", body = RouteView),
        (status = 404, description = "No such unit, or it is not driving to a scene or hospital", body = ErrorBody),
        (status = 409, description = "Closures part it from its goal: how near one can come", body = UnreachableBody),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn route(
    State(app): State<App>,
    Named(id): Named<UnitId>,
) -> Result<Response, ApiError> {
    let unit = id.clone();
    let look = move |centre: &ems_centre::Centre, _| {
        centre.ledger().unit(&unit).map(|_| centre.route_of(&unit))
    };
    let route = app.centre.look(look).await?.ok_or_else(|| ApiError::unknown("unit", &id))?;
    match route.ok_or_else(|| not_driving(&id))? {
        Ok(way) => Ok(Json(RouteView::of(&way)).into_response()),
        Err(parted) => Ok(UnreachableBody::of(&parted).into_response()),
    }
}

fn not_driving(id: &UnitId) -> ApiError {
    let message = format!("unit {id} is not driving to a scene or hospital: ask again when it is");
    ApiError::new(StatusCode::NOT_FOUND, "unknown", message)
}

/// Which frames.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameSpan {
    /// Only frames after this number.
    #[serde(default)]
    after: u64,
    /// At most this many, 1..=5000; 500 if left out.
    limit: Option<usize>,
}

fn limit_of(asked: Option<usize>) -> Result<usize, ApiError> {
    let limit = asked.unwrap_or(500);
    if (1..=FRAMES_MAX).contains(&limit) {
        return Ok(limit);
    }
    let message = format!("limit {limit} is outside 1..={FRAMES_MAX}: ask in several calls");
    Err(ApiError::malformed(message))
}

#[utoipa::path(
    get, path = "/api/units/{id}/vitals",
    params(("id" = UnitId, Path, description = "The unit's call sign"), FrameSpan),
    responses(
        (status = 200, description = "Vital signs and alarms, oldest first", body = Vec<Frame>),
        (status = 400, description = "Not understood", body = ErrorBody),
    )
)]
pub(crate) async fn vitals(
    State(app): State<App>,
    Named(id): Named<UnitId>,
    Ask(span): Ask<FrameSpan>,
) -> Result<Json<Vec<Frame>>, ApiError> {
    let (after, limit, telemetry) = (span.after, limit_of(span.limit)?, app.telemetry.clone());
    Ok(Json(app.read(move || telemetry.read_vitals_after(&id, after, limit)).await?))
}

/// Which unit's frames.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitFrames {
    /// The unit's call sign.
    #[param(value_type = String)]
    unit: UnitId,
    /// The `cursor` of the page before; 0 or nothing for the first.
    #[serde(default)]
    cursor: u64,
    /// At most this many, 1..=5000; 500 if left out.
    limit: Option<usize>,
}

/// Frames in the order in which they came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FramePage {
    /// Every kind; what was caught up after a hole comes after what was measured later.
    frames: Vec<Frame>,
    /// Where the next page begins, whatever comes meanwhile.
    cursor: u64,
}

#[utoipa::path(
    get, path = "/api/frames", params(UnitFrames),
    responses(
        (status = 200, description = "Every kind of frame, in the order in which they came", body = FramePage),
        (status = 400, description = "Not understood", body = ErrorBody),
    )
)]
pub(crate) async fn frames(
    State(app): State<App>,
    Ask(ask): Ask<UnitFrames>,
) -> Result<Json<FramePage>, ApiError> {
    let (limit, telemetry) = (limit_of(ask.limit)?, app.telemetry.clone());
    let read = move || telemetry.read_arrived(&ask.unit, ask.cursor, limit);
    let (frames, cursor) = app.read(read).await?;
    Ok(Json(FramePage { frames, cursor }))
}

/// From when until when, by the centre's clock.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    /// From this time on, µs.
    #[param(value_type = i64)]
    from: Timestamp,
    /// Before this one, µs.
    #[param(value_type = i64)]
    until: Timestamp,
    /// At most so many frames of each unit, 1..=5000; 500 if left out.
    limit: Option<usize>,
}

#[utoipa::path(
    get, path = "/api/incidents/{id}/line-up",
    params(("id" = IncidentId, Path, description = "The incident's number"), Window),
    responses(
        (status = 200, description = "Its events beside what its units measured, all by the centre's clock, and how surely", body = LineUpView),
        (status = 404, description = "No such incident", body = ErrorBody),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn line_up(
    State(app): State<App>,
    Named(id): Named<u64>,
    Ask(window): Ask<Window>,
) -> Result<Json<LineUpView>, ApiError> {
    let limit = limit_of(window.limit)?;
    let seqs = app.centre.timeline(IncidentId(id)).await?;
    if seqs.is_empty() {
        return Err(ApiError::unknown("incident", id));
    }
    let (log, telemetry, span) =
        (app.log.clone(), app.telemetry.clone(), (window.from, window.until));
    let read = move || {
        let events = log.read(&seqs)?;
        let units: BTreeSet<_> = events.iter().filter_map(|it| it.event.unit()).collect();
        let mut frames = Vec::new();
        for unit in units {
            let seen = telemetry.read_seen(unit, span, limit)?;
            frames.extend(seen.into_iter().filter(|it| it.incident == Some(IncidentId(id))));
        }
        Ok::<_, StoreError>(LineUpView::of(span, events, frames))
    };
    Ok(Json(app.read(read).await?))
}

#[utoipa::path(
    get, path = "/api/units/{id}/gaps",
    params(("id" = UnitId, Path, description = "The unit's call sign"), FrameSpan),
    responses(
        (status = 200, description = "Numbers of frames that were given up and will not come, by their ends", body = Vec<Gap>),
        (status = 400, description = "Not understood", body = ErrorBody),
    )
)]
pub(crate) async fn gaps(
    State(app): State<App>,
    Named(id): Named<UnitId>,
    Ask(span): Ask<FrameSpan>,
) -> Result<Json<Vec<Gap>>, ApiError> {
    let (after, limit, telemetry) = (span.after, limit_of(span.limit)?, app.telemetry.clone());
    Ok(Json(app.read(move || telemetry.gaps_after(&id, after, limit)).await?))
}

#[utoipa::path(
    get, path = "/api/report",
    responses((status = 200, description = "Figures from the whole event log", body = ReportView))
)]
pub(crate) async fn report(State(app): State<App>) -> Result<Json<ReportView>, ApiError> {
    Ok(Json(app.reporter.report(&app).await?))
}
