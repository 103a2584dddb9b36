//! What stands still in a city: hospitals, clinics, stations, defibrillators.

use std::collections::BTreeSet;

use ems_model::{
    HospitalCapability, HospitalId, HospitalProfile, Position, StationId, StationProfile, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::Bounds;
use crate::import::complaints::Complaints;
use crate::import::layers::multipolygon;
use crate::import::osm::{Osm, Tags};
use crate::mercator::project;
use crate::shapes::{Path, is_inside};

/// Whose data a pack shows; it must be shown with every map.
pub const ATTRIBUTION: &str = "© OpenStreetMap contributors, ODbL 1.0";

/// A place that treats patients but takes none from ambulances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinic {
    /// Its name, empty where the map has none.
    pub name: String,
    /// Where it is.
    pub position: Position,
}

/// A named town or quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Town {
    /// Its name in the local language.
    pub name: String,
    /// Its middle.
    pub position: Position,
}

/// What stands still in a city, as `places.json` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The city's name.
    pub name: String,
    /// The box around its roads.
    pub bounds: Bounds,
    /// Whose data it is; show it with every map.
    pub attribution: String,
    /// When the map data was taken from OpenStreetMap.
    pub source_timestamp: Option<Timestamp>,
    /// By id.
    pub hospitals: Vec<HospitalProfile>,
    /// In map order.
    pub clinics: Vec<Clinic>,
    /// By id.
    pub stations: Vec<StationProfile>,
    /// Public defibrillators.
    pub defibrillators: Vec<Position>,
    /// Towns, villages and quarters, for "near ..." texts.
    pub towns: Vec<Town>,
}

/// A `places.json` that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    /// Not the JSON that the import writes.
    #[error("places.json cannot be read ({0}): re-import the extract")]
    Syntax(#[from] serde_json::Error),
    /// Written by another version of this program.
    #[error("places.json has version {found}, this program reads {VERSION}: re-import the extract")]
    Version {
        /// The version in the file.
        found: u32,
    },
}

/// The version of `places.json` that is written and read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    format_version: u32,
    #[serde(flatten)]
    places: T,
}

#[derive(Deserialize)]
struct VersionOnly {
    format_version: u32,
}

impl Places {
    /// Writes `places.json`.
    ///
    /// # Panics
    /// Never: places have no keys that JSON lacks.
    pub fn to_json(&self) -> Vec<u8> {
        let file = Versioned { format_version: VERSION, places: self };
        serde_json::to_vec_pretty(&file).expect("places have only text keys")
    }

    /// Reads `places.json`.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PlacesError> {
        let VersionOnly { format_version } = serde_json::from_slice(bytes)?;
        if format_version != VERSION {
            return Err(PlacesError::Version { found: format_version });
        }
        Ok(serde_json::from_slice::<Versioned<Self>>(bytes)?.places)
    }

    /// The town whose middle is nearest; `None` where the map names none.
    pub fn nearest_town(&self, position: Position) -> Option<&Town> {
        let metres = |town: &&Town| town.position.metres_to(position);
        self.towns.iter().min_by(|a, b| metres(a).total_cmp(&metres(b)))
    }

    /// Reads the mapped places; stations may be none.
    pub(crate) fn read(osm: &Osm, name: &str, bounds: Bounds, complaints: &mut Complaints) -> Self {
        let sites = sites(osm, complaints);
        let mut hospitals: Vec<HospitalProfile> = sites
            .iter()
            .filter(|s| s.tags.is("amenity", "hospital"))
            .map(|s| hospital(s, osm))
            .collect();
        merge_doubles(&mut hospitals, complaints);
        hospitals.sort_by(|a, b| a.id.cmp(&b.id));
        let clinics = sites.iter().filter(|s| s.tags.is("amenity", "clinic")).map(clinic).collect();
        let mut stations: Vec<StationProfile> = sites
            .iter()
            .filter(|s| s.tags.is("emergency", "ambulance_station"))
            .map(station)
            .collect();
        stations.sort_by(|a, b| a.id.cmp(&b.id));
        let is_aed = |tags: &Tags| tags.is("emergency", "defibrillator");
        let aeds = osm.tagged.iter().filter(|n| is_aed(&n.tags)).map(|n| n.position);
        Self {
            name: name.to_owned(),
            bounds,
            attribution: ATTRIBUTION.to_owned(),
            source_timestamp: osm.taken_at,
            hospitals,
            clinics,
            stations,
            defibrillators: aeds.collect(),
            towns: osm.tagged.iter().filter_map(|n| town(&n.tags, n.position)).collect(),
        }
    }
}

