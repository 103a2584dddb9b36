//! City packs and exact routes on their road graph.
//!
//! From an OpenStreetMap extract this crate makes the pieces of a city pack: the road graph of
//! one driving profile, the hospitals and stations, and the map as vector tiles; all as bytes. It
//! opens no file. Live traffic is laid over the graph as a value ([`Traffic`], [`Roads::under`]). Read
//! [`Roads`] and [`import`] first.

mod alternatives;
mod arcs;
mod bounds;
mod candidates;
mod codec;
mod contour;
mod exception;
mod forecast;
mod heading;
mod import;
mod isochrone;
mod junction;
mod kerb;
mod lengths;
mod maneuver;
mod mercator;
mod nearest;
mod network;
mod plain;
mod profile;
mod reached;
#[cfg(test)]
mod reference;
mod roads;
mod route;
mod search;
mod shapes;
mod snap;
mod snap_index;
mod soundness;
mod speeds;
mod traffic;
mod turn_graph;
mod turns;
mod unreachable;
mod week;

pub use arcs::{ArcPoint, ArcStretch};
pub use bounds::Bounds;
pub use candidates::{Candidate, Direction, Driving, ON_LINE_METRES_MAX, Side};
pub use codec::DecodeError;
pub use exception::{Exception, Exceptions};
pub use forecast::Forecast;
pub use import::complaints::Complaint;
pub use import::layers::LAYERS as TILE_LAYERS;
pub use import::osm::OsmError;
pub use import::overlay::{Overlay, OverlayError};
pub use import::places::{ATTRIBUTION, Clinic, Places, PlacesError, Town};
pub use import::tiles::{Tile, ZOOMS};
pub use import::{
    ImportCounts, ImportError, ImportRequest, ImportStep, ImportedCity, import, import_on,
};
pub use isochrone::{Isochrone, Isochrones};
pub use kerb::{Kerb, KerbStop};
pub use lengths::Lengths;
pub use maneuver::{Bend, Directions, Maneuver, Step};
pub use nearest::{MovingSet, Nearest, Place};
pub use profile::{BLUE_LIGHT, CLASSES as ROAD_CLASSES, NORMAL, Profile, ProfileError};
pub use reached::Reached;
pub use roads::{Roads, Stretch};
pub use route::Route;
pub use snap::{OffMap, SNAP_METRES_MAX, Snap};
pub use traffic::bytes::TrafficDecodeError;
pub use traffic::file::{TRAFFIC_ROWS_MAX, TrafficFile, TrafficFileError};
pub use traffic::{
    AbsurdSpeed, DrawnStretch, Flow, Kmh, NoSuchArc, OVERLAY_KMH, Overlaid, Traffic,
};
pub use turn_graph::TurnGraph;
pub use unreachable::Unreachable;
pub use week::{WEEK, Week, WeekError};
