//! Squares of the Earth, about as wide as high.

use ems_model::Position;

use crate::error::CoverageError;

/// Metres of a degree of latitude on the mean sphere (IUGG 1980).
const DEGREE_METRES: f64 = 111_195.08;

/// Rows of equal height, of which each has squares as wide as high in its middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    metres: u32,
}

/// A square of a grid: its row from the equator, and its place in the row from Greenwich.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Square {
    /// The row, northwards.
    pub row: i32,
    /// The place in it, eastwards.
    pub column: i32,
}

impl Grid {
    /// Squares of so many metres, 50 to 10,000.
    pub fn new(metres: u32) -> Result<Self, CoverageError> {
        if (50..=10_000).contains(&metres) {
            Ok(Self { metres })
        } else {
            Err(CoverageError::Metres { metres })
        }
    }

    /// How high a square is, in metres.
    pub const fn metres(self) -> u32 {
        self.metres
    }

    /// The square of a position.
    #[expect(clippy::cast_possible_truncation, reason = "at most 3.6 million squares around")]
    pub fn at(self, position: Position) -> Square {
        let row = (position.lat() / self.height()).floor() as i32;
        Square { row, column: (position.lon() / self.width(row)).floor() as i32 }
    }

    /// South, west, north and east of a square, in degrees.
    pub fn edges(self, square: Square) -> [f64; 4] {
        let (height, width) = (self.height(), self.width(square.row));
        let (row, column) = (f64::from(square.row), f64::from(square.column));
        [row * height, column * width, (row + 1.0) * height, (column + 1.0) * width]
    }

    /// The grid of which a square holds sixteen of this one.
    pub(crate) fn wider(self) -> Self {
        Self { metres: self.metres.saturating_mul(4) }
    }

    fn height(self) -> f64 {
        f64::from(self.metres) / DEGREE_METRES
    }

    fn width(self, row: i32) -> f64 {
        let middle = (f64::from(row) + 0.5) * self.height();
        self.height() / middle.clamp(-89.9, 89.9).to_radians().cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_holds_its_positions_and_is_as_wide_as_high() {
        let grid = Grid::new(250).unwrap();
        for (lat, lon) in [(44.9, -93.5), (-33.9, 151.2), (0.0001, -0.0001), (89.99, 179.9)] {
            let position = Position::from_degrees(lat, lon).unwrap();
            let [south, west, north, east] = grid.edges(grid.at(position));
            assert!((south..north).contains(&lat) && (west..east).contains(&lon), "{lat},{lon}");
            let at = |lon| Position::from_degrees(f64::midpoint(south, north), lon);
            if let (Ok(west), Ok(east)) = (at(west), at(east)) {
                let metres = west.metres_to(east);
                assert!((metres - 250.0).abs() < 3.0 || lat > 89.0, "{metres} m at {lat}");
            }
        }
        assert!(Grid::new(49).is_err());
    }
}
