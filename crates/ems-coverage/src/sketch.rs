//! The spread of many numbers in little room.

use std::collections::BTreeMap;

/// A bucket's greatest number is so many times its least: what is told is within 5 %.
const RATIO: f64 = 1.05 / 0.95;

/// How often which number came, by buckets that grow with the number; what is told is within 5 %
/// (`DDSketch`: Masson, Rim and Lee, VLDB 2019; from memory, unverified). Two sketches added are
/// the sketch of all their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    n_zeros: u32,
    buckets: BTreeMap<i16, u32>,
}

impl Sketch {
    /// Counts a number; what is below a thousandth counts as zero, what is none is passed over.
    #[expect(clippy::cast_possible_truncation, reason = "logarithms of an f64 are small")]
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
        } else if value < 1e-3 {
            self.n_zeros = self.n_zeros.saturating_add(1);
        } else {
            let bucket = value.min(1e15).log(RATIO).ceil() as i16;
            self.put(bucket, 1);
        }
    }

    /// Counts all that another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.n_zeros = self.n_zeros.saturating_add(other.n_zeros);
        other.buckets.iter().for_each(|(bucket, n)| self.put(*bucket, *n));
    }

    /// How many numbers were counted.
    pub fn n(&self) -> u32 {
        self.buckets.values().fold(self.n_zeros, |sum, n| sum.saturating_add(*n))
    }

    /// The number that a part of all, 0 to 1, do not exceed; `None` where none was counted.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a u32")]
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let last = self.n().checked_sub(1)?;
        let rank = (part.clamp(0.0, 1.0) * f64::from(last)).round() as u32;
        let mut n_seen = self.n_zeros;
        if rank < n_seen {
            return Some(0.0);
        }
        for (bucket, n) in &self.buckets {
            n_seen = n_seen.saturating_add(*n);
            if rank < n_seen {
                return Some(middle(*bucket));
            }
        }
        None
    }

    /// Zeros, then buckets with their counts.
    pub(crate) fn parts(&self) -> (u32, &BTreeMap<i16, u32>) {
        (self.n_zeros, &self.buckets)
    }

    pub(crate) fn put_zeros(&mut self, n: u32) {
        self.n_zeros = self.n_zeros.saturating_add(n);
    }

    pub(crate) fn put(&mut self, bucket: i16, n: u32) {
        let counted = self.buckets.entry(bucket).or_default();
        *counted = counted.saturating_add(n);
    }
}

/// The number that is as far from the least of a bucket as from its greatest, in parts of itself.
fn middle(bucket: i16) -> f64 {
    let greatest = RATIO.powi(bucket.into());
    2.0 * greatest / (1.0 + RATIO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn quantiles_are_within_a_twentieth_and_halves_add_up(
            mut values in prop::collection::vec(prop_oneof![Just(0.0), 0.001..1e9_f64], 1..200),
            part in 0.0..=1.0_f64,
        ) {
            let sketch = |values: &[f64]| {
                let mut sketch = Sketch::default();
                for value in values {
                    sketch.add(*value);
                }
                sketch
            };
            let whole = sketch(&values);
            let (one, other) = values.split_at(values.len() / 2);
            let mut both = sketch(one);
            both.merge(&sketch(other));
            prop_assert_eq!(&both, &whole);
            values.sort_by(f64::total_cmp);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "at most 200 values"
            )]
            let rank = (part * (values.len() - 1) as f64).round() as usize;
            let told = whole.quantile(part).unwrap();
            let right = values[rank];
            prop_assert!((told - right).abs() <= 0.0501 * right, "{} {}", told, right);
        }
    }
}
