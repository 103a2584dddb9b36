//! A fleet by the letter of the rules, as slow as may be: every unit is looked at for every call,
//! every node by every search, every event found by looking at all. It reads a city's files by itself
//! and shares nothing with the code that it checks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use ems_sim::{CityFiles, NamedFile};

/// A call with what became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlowCall {
    pub(crate) index: u64,
    pub(crate) rank: usize,
    pub(crate) at: [f64; 2],
    pub(crate) arrival: f64,
    pub(crate) delay: f64,
    pub(crate) on_scene: f64,
    pub(crate) handover: Option<f64>,
    /// The hospital, where it is decided beforehand.
    pub(crate) decided: Option<usize>,
    /// Response in days, unit, hospital, queued, bumps.
    pub(crate) answer: Option<(f64, usize, Option<usize>, bool, u32)>,
    pub(crate) queued: bool,
    pub(crate) bumps: u32,
}

/// Demand with, for each station, whether it covers it; and the share of time that a unit is busy.
pub(crate) struct SlowCover {
    pub(crate) demand: Vec<(f64, Vec<bool>)>,
    pub(crate) busy: f64,
}

pub(crate) struct SlowCity {
    points: Vec<[f64; 2]>,
    open: Vec<bool>,
    /// By node: tails of arcs that lead to it, with the days of each mode.
    into: Vec<BTreeMap<usize, Vec<f64>>>,
    off_speed: Vec<f64>,
    pub(crate) stations: Vec<Spot>,
    hospitals: Vec<Spot>,
    units: Vec<usize>,
    /// By rank: the mode that it is driven to in.
    modes: Vec<usize>,
    calm: usize,
    bumps: Vec<(usize, usize)>,
    frame: [f64; 4],
    /// By mode and node: what has been searched for.
    found: RefCell<BTreeMap<(usize, usize), Rc<Ways>>>,
}

/// By node: days to one node, and the node after it on the way.
type Ways = Vec<(f64, usize)>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    node: usize,
    km: f64,
}

/// A stretch of a way: an arc, or open ground beside a node.
#[derive(Debug, Clone, Copy)]
enum Stretch {
    Arc(usize, usize),
    Out(Spot),
    Back(Spot),
}

#[derive(Debug, Clone)]
struct Leg {
    stretch: Stretch,
    /// The share of the stretch that is left at its start.
    share: f64,
    from: f64,
    to: f64,
}

#[derive(Debug, Clone)]
enum Doing {
    Waiting,
    Home(Vec<Leg>),
    ToCall(usize, Vec<Leg>),
    OnScene(usize, f64),
    ToHospital(usize, usize, f64),
    AtHospital(usize, f64),
}

impl Doing {
    fn until(&self) -> f64 {
        match self {
            Self::Waiting => f64::INFINITY,
            Self::Home(legs) | Self::ToCall(_, legs) => legs.last().unwrap().to,
            Self::OnScene(_, at) | Self::ToHospital(_, _, at) | Self::AtHospital(_, at) => *at,
        }
    }
}

/// Calls of a file that JEMSS reads.
pub(crate) fn read_slowly(file: &NamedFile) -> Vec<SlowCall> {
    let call = |row: &BTreeMap<String, String>| {
        let either = |name: &str, before: &str| {
            if row.contains_key(name) { name.to_owned() } else { before.to_owned() }
        };
        let is_taken = flag(row, &either("transport", "transfer"));
        let stays = number(row, &either("handoverDuration", "transferDuration"));
        let is_decided = is_taken && number(row, "hospitalIndex") > 0.0;
        SlowCall {
            index: place(row, "index") as u64 + 1,
            rank: place(row, "priority"),
            at: [number(row, "x"), number(row, "y")],
            arrival: number(row, "arrivalTime"),
            delay: number(row, "dispatchDelay"),
            on_scene: number(row, "onSceneDuration"),
            handover: is_taken.then_some(stays),
            decided: is_decided.then(|| place(row, "hospitalIndex")),
            ..SlowCall::default()
        }
    };
    rows(file, "calls").iter().map(call).collect()
}

