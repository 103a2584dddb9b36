//! Whether a forecaster still is as right as it says.

use ems_model::Date;

/// Watches the errors of one series: their sum (Page, "Continuous inspection schemes", Biometrika
/// 41, 1954: the two-sided CUSUM; quoted from memory) and how often the interval holds.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    above: Side,
    below: Side,
    recent: Vec<(Date, bool)>,
}

#[derive(Debug, Clone, Default)]
struct Side {
    sum: f64,
    since: Option<Date>,
}

/// What a [`Monitor`] found to have changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drift {
    /// More incidents than expected.
    Above {
        /// The day from which on errors add up.
        since: Date,
        /// Their sum beyond what chance gives, in standard deviations of one.
        sum: f64,
    },
    /// Fewer incidents than expected.
    Below {
        /// The day from which on errors add up.
        since: Date,
        /// Their sum beyond what chance gives, in standard deviations of one.
        sum: f64,
    },
    /// The 80 % interval holds too rarely.
    Narrow {
        /// The first of the days that were counted.
        since: Date,
        /// How many were within.
        n_within: usize,
    },
}

/// An error counts only beyond this, and an alarm comes at that sum, in standard deviations. With
/// independent errors a false alarm comes once in some three years (tests/it/drift.rs).
const SLACK: f64 = 0.5;
const SUM_MAX: f64 = 6.0;

/// Errors of single days are no larger than this: one odd day is not a drift.
const ERROR_MAX: f64 = 3.0;

/// Of this many days within the 80 % interval, fewer than that are less likely than 1 in 1000.
const DAYS_WATCHED: usize = 56;
const WITHIN_MIN: usize = 35;

impl Monitor {
    /// Takes a day's error in standard deviations of its forecast, and whether the 80 % interval
    /// held. After an alarm it starts anew.
    pub fn push(&mut self, date: Date, error: f64, is_within: bool) -> Option<Drift> {
        let error = error.clamp(-ERROR_MAX, ERROR_MAX);
        self.recent.push((date, is_within));
        let above = self.above.add(date, error).map(|(since, sum)| Drift::Above { since, sum });
        let below = self.below.add(date, -error).map(|(since, sum)| Drift::Below { since, sum });
        let found = above.or(below).or_else(|| self.narrow());
        if found.is_some() {
            *self = Self::default();
        }
        found
    }

    fn narrow(&self) -> Option<Drift> {
        let from = self.recent.len().checked_sub(DAYS_WATCHED)?;
        let watched = &self.recent[from..];
        let n_within = watched.iter().filter(|(_, is_within)| *is_within).count();
        (n_within < WITHIN_MIN).then_some(Drift::Narrow { since: watched[0].0, n_within })
    }
}

impl Side {
    fn add(&mut self, date: Date, error: f64) -> Option<(Date, f64)> {
        self.sum = (self.sum + error - SLACK).max(0.0);
        if self.sum <= 0.0 {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(date);
        (self.sum > SUM_MAX).then_some((since, self.sum))
    }
}
