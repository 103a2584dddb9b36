//! A service as the fleet simulator would keep it, read from a centre's log.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ems_centre::City as Pack;
use ems_dispatch::{
    ComplianceTable, CoverPatterns, Dispatch, Diversions, Dmexclp, DoubleStandard, Errand,
    Exchange, Idle, Loss, Move, MoveBounds, OnTheWay, Outlook, PostingList, Redeployment,
    Reference, Relocation, RunCard, SurvivalCurves, Weighing, Worth, minutes,
};
use ems_model::{
    Call, Event, IncidentId, Leg, Millis, Phase, Position, PostReason, Priority, StationId,
    Timestamp, UnitId, UnitKind, UnitStep,
};
use ems_sim::{FleetPolicy, Sending};

use crate::places::{Able, Held, Places};

/// 500 places along the streets, each reached from stations within a drive.
pub(crate) fn patterns(pack: &Pack, within: Millis) -> Arc<CoverPatterns> {
    let places = (0..500).map(|idx| pack.roads.somewhere((f64::from(idx) + 0.5) / 500.0));
    let reached = places.map(|place| {
        let within = |station: &usize| {
            let from = pack.roads.snap(pack.stations[*station].position).unwrap();
            pack.roads.time(&from, &place).is_some_and(|drive| drive <= within)
        };
        (1.0 / 500.0, (0..pack.stations.len()).filter(within).collect())
    });
    Arc::new(CoverPatterns::new(pack.stations.len(), reached))
}

/// What the fleet simulator is told of each policy.
pub(crate) struct Rules {
    near: Arc<CoverPatterns>,
    far: Arc<CoverPatterns>,
    n_units: usize,
    /// Those that were made so far.
    made: RefCell<BTreeMap<String, FleetPolicy>>,
}

impl Rules {
    pub(crate) fn new(pack: &Pack, n_units: usize) -> Self {
        let [near, far] = [8, 12].map(|mins| patterns(pack, Millis::from_mins(mins)));
        Self { near, far, n_units, made: RefCell::default() }
    }

    pub(crate) fn of(&self, name: &str) -> FleetPolicy {
        let mut made = self.made.borrow_mut();
        made.entry(name.to_owned()).or_insert_with(|| self.make(name)).clone()
    }

    fn make(&self, name: &str) -> FleetPolicy {
        let (near, n) = (|| Arc::clone(&self.near), self.n_units);
        let bounds = MoveBounds { minutes_each_max: 15.0, minutes_total_max: 60.0, n_max: 4 };
        let dmexclp = |busy| Dmexclp::new(near(), busy, n).unwrap();
        let relocation = match name {
            "closest-eta/3" | "urgent-first/1" => Relocation::OwnStation,
            "keep-cover/1" | "dmexclp/1" => Relocation::Dmexclp(dmexclp(0.4)),
            "nested-compliance/1" | "survival/1" => {
                Relocation::Table(ComplianceTable::nested(&near(), 0.2, n, bounds).unwrap())
            }
            "multi-compliance/1" => Relocation::Table(
                ComplianceTable::multi(&near(), 0.2, 0.01, n.min(40), bounds).unwrap(),
            ),
            "redeploy/1" => {
                Relocation::Redeploy(Redeployment::new(near(), 0.2, n, 40.0, bounds).unwrap())
            }
            "double-standard/1" => Relocation::DoubleStandard(DoubleStandard {
                near: near(),
                far: Arc::clone(&self.far),
                share: 0.9,
                per_minute: 0.002,
                bounds,
            }),
            "priority-list/1" => {
                let mut counted = Relocation::Dmexclp(dmexclp(0.2));
                let next = |_| {
                    let station = counted.station_for(0);
                    counted.joins(station);
                    station
                };
                let list = (0..n).map(next).collect();
                Relocation::List(PostingList::new(list, near().n_stations()).unwrap())
            }
            other => panic!("{other}"),
        };
        let is_weighed =
            ["nested-compliance/1", "multi-compliance/1", "survival/1"].contains(&name);
        let survival = || Worth::Survival(SurvivalCurves::standard().curve("larsen").unwrap());
        let (worth, per_minute) =
            if name == "survival/1" { (survival(), 0.001) } else { (Worth::InTime, 0.02) };
        let dispatch = match name {
            "keep-cover/1" => Sending::Rule(Dispatch::LeastCoverLost),
            _ if is_weighed => Sending::Weighed(Weighing { worth, per_minute, per_cover: 0.0 }),
            _ => Sending::Rule(Dispatch::ClosestUnit),
        };
        let exchange = is_weighed.then_some(Exchange { minutes_min: 1.0 });
        FleetPolicy { dispatch, relocation, exchange, move_pause_min: 30.0 }
    }
}

