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

/// The position at a point of the square.
///
/// # Panics
/// If the point is outside the square.
pub(crate) fn unproject([x, y]: [f64; 2]) -> Position {
    let lat = ((1.0 - 2.0 * y) * std::f64::consts::PI).sinh().atan().to_degrees();
    Position::from_degrees(lat, x * 360.0 - 180.0).expect("points of the square are on Earth")
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
    fn a_point_of_the_square_is_where_it_was_projected_from() {
        for (lat, lon) in [(0.0, 0.0), (35.9, 14.5), (-60.0, -179.9), (85.0, 179.9)] {
            let there = Position::from_degrees(lat, lon).unwrap();
            assert!(unproject(project(there)).metres_to(there) < 0.02, "{lat},{lon}");
        }
    }

    #[test]
    fn the_square_has_null_island_in_its_middle_and_north_above() {
        let at = |lat, lon| project(Position::from_degrees(lat, lon).unwrap());
        assert!(at(0.0, 0.0).iter().all(|c| (c - 0.5).abs() < 1e-12));
        assert!(at(35.9, 14.5)[1] < 0.5 && at(35.9, 14.5)[0] > 0.5);
        assert!(at(LAT_MAX, -180.0).iter().all(|c| c.abs() < 1e-9));
    }
}
