//! Work that may be done at once, on whatever the caller has for it.

/// A piece of work.
pub type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Does two pieces of work that do not depend on each other.
///
/// This crate has no threads: who has some lends them by this. What comes out is the same.
pub trait Fork: Send + Sync {
    /// Returns when both are done.
    fn both(&self, first: Work<'_>, second: Work<'_>);
}

/// What two questions answer that do not depend on each other.
pub fn both<T: Send>(fork: &dyn Fork, questions: [impl FnOnce() -> T + Send; 2]) -> [T; 2] {
    let mut answers = [None, None];
    let [first, second] = &mut answers;
    let [ask_first, ask_second] = questions;
    fork.both(Box::new(|| *first = Some(ask_first())), Box::new(|| *second = Some(ask_second())));
    answers.map(|answer| answer.expect("both pieces of work were done"))
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
