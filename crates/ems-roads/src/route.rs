//! The fastest way itself, as a line with times.

use ems_model::{Millis, Position};

use crate::roads::Roads;
use crate::search::{Goals, START, Search, passed};
use crate::snap::Snap;

/// The fastest way between two snaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// How long it takes.
    pub duration: Millis,
    /// How long it is, metres.
    pub metres: f64,
    /// Its points with the time since the start at which each is passed: at least one, in order,
    /// from zero to `duration`.
    pub points: Vec<(Position, Millis)>,
}

impl Route {
    /// Where one is after `elapsed`: at the start before, at the end after.
    ///
    /// # Panics
    /// If `points` is empty, which no route of [`Roads`] is.
    pub fn position_at(&self, elapsed: Millis) -> Position {
        let after = self.points.partition_point(|&(_, at)| at <= elapsed);
        let Some(&(start, start_at)) = self.points.get(after.saturating_sub(1)) else {
            panic!("a route has at least one point");
        };
        match self.points.get(after) {
            Some(&(end, end_at)) if after > 0 => {
                let share = (elapsed - start_at).as_secs_f64() / (end_at - start_at).as_secs_f64();
                start.towards(end, share)
            }
            _ => start,
        }
    }
}

/// A piece of an arc that a route drives, as shares of its length.
#[derive(Debug, Clone, Copy)]
struct Piece {
    arc: u32,
    from: f64,
    to: f64,
    /// The time at its end, from the start of the route.
    end: u32,
}

impl Roads {
    /// The fastest way from a snap to another; `None` if either is of another city.
    pub fn route(&self, from: &Snap, to: &Snap) -> Option<Route> {
        let pieces = self.pieces(from, to)?;
        let duration = Millis::new(pieces.last()?.end.into());
        let mut line = Line { points: vec![(from.position, Millis::ZERO)], metres: 0.0 };
        for piece in &pieces {
            self.draw(piece, &mut line);
        }
        line.push(to.position, duration);
        Some(Route { duration, metres: line.metres, points: line.points })
    }

    /// The arcs of the fastest way, cut at both ends.
    fn pieces(&self, from: &Snap, to: &Snap) -> Option<Vec<Piece>> {
        let mut goals =
            Goals::of(self.millis_of.len(), std::slice::from_ref(to), |snap| self.targets(snap));
        let direct = self.direct_leg(from, to);
        if let Some((start, end)) = direct {
            goals.best[0] = end.before - start.before;
        }
        let mut search = Search::new(&self.parts.turns, &self.millis_of).with_parents();
        search.start(&self.seeds_from(from));
        while let Some((state, millis)) = search.settle() {
            if goals.reach(state, millis) {
                break;
            }
        }
        match (goals.via, direct) {
            (Some(state), _) => self.trace(&search, state, goals.best[0], from, to),
            (None, Some((start, end))) => {
                let piece =
                    Piece { arc: start.arc, from: start.along, to: end.along, end: goals.best[0] };
                Some(vec![piece])
            }
            (None, None) => None,
        }
    }

    /// Follows the search back from the target's state to the start.
    fn trace(
        &self,
        search: &Search<'_>,
        target: u32,
        total: u32,
        from: &Snap,
        to: &Snap,
    ) -> Option<Vec<Piece>> {
        let last = self.legs(to).find(|leg| leg.arc == self.arc_of(target))?;
        let mut pieces = vec![Piece { arc: last.arc, from: 0.0, to: last.along, end: total }];
        let mut arrival = total - last.before;
        let mut state = target;
        loop {
            let parent = search.parent(state);
            let is_start = parent & START != 0;
            let arc = if is_start { parent & !START } else { self.arc_of(parent) };
            let millis = self.arc_millis(arc)?;
            let wait = self.turn_millis(if is_start { arc } else { parent }, state)?;
            let end = arrival.checked_sub(wait)?;
            if is_start {
                let first = self.legs(from).find(|leg| leg.arc == arc)?;
                pieces.push(Piece { arc, from: first.along, to: 1.0, end });
                break;
            }
            pieces.push(Piece { arc, from: 0.0, to: 1.0, end });
            (arrival, state) = (end.checked_sub(millis)?, parent);
        }
        pieces.reverse();
        Some(pieces)
    }

    fn turn_millis(&self, from: u32, to: u32) -> Option<u32> {
        let turns = self.parts.turns.of(from).iter();
        turns.filter(|turn| turn.state == to).map(|turn| turn.millis).min()
    }

    /// Adds the points of a piece after its first.
    fn draw(&self, piece: &Piece, line: &mut Line) {
        let Some(millis) = self.arc_millis(piece.arc) else { return };
        let mut shape = self.shape(piece.arc / 2).to_vec();
        if !piece.arc.is_multiple_of(2) {
            shape.reverse();
        }
        let total = crate::network::metres(&shape);
        let end_passed = passed(millis, piece.to);
        let mut along = 0.0;
        for pair in shape.windows(2) {
            along += pair[0].metres_to(pair[1]);
            let share = if total > 0.0 { (along / total).min(1.0) } else { 1.0 };
            if share > piece.from && share < piece.to {
                let left = end_passed - passed(millis, share);
                line.push(pair[1], Millis::new(i64::from(piece.end) - i64::from(left)));
            }
        }
        if piece.to >= 1.0 {
            line.push(shape[shape.len() - 1], Millis::new(piece.end.into()));
        }
    }
}

/// A line that grows.
struct Line {
    points: Vec<(Position, Millis)>,
    metres: f64,
}

impl Line {
    fn push(&mut self, point: Position, at: Millis) {
        if let Some(&(last, last_at)) = self.points.last() {
            if (last, last_at) == (point, at) {
                return;
            }
            self.metres += last.metres_to(point);
        }
        self.points.push((point, at));
    }
}
