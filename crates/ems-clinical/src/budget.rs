//! How many alarms a patient's bed had, and what became of them.

use std::collections::BTreeMap;

use ems_model::{AlarmKind, Millis};

use crate::arrhythmia::Contradiction;
use crate::signal::{Change, Delay};

/// Times to acknowledgement that are kept a kind; later ones are counted alone.
const KEPT_MAX: usize = 10_000;

/// Alarms since the gateway started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmBudget {
    /// For how long a patient was watched.
    pub watched: Millis,
    lines: BTreeMap<AlarmKind, BudgetLine>,
}

/// Alarms of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetLine {
    /// Told.
    pub n_told: u64,
    /// Of these, became more urgent because nobody acknowledged them; each step counts.
    pub n_escalated: u64,
    /// Of these, acknowledged.
    pub n_acknowledged: u64,
    /// Not told, for the limit was crossed for less than the condition delay.
    pub n_within_condition_delay: u64,
    /// Not told, for the condition ended within the signal delay.
    pub n_within_signal_delay: u64,
    /// Not told, for a pulse wave showed what cannot be then, by what it showed.
    pub suppressed: BTreeMap<&'static str, u64>,
    /// Times to acknowledgement, in the order they came.
    pub to_acknowledge: Vec<Millis>,
}

impl AlarmBudget {
    /// The kinds that were told or withheld.
    pub fn lines(&self) -> impl Iterator<Item = (AlarmKind, &BudgetLine)> {
        self.lines.iter().map(|(kind, line)| (*kind, line))
    }

    /// Alarms of any kind that were told.
    pub fn n_told(&self) -> u64 {
        self.lines.values().map(|line| line.n_told).sum()
    }

    /// So many in an hour of watching; `None` before anything was watched.
    pub fn per_hour(&self, n: u64) -> Option<f64> {
        let hours = self.watched.as_secs_f64() / 3600.0;
        #[expect(clippy::cast_precision_loss, reason = "alarms are counted in thousands")]
        let n = n as f64;
        (hours > 0.0).then(|| n / hours)
    }

    pub(crate) fn count_suppressed(&mut self, kind: AlarmKind, why: Contradiction) {
        let line = self.lines.entry(kind).or_default();
        *line.suppressed.entry(why.named().0).or_default() += 1;
    }

    pub(crate) fn count(&mut self, kind: AlarmKind, change: Change) {
        let line = self.lines.entry(kind).or_default();
        match change {
            Change::Started => line.n_told += 1,
            Change::Escalated => line.n_escalated += 1,
            Change::Acknowledged { after } => {
                line.n_acknowledged += 1;
                if line.to_acknowledge.len() < KEPT_MAX {
                    line.to_acknowledge.push(after);
                }
            }
            Change::Withheld(Delay::Condition) => line.n_within_condition_delay += 1,
            Change::Withheld(Delay::Signal) => line.n_within_signal_delay += 1,
            Change::Latched | Change::Returned | Change::Ended => {}
        }
    }
}

impl BudgetLine {
    /// Those that a pulse wave spoke against.
    pub fn n_suppressed(&self) -> u64 {
        self.suppressed.values().sum()
    }

    /// The median time to acknowledgement; `None` if none was acknowledged.
    pub fn median_to_acknowledge(&self) -> Option<Millis> {
        let mut times = self.to_acknowledge.clone();
        times.sort_unstable();
        times.get(times.len().checked_sub(1)? / 2).copied()
    }
}
