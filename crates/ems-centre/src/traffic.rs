//! The traffic that the centre believes: its roads are those of the city under it.
//!
//! Traffic is like positions: it is not in the log, and what the log says does not depend on it
//! but through the times that were written down. Laying it over the roads takes tens of
//! milliseconds, so the host does that elsewhere ([`Relay::run`]) and hands in the outcome.

use std::sync::Arc;

use ems_model::{Position, Timestamp};
use ems_roads::{Flow, OffMap, Overlaid, Roads, SNAP_METRES_MAX, Snap, Traffic};

use crate::centre::{Centre, Wake};
use crate::city::{City, Places};
use crate::drive_times::NamedWeek;

/// A city's roads under the traffic of one moment.
#[derive(Debug, Clone)]
pub struct CityTraffic {
    traffic: Arc<Traffic>,
    /// What the fleet sees where nothing else is known.
    fleet: Arc<Traffic>,
    /// The roads of this hour without live traffic.
    usual: Roads,
    roads: Arc<Roads>,
    /// When the hour ends whose speeds these are; `None` where all hours have the same.
    hour_ends: Option<Timestamp>,
    places: Arc<Places>,
}

/// Who says how a road flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A file that was applied.
    Stated,
    /// The fleet's own drives.
    Fleet,
}

/// What a screen is told of the traffic at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrafficSummary {
    /// Directions of edges of which something is known.
    pub n_arcs: usize,
    /// Those that are closed.
    pub n_closed: usize,
    /// Those that only the fleet's own drives tell of.
    pub n_fleet: usize,
    /// When the newest of it became known.
    pub newest: Option<Timestamp>,
    /// When the first of it ends.
    pub next_end: Option<Timestamp>,
}

impl CityTraffic {
    /// Lays traffic over a city's roads as they are driven in this hour of the week. Cost: up to
    /// two whole customisations, and a search a station: not for the centre's thread.
    pub fn lay(city: &City, traffic: &Traffic, now: Timestamp) -> Self {
        Self::of(city, [traffic, &Traffic::default()], now)
    }

    /// The same under a newer file of traffic. Cost: as [`CityTraffic::lay`].
    #[must_use]
    pub fn with_stated(&self, city: &City, newer: &Traffic, now: Timestamp) -> Self {
        Self::of(city, [&self.traffic.with(newer, now), &self.fleet], now)
    }

    /// The same where the fleet sees other speeds than before.
    pub(crate) fn with_fleet(&self, city: &City, seen: &Traffic, now: Timestamp) -> Self {
        Self::of(city, [&self.traffic, seen], now)
    }

    /// What is stated goes before what is seen.
    fn of(city: &City, [stated, seen]: [&Traffic; 2], now: Timestamp) -> Self {
        let (usual, hour_ends) = in_hour(city, now);
        let (stated, fleet) = (stated.at(now), unstated(&seen.at(now), stated));
        let roads = Arc::new(usual.under(&fleet.with(&stated, now), now));
        let places = Arc::new(Places::of(city, &roads));
        let (traffic, fleet) = (Arc::new(stated), Arc::new(fleet));
        Self { traffic, fleet, usual, roads, hour_ends, places }
    }

    /// The roads as the map says, which hold until the first wake where hours differ.
    pub(crate) fn bare(city: &City) -> Self {
        let roads = Arc::clone(&city.roads);
        let hour_ends = city.drive_times.week.as_ref().map(|_| Timestamp::default());
        let places = Arc::new(Places::of(city, &roads));
        let (traffic, fleet, usual) = (Arc::default(), Arc::default(), Roads::clone(&roads));
        Self { traffic, fleet, usual, roads, hour_ends, places }
    }

    /// All that is known of the roads, and who says so.
    pub fn rows(&self) -> impl Iterator<Item = (Overlaid, Source)> {
        let stated = self.traffic.rows().map(|row| (row, Source::Stated));
        stated.chain(self.fleet.rows().map(|row| (row, Source::Fleet)))
    }

    /// What was stated: the fleet's own drives are left out.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// The roads under it.
    pub fn roads(&self) -> &Arc<Roads> {
        &self.roads
    }

    /// How much is known, and since when.
    pub fn summary(&self) -> TrafficSummary {
        let is_closed = |row: &Overlaid| row.flow == Flow::Closed;
        let n_fleet = self.fleet.n_arcs();
        TrafficSummary {
            n_arcs: self.traffic.n_arcs() + n_fleet,
            n_closed: self.traffic.rows().filter(is_closed).count(),
            n_fleet,
            newest: self.traffic.newest().max(self.fleet.newest()),
            next_end: self.next_end(),
        }
    }

