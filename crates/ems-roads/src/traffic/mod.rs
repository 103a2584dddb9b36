//! Live traffic: what is known of the speed on stretches of road, and until when.

pub(crate) mod bytes;
pub(crate) mod file;

use std::ops::RangeInclusive;

use ems_model::{Position, Timestamp};

use crate::roads::Roads;

/// The speeds that an overlay may state, km/h: slower is closed, faster is a mistake.
pub const OVERLAY_KMH: RangeInclusive<f64> = 1.0..=200.0;

/// A speed that is stated of a stretch of road, within [`OVERLAY_KMH`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Kmh(f64);

/// A speed that nobody drives.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "speed {kmh} km/h is outside {}..={}: correct it, or write \"closed\" where nothing moves",
    OVERLAY_KMH.start(), OVERLAY_KMH.end()
)]
pub struct AbsurdSpeed {
    /// What was stated.
    pub kmh: f64,
}

impl Kmh {
    /// Checks the range and wraps the number.
    pub fn new(kmh: f64) -> Result<Self, AbsurdSpeed> {
        if OVERLAY_KMH.contains(&kmh) { Ok(Self(kmh)) } else { Err(AbsurdSpeed { kmh }) }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// How a stretch of road flows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flow {
    /// Nobody gets through.
    Closed,
    /// Everybody drives at this speed.
    At(Kmh),
    /// As the map says: takes back what was said before.
    Free,
}

/// What is known of one direction of an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlaid {
    /// Twice the edge, plus one from its head to its tail.
    pub(crate) arc: u32,
    /// How it flows.
    pub flow: Flow,
    /// Since when this is known.
    pub since: Timestamp,
    /// When it ends to hold: from then on the road is as the map says.
    pub until: Timestamp,
}

impl Overlaid {
    /// The edge, by its number in the pack.
    pub fn edge(&self) -> u32 {
        self.arc / 2
    }

    /// Whether it is about driving from the edge's tail to its head.
    pub fn is_forward(&self) -> bool {
        self.arc.is_multiple_of(2)
    }

    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// A direction of an edge that is not there, or that nobody may drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchArc {
    /// No edge has this number.
    #[error("edge {edge} is not there: this city has edges 0..={}", n_edges.saturating_sub(1))]
    Edge {
        /// The number.
        edge: u32,
        /// How many edges there are.
        n_edges: usize,
    },
    /// It is a one-way street.
    #[error("edge {edge} may not be driven {}: state its other direction only", direction(*is_forward))]
    OneWay {
        /// The edge.
        edge: u32,
        /// Whether from its tail to its head.
        is_forward: bool,
    },
}

fn direction(is_forward: bool) -> &'static str {
    if is_forward { "forward" } else { "backward" }
}

impl Roads {
    /// States how a direction of an edge flows.
    pub fn overlaid(
        &self,
        edge: u32,
        is_forward: bool,
        flow: Flow,
        [since, until]: [Timestamp; 2],
    ) -> Result<Overlaid, NoSuchArc> {
        let n_edges = self.n_edges();
        if edge as usize >= n_edges {
            return Err(NoSuchArc::Edge { edge, n_edges });
        }
        let arc = 2 * edge + u32::from(!is_forward);
        if self.is_drivable(arc) {
            Ok(Overlaid { arc, flow, since, until })
        } else {
            Err(NoSuchArc::OneWay { edge, is_forward })
        }
    }
}

/// An overlaid direction of an edge as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnStretch<'a> {
    /// From where it is entered to where it is left.
    pub points: Vec<Position>,
    /// Its speed without the overlay, km/h.
    pub free_kmh: f64,
    /// The name of the street, or its reference number.
    pub street: Option<&'a str>,
}

impl Roads {
    /// An overlaid direction of an edge as it is drawn; `None` if it is of another city.
    pub fn drawn(&self, row: &Overlaid) -> Option<DrawnStretch<'_>> {
        let millis = self.bare_millis(row.arc)?;
        let mut points = self.shape(row.edge()).to_vec();
        if !row.is_forward() {
            points.reverse();
        }
        let free_kmh = self.edge_metres(row.edge()) * 3600.0 / f64::from(millis);
        let street = self.street_at(&self.point_on(row.edge(), 0.0));
        Some(DrawnStretch { points, free_kmh, street })
    }
}

