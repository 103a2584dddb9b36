//! What a crew takes with a camera on the page and keeps: photos of wounds, capillary refill.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use ems_model::{CameraFinding, IncidentId, Millis, PhotoFlaw};
use ems_vision::{LightRefusal, Refill, RefillRefusal, SkinTracker, find_refill};
use serde::{Deserialize, Serialize};

use super::camera::{SeenPicture, mosaics};
use super::look;
use super::page::Page;
use crate::photo::{JudgedPhoto, judge};

/// Pictures of a press and its release: half a minute.
const PICTURES_MAX: usize = 1200;

/// Whether a photo with faults is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Keep {
    /// Only without.
    Good,
    /// With them, too: it cannot be taken again.
    Always,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    keep: Keep,
}

/// What the page is told of a photo.
#[derive(Debug, Serialize)]
pub(super) struct PhotoAnswer {
    is_kept: bool,
    /// Why it is no picture, in English.
    no_picture: Option<String>,
    flaws: Vec<FlawView>,
    /// The unit is on no call: whose wound is it?
    has_patient: bool,
}

#[derive(Debug, Serialize)]
struct FlawView {
    flaw: PhotoFlaw,
    /// The flaw with its numbers, in English.
    because: String,
}

/// Judges a photo, and keeps it with the patient.
pub(super) async fn photo(
    State(page): State<Page>,
    Query(asked): Query<Asked>,
    bytes: Bytes,
) -> Result<Json<PhotoAnswer>, StatusCode> {
    let patient = patient(&page).await?;
    let judging = tokio::task::spawn_blocking(move || judge(&bytes)).await;
    let judged = match judging.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)? {
        Ok(judged) => judged,
        Err(error) => return Ok(Json(PhotoAnswer::no_picture(patient, error.to_string()))),
    };
    let JudgedPhoto { bare, size, faults } = judged;
    let flaws: Vec<PhotoFlaw> = faults.iter().map(|(flaw, _)| *flaw).collect();
    let is_wanted = flaws.is_empty() || asked.keep == Keep::Always;
    if let Some(incident) = patient.filter(|_| is_wanted) {
        let finding = |photo| CameraFinding::Wound { photo, size, flaws };
        page.keeper.keep_photo(incident, bare, finding).await.map_err(|error| not_kept(&error))?;
    }
    let flaws = faults.into_iter().map(|(flaw, because)| FlawView { flaw, because }).collect();
    let has_patient = patient.is_some();
    Ok(Json(PhotoAnswer {
        is_kept: is_wanted && has_patient,
        no_picture: None,
        flaws,
        has_patient,
    }))
}

impl PhotoAnswer {
    fn no_picture(patient: Option<IncidentId>, why: String) -> Self {
        let has_patient = patient.is_some();
        Self { is_kept: false, no_picture: Some(why), flaws: vec![], has_patient }
    }
}

/// A press of a nail and its release, from the first picture to the last.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressed {
    pictures: Vec<SeenPicture>,
}

/// What the page is told of it.
#[derive(Debug, Serialize)]
pub(super) struct RefillAnswer {
    refill: Option<RefillView>,
    /// Why there is none.
    refusal: Option<&'static str>,
    /// The refusal with its numbers, in English.
    because: Option<String>,
    is_kept: bool,
    has_patient: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct RefillView {
    secs: f64,
    within: f64,
}

/// Measures a refill, and keeps it with the patient.
pub(super) async fn refill(
    State(page): State<Page>,
    Json(pressed): Json<Pressed>,
) -> Result<Json<RefillAnswer>, StatusCode> {
    let patient = patient(&page).await?;
    let mosaics = mosaics(&pressed.pictures, PICTURES_MAX).ok_or(StatusCode::BAD_REQUEST)?;
    let mut tracker = SkinTracker::default();
    let samples: Vec<_> = mosaics.iter().map(|mosaic| tracker.push(mosaic)).collect();
    if samples.is_empty() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let found = find_refill(&samples);
    if let (Some(incident), Ok(refill)) = (patient, &found) {
        page.keeper.keep(incident, told(refill)).await.map_err(|error| not_kept(&error))?;
    }
    let is_kept = patient.is_some() && found.is_ok();
    Ok(Json(RefillAnswer::new(&found, is_kept, patient.is_some())))
}

impl RefillAnswer {
    fn new(found: &Result<Refill, RefillRefusal>, is_kept: bool, has_patient: bool) -> Self {
        let view = |it: &Refill| RefillView { secs: it.secs, within: it.within_secs };
        let refusal = found.as_ref().err();
        Self {
            refill: found.as_ref().ok().map(view),
            refusal: refusal.map(code),
            because: refusal.map(ToString::to_string),
            is_kept,
            has_patient,
        }
    }
}

async fn patient(page: &Page) -> Result<Option<IncidentId>, StatusCode> {
    let look = look(&page.inputs).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(look.view.incident)
}

fn not_kept(error: &ems_store::StoreError) -> StatusCode {
    tracing::error!(%error, "what a camera took is not kept");
    StatusCode::INSUFFICIENT_STORAGE
}

/// The time in whole milliseconds, the uncertainty rounded up.
#[expect(clippy::cast_possible_truncation, reason = "seconds of a recording")]
fn told(refill: &Refill) -> CameraFinding {
    let millis = |secs: f64| Millis::new((secs * 1000.0).ceil() as i64);
    CameraFinding::Refill { time: millis(refill.secs), within: millis(refill.within_secs) }
}

/// The names that the page has texts for.
const fn code(refusal: &RefillRefusal) -> &'static str {
    match refusal {
        RefillRefusal::Light(LightRefusal::TooDark { .. }) => "too_dark",
        RefillRefusal::Light(LightRefusal::TooBright { .. }) => "too_bright",
        RefillRefusal::Light(LightRefusal::Clipped { .. }) => "clipped",
        RefillRefusal::TooFewPictures { .. } => "too_few_pictures",
        RefillRefusal::NoBlanch { .. } => "no_blanch",
        RefillRefusal::NotBack { .. } => "not_back",
        RefillRefusal::Motion { .. } => "motion",
        RefillRefusal::OddCourse { .. } => "odd_course",
    }
}
