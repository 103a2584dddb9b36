//! From a place to the nearest point of the road network.

use ems_model::Position;

use crate::candidates::Direction;
use crate::mercator::project;
use crate::roads::Roads;

/// How far a place may be from its road, metres, unless a query says otherwise.
pub const SNAP_METRES_MAX: f64 = 2000.0;

/// So near to an edge's end, metres, a place lies on its junction: coordinates are often rounded
/// to a tenth of this.
const CORNER_METRES: f64 = 0.5;

/// A point on an edge of one particular [`Roads`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    pub(crate) edge: u32,
    pub(crate) fraction: f64,
    pub(crate) position: Position,
    pub(crate) off_road_metres: f64,
    /// The only direction in which one comes and leaves.
    pub(crate) only: Option<Direction>,
}

impl Snap {
    /// The same point, to be come to and left in one direction only.
    #[must_use]
    pub fn driven(self, direction: Direction) -> Self {
        Self { only: Some(direction), ..self }
    }

    /// The edge, by its number in the pack.
    pub fn edge(&self) -> u32 {
        self.edge
    }

    /// How far along the edge, 0..=1 of its length.
    pub fn fraction(&self) -> f64 {
        self.fraction
    }

    /// The point on the road.
    pub fn position(&self) -> Position {
        self.position
    }

    /// How far the place asked for is from the road, metres in a straight line.
    pub fn off_road_metres(&self) -> f64 {
        self.off_road_metres
    }
}

/// A place too far from any road of the city.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "position {},{} is {:.1} km from the nearest road of this city (limit {:.1} km): \
     check the coordinates or import a larger extract",
    position.lat(), position.lon(), metres / 1000.0, metres_max / 1000.0
)]
pub struct OffMap {
    /// The place asked for.
    pub position: Position,
    /// Its distance from the nearest road, metres.
    pub metres: f64,
    /// The most that was accepted, metres.
    pub metres_max: f64,
}

impl Roads {
    /// The nearest point on a road that is joined to all others, at most 2 km away.
    pub fn snap(&self, position: Position) -> Result<Snap, OffMap> {
        self.snap_within(position, SNAP_METRES_MAX)
    }

    /// The nearest point on a road that is joined to all others, at most `metres_max` away.
    pub fn snap_within(&self, position: Position, metres_max: f64) -> Result<Snap, OffMap> {
        self.snap_where(position, metres_max, |_| true)
    }

    /// The nearest point on the edges asked for, at most `metres_max` away.
    pub(crate) fn snap_where(
        &self,
        position: Position,
        metres_max: f64,
        is_asked: impl Fn(u32) -> bool,
    ) -> Result<Snap, OffMap> {
        let too_far = |metres| OffMap { position, metres, metres_max };
        let nearest = self.snap_index().nearest(self.parts(), position, is_asked);
        let nearest = nearest.ok_or(too_far(f64::INFINITY))?;
        let snap = self.snap_to_segment(position, nearest.edge, nearest.segment);
        if snap.off_road_metres <= metres_max {
            Ok(snap)
        } else {
            Err(too_far(snap.off_road_metres))
        }
    }

    pub(crate) fn snap_to_segment(&self, position: Position, edge: u32, segment: u32) -> Snap {
        let shape = self.shape(edge);
        let (start, end) = (shape[segment as usize], shape[segment as usize + 1]);
        let on_road = start.towards(end, share_along(position, start, end));
        let before = crate::network::metres(&shape[..=segment as usize]);
        let total = crate::network::metres(shape);
        let along = before + start.metres_to(on_road);
        let (fraction, on_road) = if along.min(total - along) >= CORNER_METRES {
            (along / total, on_road)
        } else if along < total - along {
            (0.0, shape[0])
        } else {
            (1.0, shape[shape.len() - 1])
        };
        let off_road_metres = position.metres_to(on_road);
        Snap { edge, fraction, position: on_road, off_road_metres, only: None }
    }
}

/// How far along a short line the point nearest to `position` is, 0..=1.
fn share_along(position: Position, start: Position, end: Position) -> f64 {
    let (p, a, b) = (project(position), project(start), project(end));
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length_2 = dx * dx + dy * dy;
    if length_2 > 0.0 {
        (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length_2).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
