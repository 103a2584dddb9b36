//! Where units wait: where a freed one goes, and which idle ones move when the state changes.

use std::sync::Arc;

use crate::compliance::ComplianceTable;
use crate::ddsm::DoubleStandard;
use crate::posting_list::PostingList;
use crate::redeployment::{Idle, Move, Redeployment};

/// Demand by the set of stations that cover it.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverPatterns {
    n_stations: usize,
    /// Calls a day.
    demand: Vec<f64>,
    /// By station: its patterns, in their order.
    of_station: Vec<Vec<u32>>,
    /// By pattern: its stations.
    stations_of: Vec<Vec<usize>>,
}

impl CoverPatterns {
    /// Patterns of demand (calls a day, or any other weight) with the stations that reach it in
    /// time, counted from 0.
    ///
    /// # Panics
    /// If a pattern names a station that is not there.
    pub fn new(n_stations: usize, patterns: impl IntoIterator<Item = (f64, Vec<usize>)>) -> Self {
        let (demand, stations_of) = (Vec::new(), Vec::new());
        let of_station = vec![Vec::new(); n_stations];
        let mut own = Self { n_stations, demand, of_station, stations_of };
        for (pattern, (demand, stations)) in (0u32..).zip(patterns) {
            own.demand.push(demand);
            for &station in &stations {
                own.of_station[station].push(pattern);
            }
            own.stations_of.push(stations);
        }
        own
    }

    /// How many stations there are.
    pub fn n_stations(&self) -> usize {
        self.n_stations
    }

    /// The demand of each pattern, in the order given.
    pub fn demand(&self) -> &[f64] {
        &self.demand
    }

    /// The stations that cover the pattern of that place in the order given.
    pub(crate) fn stations_of(&self, pattern: usize) -> &[usize] {
        &self.stations_of[pattern]
    }

    /// The patterns that a station covers, in the order given.
    pub fn of_station(&self, station: usize) -> &[u32] {
        &self.of_station[station]
    }
}

/// A rule that names the station where a freed unit is to wait, and the moves of idle ones.
#[derive(Debug, Clone, PartialEq)]
pub enum Relocation {
    /// Each unit goes back to the station it belongs to.
    OwnStation,
    /// To the station where it adds most expected coverage.
    Dmexclp(Dmexclp),
    /// As that; and idle units move where they add expected cover, drives discounted.
    Redeploy(Redeployment),
    /// To where a table wants it, which the idle units follow, too.
    Table(ComplianceTable),
    /// To the first station of a list that lacks a unit.
    List(PostingList),
    /// To its own station; and idle units keep the dynamic double standard.
    DoubleStandard(DoubleStandard),
}

impl Relocation {
    /// Its name with its version.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OwnStation => "own-station/1",
            Self::Dmexclp(_) => "dmexclp/1",
            Self::Redeploy(_) => "redeploy/1",
            Self::Table(table) => table.name(),
            Self::List(_) => "priority-list/1",
            Self::DoubleStandard(_) => "ddsm/1",
        }
    }

    /// A unit is from now on at a station, or on its way to wait there.
    pub fn joins(&mut self, station: usize) {
        self.add(station, 1);
    }

    /// A unit that had joined a station is sent away from it.
    pub fn leaves(&mut self, station: usize) {
        self.add(station, u32::MAX);
    }

    /// So many units are from now on at a station.
    pub fn join(&mut self, station: usize, n: u32) {
        self.add(station, n);
    }

    fn add(&mut self, station: usize, n: u32) {
        match self {
            Self::OwnStation | Self::DoubleStandard(_) => {}
            Self::Dmexclp(dmexclp) => dmexclp.add(station, n),
            Self::Redeploy(rule) => rule.counted.add(station, n),
            Self::Table(table) => table.add(station, n),
            Self::List(list) => list.add(station, n),
        }
    }

    /// Expected coverage that goes with a unit that had joined a station; 0 where none is counted.
    pub fn cover_lost(&self, station: usize) -> f64 {
        match self {
            Self::Dmexclp(dmexclp) => dmexclp.with_others(station, 1),
            Self::Redeploy(rule) => rule.counted.with_others(station, 1),
            Self::OwnStation | Self::Table(_) | Self::List(_) | Self::DoubleStandard(_) => 0.0,
        }
    }

    /// Where a unit that has just become free is to wait; `own` is its present station.
    pub fn station_for(&self, own: usize) -> usize {
        self.station_wanted().unwrap_or(own)
    }

    /// The same where the rule has a wish; `None` sends a unit back to where it waited.
    pub fn station_wanted(&self) -> Option<usize> {
        match self {
            Self::OwnStation | Self::DoubleStandard(_) => None,
            Self::Dmexclp(dmexclp) => Some(dmexclp.best_station()),
            Self::Redeploy(rule) => Some(rule.counted.best_station()),
            Self::Table(table) => table.lacking(),
            Self::List(list) => list.lacking(),
        }
    }

    /// Whether it ever moves idle units.
    pub fn moves_idle(&self) -> bool {
        matches!(self, Self::Redeploy(_) | Self::Table(_) | Self::DoubleStandard(_))
    }

    /// The moves of idle units to make after a unit was sent away or became free, one a unit at
    /// most; they become true by [`Self::leaves`] and [`Self::joins`]. `idle`: all units that wait
    /// or drive to wait. `minutes`: the drive of the unit of that place in the list to a station,
    /// from where it is.
    pub fn moves<U: Copy>(
        &self,
        idle: &[Idle<U>],
        minutes: impl Fn(usize, usize) -> f64,
    ) -> Vec<Move<U>> {
        match self {
            Self::OwnStation | Self::Dmexclp(_) | Self::List(_) => Vec::new(),
            Self::Redeploy(rule) => rule.moves(idle, minutes),
            Self::Table(table) => table.moves(idle, minutes),
            Self::DoubleStandard(rule) => rule.moves(idle, minutes),
        }
    }
}

