//! Exact times between snaps.
//!
//! The hierarchy searches the graph of turns: its nodes are states, its arcs turns, and an arc
//! weighs the state that it leaves and the turn. A label is thus the time at the start of a
//! state's arc. A search starts at the arcs on which a snap lies, as if it had driven them from
//! their start; that time is taken off the answer. Only on one and the same edge this would be
//! wrong (the target may lie behind), so there a search starts after the first turn. A snap on a
//! junction is left by the start of any arc, and come to by the end of any.

use ems_hierarchy::{FAR, Field, Path, Query, Seed};
use ems_model::Millis;

use crate::roads::Roads;
use crate::snap::Snap;

/// An arc at a snap, with the time before and after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    pub(crate) arc: u32,
    /// Milliseconds from the arc's start to the snap.
    pub(crate) before: u32,
    /// Milliseconds from the snap to the arc's end.
    pub(crate) after: u32,
    /// How far along the arc, 0..=1.
    pub(crate) along: f64,
}

/// Where a search starts.
pub(crate) struct Start {
    pub(crate) seeds: Vec<Seed>,
    /// What every answer has too much, milliseconds.
    pub(crate) excess: u32,
}

/// A drive as the search finds it.
pub(crate) struct Drive {
    pub(crate) millis: u32,
    /// The arc of the first leg.
    pub(crate) arc: u32,
    /// The turns taken, by their index.
    pub(crate) turns: Vec<u32>,
}

impl Roads {
    /// The fastest time from a snap to another; `None` if either is of another city or on a closed
    /// road, or closures part them.
    pub fn time(&self, from: &Snap, to: &Snap) -> Option<Millis> {
        if self.is_near(from, to) {
            return self.drive_near(from, to).map(|drive| Millis::new(drive.millis.into()));
        }
        let (start, goal) = (self.start(from)?, self.goal(to)?);
        start.answer(Query::default().distance(self.metric(), &start.seeds, &goal))
    }

    /// The fastest time from each of many snaps to one, in the order given. One search.
    pub fn times_to(&self, from: &[Snap], to: &Snap) -> Vec<Option<Millis>> {
        let Some(goal) = self.goal(to) else { return vec![None; from.len()] };
        let mut field = Field::default();
        let mut around = field.to(self.metric(), &goal);
        let mut time = |snap: &Snap| {
            if self.is_near(snap, to) {
                return self.time(snap, to);
            }
            let start = self.start(snap)?;
            start.answer(around.distance(&start.seeds))
        };
        from.iter().map(&mut time).collect()
    }

    /// The fastest time from one snap to each of many, in the order given. One search.
    pub fn times_from(&self, from: &Snap, to: &[Snap]) -> Vec<Option<Millis>> {
        let Some(start) = self.start(from) else { return vec![None; to.len()] };
        let mut field = Field::default();
        let mut around = field.from(self.metric(), &start.seeds);
        let mut time = |snap: &Snap| {
            if self.is_near(from, snap) {
                return self.time(from, snap);
            }
            start.answer(around.distance(&self.goal(snap)?))
        };
        to.iter().map(&mut time).collect()
    }

    /// The fastest times between all pairs: a row for each `from`, in it a time for each `to`.
    pub fn matrix(&self, from: &[Snap], to: &[Snap]) -> Vec<Vec<Option<Millis>>> {
        let starts: Vec<(usize, Start)> = from
            .iter()
            .enumerate()
            .filter_map(|(row, snap)| Some((row, self.start(snap)?)))
            .collect();
        let goals: Vec<(usize, Vec<Seed>)> =
            to.iter().enumerate().filter_map(|(col, snap)| Some((col, self.goal(snap)?))).collect();
        let start_seeds: Vec<&[Seed]> = starts.iter().map(|(_, start)| &start.seeds[..]).collect();
        let goal_seeds: Vec<&[Seed]> = goals.iter().map(|(_, goal)| &goal[..]).collect();
        let distances = ems_hierarchy::matrix(self.metric(), &start_seeds, &goal_seeds);
        let mut times = vec![vec![None; to.len()]; from.len()];
        for ((row, start), distances) in starts.iter().zip(distances.chunks(goals.len().max(1))) {
            for ((col, _), &distance) in goals.iter().zip(distances) {
                times[*row][*col] = if self.is_near(&from[*row], &to[*col]) {
                    self.time(&from[*row], &to[*col])
                } else {
                    start.answer(distance)
                };
            }
        }
        times
    }