    /// When the first of what is known ends.
    fn next_end(&self) -> Option<Timestamp> {
        [self.traffic.next_end(), self.fleet.next_end()].into_iter().flatten().min()
    }

    /// The roads of this hour without live traffic.
    pub(crate) fn usual(&self) -> &Roads {
        &self.usual
    }

    /// What only the fleet's own drives tell.
    pub(crate) fn fleet(&self) -> &Traffic {
        &self.fleet
    }

    /// Whether nothing was laid between the two.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.places, &other.places)
    }

    /// The nearest open road to a place; where none is open within the limit the nearest, from and
    /// to which no way leads.
    pub(crate) fn snap(&self, position: Position) -> Result<Snap, OffMap> {
        let open = self.roads.snap_open(position, SNAP_METRES_MAX);
        open.or_else(|_| self.roads.snap(position))
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }
}

/// What is seen where nothing is stated.
fn unstated(seen: &Traffic, stated: &Traffic) -> Traffic {
    let is_unstated = |row: &Overlaid| stated.of_edge(row.edge(), row.is_forward()).is_none();
    seen.rows().filter(is_unstated).collect()
}

/// The roads of a city without live traffic at this hour, and when that ends.
fn in_hour(city: &City, now: Timestamp) -> (Roads, Option<Timestamp>) {
    match &city.drive_times.week {
        Some(NamedWeek { week, .. }) => {
            (city.roads.in_hour(week, week.hour(now)), Some(week.hour_ends(now)))
        }
        None => (Roads::clone(&city.roads), None),
    }
}

/// How it stands with what is laid over the roads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Laying {
    /// All that is laid holds.
    Settled,
    /// Some of it has ended, or the hour has; nobody has been asked to lay the rest anew.
    Due,
    /// Somebody has.
    UnderWay,
}

/// Traffic to be laid anew.
#[derive(Debug)]
pub struct Relay {
    city: Arc<City>,
    before: CityTraffic,
}

impl Relay {
    /// Lays what still holds; hand it in by [`Centre::take_relaid`].
    pub fn run(self, now: Timestamp) -> Relaid {
        let laid = self.before.with_stated(&self.city, &Traffic::default(), now);
        Relaid { before: self.before, laid }
    }
}

/// What became of a [`Relay`].
#[derive(Debug)]
pub struct Relaid {
    before: CityTraffic,
    laid: CityTraffic,
}

impl Centre {
    /// The traffic that it believes.
    pub fn traffic(&self) -> &CityTraffic {
        &self.traffic
    }

    /// Drives on other roads from now on. Expected arrivals of moving units are computed again
    /// when their next position comes. Cost: one search an open incident.
    pub fn take_traffic(&mut self, traffic: CityTraffic) {
        self.traffic = traffic;
        self.laying = Laying::Settled;
        self.whereabouts.move_to(&self.traffic);
        let open: Vec<_> = self.ledger.open.iter().copied().collect();
        for incident in open {
            self.remember_drives(incident);
        }
        self.live.eta_checked.clear();
        self.live.under_new_traffic = self.ledger.units.keys().cloned().collect();
    }

    /// Takes what was laid anew, unless other traffic has come since.
    pub fn take_relaid(&mut self, relaid: Relaid) {
        if self.traffic.is_same(&relaid.before) {
            self.take_traffic(relaid.laid);
        }
    }

    /// The traffic to be laid anew, once when some of it or the hour has ended.
    pub fn poll_relay(&mut self) -> Option<Relay> {
        if self.laying != Laying::Due {
            return None;
        }
        self.laying = Laying::UnderWay;
        Some(Relay { city: Arc::clone(&self.city), before: self.traffic.clone() })
    }

    /// When what is laid over the roads ends, unless that is being seen to.
    pub(crate) fn roads_end(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        let traffic = self.traffic.next_end().map(|at| (at, Wake::TrafficEnds));
        let hour = self.traffic.hour_ends.map(|at| (at, Wake::HourEnds));
        traffic.into_iter().chain(hour).filter(|_| self.laying == Laying::Settled)
    }

    /// The same of the traffic that it believes.
    pub(crate) fn snap(&self, position: Position) -> Result<Snap, OffMap> {
        self.traffic.snap(position)
    }
}
