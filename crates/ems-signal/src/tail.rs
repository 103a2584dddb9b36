//! What of a stream has to be kept for what comes after it.

use crate::cleaner::PART;
use crate::lanes::Lanes;

/// The last samples before a block, with the block behind them.
#[derive(Debug, Clone)]
pub(crate) struct Tail<const QUADS: usize> {
    n_kept: usize,
    line: Vec<Lanes<QUADS>>,
}

impl<const QUADS: usize> Tail<QUADS> {
    /// Keeps `n_kept` samples: zeros before the first.
    pub(crate) fn new(n_kept: usize) -> Self {
        let mut line = Vec::with_capacity(n_kept + PART);
        line.resize(n_kept, Lanes::splat(0.0));
        Self { n_kept, line }
    }

    /// How many samples are kept.
    pub(crate) const fn n_kept(&self) -> usize {
        self.n_kept
    }

    /// The kept samples and the block, in one piece.
    #[inline]
    pub(crate) fn before(&mut self, block: &[Lanes<QUADS>]) -> &mut [Lanes<QUADS>] {
        let n_left = self.line.len() - self.n_kept;
        self.line.drain(..n_left);
        self.line.extend_from_slice(block);
        &mut self.line
    }
}
