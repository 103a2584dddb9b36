//! Errors as the API tells them: a code to act on, a message with value, limit and remedy.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ems_centre::Rejection;
use ems_model::Timestamp;
use ems_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::centre::CentreError;

/// Why a call was not answered with what was asked for.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    body: ErrorBody,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorView,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErrorView {
    /// `malformed`, `too_large`, `unknown`, `conflict`, `illegal_step`, `refused`,
    /// `not_durable`, `recovering`, `not_allowed`, `failed`.
    code: &'static str,
    /// The value, the limit, the remedy.
    message: String,
    /// Who was first, in a conflict.
    won_by: Option<WinnerView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct WinnerView {
    actor: String,
    at: Timestamp,
    what: &'static str,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let error = ErrorView { code, message: message.into(), won_by: None };
        Self { status, body: ErrorBody { error } }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    pub(crate) fn unknown(subject: &str, id: impl std::fmt::Display) -> Self {
        let message = format!("there is no {subject} {id}: look it up in /api/state");
        Self::new(StatusCode::NOT_FOUND, "unknown", message)
    }

    /// The word by which it is counted.
    pub(crate) fn code(&self) -> &'static str {
        self.body.error.code
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<CentreError> for ApiError {
    fn from(error: CentreError) -> Self {
        let message = error.to_string();
        match error {
            CentreError::Rejected(rejection) => rejection.into(),
            CentreError::NotDurable(_) => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "not_durable", message)
            }
            CentreError::Recovering => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "recovering", message)
            }
        }
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        let code = rejection.code();
        let status = match code {
            "malformed" => StatusCode::BAD_REQUEST,
            "unknown" => StatusCode::NOT_FOUND,
            "conflict" | "illegal_step" => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut error = Self::new(status, code, rejection.to_string());
        error.body.error.won_by = rejection.won_by().map(|won_by| WinnerView {
            actor: won_by.actor.clone(),
            at: won_by.at,
            what: won_by.what,
        });
        error
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a store could not be read");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error.to_string())
    }
}
