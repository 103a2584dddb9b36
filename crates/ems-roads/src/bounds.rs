//! A box on the map.

use ems_model::Position;
use serde::{Deserialize, Serialize};

/// A box of latitude and longitude; a city must not cross the 180th meridian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The corner with the least latitude and longitude.
    pub south_west: Position,
    /// The corner with the greatest latitude and longitude.
    pub north_east: Position,
}

impl Bounds {
    /// The smallest box around all positions; `None` if there are none.
    pub fn around(positions: impl IntoIterator<Item = Position>) -> Option<Self> {
        positions.into_iter().map(|p| Self { south_west: p, north_east: p }).reduce(Self::joined)
    }

    /// Whether the position is inside or on the border.
    pub fn contains(&self, position: Position) -> bool {
        let (sw, ne) = (self.south_west, self.north_east);
        (sw.lat_e7()..=ne.lat_e7()).contains(&position.lat_e7())
            && (sw.lon_e7()..=ne.lon_e7()).contains(&position.lon_e7())
    }

    /// The middle of the box.
    pub fn centre(&self) -> Position {
        self.south_west.towards(self.north_east, 0.5)
    }

    fn joined(self, other: Self) -> Self {
        let corner = |a: Position, b: Position, pick: fn(i32, i32) -> i32| {
            Position::from_e7(pick(a.lat_e7(), b.lat_e7()), pick(a.lon_e7(), b.lon_e7()))
                .expect("both coordinates come from positions")
        };
        Self {
            south_west: corner(self.south_west, other.south_west, i32::min),
            north_east: corner(self.north_east, other.north_east, i32::max),
        }
    }
}
