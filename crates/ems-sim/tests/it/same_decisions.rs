//! The live centre and the fleet simulator decide alike on the same log.
//!
//! A town lives through a day while its policy is switched twice. Its log is then read by what the
//! fleet simulator decides with: its errands, its diversions, its candidates, its rules of dispatch
//! and relocation, over drives from the roads and cover counted anew. Each unit that was sent, and
//! each station that a freed unit was sent to, must be the one that those choose.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use ems_centre::{CentreConfig, City as Pack};
use ems_dispatch::{
    CoverPatterns, Dispatch, Diversions, Dmexclp, Errand, File, Reference, Relocation, Texts,
};
use ems_model::{
    Command, Event, IncidentId, Millis, Phase, Position, Recorded, StationId, Timestamp, UnitId,
    UnitStep,
};
use ems_sim::{CallSource, CityPlan, FleetPolicy, Sending};

use crate::simulate::{GRID, START};
use crate::town::Town;

/// The shipped policies as the fleet simulator knows them: without turning out and penalties.
pub(crate) fn bare_texts() -> Vec<(String, String)> {
    let bare = |file: &File<'_>| {
        let (head, units) = file.text.split_once("[units]").unwrap();
        let (units, hospitals) = units.split_once("[hospitals]").unwrap();
        let lines = units.lines().map(|line| match line.split_once("_s = ") {
            Some((key, _)) => format!("{key}_s = 0"),
            None => line.to_owned(),
        });
        let units = lines.collect::<Vec<_>>().join("\n");
        let text = format!("{head}[units]{units}\n[hospitals]{hospitals}");
        (file.name.to_owned(), text)
    };
    Texts::standard().policies.iter().map(bare).collect()
}

fn config() -> CentreConfig {
    let texts = bare_texts();
    let policies = texts.iter().map(|(name, text)| File { name, text }).collect();
    let reference = Reference::parse(&Texts { policies, ..Texts::standard() }, "china").unwrap();
    CentreConfig { reference: Arc::new(reference) }
}

/// A day of eighteen units, each third under another policy.
pub(crate) static TOWN: LazyLock<Mutex<Town>> = LazyLock::new(|| {
    let mut plan = CityPlan::new(11, START);
    plan.n_units = 18;
    plan.has_ecg = false;
    plan.calls = CallSource::Poisson { per_hour: Some(14.0) };
    let mut town = Town::under(config(), plan, &GRID);
    for (hour, policy) in [(8, "keep-cover/1"), (16, "urgent-first/1")] {
        town.live(START + Millis::from_mins(60 * hour), |_| false);
        let (policy, reason) = (policy.to_owned(), "to compare".to_owned());
        town.order(Command::SwitchPolicy { policy, reason });
    }
    town.live(START + Millis::from_mins(60 * 24), |_| false);
    Mutex::new(town)
});

/// What the fleet simulator is told: each policy's rules.
fn fleet_rules(name: &str, patterns: &Arc<CoverPatterns>) -> FleetPolicy {
    let dmexclp = || Dmexclp::new(Arc::clone(patterns), 0.4, 100).unwrap();
    match name {
        "closest-eta/3" | "urgent-first/1" => FleetPolicy {
            dispatch: Sending::Rule(Dispatch::ClosestUnit),
            relocation: Relocation::OwnStation,
            exchange: None,
        },
        "keep-cover/1" => FleetPolicy {
            dispatch: Sending::Rule(Dispatch::LeastCoverLost),
            relocation: Relocation::Dmexclp(dmexclp()),
            exchange: None,
        },
        other => panic!("{other}"),
    }
}

fn fleet_diversions(name: &str) -> Diversions {
    let mut diversions = Diversions::default();
    if name != "closest-eta/3" {
        diversions.allow(3, 1).unwrap();
        diversions.allow(4, 1).unwrap();
    }
    diversions
}

/// 500 places along the streets, each reached from stations within eight minutes.
pub(crate) fn patterns(pack: &Pack) -> Arc<CoverPatterns> {
    let places = (0..500).map(|idx| pack.roads.somewhere((f64::from(idx) + 0.5) / 500.0));
    let reached = places.map(|place| {
        let within = |station: &usize| {
            let from = pack.roads.snap(pack.stations[*station].position).unwrap();
            pack.roads.time(&from, &place).is_some_and(|drive| drive <= Millis::from_mins(8))
        };
        (1.0 / 500.0, (0..pack.stations.len()).filter(within).collect())
    });
    Arc::new(CoverPatterns::new(pack.stations.len(), reached))
}

