//! `golden-hour isochrone`: what is reached in time, as a map.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use ems_model::{Millis, Position};
use ems_roads::{Isochrone, Isochrones};
use serde_json::{Value, json};

use super::places::{open_roads, parse_place, write_out};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour isochrone --city var/malta --at 35.901,14.476 --minutes 8,15 --out mater-dei.geojson
  golden-hour isochrone --city var/malta --at 36.044,14.251 --minutes 5 --out gozo.geojson

The file is GeoJSON: one MultiPolygon for each time, with the property `minutes`. Every place on a road
that is reached in time is inside; docs/roads.md says how near a road everything inside is.";

/// Draw what is reached from a place within some minutes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct IsochroneArgs {
    /// The city pack; without it, the demo city.
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Where to start.
    #[arg(long, value_name = "LAT,LON", value_parser = parse_place, allow_hyphen_values = true)]
    at: Position,
    /// One or more times, in minutes.
    #[arg(long, value_delimiter = ',', required = true, value_name = "M,M,...")]
    minutes: Vec<u32>,
    /// The file to write.
    #[arg(long, value_name = "FILE.geojson")]
    out: PathBuf,
}

/// The longest time that is drawn, minutes.
const MINUTES_MAX: u32 = 240;

impl IsochroneArgs {
    /// Draws and writes.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(minutes) = self.minutes.iter().find(|m| !(1..=MINUTES_MAX).contains(*m)) {
            bail!("--minutes {minutes} is outside 1..={MINUTES_MAX}: give whole minutes");
        }
        let roads = open_roads(self.city.as_ref())?;
        let from = roads.snap(self.at)?;
        let mut isochrones = Isochrones::of(&roads);
        let limits: Vec<Millis> =
            self.minutes.iter().map(|&minutes| Millis::from_mins(minutes.into())).collect();
        let areas = isochrones.around(&roads, &from, &limits);
        let features: Vec<Value> = areas.iter().map(feature).collect();
        let map = json!({ "type": "FeatureCollection", "features": features });
        write_out(&self.out, &format!("{map}\n"))?;
        let beyond = isochrones.metres_beyond();
        for (area, minutes) in areas.iter().zip(&self.minutes) {
            let n = area.polygons.len();
            say::line(format!("{minutes} min: {n} polygons, up to {beyond:.0} m beyond a road"));
        }
        Ok(())
    }
}

fn feature(area: &Isochrone) -> Value {
    let point = |p: &Position| json!([p.lon(), p.lat()]);
    let ring = |ring: &Vec<Position>| ring.iter().map(point).collect::<Vec<Value>>();
    let polygon = |rings: &Vec<Vec<Position>>| rings.iter().map(ring).collect::<Vec<_>>();
    let coordinates: Vec<_> = area.polygons.iter().map(polygon).collect();
    json!({
        "type": "Feature",
        "properties": { "minutes": area.limit.get() / 60_000 },
        "geometry": { "type": "MultiPolygon", "coordinates": coordinates },
    })
}
