//! City packs and exact routes on their road graph.
//!
//! From an OpenStreetMap extract this crate makes the pieces of a city pack: the road graph of
//! one driving profile, the hospitals and stations, and the map as vector tiles; all as bytes. It
//! opens no file and follows no live traffic. Read [`Roads`] and [`import`] first.

mod bounds;
mod coast;
mod codec;
mod complaints;
mod import;
mod layers;
mod mercator;
mod mvt;
mod network;
mod osm;
mod overlay;
mod places;
mod plain;
mod profile;
#[cfg(test)]
mod reference;
mod restriction;
mod rings;
mod roads;
mod route;
mod search;
mod shapes;
mod snap;
mod stations;
mod tiles;
mod turn_graph;
mod turns;

pub use bounds::Bounds;
pub use codec::DecodeError;
pub use complaints::Complaint;
pub use import::{ImportCounts, ImportError, ImportRequest, ImportStep, ImportedCity, import};
pub use layers::LAYERS as TILE_LAYERS;
pub use osm::OsmError;
pub use overlay::{Overlay, OverlayError};
pub use places::{ATTRIBUTION, Clinic, Places, PlacesError, Town};
pub use profile::{BLUE_LIGHT, NORMAL, Profile, ProfileError};
pub use roads::{Roads, Stretch};
pub use route::Route;
pub use snap::{OffMap, SNAP_METRES_MAX, Snap};
pub use tiles::{Tile, ZOOMS};
