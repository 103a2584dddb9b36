//! The machine-readable form of `docs/api.md`.

use axum::Json;
use utoipa::OpenApi;

use super::{
    bundles, commands, coverage, ecg, major, outlook, photos, queries, replay, stream, tiles,
    traffic, uplink,
};
use crate::view::message::StreamMessage;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Golden Hour centre",
        description = "Times are µs since 1970-01-01T00:00:00Z on the centre's clock, spans are ms, positions degrees. A missing measurement is null.",
        license(name = "Apache-2.0")
    ),
    paths(
        queries::health, queries::metrics, queries::state, queries::reference,
        queries::recommendation, queries::timeline, queries::line_up,
        queries::route, queries::vitals,
        queries::frames, queries::gaps,
        queries::report, commands::command, commands::triage, stream::stream,
        uplink::uplink, tiles::tile, traffic::apply, traffic::show,
        major::major, major::aid,
        queries::policies,
        replay::show, replay::start, replay::stop, replay::ways,
        coverage::show, outlook::outlook,
        photos::keep, photos::show, ecg::report,
        bundles::post,
    ),
    components(schemas(StreamMessage<'static>, stream::Wish))
)]
struct Document;

pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
