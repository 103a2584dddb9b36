//! Where to put ambulance stations when the map has none.
//!
//! Fire stations and emergency hospitals first, then again and again the place where the most
//! street lies the farthest from a station: the greedy 2-approximation of the k-centre problem
//! (Gonzalez, "Clustering to minimize the maximum intercluster distance", TCS 38, 1985), with
//! driving time as distance and the length of street as weight. A start for a demonstration, not a
//! plan: the real places belong in an overlay.

use std::collections::BTreeMap;

use ems_model::{HospitalCapability, Position, StationId, StationProfile};

use crate::import::places::Places;
use crate::roads::Roads;
use crate::snap::Snap;

/// Street for which one station is placed: 25,000 people at about 5 m of street a head.
const STREET_METRES_PER_STATION: f64 = 125_000.0;

/// At least and at most so many stations are placed.
const STATIONS_MIN: usize = 3;
const STATIONS_MAX: usize = 60;

/// Stations are at least so far apart, metres.
const APART_METRES: f64 = 1000.0;

/// Demand is gathered in cells of this size, ten-millionths of a degree (about 500 m).
const CELL_E7: i32 = 45_000;

/// Places stations until there are enough.
pub(crate) fn place(
    roads: &Roads,
    places: &Places,
    fire: &[(String, Position)],
) -> Vec<StationProfile> {
    let demand = demand(roads);
    let street_metres: f64 = demand.iter().map(|(_, metres)| metres).sum();
    let wanted = count(street_metres / STREET_METRES_PER_STATION);
    let takes =
        |h: &&ems_model::HospitalProfile| h.capabilities.contains(&HospitalCapability::Emergency);
    let hospitals = places.hospitals.iter().filter(takes).map(|h| (h.name.clone(), h.position));
    let mut chosen: Vec<(String, Snap)> = Vec::new();
    for (name, position) in fire.iter().cloned().chain(hospitals) {
        let is_apart =
            |other: &(String, Snap)| other.1.position().metres_to(position) > APART_METRES;
        if let Ok(snap) = roads.snap(position)
            && chosen.len() < wanted
            && chosen.iter().all(is_apart)
        {
            chosen.push((name, snap));
        }
    }
    fill(roads, places, &demand, wanted, &mut chosen);
    (1..).zip(chosen).map(|(number, (name, snap))| station(number, name, &snap)).collect()
}

fn station(number: u32, name: String, snap: &Snap) -> StationProfile {
    StationProfile {
        id: StationId::new(&format!("placed-{number:02}")).expect("a word and a number are a name"),
        name,
        position: snap.position(),
        is_placed: true,
    }
}

/// Adds the worst served places until there are `wanted` stations.
fn fill(
    roads: &Roads,
    places: &Places,
    demand: &[(Snap, f64)],
    wanted: usize,
    chosen: &mut Vec<(String, Snap)>,
) {
    let points: Vec<Snap> = demand.iter().map(|(snap, _)| *snap).collect();
    let mut nearest = vec![FAR_MILLIS; points.len()];
    let mut n_known = 0;
    while chosen.len() < wanted {
        for (_, snap) in &chosen[n_known..] {
            for (best, time) in nearest.iter_mut().zip(roads.times_from(snap, &points)) {
                *best = time.map_or(*best, |t| t.get().min(*best));
            }
        }
        n_known = chosen.len();
        let unserved = |idx: &usize| seconds(nearest[*idx]) * demand[*idx].1;
        let worst = (0..points.len()).max_by(|a, b| unserved(a).total_cmp(&unserved(b)));
        let Some(worst) = worst.filter(|&idx| nearest[idx] > 0) else { break };
        let town = places.nearest_town(points[worst].position());
        let name = town.map_or_else(|| "Station".to_owned(), |t| t.name.clone());
        chosen.push((name, points[worst]));
        nearest[worst] = 0;
    }
}

/// Longer than any drive in a city: an hour counts no worse than this.
const FAR_MILLIS: i64 = 3_600_000;

fn seconds(millis: i64) -> f64 {
    ems_model::Millis::new(millis).as_secs_f64()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small range before the cast"
)]
fn count(stations: f64) -> usize {
    (stations.round() as usize).clamp(STATIONS_MIN, STATIONS_MAX)
}

/// One point on the road in each cell with streets, and the metres of street in the cell.
fn demand(roads: &Roads) -> Vec<(Snap, f64)> {
    const SAMPLES: u32 = 20_000;
    let metres_each = roads.street_metres() / f64::from(SAMPLES);
    let mut cells: BTreeMap<(i32, i32), (Snap, f64)> = BTreeMap::new();
    for idx in 0..SAMPLES {
        let snap = roads.somewhere((f64::from(idx) + 0.5) / f64::from(SAMPLES));
        let cell = (snap.position().lat_e7() / CELL_E7, snap.position().lon_e7() / CELL_E7);
        cells.entry(cell).or_insert((snap, 0.0)).1 += metres_each;
    }
    cells.into_values().collect()
}
