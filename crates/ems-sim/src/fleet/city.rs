//! A JEMSS city as a fleet drives it: roads, stations, hospitals, units and rules.

use ems_dispatch::Diversions;
use ems_hierarchy::{InTurn, Sketch, node_order};

use super::labels::{Labels, Target};
use super::plane::{Grid, Place, Plane};
use super::roads::{Nodes, Roads};
use super::rows::{
    TravelSet, read_diversions, read_points, read_priorities, read_travel, read_units,
    usual_diversions,
};
use super::search::{Arcs, from_one};
use super::staffing::{HOURS, Staffing};
use super::stats::MINUTES;
use super::table::{NamedFile, TableError};
use super::trip::{Heading, Lead};

/// The files of a city, as its `sim_config.xml` names them.
#[derive(Debug, Clone)]
pub struct CityFiles {
    /// Road arcs with the days of each mode.
    pub arcs: NamedFile,
    /// Road nodes.
    pub nodes: NamedFile,
    /// Where units wait.
    pub stations: NamedFile,
    /// Where patients are taken.
    pub hospitals: NamedFile,
    /// Units and their stations.
    pub ambulances: NamedFile,
    /// Priorities with their targets.
    pub priorities: NamedFile,
    /// Modes of travel and which priority drives in which.
    pub travel: NamedFile,
    /// Corner and scale of the plane.
    pub map: NamedFile,
    /// Between which priorities a unit may be turned round; without it, as JEMSS does then,
    /// `highPriority` takes units from `medPriority` and `lowPriority`.
    pub redispatch: Option<NamedFile>,
}

/// A priority of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Priority {
    /// Its name, as tables refer to it.
    pub name: String,
    /// The longest response that is in time, days.
    pub target: f64,
}

/// A city, ready for any number of runs at once.
#[derive(Debug, Clone)]
pub struct FleetCity {
    pub(crate) plane: Plane,
    pub(crate) grid: Grid,
    /// By node: where it is on the plane, kilometres.
    points: Vec<[f64; 2]>,
    pub(crate) roads: Roads,
    /// By mode: labels, where a response may drive in it.
    labels: Vec<Option<Labels>>,
    /// By mode: kilometres a day on open ground.
    off_road_speed: Vec<f64>,
    /// The most urgent first.
    pub(crate) priorities: Vec<Priority>,
    /// In which mode they drive, by the time at which a trip starts; in order of time.
    travel_sets: Vec<TravelSet>,
    pub(crate) stations: Vec<Place>,
    pub(crate) hospitals: Vec<Place>,
    /// By unit: its station.
    pub(crate) units: Vec<usize>,
    pub(crate) diversions: Diversions,
    /// By mode and station: the way to it; of modes in which one drives there.
    toward: Vec<Vec<Toward>>,
    /// By mode and node: the nearest hospital, with the days to its door; of the same modes.
    nearest_hospital: Vec<Vec<(u32, f64)>>,
    n_cut_off: usize,
    /// When its crews work; `None` where they always do.
    pub(crate) staffing: Option<Staffing>,
}

/// The way from every node to one.
#[derive(Debug, Clone)]
struct Toward {
    days: Vec<f64>,
    /// By node: the arc to take; at the end itself none.
    arc: Vec<u32>,
}

/// Where a trip leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    Station(usize),
    Node(u32),
}

/// What queries of one run write on, by mode.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    /// The call that units are compared for.
    calls: Vec<Target>,
    /// Where a unit goes that is followed on its way.
    ways: Vec<Target>,
}

impl FleetCity {
    /// Reads a city and prepares its distances.
    ///
    /// Nodes that the first station cannot reach, or that cannot reach it, are left out when
    /// places are snapped: a call there could never be answered. [`Self::n_cut_off`] counts them.
    ///
    /// Costs some seconds for 50,000 nodes, and about a kilobyte a node and mode.
    pub fn read(files: &CityFiles) -> Result<Self, TableError> {
        let plane = Plane::read(&files.map)?;
        let nodes = Nodes::read(&files.nodes, &plane)?;
        let roads = Roads::read(&files.arcs, nodes.points.len())?;
        let travel = read_travel(&files.travel, roads.n_modes())?;
        let (priorities, travel_sets) = read_priorities(&files.priorities, &travel)?;
        let (station_points, hospital_points) = (
            read_points(&files.stations, "stations", &plane)?,
            read_points(&files.hospitals, "hospitals", &plane)?,
        );
        let (grid, n_cut_off) = snap_grid(&nodes, &roads, station_points[0]);
        let places = |points: &[[f64; 2]]| points.iter().map(|&at| grid.nearest(at)).collect();
        let (stations, hospitals): (Vec<Place>, Vec<Place>) =
            (places(&station_points), places(&hospital_points));
        let units = read_units(&files.ambulances, stations.len())?;
        let diversions = match &files.redispatch {
            Some(file) => read_diversions(file, &priorities)?,
            None => usual_diversions(&priorities),
        };
        let labels = labels_of(&roads, &nodes, &travel_sets);
        let is_calm = |mode: usize| travel_sets.iter().any(|set| set.calm == mode);
        let toward = |mode: usize| {
            let stations = stations.iter().filter(|_| is_calm(mode));
            stations.map(|station| Toward::new(&roads, mode, station.node)).collect()
        };
        let toward = (0..roads.n_modes()).map(toward).collect();
        let hospital = |mode: usize| {
            let leg = |km: f64| km / travel.off_road_speed[mode];
            if is_calm(mode) { nearest(&roads, mode, &hospitals, leg) } else { Vec::new() }
        };
        let nearest_hospital = (0..roads.n_modes()).map(hospital).collect();
        Ok(Self {
            plane,
            grid,
            points: nodes.points,
            roads,
            labels,
            off_road_speed: travel.off_road_speed,
            priorities,
            travel_sets,
            stations,
            hospitals,
            units,
            diversions,
            toward,
            nearest_hospital,
            n_cut_off,
            staffing: None,
        })
    }