pub(crate) fn diversions(name: &str) -> Diversions {
    let mut diversions = Diversions::default();
    if !["closest-eta/3", "dmexclp/1", "priority-list/1"].contains(&name) {
        diversions.allow(3, 1).unwrap();
        diversions.allow(4, 1).unwrap();
    }
    diversions
}

/// A unit as its events and positions tell.
pub(crate) struct Vehicle {
    pub(crate) kind: UnitKind,
    home: usize,
    station: usize,
    pub(crate) position: Position,
    /// The call that it is with, and how far it has come.
    job: Option<(IncidentId, Phase)>,
    moved_at: Option<Timestamp>,
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
pub(crate) struct Mirror<'a> {
    pack: &'a Pack,
    pub(crate) vehicles: BTreeMap<UnitId, Vehicle>,
    scenes: BTreeMap<IncidentId, Scene>,
    pub(crate) policy: String,
    rules: Rules,
    reference: Arc<Reference>,
}

impl<'a> Mirror<'a> {
    pub(crate) fn new(pack: &'a Pack, reference: Arc<Reference>) -> Self {
        let policy = "closest-eta/3".to_owned();
        let (vehicles, scenes) = (BTreeMap::new(), BTreeMap::new());
        let rules = Rules::new(pack, 100);
        Self { pack, vehicles, scenes, policy, rules, reference }
    }

    pub(crate) fn station(&self, id: &StationId) -> usize {
        self.pack.stations.iter().position(|it| it.id == *id).unwrap()
    }

    fn errand(&self, vehicle: &Vehicle) -> Errand {
        let rank_of =
            |(incident, phase)| Errand::in_phase(phase, self.scenes[&incident].priority.rank);
        vehicle.job.map_or(Errand::Free, rank_of)
    }

    /// Free units that take patients.
    fn free(&self) -> impl Iterator<Item = (&UnitId, &Vehicle)> {
        let is_free = |it: &Vehicle| it.kind.can_transport() && self.errand(it) == Errand::Free;
        self.vehicles.iter().filter(move |(_, vehicle)| is_free(vehicle))
    }

    /// The rules with every free unit counted where it waits, but one.
    pub(crate) fn rules(&self, name: &str, but: Option<&UnitId>) -> FleetPolicy {
        let mut rules = self.rules.of(name);
        for (id, vehicle) in self.free() {
            if Some(id) != but {
                rules.relocation.joins(vehicle.station);
            }
        }
        rules
    }

    /// The drives of all these to a place.
    fn drives(&self, from: &[(&UnitId, &Vehicle)], to: Position) -> Vec<Option<Millis>> {
        let snap = |at| self.pack.roads.snap(at).unwrap();
        let from: Vec<_> = from.iter().map(|(_, vehicle)| snap(vehicle.position)).collect();
        self.pack.roads.times_to(&from, &snap(to))
    }

    fn drive(&self, from: Position, to: Position) -> Option<Millis> {
        let [from, to] = [from, to].map(|at| self.pack.roads.snap(at).unwrap());
        self.pack.roads.time(&from, &to)
    }

    fn outlook(&self, now: Timestamp, incident: IncidentId, drive: Millis) -> Outlook {
        let scene = &self.scenes[&incident];
        let response = minutes(now.since(scene.call.rang_at) + drive);
        let rank = scene.priority.rank;
        Outlook { rank, response, target: minutes(target(rank)) }
    }

    fn run_card(&self, scene: &Scene) -> &RunCard {
        let call = &scene.call;
        let suggested = self.reference.suggest(&call.complaint, &call.answers, call.age).unwrap();
        self.reference.run_card(&call.complaint, &call.answers, &suggested, &scene.priority)
    }

