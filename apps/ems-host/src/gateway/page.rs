//! The page in the ambulance.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use ems_ambulance::LeadView;
use ems_model::{
    Alarm, AlarmKind, CameraPulse, Derived, ElectrodesExchanged, IncidentId, LeadCondition,
    LeadWatch, News2, ScoreTold, Timestamp, UnitId, Vitals,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::alarms::{AudioView, BudgetView, HeldView};
use super::camera::{CameraView, Cameras, Seen};
use super::carriers::CarriersView;
use super::keeper::Keeper;
use super::{Input, Look, keeping, look};
use crate::server::assets;
use crate::server::guard::guard;
use crate::server::photos::PHOTO_BYTES_MAX;
use crate::view::score::ScoreView;

/// What the page is made from.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) inputs: mpsc::Sender<Input>,
    pub(super) scores: Arc<[ScoreView]>,
    pub(super) cameras: Arc<Mutex<Cameras>>,
    pub(super) keeper: Keeper,
}

/// Which alarm somebody knows of, and when they saw it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    kind: AlarmKind,
    seen_at: Timestamp,
}

/// What `/api/view` answers.
#[derive(Debug, Serialize)]
struct LocalView {
    unit: UnitId,
    incident: Option<IncidentId>,
    now: Timestamp,
    last_seq: u64,
    link: LinkView,
    /// What carries the frames.
    carriers: CarriersView,
    vitals: Vitals,
    news2: Option<News2>,
    scores: Vec<ScoreTold>,
    alarms: Vec<Alarm>,
    audio: AudioView,
    wave: Option<WaveView>,
    leads: Vec<LeadWatch>,
    complaints: Vec<String>,
    /// What virtual sensors say.
    derived: Vec<Derived>,
    /// Alarms that are held back against a pulse wave.
    held: Vec<HeldView>,
    /// Electrodes that seem to be on each other's places.
    electrodes: Option<ElectrodesExchanged>,
    /// A pulse that a camera saw; none of the vital signs.
    camera: Option<SeenPulse>,
}

#[derive(Debug, Serialize)]
struct SeenPulse {
    at: Timestamp,
    #[serde(flatten)]
    pulse: CameraPulse,
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
    /// Nothing where a sample was missing.
    microvolts: Vec<Option<i16>>,
}

pub(super) async fn serve(listener: TcpListener, page: Page) {
    let router = Router::new()
        .route("/api/view", get(view))
        .route("/api/scores", get(scores))
        .route("/api/alarms/acknowledge", post(acknowledge))
        .route("/api/alarms/pause", post(pause))
        .route("/api/alarms/budget", get(budget))
        .route("/api/camera", post(camera))
        .route("/api/photo", post(keeping::photo).layer(DefaultBodyLimit::max(PHOTO_BYTES_MAX)))
        .route("/api/refill", post(keeping::refill).layer(DefaultBodyLimit::max(PHOTO_BYTES_MAX)))
        .route("/", get(html))
        .fallback(get(assets::asset))
        .layer(axum::middleware::from_fn(guard))
        .with_state(page);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the page is no longer served; vital signs go on to the centre");
    }
}

async fn html(headers: HeaderMap) -> Response {
    assets::page("gateway.html", &headers)
}

async fn view(State(page): State<Page>) -> Result<Json<LocalView>, StatusCode> {
    let look = look(&page.inputs).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(LocalView::from(look)))
}

async fn scores(State(page): State<Page>) -> Json<Vec<ScoreView>> {
    Json(page.scores.to_vec())
}

async fn budget(State(page): State<Page>) -> Result<Json<BudgetView>, StatusCode> {
    let look = look(&page.inputs).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(BudgetView::from(&look.budget)))
}

async fn acknowledge(
    State(page): State<Page>,
    Json(Acknowledgement { kind, seen_at }): Json<Acknowledgement>,
) -> StatusCode {
    page.tell(Input::Acknowledge { kind, seen_at }).await
}

async fn pause(State(page): State<Page>) -> StatusCode {
    page.tell(Input::PauseAudio).await
}

/// Takes what a camera on the page saw; a pulse goes on to the centre as one that a camera saw.
async fn camera(
    State(page): State<Page>,
    Json(seen): Json<Seen>,
) -> Result<Json<CameraView>, StatusCode> {
    let answer = page.cameras.lock().unwrap_or_else(PoisonError::into_inner).take(&seen);
    let (pulse, view) = answer.ok_or(StatusCode::BAD_REQUEST)?;
    if let Some(pulse) = pulse {
        page.tell(Input::CameraPulse(pulse)).await;
    }
    Ok(Json(view))
}

impl Page {
    async fn tell(&self, input: Input) -> StatusCode {
        match self.inputs.send(input).await {
            Ok(()) => StatusCode::NO_CONTENT,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
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
            carriers: CarriersView::from(&look.uplink),
            vitals: view.vitals,
            news2: view.news2,
            scores: view.scores,
            alarms: view.alarms,
            audio: AudioView::from(view.audio),
            leads: leads.map(lead_watch).collect(),
            wave: best_lead(&view.leads).map(wave_view),
            complaints: look.complaints,
            derived: view.derived,
            held: view.held.into_iter().map(HeldView::from).collect(),
            electrodes: view.electrodes,
            camera: view.camera.map(|(at, pulse)| SeenPulse { at, pulse }),
        }
    }
}

fn lead_watch(it: &LeadView) -> LeadWatch {
    LeadWatch { lead: it.lead.clone(), state: it.state, clock: it.clock }
}

/// The lead to show: the first good one, or the first.
fn best_lead(leads: &[LeadView]) -> Option<&LeadView> {
    leads.iter().find(|lead| lead.state == LeadCondition::Good).or(leads.first())
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
