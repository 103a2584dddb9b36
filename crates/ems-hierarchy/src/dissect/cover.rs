//! The fewest nodes that touch every edge of a cut.

use std::collections::BTreeMap;

use crate::groups::{Groups, number};

/// A least set of nodes that holds an end of each pair, sorted. No node is on both sides.
///
/// By a greatest matching (Kőnig, 1931), found by augmenting ways.
pub(super) fn least_cover(pairs: &[[u32; 2]]) -> Vec<u32> {
    let left = Names::of(pairs.iter().map(|p| p[0]));
    let right = Names::of(pairs.iter().map(|p| p[1]));
    let local = pairs.iter().map(|&[a, b]| (left.index[&a], right.index[&b]));
    let mut matching = Matching {
        near: Groups::sorted(left.nodes.len(), local),
        left_of: vec![None; right.nodes.len()],
        is_seen: vec![false; right.nodes.len()],
    };
    let is_free: Vec<bool> =
        (0..number(left.nodes.len())).map(|l| !matching.match_one(l)).collect();
    matching.is_seen.fill(false);
    let mut is_left_seen = is_free.clone();
    for l in (0..number(left.nodes.len())).filter(|&l| is_free[l as usize]) {
        matching.mark_alternating(l, &mut is_left_seen);
    }
    let covered = (0..left.nodes.len()).filter(|&l| !is_left_seen[l]).map(|l| left.nodes[l]);
    let seen = (0..right.nodes.len()).filter(|&r| matching.is_seen[r]).map(|r| right.nodes[r]);
    let mut cover: Vec<u32> = covered.chain(seen).collect();
    cover.sort_unstable();
    cover
}

/// Nodes numbered anew.
struct Names {
    nodes: Vec<u32>,
    index: BTreeMap<u32, u32>,
}

impl Names {
    fn of(nodes: impl Iterator<Item = u32>) -> Self {
        let mut nodes: Vec<u32> = nodes.collect();
        nodes.sort_unstable();
        nodes.dedup();
        let index = nodes.iter().copied().zip(0..).collect();
        Self { nodes, index }
    }
}

struct Matching {
    near: Groups<u32>,
    /// The partner of each node on the right.
    left_of: Vec<Option<u32>>,
    is_seen: Vec<bool>,
}

impl Matching {
    /// Finds a partner for a node on the left, moving others if need be.
    fn match_one(&mut self, left: u32) -> bool {
        self.is_seen.fill(false);
        // Each entry: a node on the left, the next of its neighbours to try.
        let mut trail = vec![(left, 0usize)];
        while let Some(&mut (l, ref mut next)) = trail.last_mut() {
            let Some(&r) = self.near.of(l).get(*next) else {
                trail.pop();
                continue;
            };
            *next += 1;
            if std::mem::replace(&mut self.is_seen[r as usize], true) {
                continue;
            }
            let Some(partner) = self.left_of[r as usize] else {
                self.pair_up(&trail);
                return true;
            };
            trail.push((partner, 0));
        }
        false
    }

    /// Gives each node of the trail the neighbour that it tried last.
    fn pair_up(&mut self, trail: &[(u32, usize)]) {
        for &(l, next) in trail {
            let r = self.near.of(l)[next - 1];
            self.left_of[r as usize] = Some(l);
        }
    }

    fn mark_alternating(&mut self, left: u32, is_left_seen: &mut [bool]) {
        let mut open = vec![left];
        while let Some(l) = open.pop() {
            for &r in self.near.of(l) {
                if std::mem::replace(&mut self.is_seen[r as usize], true) {
                    continue;
                }
                if let Some(partner) = self.left_of[r as usize] {
                    is_left_seen[partner as usize] = true;
                    open.push(partner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_covered_by_its_middle() {
        assert_eq!(least_cover(&[[0, 10], [0, 11], [0, 12], [1, 10], [2, 10]]), [0, 10]);
        assert_eq!(least_cover(&[[0, 9], [1, 9], [2, 9]]), [9]);
        assert_eq!(least_cover(&[[0, 7], [1, 8], [2, 9]]).len(), 3);
        assert!(least_cover(&[]).is_empty());
    }
}