    /// The arcs on which a snap lies and that may be driven, there and to it.
    pub(crate) fn legs(&self, snap: &Snap) -> impl Iterator<Item = Leg> {
        let snap = *snap;
        let (edge, fraction) = (snap.edge, snap.fraction.clamp(0.0, 1.0));
        let sides = [(0, fraction), (1, 1.0 - fraction)];
        let is_asked = move |side| snap.only.is_none_or(|only| only as u32 == side);
        sides.into_iter().filter(move |&(side, _)| is_asked(side)).filter_map(
            move |(side, along)| {
                let arc = edge.checked_mul(2)? + side;
                let millis = self.arc_millis(arc)?;
                let before = passed(millis, along);
                Some(Leg { arc, before, after: millis - before, along })
            },
        )
    }

    /// The fastest drive itself.
    pub(crate) fn drive(&self, from: &Snap, to: &Snap) -> Option<Drive> {
        if self.is_near(from, to) {
            return self.drive_near(from, to);
        }
        let (start, goal) = (self.start(from)?, self.goal(to)?);
        let path = Query::default().path(self.metric(), &start.seeds, &goal)?;
        Some(Drive { millis: path.weight - start.excess, arc: path.start, turns: path.arcs })
    }

    /// Between snaps of which [`Roads::is_near`] holds.
    fn drive_near(&self, from: &Snap, to: &Snap) -> Option<Drive> {
        match self.junction(from) {
            Some(_) => self.drive_nowhere(from),
            None => self.drive_round(from, to),
        }
    }

    /// Between snaps on one edge: straight ahead, or by a first turn from either leg.
    fn drive_round(&self, from: &Snap, to: &Snap) -> Option<Drive> {
        let goal = self.goal(to)?;
        let mut query = Query::default();
        let mut best = self.drive_ahead(from, to);
        for leg in self.legs(from) {
            for turn in self.parts().turns.range(leg.arc) {
                let next = self.parts().turns.list[turn];
                let seed = Seed { node: next.state, weight: leg.after + next.millis };
                let Some(path) = query.path(self.metric(), &[seed], &goal) else { continue };
                if best.as_ref().is_none_or(|best| path.weight < best.millis) {
                    best = Some(Drive::after_turn(leg.arc, turn, path));
                }
            }
        }
        best
    }

    /// Along one arc, where `to` lies ahead of `from` on it.
    pub(crate) fn drive_ahead(&self, from: &Snap, to: &Snap) -> Option<Drive> {
        let (from, to) = (self.leaving(from), self.arriving(to));
        let pairs = from.iter().flat_map(|f| to.iter().map(move |t| (f, t)));
        let ahead = pairs.filter(|(f, t)| f.arc == t.arc && f.along <= t.along);
        let drives = ahead.map(|(f, t)| Drive {
            millis: t.before - f.before,
            arc: f.arc,
            turns: Vec::new(),
        });
        drives.min_by_key(|drive| drive.millis)
    }

    pub(crate) fn start(&self, from: &Snap) -> Option<Start> {
        let legs = self.leaving(from);
        let excess = legs.iter().map(|leg| leg.before).max()?;
        let seed = |leg: &Leg| Seed { node: leg.arc, weight: excess - leg.before };
        Some(Start { seeds: legs.iter().map(seed).collect(), excess })
    }

    /// Where a search ends, with the time from the start of each arc; `None` where there is none.
    pub(crate) fn goal(&self, to: &Snap) -> Option<Vec<Seed>> {
        let seeds = self.arriving(to).into_iter().flat_map(|leg| {
            self.states_of(leg.arc).map(move |node| Seed { node, weight: leg.before })
        });
        Some(seeds.collect()).filter(|seeds: &Vec<Seed>| !seeds.is_empty())
    }
}

impl Start {
    fn answer(&self, distance: u32) -> Option<Millis> {
        answer(distance, self.excess)
    }
}

/// A distance without its excess, as a time.
pub(crate) fn answer(distance: u32, excess: u32) -> Option<Millis> {
    (distance < FAR).then(|| Millis::new(i64::from(distance) - i64::from(excess)))
}

impl Drive {
    /// Whether it ends where it begins, on its first arc.
    pub(crate) fn is_none(&self) -> bool {
        self.millis == 0 && self.turns.is_empty()
    }

    fn after_turn(arc: u32, turn: usize, path: Path) -> Self {
        let turn = u32::try_from(turn).expect("turns are numbered by u32");
        let turns = std::iter::once(turn).chain(path.arcs).collect();
        Self { millis: path.weight, arc, turns }
    }
}

/// Milliseconds of an arc passed at a share of its length, rounded so that it never falls.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a u32 is a u32"
)]
pub(crate) fn passed(millis: u32, along: f64) -> u32 {
    ((f64::from(millis) * along).round() as u32).min(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passed_on_an_arc_never_falls_and_ends_whole() {
        let times: Vec<u32> = (0..=100).map(|i| passed(777, f64::from(i) / 100.0)).collect();
        assert!(times.is_sorted());
        assert_eq!((times[0], times[100]), (0, 777));
    }
}