    /// Whether these units are worth as much as the best that the fleet simulator's rules find for
    /// the places that nobody has taken.
    pub(crate) fn are_best(
        &self,
        now: Timestamp,
        to: IncidentId,
        units: &[UnitId],
        rules: &FleetPolicy,
    ) -> bool {
        let places = self.places(now, to, rules);
        let able: Vec<_> = self.vehicles.iter().filter_map(|it| self.able(now, to, it)).collect();
        let sent: Vec<_> = able.iter().filter(|it| units.contains(&it.unit)).cloned().collect();
        let own = places.best(&sent);
        own.1 == units.len() && own.0 == places.best(&able).0
    }

    fn places<'b>(&'b self, now: Timestamp, of: IncidentId, rules: &'b FleetPolicy) -> Places<'b> {
        let scene = &self.scenes[&of];
        let card = self.run_card(scene);
        let not_needed = scene.not_needed.iter().filter(|(of, _)| *of == card.id);
        Places {
            cards: self.reference.run_cards(),
            card,
            rules,
            rank: scene.priority.rank,
            target: target(scene.priority.rank),
            waited: now.since(scene.call.rang_at),
            held: self.held(now, of),
            not_needed: not_needed.map(|(_, slot)| slot.clone()).collect(),
        }
    }

    fn held(&self, now: Timestamp, on: IncidentId) -> Vec<Held> {
        let held = self.vehicles.iter().filter_map(|(unit, vehicle)| {
            let (_, phase) = vehicle.job.filter(|(incident, _)| *incident == on)?;
            let coming = self.scenes[&on].etas.get(unit);
            let coming = coming.map(|eta| eta.since(now).max(Millis::ZERO));
            let eta = if phase >= Phase::OnScene { Some(Millis::ZERO) } else { coming };
            Some(Held { unit: unit.clone(), kind: vehicle.kind, eta })
        });
        held.collect()
    }

    fn able(
        &self,
        now: Timestamp,
        to: IncidentId,
        (unit, vehicle): (&UnitId, &Vehicle),
    ) -> Option<Able> {
        let scene = &self.scenes[&to];
        let (errand, goal) = (self.errand(vehicle), scene.call.position);
        let from = vehicle.job.map(|(incident, _)| incident);
        let may_leave = diversions(&self.policy).lets(errand, scene.priority.rank);
        let eta = if vehicle.kind.is_crewed() {
            self.drive(vehicle.position, goal)?
        } else {
            let (flight, metres) = (self.reference.flight(), vehicle.position.metres_to(goal));
            let reaches = from.is_none() && metres <= f64::from(flight.range_m);
            reaches.then(|| flight.set_up + flight.time(metres))?
        };
        let is_able = may_leave && from != Some(to);
        let (unit, kind, station) = (unit.clone(), vehicle.kind, vehicle.station);
        let loss = || self.loss(now, vehicle);
        is_able.then(|| Able { unit, kind, eta, errand, station, from, loss: loss() })
    }

    fn loss(&self, now: Timestamp, vehicle: &Vehicle) -> Option<Loss> {
        let (incident, _) = vehicle.job?;
        let scene = self.scenes[&incident].call.position;
        let next = self.free().filter_map(|(_, free)| self.drive(free.position, scene)).min();
        let drive = self.drive(vehicle.position, scene)?;
        let response = |drive| self.outlook(now, incident, drive).response;
        Some(Loss { before: self.outlook(now, incident, drive), after: next.map(response) })
    }

    /// The station where the fleet simulator lets a freed unit wait.
    pub(crate) fn station_for(&self, unit: &UnitId, name: &str) -> usize {
        let vehicle = &self.vehicles[unit];
        let relocation = self.rules(name, Some(unit)).relocation;
        let is_still = relocation == Relocation::OwnStation;
        relocation.station_for(if is_still { vehicle.home } else { vehicle.station })
    }

