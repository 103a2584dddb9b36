//! The calls of a town's log through the fleet simulator and, as commands, through a centre.
//!
//! The fleet drives a matrix of the roads' own times. In both, units are back at their stations at
//! once or, where rules that move them are compared, before anything else happens: so the two differ
//! in nothing but who decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ems_centre::{Centre, CentreConfig};
use ems_dispatch::{Dispatch, Dmexclp, File, Reference, Relocation, Texts};
use ems_model::{
    Call as Told, Command, CrewId, Event, IncidentId, Millis, Outcome, Position, PostReason,
    Request, StationId, Timestamp, UnitId, UnitKind, UnitStep,
};
use ems_sim::{Answer, Call, CityFiles, FleetCity, FleetPolicy, NamedFile, Sending, run_fleet};

use crate::mirror::{Rules, patterns};
use crate::same_decisions::{TOWN, bare_texts};
use crate::simulate::{GRID, START};

const N_CALLS: usize = 120;
const N_UNITS: usize = 8;
/// How long calls take, and whether units drive to their stations or are there at once.
#[derive(Clone, Copy)]
struct Pace {
    on_scene: Millis,
    drives_home: bool,
}

const AT_ONCE: Pace = Pace { on_scene: Millis::from_mins(18), drives_home: false };
/// Four or five units are busy when the next call comes, two hours after the one before.
const DRIVEN: Pace = Pace { on_scene: Millis::from_mins(9 * 60), drives_home: true };
const N_DRIVEN: i64 = 60;
const DAY_MS: f64 = 86_400_000.0;

/// A call of the town's log.
#[derive(Clone)]
struct Logged {
    told: Told,
    rank: u8,
}

fn logged() -> Vec<Logged> {
    let town = TOWN.lock().unwrap();
    let received = town.log.iter().filter_map(|recorded| match &recorded.event {
        Event::CallReceived { call, suggested, .. } => {
            Some(Logged { told: call.clone(), rank: suggested.rank })
        }
        _ => None,
    });
    let mut calls: Vec<_> = received.collect();
    calls.sort_by_key(|call| call.told.rang_at);
    calls.truncate(N_CALLS);
    calls
}

/// The first of these calls, one at a time.
fn spaced(calls: Vec<Logged>) -> Vec<Logged> {
    let at = |(mut call, nth): (Logged, i64)| {
        call.told.rang_at = START + Millis::from_mins(120 * nth);
        call
    };
    calls.into_iter().zip(1..=N_DRIVEN).map(at).collect()
}

/// Stations, then scenes, as nodes; an arc from each to each with the roads' own time.
fn matrix_city(calls: &[Logged], pace: Pace) -> FleetCity {
    let stations = GRID.stations.iter().map(|station| station.position);
    let places: Vec<_> = stations.chain(calls.iter().map(|call| call.told.position)).collect();
    let snaps: Vec<_> = places.iter().map(|at| GRID.roads.snap(*at).unwrap()).collect();
    let n_stations = GRID.stations.len();
    let mut arcs = Vec::new();
    for (from, row) in GRID.roads.matrix(&snaps, &snaps).iter().enumerate() {
        for (to, time) in row.iter().enumerate().filter(|(to, _)| *to != from) {
            let days = |millis: f64| millis.max(0.001) / DAY_MS;
            let out = days(time.unwrap().as_secs_f64() * 1000.0);
            let at_once = if to < n_stations { days(0.0) } else { 1.0 };
            let home = if pace.drives_home { out } else { at_once };
            arcs.push(format!("{},{},{},{out},{home}\n", arcs.len() + 1, from + 1, to + 1));
        }
    }
    let arcs = arcs.concat();
    let nodes = (1..=places.len()).map(|n| format!("{n},{n},0,1\n")).collect::<Vec<_>>().concat();
    let stations = (1..=n_stations).map(|n| format!("{n},{n},0\n")).collect::<Vec<_>>().concat();
    let home = |unit| 1 + unit % n_stations;
    let units = (0..N_UNITS).map(|unit| format!("{},{},1\n", unit + 1, home(unit)));
    let file = |name: &str, text: String| NamedFile::new(name, text.as_bytes());
    let targets = [8.0, 12.0, 20.0, 60.0, 60.0].map(|mins| mins * 60_000.0 / DAY_MS);
    let priorities = (1..).zip(targets).map(|(rank, target)| format!("{rank},p{rank},{target}\n"));
    let modes = [1, 1, 1, 1, 2].into_iter().zip(1..);
    let modes =
        modes.map(|(mode, rank)| format!("1,p{rank},{mode}\n")).collect::<Vec<_>>().concat();
    let x_max = places.len();
    FleetCity::read(&CityFiles {
        arcs: file(
            "arcs",
            format!(
                "miscData,,\narcForm,numModes\ndirected,2\n\narcs,\n\
                 index,fromNode,toNode,mode_1,mode_2\n{arcs}"
            ),
        ),
        nodes: file("nodes", format!("nodes\nindex,x,y,offRoadAccess\n{nodes}")),
        stations: file("stations", format!("stations\nindex,x,y\n{stations}")),
        hospitals: file("hospitals", "hospitals\nindex,x,y\n1,1,0\n".into()),
        ambulances: file(
            "ambulances",
            format!("ambulances\nindex,stationIndex,class\n{}", units.collect::<Vec<_>>().concat()),
        ),
        priorities: file(
            "priorities",
            format!(
                "priorities\npriority,name,targetResponseTime\n{}",
                priorities.collect::<Vec<_>>().concat()
            ),
        ),
        travel: file(
            "travel",
            format!(
                "travelModes\ntravelModeIndex,offRoadSpeed\n1,1000\n2,1000\n\n\
                 travelSets\ntravelSetIndex,priority,travelModeIndex\n{modes}\n\
                 travelSetsTiming\nstartTime,travelSetIndex\n0,1\n"
            ),
        ),
        map: file(
            "map",
            format!("map\nxMin,xMax,yMin,yMax,xScale,yScale\n0,{x_max},0,{x_max},1,1\n"),
        ),
        redispatch: None,
    })
    .unwrap()
}

