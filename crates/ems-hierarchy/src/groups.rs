//! Items by the group that they belong to, in one array.

use std::ops::Range;

/// The lists of `n` groups, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups<T> {
    /// Where each group starts; one more than there are groups.
    first: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self { first: vec![0], items: Vec::new() }
    }
}

impl<T: Copy> Groups<T> {
    /// Sorts pairs of group and item by their group, each group in the order given.
    pub(crate) fn sorted(n_groups: usize, pairs: impl Iterator<Item = (u32, T)> + Clone) -> Self {
        let Some((_, fill)) = pairs.clone().next() else {
            return Self { first: vec![0; n_groups + 1], items: Vec::new() };
        };
        let Self { first, mut items } = Self::sized(number(n_groups), pairs.clone(), fill);
        let mut next = first.clone();
        for (group, item) in pairs {
            items[next[group as usize] as usize] = item;
            next[group as usize] += 1;
        }
        Self { first, items }
    }

    /// Room for the items of pairs of group and item, each filled with one value.
    pub(crate) fn sized<U>(n_groups: u32, pairs: impl Iterator<Item = (u32, U)>, fill: T) -> Self {
        let mut first = vec![0u32; n_groups as usize + 1];
        for (group, _) in pairs {
            first[group as usize + 1] += 1;
        }
        for group in 0..n_groups as usize {
            first[group + 1] += first[group];
        }
        let items = vec![fill; first[n_groups as usize] as usize];
        Self { first, items }
    }

    /// Groups of so many items each, one behind the other.
    pub(crate) fn of_counts(counts: &[u16], items: Vec<T>) -> Self {
        let mut first = Vec::with_capacity(counts.len() + 1);
        first.push(0);
        let mut sum = 0;
        for &count in counts {
            sum += u32::from(count);
            first.push(sum);
        }
        debug_assert_eq!(sum as usize, items.len());
        Self { first, items }
    }

    /// Adds a further group.
    pub(crate) fn push(&mut self, group: impl IntoIterator<Item = T>) {
        self.items.extend(group);
        self.first.push(number(self.items.len()));
    }

    /// Gives back room for groups that will not come.
    pub(crate) fn shrink(&mut self) {
        self.first.shrink_to_fit();
        self.items.shrink_to_fit();
    }

    pub(crate) fn of(&self, group: u32) -> &[T] {
        &self.items[self.range(group)]
    }

    /// The indices of a group's items.
    pub(crate) fn range(&self, group: u32) -> Range<usize> {
        self.first[group as usize] as usize..self.first[group as usize + 1] as usize
    }

    /// The group that holds an item, by the item's index. Costs the logarithm of the groups.
    pub(crate) fn group_of(&self, item: u32) -> u32 {
        number(self.first.partition_point(|&first| first <= item) - 1)
    }

    pub(crate) fn items_mut(&mut self) -> &mut [T] {
        &mut self.items
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn n_groups(&self) -> u32 {
        number(self.first.len() - 1)
    }

    /// Each item with its group.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u32, T)> + Clone {
        (0..self.n_groups()).flat_map(|group| self.of(group).iter().map(move |&item| (group, item)))
    }
}

/// A count or an index as it is stored.
pub(crate) fn number(n: usize) -> u32 {
    u32::try_from(n).expect("graphs hold fewer than 2^32 nodes and arcs")
}
