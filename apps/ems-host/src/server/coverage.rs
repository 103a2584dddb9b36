//! The map of what networks carry, made of what gateways read.
//!
//! Frames of readings have a place each in the telemetry store. The map is what those up to a place
//! say; it is kept with that place now and then, and the rest is read again after a restart. So no
//! frame counts twice, however often it came.

#![allow(unused_qualifications, reason = "the macros of utoipa qualify what is imported")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use ems_coverage::{Coverage, Grid, Quantity, Reading, Sketch, Square};
use ems_model::{FrameBody, HourOfWeek, LinkReading, Position, Timestamp};
use ems_store::{KeptCoverage, StoreError, SurveyFrame, Telemetry};
use serde::Deserialize;
use tokio::sync::Mutex;
use utoipa::IntoParams;

use super::error::{ApiError, ErrorBody};
use super::input::Ask;
use super::{App, stopped};
use crate::view::coverage::{CoverageView, SquareView};

/// The size of squares.
const METRES: u32 = 250;
/// Frames that are read at once.
const FRAMES_MAX: usize = 2_000;
/// How often the map is brought up to date by itself.
const EVERY: Duration = Duration::from_secs(30);
/// The map is kept when it has taken so many frames since it was.
const KEEP_AFTER: u64 = 500;
/// Networks on the map at most: gateways name them as they like.
const NETWORKS_MAX: usize = 64;
/// Squares in one answer at most.
const SQUARES_MAX: usize = 20_000;

/// The map, and how far it has read.
#[derive(Debug)]
pub(crate) struct CoverageDesk {
    charted: Mutex<Option<Charted>>,
}

#[derive(Debug)]
struct Charted {
    map: Arc<Coverage>,
    through: u64,
    kept: u64,
}

impl CoverageDesk {
    pub(crate) fn new() -> Self {
        Self { charted: Mutex::default() }
    }

    /// The map with all that is stored by now.
    pub(crate) async fn map(&self, app: &App) -> Result<Arc<Coverage>, ApiError> {
        let mut charted = self.charted.lock().await;
        let telemetry = Arc::clone(&app.telemetry);
        let before = charted.take();
        let read = app.read(move || bring_up(&telemetry, before)).await?;
        let map = Arc::clone(&read.map);
        *charted = Some(read);
        Ok(map)
    }
}

/// Brings the map up to date until the server stops.
pub(crate) async fn keep_up(app: App) {
    let stopped = stopped(app.shutdown.clone());
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = &mut stopped => return,
        }
        // What failed is told where it failed, and tried again.
        let _ = app.coverage.map(&app).await;
    }
}

/// Reads what was stored since; begins with the map that was kept.
fn bring_up(telemetry: &Telemetry, before: Option<Charted>) -> Result<Charted, StoreError> {
    let mut charted = match before {
        Some(charted) => charted,
        None => begin(telemetry)?,
    };
    loop {
        let frames = telemetry.surveys_after(charted.through, FRAMES_MAX)?;
        let Some(last) = frames.last() else { break };
        charted.through = last.place;
        let map = Arc::make_mut(&mut charted.map);
        for frame in &frames {
            take(map, frame);
        }
    }
    if charted.through - charted.kept >= KEEP_AFTER {
        charted.kept = charted.through;
        let body = charted.map.to_csv().into_bytes();
        let map = KeptCoverage { through: charted.through, body };
        telemetry.keep_coverage(map, Box::new(on_kept));
    }
    Ok(charted)
}

fn on_kept(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the map of coverage was not kept: it is made again at the next start");
    }
}

fn begin(telemetry: &Telemetry) -> Result<Charted, StoreError> {
    let kept = telemetry.coverage()?;
    let read = |kept: KeptCoverage| match Coverage::from_csv(&kept.body) {
        Ok(map) => Some((map, kept.through)),
        Err(error) => {
            tracing::warn!(%error, "the map of coverage cannot be read and is made again");
            None
        }
    };
    let empty = || (Coverage::new(Grid::new(METRES).expect("within its range")), 0);
    let (map, through) = kept.and_then(read).unwrap_or_else(empty);
    Ok(Charted { map: Arc::new(map), through, kept: through })
}

