//! What was asked of late, to tell a retry from another wish under the same key.

use std::collections::{BTreeMap, VecDeque};

use ems_model::{Command, Request, Timestamp};

/// The requests that are remembered: a client that retries does so within minutes.
const REQUESTS_MAX: usize = 4096;

/// The newest requests that were done, by key. A restart forgets them; their keys stay in the log.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    by_key: BTreeMap<String, Request>,
    oldest_first: VecDeque<String>,
}

impl Asked {
    /// Remembers a request that was done under a new key.
    pub(crate) fn note(&mut self, request: &Request) {
        if self.oldest_first.len() == REQUESTS_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_key.remove(&oldest);
        }
        self.oldest_first.push_back(request.key.clone());
        self.by_key.insert(request.key.clone(), undated(request));
    }

    /// Whether something else was asked under this request's key.
    pub(crate) fn is_other(&self, request: &Request) -> bool {
        self.by_key.get(&request.key).is_some_and(|known| *known != undated(request))
    }
}

/// The same request whenever it is made: a retry may be dated anew.
fn undated(request: &Request) -> Request {
    let mut request = request.clone();
    match &mut request.command {
        Command::SignOnUnit { shift_until: at, .. }
        | Command::RestCrew { until: at, .. }
        | Command::StepUnit { at, .. } => *at = Timestamp::default(),
        Command::TakeCall { call, .. } => {
            (call.rang_at, call.answered_at) = (Timestamp::default(), None);
        }
        Command::DivertAmbulances { until, .. } => *until = None,
        _ => {}
    }
    request
}
