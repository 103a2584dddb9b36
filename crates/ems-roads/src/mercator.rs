//! The Web Mercator square: x and y in 0..=1, y downward from 85.05° north.
//!
//! It keeps angles (EPSG 3857 up to scale), so what is nearest in it is nearest on the ground over
//! a few kilometres; map tiles are cut from it.

use ems_model::Position;

/// The latitude at which the square ends, degrees.
const LAT_MAX: f64 = 85.051_128_779_806_59;

/// Where a position lies in the square.
pub(crate) fn project(position: Position) -> [f64; 2] {
    let lat = position.lat().clamp(-LAT_MAX, LAT_MAX).to_radians();
    let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
    [(position.lon() + 180.0) / 360.0, y]
}

/// How long a metre is in the square, around a position.
pub(crate) fn square_per_metre(position: Position) -> f64 {
    const EQUATOR_METRES: f64 = 2.0 * std::f64::consts::PI * 6_371_008.8;
    let lat = position.lat().clamp(-LAT_MAX, LAT_MAX).to_radians();
    1.0 / (EQUATOR_METRES * lat.cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_has_null_island_in_its_middle_and_north_above() {
        let at = |lat, lon| project(Position::from_degrees(lat, lon).unwrap());
        assert!(at(0.0, 0.0).iter().all(|c| (c - 0.5).abs() < 1e-12));
        assert!(at(35.9, 14.5)[1] < 0.5 && at(35.9, 14.5)[0] > 0.5);
        assert!(at(LAT_MAX, -180.0).iter().all(|c| c.abs() < 1e-9));
    }
}
