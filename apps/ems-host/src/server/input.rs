//! Reading what a client sent, with errors that say where it is wrong.

use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use ems_bundle::BUNDLE_BYTES_MAX;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::photos::PHOTO_BYTES_MAX;
use super::traffic::TRAFFIC_BYTES_MAX;

/// The largest body that is read.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse(&whole(request, state, BODY_BYTES_MAX).await?).map(Self)
    }
}

/// A body of text, as large as a file of traffic may be.
pub(crate) struct Csv(pub(crate) String);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = whole(request, state, TRAFFIC_BYTES_MAX).await?;
        let text = String::from_utf8(bytes.into()).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            ApiError::malformed(format!(
                "byte {at} of the body is no UTF-8: save the file as UTF-8"
            ))
        });
        text.map(Self)
    }
}

/// A photo's file.
pub(crate) struct Photo(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Photo {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        whole(request, state, PHOTO_BYTES_MAX).await.map(Self)
    }
}

/// A bundle of frames.
pub(crate) struct Bundle(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Bundle {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = whole(request, state, BODY_BYTES_MAX).await?;
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(too_large(BUNDLE_BYTES_MAX));
        }
        Ok(Self(bytes))
    }
}

async fn whole<S: Send + Sync>(
    request: Request,
    state: &S,
    bytes_max: usize,
) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(bytes_max)
        } else {
            ApiError::malformed(format!("the body did not come whole ({rejection}): send it again"))
        }
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = error.to_string();
        let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
        ApiError::malformed(format!(
            "the body is wrong at line {line} column {column}: {what}: correct it after /api/openapi.json"
        ))
    })
}

fn too_large(bytes_max: usize) -> ApiError {
    let message = format!("the body is over {bytes_max} bytes: send less in one call");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

/// The query after `?`.
pub(crate) struct Ask<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::from_request_parts(parts, state).await.map_err(|rejection| {
            let what = rejection.body_text();
            ApiError::malformed(format!("{what}: correct it after /api/openapi.json"))
        })?;
        Ok(Self(query))
    }
}

/// The names in the path.
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(names) = Path::from_request_parts(parts, state).await.map_err(|rejection| {
            let what = rejection.body_text();
            ApiError::malformed(format!("{what}: correct it after /api/openapi.json"))
        })?;
        Ok(Self(names))
    }
}

/// A call that wants to become a WebSocket.
pub(crate) struct Upgrade(pub(crate) WebSocketUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        upgrade.map(Self).map_err(|rejection| {
            let what = rejection.body_text();
            ApiError::malformed(format!("{what}: open this address as a WebSocket"))
        })
    }
}
