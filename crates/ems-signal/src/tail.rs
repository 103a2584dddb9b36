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

    /// How many samples are kept.
    pub(crate) const fn n_kept(&self) -> usize {
        self.kept.len()
    }

    /// The kept samples and the block, in one piece, in memory that no patient keeps.
    #[inline]
    pub(crate) fn before(&self, block: &[Lanes<QUADS>]) -> Vec<Lanes<QUADS>> {
        let mut line = Vec::with_capacity(self.kept.len() + block.len());
        line.extend_from_slice(&self.kept);
        line.extend_from_slice(block);
        line
    }

    /// Keeps the end of such a line.
    #[inline]
    pub(crate) fn keep(&mut self, line: &[Lanes<QUADS>]) {
        self.kept.copy_from_slice(&line[line.len() - self.kept.len()..]);
    }
}
