//! Many places, each with its way to the root kept: a further place then costs little.

use crate::hierarchy::Slope;
use crate::metric::Metric;
use crate::query::{Climb, Seed, least_sum};

/// Places that stay while others come: all of them sources, or all of them targets.
///
/// A place is put once at the cost of half a query; after that its distance from or to any other is
/// a look along the ancestors that both share. What is kept is of one metric: when weights change,
/// put the places again.
#[derive(Debug)]
pub struct ClimbedPlaces {
    slope: Slope,
    rows: Vec<Row>,
    climb: Climb,
}

/// The labels and ancestors of a place, from the root down; none where there is no place.
#[derive(Debug, Clone, Default)]
struct Row {
    labels: Vec<u32>,
    ranks: Vec<u32>,
}

impl ClimbedPlaces {
    /// Places from which distances are asked for.
    pub fn sources() -> Self {
        Self { slope: Slope::Up, rows: Vec::new(), climb: Climb::default() }
    }

    /// Places to which distances are asked for.
    pub fn targets() -> Self {
        Self { slope: Slope::Down, rows: Vec::new(), climb: Climb::default() }
    }

    /// Puts a place at an index, in the stead of the one that was there.
    ///
    /// # Panics
    /// As [`crate::Query::distance`].
    pub fn put(&mut self, metric: &Metric, idx: usize, place: &[Seed]) {
        self.climb.run::<false>(metric, self.slope, place);
        if idx >= self.rows.len() {
            self.rows.resize(idx + 1, Row::default());
        }
        let (row, (labels, ranks)) = (&mut self.rows[idx], self.climb.tables());
        row.clear();
        row.labels.extend(labels);
        row.ranks.extend(ranks);
    }

    /// Takes a place away.
    pub fn take(&mut self, idx: usize) {
        if let Some(row) = self.rows.get_mut(idx) {
            row.clear();
        }
    }

    /// Calls with the index of each place and its distance from or to another; [`crate::FAR`] where
    /// there is no way.
    ///
    /// # Panics
    /// As [`crate::Query::distance`].
    pub fn each_distance(&self, metric: &Metric, other: &[Seed], mut call: impl FnMut(usize, u32)) {
        let mut climb = Climb::default();
        climb.run::<false>(metric, self.slope.other(), other);
        let (labels, ranks) = climb.tables();
        for (idx, row) in self.rows.iter().enumerate().filter(|(_, row)| !row.ranks.is_empty()) {
            let n_shared = n_equal(&row.ranks, ranks);
            call(idx, least_sum(&row.labels[..n_shared], &labels[..n_shared]));
        }
    }
}

impl Row {
    fn clear(&mut self) {
        self.labels.clear();
        self.ranks.clear();
    }
}

/// How many ancestors two ways have in common, from the root down: once they part, they never meet.
pub(crate) fn n_equal(a: &[u32], b: &[u32]) -> usize {
    let (mut first, mut end) = (0, a.len().min(b.len()));
    while first < end {
        let middle = first.midpoint(end);
        if a[middle] == b[middle] {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    first
}
