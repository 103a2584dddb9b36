//! How well the gateway sees its patient, as it is told to the centre.

use ems_clinical::{Contradiction, Held};
use ems_model::{HeldAlarm, LeadCondition, LeadWatch, PulseShows, Timestamp};
use ems_signal::LeadState;

use crate::lead::Lead;

pub(crate) fn lead_watch(now: Timestamp, lead: &Lead) -> LeadWatch {
    let state = match lead.state() {
        _ if lead.is_silent(now) => LeadCondition::Off,
        None => LeadCondition::Starting,
        Some(LeadState::Good) => LeadCondition::Good,
        Some(LeadState::Noisy) => LeadCondition::Noisy,
        Some(LeadState::Flat) => LeadCondition::Flat,
        Some(LeadState::Saturated) => LeadCondition::Saturated,
        Some(LeadState::Off) => LeadCondition::Off,
    };
    LeadWatch { lead: lead.name().to_owned(), state, clock: lead.clock() }
}

pub(crate) fn held_alarm(held: Held) -> HeldAlarm {
    let shows = match held.why {
        Contradiction::LongestPause(secs) => PulseShows::LongestPause(secs),
        Contradiction::SlowestFive(rate) => PulseShows::SlowestFive(rate),
        Contradiction::FastestBeat(rate) => PulseShows::FastestBeat(rate),
        Contradiction::SteadyPulse(rate) => PulseShows::SteadyPulse(rate),
    };
    HeldAlarm { kind: held.kind, since: held.since, channel: held.channel, shows }
}
