//! Sets of numbers that mostly follow each other.

use std::collections::BTreeMap;

/// A set of numbers, kept as ranges: first to last, both included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranges {
    /// The last of each range by its first; ranges neither touch nor overlap.
    by_first: BTreeMap<u64, u64>,
}

impl Ranges {
    /// Adds `first..=last`; nothing where that is empty.
    pub fn insert(&mut self, first: u64, last: u64) {
        if first > last {
            return;
        }
        let (mut first, mut last) = (first, last);
        let reach = last.saturating_add(1);
        while let Some((known_first, known_last)) = self.last_from(reach) {
            if known_last.saturating_add(1) < first {
                break;
            }
            self.by_first.remove(&known_first);
            (first, last) = (first.min(known_first), last.max(known_last));
        }
        self.by_first.insert(first, last);
    }

    /// Takes `first..=last` out.
    pub fn remove(&mut self, first: u64, last: u64) {
        if first > last {
            return;
        }
        while let Some((known_first, known_last)) = self.last_from(last) {
            if known_last < first {
                return;
            }
            self.by_first.remove(&known_first);
            if known_first < first {
                self.by_first.insert(known_first, first - 1);
            }
            if known_last > last {
                self.by_first.insert(last + 1, known_last);
            }
        }
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.by_first.clear();
    }

    /// Whether a number is in it.
    pub fn contains(&self, number: u64) -> bool {
        self.last_from(number).is_some_and(|(_, last)| number <= last)
    }

    /// The ranges, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.by_first.iter().map(|(first, last)| (*first, *last))
    }

    /// Takes the lowest range out.
    pub fn pop_first(&mut self) -> Option<(u64, u64)> {
        self.by_first.pop_first()
    }

    /// The lowest range of this set that is not in `other`. Each range of both is looked at once,
    /// at most.
    pub fn first_without(&self, other: &Self) -> Option<(u64, u64)> {
        self.iter().find_map(|(first, last)| other.gap_in(first, last))
    }

    /// How many numbers are in it.
    pub fn n_numbers(&self) -> u64 {
        self.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether no number is in it.
    pub fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    /// The first part of `first..=last` that is not in this set.
    fn gap_in(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let from = match self.last_from(first) {
            Some((_, known_last)) if known_last >= first => known_last.checked_add(1)?,
            _ => first,
        };
        let next = self.by_first.range(from..).next().map(|(next, _)| *next);
        let to = next.map_or(last, |next| last.min(next - 1));
        (from <= to).then_some((from, to))
    }

    /// The last range that begins at `number` or before.
    fn last_from(&self, number: u64) -> Option<(u64, u64)> {
        self.by_first.range(..=number).next_back().map(|(first, last)| (*first, *last))
    }
}

impl FromIterator<(u64, u64)> for Ranges {
    /// The union of ranges, first and last of each.
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(ranges: I) -> Self {
        let mut union = Self::default();
        ranges.into_iter().for_each(|(first, last)| union.insert(first, last));
        union
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_set_holds(
            steps in prop::collection::vec((any::<bool>(), 0..60u64, 0..9u64), 0..60),
            others in prop::collection::vec((0..60u64, 0..9u64), 0..9),
        ) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for (inserts, first, len) in steps {
                let last = first + len;
                if inserts {
                    ranges.insert(first, last);
                    set.extend(first..=last);
                } else {
                    ranges.remove(first, last);
                    set.retain(|it| !(first..=last).contains(it));
                }
            }
            let listed: Vec<u64> = ranges.iter().flat_map(|(first, last)| first..=last).collect();
            prop_assert_eq!(&listed, &set.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(ranges.n_numbers(), set.len() as u64);
            for (before, after) in ranges.iter().zip(ranges.iter().skip(1)) {
                prop_assert!(before.1 + 1 < after.0, "ranges that touch are one");
            }
            let mut other = Ranges::default();
            for (first, len) in others {
                other.insert(first, first + len);
            }
            let first = set.iter().find(|it| !other.contains(**it));
            let found = ranges.first_without(&other);
            prop_assert_eq!(found.map(|range| range.0), first.copied());
            if let Some((first, last)) = found {
                prop_assert!((first..=last).all(|it| set.contains(&it) && !other.contains(it)));
            }
        }
    }
}