/// The rows of a table, by column.
pub(crate) fn rows(file: &NamedFile, table: &str) -> Vec<BTreeMap<String, String>> {
    let cells = |line: &str| -> Vec<String> {
        line.split(',').map(|cell| cell.trim().trim_matches('"').to_owned()).collect()
    };
    let mut lines = file.text.lines().skip_while(|line| cells(line)[0] != table).skip(1);
    let header = cells(lines.next().unwrap());
    let rows = lines.take_while(|line| !cells(line)[0].is_empty());
    rows.map(|line| header.iter().cloned().zip(cells(line)).collect()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small indices")]
fn place(row: &BTreeMap<String, String>, column: &str) -> usize {
    number(row, column) as usize - 1
}

fn flag(row: &BTreeMap<String, String>, column: &str) -> bool {
    ["1", "1.0", "true"].contains(&row[column].to_lowercase().as_str())
}

impl SlowCity {
    pub(crate) fn read(files: &CityFiles) -> Self {
        let map = &rows(&files.map, "map")[0];
        let frame = ["xMin", "yMin", "xScale", "yScale"].map(|name| number(map, name));
        let nodes = rows(&files.nodes, "nodes");
        let points = nodes.iter().map(|row| on_plane(frame, [number(row, "x"), number(row, "y")]));
        let open =
            |row: &BTreeMap<_, _>| !row.contains_key("offRoadAccess") || flag(row, "offRoadAccess");
        let travel = &files.travel;
        let speeds = rows(travel, "travelModes");
        let priorities = rows(&files.priorities, "priorities");
        let mode_of = |name: &str| {
            let sets = rows(travel, "travelSets");
            place(sets.iter().find(|row| row["priority"] == name).unwrap(), "travelModeIndex")
        };
        let driven_as = |row: &BTreeMap<String, String>| {
            row.get("responseTravelPriority").unwrap_or(&row["name"]).clone()
        };
        let names: Vec<_> = priorities.iter().map(|row| row["name"].clone()).collect();
        let rank = |name: &String| names.iter().position(|own| own == name).unwrap();
        let bumps = files.redispatch.iter().flat_map(|file| {
            let is_on = flag(&rows(file, "miscData")[0], "allowRedispatch");
            let rows = rows(file, "redispatchConditions").into_iter();
            let on = rows.filter(move |row| is_on && flag(row, "allowRedispatch"));
            on.map(|row| (rank(&row["fromCallPriority"]), rank(&row["toCallPriority"])))
        });
        let sets = rows(travel, "travelSets");
        let is_low = sets.iter().any(|row| row["priority"] == "lowPriority");
        let calm = if is_low { "lowPriority" } else { names.last().unwrap() };
        let mut city = Self {
            points: points.collect(),
            open: nodes.iter().map(open).collect(),
            into: vec![BTreeMap::new(); nodes.len()],
            off_speed: speeds.iter().map(|row| number(row, "offRoadSpeed")).collect(),
            stations: Vec::new(),
            hospitals: Vec::new(),
            units: rows(&files.ambulances, "ambulances")
                .iter()
                .map(|row| place(row, "stationIndex"))
                .collect(),
            modes: priorities.iter().map(|row| mode_of(&driven_as(row))).collect(),
            calm: mode_of(calm),
            bumps: bumps.collect(),
            frame,
            found: RefCell::default(),
        };
        city.add_arcs(&files.arcs);
        let spots = |file, table| {
            let rows = rows(file, table);
            rows.iter().map(|row| city.spot([number(row, "x"), number(row, "y")])).collect()
        };
        let stations = spots(&files.stations, "stations");
        city.hospitals = spots(&files.hospitals, "hospitals");
        city.stations = stations;
        city
    }

    fn add_arcs(&mut self, file: &NamedFile) {
        let is_twin = rows(file, "miscData")[0]["arcForm"] == "undirected";
        let n_modes = self.off_speed.len();
        for row in rows(file, "arcs") {
            let ends = [place(&row, "fromNode"), place(&row, "toNode")];
            let days = (1..=n_modes).map(|mode| number(&row, &format!("mode_{mode}")));
            let days: Vec<f64> = days.collect();
            let twin = is_twin.then_some([ends[1], ends[0]]);
            for [tail, head] in [Some(ends), twin].into_iter().flatten() {
                let fastest = self.into[head].entry(tail).or_insert_with(|| days.clone());
                fastest.iter_mut().zip(&days).for_each(|(a, b)| *a = a.min(*b));
            }
        }
    }

    /// The nearest node that may be left, of equals the first.
    pub(crate) fn spot(&self, degrees: [f64; 2]) -> Spot {
        let at = on_plane(self.frame, degrees);
        let km = |node: usize| (self.points[node][0] - at[0]).hypot(self.points[node][1] - at[1]);
        let open = (0..self.points.len()).filter(|&node| self.open[node]);
        let node = open.reduce(|a, b| if km(b) < km(a) { b } else { a }).unwrap();
        Spot { node, km: km(node) }
    }

    fn days(&self, mode: usize, arc: (usize, usize)) -> f64 {
        self.into[arc.1][&arc.0][mode]
    }

    fn toward(&self, mode: usize, to: usize) -> Rc<Ways> {
        let found = self.found.borrow().get(&(mode, to)).cloned();
        found.unwrap_or_else(|| {
            let ways = Rc::new(self.search(mode, to));
            self.found.borrow_mut().insert((mode, to), Rc::clone(&ways));
            ways
        })
    }

    fn search(&self, mode: usize, to: usize) -> Ways {
        let mut best = vec![(f64::INFINITY, usize::MAX); self.points.len()];
        best[to].0 = 0.0;
        // Bits of numbers that are not negative order as the numbers do.
        let mut next = BinaryHeap::from([(std::cmp::Reverse(0u64), to)]);
        while let Some((std::cmp::Reverse(bits), node)) = next.pop() {
            let days = f64::from_bits(bits);
            if days > best[node].0 {
                continue;
            }
            for (&tail, by_mode) in &self.into[node] {
                let longer = days + by_mode[mode];
                if longer < best[tail].0 {
                    best[tail] = (longer, node);
                    next.push((std::cmp::Reverse(longer.to_bits()), tail));
                }
            }
        }
        best
    }

    /// Days from a station's door to a place, in the mode of a rank.
    pub(crate) fn cover_days(&self, rank: usize, place: Spot) -> Vec<f64> {
        let mode = self.modes[rank];
        let roads = self.toward(mode, place.node);
        let days = |spot: &Spot| (spot.km + place.km) / self.off_speed[mode] + roads[spot.node].0;
        self.stations.iter().map(days).collect()
    }
}

fn on_plane([x, y, x_scale, y_scale]: [f64; 4], at: [f64; 2]) -> [f64; 2] {
    [(at[0] - x) * x_scale, (at[1] - y) * y_scale]
}

struct SlowFleet<'a> {
    city: &'a SlowCity,
    cover: Option<&'a SlowCover>,
    calls: Vec<SlowCall>,
    doing: Vec<Doing>,
    /// By unit: the station that it waits at or goes to.
    posts: Vec<usize>,
    waiting: Vec<usize>,
}

/// Answers every call.
pub(crate) fn run_slowly(
    city: &SlowCity,
    cover: Option<&SlowCover>,
    mut calls: Vec<SlowCall>,
) -> Vec<SlowCall> {
    calls.sort_by(|a, b| (a.arrival + a.delay).total_cmp(&(b.arrival + b.delay)));
    let doing = vec![Doing::Waiting; city.units.len()];
    let posts = city.units.clone();
    let mut fleet = SlowFleet { city, cover, calls, doing, posts, waiting: Vec::new() };
    let mut next_call = 0;
    loop {
        let due = fleet.calls.get(next_call).map(|call| call.arrival + call.delay);
        let until = |unit: &usize| fleet.doing[*unit].until();
        let first = (0..fleet.doing.len()).reduce(|a, b| if until(&b) < until(&a) { b } else { a });
        let first = first.unwrap();
        let at = until(&first);
        match due {
            Some(due) if due <= at => {
                fleet.consider(next_call, due);
                next_call += 1;
            }
            _ if at.is_finite() => fleet.step(first, at),
            _ => return fleet.calls,
        }
    }
}

impl SlowFleet<'_> {
    fn consider(&mut self, call: usize, now: f64) {
        let place = self.city.spot(self.calls[call].at);
        let rank = self.calls[call].rank;
        let mode = self.city.modes[rank];
        let roads = self.city.toward(mode, place.node);
        let days = |unit: usize| {
            let (node, lead) = self.next_node(unit, mode, now);
            lead + roads[node].0 + place.km / self.city.off_speed[mode]
        };
        let may = (0..self.doing.len()).filter(|&unit| self.may_be_sent(unit, rank));
        let Some(unit) = may.reduce(|a, b| if days(b) < days(a) { b } else { a }) else {
            self.calls[call].queued = true;
            return self.waiting.push(call);
        };
        let bumped = match self.doing[unit] {
            Doing::ToCall(bumped, _) => Some(bumped),
            _ => None,
        };
        self.send(unit, call, now);
        if let Some(bumped) = bumped {
            self.calls[bumped].bumps += 1;
            self.consider(bumped, now);
        }
    }

    fn may_be_sent(&self, unit: usize, rank: usize) -> bool {
        match &self.doing[unit] {
            Doing::Waiting | Doing::Home(_) => true,
            Doing::ToCall(call, _) => self.city.bumps.contains(&(self.calls[*call].rank, rank)),
            _ => false,
        }
    }

    /// The node from which a unit goes on, and the days until it is there in a mode.
    fn next_node(&self, unit: usize, mode: usize, now: f64) -> (usize, f64) {
        let leg = self.lead(unit, now);
        self.city.measure(&leg, mode)
    }

    /// What lies before a unit's next node.
    fn lead(&self, unit: usize, now: f64) -> (Stretch, f64) {
        let rest = |spot: Spot| (Stretch::Out(spot), 1.0);
        match &self.doing[unit] {
            Doing::Waiting => rest(self.city.stations[self.posts[unit]]),
            Doing::OnScene(call, _) | Doing::ToHospital(call, ..) => {
                rest(self.city.spot(self.calls[*call].at))
            }
            Doing::AtHospital(hospital, _) => rest(self.city.hospitals[*hospital]),
            Doing::Home(legs) | Doing::ToCall(_, legs) => {
                let leg = legs.iter().find(|leg| now <= leg.to).unwrap();
                let left = leg.share * (leg.to - now) / (leg.to - leg.from).max(1e-300);
                match leg.stretch {
                    Stretch::Back(spot) => (Stretch::Out(spot), 1.0 - left),
                    stretch => (stretch, left),
                }
            }
        }
    }

    fn send(&mut self, unit: usize, call: usize, now: f64) {
        let (place, mode) =
            (self.city.spot(self.calls[call].at), self.city.modes[self.calls[call].rank]);
        let way = self.city.way(self.lead(unit, now), mode, place, now);
        self.doing[unit] = Doing::ToCall(call, way);
    }

    fn step(&mut self, unit: usize, now: f64) {
        match self.doing[unit].clone() {
            Doing::Waiting => {}
            Doing::Home(_) => self.doing[unit] = Doing::Waiting,
            Doing::ToCall(call, _) => {
                let own = &self.calls[call];
                let hospital = own.handover.map(|_| self.city.hospital(own).0);
                let answer = (now - own.arrival, unit, hospital, own.queued, own.bumps);
                let own = &mut self.calls[call];
                own.answer = Some(answer);
                self.doing[unit] = Doing::OnScene(call, now + own.on_scene);
            }
            Doing::OnScene(call, _) if self.calls[call].handover.is_some() => {
                let (hospital, days) = self.city.hospital(&self.calls[call]);
                self.doing[unit] = Doing::ToHospital(call, hospital, now + days);
            }
            Doing::ToHospital(call, hospital, _) => {
                let stays = self.calls[call].handover.unwrap();
                self.doing[unit] = Doing::AtHospital(hospital, now + stays);
            }
            Doing::OnScene(..) | Doing::AtHospital(..) => self.free(unit, now),
        }
    }

    fn free(&mut self, unit: usize, now: f64) {
        let key = |call: usize| (self.calls[call].rank, self.calls[call].arrival);
        let first = self.waiting.iter().copied().reduce(|a, b| if key(b) < key(a) { b } else { a });
        if let Some(call) = first {
            self.waiting.retain(|&other| other != call);
            return self.send(unit, call, now);
        }
        let station = self.cover.map_or(self.city.units[unit], |cover| self.best(unit, cover));
        let lead = self.lead(unit, now);
        self.posts[unit] = station;
        let way = self.city.way(lead, self.city.calm, self.city.stations[station], now);
        self.doing[unit] = Doing::Home(way);
    }

    /// The station where a unit adds most expected cover.
    fn best(&self, unit: usize, cover: &SlowCover) -> usize {
        let free = |other: &usize| matches!(self.doing[*other], Doing::Waiting | Doing::Home(_));
        let others = (0..self.doing.len()).filter(|&other| other != unit).filter(free);
        let posts: Vec<usize> = others.map(|other| self.posts[other]).collect();
        let gain = |station: usize| -> f64 {
            let of = cover.demand.iter().filter(|(_, covers)| covers[station]);
            let marginal = |(demand, covers): &(f64, Vec<bool>)| {
                let k = posts.iter().filter(|&&post| covers[post]).count();
                demand * (1.0 - cover.busy) * cover.busy.powi(i32::try_from(k).unwrap())
            };
            of.map(marginal).sum()
        };
        let gains: Vec<f64> = (0..self.city.stations.len()).map(gain).collect();
        // Sums of the same numbers in another order differ in their last digits.
        let most = gains.iter().copied().fold(0.0, f64::max);
        gains.iter().position(|gain| *gain >= most * (1.0 - 1e-12)).unwrap()
    }
}

