//! The spread of many numbers in little room.

use std::collections::{BTreeMap, BTreeSet};

/// A bucket's greatest number is so many times its least: what is told is within 5 %.
const RATIO: f64 = 1.05 / 0.95;

/// How often which number came, by buckets that grow with the number; what is told is within 5 %
/// (`DDSketch`: Masson, Rim and Lee, VLDB 2019; from memory, unverified). Two sketches added are
/// the sketch of all their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    n_zeros: u32,
    buckets: BTreeMap<i16, u32>,
    /// Numbers of which only a lower bound is known, by the bucket of that.
    at_least: BTreeMap<i16, u32>,
}

/// A quantile, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The number.
    pub value: f64,
    /// Whether it is that or more: too few numbers were seen to their limit.
    pub is_at_least: bool,
}

impl Sketch {
    /// Counts a number; what is below a thousandth counts as zero, what is none is passed over.
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
        } else if value < 1e-3 {
            self.n_zeros = self.n_zeros.saturating_add(1);
        } else {
            self.put(bucket_of(value), 1);
        }
    }

    /// Counts a number that is so much or more; below a thousandth that says nothing.
    pub fn add_at_least(&mut self, value: f64) {
        if value >= 1e-3 {
            self.put_at_least(bucket_of(value), 1);
        }
    }

    /// Counts all that another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.n_zeros = self.n_zeros.saturating_add(other.n_zeros);
        other.buckets.iter().for_each(|(bucket, n)| self.put(*bucket, *n));
        other.at_least.iter().for_each(|(bucket, n)| self.put_at_least(*bucket, *n));
    }

    /// How many numbers were counted, those of which a bound is known aside.
    pub fn n(&self) -> u32 {
        self.buckets.values().fold(self.n_zeros, |sum, n| sum.saturating_add(*n))
    }

    /// How many numbers were counted of which a lower bound is known.
    pub fn n_at_least(&self) -> u32 {
        self.at_least.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// The number that a part of all, 0 to 1, do not exceed; `None` where none was counted.
    ///
    /// A lower bound counts up to itself and not beyond (Kaplan and Meier, JASA 1958; from memory,
    /// unverified), so one far below what there is changes nothing. It is taken that how much was
    /// asked of a link does not follow from how much it could carry.
    pub fn told(&self, part: f64) -> Option<Told> {
        if self.at_least.is_empty() {
            return self.quantile(part).map(|value| Told { value, is_at_least: false });
        }
        let mut n_left = f64::from(self.n()) + f64::from(self.n_at_least());
        let mut beyond = 1.0 - f64::from(self.n_zeros) / n_left;
        let wanted = 1.0 - part.clamp(0.0, 1.0);
        n_left -= f64::from(self.n_zeros);
        if beyond <= wanted && self.n_zeros > 0 {
            return Some(Told { value: 0.0, is_at_least: false });
        }
        let all: BTreeSet<i16> = self.buckets.keys().chain(self.at_least.keys()).copied().collect();
        for bucket in &all {
            let n_in = |of: &BTreeMap<i16, u32>| f64::from(of.get(bucket).copied().unwrap_or(0));
            let n_seen = n_in(&self.buckets);
            beyond *= 1.0 - n_seen / n_left;
            if n_seen > 0.0 && beyond <= wanted {
                return Some(Told { value: middle(*bucket), is_at_least: false });
            }
            n_left -= n_seen + n_in(&self.at_least);
        }
        all.last().map(|bucket| Told { value: middle(*bucket), is_at_least: true })
    }

    /// The number that a part of those seen to their limit, 0 to 1, do not exceed; `None` where
    /// none was counted.
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

    /// Zeros, then buckets with their counts, then those of lower bounds.
    pub(crate) fn parts(&self) -> (u32, [&BTreeMap<i16, u32>; 2]) {
        (self.n_zeros, [&self.buckets, &self.at_least])
    }

    pub(crate) fn put_at_least(&mut self, bucket: i16, n: u32) {
        let counted = self.at_least.entry(bucket).or_default();
        *counted = counted.saturating_add(n);
    }

    pub(crate) fn put_zeros(&mut self, n: u32) {
        self.n_zeros = self.n_zeros.saturating_add(n);
    }

    pub(crate) fn put(&mut self, bucket: i16, n: u32) {
        let counted = self.buckets.entry(bucket).or_default();
        *counted = counted.saturating_add(n);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "logarithms of an f64 are small")]
fn bucket_of(value: f64) -> i16 {
    value.min(1e15).log(RATIO).ceil() as i16
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

    #[test]
    fn a_bound_below_what_there_is_changes_nothing_and_one_above_raises_it() {
        let mut sketch = Sketch::default();
        (1..=9).for_each(|n| sketch.add(f64::from(n) * 1000.0));
        let plain = sketch.told(0.5).unwrap();
        (0..1000).for_each(|_| sketch.add_at_least(30.0));
        assert_eq!(sketch.told(0.5).unwrap(), plain);
        (0..9).for_each(|_| sketch.add_at_least(20_000.0));
        let raised = sketch.told(0.5).unwrap();
        assert!((8_500.0..=9_500.0).contains(&raised.value) && !raised.is_at_least, "{raised:?}");
        sketch.add_at_least(20_000.0);
        let open = sketch.told(0.5).unwrap();
        assert!((19_000.0..=21_000.0).contains(&open.value) && open.is_at_least, "{open:?}");
        assert_eq!((sketch.n(), sketch.n_at_least()), (9, 1010));
    }

    #[test]
    fn a_hole_is_told_beside_bounds() {
        let mut sketch = Sketch::default();
        (0..30).for_each(|_| sketch.add(0.0));
        (0..70).for_each(|_| sketch.add_at_least(40.0));
        assert_eq!(sketch.told(0.1).unwrap(), Told { value: 0.0, is_at_least: false });
        assert!(sketch.told(0.5).unwrap().is_at_least);
    }

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
