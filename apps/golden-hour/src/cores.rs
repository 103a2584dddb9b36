//! The machine's cores, for work that may be done at once.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ems_hierarchy::{Fork, Work};

/// As many threads at a time as there are cores.
#[derive(Debug)]
pub(crate) struct Cores {
    n_idle: AtomicUsize,
}

impl Cores {
    /// All cores that this process may use.
    pub(crate) fn all() -> Self {
        let n_cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self { n_idle: AtomicUsize::new(n_cores - 1) }
    }

    fn take(&self) -> bool {
        let one_less = |n_idle: usize| n_idle.checked_sub(1);
        self.n_idle.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}

impl Fork for Cores {
    fn both(&self, first: Work<'_>, second: Work<'_>) {
        if !self.take() {
            first();
            second();
            return;
        }
        thread::scope(|scope| {
            scope.spawn(|| {
                first();
                self.n_idle.fetch_add(1, Ordering::Relaxed);
            });
            second();
        });
    }
}
