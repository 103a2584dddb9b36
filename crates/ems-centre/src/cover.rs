//! Where calls are expected, and what the free units cover of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ems_dispatch::{CoverPatterns, CoverPolicy, NextCover, Policy, Relocation};
use ems_model::{Millis, Position, StationId, Unit};
use ems_roads::{Roads, SNAP_METRES_MAX, Snap};
use ems_table::{Table, TableError};

use crate::centre::Centre;
use crate::city::City;

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

    /// Places that stand for as much demand each, evenly over all of it.
    pub(crate) fn sample(&self, roads: &Roads, n: u32) -> Vec<Snap> {
        let places = self.places(roads);
        let mut sum = 0.0;
        let ends = places.iter().map(|(_, share)| {
            sum += share;
            sum
        });
        let ends: Vec<f64> = ends.collect();
        let at = |nth: u32| {
            let share = (f64::from(nth) + 0.5) / f64::from(n) * sum;
            ends.partition_point(|end| *end < share)
        };
        (0..n).filter_map(|nth| Some(places.get(at(nth))?.0)).collect()
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
    /// By the first bytes of the name, which mostly tell stations apart, and the name.
    stations: BTreeMap<(u64, StationId), usize>,
    /// Of each station, `None` where no road is near.
    snaps: Vec<Option<Snap>>,
    /// By station: the stations from which a unit comes there, with its drive, the nearest first.
    nearest: Vec<Vec<(Millis, usize)>>,
    /// By station and place: `None` where no road leads.
    drives: Vec<Vec<Option<Millis>>>,
    /// By place: its share of all demand.
    shares: Vec<f64>,
    /// What was worked out of these so far.
    patterns: Mutex<BTreeMap<Millis, Arc<CoverPatterns>>>,
    /// By the name of a policy: for how many units its rule was worked out, and the rule, which no
    /// unit has joined.
    rules: Mutex<BTreeMap<String, (usize, Relocation)>>,
}

impl Reach {
    /// Cost: two one-to-many searches a station.
    pub(crate) fn of(city: &City, roads: &Roads) -> Self {
        let (places, shares): (Vec<_>, Vec<_>) = city.demand.places(roads).into_iter().unzip();
        let stations = city.stations.iter();
        let snaps = stations.map(|it| roads.snap_open(it.position, SNAP_METRES_MAX).ok());
        let snaps: Vec<Option<Snap>> = snaps.collect();
        let ids = city.stations.iter().map(|it| (first_bytes(&it.id), it.id.clone()));
        let places: Vec<_> = places.into_iter().map(Some).collect();
        Self {
            stations: ids.zip(0..).collect(),
            nearest: nearest(&rows(roads, &snaps, &snaps)),
            drives: rows(roads, &snaps, &places),
            shares,
            snaps,
            patterns: Mutex::default(),
            rules: Mutex::default(),
        }
    }

    /// The place of a station in the city's list.
    pub(crate) fn station(&self, id: &StationId) -> Option<usize> {
        self.stations.get(&(first_bytes(id), id.clone())).copied()
    }

    /// Demand by the set of stations that reach it within a drive. Cost: a look at each place of
    /// demand for each station, once.
    pub(crate) fn patterns(&self, within: Millis) -> Arc<CoverPatterns> {
        let mut known = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        let work_out = || Arc::new(self.worked_out(within));
        Arc::clone(known.entry(within).or_insert_with(work_out))
    }

    /// A policy's rule of relocation for at least so many units, none of which has joined. Cost:
    /// that
    /// of [`ems_dispatch::RelocationPolicy::over`], each time the fleet has doubled.
    fn rule(&self, policy: &Policy, n_units: usize) -> Relocation {
        let Some(cover) = &policy.cover else { return Relocation::OwnStation };
        let mut known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(&policy.name).is_none_or(|(n, _)| *n < n_units) {
            let n = n_units.next_power_of_two();
            let patterns = |within| self.patterns(within);
            let rule = policy.relocation.over(cover, patterns, |id| self.station(id), n);
            known.insert(policy.name.clone(), (n, rule));
        }
        known[&policy.name].1.clone()
    }

    /// Where each station lies on the roads; `None` where no road is near.
    pub(crate) fn snaps(&self) -> &[Option<Snap>] {
        &self.snaps
    }

