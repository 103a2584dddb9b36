//! Opening the city that a command is about.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use ems_centre::{CentreConfig, City, Demand, DriveTimes};
use ems_dispatch::Reference;
use ems_store::pack::CityPack;

use crate::cores::Cores;

/// Where `make run` puts the demo city.
pub(crate) const DEMO_CITY: &str = "var/malta";

/// An opened pack and the same as the centre wants it.
pub(crate) struct OpenedCity {
    pub(crate) pack: Arc<CityPack>,
    pub(crate) city: Arc<City>,
}

/// Opens the pack that was named, or the demo city.
pub(crate) fn open_city(
    named: Option<&Path>,
    drive_times: DriveTimes,
    demand: Demand,
) -> anyhow::Result<OpenedCity> {
    let dir = named.map_or_else(|| PathBuf::from(DEMO_CITY), Path::to_owned);
    if named.is_none() && !dir.exists() {
        bail!(
            "no --city is given and the demo city {DEMO_CITY} is not there: run `make run` once, or \
             `golden-hour city import EXTRACT.osm.pbf --out {DEMO_CITY}`"
        );
    }
    let pack = Arc::new(CityPack::open(&dir)?);
    let roads = pack.roads().on(Arc::new(Cores::all()));
    roads.warm_up();
    let places = pack.places();
    let city = City {
        name: pack.manifest().city.clone(),
        attribution: pack.manifest().attribution.clone(),
        roads: Arc::new(roads),
        hospitals: places.hospitals.clone(),
        stations: places.stations.clone(),
        drive_times,
        demand,
    };
    Ok(OpenedCity { pack, city: Arc::new(city) })
}

/// The shipped cards, pathways and policies under a priority scheme: `china`, `arp` or `esi`. A new
/// log begins with `policy`.
pub(crate) fn centre_config(scheme: &str, policy: Option<&str>) -> anyhow::Result<CentreConfig> {
    let mut reference = Reference::standard().with_scheme(scheme).context("--scheme")?;
    if let Some(policy) = policy {
        reference = reference.beginning_with(policy).context("--policy")?;
    }
    Ok(CentreConfig { reference: Arc::new(reference) })
}
