//! The traffic that the centre believes: its roads are those of the city under it.
//!
//! Traffic is like positions: it is not in the log, and what the log says does not depend on it
//! but through the times that were written down. Laying it over the roads takes tens of
//! milliseconds, so the host does that elsewhere ([`Relay::run`]) and hands in the outcome.

use std::sync::Arc;

use ems_model::{Position, Timestamp};
use ems_roads::{Flow, OffMap, Roads, SNAP_METRES_MAX, Snap, Traffic};

use crate::centre::Centre;
use crate::city::{City, Places};

/// A city's roads under the traffic of one moment.
#[derive(Debug, Clone)]
pub struct CityTraffic {
    traffic: Arc<Traffic>,
    roads: Roads,
    places: Arc<Places>,
}

/// What a screen is told of the traffic at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrafficSummary {
    /// Directions of edges of which something is known.
    pub n_arcs: usize,
    /// Those that are closed.
    pub n_closed: usize,
    /// When the newest of it became known.
    pub newest: Option<Timestamp>,
    /// When the first of it ends.
    pub next_end: Option<Timestamp>,
}

impl CityTraffic {
    /// Lays traffic over a city's roads. Cost: up to a whole customisation, and a search a
    /// station: not for the centre's thread.
    pub fn lay(city: &City, traffic: &Traffic, now: Timestamp) -> Self {
        let roads = city.roads.under(traffic, now);
        let places = Arc::new(Places::of(city, &roads));
        Self { traffic: Arc::new(traffic.at(now)), roads, places }
    }

    /// What is known.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// The roads under it.
    pub fn roads(&self) -> &Roads {
        &self.roads
    }

    /// How much is known, and since when.
    pub fn summary(&self) -> TrafficSummary {
        let is_closed = |row: &&ems_roads::Overlaid| row.flow == Flow::Closed;
        TrafficSummary {
            n_arcs: self.traffic.n_arcs(),
            n_closed: self.traffic.rows().iter().filter(is_closed).count(),
            newest: self.traffic.newest(),
            next_end: self.traffic.next_end(),
        }
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }
}

/// How it stands with traffic that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Laying {
    /// All that is laid holds.
    Settled,
    /// Some has ended; nobody has been asked to lay the rest anew.
    Due,
    /// Somebody has.
    UnderWay,
}

/// Traffic of which some has ended, to be laid anew.
#[derive(Debug)]
pub struct Relay {
    city: Arc<City>,
    traffic: Arc<Traffic>,
}

impl Relay {
    /// Lays what still holds; hand it in by [`Centre::take_relaid`].
    pub fn run(self, now: Timestamp) -> Relaid {
        let laid = CityTraffic::lay(&self.city, &self.traffic, now);
        Relaid { before: self.traffic, laid }
    }
}

/// What became of a [`Relay`].
#[derive(Debug)]
pub struct Relaid {
    before: Arc<Traffic>,
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
        self.place_again();
        let open: Vec<_> = self.ledger.open.iter().copied().collect();
        for incident in open {
            self.remember_drives(incident);
        }
        self.live.eta_checked.clear();
        self.live.under_new_traffic = self.ledger.units.keys().cloned().collect();
    }

    /// Takes what was laid anew, unless other traffic has come since.
    pub fn take_relaid(&mut self, relaid: Relaid) {
        if Arc::ptr_eq(&relaid.before, &self.traffic.traffic) {
            self.take_traffic(relaid.laid);
        }
    }

    /// The traffic to be laid anew, once when some of it has ended.
    pub fn poll_relay(&mut self) -> Option<Relay> {
        if self.laying != Laying::Due {
            return None;
        }
        self.laying = Laying::UnderWay;
        Some(Relay { city: Arc::clone(&self.city), traffic: Arc::clone(&self.traffic.traffic) })
    }

    /// When the first of the traffic ends, unless that is being seen to.
    pub(crate) fn traffic_ends(&self) -> Option<Timestamp> {
        self.traffic.traffic.next_end().filter(|_| self.laying == Laying::Settled)
    }

    /// The nearest open road to a place; where none is open within the limit the nearest, from and
    /// to which no way leads.
    pub(crate) fn snap(&self, position: Position) -> Result<Snap, OffMap> {
        let open = self.traffic.roads.snap_open(position, SNAP_METRES_MAX);
        open.or_else(|_| self.traffic.roads.snap(position))
    }

    fn place_again(&mut self) {
        let mut fixes = std::mem::take(&mut self.live.fixes);
        for fix in fixes.values_mut() {
            fix.snap = self.snap(fix.position).unwrap_or(fix.snap);
        }
        self.live.fixes = fixes;
    }
}
