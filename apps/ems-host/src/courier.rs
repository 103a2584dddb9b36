//! Carries messages of mutual aid to other centres, again and again until they are there.
//!
//! What waits stands in the centre's log, so nothing is kept here: a restart carries on. Each
//! message is a command at the other centre under a key of its own; there it is done once.

use std::collections::BTreeMap;
use std::time::Duration;

use ems_centre::{AidLetter, Centre};
use ems_model::{AidId, AidSide, CentreName, Command, Request};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::centre::CentreHandle;
use crate::client::CentreUrl;
use crate::client::calls::{CallError, CentreClient};
use crate::server::stopped;

/// How often the courier looks what waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Pauses after an attempt without answer; the last one repeats.
const PAUSES_S: [u64; 5] = [1, 2, 5, 10, 30];
/// Error codes after which the same message may be taken (docs/api.md).
const TRANSIENT: [&str; 2] = ["recovering", "not_durable"];

/// This centre's name among its neighbours, and where they are.
#[derive(Debug, Clone)]
pub struct Peers {
    /// What neighbours call this centre.
    pub name: CentreName,
    /// Where each neighbour is.
    pub others: BTreeMap<CentreName, CentreUrl>,
}

type LetterKey = (AidSide, CentreName, AidId, u32);

struct Courier {
    centre: CentreHandle,
    name: CentreName,
    clients: BTreeMap<CentreName, CentreClient>,
    /// Messages that had no answer: how often, and when they are sent again.
    waiting: BTreeMap<LetterKey, (usize, Instant)>,
}

/// Carries until the server stops.
pub(crate) async fn carry(centre: CentreHandle, peers: Peers, shutdown: watch::Receiver<bool>) {
    let others = peers.others.into_iter();
    let clients = others.map(|(name, url)| (name, CentreClient::new(url))).collect();
    let mut courier = Courier { centre, name: peers.name, clients, waiting: BTreeMap::new() };
    tokio::select! {
        () = courier.run() => {}
        () = stopped(shutdown) => {}
    }
}

impl Courier {
    async fn run(&mut self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            // A centre that reads its log is asked again.
            let letters = self.centre.look(Centre::aid_letters).await;
            for letter in letters.unwrap_or_default() {
                self.send(&letter).await;
            }
        }
    }

    async fn send(&mut self, letter: &AidLetter) {
        let key = (letter.side, letter.to.clone(), letter.aid, letter.round);
        let (n_tries, due) = self.waiting.get(&key).copied().unwrap_or((0, Instant::now()));
        if Instant::now() < due {
            return;
        }
        let Some(client) = self.clients.get(&letter.to) else {
            let problem = format!("no --peer {} is given: start the centre with it", letter.to);
            return self.note(letter, Some(problem)).await;
        };
        match client.command(&self.request(letter)).await {
            Ok(_) => self.note(letter, None).await,
            Err(CallError::Refused { code, message, .. })
                if !TRANSIENT.contains(&code.as_str()) =>
            {
                self.note(letter, Some(message)).await;
            }
            Err(error) => {
                tracing::warn!(to = %letter.to, %error, "aid is not delivered; it is sent again");
                let pause = PAUSES_S[n_tries.min(PAUSES_S.len() - 1)];
                let due = Instant::now() + Duration::from_secs(pause);
                self.waiting.insert(key, (n_tries + 1, due));
            }
        }
    }

    fn request(&self, letter: &AidLetter) -> Request {
        let what = match letter.side {
            AidSide::Asker => "ask",
            AidSide::Lender => "reply",
        };
        Request {
            key: key(what, letter, &self.name),
            actor: format!("centre:{}", self.name),
            command: Command::Aid { order: letter.order(self.name.clone()) },
        }
    }

    async fn note(&mut self, letter: &AidLetter, problem: Option<String>) {
        self.waiting.remove(&(letter.side, letter.to.clone(), letter.aid, letter.round));
        let request = Request {
            key: key("note", letter, &letter.to),
            actor: "centre".to_owned(),
            command: Command::Aid { order: letter.note(problem) },
        };
        if let Err(error) = self.centre.command(request).await {
            tracing::warn!(%error, "the fate of a message of aid was not noted; it is sent again");
        }
    }
}

/// A key that no other message has; names of 24 bytes leave it under 64.
fn key(what: &str, letter: &AidLetter, name: &CentreName) -> String {
    let at_secs = letter.at.as_micros() / 1_000_000;
    format!("aid-{what}-{}-{}-{at_secs}-{name}", letter.aid, letter.round)
}