/// A unit as its events and positions tell.
struct Vehicle {
    home: usize,
    station: usize,
    position: Position,
    /// The call that it is with, and how far it has come.
    job: Option<(IncidentId, Phase)>,
}

struct Scene {
    position: Position,
    rang_at: Timestamp,
    rank: u8,
}

/// The service as the fleet simulator would keep it.
struct Mirror<'a> {
    pack: &'a Pack,
    vehicles: BTreeMap<UnitId, Vehicle>,
    scenes: BTreeMap<IncidentId, Scene>,
    policy: String,
    patterns: Arc<CoverPatterns>,
}

impl<'a> Mirror<'a> {
    fn new(pack: &'a Pack) -> Self {
        let policy = "closest-eta/3".to_owned();
        let (vehicles, scenes) = (BTreeMap::new(), BTreeMap::new());
        Self { pack, vehicles, scenes, policy, patterns: patterns(pack) }
    }

    fn station(&self, id: &StationId) -> usize {
        self.pack.stations.iter().position(|it| it.id == *id).unwrap()
    }

    fn errand(&self, vehicle: &Vehicle) -> Errand {
        let rank_of = |(incident, phase)| Errand::in_phase(phase, self.scenes[&incident].rank);
        vehicle.job.map_or(Errand::Free, rank_of)
    }

    /// The rules with every free unit counted where it waits, but one.
    fn rules(&self, name: &str, but: Option<&UnitId>) -> FleetPolicy {
        let mut rules = fleet_rules(name, &self.patterns);
        for (id, vehicle) in &self.vehicles {
            if self.errand(vehicle) == Errand::Free && Some(id) != but {
                rules.relocation.joins(vehicle.station);
            }
        }
        rules
    }

    /// The unit that the fleet simulator sends under these rules.
    fn pick(&self, now: Timestamp, to: IncidentId, rules: &FleetPolicy) -> UnitId {
        let scene = &self.scenes[&to];
        let target = [8, 12, 20, 60].map(Millis::from_mins)[usize::from(scene.rank) - 1];
        let left = scene.rang_at + target;
        let diversions = fleet_diversions(&self.policy);
        let Sending::Rule(rule) = rules.dispatch else { panic!("these policies have rules") };
        let goal = self.pack.roads.snap(scene.position).unwrap();
        let candidates = self.vehicles.iter().filter_map(|(unit, vehicle)| {
            let errand = self.errand(vehicle);
            if !diversions.lets(errand, scene.rank) {
                return None;
            }
            let from = self.pack.roads.snap(vehicle.position).unwrap();
            let time = self.pack.roads.time(&from, &goal)?;
            let left = left.since(now);
            Some(rules.candidate(rule, unit.clone(), (errand, vehicle.station), time, left))
        });
        rule.pick(candidates).unwrap().unit
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::UnitSignedOn { unit, home, station, .. } => {
                let station = self.station(station.as_ref().unwrap());
                let vehicle = Vehicle { home: station, station, position: *home, job: None };
                self.vehicles.insert(unit.clone(), vehicle);
            }
            Event::CallReceived { incident, call, suggested, .. } => {
                let (position, rang_at, rank) = (call.position, call.rang_at, suggested.rank);
                self.scenes.insert(*incident, Scene { position, rang_at, rank });
            }
            Event::IncidentTriaged { incident, priority, .. } => {
                self.scenes.get_mut(incident).unwrap().rank = priority.rank;
            }
            Event::UnitAssigned { incident, unit, .. } => {
                self.vehicle(unit).job = Some((*incident, Phase::Notified));
            }
            Event::UnitDiverted { unit, .. } => self.vehicle(unit).job = None,
            Event::UnitStepped { unit, incident, step } => match step {
                UnitStep::StandDown | UnitStep::ReturnToService => self.vehicle(unit).job = None,
                UnitStep::ArriveOnScene => {
                    self.vehicle(unit).job = Some((*incident, Phase::OnScene));
                }
                _ => {}
            },
            Event::UnitPosted { unit, station, .. } => {
                let station = self.station(station);
                self.vehicle(unit).station = station;
            }
            Event::PolicySwitched { to, .. } => to.clone_into(&mut self.policy),
            _ => {}
        }
    }

    fn vehicle(&mut self, unit: &UnitId) -> &mut Vehicle {
        self.vehicles.get_mut(unit).unwrap()
    }
}

