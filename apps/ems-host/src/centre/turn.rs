//! What one round of the actor has to make durable, and what waits for that.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ems_model::Recorded;
use ems_store::{EventLog, StoreError};

use super::Delivery;

/// New events and the answers that wait until they are durable.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) events: Vec<Recorded>,
    pub(super) deliveries: Vec<Delivery>,
}

/// Appends that have not been answered by the log, and the first that failed.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    n_appends: AtomicUsize,
    failure: Mutex<Option<StoreError>>,
}

/// One append under way; it has ended when this is dropped, answered or not.
struct Append(Arc<InFlight>);

impl Append {
    fn start(in_flight: &Arc<InFlight>) -> Self {
        in_flight.n_appends.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(in_flight))
    }
}

impl Drop for Append {
    fn drop(&mut self) {
        self.0.n_appends.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Turn {
    /// Delivers once everything that was decided until now is durable.
    pub(super) fn settle(self, log: &dyn EventLog, in_flight: &Arc<InFlight>) {
        if self.events.is_empty() && in_flight.is_empty() {
            let failure = in_flight.failure();
            for deliver in self.deliveries {
                deliver(to_result(failure.as_ref()));
            }
            return;
        }
        if self.events.is_empty() && self.deliveries.is_empty() {
            return;
        }
        let append = Append::start(in_flight);
        let deliveries = self.deliveries;
        let done = move |result: Result<u64, StoreError>| {
            let failure = result.err().map(|error| append.0.fail(error));
            // An append that wrote nothing still fails if it waited for one that did.
            let failure = failure.or_else(|| append.0.failure());
            for deliver in deliveries {
                deliver(to_result(failure.as_ref()));
            }
        };
        log.append(self.events, Box::new(done));
    }
}

impl InFlight {
    pub(super) fn is_empty(&self) -> bool {
        self.n_appends.load(Ordering::Acquire) == 0
    }

    pub(super) fn failure(&self) -> Option<StoreError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a failure and gives the first one, which all later ones follow from.
    fn fail(&self, error: StoreError) -> StoreError {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error).clone()
    }
}

fn to_result(failure: Option<&StoreError>) -> Result<(), &StoreError> {
    failure.map_or(Ok(()), Err)
}
