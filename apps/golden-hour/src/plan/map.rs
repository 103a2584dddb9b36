//! A plan as a picture or as features.

use std::path::Path;

use anyhow::bail;
use ems_model::Position;
use serde_json::{Value, json};

use super::ground::Places;
use super::svg;
use crate::roads::places::write_out;
use crate::say;

/// What a map of a plan shows.
pub(super) struct Picture<'a> {
    pub(super) places: &'a Places,
    pub(super) names: &'a [String],
    /// Units at each site.
    pub(super) units: &'a [u32],
    /// Whether each demand point is covered.
    pub(super) covered: &'a [bool],
    /// The weight of each.
    pub(super) weights: &'a [f64],
    pub(super) title: &'a str,
}

/// Draws a plan into a file, by what its name ends in.
pub(super) fn write_map(path: &Path, picture: &Picture<'_>) -> anyhow::Result<()> {
    let text = match path.extension().and_then(|ext| ext.to_str()) {
        Some("svg") => svg::draw(picture),
        Some("geojson" | "json") => format!("{}\n", features(picture)),
        _ => bail!("--map {}: end its name in .svg or .geojson", path.display()),
    };
    write_out(path, &text)?;
    say::progress(format!("drawn: {}", path.display()));
    Ok(())
}

fn features(picture: &Picture<'_>) -> Value {
    let Picture { places, names, units, covered, weights, title } = picture;
    let sites = places.sites.iter().zip(names.iter().zip(*units));
    let site = |(at, (name, units)): (&Position, (&String, &u32))| {
        feature(*at, &json!({ "kind": "site", "name": name, "units": units, "chosen": *units > 0 }))
    };
    let points = places.points.iter().zip(covered.iter().zip(*weights));
    let point = |(at, (covered, weight)): (&Position, (&bool, &f64))| {
        feature(*at, &json!({ "kind": "demand", "weight": weight, "covered": covered }))
    };
    let all: Vec<Value> = points.map(point).chain(sites.map(site)).collect();
    json!({ "type": "FeatureCollection", "title": title, "features": all })
}

fn feature(at: Position, properties: &Value) -> Value {
    let geometry = json!({ "type": "Point", "coordinates": [at.lon(), at.lat()] });
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}
