//! An overlay: what people of the service know better than the map, as a TOML file.

use std::collections::BTreeSet;

use ems_model::{HospitalCapability, HospitalId, Position, StationId, StationProfile};
use serde::Deserialize;

use crate::import::complaints::Complaints;
use crate::import::places::Places;

/// Corrections and additions to a city's places.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The city's name.
    city: Option<String>,
    /// Whether what this file says was invented for a demonstration.
    #[serde(default)]
    invented: bool,
    #[serde(default)]
    hospitals: Vec<HospitalNote>,
    #[serde(default)]
    stations: Vec<StationNote>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct HospitalNote {
    /// The hospital as the import names it: `w123`.
    id: HospitalId,
    name: Option<String>,
    name_zh: Option<String>,
    /// Replaces what the map says.
    capabilities: Option<BTreeSet<HospitalCapability>>,
    emergency_beds: Option<u32>,
    /// Where ambulances arrive.
    entrance: Option<Position>,
    /// Whether the map is wrong and this is no hospital.
    #[serde(default)]
    remove: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StationNote {
    id: StationId,
    name: String,
    lat: f64,
    lon: f64,
}

/// An overlay that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// Not TOML, an unknown key, a missing one or a name that is none.
    #[error("overlay cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A station that is nowhere.
    #[error("overlay station {id}: {source}")]
    Position {
        /// The station.
        id: StationId,
        /// What is wrong with its place.
        source: ems_model::NotOnEarth,
    },
}

impl Overlay {
    /// Reads an overlay file.
    pub fn parse(text: &str) -> Result<Self, OverlayError> {
        let overlay: Self = toml::from_str(text)?;
        for station in &overlay.stations {
            station.position()?;
        }
        Ok(overlay)
    }

    /// The city's name, where the overlay gives one.
    pub fn city(&self) -> Option<&str> {
        self.city.as_deref()
    }

    /// Gives the city another name.
    pub fn set_city(&mut self, name: &str) {
        self.city = Some(name.to_owned());
    }

    /// Writes the corrections into the places.
    pub(crate) fn apply(&self, places: &mut Places, complaints: &mut Complaints) {
        for note in &self.hospitals {
            match places.hospitals.iter().position(|h| h.id == note.id) {
                None => complaints
                    .add("overlay hospitals that the map does not have, ignored", || {
                        note.id.to_string()
                    }),
                Some(idx) if note.remove => drop(places.hospitals.remove(idx)),
                Some(idx) => note.apply(&mut places.hospitals[idx], self.invented),
            }
        }
        for note in &self.stations {
            places.stations.retain(|station| station.id != note.id);
            let Ok(position) = note.position() else { continue };
            let (id, name) = (note.id.clone(), note.name.clone());
            places.stations.push(StationProfile { id, name, position, is_placed: self.invented });
        }
        places.stations.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

impl HospitalNote {
    fn apply(&self, hospital: &mut ems_model::HospitalProfile, is_invented: bool) {
        hospital.name.clone_from(self.name.as_ref().unwrap_or(&hospital.name.clone()));
        hospital.name_zh = self.name_zh.clone().or(hospital.name_zh.take());
        hospital.position = self.entrance.unwrap_or(hospital.position);
        if let Some(capabilities) = &self.capabilities {
            hospital.capabilities.clone_from(capabilities);
            hospital.is_invented |= is_invented;
        }
        if self.emergency_beds.is_some() {
            hospital.emergency_beds = self.emergency_beds;
            hospital.is_invented |= is_invented;
        }
    }
}

impl StationNote {
    fn position(&self) -> Result<Position, OverlayError> {
        Position::from_degrees(self.lat, self.lon)
            .map_err(|source| OverlayError::Position { id: self.id.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_and_places_off_the_earth_are_refused() {
        for (text, is_ok) in [
            ("invented = true", true),
            ("invnted = true", false),
            ("[[hospitals]]\nid = \"w1\"\ncapabilities = [\"pci\"]", true),
            ("[[hospitals]]\nid = \"w1\"\ncapabilities = [\"magic\"]", false),
            ("[[stations]]\nid = \"a\"\nname = \"A\"\nlat = 35.9\nlon = 14.5", true),
            ("[[stations]]\nid = \"a\"\nname = \"A\"\nlat = 95.9\nlon = 14.5", false),
        ] {
            assert_eq!(Overlay::parse(text).is_ok(), is_ok, "{text}");
        }
    }
}
