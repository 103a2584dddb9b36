//! kill -9 of the centre, twenty times, while a city keeps it busy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ems_centre::{Centre, CentreConfig, City};
use ems_dispatch::Reference;
use ems_host::{Ack, CallError, CentreClient, CentreUrl, Heard, UplinkClient, follow};
use ems_model::{
    Call, Command, CrewId, Event, Frame, FrameBody, IncidentId, Position, Recorded, Request,
    Timestamp, UnitId, UnitKind, Vitals,
};
use ems_store::pack::CityPack;
use ems_store::{EventLog, Outbox, SqliteLog, Telemetry};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::process::{Chance, MALTA, Process, free_port, wait_until};

const N_KILLS: u32 = 20;
const N_DISPATCHERS: u64 = 4;
const SEED: u64 = 112;

/// The part of the snapshot that shows whether the city is at work.
#[derive(serde::Deserialize)]
struct Fleet {
    units: Vec<serde::de::IgnoredAny>,
}

impl Fleet {
    fn is_manned(&self) -> bool {
        self.units.len() >= 40
    }
}

/// What clients were told and heard.
#[derive(Default)]
struct Heads {
    acked: Mutex<Vec<(Request, Ack)>>,
    heard: Mutex<Vec<Recorded>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_of_a_busy_centre_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("centre");
    let port = free_port();
    let url = CentreUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let heads = Arc::new(Heads::default());
    let mut chance = Chance(SEED);

    let mut centre = serve(folder.path(), &data, port);
    healthy(&url).await;
    let mut twin = city(folder.path(), &url);
    let client = CentreClient::new(url.clone());
    let is_manned = async || client.get::<Fleet>("/api/state").await.is_ok_and(|it| it.is_manned());
    wait_until("the city's units on duty", Duration::from_secs(20), is_manned).await;
    let mut clients = JoinSet::new();
    for n in 0..N_DISPATCHERS {
        clients.spawn(dispatch(n, url.clone(), Arc::clone(&heads)));
    }
    clients.spawn(listen(url.clone(), Arc::clone(&heads)));
    let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap());
    clients.spawn(measure(url.clone(), Arc::clone(&outbox)));

    for _ in 0..N_KILLS {
        tokio::time::sleep(chance.millis(100..1900)).await;
        centre.kill();
        centre = serve(folder.path(), &data, port);
        healthy(&url).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(twin.is_running(), "the city outlives its centre: see {}", folder.path().display());
    clients.shutdown().await;
    outbox.settle().unwrap();
    centre.kill();

    let log = read_log(&data);
    check_acknowledged(&heads.acked.lock().unwrap(), &log);
    check_heard(&heads.heard.lock().unwrap(), &log);
    check_units(&log);
    check_frames(&data, &outbox);
    check_replay(&log);
}

fn serve(folder: &Path, data: &Path, port: u16) -> Process {
    let listen = format!("127.0.0.1:{port}");
    let (city, data) = (MALTA.to_str().unwrap(), data.to_str().unwrap());
    let args = ["serve", "--city", city, "--data", data, "--listen", &listen, "--speed", "3"];
    Process::start(&folder.join("serve.log"), args)
}

/// A hundred calls a minute and forty units, on the same public sockets.
fn city(folder: &Path, url: &CentreUrl) -> Process {
    let (city, data, url) = (MALTA.to_str().unwrap(), folder.join("twin"), url.to_string());
    let data = data.to_str().unwrap();
    let args = [
        "up", "--centre", &url, "--city", city, "--data", data, "--units", "40", "--rate", "6000",
        "--seed", "5",
    ];
    Process::start(&folder.join("twin.log"), args)
}

async fn healthy(url: &CentreUrl) {
    let client = CentreClient::new(url.clone());
    let is_healthy = async || client.get::<serde::de::IgnoredAny>("/healthz").await.is_ok();
    wait_until("a healthy centre", Duration::from_secs(20), is_healthy).await;
}

