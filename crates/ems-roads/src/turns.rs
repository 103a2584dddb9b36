//! From arcs to states: the graph on which routes are searched.
//!
//! A state is "driving along an arc"; a turn leads from state to state. Arcs are the first states.
//! A restriction over ways needs memory, so its prefixes become states of their own (an automaton
//! in the manner of Aho and Corasick, "Efficient string matching", CACM 18(6), 1975): a state
//! `[from, via]` is the arc `via`, come to from `from`.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::restriction::Leaving;
use crate::network::Network;
use crate::profile::Turning;

/// A turn onto another state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    /// The state that follows.
    pub(crate) state: u32,
    /// What the turn costs.
    pub(crate) millis: u32,
}

/// Turns by the state they leave: `turns[first[s]..first[s + 1]]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Turns {
    pub(crate) first: Vec<u32>,
    pub(crate) list: Vec<Turn>,
}

impl Turns {
    /// Turns that leave the state.
    pub(crate) fn of(&self, state: u32) -> &[Turn] {
        &self.list[self.range(state)]
    }

    pub(crate) fn n_states(&self) -> usize {
        self.first.len() - 1
    }

    /// The indices of the turns that leave a state.
    pub(crate) fn range(&self, state: u32) -> std::ops::Range<usize> {
        self.first[state as usize] as usize..self.first[state as usize + 1] as usize
    }

    /// All turns of the next state are in the list.
    fn end_state(&mut self) {
        self.first.push(u32::try_from(self.list.len()).expect("turns are numbered by u32"));
    }
}

/// The states of a network.
#[derive(Debug)]
pub(crate) struct States {
    /// The arc that each state drives along; arcs come first, each at its own index.
    pub(crate) arc_of: Vec<u32>,
    pub(crate) turns: Turns,
}

impl States {
    /// Lays out all turns that are not forbidden.
    pub(crate) fn build(network: &Network, forbidden: &BTreeSet<Vec<u32>>, rule: &Turning) -> Self {
        let memory = Memory::of(network.n_arcs(), forbidden);
        let leaving = Leaving::of(network);
        let mut arc_of: Vec<u32> = (0..network.n_arcs()).collect();
        arc_of.extend(memory.prefixes.iter().map(|prefix| prefix[prefix.len() - 1]));
        let mut turns = Turns { first: vec![0], list: Vec::new() };
        for (state, &arc) in arc_of.iter().enumerate() {
            if network.is_drivable(arc) {
                let path = memory.path(state, arc);
                let exits = leaving.node(network.head(arc));
                let allowed = exits.iter().filter(|&&out| !memory.is_forbidden(path, out));
                turns.list.extend(allowed.filter_map(|&out| {
                    let millis = turn_millis(arc, out, exits, rule)?;
                    Some(Turn { state: memory.after(path, out), millis })
                }));
            }
            turns.end_state();
        }
        Self { arc_of, turns }
    }

    /// Marks the states of the largest group in which each reaches each.
    pub(crate) fn main_group(&self) -> Vec<bool> {
        let (group_of, n_groups) = groups(&self.turns);
        let mut sizes = vec![0u32; n_groups];
        for &group in &group_of {
            sizes[group as usize] += 1;
        }
        let largest = (0..n_groups).rev().max_by_key(|&group| sizes[group]);
        group_of.iter().map(|&group| Some(group as usize) == largest).collect()
    }
}

/// What a turn costs; `None` where it may not be made.
fn turn_millis(arc: u32, out: u32, exits: &[u32], rule: &Turning) -> Option<u32> {
    if out != arc ^ 1 {
        return Some(0);
    }
    let may = rule.u_turn_at_junctions || exits.len() == 1;
    may.then_some(rule.u_turn_s * 1000)
}

/// What must be remembered of the way so far.
struct Memory {
    n_arcs: u32,
    /// Proper prefixes, of at least two arcs, of what is forbidden, sorted.
    prefixes: Vec<Vec<u32>>,
    index: BTreeMap<Vec<u32>, u32>,
    forbidden: BTreeSet<Vec<u32>>,
    /// The arcs that end a forbidden turn or prefix: all others need no look-up.
    is_watched: Vec<bool>,
}

impl Memory {
    fn of(n_arcs: u32, forbidden: &BTreeSet<Vec<u32>>) -> Self {
        let longer = forbidden.iter().flat_map(|f| (2..f.len()).map(|len| f[..len].to_vec()));
        let prefixes: BTreeSet<Vec<u32>> = longer.collect();
        let prefixes: Vec<Vec<u32>> = prefixes.into_iter().collect();
        let index = prefixes.iter().cloned().zip(n_arcs..).collect();
        let mut is_watched = vec![false; n_arcs as usize];
        for arc in forbidden.iter().flatten() {
            is_watched[*arc as usize] = true;
        }
        Self { n_arcs, prefixes, index, forbidden: forbidden.clone(), is_watched }
    }

