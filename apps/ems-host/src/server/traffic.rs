//! Live traffic: applied as a file, shown as a map.

#![allow(unused_qualifications, reason = "the macros of utoipa qualify what is imported")]

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ems_centre::CityTraffic;
use ems_model::KEY_BYTES_MAX;
use ems_roads::{TrafficFile, TrafficFileError};
use ems_store::pack::sha256_hex;
use ems_store::{AppliedTraffic, TrafficStore};
use serde::Deserialize;
use tokio::sync::{Mutex, oneshot};
use utoipa::IntoParams;

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::{Ask, Csv};
use crate::centre::CentreError;
use crate::view::traffic::{TrafficAck, TrafficView};

/// The largest file that is read: a million rows.
pub(crate) const TRAFFIC_BYTES_MAX: usize = 64 << 20;
/// Stretches in one answer, unless fewer are asked for.
const STRETCHES_MAX: usize = 200_000;

/// Where traffic is applied, one file after the other.
#[derive(Debug)]
pub(crate) struct TrafficDesk {
    store: Arc<TrafficStore>,
    turn: Mutex<()>,
}

impl TrafficDesk {
    pub(crate) fn new(store: Arc<TrafficStore>) -> Self {
        Self { store, turn: Mutex::default() }
    }
}

/// Who applies what, so that it is done once.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applying {
    /// Chosen by the client, 1 to 64 bytes: the same file under it again is done once.
    key: String,
    /// Who applies it, 1 to 64 bytes: `feed:city`.
    actor: String,
}

impl Applying {
    fn check(&self) -> Result<(), ApiError> {
        for (name, value) in [("key", &self.key), ("actor", &self.actor)] {
            let n_bytes = value.len();
            if !(1..=KEY_BYTES_MAX).contains(&n_bytes) {
                let message = format!(
                    "{name} of {n_bytes} bytes is outside 1..={KEY_BYTES_MAX}: give another"
                );
                return Err(ApiError::malformed(message));
            }
        }
        Ok(())
    }
}

#[utoipa::path(
    post, path = "/api/traffic", params(Applying),
    request_body(content = String, content_type = "text/csv", description = "docs/traffic.md"),
    responses(
        (status = 200, description = "Every later answer is under it, and it is durable", body = TrafficAck),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 413, description = "Over 64 MiB", body = ErrorBody),
        (status = 422, description = "A row that cannot be, or another file under a used key; nothing has changed", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
        (status = 507, description = "The disk did not take it; nothing has changed", body = ErrorBody),
    )
)]
pub(crate) async fn apply(
    State(app): State<App>,
    Ask(applying): Ask<Applying>,
    Csv(text): Csv,
) -> Result<Json<TrafficAck>, ApiError> {
    applying.check()?;
    let _turn = app.traffic.turn.lock().await;
    let digest = sha256_hex(text.as_bytes());
    if let Some(ack) = repeated(&app, &applying.key, &digest).await? {
        return Ok(Json(ack));
    }
    let before = app.centre.look(|centre, _| centre.traffic().clone()).await?;
    let (laid, ack) = lay(&app, before, text).await?;
    let answer = serde_json::to_string(&ack).expect("an answer has text keys only");
    let applied = AppliedTraffic { key: applying.key, digest, answer };
    keep(&app, &laid, applied).await?;
    app.centre.take_traffic(laid).await?;
    tracing::info!(actor = applying.actor, n_rows = ack.n_rows, "traffic applied");
    Ok(Json(ack))
}

/// The first answer again, for the same file under the same key.
async fn repeated(app: &App, key: &str, digest: &str) -> Result<Option<TrafficAck>, ApiError> {
    let (store, wanted) = (Arc::clone(&app.traffic.store), key.to_owned());
    let Some(applied) = app.read(move || store.applied(&wanted)).await? else { return Ok(None) };
    if applied.digest != digest {
        let message = format!(
            "key \"{key}\" was used for another file of traffic: choose a new key for this one"
        );
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message));
    }
    let ack: TrafficAck = app.read(move || serde_json::from_str(&applied.answer)).await?;
    Ok(Some(TrafficAck { is_repeated: true, ..ack }))
}

/// Reads a file and lays it over what was known before, off the threads that serve.
async fn lay(
    app: &App,
    before: CityTraffic,
    text: String,
) -> Result<(CityTraffic, TrafficAck), ApiError> {
    let (city, now) = (Arc::clone(&app.city), app.clock.now());
    let laying = tokio::task::spawn_blocking(move || {
        let file = TrafficFile::parse(text.as_bytes(), &city.roads, now)?;
        let laid = before.with_stated(&city, &file.traffic, now);
        let summary = laid.summary();
        let ack = TrafficAck {
            at: now,
            n_rows: file.n_rows,
            n_over: file.n_over,
            n_stated: file.traffic.n_arcs(),
            n_arcs: summary.n_arcs,
            n_closed: summary.n_closed,
            is_repeated: false,
        };
        Ok((laid, ack))
    });
    let laid: Result<_, TrafficFileError> =
        laying.await.map_err(|panic| super::failed(&panic.to_string()))?;
    laid.map_err(|error| refused(&error))
}

fn refused(error: &TrafficFileError) -> ApiError {
    let message = error.to_string();
    match error {
        TrafficFileError::Table(_) | TrafficFileError::Empty => ApiError::malformed(message),
        _ => ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message),
    }
}

/// Makes traffic durable.
async fn keep(app: &App, laid: &CityTraffic, applied: AppliedTraffic) -> Result<(), ApiError> {
    let body = laid.traffic().encode(&app.city.roads);
    let (answer, wait) = oneshot::channel();
    // Who asked may have gone; it is durable all the same.
    let done = Box::new(move |result| drop(answer.send(result)));
    app.traffic.store.replace(body, applied, done);
    let kept = wait.await.unwrap_or(Err(ems_store::StoreError::Closed));
    kept.map_err(|error| CentreError::NotDurable(error).into())
}

/// How much is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Showing {
    /// At most this many stretches, 1..=200000; 20000 if left out.
    limit: Option<usize>,
}

#[utoipa::path(
    get, path = "/api/traffic", params(Showing),
    responses(
        (status = 200, description = "The live traffic that the centre believes", body = TrafficView),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
    )
)]
pub(crate) async fn show(
    State(app): State<App>,
    Ask(showing): Ask<Showing>,
) -> Result<Json<TrafficView>, ApiError> {
    let limit = showing.limit.unwrap_or(20_000);
    if !(1..=STRETCHES_MAX).contains(&limit) {
        let message = format!("limit {limit} is outside 1..={STRETCHES_MAX}: ask for fewer");
        return Err(ApiError::malformed(message));
    }
    let (traffic, now) = app.centre.look(|centre, now| (centre.traffic().clone(), now)).await?;
    let view = tokio::task::spawn_blocking(move || TrafficView::of(&traffic, now, limit)).await;
    view.map(Json).map_err(|panic| super::failed(&panic.to_string()))
}
