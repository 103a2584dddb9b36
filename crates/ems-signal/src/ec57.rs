//! Compares beats found with beats annotated, after ANSI/AAMI EC57: one to one within a window.

use std::ops::AddAssign;

/// Counts over one or more records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Beats found that were annotated.
    pub n_right: usize,
    /// Beats annotated that were not found.
    pub n_missed: usize,
    /// Beats found that were not annotated.
    pub n_false: usize,
}

impl Score {
    /// Sensitivity in percent.
    pub fn se(self) -> f64 {
        100.0 * ratio(self.n_right, self.n_right + self.n_missed)
    }

    /// Positive predictivity in percent.
    pub fn pp(self) -> f64 {
        100.0 * ratio(self.n_right, self.n_right + self.n_false)
    }

    /// The harmonic mean of both, in percent.
    pub fn f1(self) -> f64 {
        100.0 * ratio(2 * self.n_right, 2 * self.n_right + self.n_missed + self.n_false)
    }

    /// Detection error rate in percent of the annotated beats.
    pub fn der(self) -> f64 {
        100.0 * ratio(self.n_missed + self.n_false, self.n_right + self.n_missed)
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.n_right += other.n_right;
        self.n_missed += other.n_missed;
        self.n_false += other.n_false;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of beats stay below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Matches two sorted lists of samples, each with the nearest of the other within `reach`.
pub fn compare_beats(truth: &[i64], found: &[i64], reach: i64) -> Score {
    let pairs = pair_beats(truth, found, reach);
    let n_right = pairs.len();
    Score { n_right, n_missed: truth.len() - n_right, n_false: found.len() - n_right }
}

/// The pairs of such a match: indices into both lists.
pub fn pair_beats(truth: &[i64], found: &[i64], reach: i64) -> Vec<(usize, usize)> {
    let (mut t, mut f, mut pairs) = (0, 0, vec![]);
    while t < truth.len() && f < found.len() {
        let off = found[f] - truth[t];
        let next_found_is_nearer =
            found.get(f + 1).is_some_and(|next| (next - truth[t]).abs() < off.abs());
        let next_truth_is_nearer =
            truth.get(t + 1).is_some_and(|next| (found[f] - next).abs() < off.abs());
        if off < -reach || (off.abs() <= reach && next_found_is_nearer) {
            f += 1;
        } else if off > reach || next_truth_is_nearer {
            t += 1;
        } else {
            pairs.push((t, f));
            (t, f) = (t + 1, f + 1);
        }
    }
    pairs
}

/// The samples outside of all `episodes` (from, to; both belong to them), from sample `from` on.
pub fn outside(samples: &[i64], from: i64, episodes: &[(i64, i64)]) -> Vec<i64> {
    let is_within = |sample: i64| episodes.iter().any(|&(a, b)| (a..=b).contains(&sample));
    samples.iter().copied().filter(|&it| it >= from && !is_within(it)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_beat_is_matched_once_with_the_nearest() {
        let score = compare_beats(&[100, 200, 300], &[95, 105, 290, 500], 54);
        assert_eq!(score, Score { n_right: 2, n_missed: 1, n_false: 2 });
        assert_eq!(outside(&[1, 5, 9, 12], 2, &[(9, 11)]), [5, 12]);
    }
}
