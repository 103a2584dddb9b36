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
    ///
    /// # Panics
    /// Never: what bounds positions is on Earth.
    pub fn around(positions: impl IntoIterator<Item = Position>) -> Option<Self> {
        let corners = positions.into_iter().map(|p| [p.lat_e7(), p.lon_e7()]).map(|p| (p, p));
        let (low, high) = corners.reduce(|(low, high), (p, _)| {
            ([low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])])
        })?;
        let corner = |[lat, lon]: [i32; 2]| Position::from_e7(lat, lon);
        let on_earth = "both coordinates come from positions";
        Some(Self {
            south_west: corner(low).expect(on_earth),
            north_east: corner(high).expect(on_earth),
        })
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
}
