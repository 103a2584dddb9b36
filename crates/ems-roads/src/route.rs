//! The fastest way itself, as a line with times.

use ems_model::{Millis, Position};

use crate::roads::Roads;
use crate::search::{Drive, passed};
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
    /// The state that it is driven in.
    pub(crate) state: u32,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// What the turn onto it costs, milliseconds.
    pub(crate) turn: u32,
    /// The time at its end, from the start of the leg.
    end: u32,
}

impl Piece {
    /// Whether it has no length: a stop at the very end of an arc.
    pub(crate) fn is_point(&self) -> bool {
        self.from >= self.to
    }
}

impl Roads {
    /// The fastest way from a snap to another; `None` if either is of another city or closures
    /// part them: ask [`Roads::way`] how near it comes.
    pub fn route(&self, from: &Snap, to: &Snap) -> Option<Route> {
        let pieces = self.pieces(from, to)?;
        let mut drawn = Drawn::at(from.position);
        for piece in &pieces {
            self.draw(piece, &mut drawn);
        }
        drawn.end_leg(to.position);
        Some(drawn.into_route())
    }

    /// The arcs of the fastest way, cut at both ends: at least one.
    pub(crate) fn pieces(&self, from: &Snap, to: &Snap) -> Option<Vec<Piece>> {
        let drive = self.drive(from, to)?;
        self.pieces_of(&drive, from, to)
    }

    /// The arcs of a drive, cut at both ends.
    pub(crate) fn pieces_of(&self, drive: &Drive, from: &Snap, to: &Snap) -> Option<Vec<Piece>> {
        let first = self.leaving(from).into_iter().find(|leg| leg.arc == drive.arc)?;
        let (arc, state) = (first.arc, first.arc);
        let mut pieces =
            vec![Piece { arc, state, from: first.along, to: 1.0, turn: 0, end: first.after }];
        for turn in drive.turns.iter().map(|&turn| self.parts().turns.list[turn as usize]) {
            let arc = self.parts().arc_of(turn.state);
            let before = pieces.last().map_or(0, |piece| piece.end);
            let end = before + turn.millis + self.arc_millis(arc)?;
            let state = turn.state;
            pieces.push(Piece { arc, state, from: 0.0, to: 1.0, turn: turn.millis, end });
        }
        let last = pieces.last_mut()?;
        last.to = if drive.is_none() {
            last.from
        } else {
            self.arriving(to).into_iter().find(|leg| leg.arc == last.arc)?.along
        };
        last.end = drive.millis;
        Some(pieces)
    }

    /// Adds the points of a piece after its first.
    pub(crate) fn draw(&self, piece: &Piece, drawn: &mut Drawn) {
        let Some(millis) = self.arc_millis(piece.arc) else { return };
        let shape = self.shape(piece.arc / 2);
        if piece.arc.is_multiple_of(2) {
            drawn.add(piece, millis, shape.iter());
        } else {
            drawn.add(piece, millis, shape.iter().rev());
        }
    }
}

/// A route that grows, leg by leg.
pub(crate) struct Drawn {
    points: Vec<(Position, Millis)>,
    metres: f64,
    /// The lengths of a piece's lines.
    lengths: Vec<f64>,
    /// When the leg began.
    leg_start: u32,
    /// The time at the end of what is drawn, from the start of the leg.
    leg_end: u32,
}

impl Drawn {
    pub(crate) fn at(start: Position) -> Self {
        Self {
            points: vec![(start, Millis::ZERO)],
            metres: 0.0,
            lengths: Vec::new(),
            leg_start: 0,
            leg_end: 0,
        }
    }

    /// Ends a leg; the next begins there.
    pub(crate) fn end_leg(&mut self, at: Position) {
        self.push(at, self.leg_end);
        self.leg_start += self.leg_end;
        self.leg_end = 0;
    }

    pub(crate) fn into_route(self) -> Route {
        let duration = Millis::new(self.now().into());
        Route { duration, metres: self.metres, points: self.points }
    }

    /// The time at the end of what is drawn, from the start of the route.
    pub(crate) fn now(&self) -> u32 {
        self.leg_start + self.leg_end
    }

    pub(crate) fn metres(&self) -> f64 {
        self.metres
    }

    pub(crate) fn last_point(&self) -> usize {
        self.points.len() - 1
    }

    /// Adds a piece of a line that takes `millis` as a whole.
    fn add<'a>(
        &mut self,
        piece: &Piece,
        millis: u32,
        mut line: impl DoubleEndedIterator<Item = &'a Position> + Clone,
    ) {
        let pairs = || line.clone().zip(line.clone().skip(1));
        self.lengths.clear();
        self.lengths.extend(pairs().map(|(a, b)| a.metres_to(*b)));
        let total: f64 = self.lengths.iter().sum();
        let end_passed = passed(millis, piece.to);
        let mut along = 0.0;
        for (idx, (a, b)) in pairs().enumerate() {
            let length = self.lengths[idx];
            along += length;
            let share = if total > 0.0 { (along / total).min(1.0) } else { 1.0 };
            if share > piece.from && share < piece.to {
                let at = piece.end - (end_passed - passed(millis, share));
                self.push_after(*a, length, *b, at);
            }
        }
        if let (true, Some(end)) = (piece.to >= 1.0, line.next_back()) {
            let before = line.next_back().unwrap_or(end);
            self.push_after(*before, self.lengths.last().copied().unwrap_or(0.0), *end, piece.end);
        }
        self.leg_end = piece.end;
    }

    /// Adds a point that is passed at a time of the leg.
    fn push(&mut self, point: Position, at: u32) {
        let (last, _) = self.points[self.points.len() - 1];
        self.push_after(last, last.metres_to(point), point, at);
    }

    /// Adds a point of which is known how far it is from the one before it on its road.
    fn push_after(&mut self, before: Position, length: f64, point: Position, at: u32) {
        let at = Millis::new((self.leg_start + at).into());
        let (last, last_at) = self.points[self.points.len() - 1];
        if (last, last_at) != (point, at) {
            self.metres += if last == before { length } else { last.metres_to(point) };
            self.points.push((point, at));
        }
    }
}