    /// The priorities, the most urgent first.
    pub fn priorities(&self) -> &[Priority] {
        &self.priorities
    }

    /// How many units there are.
    pub fn n_units(&self) -> usize {
        self.units.len()
    }

    /// How many hospitals there are.
    pub fn n_hospitals(&self) -> usize {
        self.hospitals.len()
    }

    /// How many stations there are.
    pub fn n_stations(&self) -> usize {
        self.stations.len()
    }

    /// The same with crews that work as a file says.
    #[must_use]
    pub fn staffed(self, staffing: Staffing) -> Self {
        Self { staffing: Some(staffing), ..self }
    }

    /// Whether a file says when its crews work.
    pub fn is_staffed(&self) -> bool {
        self.staffing.is_some()
    }

    /// Kilometres of so many days of driving, where its crews' file says how fast that is.
    pub fn km(&self, days: f64) -> Option<f64> {
        Some(self.staffing.as_ref()?.range?.km(days * HOURS))
    }

    /// How many nodes that may be left for open ground are cut off from the first station.
    pub fn n_cut_off(&self) -> usize {
        self.n_cut_off
    }

    /// Entries of the labels that distances are read from, 12 bytes each.
    pub fn n_label_entries(&self) -> usize {
        self.labels.iter().flatten().map(Labels::n_entries).sum()
    }

    /// Where a place, `[longitude, latitude]`, meets the roads.
    pub(crate) fn snap(&self, degrees: [f64; 2]) -> Place {
        self.grid.nearest(self.plane.at(degrees))
    }

    pub(crate) fn scratch(&self) -> Scratch {
        let targets = vec![Target::default(); self.roads.n_modes()];
        Scratch { calls: targets.clone(), ways: targets }
    }

    /// The mode of a trip to a call that starts at a time; `priority` counts from 0.
    pub(crate) fn mode(&self, priority: usize, at: f64) -> usize {
        self.set_at(at).modes[priority]
    }

    /// The mode of a trip to a hospital or station.
    pub(crate) fn calm_mode(&self, at: f64) -> usize {
        self.set_at(at).calm
    }

    /// The set in force; before the first one, that one.
    fn set_at(&self, at: f64) -> &TravelSet {
        let n_begun = self.travel_sets.partition_point(|set| set.from <= at);
        &self.travel_sets[n_begun.saturating_sub(1)]
    }

    /// Days of a straight line on open ground.
    pub(crate) fn leg(&self, mode: usize, km: f64) -> f64 {
        km / self.off_road_speed[mode]
    }

    /// Kilometres of open ground in so many days.
    pub(crate) fn leg_km(&self, mode: usize, days: f64) -> f64 {
        days * self.off_road_speed[mode]
    }

    /// Days of what lies before the first node of a trip.
    pub(crate) fn lead_days(&self, mode: usize, lead: Lead) -> f64 {
        match lead {
            Lead::OffRoad { km } => self.leg(mode, km),
            Lead::Arc { arc, share } => share * self.roads.days(mode, arc),
        }
    }

    /// Days on roads to where a trip leads.
    pub(crate) fn days(&self, scratch: &mut Scratch, mode: usize, from: u32, goal: Goal) -> f64 {
        match goal {
            Goal::Station(station) => self.toward[mode][station].days[from as usize],
            Goal::Node(to) => {
                let (labels, target) = (self.labels(mode), &mut scratch.calls[mode]);
                labels.aim(target, to);
                labels.days(from, target)
            }
        }
    }

    /// By node: which of some nodes is nearest as the crow flies, of equals the first.
    pub(crate) fn nearest_of(&self, nodes: &[u32]) -> Vec<usize> {
        let square = |a: u32, b: u32| {
            let ([x, y], [to_x, to_y]) = (self.points[a as usize], self.points[b as usize]);
            (x - to_x).powi(2) + (y - to_y).powi(2)
        };
        let nearest = |node: u32| {
            let away = nodes.iter().map(|&to| square(node, to)).enumerate();
            let best = away.reduce(|best, next| if next.1 < best.1 { next } else { best });
            best.map_or(0, |(place, _)| place)
        };
        (0u32..).take(self.points.len()).map(nearest).collect()
    }

