//! Where something is on Earth (WGS 84).

use serde::{Deserialize, Serialize};

/// A point on Earth in ten-millionths of a degree, as OpenStreetMap stores it (about 1 cm).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Position {
    lat_e7: i32,
    lon_e7: i32,
}

/// A latitude or longitude that is not on Earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "position {lat},{lon} is outside latitude -90..=90, longitude -180..=180: give degrees, latitude first"
)]
pub struct NotOnEarth {
    lat: f64,
    lon: f64,
}

/// The encoding of a position: `{"lat": 35.9, "lon": 14.5}`.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, expecting = "a position such as {\"lat\": 35.9, \"lon\": 14.5}")]
struct Degrees {
    lat: f64,
    lon: f64,
}

/// The Earth's mean radius, IUGG 1980, in metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

impl Position {
    /// Checks degrees of latitude (-90..=90) and longitude (-180..=180) and wraps them.
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie within ±1.8e9")]
    pub fn from_degrees(lat: f64, lon: f64) -> Result<Self, NotOnEarth> {
        if lat.abs() <= 90.0 && lon.abs() <= 180.0 {
            Ok(Self { lat_e7: (lat * 1e7).round() as i32, lon_e7: (lon * 1e7).round() as i32 })
        } else {
            Err(NotOnEarth { lat, lon })
        }
    }

    /// Checks ten-millionths of a degree and wraps them.
    pub fn from_e7(lat_e7: i32, lon_e7: i32) -> Result<Self, NotOnEarth> {
        Self::from_degrees(f64::from(lat_e7) / 1e7, f64::from(lon_e7) / 1e7)
    }

    /// Latitude in ten-millionths of a degree.
    pub const fn lat_e7(self) -> i32 {
        self.lat_e7
    }

    /// Longitude in ten-millionths of a degree.
    pub const fn lon_e7(self) -> i32 {
        self.lon_e7
    }

    /// Latitude in degrees.
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Longitude in degrees.
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }

    /// The great-circle distance in metres (haversine on the mean sphere).
    pub fn metres_to(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat().to_radians(), other.lat().to_radians());
        let half_lat = ((lat_b - lat_a) / 2.0).sin();
        let half_lon = ((other.lon() - self.lon()).to_radians() / 2.0).sin();
        let chord = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }

    /// The point at `fraction` (0..=1) of the way to `other`, straight in degrees.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "lies between two valid positions")]
    pub fn towards(self, other: Self, fraction: f64) -> Self {
        let mix = |a: i32, b: i32| {
            (f64::from(a) + (f64::from(b) - f64::from(a)) * fraction.clamp(0.0, 1.0)).round() as i32
        };
        Self { lat_e7: mix(self.lat_e7, other.lat_e7), lon_e7: mix(self.lon_e7, other.lon_e7) }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Position {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Degrees::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Position {}

impl TryFrom<Degrees> for Position {
    type Error = NotOnEarth;
    fn try_from(degrees: Degrees) -> Result<Self, NotOnEarth> {
        Self::from_degrees(degrees.lat, degrees.lon)
    }
}

impl From<Position> for Degrees {
    fn from(position: Position) -> Self {
        Self { lat: position.lat(), lon: position.lon() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_points_on_earth_are_positions() {
        for (lat, lon, ok) in [
            (90.0, 180.0, true),
            (-90.0, -180.0, true),
            (90.1, 0.0, false),
            (0.0, 180.1, false),
            (f64::NAN, 0.0, false),
        ] {
            assert_eq!(Position::from_degrees(lat, lon).is_ok(), ok, "{lat},{lon}");
        }
    }

    #[test]
    fn a_minute_of_latitude_is_a_nautical_mile() {
        let a = Position::from_degrees(35.0, 14.0).unwrap();
        let b = Position::from_degrees(35.0 + 1.0 / 60.0, 14.0).unwrap();
        assert!((a.metres_to(b) - 1853.25).abs() < 0.1, "{}", a.metres_to(b));
        assert_eq!(a.towards(b, 1.0), b);
    }
}
