//! The fastest way itself, as a line with times.

use ems_model::{Millis, Position};

use crate::roads::Roads;
use crate::search::passed;
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
pub(crate) struct Piece {
    pub(crate) arc: u32,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// The time at its end, from the start of the route.
    end: u32,
}

impl Roads {
    /// The fastest way from a snap to another; `None` if either is of another city or closures
    /// part them: ask [`Roads::way`] how near it comes.
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
    pub(crate) fn pieces(&self, from: &Snap, to: &Snap) -> Option<Vec<Piece>> {
        let drive = self.drive(from, to)?;
        let first = self.legs(from).find(|leg| leg.arc == drive.arc)?;
        let mut pieces =
            vec![Piece { arc: first.arc, from: first.along, to: 1.0, end: first.after }];
        for turn in drive.turns.iter().map(|&turn| self.parts().turns.list[turn as usize]) {
            let arc = self.parts().arc_of(turn.state);
            let before = pieces.last().map_or(0, |piece| piece.end);
            let end = before + turn.millis + self.arc_millis(arc)?;
            pieces.push(Piece { arc, from: 0.0, to: 1.0, end });
        }
        let last = pieces.last_mut()?;
        last.to = self.legs(to).find(|leg| leg.arc == last.arc)?.along;
        last.end = drive.millis;
        Some(pieces)
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