    /// The arcs that a state remembers, the one it drives along last.
    fn path(&self, state: usize, arc: u32) -> &[u32] {
        match state.checked_sub(self.n_arcs as usize) {
            Some(prefix) => &self.prefixes[prefix],
            None if self.is_watched[arc as usize] => self.alone(arc),
            None => &[],
        }
    }

    /// The arc itself, as a slice of something that lives: the forbidden sequence it begins.
    fn alone(&self, arc: u32) -> &[u32] {
        let begun = self.forbidden.range(vec![arc]..).next();
        begun.filter(|f| f[0] == arc).map_or(&[], |f| &f[..1])
    }

    fn is_forbidden(&self, path: &[u32], out: u32) -> bool {
        self.is_watched[out as usize]
            && (0..path.len())
                .any(|from| self.forbidden.contains(&[&path[from..], &[out]].concat()))
    }

    /// The state after turning onto `out`: the longest remembered suffix of the path.
    fn after(&self, path: &[u32], out: u32) -> u32 {
        if !self.is_watched[out as usize] {
            return out;
        }
        let known = |from: usize| self.index.get(&[&path[from..], &[out]].concat()).copied();
        (0..path.len()).find_map(known).unwrap_or(out)
    }
}

/// Strongly connected groups by Tarjan ("Depth-first search and linear graph algorithms",
/// SIAM J. Comput. 1(2), 1972), without recursion: the group of each state, and how many.
fn groups(turns: &Turns) -> (Vec<u32>, usize) {
    const NONE: u32 = u32::MAX;
    let n = turns.n_states();
    let (mut group_of, mut order, mut low) = (vec![NONE; n], vec![NONE; n], vec![0u32; n]);
    let (mut open, mut calls) = (Vec::new(), Vec::new());
    let (mut n_seen, mut n_groups) = (0u32, 0u32);
    for root in 0..n {
        if order[root] != NONE {
            continue;
        }
        calls.push((root, turns.first[root]));
        while let Some(&mut (state, ref mut next)) = calls.last_mut() {
            if order[state] == NONE {
                (order[state], low[state]) = (n_seen, n_seen);
                n_seen += 1;
                open.push(state);
            }
            if *next < turns.first[state + 1] {
                let to = turns.list[*next as usize].state as usize;
                *next += 1;
                if order[to] == NONE {
                    calls.push((to, turns.first[to]));
                } else if group_of[to] == NONE {
                    low[state] = low[state].min(order[to]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(caller, _)) = calls.last() {
                low[caller] = low[caller].min(low[state]);
            }
            if low[state] == order[state] {
                close_group(&mut open, &mut group_of, state, n_groups);
                n_groups += 1;
            }
        }
    }
    (group_of, n_groups as usize)
}

fn close_group(open: &mut Vec<usize>, group_of: &mut [u32], root: usize, group: u32) {
    while let Some(state) = open.pop() {
        group_of[state] = group;
        if state == root {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(n: usize, pairs: &[(usize, u32)]) -> Turns {
        let mut turns = Turns { first: vec![0], list: Vec::new() };
        for state in 0..n {
            let of_state = pairs.iter().filter(|&&(from, _)| from == state);
            turns.list.extend(of_state.map(|&(_, state)| Turn { state, millis: 0 }));
            turns.end_state();
        }
        turns
    }

    #[test]
    fn the_main_group_is_the_largest_in_which_each_reaches_each() {
        let turns = turns(6, &[(0, 1), (1, 0), (1, 2), (2, 3), (3, 4), (4, 2), (5, 0)]);
        let states = States { arc_of: (0..6).collect(), turns };
        assert_eq!(states.main_group(), [false, false, true, true, true, false]);
    }

    #[test]
    fn a_forbidden_sequence_is_remembered_over_its_via() {
        let forbidden = BTreeSet::from([vec![0, 2, 4], vec![2, 6]]);
        let memory = Memory::of(8, &forbidden);
        assert_eq!(memory.prefixes, [vec![0, 2]]);
        assert_eq!(memory.after(memory.path(0, 0), 2), 8);
        assert!(memory.is_forbidden(memory.path(8, 2), 4));
        assert!(memory.is_forbidden(memory.path(8, 2), 6), "the shorter rule holds too");
        assert!(!memory.is_forbidden(memory.path(2, 2), 4), "come from elsewhere");
    }
}
