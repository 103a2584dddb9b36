//! Where calls are expected, and what the free units cover of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ems_dispatch::{CoverPatterns, Relocation};
use ems_model::{Millis, Position, StationId, Unit};
use ems_roads::{Roads, SNAP_METRES_MAX, Snap};
use ems_table::{Table, TableError};

use crate::centre::Centre;
use crate::city::City;
use crate::recommend::is_free;

/// Places along the streets that stand for all of them.
const STREET_PLACES: u32 = 500;

/// Where calls are expected.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Demand {
    /// Alike along all streets that people live on, for want of anything better: 500 places.
    #[default]
    Streets,
    /// As a file says.
    Listed {
        /// What a screen calls it. Nobody here has checked it.
        name: String,
        /// Where, with a weight of any one quantity, as calls a day; some is above 0.
        places: Vec<(Position, f64)>,
    },
}

/// The most places of a file of demand.
const PLACES_MAX: usize = 100_000;
/// The largest weight of a place.
const WEIGHT_MAX: f64 = 1e9;

/// A file of demand that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DemandError {
    /// No table, or a value that cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Nobody ever calls.
    #[error("no place has a weight above 0: give the calls that each place makes, as a day")]
    Nothing,
}

impl Demand {
    /// Reads `lat,lon,weight`: degrees and a weight of 0 or more, such as calls a day.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DemandError> {
        let mut table = Table::read(bytes, PLACES_MAX)?;
        let [lat, lon, weight] = table.columns(["lat", "lon", "weight"])?;
        let mut places = Vec::new();
        while let Some(row) = table.next_row()? {
            places.push((row.position([lat, lon])?, row.number(weight, 0.0..=WEIGHT_MAX)?));
        }
        if places.iter().all(|(_, weight)| *weight == 0.0) {
            return Err(DemandError::Nothing);
        }
        Ok(Self::Listed { name: name.to_owned(), places })
    }

    /// Each place on the roads with its share of all demand; listed places off the map count for
    /// the share that nobody reaches.
    fn places(&self, roads: &Roads) -> Vec<(Snap, f64)> {
        match self {
            Self::Streets => {
                let n = f64::from(STREET_PLACES);
                let at = |idx| roads.somewhere((f64::from(idx) + 0.5) / n);
                (0..STREET_PLACES).map(|idx| (at(idx), 1.0 / n)).collect()
            }
            Self::Listed { places, .. } => {
                let total: f64 = places.iter().map(|(_, weight)| weight).sum();
                let snap = |at| roads.snap_open(at, SNAP_METRES_MAX).ok();
                let snapped = places.iter().map(|(at, weight)| (snap(*at), weight / total));
                snapped.filter_map(|(snap, share)| Some((snap?, share))).collect()
            }
        }
    }
}

/// The drive from each station of a city to each place of demand.
#[derive(Debug)]
pub(crate) struct Reach {
    stations: BTreeMap<StationId, usize>,
    /// By station and place: `None` where no road leads.
    drives: Vec<Vec<Option<Millis>>>,
    /// By place: its share of all demand.
    shares: Vec<f64>,
}

impl Reach {
    /// Cost: a search a station and a place.
    pub(crate) fn of(city: &City, roads: &Roads) -> Self {
        let (places, shares): (Vec<_>, Vec<_>) = city.demand.places(roads).into_iter().unzip();
        let snap = |at| roads.snap_open(at, SNAP_METRES_MAX).ok();
        let snaps: Vec<_> = city.stations.iter().map(|it| snap(it.position)).collect();
        let on_roads: Vec<_> = snaps.iter().flatten().copied().collect();
        let mut rows = roads.matrix(&on_roads, &places).into_iter();
        let unreached = || vec![None; places.len()];
        let drives = snaps.iter().map(|snap| snap.and_then(|_| rows.next()));
        let drives = drives.map(|row| row.unwrap_or_else(unreached)).collect();
        let ids = city.stations.iter().map(|station| station.id.clone());
        Self { stations: ids.zip(0..).collect(), drives, shares }
    }

    /// The place of a station in the city's list.
    pub(crate) fn station(&self, id: &StationId) -> Option<usize> {
        self.stations.get(id).copied()
    }

    /// Demand by the set of stations that reach it within a drive.
    pub(crate) fn patterns(&self, within: Millis) -> CoverPatterns {
        let mut patterns: BTreeMap<Vec<usize>, f64> = BTreeMap::new();
        for (place, share) in self.shares.iter().enumerate() {
            let reaches = |station: &usize| self.drives[*station][place] <= Some(within);
            let is_reached = |station: &usize| self.drives[*station][place].is_some();
            let stations = (0..self.drives.len()).filter(is_reached).filter(reaches);
            *patterns.entry(stations.collect()).or_default() += share;
        }
        let by_share = patterns.into_iter().map(|(stations, share)| (share, stations));
        CoverPatterns::new(self.drives.len(), by_share)
    }
}

impl Centre {
    /// Expected cover by the free units where they wait or drive to wait, as the policy in force
    /// counts it; `None` where that counts none. A resting crew counts: an urgent call may take it.
    ///
    /// Cost: a look at each place of demand for each station.
    pub(crate) fn cover(&self, mut is_counted: impl FnMut(&Unit) -> bool) -> Option<Relocation> {
        let reach = &self.traffic.places().reach;
        let policy = self.policy().cover.as_ref()?;
        let patterns = Arc::new(reach.patterns(policy.within));
        let units = self.ledger.units.values().map(|record| &record.unit);
        let counted = units.filter(|unit| is_free(unit) && is_counted(unit));
        let stations = counted.filter_map(|unit| reach.station(unit.waits_at()?));
        let stations: Vec<_> = stations.collect();
        let mut cover = policy.count(patterns, stations.len() + 1);
        for station in stations {
            cover.joins(station);
        }
        Some(cover)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_demand_is_read_or_refused_with_its_line() {
        let Ok(Demand::Listed { name, places }) =
            Demand::parse("d.csv", b"weight,lat,lon\n2.5,35.9,14.5\n0,35.8,14.4\n")
        else {
            panic!("it is well-formed")
        };
        assert_eq!((name.as_str(), places.len(), places[0].1), ("d.csv", 2, 2.5));
        for (text, said) in [
            ("lat,lon,weight\n35.9,14.5,-1\n", "line 2: weight"),
            ("lat,lon\n35.9,14.5\n", "weight"),
            ("lat,lon,weight\n35.9,14.5,0\n", "no place has a weight above 0"),
            ("lat,lon,weight\n", "no place has a weight above 0"),
        ] {
            let error = Demand::parse("d.csv", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
