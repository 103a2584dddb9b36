//! A centre that panics: it is thrown away and read from its log, and what was acknowledged stays.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ems_host::{Ack, CallError, CentreClient, Heard, Patience, StartError, follow};
use ems_model::{Recorded, Request, Timestamp};
use ems_store::{Done, EventLog, SqliteLog, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::floor::{Floor, sign_on};

const N_CLIENTS: usize = 4;
const N_EACH: usize = 40;

/// When the centre's thread panics, by the number of its append from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// What it decided is lost.
    Before(u32),
    /// What it decided is on its way to the disk.
    After(u32),
    /// Every time, before.
    Always,
}

/// A log in whose appends the centre's own thread panics.
#[derive(Debug)]
struct Brittle {
    log: Arc<SqliteLog>,
    breaks: Vec<Break>,
    n_appends: AtomicU32,
}

impl EventLog for Brittle {
    fn append(&self, events: Vec<Recorded>, done: Done<u64>) {
        let n = self.n_appends.fetch_add(1, Ordering::SeqCst) + 1;
        let breaks = |it| self.breaks.contains(&it);
        assert!(!breaks(Break::Before(n)) && !breaks(Break::Always), "broken before append {n}");
        self.log.append(events, done);
        assert!(!breaks(Break::After(n)), "broken after append {n}");
    }

    fn read_after(&self, after: u64, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        self.log.read_after(after, limit)
    }

    fn read(&self, seqs: &[u64]) -> Result<Vec<Recorded>, StoreError> {
        self.log.read(seqs)
    }

    fn last_seq(&self) -> Result<u64, StoreError> {
        self.log.last_seq()
    }

    fn probe(&self, done: Done<()>) {
        self.log.probe(done);
    }

    fn n_bytes(&self) -> u64 {
        self.log.n_bytes()
    }
}

async fn floor_with(breaks: Vec<Break>) -> Floor {
    let dress = |log| Arc::new(Brittle { log, breaks, n_appends: AtomicU32::new(0) }) as _;
    Floor::open_with(tempfile::tempdir().unwrap(), Patience::default(), dress).await
}

/// Asks under one key until it is answered, as every client does.
async fn insist(client: &CentreClient, request: &Request) -> Ack {
    loop {
        match client.command(request).await {
            Ok(ack) => return ack,
            Err(CallError::NoAnswer { .. }) => {}
            Err(CallError::Refused { code, .. }) => assert_eq!(code, "recovering"),
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Signs units on, one after the other; gives the keys that were acknowledged.
async fn sign_many_on(client: CentreClient, n_client: usize, now: Timestamp) -> Vec<String> {
    let mut keys = Vec::new();
    for n in 0..N_EACH {
        let name = format!("C{n_client}U{n}");
        let actor = "dispatcher:li".to_owned();
        let request = Request { key: name.clone(), actor, command: sign_on(&name, now) };
        insist(&client, &request).await;
        keys.push(name);
    }
    keys
}

async fn hear(floor: &Floor, n_events: usize) -> Vec<u64> {
    let (tell, mut events) = mpsc::channel(64);
    tokio::spawn(follow(floor.client.centre().clone(), 0, tell));
    let mut heard = Vec::new();
    while heard.len() < n_events {
        if let Heard::Event(event) = events.recv().await.unwrap() {
            heard.push(event.recorded.seq);
        }
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_panics_is_read_from_its_log_and_nothing_acknowledged_is_lost() {
    let floor = floor_with(vec![Break::Before(3), Break::After(14), Break::Before(29)]).await;
    let mut clients = JoinSet::new();
    for n in 0..N_CLIENTS {
        clients.spawn(sign_many_on(floor.client.clone(), n, floor.clock.now()));
    }
    let n_all = N_CLIENTS * N_EACH;
    let (acknowledged, heard) = tokio::join!(clients.join_all(), hear(&floor, n_all));
    assert_eq!(floor.metric("golden_hour_rebuilds_total").await, 3);
    let acknowledged: BTreeSet<_> = acknowledged.into_iter().flatten().collect();
    let log = floor.log.read_after(0, 2 * n_all).unwrap();
    let keys: Vec<_> = log.iter().filter_map(|recorded| recorded.key.clone()).collect();
    assert_eq!(keys.len(), n_all, "each command was done once");
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), acknowledged);
    assert_eq!(heard, (1..=n_all as u64).collect::<Vec<_>>(), "screens hear each event once");
    let floor = floor.restart().await;
    let state = floor.get("/api/state").await.1;
    assert_eq!(state["units"].as_array().unwrap().len(), n_all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_panics_again_and_again_gives_up_and_says_so() {
    let mut floor = floor_with(vec![Break::Always]).await;
    let (client, now) = (floor.client.clone(), floor.clock.now());
    let asking = tokio::spawn(sign_many_on(client, 1, now));
    let error = floor.server.failed().await;
    asking.abort();
    assert!(matches!(error, StartError::KeepsFailing { n_failures: 4 }), "{error}");
    assert_eq!(floor.log_len(), 0);
}
