//! Photos of patients: taken in, judged, and shown.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use ems_model::{CameraFinding, Command, PhotoId};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::{Named, Photo};
use crate::photo::{JudgedPhoto, judge};

/// The largest photo: twice what a phone of 48 megapixels makes.
pub(crate) const PHOTO_BYTES_MAX: usize = 24 << 20;

/// A photo that is kept: a command may name it now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoView {
    photo: PhotoId,
    /// Pixels in a row, and rows.
    size: [u32; 2],
    /// What is wrong with it, the gravest first.
    flaws: Vec<ems_model::PhotoFlaw>,
}

#[utoipa::path(
    post, path = "/api/photos",
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "JPEG or PNG"),
    responses(
        (status = 200, description = "Kept without what the camera wrote beside it, and durable", body = PhotoView),
        (status = 400, description = "No picture", body = ErrorBody),
        (status = 413, description = "Over 24 MiB", body = ErrorBody),
    )
)]
pub(crate) async fn keep(
    State(app): State<App>,
    Photo(bytes): Photo,
) -> Result<Json<PhotoView>, ApiError> {
    let judging = tokio::task::spawn_blocking(move || judge(&bytes));
    let judged = judging.await.map_err(|panic| super::failed(&panic.to_string()))?;
    let JudgedPhoto { bare, size, faults } =
        judged.map_err(|error| ApiError::malformed(error.to_string()))?;
    let photos = app.photos.clone();
    let photo = app.read(move || photos.keep(&bare)).await?;
    let flaws = faults.into_iter().map(|(flaw, _)| flaw).collect();
    Ok(Json(PhotoView { photo, size, flaws }))
}

#[utoipa::path(
    get, path = "/api/photos/{id}", params(("id" = String, Path)),
    responses(
        (status = 200, description = "The photo", content_type = "image/jpeg", body = Vec<u8>),
        (status = 400, description = "No photo's name", body = ErrorBody),
        (status = 404, description = "No such photo", body = ErrorBody),
    )
)]
pub(crate) async fn show(
    State(app): State<App>,
    Named(photo): Named<PhotoId>,
) -> Result<Response, ApiError> {
    let (photos, id) = (app.photos.clone(), photo.clone());
    let found = app.read(move || photos.read(&id)).await?;
    let bytes = found.ok_or_else(|| unknown(&photo))?;
    let kind = if bytes.starts_with(&[0xff, 0xd8]) { "image/jpeg" } else { "image/png" };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        // It is a patient's: no cache that others share keeps it.
        (CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
    ];
    Ok((headers, Bytes::from(bytes)).into_response())
}

/// A command may name only a photo that is kept.
pub(super) fn check(app: &App, command: &Command) -> Result<(), ApiError> {
    match command {
        Command::RecordCamera { finding: CameraFinding::Wound { photo, .. }, .. }
            if !app.photos.has(photo) =>
        {
            Err(unknown(photo))
        }
        _ => Ok(()),
    }
}

fn unknown(photo: &PhotoId) -> ApiError {
    let message = format!("photo {photo} is not kept here: send it to /api/photos first");
    ApiError::new(StatusCode::NOT_FOUND, "unknown", message)
}