    fn worked_out(&self, within: Millis) -> CoverPatterns {
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

fn first_bytes(id: &StationId) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(id.as_str().bytes()).for_each(|(to, byte)| *to = byte);
    u64::from_be_bytes(first)
}

/// By station: from which others a unit comes there, the nearest first, itself with no drive.
fn nearest(between: &[Vec<Option<Millis>>]) -> Vec<Vec<(Millis, usize)>> {
    let to = |to: usize| {
        let drive = |from: usize| if from == to { Some(Millis::ZERO) } else { between[from][to] };
        let mut near: Vec<_> =
            (0..between.len()).filter_map(|from| Some((drive(from)?, from))).collect();
        near.sort_unstable();
        near
    };
    (0..between.len()).map(to).collect()
}

/// A row a place of departure, a column a destination.
fn rows(roads: &Roads, from: &[Option<Snap>], to: &[Option<Snap>]) -> Vec<Vec<Option<Millis>>> {
    let placed: Vec<Snap> = to.iter().flatten().copied().collect();
    let row = |from: &Option<Snap>| {
        let mut times =
            from.map_or_else(Vec::new, |from| roads.times_from(&from, &placed)).into_iter();
        let time = |to: &Option<Snap>| to.and_then(|_| times.next()?);
        to.iter().map(time).collect()
    };
    from.iter().map(row).collect()
}

/// How many free units wait at each station or drive to wait there, a unit with a resting crew
/// included: an urgent call may take it.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    reach: &'a Reach,
    n_at: Vec<u32>,
}

impl Waiting<'_> {
    /// By station: who covers it once one of its own units has left. Cost: a look at each station,
    /// and at those near it where nobody waits.
    pub(crate) fn next_cover(&self) -> Vec<NextCover> {
        (0..self.n_at.len()).map(|station| self.next_cover_of(station)).collect()
    }

    fn next_cover_of(&self, station: usize) -> NextCover {
        let is_covering = |from: usize| self.n_at[from] > u32::from(from == station);
        let nearest = self.reach.nearest[station].iter().find(|(_, from)| is_covering(*from));
        nearest.map_or(NextCover::Nobody, |(drive, _)| NextCover::Within(*drive))
    }

    /// By station: expected cover that goes with a unit of it, share of all demand; 0 where there
    /// is none. Cost: a look at each pattern of each station and unit.
    pub(crate) fn cover_lost(&self, policy: &CoverPolicy) -> Vec<f64> {
        let cover = self.cover(policy);
        let lost = |(station, n)| if n > 0 { cover.cover_lost(station) } else { 0.0 };
        (0..).zip(self.n_at.iter().copied()).map(lost).collect()
    }

    /// What the units cover, as a policy counts it; one more may join.
    pub(crate) fn cover(&self, policy: &CoverPolicy) -> Relocation {
        let mut cover = policy.count(self.reach.patterns(policy.within), self.n_units() + 1);
        self.join(&mut cover);
        cover
    }

    /// A policy's rule of relocation, which the units have joined; one more may.
    pub(crate) fn relocation(&self, policy: &Policy) -> Relocation {
        let mut rule = self.reach.rule(policy, self.n_units() + 1);
        self.join(&mut rule);
        rule
    }

    /// How many units wait.
    pub(crate) fn n_units(&self) -> usize {
        self.n_at.iter().map(|n| *n as usize).sum()
    }

    fn join(&self, rule: &mut Relocation) {
        for (station, n) in self.n_at.iter().enumerate() {
            rule.join(station, *n);
        }
    }
}

impl Centre {
    /// Where the free units that are counted wait.
    pub(crate) fn waiting(&self, is_counted: impl Fn(&Unit) -> bool) -> Waiting<'_> {
        let units = self.ledger.units.values().map(|record| &record.unit);
        let counted = units.filter(|unit| is_counted(unit));
        self.waiting_at(counted.filter_map(|unit| self.station_of_free(unit)))
    }

    /// Units that wait at these stations.
    pub(crate) fn waiting_at(&self, stations: impl Iterator<Item = usize>) -> Waiting<'_> {
        let reach = &self.traffic.places().reach;
        let mut n_at = vec![0; reach.drives.len()];
        stations.for_each(|station| n_at[station] += 1);
        Waiting { reach, n_at }
    }

    /// Expected cover by the free units that are counted; `None` where the policy in force counts
    /// none.
    pub(crate) fn cover(&self, is_counted: impl Fn(&Unit) -> bool) -> Option<Relocation> {
        let policy = self.policy().cover.as_ref()?;
        Some(self.waiting(is_counted).cover(policy))
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