/// A dispatcher with one unit, who takes calls, sends the unit and cancels, for ever.
async fn dispatch(n: u64, url: CentreUrl, heads: Arc<Heads>) {
    let client = CentreClient::new(url);
    let (actor, unit) = (format!("dispatcher:{n}"), UnitId::new(&format!("T{n}")).unwrap());
    let say = async |key: String, command: Command| {
        let request = Request { key, actor: actor.clone(), command };
        let ack = insist(&client, &request).await;
        if let Some(ack) = ack {
            heads.acked.lock().unwrap().push((request, ack));
        }
        ack
    };
    say(format!("crash-{n}-on"), sign_on(&unit)).await;
    for round in 0.. {
        let taken = say(format!("crash-{n}-{round}-call"), take_call()).await;
        let Some(incident) = taken.and_then(|ack| ack.incident) else { continue };
        let overrule = Some("test".to_owned());
        let unit = unit.clone();
        let assign = Command::AssignUnit { incident, expected_version: None, unit, overrule };
        say(format!("crash-{n}-{round}-send"), assign).await;
        let reason = "test".to_owned();
        let cancel = Command::CancelIncident { incident, expected_version: None, reason };
        say(format!("crash-{n}-{round}-off"), cancel).await;
    }
}

/// Asks under the same key until there is an answer; `None` for a refusal.
async fn insist(client: &CentreClient, request: &Request) -> Option<Ack> {
    loop {
        match client.command(request).await {
            Ok(ack) => return Some(ack),
            Err(CallError::Refused { status: 503 | 507, .. } | CallError::NoAnswer { .. }) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(CallError::Refused { .. }) => return None,
        }
    }
}

async fn listen(url: CentreUrl, heads: Arc<Heads>) {
    let (tell, mut events) = mpsc::channel(1000);
    tokio::spawn(follow(url, 0, tell));
    while let Some(heard) = events.recv().await {
        if let Heard::Event(event) = heard {
            heads.heard.lock().unwrap().push(event.recorded);
        }
    }
}

