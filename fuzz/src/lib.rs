//! What several targets share: an invented town of four by four streets, and a street of a fleet.

use std::sync::{Arc, LazyLock};

use ems_centre::{CentreConfig, City};
use ems_dispatch::Reference;
use ems_model::Timestamp;
use ems_roads::{Places, Roads};
use ems_sim::{CityFiles, NamedFile};

/// The town, as `examples/seeds.rs` imported it.
pub static TOWN: LazyLock<Arc<City>> = LazyLock::new(|| {
    let roads = Roads::decode(include_bytes!("../seeds/roads/town")).expect("a seed is sound");
    let places = include_bytes!("../seeds/places/town.json");
    let places = Places::from_json(places).expect("a seed is sound");
    Arc::new(City::new(Arc::new(roads), &places))
});

/// The shipped cards, parsed once.
pub static CONFIG: LazyLock<CentreConfig> =
    LazyLock::new(|| CentreConfig { reference: Arc::new(Reference::standard()) });

/// When the seeds' stories start: 2026-01-01 at noon.
pub const START: Timestamp = Timestamp::from_millis(1_767_268_800_000);

/// Files that go with [`street`].
pub struct Street {
    pub calls: &'static str,
    pub demand: &'static str,
    pub cover_times: &'static str,
    pub raster: &'static str,
}

/// As they stand among the seeds, after the byte that says which they are.
pub const STREET: Street = Street {
    calls: seed(include_str!("../seeds/fleet_files/calls.csv")),
    demand: seed(include_str!("../seeds/fleet_files/demand.csv")),
    cover_times: seed(include_str!("../seeds/fleet_files/cover_times.csv")),
    raster: seed(include_str!("../seeds/fleet_files/raster.csv")),
};

/// A street of five nodes with two stations, hospitals and units.
pub fn street() -> CityFiles {
    let file = |text| NamedFile::new("sound", seed(text).as_bytes());
    CityFiles {
        arcs: file(include_str!("../seeds/fleet_files/arcs.csv")),
        nodes: file(include_str!("../seeds/fleet_files/nodes.csv")),
        stations: file(include_str!("../seeds/fleet_files/stations.csv")),
        hospitals: file(include_str!("../seeds/fleet_files/hospitals.csv")),
        ambulances: file(include_str!("../seeds/fleet_files/ambulances.csv")),
        priorities: file(include_str!("../seeds/fleet_files/priorities.csv")),
        travel: file(include_str!("../seeds/fleet_files/travel.csv")),
        map: file(include_str!("../seeds/fleet_files/map.csv")),
        redispatch: Some(file(include_str!("../seeds/fleet_files/redispatch.csv"))),
    }
}

const fn seed(text: &'static str) -> &'static str {
    text.split_at(1).1
}
