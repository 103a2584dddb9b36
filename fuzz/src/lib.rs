//! What several targets share: an invented town of four by four streets.

use std::sync::{Arc, LazyLock};

use ems_centre::{CentreConfig, City};
use ems_dispatch::Reference;
use ems_model::Timestamp;
use ems_roads::{Places, Roads};

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