/// Which unit the fleet simulator sends to each call, and which of them had to wait.
fn by_fleet(calls: &[Logged], dispatch: Dispatch) -> (Vec<usize>, usize) {
    let dmexclp = Dmexclp::new(patterns(&GRID, Millis::from_mins(8)), 0.4, N_UNITS).unwrap();
    let policy = FleetPolicy {
        dispatch: Sending::Rule(dispatch),
        relocation: Relocation::Dmexclp(dmexclp),
        exchange: None,
        move_pause_min: 0.0,
    };
    under(calls, policy, AT_ONCE)
}

fn under(calls: &[Logged], policy: FleetPolicy, pace: Pace) -> (Vec<usize>, usize) {
    let city = matrix_city(calls, pace);
    let first_scene = GRID.stations.len() + 1;
    let days = |span: Millis| span.as_secs_f64() * 1000.0 / DAY_MS;
    let of = |(idx, call): (usize, &Logged)| Call {
        index: idx as u64,
        rank: call.rank,
        degrees: [f64::from(u32::try_from(first_scene + idx).unwrap()), 0.0],
        arrival: days(call.told.rang_at.since(START)),
        dispatch_delay: 0.0,
        on_scene: days(pace.on_scene),
        handover: None,
        hospital: None,
    };
    let mut units = vec![None; calls.len()];
    let mut n_queued = 0;
    let mut keep = |answer: Answer| {
        n_queued += usize::from(answer.was_queued);
        units[usize::try_from(answer.call.index).unwrap()] = Some(answer.unit);
    };
    run_fleet(&city, policy, calls.iter().enumerate().map(of), &mut keep);
    (units.into_iter().map(Option::unwrap).collect(), n_queued)
}

/// A unit or a call's next moment in the centre's service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Free(UnitId, IncidentId),
    Rings(usize),
    Arrives(UnitId, IncidentId),
    Stands(UnitId, StationId),
}

/// A centre whose crews do at once what the fleet simulator's do.
struct Service<'a> {
    centre: Centre,
    calls: &'a [Logged],
    now: Timestamp,
    agenda: BTreeSet<(Timestamp, Next)>,
    /// By rank and arrival.
    waiting: BTreeSet<(u8, usize, IncidentId)>,
    call_of: BTreeMap<IncidentId, usize>,
    sent: Vec<Option<UnitId>>,
    n_commands: usize,
    pace: Pace,
    n_moved: usize,
}

