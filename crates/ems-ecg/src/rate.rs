//! Milliseconds and samples.

/// Samples a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl Rate {
    /// Samples in `ms`, rounded, at least 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "spans of a recording are positive and short"
    )]
    pub(crate) fn samples(self, ms: f64) -> usize {
        (ms * self.0 / 1000.0).round().max(1.0) as usize
    }

    /// The time that `n` samples take.
    pub(crate) fn ms(self, n: usize) -> f64 {
        1000.0 * count(n) / self.0
    }
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "samples and beats stay below 2^52")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// The middle one of `values`, the lower of two; `None` without any.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// The mean; `None` of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / count(n))
}