/// What is known of the traffic of one particular [`crate::Roads`]: at most one thing an arc.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// By arc.
    rows: Vec<Stated>,
    /// Since when and until when: most rows share theirs with others.
    periods: Vec<[Timestamp; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Stated {
    arc: u32,
    /// Which of the periods.
    period: u32,
    flow: Flow,
}

/// Equal is what says the same.
impl PartialEq for Traffic {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl FromIterator<Overlaid> for Traffic {
    /// Of two rows that are about one arc, the later one counts.
    fn from_iter<I: IntoIterator<Item = Overlaid>>(rows: I) -> Self {
        let mut traffic = Self::default();
        rows.into_iter().for_each(|row| traffic.push(row));
        traffic.in_order()
    }
}

impl Traffic {
    fn with_capacity(n_rows: usize) -> Self {
        Self { rows: Vec::with_capacity(n_rows), periods: Vec::new() }
    }

    /// Adds a row; [`Traffic::in_order`] comes after the last.
    #[inline]
    fn push(&mut self, row: Overlaid) {
        let times = [row.since, row.until];
        if self.periods.last() != Some(&times) {
            self.periods.push(times);
        }
        let period = u32::try_from(self.periods.len() - 1).expect("arcs are numbered by u32");
        self.rows.push(Stated { arc: row.arc, period, flow: row.flow });
    }

    /// Adds the rows of a later part of a file; [`Traffic::in_order`] comes after the last.
    fn append(&mut self, later: &Self) {
        let n_before = u32::try_from(self.periods.len()).expect("arcs are numbered by u32");
        self.periods.extend_from_slice(&later.periods);
        let moved = |row: &Stated| Stated { period: n_before + row.period, ..*row };
        self.rows.extend(later.rows.iter().map(moved));
    }

    fn in_order(mut self) -> Self {
        // Most files go through the edges in their order, which one look shows.
        if !self.rows.is_sorted_by(|a, b| a.arc < b.arc) {
            // A stable sort keeps the order given; the last of each arc is then moved to its front.
            self.rows.sort_by_key(|row| row.arc);
            self.rows.dedup_by(|later, kept| {
                let is_same = later.arc == kept.arc;
                if is_same {
                    *kept = *later;
                }
                is_same
            });
        }
        self
    }

    fn row(&self, stated: &Stated) -> Overlaid {
        let [since, until] = self.periods[stated.period as usize];
        Overlaid { arc: stated.arc, flow: stated.flow, since, until }
    }

    /// All that is known, in the order of edges.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Overlaid> {
        self.rows.iter().map(|stated| self.row(stated))
    }

    /// What is known of a direction of an edge.
    pub fn of_edge(&self, edge: u32, is_forward: bool) -> Option<Overlaid> {
        self.of_arc(2 * edge + u32::from(!is_forward))
    }

    pub(crate) fn of_arc(&self, arc: u32) -> Option<Overlaid> {
        let found = self.rows.binary_search_by_key(&arc, |row| row.arc);
        found.ok().map(|idx| self.row(&self.rows[idx]))
    }

    /// How many arcs (directions of edges) something is known of.
    pub fn n_arcs(&self) -> usize {
        self.rows.len()
    }

    /// This with newer knowledge laid over it, without what has ended by `now`. O(both).
    #[must_use]
    pub fn with(&self, newer: &Self, now: Timestamp) -> Self {
        let mut merged: Self = self.rows().chain(newer.rows()).collect();
        let periods = &merged.periods;
        merged.rows.retain(|row| {
            let [_, until] = periods[row.period as usize];
            now < until && row.flow != Flow::Free
        });
        merged
    }

    /// What still holds at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        self.with(&Self::default(), now)
    }

    /// When the first of it ends.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.rows().map(|row| row.until).min()
    }

    /// Since when the latest of it is known.
    pub fn newest(&self) -> Option<Timestamp> {
        self.rows().map(|row| row.since).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn row(arc: u32, flow: Flow, until: i64) -> Overlaid {
        Overlaid { arc, flow, since: at(0), until: at(until) }
    }

    #[test]
    fn only_speeds_that_somebody_drives_are_taken() {
        for (kmh, ok) in [
            (-5.0, false),
            (0.0, false),
            (0.9, false),
            (1.0, true),
            (200.0, true),
            (201.0, false),
            (f64::NAN, false),
            (f64::INFINITY, false),
        ] {
            assert_eq!(Kmh::new(kmh).is_ok(), ok, "{kmh} km/h");
        }
        assert_eq!(
            Kmh::new(-5.0).unwrap_err().to_string(),
            "speed -5 km/h is outside 1..=200: correct it, or write \"closed\" where nothing moves"
        );
    }

    #[test]
    fn the_latest_word_on_an_arc_counts_until_it_ends() {
        let slow = Flow::At(Kmh::new(12.0).unwrap());
        let of = |rows: &[Overlaid]| rows.iter().copied().collect::<Traffic>();
        let rows = |traffic: &Traffic| traffic.rows().collect::<Vec<_>>();
        let first = of(&[row(4, slow, 100), row(1, slow, 50), row(4, Flow::Closed, 80)]);
        assert_eq!(rows(&first), [row(1, slow, 50), row(4, Flow::Closed, 80)]);
        let newer = of(&[row(4, Flow::Free, 90), row(7, Flow::Closed, 70)]);
        let both = first.with(&newer, at(0));
        assert_eq!(rows(&both), [row(1, slow, 50), row(7, Flow::Closed, 70)]);
        assert_eq!(rows(&first.with(&newer, at(50))), [row(7, Flow::Closed, 70)]);
        assert_eq!(both, of(&[row(7, Flow::Closed, 70), row(1, slow, 50)]));
        assert_ne!(both, of(&[row(7, Flow::Closed, 71), row(1, slow, 50)]));
        assert_eq!(first.next_end(), Some(at(50)));
        assert_eq!(first.at(at(80)).n_arcs(), 0);
    }
}
