//! The claim: a centre of 1,000 units and 50 hospitals ranks all of them for a call, with reasons,
//! within a millisecond (99th percentile), under each policy that ships.
//!
//! Units wait at 100 stations along the streets of a city and have moved within it since; a fifth
//! of them drive to calls. A decision is [`Centre::recommend`] whole: snapping, exact drives under
//! traffic, cover, ranks, reasons, and under a policy that looks ahead its futures. Sending is the command
//! that follows, with the moves of idle units that the policy makes of it. CPU time of one thread.
//!
//!     scripts/bench.sh decision
//!     scripts/bench.sh decision TOWN.osm.pbf
//!     scripts/bench.sh decision keep-cover/1 redeploy/1
//!
//! Without a town it takes Malta, without policies all that ship.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use cpu_time::ThreadTime;
use ems_centre::{Centre, CentreConfig, City};
use ems_dispatch::Reference;
use ems_model::{
    Call, Command, CrewId, HospitalCapability, HospitalId, HospitalProfile, IncidentId, Millis,
    Position, Request, StationId, StationProfile, Timestamp, UnitId, UnitKind,
};
use ems_roads::{ImportRequest, Overlay, Profile, Roads, import};

const N_UNITS: usize = 1000;
const N_HOSPITALS: u32 = 50;
const N_STATIONS: u32 = 100;
/// Calls that units drive to while the measured ones come in.
const N_UNDER_WAY: usize = N_UNITS / 5;
const N_CALLS: usize = 1000;
const N_SENDINGS: usize = 100;
const HOUR: Millis = Millis::from_mins(60);

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn main() -> anyhow::Result<()> {
    let malta = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta/malta.osm.pbf");
    let (towns, chosen): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.ends_with(".pbf"));
    let extract = towns.into_iter().next().unwrap_or(malta.into());
    let city = Arc::new(city(&extract)?);
    println!("{extract}: {N_UNITS} units, {N_HOSPITALS} hospitals, {N_STATIONS} stations");
    let reference = Reference::standard();
    let shipped: Vec<String> = reference.policies().iter().map(|it| it.name.clone()).collect();
    for policy in if chosen.is_empty() { shipped } else { chosen } {
        let mut floor = Floor::open(Arc::clone(&city))?;
        if floor.centre.policy().name != policy {
            floor.say(Command::SwitchPolicy { policy: policy.clone(), reason: "bench".into() })?;
        }
        floor.busy_day()?;
        let decided = floor.decisions()?;
        print_row(&policy, "decision", decided);
        print_row(&policy, "sending", floor.sendings()?);
    }
    Ok(())
}

fn print_row(policy: &str, what: &str, mut micros: Vec<f64>) {
    micros.sort_by(f64::total_cmp);
    let at = |percent: usize| micros[(micros.len() - 1) * percent / 100];
    println!("{policy:<20} {what:<9} median {:>8.0} us   p99 {:>8.0} us", at(50), at(99));
}

/// A city with hospitals and stations spread along its streets.
fn city(extract: &str) -> anyhow::Result<City> {
    let file = std::fs::File::open(extract).with_context(|| format!("{extract} cannot be read"))?;
    let (profile, overlay) = (Profile::blue_light(), Overlay::default());
    let request = ImportRequest { name: "bench".into(), profile, overlay };
    let imported = import(file, &request, &mut |_| {})?;
    let roads = Arc::new(imported.roads);
    let mut city = City::new(Arc::clone(&roads), &imported.places);
    city.hospitals = (0..N_HOSPITALS).map(|n| hospital(&roads, n)).collect::<Result<_, _>>()?;
    city.stations = (0..N_STATIONS).map(|n| station(&roads, n)).collect::<Result<_, _>>()?;
    Ok(city)
}

fn hospital(roads: &Roads, n: u32) -> anyhow::Result<HospitalProfile> {
    use HospitalCapability as C;
    let all = [C::Emergency, C::Trauma, C::Pci, C::StrokeThrombectomy];
    Ok(HospitalProfile {
        id: HospitalId::new(&format!("h{n}"))?,
        name: format!("Hospital {n}"),
        name_zh: None,
        position: place(roads, 10_000 + n),
        capabilities: all.into_iter().take(1 + n as usize % all.len()).collect(),
        emergency_beds: Some(20),
        is_invented: true,
    })
}

fn station(roads: &Roads, n: u32) -> anyhow::Result<StationProfile> {
    let (id, position) = (StationId::new(&format!("s{n}"))?, place(roads, 20_000 + n));
    Ok(StationProfile { id, name: format!("Station {n}"), position, is_placed: true })
}

/// A place on the streets; consecutive numbers are spread by the golden ratio.
fn place(roads: &Roads, n: u32) -> Position {
    roads.somewhere((f64::from(n) * 0.618_033_988_749_895).fract()).position()
}