/// How many decisions there were, and how many the rules given decide otherwise.
#[derive(Debug, Default, PartialEq)]
struct Compared {
    sent: usize,
    diverted: usize,
    posted: usize,
    sent_otherwise: usize,
    posted_otherwise: usize,
}

/// Reads a town's log beside the rules that `rules_of` names for the policy in force.
fn compare(town: &Town, rules_of: impl Fn(&str) -> &str) -> BTreeMap<String, Compared> {
    let mut mirror = Mirror::new(&GRID);
    let mut all: BTreeMap<String, Compared> = BTreeMap::new();
    let mut fixes = town.fixes.iter().peekable();
    let mut events = town.log.iter().enumerate().peekable();
    while let Some((place, Recorded { event, recorded_at: now, .. })) = events.next() {
        while let Some((_, unit, position)) = fixes.next_if(|(n_events, ..)| *n_events <= place) {
            mirror.vehicle(unit).position = *position;
        }
        let so_far = all.entry(mirror.policy.clone()).or_default();
        let rules = rules_of(&mirror.policy);
        let next = events.peek().map(|(_, next)| &next.event);
        let sent = match (event, next) {
            (Event::UnitDiverted { .. }, Some(sent)) => {
                so_far.diverted += 1;
                sent
            }
            (sent, _) => sent,
        };
        match sent {
            Event::UnitAssigned { incident, unit, choice } => {
                assert_eq!((choice.rank, &choice.policy), (1, &mirror.policy), "as recommended");
                let picked = mirror.pick(*now, *incident, &mirror.rules(rules, None));
                so_far.sent += 1;
                so_far.sent_otherwise += usize::from(picked != *unit);
            }
            Event::UnitPosted { unit, station, policy, .. } => {
                assert_eq!(*policy, mirror.policy);
                let home = mirror.vehicles[unit].home;
                let advised = mirror.rules(rules, Some(unit)).relocation.station_for(home);
                so_far.posted += 1;
                so_far.posted_otherwise += usize::from(advised != mirror.station(station));
            }
            _ => {}
        }
        mirror.hear(event);
        if matches!(event, Event::UnitDiverted { .. }) {
            mirror.hear(&events.next().unwrap().1.event);
        }
    }
    all
}

#[test]
fn the_fleet_simulator_decides_as_the_centre_did() {
    let town = TOWN.lock().unwrap();
    let all = compare(&town, |policy| policy);
    for (policy, compared) in &all {
        assert!(compared.sent > 60, "{policy}: {compared:?}");
        assert_eq!((compared.sent_otherwise, compared.posted_otherwise), (0, 0), "{policy}");
    }
    let diverted = ["closest-eta/3", "urgent-first/1", "keep-cover/1"].map(|it| all[it].diverted);
    assert!(diverted[0] == 0 && diverted[1] > 0 && diverted[2] > 2, "{all:?}");
    assert!(all["keep-cover/1"].posted > 60, "{all:?}");
    let is_sending = |command: &Command| {
        matches!(command, Command::AssignUnit { .. } | Command::DivertUnit { .. })
    };
    assert!(!town.refused.iter().any(|(it, _)| is_sending(&it.command)), "{:?}", town.refused);
}

#[test]
fn other_rules_would_be_seen() {
    let town = TOWN.lock().unwrap();
    let swapped = compare(&town, |policy| match policy {
        "keep-cover/1" => "closest-eta/3",
        _ => "keep-cover/1",
    });
    for (policy, compared) in &swapped {
        assert!(compared.sent_otherwise * 10 > compared.sent, "{policy}: {compared:?}");
    }
    assert!(swapped["keep-cover/1"].posted_otherwise > 20, "{swapped:?}");
}
