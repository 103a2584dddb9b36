//! What of a stream has to be kept for what comes after it.

use crate::lanes::Lanes;

/// The last samples before a block.
#[derive(Debug, Clone)]
pub(crate) struct Tail<const QUADS: usize> {
    kept: Box<[Lanes<QUADS>]>,
}

impl<const QUADS: usize> Tail<QUADS> {
    /// Keeps `n_kept` samples: zeros before the first.
    pub(crate) fn new(n_kept: usize) -> Self {
        Self { kept: vec![Lanes::splat(0.0); n_kept].into() }
    }

    /// The kept samples and the block, in one piece, in memory that no patient keeps.
    #[inline(always)]
    pub(crate) fn before(&self, block: &[Lanes<QUADS>]) -> Vec<Lanes<QUADS>> {
        let mut line = Vec::with_capacity(self.kept.len() + block.len());
        line.extend_from_slice(&self.kept);
        line.extend_from_slice(block);
        line
    }

    /// Keeps the end of such a line.
    #[inline(always)]
    pub(crate) fn keep(&mut self, line: &[Lanes<QUADS>]) {
        self.kept.copy_from_slice(&line[line.len() - self.kept.len()..]);
    }
}

/// Gives each sample back some samples later.
#[derive(Debug, Clone)]
pub(crate) struct Delay<const QUADS: usize> {
    kept: Box<[Lanes<QUADS>]>,
    oldest: usize,
}

impl<const QUADS: usize> Delay<QUADS> {
    /// By `n_samples`, 1 or more: zeros before the first.
    pub(crate) fn new(n_samples: usize) -> Self {
        Self { kept: vec![Lanes::splat(0.0); n_samples.max(1)].into(), oldest: 0 }
    }

    /// Takes a sample and gives the oldest one.
    #[inline(always)]
    pub(crate) fn push(&mut self, sample: Lanes<QUADS>) -> Lanes<QUADS> {
        let oldest = std::mem::replace(&mut self.kept[self.oldest], sample);
        self.oldest = if self.oldest + 1 == self.kept.len() { 0 } else { self.oldest + 1 };
        oldest
    }
}
