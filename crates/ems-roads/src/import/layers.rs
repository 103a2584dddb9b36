//! What the map shows: features of eight layers out of an extract.

use ems_model::Position;

use crate::Bounds;
use crate::import::coast;
use crate::import::complaints::Complaints;
use crate::import::mvt::Value;
use crate::import::osm::{MemberKind, Osm, OsmRelation, Tags};
use crate::import::places::Places;
use crate::import::rings::{Direction, join};
use crate::mercator::project;
use crate::shapes::{Path, Point, Polygon, polygons};

/// The layers of a map tile, those drawn first in front.
pub const LAYERS: [&str; 8] =
    ["land", "water", "landuse", "waterways", "buildings", "roads", "places", "poi"];

const LAND: usize = 0;
const WATER: usize = 1;
const LANDUSE: usize = 2;
const WATERWAYS: usize = 3;
const BUILDINGS: usize = 4;
const ROADS: usize = 5;
const PLACES: usize = 6;
const POI: usize = 7;

/// A shape in the Mercator square.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Point(Point),
    Line(Path),
    Polygon(Polygon),
}

/// Something to draw.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    /// Index in [`LAYERS`].
    pub(crate) layer: usize,
    /// The first zoom at which it is drawn.
    pub(crate) zoom_min: u8,
    pub(crate) shape: Shape,
    pub(crate) properties: Vec<(&'static str, Value)>,
}

/// All features of a city, those drawn first in front.
pub(crate) fn features(
    osm: &Osm,
    places: &Places,
    bounds: Bounds,
    complaints: &mut Complaints,
) -> Vec<Feature> {
    let mut features = Vec::new();
    for polygon in coast::land(osm, bounds, complaints) {
        features.push(feature(LAND, 9, Shape::Polygon(polygon), vec![]));
    }
    for way in &osm.ways {
        let line = || -> Path { osm.line(way).into_iter().map(project).collect() };
        if let Some(style) = line_style(&way.tags) {
            push_line(&mut features, style, line());
        }
        let is_ring = way.refs.len() > 3 && way.refs.first() == way.refs.last();
        if let Some(style) = area_style(&way.tags).filter(|_| is_ring) {
            push_area(&mut features, style, vec![line()]);
        }
    }
    for relation in osm.relations.iter().filter(|r| r.tags.is("type", "multipolygon")) {
        if let Some(style) = area_style(&relation.tags) {
            for polygon in multipolygon(osm, relation, complaints) {
                push_area(&mut features, style.clone(), polygon);
            }
        }
    }
    push_towns(osm, &mut features);
    push_services(places, &mut features);
    features
}