/// Fire stations, where ambulances may wait if the map has no station of theirs.
pub(crate) fn fire_stations(osm: &Osm, complaints: &mut Complaints) -> Vec<(String, Position)> {
    let sites = sites(osm, complaints);
    let fire = sites.iter().filter(|s| s.tags.is("amenity", "fire_station"));
    fire.map(|s| (s.tags.get("name").unwrap_or("Fire station").to_owned(), s.position)).collect()
}

/// A place of interest: a node, or an area with its outline.
struct Site<'a> {
    id: String,
    tags: &'a Tags,
    position: Position,
    outline: Path,
}

fn sites<'a>(osm: &'a Osm, complaints: &mut Complaints) -> Vec<Site<'a>> {
    let nodes = osm.tagged.iter().filter(|n| is_site(&n.tags)).map(|n| Site {
        id: format!("n{}", n.id),
        tags: &n.tags,
        position: n.position,
        outline: Vec::new(),
    });
    let ways = osm.ways.iter().filter(|w| is_site(&w.tags)).filter_map(|w| {
        let line = osm.line(w);
        let outline = line.iter().copied().map(project).collect();
        Some(Site { id: format!("w{}", w.id), tags: &w.tags, position: middle(&line)?, outline })
    });
    let mut sites: Vec<Site<'_>> = nodes.chain(ways).collect();
    for relation in osm.relations.iter().filter(|r| is_site(&r.tags)) {
        let outline = multipolygon(osm, relation, complaints).into_iter().flatten().next();
        let ways = relation.members.iter().filter(|m| &*m.role != "inner");
        let points = ways.filter_map(|m| osm.way(m.id)).flat_map(|way| osm.line(way));
        match (outline, middle(&points.collect::<Vec<_>>())) {
            (Some(outline), Some(position)) => {
                sites.push(Site {
                    id: format!("r{}", relation.id),
                    tags: &relation.tags,
                    position,
                    outline,
                });
            }
            _ => {
                complaints
                    .add("areas without an outline, left out", || format!("r{}", relation.id));
            }
        }
    }
    sites
}

fn is_site(tags: &Tags) -> bool {
    tags.is("emergency", "ambulance_station")
        || matches!(tags.get("amenity"), Some("hospital" | "clinic" | "fire_station"))
}

/// The middle of the box around an outline: good enough for a building.
fn middle(outline: &[Position]) -> Option<Position> {
    Bounds::around(outline.iter().copied()).map(|bounds| bounds.centre())
}

fn hospital(site: &Site<'_>, osm: &Osm) -> HospitalProfile {
    let takes_emergencies = !site.tags.is("emergency", "no");
    let entrance = osm.tagged.iter().find(|node| {
        let is_entrance =
            matches!(node.tags.get("emergency"), Some("emergency_ward_entrance" | "entrance"));
        is_entrance && !site.outline.is_empty() && is_inside(project(node.position), &site.outline)
    });
    HospitalProfile {
        id: HospitalId::new(&site.id).expect("a letter and a number are a name"),
        name: site.tags.get("name").map_or_else(|| format!("Hospital {}", site.id), str::to_owned),
        name_zh: site.tags.get("name:zh").map(str::to_owned),
        position: entrance.map_or(site.position, |node| node.position),
        capabilities: takes_emergencies
            .then_some(HospitalCapability::Emergency)
            .into_iter()
            .collect::<BTreeSet<_>>(),
        emergency_beds: None,
        is_invented: false,
    }
}