/// A centre and the time on its clock.
struct Floor {
    centre: Centre,
    roads: Arc<Roads>,
    now: Timestamp,
    n_commands: u32,
    n_places: u32,
}

impl Floor {
    /// With all units on duty, each somewhere in the city.
    fn open(city: Arc<City>) -> anyhow::Result<Self> {
        let config = CentreConfig { reference: Arc::new(Reference::standard()) };
        let (roads, stations) = (Arc::clone(&city.roads), city.stations.clone());
        let centre = Centre::new(config, city);
        let mut floor = Self { centre, roads, now: START - HOUR, n_commands: 0, n_places: 0 };
        let kinds = [UnitKind::Als, UnitKind::Bls, UnitKind::Bls, UnitKind::Physician];
        for idx in 0..N_UNITS {
            let unit = UnitId::new(&format!("U{idx}"))?;
            let station = &stations[idx % stations.len()];
            floor.say(Command::SignOnUnit {
                unit: unit.clone(),
                kind: kinds[idx % kinds.len()],
                home: station.position,
                station: Some(station.id.clone()),
                crew: CrewId::new(&format!("C{idx}"))?,
                shift_until: START + Millis::from_mins(8 * 60),
            })?;
        }
        floor.report_positions()?;
        Ok(floor)
    }

    /// Each unit is somewhere.
    fn report_positions(&mut self) -> anyhow::Result<()> {
        for idx in 0..N_UNITS {
            let (unit, position) = (UnitId::new(&format!("U{idx}"))?, self.next_place());
            self.centre.on_position(self.now, &unit, self.now, position)?;
        }
        Ok(())
    }

    fn say(&mut self, command: Command) -> anyhow::Result<Option<IncidentId>> {
        self.n_commands += 1;
        let key = format!("k{}", self.n_commands);
        let request = Request { key, actor: "dispatcher:bench".into(), command };
        Ok(self.centre.handle(self.now, &request)?.incident)
    }

    fn next_place(&mut self) -> Position {
        self.n_places += 1;
        place(&self.roads, self.n_places)
    }

    fn ring(&mut self) -> anyhow::Result<IncidentId> {
        let cards = ["chest-pain", "fall", "breathing"];
        let complaint = cards[self.n_places as usize % cards.len()].to_owned();
        let position = self.next_place();
        let (answers, age) = (BTreeMap::new(), Some(58));
        let priority = self.centre.suggest(&complaint, &answers, age)?.priority.code;
        let call = Call {
            position,
            address: "somewhere".into(),
            caller: None,
            complaint,
            answers,
            age,
            rang_at: self.now,
            answered_at: None,
        };
        let incident = self.say(Command::TakeCall { call, priority: Some(priority) })?;
        incident.context("a call opens an incident")
    }

    /// Calls that have units on their way.
    fn busy_day(&mut self) -> anyhow::Result<()> {
        for _ in 0..N_UNDER_WAY {
            let incident = self.ring()?;
            self.send(incident)?;
            self.now = self.now + Millis::new(HOUR.get() / N_UNDER_WAY as i64);
        }
        self.report_positions()
    }

    /// The best free unit goes; gives the microseconds of the command.
    fn send(&mut self, incident: IncidentId) -> anyhow::Result<f64> {
        let units = self.centre.recommend(self.now, incident)?.units;
        let is_free = |it: &&ems_model::UnitCandidate| {
            let unit = self.centre.ledger().unit(&it.unit);
            it.is_eligible && unit.is_some_and(|it| it.unit.incident().is_none())
        };
        let unit = units.iter().find(is_free).context("some unit is free")?.unit.clone();
        let overrule = Some("bench".to_owned());
        let command = Command::AssignUnit { incident, expected_version: None, unit, overrule };
        let start = ThreadTime::now();
        self.say(command)?;
        Ok(start.elapsed().as_secs_f64() * 1e6)
    }

    /// Microseconds of each command that sends a unit.
    fn sendings(&mut self) -> anyhow::Result<Vec<f64>> {
        let mut micros = Vec::with_capacity(N_SENDINGS);
        for _ in 0..N_SENDINGS {
            let incident = self.ring()?;
            micros.push(self.send(incident)?);
        }
        Ok(micros)
    }

    /// Microseconds of each decision.
    fn decisions(&mut self) -> anyhow::Result<Vec<f64>> {
        let mut micros = Vec::with_capacity(N_CALLS);
        for _ in 0..N_CALLS {
            let incident = self.ring()?;
            let start = ThreadTime::now();
            let recommendation = self.centre.recommend(self.now, incident)?;
            micros.push(start.elapsed().as_secs_f64() * 1e6);
            anyhow::ensure!(recommendation.units.len() == N_UNITS, "a unit is missing");
            anyhow::ensure!(recommendation.hospitals.len() == N_HOSPITALS as usize);
            self.say(Command::CancelIncident {
                incident,
                expected_version: None,
                reason: "bench".into(),
            })?;
        }
        Ok(micros)
    }
}