/// Layer, first zoom and properties.
type Style = (usize, u8, Vec<(&'static str, Value)>);

fn feature(
    layer: usize,
    zoom_min: u8,
    shape: Shape,
    properties: Vec<(&'static str, Value)>,
) -> Feature {
    Feature { layer, zoom_min, shape, properties }
}

fn push_line(features: &mut Vec<Feature>, (layer, zoom_min, properties): Style, line: Path) {
    if line.len() > 1 {
        features.push(feature(layer, zoom_min, Shape::Line(line), properties));
    }
}

fn push_area(features: &mut Vec<Feature>, (layer, zoom_min, properties): Style, polygon: Polygon) {
    if polygon.iter().all(|ring| ring.len() > 3) {
        features.push(feature(layer, zoom_min, Shape::Polygon(polygon), properties));
    }
}

fn text(key: &'static str, value: &str) -> (&'static str, Value) {
    (key, Value::Text(value.to_owned()))
}

fn named(tags: &Tags, mut properties: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    for (key, tag) in [("name", "name"), ("name_zh", "name:zh")] {
        properties.extend(tags.get(tag).map(|name| text(key, name)));
    }
    properties
}

fn line_style(tags: &Tags) -> Option<Style> {
    if let Some(class) = tags.get("highway") {
        let zoom_min = road_zoom(class)?;
        let is_oneway = matches!(tags.get("oneway"), Some("yes" | "1" | "true" | "-1"))
            || tags.is("junction", "roundabout");
        let mut properties = named(tags, vec![text("class", class)]);
        properties.extend(is_oneway.then_some(("oneway", Value::Flag(true))));
        return Some((ROADS, zoom_min, properties));
    }
    if tags.is("route", "ferry") {
        return Some((ROADS, 10, named(tags, vec![text("class", "ferry")])));
    }
    match tags.get("waterway")? {
        kind @ ("river" | "canal") => Some((WATERWAYS, 11, named(tags, vec![text("kind", kind)]))),
        kind @ "stream" => Some((WATERWAYS, 13, vec![text("kind", kind)])),
        _ => None,
    }
}

/// The first zoom of a road; `None` where it is not drawn.
fn road_zoom(class: &str) -> Option<u8> {
    Some(match class.trim_end_matches("_link") {
        "motorway" | "trunk" | "primary" => 9,
        "secondary" => 10,
        "tertiary" => 11,
        "unclassified" | "residential" | "road" => 12,
        "living_street" | "pedestrian" | "busway" => 13,
        "service" | "track" | "footway" | "path" | "steps" | "cycleway" => 14,
        _ => return None,
    })
}

fn area_style(tags: &Tags) -> Option<Style> {
    if tags.get("building").is_some_and(|kind| kind != "no") {
        return Some((BUILDINGS, 14, vec![]));
    }
    if tags.is("natural", "water") || tags.is("waterway", "riverbank") {
        let kind = tags.get("water").unwrap_or("water");
        return Some((WATER, 9, vec![text("kind", kind)]));
    }
    let kind = green_kind(tags)?;
    let zoom_min = if kind == "forest" { 10 } else { 12 };
    Some((LANDUSE, zoom_min, vec![text("kind", kind)]))
}

fn green_kind(tags: &Tags) -> Option<&'static str> {
    let by_key = |key| tags.get(key).unwrap_or_default();
    match (by_key("leisure"), by_key("landuse"), by_key("natural"), by_key("amenity")) {
        ("park" | "garden" | "nature_reserve", ..) => Some("park"),
        ("pitch" | "golf_course" | "stadium" | "sports_centre", ..) => Some("sport"),
        (_, "forest", ..) | (_, _, "wood", _) => Some("forest"),
        (_, "grass" | "meadow" | "recreation_ground" | "village_green", ..) => Some("grass"),
        (_, "cemetery", ..) => Some("cemetery"),
        (_, "residential", ..) => Some("residential"),
        (_, "industrial" | "commercial" | "retail", ..) => Some("industrial"),
        (_, "farmland" | "orchard" | "vineyard", ..) => Some("farmland"),
        (_, _, "scrub" | "heath" | "grassland", _) => Some("scrub"),
        (_, _, "beach" | "sand", _) => Some("beach"),
        (.., "hospital") => Some("hospital"),
        (.., "school" | "university" | "college") => Some("school"),
        _ => None,
    }
}

/// The polygons of a relation; rings that the extract cut open are closed by straight lines.
pub(crate) fn multipolygon(
    osm: &Osm,
    relation: &OsmRelation,
    complaints: &mut Complaints,
) -> Vec<Polygon> {
    let members = |wanted: fn(&str) -> bool| -> Vec<Vec<i64>> {
        let ways = relation.members.iter().filter(|m| m.kind == MemberKind::Way && wanted(&m.role));
        ways.filter_map(|m| osm.way(m.id)).map(|way| way.refs.clone()).collect()
    };
    let mut rings = |lines: Vec<Vec<i64>>| -> Vec<Path> {
        let joined = join(lines, Direction::Free);
        if !joined.open.is_empty() {
            complaints.add("areas cut by the extract, closed by straight lines", || {
                format!("relation {}", relation.id)
            });
        }
        let path = |ids: Vec<i64>| -> Path {
            ids.into_iter().filter_map(|id| osm.position(id)).map(project).collect()
        };
        let closed: Vec<Path> = joined.closed.into_iter().map(path).collect();
        let cut = close_cut(joined.open.into_iter().map(path).collect());
        closed.into_iter().chain(cut).filter(|ring| ring.len() > 3).collect()
    };
    let outers = rings(members(|role| role != "inner"));
    let holes = rings(members(|role| role == "inner"));
    polygons(outers, holes)
}

/// Joins open lines by their nearest ends, as the two banks of a river at the extract's edge.
fn close_cut(mut open: Vec<Path>) -> Vec<Path> {
    let mut rings = Vec::new();
    open.retain(|path| path.len() > 1);
    while let Some(mut ring) = open.pop() {
        while let Some((idx, is_reversed)) = nearest_end(&ring, &open) {
            let mut next = open.remove(idx);
            if is_reversed {
                next.reverse();
            }
            ring.extend(next);
        }
        ring.push(ring[0]);
        rings.push(ring);
    }
    rings
}

/// The line whose end is nearest to this line's end, unless its own start is nearer.
fn nearest_end(ring: &[Point], open: &[Path]) -> Option<(usize, bool)> {
    let end = ring[ring.len() - 1];
    let distance_2 = |p: Point| (p[0] - end[0]).powi(2) + (p[1] - end[1]).powi(2);
    let ends = open.iter().enumerate().flat_map(|(idx, path)| {
        [(distance_2(path[0]), idx, false), (distance_2(path[path.len() - 1]), idx, true)]
    });
    let nearest = ends.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 < distance_2(ring[0])).then_some((nearest.1, nearest.2))
}

fn push_towns(osm: &Osm, features: &mut Vec<Feature>) {
    for node in &osm.tagged {
        let Some(kind) = node.tags.get("place") else { continue };
        let zoom_min = match kind {
            "city" | "town" => 9,
            "village" | "island" => 11,
            "suburb" | "borough" => 12,
            "hamlet" | "neighbourhood" | "quarter" | "locality" => 13,
            _ => continue,
        };
        if node.tags.get("name").is_some() {
            let properties = named(&node.tags, vec![text("kind", kind)]);
            features.push(point(PLACES, zoom_min, node.position, properties));
        }
    }
}

fn push_services(places: &Places, features: &mut Vec<Feature>) {
    for hospital in &places.hospitals {
        let mut properties = vec![text("kind", "hospital"), text("name", &hospital.name)];
        properties.extend(hospital.name_zh.as_ref().map(|name| text("name_zh", name)));
        features.push(point(POI, 9, hospital.position, properties));
    }
    for station in &places.stations {
        let properties = vec![text("kind", "station"), text("name", &station.name)];
        features.push(point(POI, 10, station.position, properties));
    }
    for &position in &places.defibrillators {
        features.push(point(POI, 13, position, vec![text("kind", "defibrillator")]));
    }
}

fn point(
    layer: usize,
    zoom_min: u8,
    position: Position,
    properties: Vec<(&'static str, Value)>,
) -> Feature {
    feature(layer, zoom_min, Shape::Point(project(position)), properties)
}
