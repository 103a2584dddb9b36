//! The graph's own arcs behind those of the hierarchy, most of which have none.

use crate::cell::members;
use crate::groups::{Groups, number};

/// The graph's arcs by the hierarchy's arc that stands for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    /// A bit for each arc that has any.
    has_any: Vec<u64>,
    /// By word of these bits: how many are set before it.
    n_before: Vec<u32>,
    /// The graph's arcs of each arc that has any.
    lists: Groups<u32>,
}

impl Inputs {
    /// Sorts pairs of an arc and a graph's arc.
    pub(crate) fn of_pairs(n_arcs: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        let mut inputs = Self { has_any: vec![0; n_arcs.div_ceil(64)], ..Self::default() };
        for list in pairs.chunk_by(|a, b| a.0 == b.0) {
            let arc = list[0].0;
            inputs.has_any[(arc / 64) as usize] |= 1 << (arc % 64);
            inputs.lists.push(list.iter().map(|&(_, input)| input));
        }
        let mut n_before = 0;
        for word in &inputs.has_any {
            inputs.n_before.push(n_before);
            n_before += word.count_ones();
        }
        inputs.lists.shrink();
        inputs
    }

    /// The graph's arcs behind an arc.
    pub(crate) fn of(&self, arc: u32) -> &[u32] {
        let (word, bit) = ((arc / 64) as usize, 1 << (arc % 64));
        if self.has_any[word] & bit == 0 {
            return &[];
        }
        let n_in_word = (self.has_any[word] & (bit - 1)).count_ones();
        self.lists.of(self.n_before[word] + n_in_word)
    }

    /// Each arc with a graph's arc behind it.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let arcs = members(&self.has_any).map(number);
        arcs.flat_map(|arc| self.of(arc).iter().map(move |&input| (arc, input)))
    }
}
