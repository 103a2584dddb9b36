//! Requests that wait for their answer: asked again under the same key until it comes.

use std::collections::BTreeMap;

use ems_model::{Command, IncidentId, Millis, Request, Timestamp};

use super::agenda::{Agenda, Wake};
use super::{Outbox, Output};
use crate::settings::ClientSettings;

/// What is under way to the centre.
#[derive(Debug)]
pub(crate) struct Client {
    prefix: String,
    retry: Millis,
    retry_max: Millis,
    requests: BTreeMap<String, Pending>,
    /// Questions for a recommendation, with how often they were asked.
    asks: BTreeMap<IncidentId, u32>,
}

#[derive(Debug)]
struct Pending {
    request: Request,
    n_tries: u32,
}

/// Error codes after which the same request may succeed (docs/api.md).
const TRANSIENT: [&str; 2] = ["recovering", "not_durable"];

impl Client {
    pub(crate) fn new(seed: u64, run: u64, settings: &ClientSettings) -> Self {
        let run = if run == 0 { String::new() } else { format!("-{run}") };
        Self {
            prefix: format!("twin-{seed}{run}"),
            retry: Millis::new(settings.retry_ms.into()),
            retry_max: Millis::new(settings.retry_ms_max.into()),
            requests: BTreeMap::new(),
            asks: BTreeMap::new(),
        }
    }

    /// Sends a command under a key of its own, which it gives; one under way is not sent twice.
    pub(crate) fn send(
        &mut self,
        now: Timestamp,
        what: &str,
        actor: String,
        command: Command,
        agenda: &mut Agenda,
        outbox: &mut Outbox,
    ) -> String {
        let key = format!("{}-{what}", self.prefix);
        if self.requests.contains_key(&key) {
            return key;
        }
        let request = Request { key: key.clone(), actor, command };
        outbox.push_back(Output::Command(request.clone()));
        agenda.set(Wake::Retry(key.clone()), now + self.retry);
        self.requests.insert(key.clone(), Pending { request, n_tries: 1 });
        key
    }

    /// Takes an answer; gives the command if it is refused for good.
    pub(crate) fn on_answer(
        &mut self,
        key: &str,
        answer: Result<(), &str>,
        agenda: &mut Agenda,
    ) -> Option<Command> {
        if answer.is_err_and(|code| TRANSIENT.contains(&code)) {
            return None;
        }
        agenda.cancel(&Wake::Retry(key.to_owned()));
        let pending = self.requests.remove(key)?;
        answer.is_err().then_some(pending.request.command)
    }

    /// Sends a request again.
    pub(crate) fn retry(
        &mut self,
        now: Timestamp,
        key: &str,
        agenda: &mut Agenda,
        outbox: &mut Outbox,
    ) {
        let (retry, retry_max) = (self.retry, self.retry_max);
        let Some(pending) = self.requests.get_mut(key) else { return };
        outbox.push_back(Output::Command(pending.request.clone()));
        agenda.set(Wake::Retry(key.to_owned()), now + wait(retry, retry_max, pending.n_tries));
        pending.n_tries += 1;
    }

    /// Asks for a recommendation, unless that question is under way.
    pub(crate) fn ask(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        agenda: &mut Agenda,
        outbox: &mut Outbox,
    ) {
        if self.asks.contains_key(&incident) {
            return;
        }
        self.asks.insert(incident, 1);
        outbox.push_back(Output::AskRecommendation(incident));
        agenda.set(Wake::AskAgain(incident), now + self.retry);
    }

    pub(crate) fn ask_again(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        agenda: &mut Agenda,
        outbox: &mut Outbox,
    ) {
        let Some(n_tries) = self.asks.get_mut(&incident) else { return };
        outbox.push_back(Output::AskRecommendation(incident));
        agenda.set(Wake::AskAgain(incident), now + wait(self.retry, self.retry_max, *n_tries));
        *n_tries += 1;
    }

    /// Whether an answer about this incident was waited for.
    pub(crate) fn on_recommendation(&mut self, incident: IncidentId, agenda: &mut Agenda) -> bool {
        agenda.cancel(&Wake::AskAgain(incident));
        self.asks.remove(&incident).is_some()
    }
}

/// The wait after so many tries: doubled each time, up to the maximum.
fn wait(first: Millis, max: Millis, n_tries: u32) -> Millis {
    Millis::new(first.get() << n_tries.min(10)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn an_unanswered_command_is_sent_again_under_its_key_until_it_is_answered() {
        let (mut agenda, mut outbox) = (Agenda::default(), Outbox::new());
        let mut client = Client::new(7, 0, &Settings::standard().client);
        let command = Command::OpenDoors { hospital: ems_model::HospitalId::new("n1").unwrap() };
        let start = Timestamp::default();
        for _ in 0..2 {
            let (what, actor) = ("doors-1", "hospital:n1".to_owned());
            client.send(start, what, actor, command.clone(), &mut agenda, &mut outbox);
        }
        let (at, wake) = agenda.next().unwrap();
        assert_eq!(wake, Wake::Retry("twin-7-doors-1".into()));
        client.retry(at, "twin-7-doors-1", &mut agenda, &mut outbox);
        assert_eq!(outbox.len(), 2);
        assert_eq!(outbox[0], outbox[1]);
        let transient = client.on_answer("twin-7-doors-1", Err("recovering"), &mut agenda);
        assert_eq!((transient, agenda.next().is_some()), (None, true));
        let refused = client.on_answer("twin-7-doors-1", Err("illegal_step"), &mut agenda);
        assert_eq!((refused, agenda.next()), (Some(command), None));
    }
}
