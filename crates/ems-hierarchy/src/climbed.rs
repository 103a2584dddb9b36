//! Many places, each with its way to the root kept: a further place then costs little.

use crate::hierarchy::Slope;
use crate::metric::{FAR, Metric};
use crate::query::{Ascent, Climb, Seed, least_sum};

/// Places that stay while others come: all of them sources, or all of them targets.
///
/// A place is put once at the cost of half a query; after that its distance from or to any other is
/// a look along the ancestors that both share. What is kept is of one metric: when weights change,
/// put the places again.
#[derive(Debug)]
pub struct ClimbedPlaces {
    slope: Slope,
    /// The ways of each place to the root; none where there is no place.
    places: Vec<Vec<Row>>,
    ascent: Ascent,
}

/// The labels and ancestors of a way, from the root down.
#[derive(Debug, Clone)]
struct Row {
    labels: Vec<u32>,
    ranks: Vec<u32>,
}

impl ClimbedPlaces {
    /// Places from which distances are asked for.
    pub fn sources() -> Self {
        Self { slope: Slope::Up, places: Vec::new(), ascent: Ascent::default() }
    }

    /// Places to which distances are asked for.
    pub fn targets() -> Self {
        Self { slope: Slope::Down, places: Vec::new(), ascent: Ascent::default() }
    }

    /// Puts a place at an index, in the stead of the one that was there.
    ///
    /// # Panics
    /// As [`crate::Query::distance`].
    pub fn put(&mut self, metric: &Metric, idx: usize, place: &[Seed]) {
        self.ascent.run::<false>(metric, self.slope, place);
        if idx >= self.places.len() {
            self.places.resize(idx + 1, Vec::new());
        }
        let row = |climb: &Climb| {
            let (labels, ranks) = climb.tables();
            Row { labels: labels.to_vec(), ranks: ranks.to_vec() }
        };
        self.places[idx].clear();
        self.places[idx].extend(self.ascent.climbs().iter().map(row));
    }

    /// Takes a place away.
    pub fn take(&mut self, idx: usize) {
        if let Some(place) = self.places.get_mut(idx) {
            place.clear();
        }
    }

    /// Calls with the index of each place and its distance from or to another; [`FAR`] where
    /// there is no way.
    ///
    /// # Panics
    /// As [`crate::Query::distance`].
    pub fn each_distance(&self, metric: &Metric, other: &[Seed], mut call: impl FnMut(usize, u32)) {
        let other = self.climb(metric, other);
        for (idx, place) in self.places.iter().enumerate().filter(|(_, place)| !place.is_empty()) {
            call(idx, least(place, &other));
        }
    }

    /// Another place, for [`ClimbedPlaces::distance`]. Costs half a query.
    ///
    /// # Panics
    /// As [`crate::Query::distance`].
    pub fn climb(&self, metric: &Metric, other: &[Seed]) -> Climbed {
        let mut ascent = Ascent::default();
        ascent.run::<false>(metric, self.slope.other(), other);
        Climbed(ascent)
    }

    /// The distance of the place at an index from or to another, of the same metric; [`FAR`] where
    /// there is no way, or no place.
    pub fn distance(&self, idx: usize, other: &Climbed) -> u32 {
        self.places.get(idx).map_or(FAR, |place| least(place, other))
    }
}

/// The ways of one place to the root, towards those of [`ClimbedPlaces`].
#[derive(Debug)]
pub struct Climbed(Ascent);

fn least(place: &[Row], other: &Climbed) -> u32 {
    let others = other.0.climbs().iter().map(Climb::tables);
    let pairs = others.flat_map(|other| place.iter().map(move |row| (row, other)));
    let least = |(row, (labels, ranks)): (&Row, (&[u32], &[u32]))| {
        let n_shared = n_equal(&row.ranks, ranks);
        least_sum(&row.labels[..n_shared], &labels[..n_shared])
    };
    pairs.map(least).fold(FAR, u32::min)
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
