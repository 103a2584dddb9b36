//! What will happen, in order of time and then of planning.

use std::collections::BTreeMap;

use ems_centre::Recommendation;
use ems_model::{IncidentId, Request, Timestamp};
use ems_uplink::{UplinkDown, UplinkUp};

/// Something that will happen in a simulated world. Units are named by their index.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The city wants to wake.
    City,
    /// The centre wants to wake.
    Centre,
    /// A unit's gateway wants to wake.
    Gateway(usize),
    /// A request reaches the centre.
    Request(Box<Request>),
    /// Its answer reaches the city.
    Answer {
        key: String,
        answer: Result<u64, &'static str>,
    },
    /// A question for a recommendation reaches the centre.
    Ask(IncidentId),
    /// Its answer reaches the city.
    Advice {
        incident: IncidentId,
        answer: Box<Result<Recommendation, &'static str>>,
    },
    /// What was recorded is durable now.
    Commit {
        life: u32,
    },
    /// The public stream reaches the city.
    Stream {
        life: u32,
    },
    /// A unit's message reaches the centre.
    Up {
        unit: usize,
        connection: u32,
        message: Box<UplinkUp>,
    },
    /// The centre's message reaches a unit.
    Down {
        unit: usize,
        connection: u32,
        message: Box<UplinkDown>,
    },
    /// A unit tries to connect.
    Connect(usize),
    /// A unit's link is lost, and comes back.
    LinkLost(usize),
    LinkBack(usize),
    /// The centre's process crashes, and is started again.
    CentreCrash,
    CentreStart,
    /// The centre will crash before its next change of state is durable.
    CrashArmed,
    /// A unit's gateway crashes, and is started again.
    GatewayCrash(usize),
    GatewayStart(usize),
    /// A unit's device clock jumps.
    ClockJump(usize),
    /// The promises are checked, and the caller is told how far the run is.
    Check,
}

/// The queue of happenings.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    happenings: BTreeMap<(Timestamp, u64), Happening>,
    n_planned: u64,
}

/// The most happenings that wait at once.
const WAITING_MAX: usize = 5_000_000;

impl Queue {
    pub(crate) fn plan(&mut self, at: Timestamp, happening: Happening) {
        assert!(self.happenings.len() < WAITING_MAX, "a simulated world keeps its queue short");
        self.n_planned += 1;
        self.happenings.insert((at, self.n_planned), happening);
    }

    /// When the next happens.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.happenings.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn pop(&mut self) -> Option<(Timestamp, Happening)> {
        self.happenings.pop_first().map(|((at, _), happening)| (at, happening))
    }
}

/// A role's wake in the queue: one at a time, the earliest that it asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Armed(Option<Timestamp>);

impl Armed {
    /// Plans a wake if none is planned that early.
    pub(crate) fn arm(
        &mut self,
        queue: &mut Queue,
        now: Timestamp,
        wake: Option<Timestamp>,
        happening: Happening,
    ) {
        let Some(at) = wake.map(|at| at.max(now)) else { return };
        if self.0.is_none_or(|armed| at < armed) {
            self.0 = Some(at);
            queue.plan(at, happening);
        }
    }

    /// Whether a wake that came is the planned one, which it then no longer is.
    pub(crate) fn take(&mut self, at: Timestamp) -> bool {
        let is_planned = self.0 == Some(at);
        if is_planned {
            self.0 = None;
        }
        is_planned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_planned_first_happens_first_at_the_same_time() {
        let at = Timestamp::from_millis;
        let mut queue = Queue::default();
        queue.plan(at(2), Happening::Gateway(1));
        queue.plan(at(1), Happening::Gateway(2));
        queue.plan(at(1), Happening::Gateway(3));
        let order: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|(at, happening)| (at.as_micros(), format!("{happening:?}")))
            .collect();
        let name = |n| format!("Gateway({n})");
        assert_eq!(order, [(1000, name(2)), (1000, name(3)), (2000, name(1))]);
    }
}
