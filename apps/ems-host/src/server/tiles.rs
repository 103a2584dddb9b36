//! The map's tiles, out of the city pack.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::Named;

#[utoipa::path(
    get, path = "/api/tiles/{z}/{x}/{y}",
    params(
        ("z" = u8, Path, description = "Zoom"),
        ("x" = u32, Path, description = "Column from west"),
        ("y" = u32, Path, description = "Row from north"),
    ),
    responses(
        (status = 200, description = "A Mapbox Vector Tile, gzip"),
        (status = 204, description = "Nothing is drawn there"),
        (status = 400, description = "Not a tile", body = ErrorBody),
    )
)]
pub(crate) async fn tile(
    State(app): State<App>,
    Named((z, x, y)): Named<(u8, u32, u32)>,
) -> Result<Response, ApiError> {
    let Some(tiles) = app.tiles.clone() else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let tile = app.read(move || tiles.tile(z, x, y)).await?;
    let Some(bytes) = tile else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let head = [
        (CONTENT_TYPE, "application/vnd.mapbox-vector-tile"),
        (CONTENT_ENCODING, "gzip"),
        // Another city may be served at the same address tomorrow.
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((head, bytes).into_response())
}
