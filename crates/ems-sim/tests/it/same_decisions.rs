//! The live centre and the fleet simulator decide alike on the same log.
//!
//! A town lives through a day while its policy is switched twice. Its log is then read by what the
//! fleet simulator decides with: its errands, its diversions, its candidates, its rules of dispatch
//! and relocation, over drives from the roads and cover counted anew. Each response that was sent
//! must be worth what the best of all ways to fill the call's run card is ([`Places`]), and each
//! station that a freed unit was sent to the one that those choose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};

use ems_centre::{CentreConfig, City as Pack};
use ems_dispatch::{
    CoverPatterns, Dispatch, Diversions, Dmexclp, Errand, File, Reference, Relocation, RunCard,
    Texts,
};
use ems_model::{
    Call, Command, Event, IncidentId, Leg, Millis, Phase, Position, Priority, Recorded, StationId,
    Timestamp, UnitId, UnitKind, UnitStep,
};
use ems_sim::{CallSource, CityPlan, FleetPolicy, Sending};

use crate::places::{Able, Held, Places};
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
    let mut plan = CityPlan::new(12, START);
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
    kind: UnitKind,
    home: usize,
    station: usize,
    position: Position,
    /// The call that it is with, and how far it has come.
    job: Option<(IncidentId, Phase)>,
}

struct Scene {
    call: Call,
    priority: Priority,
    /// When units on the call are expected.
    etas: BTreeMap<UnitId, Timestamp>,
    /// By run card and place.
    not_needed: BTreeSet<(String, String)>,
}

/// The service as the fleet simulator would keep it.
struct Mirror<'a> {
    pack: &'a Pack,
    vehicles: BTreeMap<UnitId, Vehicle>,
    scenes: BTreeMap<IncidentId, Scene>,
    policy: String,
    patterns: Arc<CoverPatterns>,
    reference: Arc<Reference>,
}

impl<'a> Mirror<'a> {
    fn new(pack: &'a Pack) -> Self {
        let policy = "closest-eta/3".to_owned();
        let (vehicles, scenes) = (BTreeMap::new(), BTreeMap::new());
        let (patterns, reference) = (patterns(pack), config().reference);
        Self { pack, vehicles, scenes, policy, patterns, reference }
    }

    fn station(&self, id: &StationId) -> usize {
        self.pack.stations.iter().position(|it| it.id == *id).unwrap()
    }

    fn errand(&self, vehicle: &Vehicle) -> Errand {
        let rank_of =
            |(incident, phase)| Errand::in_phase(phase, self.scenes[&incident].priority.rank);
        vehicle.job.map_or(Errand::Free, rank_of)
    }

    /// The rules with every free unit counted where it waits, but one.
    fn rules(&self, name: &str, but: Option<&UnitId>) -> FleetPolicy {
        let mut rules = fleet_rules(name, &self.patterns);
        for (id, vehicle) in &self.vehicles {
            let covers = self.errand(vehicle) == Errand::Free && vehicle.kind.can_transport();
            if covers && Some(id) != but {
                rules.relocation.joins(vehicle.station);
            }
        }
        rules
    }

    fn run_card(&self, scene: &Scene) -> &RunCard {
        let call = &scene.call;
        let suggested = self.reference.suggest(&call.complaint, &call.answers, call.age).unwrap();
        self.reference.run_card(&call.complaint, &call.answers, &suggested, &scene.priority)
    }

    /// Whether these units are worth as much as the best that the fleet simulator's rules find for
    /// the places that nobody has taken.
    fn are_best(
        &self,
        now: Timestamp,
        to: IncidentId,
        units: &[UnitId],
        rules: &FleetPolicy,
    ) -> bool {
        let scene = &self.scenes[&to];
        let card = self.run_card(scene);
        let Sending::Rule(rule) = rules.dispatch else { panic!("these policies have rules") };
        let target = [8, 12, 20, 60].map(Millis::from_mins)[usize::from(scene.priority.rank) - 1];
        let not_needed = scene.not_needed.iter().filter(|(of, _)| *of == card.id);
        let places = Places {
            cards: self.reference.run_cards(),
            card,
            rules,
            rule,
            left: (scene.call.rang_at + target).since(now),
            held: self.held(now, to),
            not_needed: not_needed.map(|(_, slot)| slot.clone()).collect(),
        };
        let able: Vec<_> = self.vehicles.iter().filter_map(|it| self.able(to, it)).collect();
        let sent: Vec<_> = able.iter().filter(|it| units.contains(&it.unit)).cloned().collect();
        let own = places.best(&sent);
        own.1 == units.len() && own.0 == places.best(&able).0
    }

    fn held(&self, now: Timestamp, on: IncidentId) -> Vec<Held> {
        let held = self.vehicles.iter().filter_map(|(unit, vehicle)| {
            let (_, phase) = vehicle.job.filter(|(incident, _)| *incident == on)?;
            let coming = self.scenes[&on].etas.get(unit);
            let coming = coming.map(|eta| eta.since(now).max(Millis::ZERO));
            let eta = if phase >= Phase::OnScene { Some(Millis::ZERO) } else { coming };
            Some(Held { kind: vehicle.kind, eta })
        });
        held.collect()
    }