/// Puts a frame on the map; one without position has no square.
fn take(map: &mut Coverage, survey: &SurveyFrame) {
    let FrameBody::Links { position: Some(position), links, .. } = &survey.frame.body else {
        return;
    };
    let hour = Some(solar_hour(survey.frame.at, *position));
    for link in links {
        let is_known = map.networks().any(|network| network == link.link);
        if is_known || map.networks().count() < NETWORKS_MAX {
            readings(link, *position, hour).for_each(|reading| map.add(&link.link, &reading));
        }
    }
}

fn readings(
    link: &LinkReading,
    position: Position,
    hour: Option<u8>,
) -> impl Iterator<Item = Reading> {
    let of = move |quantity, value, is_at_least| Reading {
        position,
        hour,
        quantity,
        value,
        is_at_least,
    };
    let rate = link.up_kbps.map(|kbps| of(Quantity::Throughput, kbps, link.is_at_least));
    let delay = link.round_trip_ms.map(|ms| of(Quantity::Delay, ms, false));
    rate.into_iter().chain(delay).filter(|it| it.value.is_finite() && it.value >= 0.0)
}

/// The hour of the day by the sun, whole hours from Greenwich: as near to the clock of a place as
/// can be known without a table of the world's clocks.
#[expect(clippy::cast_possible_truncation, reason = "within ±12 hours")]
pub(crate) fn solar_hour(at: Timestamp, position: Position) -> u8 {
    let offset_mins = (position.lon() / 15.0).round() as i32 * 60;
    u8::try_from(HourOfWeek::of(at, offset_mins).get() % 24).expect("below 24")
}

/// Which part of the map.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Showing {
    /// Only this network.
    network: Option<String>,
    /// Only this hour of the day, 0..=23; all hours together if left out.
    hour: Option<u8>,
}

#[utoipa::path(
    get, path = "/api/coverage", params(Showing),
    responses(
        (status = 200, description = "What networks carry, by squares, as GeoJSON; those with the most readings first, at most 20000", body = CoverageView),
        (status = 400, description = "Not understood", body = ErrorBody),
    )
)]
pub(crate) async fn show(
    State(app): State<App>,
    Ask(showing): Ask<Showing>,
) -> Result<Json<CoverageView>, ApiError> {
    if let Some(hour) = showing.hour.filter(|hour| *hour > 23) {
        return Err(ApiError::malformed(format!("hour {hour} is outside 0..=23: ask for another")));
    }
    let map = app.coverage.map(&app).await?;
    let view = move || Ok::<_, StoreError>(view(&map, showing.network.as_deref(), showing.hour));
    Ok(Json(app.read(view).await?))
}

fn view(map: &Coverage, network: Option<&str>, hour: Option<u8>) -> CoverageView {
    let mut squares: BTreeMap<(&str, Square), [Sketch; 2]> = BTreeMap::new();
    let is_asked = |cell: &ems_coverage::Cell<'_>| {
        network.is_none_or(|it| it == cell.network) && (hour.is_none() || hour == cell.hour)
    };
    for cell in map.cells().filter(is_asked) {
        let sketches = squares.entry((cell.network, cell.square)).or_default();
        sketches[usize::from(cell.quantity == Quantity::Delay)].merge(cell.sketch);
    }
    let mut squares: Vec<_> = squares
        .into_iter()
        .map(|((network, square), [rate, delay])| {
            SquareView::of(network, map.grid().edges(square), &rate, &delay)
        })
        .collect();
    squares.sort_by_key(|it| std::cmp::Reverse(it.n_readings()));
    squares.truncate(SQUARES_MAX);
    CoverageView::of(map, squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_that_of_the_sun() {
        // 2023-11-14 22:13:20 UTC.
        let at = Timestamp::from_millis(1_700_000_000_000);
        for (lon, hour) in [(0.0, 22), (14.5, 23), (116.4, 6), (-74.0, 17), (180.0, 10)] {
            let position = Position::from_degrees(35.9, lon).unwrap();
            assert_eq!(solar_hour(at, position), hour, "{lon}");
        }
    }
}