impl SlowCity {
    fn measure(&self, (stretch, share): &(Stretch, f64), mode: usize) -> (usize, f64) {
        match *stretch {
            Stretch::Arc(tail, head) => (head, share * self.days(mode, (tail, head))),
            Stretch::Out(spot) | Stretch::Back(spot) => {
                (spot.node, share * spot.km / self.off_speed[mode])
            }
        }
    }

    fn way(&self, lead: (Stretch, f64), mode: usize, to: Spot, now: f64) -> Vec<Leg> {
        let roads = self.toward(mode, to.node);
        let (mut node, days) = self.measure(&lead, mode);
        let mut at = now + days;
        let mut legs = vec![Leg { stretch: lead.0, share: lead.1, from: now, to: at }];
        while node != to.node {
            let next = roads[node].1;
            let until = at + self.days(mode, (node, next));
            legs.push(Leg { stretch: Stretch::Arc(node, next), share: 1.0, from: at, to: until });
            (node, at) = (next, until);
        }
        let until = at + to.km / self.off_speed[mode];
        legs.push(Leg { stretch: Stretch::Back(to), share: 1.0, from: at, to: until });
        legs
    }

    /// The hospital of a call, and the days from there to its door.
    fn hospital(&self, call: &SlowCall) -> (usize, f64) {
        let (from, speed) = (self.spot(call.at), self.off_speed[self.calm]);
        let days = |hospital: &Spot| {
            self.toward(self.calm, hospital.node)[from.node].0 + hospital.km / speed
        };
        let all = self.hospitals.iter().map(days).enumerate();
        let all = all.filter(|(at, _)| call.decided.is_none_or(|decided| decided == *at));
        let best = all.reduce(|a, b| if b.1 < a.1 { b } else { a }).unwrap();
        (best.0, from.km / speed + best.1)
    }
}