    fn able(&self, to: IncidentId, (unit, vehicle): (&UnitId, &Vehicle)) -> Option<Able> {
        let scene = &self.scenes[&to];
        let (errand, goal) = (self.errand(vehicle), scene.call.position);
        let from = vehicle.job.map(|(incident, _)| incident);
        let may_leave = fleet_diversions(&self.policy).lets(errand, scene.priority.rank);
        let eta = if vehicle.kind.is_crewed() {
            let from = self.pack.roads.snap(vehicle.position).unwrap();
            self.pack.roads.time(&from, &self.pack.roads.snap(goal).unwrap())?
        } else {
            let (flight, metres) = (self.reference.flight(), vehicle.position.metres_to(goal));
            let reaches = from.is_none() && metres <= f64::from(flight.range_m);
            reaches.then(|| flight.set_up + flight.time(metres))?
        };
        let (unit, kind, station) = (unit.clone(), vehicle.kind, vehicle.station);
        let is_able = may_leave && from != Some(to);
        is_able.then_some(Able { unit, kind, eta, errand, station, from })
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::UnitSignedOn { unit, kind, home, station, .. } => {
                let (kind, station) = (*kind, self.station(station.as_ref().unwrap()));
                let vehicle = Vehicle { kind, home: station, station, position: *home, job: None };
                self.vehicles.insert(unit.clone(), vehicle);
            }
            Event::CallReceived { incident, call, suggested, .. } => {
                let (call, priority) = (call.clone(), suggested.clone());
                let (etas, not_needed) = (BTreeMap::new(), BTreeSet::new());
                self.scenes.insert(*incident, Scene { call, priority, etas, not_needed });
            }
            Event::IncidentTriaged { incident, priority, .. } => {
                self.scenes.get_mut(incident).unwrap().priority = priority.clone();
            }
            Event::EtaRevised { incident, unit, leg: Leg::ToScene, eta, .. } => {
                self.scenes.get_mut(incident).unwrap().etas.insert(unit.clone(), *eta);
            }
            Event::ResponseTrimmed { incident, card, slots, .. } => {
                let slots = slots.iter().map(|slot| (card.clone(), slot.clone()));
                self.scenes.get_mut(incident).unwrap().not_needed.extend(slots);
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
    /// Of these, more than one unit.
    several: usize,
    diverted: usize,
    posted: usize,
    sent_otherwise: usize,
    several_otherwise: usize,
    posted_otherwise: usize,
}

/// The events that one request caused, or one of time.
fn requests(log: &[Recorded]) -> impl Iterator<Item = &[Recorded]> {
    log.chunk_by(|a, b| a.key.is_some() && a.key == b.key)
}

/// The call and the units that are sent to it at once.
fn sent(events: &[Recorded]) -> Option<(IncidentId, Vec<UnitId>)> {
    let sent = events.iter().filter_map(|recorded| match &recorded.event {
        Event::UnitAssigned { incident, unit, .. } => Some((*incident, unit.clone())),
        _ => None,
    });
    let (incidents, units): (Vec<_>, Vec<_>) = sent.unzip();
    Some((*incidents.first()?, units))
}

/// Reads a town's log beside the rules that `rules_of` names for the policy in force.
fn compare(town: &Town, rules_of: impl Fn(&str) -> &str) -> BTreeMap<String, Compared> {
    let mut mirror = Mirror::new(&GRID);
    let mut all: BTreeMap<String, Compared> = BTreeMap::new();
    let mut fixes = town.fixes.iter().peekable();
    let mut n_read = 0;
    for events in requests(&town.log) {
        while let Some((_, unit, position)) = fixes.next_if(|(n_events, ..)| *n_events <= n_read) {
            mirror.vehicle(unit).position = *position;
        }
        n_read += events.len();
        let so_far = all.entry(mirror.policy.clone()).or_default();
        let in_force = mirror.policy.clone();
        let rules = rules_of(&in_force);
        if let Some((incident, units)) = sent(events) {
            let rules = mirror.rules(rules, None);
            let is_other = !mirror.are_best(events[0].recorded_at, incident, &units, &rules);
            let is_diverted = |it: &&Recorded| matches!(it.event, Event::UnitDiverted { .. });
            so_far.sent += 1;
            so_far.sent_otherwise += usize::from(is_other);
            so_far.several += usize::from(units.len() > 1);
            so_far.several_otherwise += usize::from(is_other && units.len() > 1);
            so_far.diverted += events.iter().filter(is_diverted).count();
        }
        for Recorded { event, .. } in events {
            let so_far = all.entry(mirror.policy.clone()).or_default();
            compare_post(&mirror, event, rules, so_far);
            mirror.hear(event);
        }
    }
    all
}

fn compare_post(mirror: &Mirror<'_>, event: &Event, rules: &str, so_far: &mut Compared) {
    let Event::UnitPosted { unit, station, policy, .. } = event else { return };
    assert_eq!(*policy, mirror.policy);
    let vehicle = &mirror.vehicles[unit];
    if !vehicle.kind.can_transport() {
        return;
    }
    let advised = mirror.rules(rules, Some(unit)).relocation.station_for(vehicle.home);
    so_far.posted += 1;
    so_far.posted_otherwise += usize::from(advised != mirror.station(station));
}

#[test]
fn the_fleet_simulator_decides_as_the_centre_did() {
    let town = TOWN.lock().unwrap();
    let all = compare(&town, |policy| policy);
    for (policy, compared) in &all {
        assert!(compared.sent > 50 && compared.several > 5, "{policy}: {compared:?}");
        assert_eq!((compared.sent_otherwise, compared.posted_otherwise), (0, 0), "{policy}");
    }
    let diverted = ["closest-eta/3", "urgent-first/1", "keep-cover/1"].map(|it| all[it].diverted);
    assert!(diverted[0] == 0 && diverted[1] > 0 && diverted[2] > 2, "{all:?}");
    assert!(all["keep-cover/1"].posted > 60, "{all:?}");
    let is_sending = |command: &Command| matches!(command, Command::SendResponse { .. });
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
    let several = swapped.values().map(|it| it.several_otherwise).sum::<usize>();
    assert!(several > 4, "{swapped:?}");
    assert!(swapped["keep-cover/1"].posted_otherwise > 20, "{swapped:?}");
}
