//! What becomes of frames that came, whatever carried them: stored once, then shown.
//!
//! An alarm becomes an event before its frame is stored: if the program dies between, the gateway
//! sends the frame again and the centre sees that it knows the alarm. The other way round an
//! alarm could be stored and never told.

use ems_model::{Frame, FrameBody, Gap, UnitId};
use ems_store::StoreError;
use ems_uplink::{PROTOCOL, PROTOCOL_OLDEST, Ranges};

use super::App;

/// Messages of one carrier that may wait for the disk; then it is not read on.
pub(crate) const IN_FLIGHT_MAX: usize = 64;

/// What a unit sent, and whether it is durable.
pub(crate) enum Stored {
    Frames(Vec<Frame>, Result<ems_store::Stored, StoreError>),
    Gaps(UnitId, Vec<Gap>, Result<(), StoreError>),
}

/// Makes alarms events. The error is for the gateway.
pub(crate) async fn tell_alarms(app: &App, frames: &[Frame]) -> Result<(), String> {
    let alarms = frames.iter().filter(|it| matches!(it.body, FrameBody::Alarm { .. }));
    let alarms: Vec<_> = alarms.cloned().collect();
    if alarms.is_empty() {
        return Ok(());
    }
    app.centre.alarms(alarms).await.map_err(|error| error.to_string())
}

/// Stores frames; `done` is called when they are durable, and must not block.
pub(crate) fn store(app: &App, frames: Vec<Frame>, done: impl FnOnce(Stored) + Send + 'static) {
    let kept = frames.clone();
    app.telemetry.append(frames, Box::new(move |result| done(Stored::Frames(kept, result))));
}

/// Notes what a unit gave up, as [`store`] stores frames.
pub(crate) fn note_gaps(
    app: &App,
    unit: UnitId,
    gaps: Vec<Gap>,
    done: impl FnOnce(Stored) + Send + 'static,
) {
    let gaps = checked(gaps);
    let (told, noted) = (unit.clone(), gaps.clone());
    app.telemetry.note_gaps(
        unit,
        gaps,
        Box::new(move |result| done(Stored::Gaps(told, noted, result))),
    );
}

/// Without those that name no number: nobody waits for them.
fn checked(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.retain(|gap| 0 < gap.first && gap.first <= gap.last);
    gaps
}

/// Shows what is durable, and gives its numbers, the first and the last of each range. The error is
/// for the gateway.
pub(crate) async fn show(app: &App, stored: Stored) -> Result<Vec<(UnitId, u64, u64)>, String> {
    match stored {
        Stored::Frames(frames, result) => show_frames(app, frames, result).await,
        Stored::Gaps(unit, gaps, result) => {
            result.map_err(|error| error.to_string())?;
            let numbers: Ranges = gaps.iter().map(|gap| (gap.first, gap.last)).collect();
            tracing::warn!(%unit, n_frames = numbers.n_numbers(), "a gateway gave frames up");
            Ok(gaps.into_iter().map(|gap| (unit.clone(), gap.first, gap.last)).collect())
        }
    }
}

async fn show_frames(
    app: &App,
    frames: Vec<Frame>,
    result: Result<ems_store::Stored, StoreError>,
) -> Result<Vec<(UnitId, u64, u64)>, String> {
    let n_known = result.map_err(|error| error.to_string())?.n_known;
    let now = app.clock.now();
    let metrics = app.centre.metrics();
    metrics.frames_stored.inc_by(frames.len() as u64 - n_known);
    metrics.frames_repeated.inc_by(n_known);
    for frame in &frames {
        metrics.on_delay(now.since(frame.at));
        app.centre.hub().publish_frame(frame);
    }
    let numbers = frames.iter().map(|frame| (frame.unit.clone(), frame.seq, frame.seq)).collect();
    let is_vitals = |frame: &Frame| matches!(frame.body, FrameBody::Vitals { .. });
    let vitals: Vec<_> = frames.into_iter().filter(is_vitals).collect();
    if !vitals.is_empty() {
        app.centre.frames(vitals).await;
    }
    Ok(numbers)
}

/// Whether the centre speaks a gateway's version.
pub(crate) fn understands(protocol: u32) -> bool {
    (PROTOCOL_OLDEST..=PROTOCOL).contains(&protocol)
}

/// What a gateway of another version is told.
pub(crate) fn other_protocol(unit: &UnitId, protocol: u32) -> String {
    format!(
        "unit {unit} speaks uplink protocol {protocol}, the centre {PROTOCOL}: update the older of them"
    )
}
