//! Which way a road leads.

use ems_model::Position;

/// A direction on the ground: east and north, of any length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heading {
    east: f64,
    north: f64,
}

/// How far along a road its direction at a junction is taken, metres: less and the corner's own
/// rounding decides, more and the next bend does.
const LOOK_METRES: f64 = 15.0;

impl Heading {
    /// From one place to another nearby.
    pub(crate) fn between(from: Position, to: Position) -> Self {
        let scale = from.lat().to_radians().cos();
        Self { east: (to.lon() - from.lon()) * scale, north: to.lat() - from.lat() }
    }

    /// At the start of an arc, by the shape of its edge.
    pub(crate) fn along(shape: &[Position], arc: u32) -> Self {
        if arc.is_multiple_of(2) {
            Self::between(shape[0], ahead(shape.iter()))
        } else {
            Self::between(shape[shape.len() - 1], ahead(shape.iter().rev()))
        }
    }

    /// At the end of an arc.
    pub(crate) fn at_end(shape: &[Position], arc: u32) -> Self {
        let back = Self::along(shape, arc ^ 1);
        Self { east: -back.east, north: -back.north }
    }

    /// Degrees from north, clockwise, 0..360.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded to 0..=360 before the cast"
    )]
    pub(crate) fn bearing(self) -> u16 {
        self.east.atan2(self.north).to_degrees().rem_euclid(360.0).round() as u16 % 360
    }
}

/// The place [`LOOK_METRES`] along a line, or its end.
fn ahead<'a>(mut line: impl Iterator<Item = &'a Position>) -> Position {
    let mut at = *line.next().expect("a road has two points");
    let mut left = LOOK_METRES;
    for &next in line {
        let length = at.metres_to(next);
        if length >= left {
            return at.towards(next, left / length);
        }
        (left, at) = (left - length, next);
    }
    at
}

/// From one direction to another, degrees, -180..=180, to the right positive.
pub(crate) fn degrees_between(from: Heading, to: Heading) -> f64 {
    let right = from.north * to.east - from.east * to.north;
    let on = from.north * to.north + from.east * to.east;
    right.atan2(on).to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::tests::place;

    #[test]
    fn a_quarter_to_the_right_of_north_is_east() {
        let north = Heading::between(place(0, 0), place(0, 5));
        let east = Heading::between(place(0, 0), place(5, 0));
        assert!((degrees_between(north, east) - 90.0).abs() < 1e-9);
        assert!((degrees_between(east, north) + 90.0).abs() < 1e-9);
        assert_eq!((north.bearing(), east.bearing()), (0, 90));
    }

    #[test]
    fn a_road_that_ends_to_the_east_is_left_to_the_west() {
        let shape = [place(0, 0), place(0, 3), place(4, 3)];
        assert_eq!(Heading::along(&shape, 0).bearing(), 0);
        assert_eq!(Heading::at_end(&shape, 0).bearing(), 90);
        assert_eq!(Heading::along(&shape, 1).bearing(), 270);
        assert_eq!(Heading::at_end(&shape, 1).bearing(), 180);
    }
}
