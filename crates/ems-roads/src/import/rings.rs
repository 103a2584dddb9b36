//! Lines of node ids joined end to end: the rings of multipolygons and coasts.

use std::collections::BTreeMap;

/// Chains joined as far as they go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Each starts and ends at the same node.
    pub(crate) closed: Vec<Vec<i64>>,
    pub(crate) open: Vec<Vec<i64>>,
}

/// Whether a line may be turned round to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Coasts: land is to the left.
    Kept,
    /// Multipolygons: members lie in any direction.
    Free,
}

/// Joins lines that share end nodes, each line used once, first lines first.
pub(crate) fn join(lines: Vec<Vec<i64>>, direction: Direction) -> Joined {
    let mut joiner = Joiner { by_end: BTreeMap::new(), is_used: vec![false; lines.len()], lines };
    for idx in 0..joiner.lines.len() {
        for end in joiner.ends(idx) {
            joiner.by_end.entry(end).or_default().push(idx);
        }
    }
    let mut joined = Joined::default();
    for idx in 0..joiner.lines.len() {
        if joiner.is_used[idx] || joiner.lines[idx].len() < 2 {
            continue;
        }
        let chain = joiner.chain(idx, direction);
        let is_closed = chain.len() > 3 && chain.first() == chain.last();
        if is_closed { joined.closed.push(chain) } else { joined.open.push(chain) }
    }
    joined
}

struct Joiner {
    lines: Vec<Vec<i64>>,
    by_end: BTreeMap<i64, Vec<usize>>,
    is_used: Vec<bool>,
}

impl Joiner {
    fn ends(&self, idx: usize) -> impl Iterator<Item = i64> + use<> {
        let line = &self.lines[idx];
        [line.first().copied(), line.last().copied()].into_iter().flatten()
    }

    fn chain(&mut self, idx: usize, direction: Direction) -> Vec<i64> {
        self.is_used[idx] = true;
        let mut chain = self.lines[idx].clone();
        self.extend(&mut chain, direction);
        if direction == Direction::Free && chain.first() != chain.last() {
            chain.reverse();
            self.extend(&mut chain, direction);
        }
        chain
    }

    fn extend(&mut self, chain: &mut Vec<i64>, direction: Direction) {
        while chain.first() != chain.last() {
            let end = chain[chain.len() - 1];
            let Some((idx, is_reversed)) = self.next(end, direction) else { return };
            self.is_used[idx] = true;
            let line = self.lines[idx].iter().copied();
            if is_reversed { chain.extend(line.rev().skip(1)) } else { chain.extend(line.skip(1)) }
        }
    }

    fn next(&self, end: i64, direction: Direction) -> Option<(usize, bool)> {
        let candidates = self.by_end.get(&end)?.iter().copied();
        let mut free = candidates.filter(|&idx| !self.is_used[idx] && self.lines[idx].len() >= 2);
        let starts = |idx: usize| self.lines[idx].first() == Some(&end);
        match direction {
            Direction::Kept => free.find(|&idx| starts(idx)).map(|idx| (idx, false)),
            Direction::Free => free.next().map(|idx| (idx, !starts(idx))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_any_direction_make_a_ring() {
        let joined = join(vec![vec![1, 2, 3], vec![5, 4, 3], vec![5, 1]], Direction::Free);
        assert_eq!(joined.closed, [vec![1, 2, 3, 4, 5, 1]]);
        assert!(joined.open.is_empty());
    }

    #[test]
    fn coasts_join_only_head_to_tail() {
        let joined = join(vec![vec![3, 4], vec![1, 2, 3], vec![9, 4]], Direction::Kept);
        assert_eq!(joined.open, [vec![3, 4], vec![1, 2, 3], vec![9, 4]]);
        let joined = join(vec![vec![1, 2, 3], vec![3, 4], vec![9, 4]], Direction::Kept);
        assert_eq!(joined.open, [vec![1, 2, 3, 4], vec![9, 4]]);
    }
}
