//! Compares beats found with beats annotated, after ANSI/AAMI EC57: 150 ms, one to one.

use std::ops::AddAssign;

/// Counts over one or more records.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Score {
    pub(crate) n_right: usize,
    pub(crate) n_missed: usize,
    pub(crate) n_false: usize,
}

impl Score {
    /// Sensitivity in percent.
    pub(crate) fn se(self) -> f64 {
        100.0 * ratio(self.n_right, self.n_right + self.n_missed)
    }

    /// Positive predictivity in percent.
    pub(crate) fn pp(self) -> f64 {
        100.0 * ratio(self.n_right, self.n_right + self.n_false)
    }

    /// Detection error rate in percent of the annotated beats.
    pub(crate) fn der(self) -> f64 {
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

fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Matches two sorted lists of samples, each with the nearest of the other within `reach`.
pub(crate) fn compare(truth: &[i64], found: &[i64], reach: i64) -> Score {
    let (mut t, mut f, mut score) = (0, 0, Score::default());
    while t < truth.len() && f < found.len() {
        let off = found[f] - truth[t];
        let next_found_is_nearer =
            f + 1 < found.len() && (found[f + 1] - truth[t]).abs() < off.abs();
        let next_truth_is_nearer =
            t + 1 < truth.len() && (found[f] - truth[t + 1]).abs() < off.abs();
        if off < -reach || (off.abs() <= reach && next_found_is_nearer) {
            score.n_false += 1;
            f += 1;
        } else if off > reach || next_truth_is_nearer {
            score.n_missed += 1;
            t += 1;
        } else {
            score.n_right += 1;
            t += 1;
            f += 1;
        }
    }
    score.n_missed += truth.len() - t;
    score.n_false += found.len() - f;
    score
}

#[test]
fn each_beat_is_matched_once_with_the_nearest() {
    let score = compare(&[100, 200, 300], &[95, 105, 290, 500], 54);
    assert_eq!((score.n_right, score.n_missed, score.n_false), (2, 1, 2));
}