    /// Minutes from a heading to the door of a station, in the mode of such trips at that time.
    pub(crate) fn minutes_home(&self, at: f64, from: Heading, station: usize) -> f64 {
        let mode = self.calm_mode(at);
        let Place { off_road_km, .. } = self.stations[station];
        let lead = self.lead_days(mode, from.lead);
        let roads = self.toward[mode][station].days[from.node as usize];
        (lead + roads + self.leg(mode, off_road_km)) * MINUTES
    }

    fn labels(&self, mode: usize) -> &Labels {
        self.labels[mode].as_ref().expect("calls are driven to in a mode of response")
    }

    /// The arc that a trip takes from a node which is not its last, having come from another.
    pub(crate) fn next_arc(
        &self,
        scratch: &mut Scratch,
        mode: usize,
        [before, from]: [u32; 2],
        goal: Goal,
    ) -> u32 {
        let to = match goal {
            Goal::Station(station) => return self.toward[mode][station].arc[from as usize],
            Goal::Node(to) => to,
        };
        // No shortest path turns back, so between junctions there is one way on.
        let onward = |arc: &u32| self.roads.head(*arc) != before;
        let arcs = || self.roads.arcs_out(from).filter(onward);
        if let (Some(only), None) = (arcs().next(), arcs().nth(1)) {
            return only;
        }
        let (labels, target) = (self.labels(mode), &mut scratch.ways[mode]);
        labels.aim(target, to);
        let by = |arc: u32| self.roads.days(mode, arc) + labels.days(self.roads.head(arc), target);
        let ways = arcs().map(|arc| (arc, by(arc)));
        let best = ways.reduce(|best, next| if next.1 < best.1 { next } else { best });
        best.expect("a trip goes on from each node before its last").0
    }

    /// The hospital for a call at this node, and the days from the node to its door in a mode of
    /// trips to hospitals.
    pub(crate) fn hospital(&self, mode: usize, node: u32) -> (usize, f64) {
        let (hospital, days) = self.nearest_hospital[mode][node as usize];
        (hospital as usize, days)
    }
}

impl Toward {
    fn new(roads: &Roads, mode: usize, end: u32) -> Self {
        let days = from_one(roads.into(mode), end);
        let out = roads.out(mode);
        let arc = |node: u32| {
            let onward =
                out.range(node).map(|arc| (arc, out.days[arc] + days[out.ends[arc] as usize]));
            let best = onward.reduce(|best, next| if next.1 < best.1 { next } else { best });
            best.map_or(u32::MAX, |(arc, _)| u32::try_from(arc).expect("arcs fit 32 bits"))
        };
        Self { arc: (0u32..).take(roads.n_nodes()).map(arc).collect(), days }
    }
}

/// The nodes to snap to, and how many are left out because they are cut off.
fn snap_grid(nodes: &Nodes, roads: &Roads, hub: [f64; 2]) -> (Grid, usize) {
    let open = |node: &u32| nodes.has_access[*node as usize];
    let open: Vec<u32> = (0u32..).take(nodes.points.len()).filter(open).collect();
    let hub = Grid::new(&nodes.points, open.clone()).nearest(hub).node;
    let reach = |arcs: Arcs<'_>| from_one(arcs, hub);
    let (there, back) = (reach(roads.out(0)), reach(roads.into(0)));
    let is_joined = |node: &u32| (there[*node as usize] + back[*node as usize]).is_finite();
    let joined: Vec<u32> = open.iter().copied().filter(is_joined).collect();
    let n_cut_off = open.len() - joined.len();
    (Grid::new(&nodes.points, joined), n_cut_off)
}

fn labels_of(roads: &Roads, nodes: &Nodes, sets: &[TravelSet]) -> Vec<Option<Labels>> {
    let n_nodes = u32::try_from(roads.n_nodes()).expect("a city has fewer than 2^32 nodes");
    let edges = roads.ends();
    let sketch = Sketch { n_nodes, edges: &edges, points: &nodes.points, widths: &[] };
    let order = node_order(&sketch, &InTurn);
    let is_driven =
        |mode: usize| sets.iter().any(|set| set.calm == mode || set.modes.contains(&mode));
    let labels = |mode| is_driven(mode).then(|| Labels::build(roads, mode, &order));
    (0..roads.n_modes()).map(labels).collect()
}

/// By node: the nearest of `places` with the days to it, its off-road leg counted; of equals the
/// first.
fn nearest(
    roads: &Roads,
    mode: usize,
    places: &[Place],
    leg: impl Fn(f64) -> f64,
) -> Vec<(u32, f64)> {
    let mut best = vec![(0, f64::INFINITY); roads.n_nodes()];
    for (idx, place) in (0u32..).zip(places) {
        let leg = leg(place.off_road_km);
        for (best, days) in best.iter_mut().zip(from_one(roads.into(mode), place.node)) {
            if days + leg < best.1 {
                *best = (idx, days + leg);
            }
        }
    }
    best
}
