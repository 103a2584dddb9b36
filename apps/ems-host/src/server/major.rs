//! What is asked about a major incident.

use axum::Json;
use axum::extract::State;
use ems_model::IncidentId;

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::Named;
use crate::view::aid::AidsView;
use crate::view::major::MajorIncidentView;

#[utoipa::path(
    get, path = "/api/incidents/{id}/major",
    params(("id" = IncidentId, Path, description = "The incident's number")),
    responses(
        (status = 200, description = "Casualties, areas, and hospitals with what they can take", body = MajorIncidentView),
        (status = 404, description = "No such incident", body = ErrorBody),
        (status = 422, description = "It is no major incident", body = ErrorBody),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn major(
    State(app): State<App>,
    Named(id): Named<u64>,
) -> Result<Json<MajorIncidentView>, ApiError> {
    let look =
        move |centre: &ems_centre::Centre, now| MajorIncidentView::of(centre, now, IncidentId(id));
    Ok(Json(app.centre.look(look).await??))
}

#[utoipa::path(
    get, path = "/api/aid",
    responses(
        (status = 200, description = "Mutual aid with other centres", body = AidsView),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn aid(State(app): State<App>) -> Result<Json<AidsView>, ApiError> {
    Ok(Json(app.centre.look(AidsView::of).await?))
}
