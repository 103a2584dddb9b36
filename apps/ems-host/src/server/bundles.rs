//! Bundles of units, whoever carried them: stored as their frames, answered by a receipt.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use ems_bundle::{Content, Draft};
use ems_model::{Frame, Millis, UnitId};
use ems_uplink::Ranges;
use tokio::sync::oneshot;

use super::error::{ApiError, ErrorBody};
use super::input::Bundle;
use super::{App, intake};
use crate::clock::system_time;
use crate::relay::{Notary, Opened};

/// How long a receipt may be carried: longer than any gateway waits for a link.
const RECEIPT_LIFETIME: Millis = Millis::from_mins(7 * 24 * 60);

/// Why a bundle has no receipt.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// It is not what it should be.
    Refused(String),
    /// It could not be stored.
    NotStored(String),
}

#[utoipa::path(
    post, path = "/api/bundles",
    request_body(content = Vec<u8>, content_type = "application/octet-stream",
        description = "A bundle of a unit's frames (docs/relay.md)"),
    responses(
        (status = 200, description = "The frames are durable: the centre's receipt, a bundle to the unit",
            content_type = "application/octet-stream", body = Vec<u8>),
        (status = 400, description = "Damaged, forged, expired or of another authority", body = ErrorBody),
        (status = 409, description = "The centre has no certificate", body = ErrorBody),
        (status = 413, description = "Over 256 KiB", body = ErrorBody),
    )
)]
pub(crate) async fn post(
    State(app): State<App>,
    Bundle(bytes): Bundle,
) -> Result<Response, ApiError> {
    let notary = app.notary.get().ok_or_else(no_certificate)?.clone();
    let receipt = take(&app, &notary, bytes).await.map_err(|why| match why {
        NotTaken::Refused(message) => ApiError::malformed(message),
        NotTaken::NotStored(message) => super::failed(&message),
    })?;
    let headers = [(CONTENT_TYPE, "application/octet-stream")];
    Ok((headers, Bytes::from(receipt)).into_response())
}

fn no_certificate() -> ApiError {
    let message =
        "the centre has no certificate to sign receipts: start it with --uplink-listen and --certs";
    ApiError::new(StatusCode::CONFLICT, "refused", message)
}

/// Stores the frames of a bundle, shows those that are news, and makes the receipt.
pub(crate) async fn take(app: &App, notary: &Notary, bytes: Bytes) -> Result<Vec<u8>, NotTaken> {
    let Opened { label, content } = open(notary.clone(), bytes).await?;
    let Content::Frames(frames) = content else {
        return Err(NotTaken::Refused("it is a receipt: take it to its unit".to_owned()));
    };
    let stored = store(app, frames).await.map_err(NotTaken::NotStored)?;
    receipt(notary, &label.unit, stored).map_err(NotTaken::NotStored)
}

/// Checking a signature and unpacking take milliseconds: not on the threads that serve.
async fn open(notary: Notary, bytes: Bytes) -> Result<Opened, NotTaken> {
    let open = move || notary.open(&bytes, system_time());
    match tokio::task::spawn_blocking(open).await {
        Ok(opened) => opened.map_err(|error| NotTaken::Refused(error.to_string())),
        Err(panic) => Err(NotTaken::NotStored(panic.to_string())),
    }
}

async fn store(app: &App, frames: Vec<Frame>) -> Result<Vec<(UnitId, u64, u64)>, String> {
    intake::tell_alarms(app, &frames).await?;
    let (done, stored) = oneshot::channel();
    // Who asked may be gone; the frames are stored all the same.
    intake::store(app, frames, move |stored| drop(done.send(stored)));
    let stored = stored.await.map_err(|_| "the store has ended".to_owned())?;
    intake::show(app, stored).await
}

fn receipt(
    notary: &Notary,
    unit: &UnitId,
    stored: Vec<(UnitId, u64, u64)>,
) -> Result<Vec<u8>, String> {
    let mut ranges = Ranges::default();
    for (_, first, last) in stored {
        ranges.insert(first, last);
    }
    let ranges: Vec<_> = ranges.iter().collect();
    let draft = Draft::receipt(unit, &ranges, system_time(), RECEIPT_LIFETIME);
    draft.and_then(|draft| notary.seal(&draft)).map_err(|error| error.to_string())
}
