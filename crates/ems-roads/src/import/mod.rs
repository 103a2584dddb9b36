//! From an extract to the pieces of a city pack.

mod coast;
pub(crate) mod complaints;
pub(crate) mod layers;
mod mvt;
pub(crate) mod osm;
pub(crate) mod overlay;
pub(crate) mod places;
pub(crate) mod restriction;
mod rings;
pub(crate) mod stations;
pub(crate) mod tiles;

use std::io::Read;

use ems_hierarchy::{Fork, InTurn};

use crate::Bounds;
use crate::codec::DecodeError;
use crate::import::complaints::{Complaint, Complaints};
use crate::import::osm::{Osm, OsmError};
use crate::import::overlay::Overlay;
use crate::import::places::Places;
use crate::import::restriction::Restrictions;
use crate::import::tiles::{Tile, n_tiles, tiles};
use crate::network::Network;
use crate::profile::Profile;
use crate::roads::{Parts, Roads, main_part};

/// What to make a city of, beside the extract.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The city's name, unless the overlay gives one.
    pub name: String,
    /// How ambulances drive.
    pub profile: Profile,
    /// Corrections to the map.
    pub overlay: Overlay,
}

/// The pieces of a city pack.
#[derive(Debug)]
pub struct ImportedCity {
    /// The road graph.
    pub roads: Roads,
    /// Hospitals, stations and the city's name.
    pub places: Places,
    /// The map, in order of zoom, column and row.
    pub tiles: Vec<Tile>,
    /// Counts, for the report.
    pub counts: ImportCounts,
    /// What was odd.
    pub complaints: Vec<Complaint>,
}

/// How much of everything was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImportCounts {
    /// OpenStreetMap nodes in the extract.
    pub osm_nodes: u64,
    /// OpenStreetMap ways in the extract.
    pub osm_ways: u64,
    /// Stretches of road between junctions.
    pub edges: u64,
    /// Edges left out, being islands that cannot be reached or left.
    pub island_edges: u64,
    /// Allowed turns between edges.
    pub turns: u64,
    /// Turn restrictions that bind the profile.
    pub restrictions: u64,
    /// Hospitals.
    pub hospitals: u64,
    /// Clinics.
    pub clinics: u64,
    /// Stations that the map or the overlay knows.
    pub stations_mapped: u64,
    /// Stations that were placed or invented.
    pub stations_placed: u64,
    /// Defibrillators.
    pub defibrillators: u64,
    /// Tiles of the map.
    pub tiles: u64,
}

/// A step of the import, told as it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportStep {
    /// Reads the extract.
    Reading,
    /// Builds the road graph.
    Roads,
    /// Orders it for the search, and builds the hierarchy.
    Order,
    /// Finds hospitals and stations.
    Places,
    /// Draws the map.
    Tiles,
}

/// An extract that no city can be made of.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error(transparent)]
    Osm(#[from] OsmError),
    /// It has no road that the profile drives.
    #[error(
        "the extract has {n_ways} ways and no road that profile {profile} drives: \
         use an extract with highways, or another profile"
    )]
    NoRoads {
        /// Ways in the extract.
        n_ways: usize,
        /// The profile's name.
        profile: String,
    },
    /// Its roads lie too far apart for one city.
    #[error(
        "the roads spread over {n_tiles} tiles of the map, one city has {TILES_MAX} at most: \
         cut the extract to one region"
    )]
    TooWide {
        /// Tiles of the deepest zoom.
        n_tiles: u64,
    },
    /// The graph that was built fails its own check.
    #[error("the road graph that was built is not sound: report this with the extract")]
    Unsound(#[source] DecodeError),
}

/// Reads an extract (OpenStreetMap PBF) and makes the pieces of a city pack.
///
/// Takes about a second for each 3 MB of extract and 30 times its size in memory.
pub fn import(
    extract: impl Read + Send,
    request: &ImportRequest,
    progress: &mut dyn FnMut(ImportStep),
) -> Result<ImportedCity, ImportError> {
    import_on(&InTurn, extract, request, progress)
}

