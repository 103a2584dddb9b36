//! The centre's own log once more under another policy: one replay at a time, beside the centre.

#![allow(unused_qualifications, reason = "the macros of utoipa qualify what is imported")]

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ems_model::{IncidentId, Millis, Position, Recorded};
use ems_roads::Roads;
use ems_sim::{Counterfactual, RecordedLog, ReplayProgress, Side};
use ems_store::EventLog;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::App;
use super::error::{ApiError, ErrorBody};
use super::input::{Body, Named};
use crate::pages::Pages;
use crate::view::text::TextView;

/// The longest span that is run beside a serving centre.
const HOURS_MAX: f64 = 168.0;
/// Events of a log that are read into memory beside a serving centre.
const EVENTS_MAX: u64 = 2_000_000;
/// The same log gives the same intervals.
const SEED: u64 = 1;

/// The last replay that was asked for.
#[derive(Debug, Default)]
pub(crate) struct ReplayDesk(Arc<Mutex<Desk>>);

#[derive(Debug, Default)]
struct Desk {
    /// Counts replays, so that a stopped one tells nothing any more.
    nth: u64,
    run: Option<Run>,
    /// Whether a thread is at work, be it one that was stopped and has not seen it yet.
    is_busy: bool,
}

#[derive(Debug, Clone)]
struct Run {
    wish: ReplayWish,
    progress: ReplayProgress,
    end: Option<Result<Arc<Counterfactual>, String>>,
}

/// What to replay.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayWish {
    /// The policy, with its version: `keep-cover/1`.
    policy: String,
    /// Calls of so many hours before the log's end, 0.1..=168.
    last_hours: f64,
}

/// A replay and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayView {
    /// `none`, `running`, `done`, `failed`.
    state: &'static str,
    /// The policies that may be asked for.
    policies: Vec<PolicyName>,
    /// What was asked for last.
    wish: Option<ReplayWish>,
    /// Calls run so far, each twice: once under the recorded policies.
    n_done: usize,
    /// Calls of the span and of the hours before it, from which units come.
    n_calls: usize,
    /// The whole result, once done: docs/replay.md.
    #[schema(value_type = Option<Object>)]
    result: Option<Shared>,
    /// Why it failed.
    error: Option<String>,
}

/// A result that is not copied for each who asks.
#[derive(Debug)]
struct Shared(Arc<Counterfactual>);

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct PolicyName {
    name: String,
    about: TextView,
}

/// The ways of the units that came, as points `[lon, lat]`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaysView {
    /// Empty where the log does not tell where the unit stood.
    recorded: Vec<[f64; 2]>,
    replayed: Vec<[f64; 2]>,
}

impl ReplayDesk {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        // A panic while the desk is held leaves it as good as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a wish unless another replay is at work.
    fn begin(&self, wish: ReplayWish) -> Result<Sheet, ApiError> {
        let mut desk = self.lock();
        if desk.is_busy {
            let policy = desk.run.as_ref().map_or("one that was stopped", |run| &run.wish.policy);
            let message = format!("a replay of {policy} runs: wait for it, or stop it");
            return Err(ApiError::new(StatusCode::CONFLICT, "conflict", message));
        }
        (desk.nth, desk.is_busy) = (desk.nth + 1, true);
        let progress = ReplayProgress { n_done: 0, n_calls: 0 };
        desk.run = Some(Run { wish, progress, end: None });
        Ok(Sheet { desk: Arc::clone(&self.0), nth: desk.nth })
    }

    /// The result, once it is there.
    fn result(&self) -> Option<Arc<Counterfactual>> {
        self.lock().run.as_ref()?.end.as_ref()?.as_ref().ok().cloned()
    }
}

/// What a running replay writes on.
struct Sheet {
    desk: Arc<Mutex<Desk>>,
    nth: u64,
}

impl Sheet {
    /// Changes the run, unless it was stopped.
    fn write(&self, change: impl FnOnce(&mut Run)) -> ControlFlow<()> {
        let mut held = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = &mut *held;
        match &mut desk.run {
            Some(run) if desk.nth == self.nth => change(run),
            _ => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }
}

impl Drop for Sheet {
    /// However its thread ends, the next replay may begin.
    fn drop(&mut self) {
        let _ = self.write(|run| {
            run.end.get_or_insert(Err("the replay failed: report the log's panic message".into()));
        });
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).is_busy = false;
    }
}

#[utoipa::path(
    get, path = "/api/replay",
    responses((status = 200, description = "The last replay", body = ReplayView))
)]
pub(crate) async fn show(State(app): State<App>) -> Json<ReplayView> {
    Json(view(&app))
}