/// A gateway that sends a frame every few milliseconds.
async fn measure(url: CentreUrl, outbox: Arc<Outbox>) {
    let uplink = UplinkClient::start(url, outbox, [measured()]).unwrap();
    for seq in 1.. {
        uplink.frames(vec![frame(seq)]).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn measured() -> UnitId {
    UnitId::new("M1").unwrap()
}

fn frame(seq: u64) -> Frame {
    let at = Timestamp::from_millis(1_790_000_000_000 + seq.cast_signed());
    let body = FrameBody::Vitals { vitals: Vitals::default(), news2: None, scores: vec![] };
    Frame { unit: measured(), seq, at, incident: None, clock: None, body }
}

fn sign_on(unit: &UnitId) -> Command {
    Command::SignOnUnit {
        unit: unit.clone(),
        kind: UnitKind::Als,
        home: Position::from_degrees(35.8966, 14.5080).unwrap(),
        station: None,
        crew: CrewId::new(&format!("crew-{unit}")).unwrap(),
        shift_until: ems_host::system_time() + ems_model::Millis::from_mins(600),
    }
}

fn take_call() -> Command {
    let call = Call {
        position: Position::from_degrees(35.9122, 14.5042).unwrap(),
        address: "Tower Road".into(),
        caller: None,
        complaint: "chest-pain".into(),
        answers: BTreeMap::new(),
        age: Some(58),
        rang_at: ems_host::system_time(),
        answered_at: None,
    };
    Command::TakeCall { call, priority: Some("I".into()) }
}

fn read_log(data: &Path) -> Vec<Recorded> {
    let log = SqliteLog::open(&data.join("events.db")).unwrap();
    let n_events = usize::try_from(log.last_seq().unwrap()).unwrap();
    let events = log.read_after(0, n_events).unwrap();
    assert_eq!(events.len(), n_events);
    events
}

fn check_acknowledged(acked: &[(Request, Ack)], log: &[Recorded]) {
    assert!(acked.len() > 50, "only {} commands: the run was not busy", acked.len());
    let mut caused: BTreeMap<&str, Vec<&Recorded>> = BTreeMap::new();
    for recorded in log {
        caused.entry(recorded.key.as_deref().unwrap_or_default()).or_default().push(recorded);
    }
    for (request, ack) in acked {
        let events = caused.get(request.key.as_str());
        let events = events.unwrap_or_else(|| panic!("{} is lost", request.key));
        assert_eq!(events.last().unwrap().seq, ack.seq, "{}", request.key);
        let first = events[0].seq;
        assert!(events.iter().zip(first..).all(|(it, seq)| it.seq == seq), "{}", request.key);
        let n_calls = events.iter().filter(|it| matches!(it.event, Event::CallReceived { .. }));
        let is_call = matches!(request.command, Command::TakeCall { .. });
        assert_eq!(n_calls.count(), usize::from(is_call), "{} is done once", request.key);
    }
    let n_twin = caused.keys().filter(|key| !key.is_empty() && !key.starts_with("crash-")).count();
    println!("{} commands acknowledged, {n_twin} of the city, {} events", acked.len(), log.len());
    assert!(n_twin > 60, "the city gave only {n_twin} commands");
}

/// The stream over all restarts is the log from its beginning, without gap or double.
fn check_heard(heard: &[Recorded], log: &[Recorded]) {
    assert!(heard.len() * 10 > log.len() * 9, "heard {} of {}", heard.len(), log.len());
    assert_eq!(heard, &log[..heard.len()]);
}

fn check_units(log: &[Recorded]) {
    let mut busy: BTreeMap<UnitId, IncidentId> = BTreeMap::new();
    let mut taken: BTreeSet<IncidentId> = BTreeSet::new();
    for recorded in log {
        match &recorded.event {
            Event::UnitAssigned { incident, unit, .. } => {
                let other = busy.insert(unit.clone(), *incident);
                assert_eq!(other, None, "{unit} is on two incidents at {}", recorded.seq);
            }
            Event::UnitStepped { unit, step, .. } => {
                use ems_model::UnitStep::{ReturnToService, StandDown};
                if matches!(step, StandDown | ReturnToService) {
                    busy.remove(unit);
                }
            }
            Event::IncidentCancelled { incident, .. } | Event::IncidentClosed { incident, .. } => {
                busy.retain(|_, with| with != incident || !is_freed(&recorded.event));
            }
            Event::CallReceived { incident, .. } => assert!(taken.insert(*incident)),
            _ => {}
        }
    }
}

/// A cancelled incident frees its units; a closed one leaves them to report.
fn is_freed(event: &Event) -> bool {
    matches!(event, Event::IncidentCancelled { .. })
}

fn check_frames(data: &Path, outbox: &Outbox) {
    let telemetry = Telemetry::open(&data.join("telemetry.db")).unwrap();
    let stored = telemetry.read_after(&measured(), 0, 1_000_000).unwrap();
    let resume = outbox.resume(&measured()).unwrap();
    println!("{} frames stored, {} numbered", stored.len(), resume.last);
    assert!(stored.len() > 200 && stored.len() as u64 >= resume.acked);
    assert!(stored.iter().all(|kept| *kept == frame(kept.seq)));
    let left = outbox.read(&measured(), 1, resume.last, 1_000_000).unwrap();
    let given: BTreeSet<u64> = stored.iter().chain(&left).map(|frame| frame.seq).collect();
    assert_eq!(given.len() as u64, resume.last, "each is stored or still kept");
}

/// The log is one that a centre can have written.
fn check_replay(log: &[Recorded]) {
    let pack = CityPack::open(&MALTA).unwrap();
    let city = Arc::new(City::new(Arc::clone(pack.roads()), pack.places()));
    let config = CentreConfig { reference: Arc::new(Reference::standard()) };
    let centre = Centre::replay(config, city, log.iter().cloned()).unwrap();
    assert_eq!(centre.seq(), log.len() as u64);
}
