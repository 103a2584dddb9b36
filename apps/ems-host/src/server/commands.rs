//! Calls that change something, and the one that looks like it.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use ems_model::{Command, Request};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::Body;
use crate::view::answer::{Ack, TriageView};

#[utoipa::path(
    post, path = "/api/commands", request_body = Request,
    responses(
        (status = 200, description = "Done and durable, now or under the same key before", body = Ack),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 404, description = "No such incident, unit, hospital or task", body = ErrorBody),
        (status = 409, description = "Somebody was first, or the lifecycle forbids it", body = ErrorBody),
        (status = 413, description = "Over 1 MiB", body = ErrorBody),
        (status = 422, description = "Refused, with the reason", body = ErrorBody),
        (status = 503, description = "The centre reads its log", body = ErrorBody),
        (status = 507, description = "The disk did not take it; nothing has happened", body = ErrorBody),
    )
)]
pub(crate) async fn command(
    State(app): State<App>,
    Body(request): Body<Request>,
) -> Result<Json<Ack>, ApiError> {
    let start = Instant::now();
    let (actor, what) = (request.actor.clone(), command_name(&request.command));
    super::photos::check(&app, &request.command)?;
    let answer = app.centre.command(request).await.map_err(ApiError::from);
    let code = match &answer {
        Ok(ack) if ack.is_repeated => "repeated",
        Ok(_) => "ok",
        Err(error) => error.code(),
    };
    let took = start.elapsed();
    app.centre.metrics().on_command(code, took);
    tracing::info!(actor, what, code, took_us = took.as_micros(), "command");
    answer.map(Json)
}

fn command_name(command: &Command) -> &'static str {
    match command {
        Command::SignOnUnit { .. } => "sign_on_unit",
        Command::SignOffUnit { .. } => "sign_off_unit",
        Command::RestCrew { .. } => "rest_crew",
        Command::TakeCall { .. } => "take_call",
        Command::Triage { .. } => "triage",
        Command::AssignUnit { .. } => "assign_unit",
        Command::StepUnit { .. } => "step_unit",
        Command::ChooseHospital { .. } => "choose_hospital",
        Command::AnswerReception { .. } => "answer_reception",
        Command::StepTask { .. } => "step_task",
        Command::ReportCrowding { .. } => "report_crowding",
        Command::DivertAmbulances { .. } => "divert_ambulances",
        Command::OpenDoors { .. } => "open_doors",
        Command::AnswerRemoteCare { .. } => "answer_remote_care",
        Command::CloseIncident { .. } => "close_incident",
        Command::CancelIncident { .. } => "cancel_incident",
        Command::DivertUnit { .. } => "divert_unit",
        Command::ExchangeUnit { .. } => "exchange_unit",
        Command::ReportRange { .. } => "report_range",
        Command::SwitchPolicy { .. } => "switch_policy",
        Command::PostUnit { .. } => "post_unit",
        Command::RecordFindings { .. } => "record_findings",
        Command::MajorIncident { .. } => "major_incident",
        Command::DeclareSurge { .. } => "declare_surge",
        Command::Aid { .. } => "aid",
        Command::SendResponse { .. } => "send_response",
        Command::TrimResponse { .. } => "trim_response",
        Command::AcknowledgeAlarm { .. } => "acknowledge_alarm",
        Command::RecordCamera { .. } => "record_camera",
    }
}

/// What a caller has told so far.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    complaint: String,
    answers: BTreeMap<String, String>,
    age: Option<u8>,
}

#[utoipa::path(
    post, path = "/api/triage", request_body = Told,
    responses(
        (status = 200, description = "What the card suggests; nothing has changed", body = TriageView),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 422, description = "No such card, question or answer", body = ErrorBody),
    )
)]
pub(crate) async fn triage(
    State(app): State<App>,
    Body(told): Body<Told>,
) -> Result<Json<TriageView>, ApiError> {
    ems_centre::check_age(told.age)?;
    let suggest = app.reference.suggest(&told.complaint, &told.answers, told.age);
    let suggestion = suggest.map_err(|error| ApiError::from(ems_centre::Rejection::from(error)))?;
    Ok(Json(suggestion.into()))
}
