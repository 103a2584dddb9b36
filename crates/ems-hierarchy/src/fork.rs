//! Work that may be done at once, on whatever the caller has for it.

/// A piece of work.
pub type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Does two pieces of work that do not depend on each other.
///
/// This crate has no threads: who has some lends them by this. What comes out is the same.
pub trait Fork: Sync {
    /// Returns when both are done.
    fn both(&self, first: Work<'_>, second: Work<'_>);
}

/// One after the other, on the caller's thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct InTurn;

impl Fork for InTurn {
    fn both(&self, first: Work<'_>, second: Work<'_>) {
        first();
        second();
    }
}
