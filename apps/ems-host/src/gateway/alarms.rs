//! What the page tells of alarms as a whole.

use std::collections::BTreeMap;

use ems_clinical::{AlarmBudget, Audio, Held};
use ems_model::{AlarmKind, AlarmPriority, Millis, Timestamp};
use serde::Serialize;

/// What is to be heard.
#[derive(Debug, Serialize)]
pub(super) struct AudioView {
    /// `silent`, `sounding` or `paused`.
    state: &'static str,
    priority: Option<AlarmPriority>,
    /// When a pause expires.
    until: Option<Timestamp>,
}

/// How many alarms there were since the gateway started.
#[derive(Debug, Serialize)]
pub(super) struct BudgetView {
    watched: Millis,
    n_told: u64,
    /// In an hour of watching; `null` before anything was watched.
    told_per_hour: Option<f64>,
    kinds: Vec<KindView>,
}

#[derive(Debug, Serialize)]
struct KindView {
    kind: AlarmKind,
    n_told: u64,
    told_per_hour: Option<f64>,
    n_acknowledged: u64,
    median_to_acknowledge: Option<Millis>,
    n_escalated: u64,
    /// The limit was crossed for less than the condition delay.
    n_within_condition_delay: u64,
    /// The condition ended within the signal delay.
    n_within_signal_delay: u64,
    /// A pulse wave showed what cannot be then: how often, by what it showed.
    suppressed: BTreeMap<&'static str, u64>,
}

/// An alarm that is held back against a pulse wave.
#[derive(Debug, Serialize)]
pub(super) struct HeldView {
    kind: AlarmKind,
    since: Timestamp,
    /// The channel that speaks against it.
    channel: String,
    /// `longest_pause` (seconds), `slowest_five`, `fastest_beat` or `steady_pulse` (a minute).
    shows: &'static str,
    value: f64,
}

impl From<Held> for HeldView {
    fn from(held: Held) -> Self {
        let (shows, value) = held.why.named();
        Self { kind: held.kind, since: held.since, channel: held.channel, shows, value }
    }
}

impl From<Audio> for AudioView {
    fn from(audio: Audio) -> Self {
        match audio {
            Audio::Silent => Self { state: "silent", priority: None, until: None },
            Audio::Sounding(priority) => {
                Self { state: "sounding", priority: Some(priority), until: None }
            }
            Audio::Paused { until } => Self { state: "paused", priority: None, until: Some(until) },
        }
    }
}

impl From<&AlarmBudget> for BudgetView {
    fn from(budget: &AlarmBudget) -> Self {
        let kinds = budget.lines().map(|(kind, line)| KindView {
            kind,
            n_told: line.n_told,
            told_per_hour: budget.per_hour(line.n_told),
            n_acknowledged: line.n_acknowledged,
            median_to_acknowledge: line.median_to_acknowledge(),
            n_escalated: line.n_escalated,
            n_within_condition_delay: line.n_within_condition_delay,
            n_within_signal_delay: line.n_within_signal_delay,
            suppressed: line.suppressed.clone(),
        });
        Self {
            watched: budget.watched,
            n_told: budget.n_told(),
            told_per_hour: budget.per_hour(budget.n_told()),
            kinds: kinds.collect(),
        }
    }
}
