//! All that is reached within a time: the stretches of road, cut where the time is up.

use ems_hierarchy::{FAR, Seed, Sweep};
use ems_model::Millis;

use crate::candidates::Direction;
use crate::roads::Roads;
use crate::search::Leg;
use crate::snap::Snap;

/// A stretch of an edge that is reached in time, driving in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The edge.
    pub edge: u32,
    /// The way driven.
    pub direction: Direction,
    /// Where the stretch begins, as a share of the edge's length in the direction driven, 0..=1.
    pub from: f64,
    /// Where it ends: at 1, or where the time is up.
    pub to: f64,
    /// When its beginning is passed.
    pub at: Millis,
}

/// When each arc is entered, and how the start's own arcs are left.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    sweep: Sweep,
    /// By arc: milliseconds at its start; [`FAR`] and more where it is not reached.
    millis: Vec<u32>,
    /// The arcs on which the start lies, driven from there.
    first: Vec<Leg>,
}

impl Entries {
    /// Searches from a snap; says nothing of a snap of another city.
    pub(crate) fn search(&mut self, roads: &Roads, from: &Snap) {
        self.first.clear();
        self.first.extend(roads.legs(from));
        // As if each leg had been driven to its end: what lies behind the start is reached by a
        // turn only.
        let parts = roads.parts();
        let after = |leg: &Leg| {
            let (turns, after) = (parts.turns.of(leg.arc).iter(), leg.after);
            turns.map(move |turn| Seed { node: turn.state, weight: after + turn.millis })
        };
        let seeds: Vec<Seed> = self.first.iter().flat_map(after).collect();
        self.sweep.from(roads.metric(), &seeds);
        self.gather(roads);
    }

    /// The least over all states of an arc.
    fn gather(&mut self, roads: &Roads) {
        let (parts, metric) = (roads.parts(), roads.metric());
        let n_arcs = u32::try_from(2 * parts.edges.len()).expect("arcs are numbered by u32");
        self.millis.clear();
        self.millis.extend((0..n_arcs).map(|arc| self.sweep.distance(metric, arc)));
        for (state, &arc) in (n_arcs..).zip(&parts.memory_arcs) {
            let least = &mut self.millis[arc as usize];
            *least = (*least).min(self.sweep.distance(metric, state));
        }
    }

    /// When an arc is entered, milliseconds.
    pub(crate) fn at(&self, arc: u32) -> Option<u32> {
        Some(self.millis[arc as usize]).filter(|&millis| millis < FAR)
    }

    /// The arcs on which the start lies.
    pub(crate) fn first(&self) -> &[Leg] {
        &self.first
    }
}

impl Roads {
    /// Every stretch of road that is reached from a snap within a time: exact, in order of edges.
    ///
    /// Costs one sweep over the hierarchy, whatever the limit.
    pub fn reach(&self, from: &Snap, limit: Millis) -> Vec<Reached> {
        let limit = u32::try_from(limit.get().max(0)).unwrap_or(u32::MAX);
        let mut entries = Entries::default();
        entries.search(self, from);
        let first = entries.first().iter().filter_map(|leg| {
            let millis = leg.before + leg.after;
            stretch(leg.arc, leg.along, 0, millis, limit)
        });
        let n_arcs = 2 * u32::try_from(self.n_edges()).expect("edges are numbered by u32");
        let whole = (0..n_arcs)
            .filter_map(|arc| stretch(arc, 0.0, entries.at(arc)?, self.arc_millis(arc)?, limit));
        let mut reached: Vec<Reached> = first.chain(whole).collect();
        reached.sort_by_key(|stretch| (stretch.edge, stretch.direction));
        reached
    }
}

/// What is driven of an arc from a share of it until the limit, all in milliseconds.
fn stretch(arc: u32, from: f64, at: u32, millis: u32, limit: u32) -> Option<Reached> {
    let left = f64::from(limit.checked_sub(at)?);
    let to = (from + left / f64::from(millis)).min(1.0);
    let direction = if arc.is_multiple_of(2) { Direction::Forward } else { Direction::Backward };
    Some(Reached { edge: arc / 2, direction, from, to, at: Millis::new(at.into()) })
}