/// The same with work that may be done at once: the order of the roads is most of it.
pub fn import_on(
    fork: &dyn Fork,
    extract: impl Read + Send,
    request: &ImportRequest,
    progress: &mut dyn FnMut(ImportStep),
) -> Result<ImportedCity, ImportError> {
    let mut complaints = Complaints::default();
    progress(ImportStep::Reading);
    let osm = Osm::read(extract)?;
    complaints.add_n("nodes that are not on Earth, left out", osm.n_off_earth, String::new);
    progress(ImportStep::Roads);
    let (parts, mut counts) = roads(&osm, &request.profile, &mut complaints)?;
    progress(ImportStep::Order);
    let roads = Roads::ordered(parts, fork).map_err(ImportError::Unsound)?;
    let bounds = map_bounds(roads.bounds());
    check_width(bounds)?;
    progress(ImportStep::Places);
    let places = places(&osm, request, &roads, &mut complaints);
    progress(ImportStep::Tiles);
    let features = layers::features(&osm, &places, bounds, &mut complaints);
    drop(osm);
    let tiles = tiles(&features, bounds);
    count_places(&mut counts, &places);
    counts.tiles = tiles.len() as u64;
    Ok(ImportedCity { roads, places, tiles, counts, complaints: complaints.into_list() })
}

fn roads(
    osm: &Osm,
    profile: &Profile,
    complaints: &mut Complaints,
) -> Result<(Parts, ImportCounts), ImportError> {
    let network = Network::build(osm, profile, complaints);
    let restrictions = Restrictions::read(osm, &network, profile, complaints);
    let (parts, n_islands) =
        main_part(network, &restrictions.forbidden, &profile.turns, &profile.name);
    if parts.edges.is_empty() {
        return Err(ImportError::NoRoads { n_ways: osm.ways.len(), profile: profile.name.clone() });
    }
    let counts = ImportCounts {
        osm_nodes: osm.nodes.len() as u64,
        osm_ways: osm.ways.len() as u64,
        edges: parts.edges.len() as u64,
        island_edges: n_islands as u64,
        turns: parts.turns.list.len() as u64,
        restrictions: restrictions.n_applied.into(),
        ..ImportCounts::default()
    };
    Ok((parts, counts))
}

/// The most tiles of the deepest zoom that a city may have: as many as all of Germany.
const TILES_MAX: u64 = 250_000;

fn check_width(bounds: Bounds) -> Result<(), ImportError> {
    let n_tiles = n_tiles(bounds);
    if n_tiles > TILES_MAX { Err(ImportError::TooWide { n_tiles }) } else { Ok(()) }
}

fn places(
    osm: &Osm,
    request: &ImportRequest,
    roads: &Roads,
    complaints: &mut Complaints,
) -> Places {
    let name = request.overlay.city().unwrap_or(&request.name);
    let mut places = Places::read(osm, name, roads.bounds(), complaints);
    request.overlay.apply(&mut places, complaints);
    places.hospitals.retain(|hospital| {
        let is_near = roads.snap(hospital.position).is_ok();
        if !is_near {
            complaints.add("hospitals that no road leads to, left out", || hospital.name.clone());
        }
        is_near
    });
    places.stations.retain(|station| {
        let is_near = roads.snap(station.position).is_ok();
        if !is_near {
            complaints.add("stations that no road leads to, left out", || station.name.clone());
        }
        is_near
    });
    if places.stations.is_empty() {
        let fire = places::fire_stations(osm, &mut Complaints::default());
        places.stations = stations::place(roads, &places, &fire);
    }
    places
}

fn count_places(counts: &mut ImportCounts, places: &Places) {
    let n_placed = places.stations.iter().filter(|s| s.is_placed).count();
    counts.hospitals = places.hospitals.len() as u64;
    counts.clinics = places.clinics.len() as u64;
    counts.defibrillators = places.defibrillators.len() as u64;
    counts.stations_placed = n_placed as u64;
    counts.stations_mapped = (places.stations.len() - n_placed) as u64;
}

/// What the map shows beyond the last road, ten-millionths of a degree (about 2 km).
const MARGIN_E7: i32 = 200_000;

fn map_bounds(roads: Bounds) -> Bounds {
    use ems_model::Position;
    let moved =
        |p: Position, by: i32| Position::from_e7(p.lat_e7() + by, p.lon_e7() + by).unwrap_or(p);
    Bounds {
        south_west: moved(roads.south_west, -MARGIN_E7),
        north_east: moved(roads.north_east, MARGIN_E7),
    }
}
