//! Points that head one way along a road, and the drive between them arc by arc.
//!
//! An arc is an edge in one direction: twice the edge's number, plus one from its head to its
//! tail.

use ems_hierarchy::{Path, Query, Seed};
use ems_model::Position;

use crate::roads::Roads;
use crate::search::passed;
use crate::snap::Snap;

/// A point on a road, headed one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArcPoint {
    /// The arc that it drives along.
    pub arc: u32,
    /// How far along the arc, 0..=1 of its length from where the arc starts.
    pub along: f64,
}

/// What a drive does on one arc.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArcStretch {
    /// The arc.
    pub arc: u32,
    /// Where on it the stretch starts, 0..=1.
    pub from: f64,
    /// Where on it the stretch ends, `from..=1`.
    pub to: f64,
    /// What the turn onto it costs, milliseconds: zero at the start of a drive.
    pub turn_millis: u32,
    /// How long the stretch takes after that turn, milliseconds.
    pub millis: u32,
}

impl Roads {
    /// The arcs that a snap may be driving along, one or two.
    pub fn headings(&self, snap: &Snap) -> impl Iterator<Item = ArcPoint> {
        self.legs(snap).map(|leg| ArcPoint { arc: leg.arc, along: leg.along })
    }

    /// The length of an arc, metres.
    ///
    /// # Panics
    /// If there is no such arc.
    pub fn arc_metres(&self, arc: u32) -> f64 {
        self.edge_metres(arc / 2)
    }

    /// Milliseconds of an arc; `None` where it may not be driven or is not there.
    pub fn arc_time(&self, arc: u32) -> Option<u32> {
        self.arc_millis(arc)
    }

    /// The class of an arc's road, an index of [`crate::ROAD_CLASSES`].
    ///
    /// # Panics
    /// If there is no such arc.
    pub fn arc_class(&self, arc: u32) -> usize {
        self.parts().edges[(arc / 2) as usize].class.into()
    }

    /// Where a point is.
    ///
    /// # Panics
    /// If there is no such arc.
    pub fn position_of(&self, point: &ArcPoint) -> Position {
        let from_tail = if point.arc.is_multiple_of(2) { point.along } else { 1.0 - point.along };
        self.point_on(point.arc / 2, from_tail).position
    }

    /// The fastest drive that leaves `from` the way it heads and comes to `to` the way that heads;
    /// `None` where there is none. As exact as [`Roads::time`].
    pub fn drive_between(&self, from: &ArcPoint, to: &ArcPoint) -> Option<Vec<ArcStretch>> {
        if from.arc == to.arc && from.along <= to.along {
            return Some(vec![self.stretch(from.arc, from.along, to.along, 0)?]);
        }
        let turns = self.turns_between(from, to)?;
        let mut stretches = vec![self.stretch(from.arc, from.along, 1.0, 0)?];
        for turn in turns.iter().map(|&turn| self.parts().turns.list[turn as usize]) {
            stretches.push(self.stretch(self.parts().arc_of(turn.state), 0.0, 1.0, turn.millis)?);
        }
        let last = stretches.pop()?;
        stretches.push(self.stretch(last.arc, 0.0, to.along, last.turn_millis)?);
        Some(stretches)
    }

    /// The turns of the fastest drive that leaves the arc of `from` at its end.
    fn turns_between(&self, from: &ArcPoint, to: &ArcPoint) -> Option<Vec<u32>> {
        let goal = self.goal_of(to, passed(self.arc_millis(to.arc)?, to.along));
        if from.arc != to.arc {
            let start = [Seed::at(from.arc)];
            return Some(Query::default().path(self.metric(), &start, &goal)?.arcs);
        }
        let after = |turn: usize| {
            let next = self.parts().turns.list[turn];
            let seed = Seed { node: next.state, weight: next.millis };
            Some((turn, Query::default().path(self.metric(), &[seed], &goal)?))
        };
        let ways = self.parts().turns.range(from.arc).filter_map(after);
        let best = ways.min_by_key(|(_, path)| path.weight);
        best.map(|(turn, path)| with_first(turn, path))
    }

    /// The states that may end at a point, `before` being the weight of the arc up to it.
    pub(crate) fn goal_of(&self, to: &ArcPoint, before: u32) -> Vec<Seed> {
        self.states_of(to.arc).map(|node| Seed { node, weight: before }).collect()
    }

    fn stretch(&self, arc: u32, from: f64, to: f64, turn_millis: u32) -> Option<ArcStretch> {
        let whole = self.arc_millis(arc)?;
        let millis = passed(whole, to).saturating_sub(passed(whole, from));
        Some(ArcStretch { arc, from, to, turn_millis, millis })
    }
}

fn with_first(turn: usize, path: Path) -> Vec<u32> {
    let turn = u32::try_from(turn).expect("turns are numbered by u32");
    std::iter::once(turn).chain(path.arcs).collect()
}