impl<'a> Service<'a> {
    /// Under a policy that neither turns units round nor exchanges them.
    fn new(calls: &'a [Logged], policy: &str, pace: Pace) -> Self {
        let texts = bare_texts();
        let name = format!("name = \"{policy}\"");
        let bare = texts.iter().find(|(_, text)| text.contains(&name)).unwrap();
        let text = bare.1.replace("to = [1]", "to = []").replace("[exchange]\ngain_s = 60\n", "");
        let policies = vec![File { name: policy, text: &text }];
        let texts = Texts { policies, ..Texts::standard() };
        let reference = Arc::new(Reference::parse(&texts, "china").unwrap());
        let centre = Centre::new(CentreConfig { reference }, Arc::clone(&GRID));
        let rings = calls.iter().enumerate();
        let agenda = rings.map(|(idx, call)| (call.told.rang_at, Next::Rings(idx))).collect();
        let sent = vec![None; calls.len()];
        let (waiting, call_of) = (BTreeSet::new(), BTreeMap::new());
        let (now, n_commands, n_moved) = (START, 0, 0);
        let mut service =
            Self { centre, calls, now, agenda, waiting, call_of, sent, n_commands, pace, n_moved };
        for unit in 0..N_UNITS {
            service.sign_on(unit);
        }
        service
    }

    fn sign_on(&mut self, unit: usize) {
        let station = &GRID.stations[unit % GRID.stations.len()];
        self.give(Command::SignOnUnit {
            unit: call_sign(unit),
            kind: UnitKind::Physician,
            home: station.position,
            station: Some(station.id.clone()),
            crew: CrewId::new(&format!("c{unit}")).unwrap(),
            shift_until: START + Millis::from_mins(30 * 24 * 60),
        });
    }

    fn give(&mut self, command: Command) -> Vec<Event> {
        self.n_commands += 1;
        let (key, actor) = (format!("k{}", self.n_commands), "dispatcher:li".to_owned());
        let done = self.centre.handle(self.now, &Request { key, actor, command }).unwrap();
        let events: Vec<_> = done.events.into_iter().map(|recorded| recorded.event).collect();
        if self.pace.drives_home {
            for event in &events {
                self.drive_home(event);
            }
        }
        events
    }

    /// A unit that is told where to wait drives there; who was told before turns there.
    fn drive_home(&mut self, event: &Event) {
        let Event::UnitPosted { unit, station, reasons, .. } = event else { return };
        let moved = |reason: &PostReason| matches!(reason, PostReason::Moved { .. });
        self.n_moved += usize::from(reasons.iter().any(moved));
        self.agenda.retain(|(_, next)| !matches!(next, Next::Stands(it, _) if it == unit));
        let [from, to] = [self.place_of(unit), position_of(station)]
            .map(|position| GRID.roads.snap(position).unwrap());
        let at = self.now + GRID.roads.time(&from, &to).unwrap();
        self.agenda.insert((at, Next::Stands(unit.clone(), station.clone())));
    }

    fn place_of(&self, unit: &UnitId) -> Position {
        let home = self.centre.ledger().unit(unit).unwrap().unit.home;
        self.centre.fix(unit).map_or(home, |fix| fix.position)
    }

    fn step(&mut self, unit: &UnitId, incident: IncidentId, step: UnitStep) -> Vec<Event> {
        let (unit, at) = (unit.clone(), self.now);
        self.give(Command::StepUnit { unit, incident, step, at })
    }

    /// The unit stands there from now on.
    fn stands(&mut self, unit: &UnitId, position: Position) {
        self.centre.on_position(self.now, unit, self.now, position).unwrap();
    }

    /// Who was sent to each call, and how many moves idle units made.
    fn run(mut self) -> (Vec<UnitId>, usize) {
        while let Some((at, next)) = self.agenda.pop_first() {
            self.now = at;
            match next {
                Next::Rings(idx) => self.take_call(idx),
                Next::Arrives(unit, incident) => {
                    self.stands(&unit, self.calls[self.call_of[&incident]].told.position);
                    self.step(&unit, incident, UnitStep::ArriveOnScene);
                    self.agenda.insert((at + self.pace.on_scene, Next::Free(unit, incident)));
                }
                Next::Free(unit, incident) => self.free(&unit, incident),
                Next::Stands(unit, station) => self.stands(&unit, position_of(&station)),
            }
        }
        (self.sent.into_iter().map(Option::unwrap).collect(), self.n_moved)
    }

