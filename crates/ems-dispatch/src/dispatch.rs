//! Which of the units that may be sent is sent.

use std::cmp::Ordering;

use crate::diversion::Errand;

/// A unit that may be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<U, T> {
    /// The unit.
    pub unit: U,
    /// Its time to the call, in any one quantity of time.
    pub time: T,
    /// Whether it is there within the target of the call.
    pub is_in_time: bool,
    /// Expected coverage that goes with it, calls a day; 0 where nobody counts it.
    pub cover_lost: f64,
}

/// A rule that picks a unit for a call. Its name and version are written into results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// The unit that is there first; of equals, the one that is named first.
    ClosestUnit,
    /// Of the units that are there in time, the one with which least coverage goes, of equals the
    /// first there; where none is in time, the unit that is there first.
    ///
    /// After Jagtenberg, Bhulai, van der Mei, "Dynamic ambulance dispatching: is the closest-idle
    /// policy always optimal?", Health Care Management Science 20, 2017 (named from memory,
    /// unverified).
    LeastCoverLost,
}

impl Dispatch {
    /// Its name with its version.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosestUnit => "closest-unit/1",
            Self::LeastCoverLost => "least-cover-lost/1",
        }
    }

    /// Whether it looks at the coverage that goes with a unit.
    pub fn weighs_cover(self) -> bool {
        self == Self::LeastCoverLost
    }

    /// The cover that it takes as lost with a unit: with a free one what `of_free` counts, with one
    /// under way to another call all of it, so that such a unit goes only where no free one is in
    /// time; 0 where it weighs none.
    pub fn cover_lost(self, errand: Errand, of_free: impl FnOnce() -> f64) -> f64 {
        match errand {
            _ if !self.weighs_cover() => 0.0,
            Errand::Free => of_free(),
            Errand::ToCall { .. } | Errand::Bound => f64::INFINITY,
        }
    }

    /// Picks among candidates, those named first first.
    ///
    /// A time that does not compare (a NaN) is never picked before one that does.
    pub fn pick<U, T: PartialOrd>(
        self,
        candidates: impl IntoIterator<Item = Candidate<U, T>>,
    ) -> Option<Candidate<U, T>> {
        let is_better = match self {
            Self::ClosestUnit => is_sooner,
            Self::LeastCoverLost => keeps_cover,
        };
        let candidates = candidates.into_iter();
        candidates.reduce(|best, next| if is_better(&next, &best) { next } else { best })
    }

    /// A key by which candidates sort as [`Self::pick`] picks, those that it prefers first; of
    /// equal keys the sooner one.
    pub fn key<U, T>(self, it: &Candidate<U, T>) -> (bool, i64) {
        match self {
            Self::ClosestUnit => (false, 0),
            Self::LeastCoverLost if it.is_in_time => (false, ordinal(it.cover_lost)),
            Self::LeastCoverLost => (true, 0),
        }
    }
}

/// Whole numbers in the order of [`f64::total_cmp`].
pub(crate) fn ordinal(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

fn is_sooner<U, T: PartialOrd>(a: &Candidate<U, T>, b: &Candidate<U, T>) -> bool {
    a.time < b.time
}

fn keeps_cover<U, T: PartialOrd>(a: &Candidate<U, T>, b: &Candidate<U, T>) -> bool {
    match (a.is_in_time, b.is_in_time) {
        (true, true) => match a.cover_lost.total_cmp(&b.cover_lost) {
            Ordering::Less => true,
            Ordering::Equal => is_sooner(a, b),
            Ordering::Greater => false,
        },
        (false, false) => is_sooner(a, b),
        (is_in_time, _) => is_in_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(rule: Dispatch, candidates: &[(u32, bool, f64)]) -> Option<usize> {
        let candidates = candidates.iter().enumerate();
        let candidates = candidates.map(|(unit, &(time, is_in_time, cover_lost))| Candidate {
            unit,
            time,
            is_in_time,
            cover_lost,
        });
        rule.pick(candidates).map(|picked| picked.unit)
    }

    #[test]
    fn the_first_of_equals_is_sent() {
        let candidates = [(9, true, 0.0), (4, true, 9.0), (4, true, 0.0), (5, true, 0.0)];
        assert_eq!(pick(Dispatch::ClosestUnit, &candidates), Some(1));
        assert_eq!(pick(Dispatch::ClosestUnit, &[]), None);
    }

    #[test]
    fn cover_is_kept_where_a_unit_is_in_time_all_the_same() {
        for (candidates, unit) in [
            ([(4, true, 3.0), (5, true, 2.0), (6, true, 2.0)], 1),
            ([(4, true, 3.0), (9, false, 0.0), (9, false, 0.0)], 0),
            ([(9, false, 0.0), (8, false, 5.0), (8, false, 0.0)], 1),
        ] {
            assert_eq!(pick(Dispatch::LeastCoverLost, &candidates), Some(unit), "{candidates:?}");
        }
    }

    #[test]
    fn keys_sort_as_the_rule_picks() {
        let covers = [-0.0, 0.0, 0.1, 2.5, f64::INFINITY];
        let of_cover = |cover: f64| [(4, true, cover), (9, true, cover), (4, false, cover)];
        let candidates: Vec<_> = covers.into_iter().flat_map(of_cover).collect();
        for rule in [Dispatch::ClosestUnit, Dispatch::LeastCoverLost] {
            for a in &candidates {
                for b in &candidates {
                    let key = |&(time, is_in_time, cover_lost): &(u32, bool, f64)| {
                        (rule.key(&Candidate { unit: (), time, is_in_time, cover_lost }), time)
                    };
                    let picks_last = pick(rule, &[*a, *b]) == Some(1);
                    assert_eq!(key(b) < key(a), picks_last, "{} {a:?} {b:?}", rule.name());
                }
            }
        }
    }

    #[test]
    fn ordinals_are_in_the_order_of_the_numbers() {
        let sorted = [f64::NEG_INFINITY, -2.0, -1e-300, -0.0, 0.0, 1e-300, 3.5, f64::INFINITY];
        assert!(sorted.windows(2).all(|pair| ordinal(pair[0]) < ordinal(pair[1])));
    }
}