fn clinic(site: &Site<'_>) -> Clinic {
    Clinic { name: site.tags.get("name").unwrap_or_default().to_owned(), position: site.position }
}

fn station(site: &Site<'_>) -> StationProfile {
    StationProfile {
        id: StationId::new(&site.id).expect("a letter and a number are a name"),
        name: site.tags.get("name").map_or_else(|| format!("Station {}", site.id), str::to_owned),
        position: site.position,
        is_placed: false,
    }
}

fn town(tags: &Tags, position: Position) -> Option<Town> {
    const KINDS: &[&str] =
        &["city", "town", "village", "suburb", "quarter", "neighbourhood", "hamlet"];
    let name = tags.get("name")?.to_owned();
    KINDS.contains(&tags.get("place")?).then_some(Town { name, position })
}

/// One hospital is often mapped as a node and an area of the same name: the area stays.
fn merge_doubles(hospitals: &mut Vec<HospitalProfile>, complaints: &mut Complaints) {
    const NEAR_METRES: f64 = 500.0;
    let mut idx = 0;
    while idx < hospitals.len() {
        let (early, late) = hospitals.split_at(idx);
        let this = &late[0];
        let double = early.iter().position(|other| {
            other.name == this.name && other.position.metres_to(this.position) < NEAR_METRES
        });
        match double {
            Some(other) => {
                complaints.add("hospitals mapped twice, merged", || this.name.clone());
                hospitals.swap_remove(if hospitals[idx].id.as_str().starts_with('n') {
                    idx
                } else {
                    other
                });
            }
            None => idx += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::osm::OsmNode;
    use crate::network::tests::{place, town as town_of};

    fn read(pairs: &[&[(&str, &str)]]) -> (Places, usize) {
        let mut osm = town_of(&[], &[]);
        for (id, tags) in (1..).zip(pairs) {
            osm.tagged.push(OsmNode { id, position: place(0, 0), tags: Tags::of(tags) });
        }
        let mut complaints = Complaints::default();
        let bounds = Bounds { south_west: place(0, 0), north_east: place(1, 1) };
        (Places::read(&osm, "Town", bounds, &mut complaints), complaints.into_list().len())
    }

    #[test]
    fn a_hospital_takes_emergencies_unless_the_map_denies_it() {
        for (value, want) in [("yes", true), ("no", false)] {
            let (places, _) = read(&[&[("amenity", "hospital"), ("emergency", value)]]);
            let can = places.hospitals[0].capabilities.contains(&HospitalCapability::Emergency);
            assert_eq!(can, want, "emergency={value}");
        }
        let (places, _) = read(&[&[("amenity", "hospital")]]);
        assert_eq!(places.hospitals[0].capabilities.len(), 1);
    }

    #[test]
    fn a_hospital_mapped_twice_is_one() {
        let tags: &[_] = &[("amenity", "hospital"), ("name", "Mater Dei")];
        let (places, n_complaints) = read(&[tags, tags]);
        assert_eq!((places.hospitals.len(), n_complaints), (1, 1));
    }

    #[test]
    fn places_survive_their_file() {
        let (places, _) = read(&[
            &[("amenity", "hospital"), ("name", "Mater Dei"), ("name:zh", "马特代医院")],
            &[("amenity", "clinic")],
            &[("emergency", "ambulance_station")],
            &[("emergency", "defibrillator")],
        ]);
        assert_eq!(Places::from_json(&places.to_json()).unwrap(), places);
        let newer = String::from_utf8(places.to_json())
            .unwrap()
            .replace("\"format_version\": 1", "\"format_version\": 2");
        assert!(matches!(
            Places::from_json(newer.as_bytes()),
            Err(PlacesError::Version { found: 2 })
        ));
    }
}