    /// The call that the fleet simulator lets a freed unit take over, and from whom.
    pub(crate) fn exchange(
        &self,
        now: Timestamp,
        unit: &UnitId,
        rules: &FleetPolicy,
    ) -> Option<(IncidentId, UnitId)> {
        let free = &self.vehicles[unit];
        let mut on_the_way: Vec<_> = self
            .vehicles
            .iter()
            .filter_map(|(other, vehicle)| {
                let (incident, phase) = vehicle.job?;
                let scene = self.scenes[&incident].call.position;
                let places = self.places(now, incident, rules);
                let may = phase < Phase::OnScene
                    && vehicle.kind <= free.kind
                    && places.may_replace(other, free.kind);
                let now_drive = self.drive(vehicle.position, scene).filter(|_| may)?;
                Some(OnTheWay {
                    call: (incident, other.clone()),
                    now: self.outlook(now, incident, now_drive),
                    then: self.outlook(now, incident, self.drive(free.position, scene)?).response,
                })
            })
            .collect();
        on_the_way.sort_by(|a, b| a.call.cmp(&b.call));
        rules.exchange?.pick(on_the_way)
    }

    /// The idle units that the fleet simulator moves.
    pub(crate) fn moves(&self, now: Timestamp, rules: &FleetPolicy) -> Vec<(UnitId, usize)> {
        let may_move = |it: &Vehicle| {
            it.moved_at.is_none_or(|at| minutes(now.since(at)) >= rules.move_pause_min)
        };
        let free: Vec<_> = self.free().collect();
        let idle = |(unit, vehicle): &(&UnitId, &Vehicle)| Idle {
            unit: (*unit).clone(),
            post: vehicle.station,
            may_move: may_move(vehicle),
        };
        let idle: Vec<Idle<UnitId>> = free.iter().map(idle).collect();
        let idle: Vec<Idle<&UnitId>> = idle
            .iter()
            .map(|it| Idle { unit: &it.unit, post: it.post, may_move: it.may_move })
            .collect();
        if !rules.relocation.moves_idle() {
            return Vec::new();
        }
        let stations = self.pack.stations.iter();
        let drives: Vec<_> = stations.map(|it| self.drives(&free, it.position)).collect();
        let drive =
            |idx: usize, station: usize| drives[station][idx].map_or(f64::INFINITY, minutes);
        let moves = rules.relocation.moves(&idle, drive);
        moves.into_iter().map(|Move { unit, to, .. }| (unit.clone(), to)).collect()
    }

    pub(crate) fn hear(&mut self, now: Timestamp, event: &Event) {
        match event {
            Event::UnitSignedOn { unit, kind, home, station, .. } => {
                let station = self.station(station.as_ref().unwrap());
                let (home, position, kind) = (station, *home, *kind);
                let vehicle = Vehicle { kind, home, station, position, job: None, moved_at: None };
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
                let vehicle = self.vehicle(unit);
                (vehicle.job, vehicle.moved_at) = (Some((*incident, Phase::Notified)), None);
            }
            Event::UnitDiverted { unit, .. } => self.vehicle(unit).job = None,
            Event::UnitStepped { unit, incident, step } => match step {
                UnitStep::StandDown | UnitStep::ReturnToService => self.vehicle(unit).job = None,
                UnitStep::ArriveOnScene => {
                    self.vehicle(unit).job = Some((*incident, Phase::OnScene));
                }
                _ => {}
            },
            Event::UnitPosted { unit, station, reasons, .. } => {
                let station = self.station(station);
                let vehicle = self.vehicle(unit);
                vehicle.station = station;
                vehicle.moved_at = is_move(reasons).then_some(now);
            }
            Event::PolicySwitched { to, .. } => to.clone_into(&mut self.policy),
            _ => {}
        }
    }

    pub(crate) fn vehicle(&mut self, unit: &UnitId) -> &mut Vehicle {
        self.vehicles.get_mut(unit).unwrap()
    }
}

/// Whether a post moves a unit that was waiting.
pub(crate) fn is_move(reasons: &[PostReason]) -> bool {
    reasons.iter().any(|reason| matches!(reason, PostReason::Moved { .. }))
}

fn target(rank: u8) -> Millis {
    [8, 12, 20, 60].map(Millis::from_mins)[usize::from(rank) - 1]
}
