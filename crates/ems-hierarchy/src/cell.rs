//! A few nodes, what is beside them, and a greedy order of theirs.

use std::ops::Range;

use crate::groups::number;

/// Nodes to put in order, and those beside them, which stay. Arcs among the latter are left out.
#[derive(Clone)]
pub(crate) struct Cell {
    n_own: usize,
    n_words: usize,
    /// A row of bits for each node: the heads of its arcs, the own ones first.
    heads: Vec<u64>,
    /// The tails of its arcs.
    tails: Vec<u64>,
    /// By own node: the most own nodes that went before it, each joined to the next.
    heights: Vec<u32>,
}

/// Cells with more nodes beside them are too dear: a row would be too wide.
const N_OUTSIDE_MAX: usize = 1024;

/// How the next node is chosen, the least first: by the pairs that it joins anew, by those that it
/// is in, and a little by what went below it, so that the tree stays low (tried on road networks).
const FILL_SCORE: u32 = 8;
const DEGREE_SCORE: u32 = 4;

impl Cell {
    /// A cell without arcs; `None` if too many nodes are beside it.
    pub(crate) fn of(n_own: usize, n_outside: usize) -> Option<Self> {
        if n_outside > N_OUTSIDE_MAX {
            return None;
        }
        let n_words = n_own.div_ceil(64) + n_outside.div_ceil(64);
        // Own nodes fill whole words, so that what is beside them has a row of these alone.
        let rows = vec![0; n_words * (n_own.next_multiple_of(64) + n_outside)];
        Some(Self { n_own, n_words, heads: rows.clone(), tails: rows, heights: vec![0; n_own] })
    }

    /// The number of a node beside the own ones.
    pub(crate) fn outside(&self, place: usize) -> usize {
        self.n_own.next_multiple_of(64) + place
    }

    /// Adds an arc.
    pub(crate) fn join(&mut self, tail: usize, head: usize) {
        let (row, other) = (self.row(tail), self.row(head));
        set(&mut self.heads[row], head);
        set(&mut self.tails[other], tail);
    }

    /// An order of the own nodes that makes fewer pairs than that of their numbers, if one is
    /// found.
    pub(crate) fn better_order(self) -> Option<Vec<u32>> {
        let mut as_given = self.clone();
        let n_given = (0..self.n_own).map(|node| as_given.take(node)).sum();
        self.greedy_order(n_given)
    }

    fn greedy_order(mut self, n_pairs_end: u32) -> Option<Vec<u32>> {
        let mut order = Vec::with_capacity(self.n_own);
        let mut scores: Vec<u32> = (0..self.n_own).map(|node| self.score(node)).collect();
        let mut n_pairs = 0;
        while order.len() < self.n_own {
            let node = (0..self.n_own).min_by_key(|&node| scores[node])?;
            let is_joining = self.fill(node) > 0;
            let near = self.near(node);
            n_pairs += self.take(node);
            if n_pairs >= n_pairs_end {
                return None;
            }
            order.push(number(node));
            scores[node] = u32::MAX;
            for other in self.touched(&near, is_joining) {
                scores[other] = self.score(other);
            }
        }
        Some(order)
    }

    /// The words of a node's row.
    fn row(&self, node: usize) -> Range<usize> {
        let n_words = if node < self.n_own { self.n_words } else { self.n_own.div_ceil(64) };
        node * self.n_words..node * self.n_words + n_words
    }

    /// Both ends of the arcs of a node.
    fn near(&self, node: usize) -> Vec<u64> {
        let row = self.row(node);
        self.heads[row.clone()].iter().zip(&self.tails[row]).map(|(a, b)| a | b).collect()
    }

    fn score(&self, node: usize) -> u32 {
        let row = self.row(node);
        let near = self.heads[row.clone()].iter().zip(&self.tails[row]);
        let degree: u32 = near.map(|(a, b)| (a | b).count_ones()).sum();
        FILL_SCORE * self.fill(node) + DEGREE_SCORE * degree + self.heights[node]
    }

    /// How many arcs join nodes for the first time when a node goes.
    fn fill(&self, node: usize) -> u32 {
        let own = self.row(node);
        let heads = &self.heads[own.clone()];
        let of_tail = |tail: usize| {
            let row = self.row(tail);
            let known = self.heads[row.clone()].iter().zip(&self.tails[row]);
            let fresh: u32 =
                heads.iter().zip(known).map(|(&new, (a, b))| (new & !(a | b)).count_ones()).sum();
            // A way back to the tail is no arc.
            fresh - u32::from(tail < self.n_own && has(heads, tail))
        };
        members(&self.tails[own]).map(of_tail).sum()
    }

    /// Takes a node away and joins those that had a way over it; gives the pairs it was in.
    fn take(&mut self, node: usize) -> u32 {
        let row = self.row(node);
        let (heads, tails) = (self.heads[row.clone()].to_vec(), self.tails[row].to_vec());
        for tail in members(&tails) {
            let row = self.row(tail);
            pass_on(&mut self.heads[row], &heads, [tail, node]);
        }
        for head in members(&heads) {
            let row = self.row(head);
            pass_on(&mut self.tails[row], &tails, [head, node]);
        }
        let near: Vec<u64> = heads.iter().zip(&tails).map(|(a, b)| a | b).collect();
        let height = self.heights[node] + 1;
        for other in members(&near).take_while(|&other| other < self.n_own) {
            self.heights[other] = self.heights[other].max(height);
        }
        near.iter().map(|word| word.count_ones()).sum()
    }

    /// The own nodes whose score may be another when one near these has gone.
    fn touched(&self, near: &[u64], is_joining: bool) -> Vec<usize> {
        let mut touched = near[..self.n_own.div_ceil(64)].to_vec();
        for other in members(near).filter(|_| is_joining) {
            for (word, more) in touched.iter_mut().zip(self.near(other)) {
                *word |= more;
            }
        }
        members(&touched).collect()
    }
}

/// Adds what a node that goes was joined to; the row's owner and that node are not in it.
fn pass_on(row: &mut [u64], more: &[u64], left_out: [usize; 2]) {
    for (word, more) in row.iter_mut().zip(more) {
        *word |= more;
    }
    for node in left_out {
        if let Some(word) = row.get_mut(node / 64) {
            *word &= !(1 << (node % 64));
        }
    }
}

fn set(row: &mut [u64], node: usize) {
    if let Some(word) = row.get_mut(node / 64) {
        *word |= 1 << (node % 64);
    }
}

fn has(row: &[u64], node: usize) -> bool {
    row[node / 64] >> (node % 64) & 1 == 1
}

/// The numbers of the bits that are set, rising.
pub(crate) fn members(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(idx, &word)| {
        let rest = |&word: &u64| Some(word & (word - 1)).filter(|&rest| rest != 0);
        let left = std::iter::successors(Some(word).filter(|&word| word != 0), rest);
        left.map(move |word| 64 * idx + word.trailing_zeros() as usize)
    })
}
