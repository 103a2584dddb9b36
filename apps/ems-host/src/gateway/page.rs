//! The page in the ambulance.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use ems_ambulance::LeadView;
use ems_model::{Alarm, IncidentId, News2, Timestamp, UnitId, Vitals};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Input, Look, look};
use crate::server::assets;
use crate::server::guard::guard;

/// What `/api/view` answers.
#[derive(Debug, Serialize)]
struct LocalView {
    unit: UnitId,
    incident: Option<IncidentId>,
    now: Timestamp,
    last_seq: u64,
    link: LinkView,
    vitals: Vitals,
    news2: Option<News2>,
    alarms: Vec<Alarm>,
    wave: Option<WaveView>,
    leads: Vec<LeadState>,
    complaints: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LinkView {
    /// `connected` or `offline`.
    state: &'static str,
    since: Timestamp,
    /// Frames that the centre has not stored yet.
    backlog_frames: u64,
}

#[derive(Debug, Serialize)]
struct WaveView {
    lead: String,
    hz: u32,
    /// When the first sample was taken.
    start: Timestamp,
    microvolts: Vec<i16>,
}

#[derive(Debug, Serialize)]
struct LeadState {
    lead: String,
    state: &'static str,
}

pub(super) async fn serve(listener: TcpListener, inputs: mpsc::Sender<Input>) {
    let router = Router::new()
        .route("/api/view", get(view))
        .route("/", get(page))
        .fallback(get(assets::asset))
        .layer(axum::middleware::from_fn(guard))
        .with_state(inputs);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the page is no longer served; vital signs go on to the centre");
    }
}

async fn page(headers: HeaderMap) -> Response {
    assets::page("gateway.html", &headers)
}

async fn view(State(inputs): State<mpsc::Sender<Input>>) -> Result<Json<LocalView>, StatusCode> {
    let look = look(&inputs).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(LocalView::from(look)))
}

impl From<Look> for LocalView {
    fn from(look: Look) -> Self {
        let view = look.view;
        let leads = view.leads.iter();
        Self {
            unit: view.unit,
            incident: view.incident,
            now: view.at,
            last_seq: view.last_seq,
            link: LinkView {
                state: if look.uplink.is_connected { "connected" } else { "offline" },
                since: look.link_since,
                backlog_frames: look.uplink.backlog,
            },
            vitals: view.vitals,
            news2: view.news2,
            alarms: view.alarms,
            leads: leads.map(|it| LeadState { lead: it.lead.clone(), state: it.state }).collect(),
            wave: best_lead(&view.leads).map(wave_view),
            complaints: look.complaints,
        }
    }
}

/// The lead to show: the first good one, or the first.
fn best_lead(leads: &[LeadView]) -> Option<&LeadView> {
    leads.iter().find(|lead| lead.state == "good").or(leads.first())
}

fn wave_view(lead: &LeadView) -> WaveView {
    let span = i64::try_from(lead.microvolts.len().saturating_sub(1)).unwrap_or(i64::MAX);
    let span_us = span.saturating_mul(1_000_000) / i64::from(lead.hz.max(1));
    WaveView {
        lead: lead.lead.clone(),
        hz: lead.hz,
        start: Timestamp::from_micros(lead.until.as_micros() - span_us),
        microvolts: lead.microvolts.clone(),
    }
}
