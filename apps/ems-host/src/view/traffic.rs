//! The live traffic that the centre believes.

use ems_centre::{CityTraffic, Source, TrafficSummary};
use ems_model::Timestamp;
use ems_roads::{Flow, Overlaid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much is known of the traffic, and since when.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct TrafficSummaryView {
    /// Directions of road stretches of which something is known.
    n_arcs: usize,
    /// Those of them that are closed.
    n_closed: usize,
    /// Those that only the fleet's own drives of the last minutes tell of.
    n_fleet: usize,
    /// When the newest of it was applied or seen.
    newest: Option<Timestamp>,
    /// When the first of it ends.
    next_end: Option<Timestamp>,
}

impl From<TrafficSummary> for TrafficSummaryView {
    fn from(it: TrafficSummary) -> Self {
        let TrafficSummary { n_arcs, n_closed, n_fleet, newest, next_end } = it;
        Self { n_arcs, n_closed, n_fleet, newest, next_end }
    }
}

/// What was done with a file of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrafficAck {
    /// When it was applied, on the centre's clock.
    pub at: Timestamp,
    /// Rows of the file.
    pub n_rows: usize,
    /// Rows of which `until` had passed: they say nothing.
    pub n_over: usize,
    /// Directions of road stretches that the file states.
    pub n_stated: usize,
    /// Directions of road stretches under traffic now, those stated before included.
    pub n_arcs: usize,
    /// Those of them that are closed.
    pub n_closed: usize,
    /// Whether its key had been seen, so that nothing was done now.
    pub is_repeated: bool,
}

/// The live traffic on a map.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrafficView {
    now: Timestamp,
    #[serde(flatten)]
    summary: TrafficSummaryView,
    /// Closed ones first, then those that lose the most of their speed; at most `limit`.
    stretches: Vec<StretchView>,
}

/// A direction of a road stretch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StretchView {
    /// The number of its edge in the city pack.
    edge: u32,
    /// `forward` or `backward`.
    direction: &'static str,
    /// Who says so: `file`, or `fleet` where units drove there of late.
    source: &'static str,
    street: Option<String>,
    /// `null` where it is closed.
    kmh: Option<f64>,
    /// Its speed without traffic.
    free_kmh: f64,
    since: Timestamp,
    until: Timestamp,
    /// Longitude and latitude of each point, in the direction driven.
    points: Vec<[f64; 2]>,
}

impl TrafficView {
    /// O(n log n) over all that is known.
    pub(crate) fn of(traffic: &CityTraffic, now: Timestamp, limit: usize) -> Self {
        let stretch = |(row, source)| StretchView::of(traffic, &row, source);
        let mut stretches: Vec<StretchView> = traffic.rows().filter_map(stretch).collect();
        stretches.sort_by(|a, b| a.share().total_cmp(&b.share()).then(a.edge.cmp(&b.edge)));
        stretches.truncate(limit);
        Self { now, summary: traffic.summary().into(), stretches }
    }
}

impl StretchView {
    fn of(traffic: &CityTraffic, row: &Overlaid, source: Source) -> Option<Self> {
        let drawn = traffic.roads().drawn(row)?;
        let kmh = match row.flow {
            Flow::At(kmh) => Some(kmh.get()),
            Flow::Closed | Flow::Free => None,
        };
        Some(Self {
            edge: row.edge(),
            direction: if row.is_forward() { "forward" } else { "backward" },
            source: match source {
                Source::Stated => "file",
                Source::Fleet => "fleet",
            },
            street: drawn.street.map(str::to_owned),
            kmh,
            free_kmh: (drawn.free_kmh * 10.0).round() / 10.0,
            since: row.since,
            until: row.until,
            points: drawn.points.iter().map(|at| [at.lon(), at.lat()]).collect(),
        })
    }

    /// How much of its speed is left.
    fn share(&self) -> f64 {
        self.kmh.map_or(0.0, |kmh| kmh / self.free_kmh.max(1.0))
    }
}
