//! What is usual of a patient's intervals between beats.

use std::collections::VecDeque;

/// How a beat's interval compares with those before it; all but the first in parts of a usual one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The interval before the beat, in seconds.
    pub(crate) before: f32,
    /// The median of the last 40, in seconds: of itself for the first.
    pub(crate) usual: f32,
    /// Over the mean of the last 10, 40 and 400.
    pub(crate) of_means: [f32; 3],
    /// Over one that a fifth of the last 200 exceed: runs of early beats leave it as it is.
    pub(crate) of_long: f32,
    /// The mean change from an interval to the next, of the last 30.
    pub(crate) irregularity: f32,
    /// The change that 3 of 10 do not reach: early beats hardly move it, fibrillation does.
    pub(crate) restlessness: f32,
    /// The change that half of the last 200 do not reach.
    pub(crate) long_restlessness: f32,
}

/// The intervals of the last minutes.
#[derive(Debug, Clone)]
pub(crate) struct Intervals {
    last: Window<200>,
    changes: Window<40>,
    long_changes: Window<200>,
    means: [Mean; 3],
    change: Mean,
}

const USUAL_OF: usize = 40;
/// A longer pause counts as one of 3 s.
const LONGEST_SECS: f32 = 3.0;

impl Default for Intervals {
    fn default() -> Self {
        Self {
            last: Window::default(),
            changes: Window::default(),
            long_changes: Window::default(),
            means: [10.0, 40.0, 400.0].map(Mean::of_last),
            change: Mean::of_last(30.0),
        }
    }
}

impl Intervals {
    /// Compares an interval in seconds, NaN for none, with those before it; then keeps it.
    pub(crate) fn push(&mut self, before: f32) -> Pace {
        let known = self.last.latest(USUAL_OF);
        let usual = quantile(known, 0.5).unwrap_or(before);
        let pace = Pace {
            before,
            usual,
            of_means: self.means.map(|mean| before / mean.value()),
            of_long: before / self.last.quantile(0.8),
            irregularity: self.change.value(),
            restlessness: self.changes.quantile(0.3),
            long_restlessness: self.long_changes.quantile(0.5),
        };
        if before.is_finite() {
            self.keep(before, usual);
        }
        pace
    }

    fn keep(&mut self, before: f32, usual: f32) {
        if let Some(&earlier) = self.last.values.back() {
            let change = ((before - earlier).abs() / usual).min(1.0);
            self.changes.push(change);
            self.long_changes.push(change);
            self.change.push(change);
        }
        self.last.push(before);
        self.means.iter_mut().for_each(|mean| mean.push(before.min(LONGEST_SECS)));
    }
}

/// The last `N` values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window<const N: usize> {
    values: VecDeque<f32>,
}

impl<const N: usize> Window<N> {
    /// Keeps a value, unless it is missing.
    pub(crate) fn push(&mut self, value: f32) {
        if value.is_nan() {
            return;
        }
        if self.values.len() == N {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    /// The value that `share` of them do not reach, NaN without any.
    pub(crate) fn quantile(&self, share: f32) -> f32 {
        quantile(self.values.iter(), share).unwrap_or(f32::NAN)
    }

    fn latest(&self, n: usize) -> impl Iterator<Item = &f32> {
        self.values.iter().rev().take(n)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of some hundred values"
)]
fn quantile<'a>(values: impl Iterator<Item = &'a f32>, share: f32) -> Option<f32> {
    let mut values: Vec<f32> = values.copied().collect();
    let at = (share * values.len().saturating_sub(1) as f32).round() as usize;
    if at >= values.len() {
        return None;
    }
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// A mean in which a value counts one part in `longest`, the first ones more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mean {
    level: f32,
    n_values: f32,
    longest: f32,
}

impl Mean {
    pub(crate) const fn of_last(longest: f32) -> Self {
        Self { level: 0.0, n_values: 0.0, longest }
    }

    pub(crate) fn push(&mut self, value: f32) {
        if value.is_finite() {
            self.n_values = (self.n_values + 1.0).min(self.longest);
            self.level += (value - self.level) / self.n_values;
        }
    }

    /// NaN without a value.
    pub(crate) fn value(&self) -> f32 {
        if self.n_values > 0.0 { self.level } else { f32::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_early_beats_is_early_to_its_end_and_a_steady_rate_is_not() {
        let mut intervals = Intervals::default();
        let steady = (0..300).map(|_| intervals.push(1.0)).last().expect("300 of them");
        assert!((steady.of_long - 1.0).abs() < 1e-6 && steady.restlessness < 1e-6);
        let run = (0..100).map(|_| intervals.push(0.5)).last().expect("100 of them");
        assert!((run.usual - 0.5).abs() < 1e-6, "{run:?}");
        assert!(run.of_long < 0.51 && run.of_means[2] < 0.6, "{run:?}");
        assert!(run.restlessness < 1e-6, "{run:?}");
    }

    #[test]
    fn a_mean_is_plain_until_it_is_full() {
        let mut mean = Mean::of_last(3.0);
        assert!(mean.value().is_nan());
        for value in [1.0, f32::NAN, 2.0, 3.0] {
            mean.push(value);
        }
        assert!((mean.value() - 2.0).abs() < 1e-6);
        mean.push(5.0);
        assert!((mean.value() - 3.0).abs() < 1e-6);
    }
}