#[utoipa::path(
    post, path = "/api/replay", request_body = ReplayWish,
    responses(
        (status = 200, description = "It runs", body = ReplayView),
        (status = 400, description = "Not understood", body = ErrorBody),
        (status = 404, description = "No such policy", body = ErrorBody),
        (status = 409, description = "Another one runs", body = ErrorBody),
    )
)]
pub(crate) async fn start(
    State(app): State<App>,
    Body(wish): Body<ReplayWish>,
) -> Result<Json<ReplayView>, ApiError> {
    let last = span_of(wish.last_hours)?;
    let known = app.reference.policy_named(&wish.policy);
    known.map_err(|error| ApiError::new(StatusCode::NOT_FOUND, "unknown", error.to_string()))?;
    let through = app.centre.hub().durable_seq();
    if through > EVENTS_MAX {
        let message = format!(
            "the log has {through} events, over {EVENTS_MAX}: run `golden-hour replay` on a copy"
        );
        return Err(ApiError::malformed(message));
    }
    let policy = wish.policy.clone();
    let sheet = app.replay.begin(wish)?;
    let of_centre = app.clone();
    let spawned = thread::Builder::new()
        .name("replay".to_owned())
        .spawn(move || run(&of_centre, &policy, last, through, &sheet));
    spawned.map_err(|error| super::failed(&error.to_string()))?;
    Ok(Json(view(&app)))
}

#[utoipa::path(
    delete, path = "/api/replay",
    responses((status = 200, description = "None runs any more", body = ReplayView))
)]
pub(crate) async fn stop(State(app): State<App>) -> Json<ReplayView> {
    let mut desk = app.replay.lock();
    desk.nth += 1;
    desk.run = None;
    drop(desk);
    Json(view(&app))
}

#[utoipa::path(
    get, path = "/api/replay/{incident}/ways",
    params(("incident" = IncidentId, Path, description = "The call's number in the log")),
    responses(
        (status = 200, description = "Both units' ways to the scene", body = WaysView),
        (status = 404, description = "No replay is done, or it has no such call", body = ErrorBody),
    )
)]
pub(crate) async fn ways(
    State(app): State<App>,
    Named(id): Named<u64>,
) -> Result<Json<WaysView>, ApiError> {
    let result = app.replay.result();
    let call = result.as_ref().and_then(|it| it.calls.iter().find(|it| it.incident.0 == id));
    let call = call.ok_or_else(|| ApiError::unknown("replayed call", id))?;
    let way = |side: &Side| points(&app.city.roads, side.sent_from, call.position);
    Ok(Json(WaysView { recorded: way(&call.recorded), replayed: way(&call.replayed) }))
}

fn points(roads: &Roads, from: Option<Position>, to: Position) -> Vec<[f64; 2]> {
    let ends = from.and_then(|from| Some((roads.snap(from).ok()?, roads.snap(to).ok()?)));
    let route = ends.and_then(|(from, to)| roads.route(&from, &to));
    let points = route.map_or_else(Vec::new, |route| route.points);
    points.into_iter().map(|(position, _)| [position.lon(), position.lat()]).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be a week at most")]
fn span_of(hours: f64) -> Result<Millis, ApiError> {
    if (0.1..=HOURS_MAX).contains(&hours) {
        return Ok(Millis::new((hours * 3_600_000.0) as i64));
    }
    let message = format!(
        "last_hours {hours} is outside 0.1..={HOURS_MAX}: run `golden-hour replay` for longer spans"
    );
    Err(ApiError::malformed(message))
}

fn view(app: &App) -> ReplayView {
    let policies = app.reference.policies().iter();
    let policies =
        policies.map(|it| PolicyName { name: it.name.clone(), about: (&it.about).into() });
    let run = app.replay.lock().run.clone();
    let (state, progress) = match &run {
        None => ("none", ReplayProgress { n_done: 0, n_calls: 0 }),
        Some(Run { end: None, progress, .. }) => ("running", *progress),
        Some(Run { end: Some(Ok(_)), progress, .. }) => ("done", *progress),
        Some(Run { end: Some(Err(_)), progress, .. }) => ("failed", *progress),
    };
    let end = run.as_ref().and_then(|run| run.end.clone());
    ReplayView {
        state,
        policies: policies.collect(),
        wish: run.map(|run| run.wish),
        n_done: progress.n_done,
        n_calls: progress.n_calls,
        result: end.clone().and_then(Result::ok).map(Shared),
        error: end.and_then(Result::err),
    }
}

fn run(app: &App, policy: &str, last: Millis, through: u64, sheet: &Sheet) {
    let end = replay(app, policy, last, through, sheet).map(Arc::new);
    // Who stopped it wants to know no more.
    let _ = sheet.write(|run| run.end = Some(end));
}

fn replay(
    app: &App,
    policy: &str,
    last: Millis,
    through: u64,
    sheet: &Sheet,
) -> Result<Counterfactual, String> {
    let events = read(app.log.as_ref(), through)?;
    let mut tell = |progress: ReplayProgress| {
        if *app.shutdown.borrow() {
            return ControlFlow::Break(());
        }
        sheet.write(|run| run.progress = progress)
    };
    let (city, reference) = (Arc::clone(&app.city), Arc::clone(&app.reference));
    let day = RecordedLog::read(&events, city, reference, Some(last), &mut tell);
    drop(events);
    let day = day.map_err(|error| error.to_string())?;
    day.replay(policy, SEED, &mut tell).map_err(|error| error.to_string())
}

fn read(log: &dyn EventLog, through: u64) -> Result<Vec<Recorded>, String> {
    let mut pages = Pages::of(log);
    let events = pages.by_ref().take_while(|recorded| recorded.seq <= through).collect();
    pages.end().map_err(|error| error.to_string())?;
    Ok(events)
}
