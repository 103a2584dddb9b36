//! All that is reached within a time: the stretches of road, cut where the time is up.

use ems_hierarchy::{Blocks, FAR, Seed, Sweep};
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
    /// The arcs on which the start lies, driven from there.
    first: Vec<Leg>,
}

impl Entries {
    /// Searches from a snap; says nothing of a snap of another city.
    fn search(&mut self, roads: &Roads, from: &Snap) {
        let seeds = self.set_off(roads, from);
        self.sweep.from(roads.metric(), &seeds);
    }

    /// Searches from a snap as far as the limit, milliseconds.
    pub(crate) fn search_within(
        &mut self,
        roads: &Roads,
        blocks: &Blocks,
        from: &Snap,
        limit: u32,
    ) {
        let seeds = self.set_off(roads, from);
        self.sweep.from_within(roads.metric(), blocks, &seeds, limit);
    }

    /// What is reached by a turn from the arcs on which the start lies, as if each had been driven
    /// to its end: so what lies behind the start is reached by a turn only.
    fn set_off(&mut self, roads: &Roads, from: &Snap) -> Vec<Seed> {
        self.first.clear();
        self.first.extend(roads.leaving(from));
        let after = |leg: &Leg| {
            let (turns, after) = (roads.parts().turns.of(leg.arc).iter(), leg.after);
            turns.map(move |turn| Seed { node: turn.state, weight: after + turn.millis })
        };
        self.first.iter().flat_map(after).collect()
    }

    /// When an arc is entered, milliseconds: the least over all its states.
    fn at(&self, roads: &Roads, arc: u32) -> Option<u32> {
        let at = |state| self.sweep.distance(roads.metric(), state);
        roads.states_of(arc).map(at).min().filter(|&millis| millis < FAR)
    }

    /// When the states are entered.
    pub(crate) fn sweep(&self) -> &Sweep {
        &self.sweep
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
        let whole = (0..n_arcs).filter_map(|arc| {
            stretch(arc, 0.0, entries.at(self, arc)?, self.arc_millis(arc)?, limit)
        });
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
