//! A centre and a living city on one clock, without a network between them.

use std::sync::Arc;

use ems_centre::{Centre, CentreConfig, City as Pack, Rejection};
use ems_device::EcgChunk;
use ems_model::{Command, IncidentId, Position, Recorded, Request, Timestamp, UnitId, UnitState};
use ems_sim::{Advice, City, CityPlan, Output};

use crate::simulate::config;

/// A piece of wave as a monitor gave it.
pub(crate) struct Heard {
    pub(crate) at: Timestamp,
    pub(crate) unit: UnitId,
    pub(crate) piece: EcgChunk,
}

/// A city at work on a centre that answers at once.
pub(crate) struct Town {
    pub(crate) centre: Centre,
    pub(crate) city: City,
    pub(crate) log: Vec<Recorded>,
    pub(crate) waves: Vec<Heard>,
    /// What the centre refused the city, with its code.
    pub(crate) refused: Vec<(Request, &'static str)>,
    pub(crate) n_accepted: usize,
    pub(crate) now: Timestamp,
    /// Positions as the centre took them, each with the length of the log at that time.
    pub(crate) fixes: Vec<(usize, UnitId, Position)>,
    config: CentreConfig,
    pack: Arc<Pack>,
    n_orders: usize,
}

impl Town {
    pub(crate) fn new(plan: CityPlan, pack: &Arc<Pack>) -> Self {
        Self::under(config(), plan, pack)
    }

    /// Under a service's own files.
    pub(crate) fn under(config: CentreConfig, plan: CityPlan, pack: &Arc<Pack>) -> Self {
        let centre = Centre::new(config, Arc::clone(pack));
        Self::on(centre, Vec::new(), plan, pack)
    }

    /// The same centre and log, and a city that starts anew on them.
    pub(crate) fn restart(self, plan: CityPlan) -> Self {
        let log = self.log.iter().cloned();
        let centre = Centre::replay(self.config, Arc::clone(&self.pack), log).unwrap();
        Self::on(centre, self.log, plan, &self.pack)
    }

    fn on(centre: Centre, log: Vec<Recorded>, plan: CityPlan, pack: &Arc<Pack>) -> Self {
        let now = plan.start;
        let config = centre.config().clone();
        let reference = Arc::clone(&config.reference);
        let mut city = City::new(plan, Arc::clone(pack), reference).unwrap();
        for recorded in &log {
            city.on_event(now, recorded);
        }
        Self {
            centre,
            city,
            log,
            waves: Vec::new(),
            refused: Vec::new(),
            n_accepted: 0,
            now,
            fixes: Vec::new(),
            config,
            pack: Arc::clone(pack),
            n_orders: 0,
        }
    }

    /// Lives until then, or until `is_enough`.
    pub(crate) fn live(&mut self, until: Timestamp, is_enough: impl Fn(&Self) -> bool) {
        while let Some(at) = self.next_wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            let events = self.centre.on_wake(self.now);
            self.tell(events);
            self.city.on_wake(self.now);
            self.obey();
            if is_enough(self) {
                return;
            }
        }
        self.now = until;
    }

    /// A person at a console or in a unit does something.
    pub(crate) fn order(&mut self, command: Command) {
        self.n_orders += 1;
        let key = format!("order-{}", self.n_orders);
        let request = Request { key, actor: "dispatcher:li".into(), command };
        let accepted = self.centre.handle(self.now, &request).unwrap();
        self.tell(accepted.events);
    }

    /// A unit that can be sent and takes patients.
    pub(crate) fn free_unit(&self) -> UnitId {
        let mut units = self.centre.ledger().units().filter(|it| it.unit.kind.can_transport());
        let free = units.find(|it| matches!(it.unit.state, UnitState::Available { .. }));
        free.expect("some unit is free").unit.id.clone()
    }

    /// The incident that a unit is on.
    pub(crate) fn incident_of(&self, unit: &UnitId) -> IncidentId {
        self.centre.ledger().unit(unit).unwrap().unit.incident().expect("it is on a call")
    }

    fn next_wake(&self) -> Option<Timestamp> {
        let centre = self.centre.next_wake().map(|(at, _)| at);
        self.city.next_wake().map(|(at, _)| at).into_iter().chain(centre).min()
    }

    fn tell(&mut self, events: Vec<Recorded>) {
        for recorded in &events {
            self.city.on_event(self.now, recorded);
        }
        self.log.extend(events);
    }

    fn obey(&mut self) {
        while let Some(output) = self.city.poll_output() {
            match output {
                Output::Command(request) => self.ask(request),
                Output::AskRecommendation(incident) => self.recommend(incident),
                Output::Position { unit, at, position } => {
                    let events = self.centre.on_position(self.now, &unit, at, position);
                    self.fixes.push((self.log.len(), unit, position));
                    self.tell(events.unwrap());
                }
                Output::Ecg { unit, chunk } => {
                    self.waves.push(Heard { at: self.now, unit, piece: chunk });
                }
                Output::Reading { .. } | Output::Assignment { .. } => {}
            }
        }
    }

    fn ask(&mut self, request: Request) {
        match self.centre.handle(self.now, &request) {
            Ok(accepted) => {
                self.n_accepted += 1;
                self.tell(accepted.events);
                self.city.on_answer(self.now, &request.key, Ok(()));
            }
            Err(rejection) => {
                self.city.on_answer(self.now, &request.key, Err(rejection.code()));
                self.refused.push((request, rejection.code()));
            }
        }
    }

    fn recommend(&mut self, incident: IncidentId) {
        let answer = self.centre.recommend(self.now, incident);
        let advice = answer.as_ref().map(Advice::from).map_err(Rejection::code);
        self.city.on_recommendation(self.now, incident, advice);
    }
}