    fn take_call(&mut self, idx: usize) {
        let Logged { told, rank } = self.calls[idx].clone();
        let call = Told { answered_at: None, ..told };
        let events = self.give(Command::TakeCall { call, priority: None });
        let incident = events[0].incident().unwrap();
        let priority = ["I", "II", "III", "IV"][usize::from(rank) - 1].to_owned();
        let reason = Some("as the log has it".to_owned());
        self.give(Command::Triage { incident, expected_version: None, priority, reason });
        self.call_of.insert(incident, idx);
        self.consider(idx, incident);
    }

    fn consider(&mut self, idx: usize, incident: IncidentId) {
        let ranked = self.centre.recommend(self.now, incident).unwrap().units;
        let Some(best) = ranked.first().filter(|best| best.is_eligible) else {
            self.waiting.insert((self.calls[idx].rank, idx, incident));
            return;
        };
        let (unit, eta) = (best.unit.clone(), best.eta.unwrap());
        let overrule = None;
        let assign = Command::AssignUnit { incident, expected_version: None, unit, overrule };
        self.give(assign);
        let unit = best.unit.clone();
        self.step(&unit, incident, UnitStep::GoEnRoute);
        self.sent[idx] = Some(unit.clone());
        self.agenda.insert((self.now + eta, Next::Arrives(unit, incident)));
    }

    fn free(&mut self, unit: &UnitId, incident: IncidentId) {
        self.give(Command::CloseIncident { incident, outcome: Outcome::TreatedOnScene });
        let events = self.step(unit, incident, UnitStep::ReturnToService);
        if self.pace.drives_home {
            return assert!(self.waiting.is_empty(), "calls come one at a time");
        }
        let Some(Event::UnitPosted { station, .. }) = events.last() else { panic!("{events:?}") };
        if let Some((_, idx, next)) = self.waiting.pop_first() {
            return self.consider(idx, next);
        }
        let position = position_of(station);
        self.now = self.now + Millis::new(1);
        self.stands(unit, position);
    }
}

fn call_sign(unit: usize) -> UnitId {
    UnitId::new(&format!("A{}", 101 + unit)).unwrap()
}

fn position_of(id: &StationId) -> Position {
    GRID.stations.iter().find(|station| station.id == *id).unwrap().position
}

#[test]
fn the_calls_of_a_log_get_the_same_units_from_the_fleet_simulator_and_from_a_centre() {
    let calls = logged();
    let (fleet, n_queued) = by_fleet(&calls, Dispatch::LeastCoverLost);
    let (centre, _) = Service::new(&calls, "keep-cover/1", AT_ONCE).run();
    let same = fleet.iter().zip(&centre).filter(|(unit, sent)| call_sign(**unit) == **sent);
    assert_eq!((same.count(), calls.len()), (N_CALLS, N_CALLS));
    assert!(n_queued > 0, "else nobody ever waited for a unit");
    let (closest, _) = by_fleet(&calls, Dispatch::ClosestUnit);
    let n_otherwise = fleet.iter().zip(&closest).filter(|(a, b)| a != b).count();
    assert!(n_otherwise > N_CALLS / 10, "another rule would be seen: {n_otherwise}");
}

#[test]
fn units_that_are_moved_go_to_the_same_calls_from_the_fleet_simulator_and_from_a_centre() {
    let calls = spaced(logged());
    let rules = Rules::new(&GRID, N_UNITS);
    let by_fleet = |policy: &str| {
        let policy = FleetPolicy { exchange: None, ..rules.of(policy) };
        under(&calls, policy, DRIVEN).0
    };
    let unmoved = by_fleet("closest-eta/3");
    for (policy, n_moved_min) in [
        ("nested-compliance/1", 20),
        ("multi-compliance/1", 20),
        ("redeploy/1", 1),
        ("double-standard/1", 1),
        ("dmexclp/1", 0),
        ("priority-list/1", 0),
    ] {
        let fleet: Vec<_> = by_fleet(policy);
        let (centre, n_moved) = Service::new(&calls, policy, DRIVEN).run();
        assert_eq!(fleet.iter().copied().map(call_sign).collect::<Vec<_>>(), centre, "{policy}");
        assert!(n_moved >= n_moved_min, "{policy}: {n_moved} moves");
        let n_otherwise = fleet.iter().zip(&unmoved).filter(|(a, b)| a != b).count();
        assert!(n_otherwise > calls.len() / 10, "{policy} is like none: {n_otherwise}");
    }
}