/// Dynamic MEXCLP: the unit goes where the marginal coverage
/// Σ demand · (1 − Q) · Q^k over the patterns of the station is largest, k the units that cover a
/// pattern already; ties go to the station named first.
///
/// Source: Jagtenberg, Bhulai, van der Mei, "An efficient heuristic for real-time ambulance
/// redeployment", Operations Research for Health Care 4, 2015 (named from memory, unverified; the
/// formula is that of the replays' rules). Counts are kept as units come and go, so that a choice
/// costs one term for each pattern of each station.
#[derive(Debug, Clone, PartialEq)]
pub struct Dmexclp {
    patterns: Arc<CoverPatterns>,
    n_covering: Vec<u32>,
    /// By units that cover already: what one more adds, (1 − Q) · Q^k.
    gain: Vec<f64>,
}

/// A busy fraction that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("busy fraction {0} is outside 0 to 1: give the share of time that a unit is busy, as 0.6")]
pub struct BadBusyFraction(pub f64);

impl Dmexclp {
    /// With busy fraction Q (0..=1) for at most `n_units` units, none of which has joined yet.
    pub fn new(
        patterns: Arc<CoverPatterns>,
        busy: f64,
        n_units: usize,
    ) -> Result<Self, BadBusyFraction> {
        if !(0.0..=1.0).contains(&busy) {
            return Err(BadBusyFraction(busy));
        }
        let powers = std::iter::successors(Some(1.0), |power| Some(power * busy));
        let gain = powers.take(n_units + 1).map(|power| (1.0 - busy) * power).collect();
        Ok(Self { n_covering: vec![0; patterns.demand.len()], patterns, gain })
    }

    fn add(&mut self, station: usize, n: u32) {
        for &pattern in &self.patterns.of_station[station] {
            let count = &mut self.n_covering[pattern as usize];
            *count = count.wrapping_add(n);
            assert!((*count as usize) < self.gain.len(), "units leave no station twice");
        }
    }

    fn best_station(&self) -> usize {
        let stations = (0..self.patterns.n_stations).map(|station| (station, self.added(station)));
        let best = stations.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(0, |(station, _)| station)
    }

    /// What a unit more at a station adds, in the patterns' quantity of demand.
    pub fn added(&self, station: usize) -> f64 {
        self.with_others(station, 0)
    }

    /// What one unit at a station is worth beside the others, all those counted but `n_own`.
    fn with_others(&self, station: usize, n_own: u32) -> f64 {
        let term = |&pattern: &u32| {
            let pattern = pattern as usize;
            let n_others = self.n_covering[pattern] - n_own;
            self.patterns.demand[pattern] * self.gain[n_others as usize]
        };
        self.patterns.of_station[station].iter().map(term).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town() -> Arc<CoverPatterns> {
        let patterns = [(10.0, vec![0]), (6.0, vec![1]), (3.0, vec![0, 1]), (9.0, vec![2])];
        Arc::new(CoverPatterns::new(3, patterns))
    }

    #[test]
    fn each_unit_goes_where_it_adds_most() {
        let mut rule = Relocation::Dmexclp(Dmexclp::new(town(), 0.5, 4).unwrap());
        let mut sent = Vec::new();
        for _ in 0..4 {
            sent.push(rule.station_for(0));
            rule.joins(sent[sent.len() - 1]);
        }
        // 6.5, 4.5, 4.5 at first; then 3.25, 3.75, 4.5; 3.25, 3.75, 2.25; 2.875, 1.875, 2.25.
        assert_eq!(sent, [0, 2, 1, 0]);
        // Beside the others, the one at 2 is worth all of its 9 calls but a half.
        assert!((rule.cover_lost(2) - 4.5).abs() < 1e-12);
        rule.leaves(2);
        assert_eq!(rule.station_for(0), 2);
    }

    #[test]
    fn counts_kept_are_counts_made_anew() {
        let fresh = Dmexclp::new(town(), 0.3, 9).unwrap();
        let mut kept = Relocation::Dmexclp(fresh.clone());
        for station in [0, 1, 2, 1, 1] {
            kept.joins(station);
        }
        for station in [1, 0, 1] {
            kept.leaves(station);
        }
        let mut anew = Relocation::Dmexclp(fresh);
        anew.joins(1);
        anew.joins(2);
        assert_eq!(kept, anew);
    }

    #[test]
    fn a_busy_fraction_is_a_share() {
        for (busy, ok) in [(-0.1, false), (0.0, true), (1.0, true), (1.1, false), (f64::NAN, false)]
        {
            assert_eq!(Dmexclp::new(town(), busy, 1).is_ok(), ok, "{busy}");
        }
    }

    #[test]
    fn without_a_rule_a_unit_goes_home() {
        assert_eq!(Relocation::OwnStation.station_for(7), 7);
    }
}
