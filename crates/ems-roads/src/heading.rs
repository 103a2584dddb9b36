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
    /// At the start of an arc, by the shape of its edge.
    pub(crate) fn along(shape: &[Position], arc: u32) -> Self {
        if arc.is_multiple_of(2) {
            Self::onward(shape.iter())
        } else {
            Self::onward(shape.iter().rev())
        }
    }

    /// From the first place of a line to that [`LOOK_METRES`] along it, or to its end.
    fn onward<'a>(mut line: impl Iterator<Item = &'a Position>) -> Self {
        const METRES_PER_DEGREE: f64 = 111_195.08;
        let start = line.next().expect("a road has two points");
        let east_scale = start.lat().to_radians().cos();
        let (mut at, mut left) = (Self { east: 0.0, north: 0.0 }, LOOK_METRES / METRES_PER_DEGREE);
        for place in line {
            let next = Self {
                east: (place.lon() - start.lon()) * east_scale,
                north: place.lat() - start.lat(),
            };
            let (east, north) = (next.east - at.east, next.north - at.north);
            let length = east.hypot(north);
            if length >= left {
                let share = left / length;
                return Self { east: at.east + east * share, north: at.north + north * share };
            }
            (left, at) = (left - length, next);
        }
        at
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
        let north = Heading::along(&[place(0, 0), place(0, 5)], 0);
        let east = Heading::along(&[place(0, 0), place(5, 0)], 0);
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
