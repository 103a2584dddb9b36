//! A centre in Malta with three units, and short ways to talk to it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use ems_centre::{Accepted, Centre, CentreConfig, City, DriveTimes, IncidentRecord, Rejection};
use ems_dispatch::Reference;
use ems_model::{
    Call, Command, CrewId, IncidentId, Millis, Position, Recorded, Request, Timestamp, UnitId,
    UnitKind, UnitStep,
};
use ems_roads::{ImportRequest, Overlay, Profile, import};

pub(crate) const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

static MALTA: LazyLock<Arc<City>> = LazyLock::new(|| {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta");
    let extract = std::fs::File::open(format!("{data}/malta.osm.pbf")).unwrap();
    let overlay = std::fs::read_to_string(format!("{data}/overlay.toml")).unwrap();
    let request = ImportRequest {
        name: "Malta".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::parse(&overlay).unwrap(),
    };
    let city = import(extract, &request, &mut |_| ()).unwrap();
    Arc::new(City::new(Arc::new(city.roads), &city.places))
});

pub(crate) fn config() -> CentreConfig {
    CentreConfig { reference: Arc::new(Reference::standard()) }
}

pub(crate) fn malta() -> Arc<City> {
    Arc::clone(&MALTA)
}

/// Malta where more is known of drive times.
pub(crate) fn malta_with(drive_times: DriveTimes) -> Arc<City> {
    Arc::new(City { drive_times, ..City::clone(&MALTA) })
}

/// A centre, the time on its clock, and all that it recorded.
pub(crate) struct Floor {
    pub(crate) centre: Centre,
    pub(crate) now: Timestamp,
    pub(crate) log: Vec<Recorded>,
    n_commands: u32,
}

impl Floor {
    /// Units A1 (ALS) and B1 (BLS) in Valletta, A2 (ALS) in Mellieha, far from both.
    pub(crate) fn open() -> Self {
        Self::open_in(malta())
    }

    pub(crate) fn open_in(city: Arc<City>) -> Self {
        let centre = Centre::new(config(), city);
        let mut floor = Self { centre, now: START, log: Vec::new(), n_commands: 0 };
        for (unit, kind, home) in [
            ("A1", UnitKind::Als, valletta()),
            ("B1", UnitKind::Bls, valletta()),
            ("A2", UnitKind::Als, mellieha()),
        ] {
            floor.done(sign_on(unit, kind, home));
        }
        floor
    }

    pub(crate) fn say(&mut self, command: Command) -> Result<Accepted, Rejection> {
        self.n_commands += 1;
        let key = format!("k{}", self.n_commands);
        let request = Request { key, actor: "dispatcher:li".into(), command };
        let accepted = self.centre.handle(self.now, &request)?;
        self.log.extend(accepted.events.iter().cloned());
        Ok(accepted)
    }

    pub(crate) fn done(&mut self, command: Command) -> Accepted {
        self.say(command).unwrap_or_else(|rejection| panic!("refused: {rejection}"))
    }

    pub(crate) fn wait(&mut self, span: Millis) {
        self.now = self.now + span;
        let events = self.centre.on_wake(self.now);
        self.log.extend(events);
    }

    pub(crate) fn at(&mut self, name: &str, position: Position) {
        let events = self.centre.on_position(self.now, &unit(name), self.now, position).unwrap();
        self.log.extend(events);
    }

    /// A triaged incident with chest pain in Sliema.
    pub(crate) fn incident(&mut self) -> IncidentId {
        let call = chest_pain(self.now);
        let priority = self.centre.suggest(&call.complaint, &call.answers, call.age).unwrap();
        let priority = Some(priority.priority.code);
        self.done(Command::TakeCall { call, priority }).incident.unwrap()
    }

    pub(crate) fn assign(&mut self, incident: IncidentId, name: &str) {
        self.done(assign(incident, name, Some("test")));
    }

    pub(crate) fn steps(&mut self, incident: IncidentId, name: &str, steps: &[UnitStep]) {
        for step in steps {
            self.done(step_unit(incident, name, *step, self.now));
        }
    }

    pub(crate) fn record(&self, incident: IncidentId) -> &IncidentRecord {
        self.centre.ledger().incident(incident).unwrap()
    }
}

pub(crate) fn sign_on(name: &str, kind: UnitKind, home: Position) -> Command {
    Command::SignOnUnit {
        unit: unit(name),
        kind,
        home,
        station: None,
        crew: CrewId::new(&format!("crew-{name}")).unwrap(),
        shift_until: START + Millis::from_mins(12 * 60),
    }
}

pub(crate) fn assign(incident: IncidentId, name: &str, overrule: Option<&str>) -> Command {
    let overrule = overrule.map(str::to_owned);
    Command::AssignUnit { incident, expected_version: None, unit: unit(name), overrule }
}

pub(crate) fn step_unit(
    incident: IncidentId,
    name: &str,
    step: UnitStep,
    at: Timestamp,
) -> Command {
    Command::StepUnit { unit: unit(name), incident, step, at }
}

pub(crate) fn chest_pain(rang_at: Timestamp) -> Call {
    Call {
        position: sliema(),
        address: "Tower Road".into(),
        caller: None,
        complaint: "chest-pain".into(),
        answers: BTreeMap::new(),
        age: Some(58),
        rang_at,
        answered_at: None,
    }
}

pub(crate) fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

pub(crate) fn valletta() -> Position {
    Position::from_degrees(35.8966, 14.5080).unwrap()
}

pub(crate) fn sliema() -> Position {
    Position::from_degrees(35.9122, 14.5042).unwrap()
}

pub(crate) fn mellieha() -> Position {
    Position::from_degrees(35.9575, 14.3630).unwrap()
}
