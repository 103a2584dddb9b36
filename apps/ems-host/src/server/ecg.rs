//! The report of an incident's ECG, from the waves that its unit sent.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use ems_ecg::{
    Criteria, Ecg, Finding, Language, Lead, Measure, Patient, Report, Scope, Sheet, pages, svg,
};
use ems_model::{Frame, FrameBody, IncidentId, Timestamp, UnitId, WaveChunk};
use serde::Deserialize;

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::{Ask, Named};

/// What is analysed, seconds.
const SECS: usize = 10;
/// Frames that are looked through: twelve leads in pieces of 20 ms for a little longer.
const FRAMES_LEN_MAX: u64 = 8000;
/// A lead that lacks more than one sample of so many is left out.
const WHOLE: usize = 20;

/// Whose report, and in which language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The unit whose devices are meant.
    unit: UnitId,
    /// `en`, if left out, or `zh`.
    #[serde(default)]
    lang: Words,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Words {
    #[default]
    En,
    Zh,
}

#[utoipa::path(
    get, path = "/api/incidents/{id}/ecg",
    params(
        ("id" = u64, Path, description = "The incident's number"),
        ("unit" = String, Query, description = "The call sign of the unit whose devices are meant"),
        ("lang" = Option<String>, Query, description = "en, if left out, or zh"),
    ),
    responses(
        (
            status = 200, content_type = "image/svg+xml", body = String,
            description = "Two pages: the last 10 s on paper with intervals and findings, and why",
        ),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 404, description = "No such incident", body = ErrorBody),
        (status = 422, description = "No leads, or nothing that can be measured", body = ErrorBody),
    )
)]
pub(crate) async fn report(
    State(app): State<App>,
    Named(incident): Named<IncidentId>,
    Ask(wanted): Ask<Wanted>,
) -> Result<Response, ApiError> {
    let age = app.centre.look(move |centre, _| {
        centre.ledger().incident(incident).map(|record| record.incident.call.age)
    });
    let age = age.await?.ok_or_else(|| {
        let message = format!("incident {incident} is not known: look at /api/state");
        ApiError::new(StatusCode::NOT_FOUND, "unknown", message)
    })?;
    let (telemetry, unit) = (app.telemetry.clone(), wanted.unit.clone());
    let frames = app.read(move || {
        let after = telemetry.last_seq(&unit)?.saturating_sub(FRAMES_LEN_MAX);
        telemetry.read_after(&unit, after, usize::try_from(FRAMES_LEN_MAX).unwrap_or(usize::MAX))
    });
    let strip = Strip::of(incident, &frames.await?).ok_or_else(|| refused("it sent no wave"))?;
    let drawing = tokio::task::spawn_blocking(move || draw(incident, &wanted, age, &strip));
    let drawn = drawing.await.map_err(|panic| super::failed(&panic.to_string()))?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, drawn?).into_response())
}

fn refused(why: impl std::fmt::Display) -> ApiError {
    let message = format!("the unit's ECG gives no report ({why}): wait for 10 s of clean leads");
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message)
}

/// What was sent of the leads that end together.
struct Strip {
    hz: u32,
    end: Timestamp,
    /// By lead, microvolts, NaN where nothing was sent.
    leads: BTreeMap<Lead, Vec<f32>>,
}

impl Strip {
    /// The last seconds of an incident's leads, at the rate of the newest piece; leads with gaps
    /// are left out. `None` before any wave.
    fn of(incident: IncidentId, frames: &[Frame]) -> Option<Self> {
        let of_incident = frames.iter().filter(|frame| frame.incident == Some(incident));
        let pieces: Vec<(Timestamp, Lead, &WaveChunk)> = of_incident
            .filter_map(|frame| match &frame.body {
                FrameBody::Wave(piece) => Some((frame.at, Lead::of_name(&piece.lead)?, piece)),
                _ => None,
            })
            .collect();
        let hz = pieces.last()?.2.hz;
        let span_us = |n: usize| {
            i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(1_000_000) / i64::from(hz.max(1))
        };
        let ends = pieces.iter().map(|(at, _, piece)| {
            Timestamp::from_micros(at.as_micros() + span_us(piece.microvolts.len()))
        });
        let end = ends.max()?;
        let n_samples = SECS * hz as usize;
        let start_us = end.as_micros() - span_us(n_samples);
        let mut leads: BTreeMap<Lead, Vec<f32>> = BTreeMap::new();
        for (at, lead, piece) in pieces.into_iter().filter(|(.., piece)| piece.hz == hz) {
            let wave = leads.entry(lead).or_insert_with(|| vec![f32::NAN; n_samples]);
            let first = (at.as_micros() - start_us) * i64::from(hz) / 1_000_000;
            for (sample, idx) in piece.microvolts.iter().zip(first..) {
                if let Some(place) = usize::try_from(idx).ok().and_then(|idx| wave.get_mut(idx)) {
                    *place = f32::from(*sample);
                }
            }
        }
        let n_missing = |wave: &[f32]| wave.iter().filter(|it| it.is_nan()).count();
        leads.retain(|_, wave| n_missing(wave) <= n_samples / WHOLE);
        Some(Self { hz, end, leads })
    }
}

fn draw(
    incident: IncidentId,
    wanted: &Wanted,
    age: Option<u8>,
    strip: &Strip,
) -> Result<String, ApiError> {
    let leads: Vec<_> = strip.leads.iter().map(|(lead, wave)| (*lead, wave.as_slice())).collect();
    let ecg = Ecg::new(strip.hz, &leads).map_err(refused)?;
    let patient = Patient { age, sex: None };
    let mut report = Report::new(&ecg, patient, &Criteria::standard()).map_err(refused)?;
    // The monitor's filter, 0.5 to 40 Hz, bends complexes, ST segments and T waves: nothing that
    // rests on them is said.
    let is_of_rhythm = |it: &Finding| it.reasons.iter().all(|it| survives(it.measure));
    report.findings.retain(is_of_rhythm);
    let language = match wanted.lang {
        Words::En => Language::En,
        Words::Zh => Language::Zh,
    };
    let name = match wanted.lang {
        Words::En => format!("Call {incident} · {}", wanted.unit),
        Words::Zh => format!("事件 {incident} · {}", wanted.unit),
    };
    let note = match wanted.lang {
        Words::En => "rhythm only",
        Words::Zh => "仅判节律",
    };
    let end = strip.end.to_rfc3339();
    let taken = format!("{}Z, {note}", end.get(..16).unwrap_or(&end).replace('T', " "));
    Ok(svg(&pages(&Sheet {
        name: &name,
        taken: Some(&taken),
        patient,
        ecg: &ecg,
        report: &report,
        language,
        scope: Scope::Rhythm,
    })))
}

/// Whether a monitor's filter leaves a measure as it is.
const fn survives(measure: Measure) -> bool {
    matches!(
        measure,
        Measure::Rate
            | Measure::Irregularity
            | Measure::PShare
            | Measure::PrematureBeats
            | Measure::AlternateBeats
            | Measure::Pr
    )
}
