//! What is to happen, in the order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::crew::Turn;

/// Something that happens at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    pub(crate) at: f64,
    seq: u64,
    pub(crate) what: What,
}

/// What happens: a call is considered, or a unit comes to the end of a duty. That is void if the
/// unit has another version by then.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    Consider {
        case: usize,
    },
    Change {
        unit: usize,
        version: u32,
    },
    /// A moment of a crew's day.
    Turn {
        unit: usize,
        turn: Turn,
    },
}

/// Events to come. Of those at one time, the one that was planned first comes first.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Event>,
    n_planned: u64,
}

impl Agenda {
    pub(crate) fn plan(&mut self, at: f64, what: What) {
        self.heap.push(Event { at, seq: self.n_planned, what });
        self.n_planned += 1;
    }

    pub(crate) fn next_at(&self) -> Option<f64> {
        self.heap.peek().map(|event| event.at)
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.heap.pop()
    }
}

impl Ord for Event {
    /// The earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at).then(other.seq.cmp(&self.seq))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}
