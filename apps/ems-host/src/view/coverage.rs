//! What networks carry, as GeoJSON (RFC 7946).

use ems_coverage::{Coverage, Sketch, Told};
use serde::Serialize;
use utoipa::ToSchema;

/// A map of squares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverageView {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// How high a square is.
    metres: u32,
    /// Every network on the whole map, by name.
    networks: Vec<String>,
    features: Vec<SquareView>,
}

/// A square and one network.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SquareView {
    /// `Feature`.
    #[serde(rename = "type")]
    kind: &'static str,
    geometry: PolygonView,
    properties: CarriedView,
}

#[derive(Debug, Serialize, ToSchema)]
struct PolygonView {
    /// `Polygon`.
    #[serde(rename = "type")]
    kind: &'static str,
    coordinates: Vec<Vec<[f64; 2]>>,
}

/// What was read of a network in a square.
#[derive(Debug, Serialize, ToSchema)]
struct CarriedView {
    network: String,
    /// Half of the readings are below, kbit/s; `null` where none says anything.
    median_kbps: Option<f64>,
    /// Whether it may be more: nothing was driven to its limit there often enough.
    is_at_least: bool,
    /// A tenth are below, kbit/s.
    low_kbps: Option<f64>,
    /// The same of the low part.
    is_low_at_least: bool,
    /// Readings of a rate at its limit, holes among them.
    n: u32,
    /// Readings of which only a lower bound is known.
    n_at_least: u32,
    /// The median of round trips.
    delay_ms: Option<f64>,
    /// Readings of a round trip.
    n_delays: u32,
}

impl CoverageView {
    pub(crate) fn of(map: &Coverage, features: Vec<SquareView>) -> Self {
        let networks = map.networks().map(str::to_owned).collect();
        Self { kind: "FeatureCollection", metres: map.grid().metres(), networks, features }
    }
}

impl SquareView {
    pub(crate) fn of(network: &str, edges: [f64; 4], rate: &Sketch, delay: &Sketch) -> Self {
        let [south, west, north, east] = edges;
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        let (median, low) = (rate.told(0.5), rate.told(0.1));
        let is_open = |told: Option<Told>| told.is_some_and(|it| it.is_at_least);
        let properties = CarriedView {
            network: network.to_owned(),
            median_kbps: median.map(|it| it.value),
            is_at_least: is_open(median),
            low_kbps: low.map(|it| it.value),
            is_low_at_least: is_open(low),
            n: rate.n(),
            n_at_least: rate.n_at_least(),
            delay_ms: delay.quantile(0.5),
            n_delays: delay.n(),
        };
        let geometry = PolygonView { kind: "Polygon", coordinates: vec![ring.to_vec()] };
        Self { kind: "Feature", geometry, properties }
    }

    pub(crate) fn n_readings(&self) -> u32 {
        self.properties.n.saturating_add(self.properties.n_at_least)
    }
}
