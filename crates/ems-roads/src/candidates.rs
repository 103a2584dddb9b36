//! All roads that a place may be on, and on which side of each it lies.

use ems_model::Position;

use crate::mercator::{project, square_per_metre};
use crate::roads::Roads;
use crate::snap::{OffMap, Snap};

/// A way along an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From tail to head, as the edge is drawn.
    Forward,
    /// From head to tail.
    Backward,
}

/// Where a place lies beside an edge, looking from tail to head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// To its left.
    Left,
    /// To its right.
    Right,
    /// On its line, up to [`ON_LINE_METRES_MAX`].
    On,
}

/// The side of the road that a country drives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driving {
    /// As in Malta, Hong Kong or the United Kingdom.
    OnLeft,
    /// As in mainland China or Germany.
    OnRight,
}

/// At most so far from an edge's line, a place is on neither side of it, metres.
pub const ON_LINE_METRES_MAX: f64 = 0.5;

/// An edge that a place may be on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The edge's point nearest to the place, with the off-road leg.
    pub snap: Snap,
    /// Where the place lies.
    pub side: Side,
}

impl Candidate {
    /// The direction of the traffic next to the place; `None` where it is on the line.
    pub fn kerb(&self, driving: Driving) -> Option<Direction> {
        match (self.side, driving) {
            (Side::On, _) => None,
            (Side::Right, Driving::OnRight) | (Side::Left, Driving::OnLeft) => {
                Some(Direction::Forward)
            }
            (Side::Right, Driving::OnLeft) | (Side::Left, Driving::OnRight) => {
                Some(Direction::Backward)
            }
        }
    }
}

impl Roads {
    /// Every edge that comes as near as `metres_max` to a place, the nearest first: one snap an
    /// edge, at least one. Equally near edges stand in order of their numbers.
    ///
    /// Costs about 1 µs for each piece of road within reach.
    pub fn candidates(
        &self,
        position: Position,
        metres_max: f64,
    ) -> Result<Vec<Candidate>, OffMap> {
        // The square's scale changes by less than this over any distance that is a snap's.
        const MARGIN: f64 = 1.01;
        let radius = metres_max.max(0.0) * MARGIN * square_per_metre(position);
        let pieces = self.snap_index().within(self.parts(), position, radius);
        let mut found: Vec<Candidate> = pieces
            .chunk_by(|a, b| a.edge == b.edge)
            .map(|of_edge| self.candidate(position, of_edge[0].edge, of_edge[0].segment))
            .filter(|candidate| candidate.snap.off_road_metres <= metres_max)
            .collect();
        found.sort_by(|a, b| a.snap.off_road_metres.total_cmp(&b.snap.off_road_metres));
        if found.is_empty() {
            self.snap_within(position, metres_max)?;
        }
        Ok(found)
    }

    /// The edges that a place may be on when its position is wrong by up to `slack_metres`: those
    /// at most so much farther than the nearest, which is at most `metres_max` away.
    pub fn rivals(
        &self,
        position: Position,
        slack_metres: f64,
        metres_max: f64,
    ) -> Result<Vec<Candidate>, OffMap> {
        let nearest = self.snap_within(position, metres_max)?;
        self.candidates(position, nearest.off_road_metres + slack_metres.max(0.0))
    }

    /// Whether an edge may be driven in a direction.
    pub fn may_drive(&self, edge: u32, direction: Direction) -> bool {
        edge.checked_mul(2).is_some_and(|arc| self.arc_millis(arc + direction as u32).is_some())
    }

    fn candidate(&self, position: Position, edge: u32, segment: u32) -> Candidate {
        let snap = self.snap_to_segment(position, edge, segment);
        let is_on = snap.off_road_metres <= ON_LINE_METRES_MAX;
        let side =
            if is_on { Side::On } else { side(self.shape(edge), segment as usize, position) };
        Candidate { snap, side }
    }
}

/// On which side of a line a place lies whose nearest point is on the segment.
///
/// Where that point is an inner corner, the mean of both directions decides: each alone can be
/// wrong beside a sharp one (Bærentzen and Aanæs, "Signed distance computation using the angle
/// weighted pseudonormal", TVCG 11(3), 2005).
fn side(shape: &[Position], segment: usize, position: Position) -> Side {
    let (point, line): ([f64; 2], Vec<[f64; 2]>) =
        (project(position), shape.iter().map(|&p| project(p)).collect());
    let own = unit(line[segment], line[segment + 1]);
    let (corner, other) = match along(line[segment], line[segment + 1], point) {
        t if t >= 1.0 && segment + 2 < line.len() => {
            (line[segment + 1], unit(line[segment + 1], line[segment + 2]))
        }
        t if t <= 0.0 && segment > 0 => (line[segment], unit(line[segment - 1], line[segment])),
        _ => (line[segment], own),
    };
    let mean = [own[0] + other[0], own[1] + other[1]];
    let across = mean[0] * (point[1] - corner[1]) - mean[1] * (point[0] - corner[0]);
    // The square's y is downward, so its right is the map's.
    if across > 0.0 { Side::Right } else { Side::Left }
}

fn unit(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx.hypot(dy);
    if length > 0.0 { [dx / length, dy / length] } else { [0.0, 0.0] }
}

/// How far along a segment the nearest point of its whole line is, as a share of its length.
fn along(a: [f64; 2], b: [f64; 2], point: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::tests::place;

    #[test]
    fn a_place_lies_on_one_side_of_a_line_even_at_a_sharp_corner() {
        // East, then sharply back: the corner is the line's easternmost point.
        let line = [place(0, 0), place(10, 0), place(0, 2)];
        for (x, y, segment, want) in [
            (5, -3, 0, Side::Right),
            (5, 1, 0, Side::Left),
            (2, 8, 1, Side::Right),
            (13, 1, 0, Side::Right),
            (13, 1, 1, Side::Right),
            (13, -1, 0, Side::Right),
        ] {
            assert_eq!(side(&line, segment, place(x, y)), want, "{x},{y} by {segment}");
        }
    }

    #[test]
    fn the_kerb_is_on_the_side_that_a_country_drives_on() {
        let (position, off_road_metres) = (place(0, 0), 3.0);
        let snap = Snap { edge: 0, fraction: 0.5, position, off_road_metres, only: None };
        for (side, driving, want) in [
            (Side::Right, Driving::OnRight, Some(Direction::Forward)),
            (Side::Right, Driving::OnLeft, Some(Direction::Backward)),
            (Side::Left, Driving::OnRight, Some(Direction::Backward)),
            (Side::Left, Driving::OnLeft, Some(Direction::Forward)),
            (Side::On, Driving::OnRight, None),
        ] {
            assert_eq!(Candidate { snap, side }.kerb(driving), want, "{side:?} {driving:?}");
        }
    }
}
