//! The rules that a fleet is run by.

use ems_dispatch::{Candidate, Dispatch, Errand, Exchange, Relocation, Weighing};

use super::ahead::Lookahead;

/// The rules that a fleet is run by.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetPolicy {
    /// Which unit is sent.
    pub dispatch: Sending,
    /// Where a freed unit waits, and which idle ones move.
    pub relocation: Relocation,
    /// Whether a freed unit takes a call from one that is on its way there.
    pub exchange: Option<Exchange>,
    /// How long an idle unit that was moved is left alone, unless it has a call in between,
    /// minutes.
    pub move_pause_min: f64,
}

/// Which unit is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Sending {
    /// The first by a rule.
    Rule(Dispatch),
    /// The one that costs all calls at hand least.
    Weighed(Weighing),
    /// The one that leaves fewest calls late, tried on sampled futures.
    Ahead(Lookahead),
}

impl FleetPolicy {
    /// Its rules, each with its version.
    pub fn name(&self) -> String {
        let dispatch = match &self.dispatch {
            Sending::Rule(rule) => rule.name().to_owned(),
            Sending::Weighed(weighing) => weighing.name(),
            Sending::Ahead(ahead) => format!("{} on {}", ahead.rollout.name(), ahead.base.name()),
        };
        let exchange = self.exchange.map_or(String::new(), |rule| format!(" {}", rule.name()));
        format!("{dispatch} {}{exchange}", self.relocation.name())
    }

    /// A unit that may be sent, as the rule of dispatch sees it: its station, its time to the call
    /// and what is left until the call's target, both in one quantity.
    pub fn candidate<U, T: PartialOrd + Copy>(
        &self,
        rule: Dispatch,
        unit: U,
        (errand, station): (Errand, usize),
        time: T,
        left: T,
    ) -> Candidate<U, T> {
        let of_free = || self.relocation.cover_lost(station);
        let cover_lost = rule.cover_lost(errand, of_free);
        Candidate { unit, is_in_time: time <= left, time, cover_lost }
    }
}
