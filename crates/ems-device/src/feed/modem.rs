//! What is not of the patient: where the unit is, and what its modems say of their networks.

use ems_model::{Position, Timestamp};
use serde_json::Value;

use super::{FeedError, clock, fields};
use crate::complaint::Complaint;

/// The longest name of a link or a cell, in characters.
const NAME_CHARS_MAX: usize = 64;
/// What a modem can receive, in dBm; ours, not a standard's.
const SIGNAL_DBM: std::ops::RangeInclusive<i64> = -160..=0;

/// Where the unit was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionReading {
    /// When, on the receiver's clock.
    pub at: Timestamp,
    /// Where.
    pub position: Position,
}

/// What a modem said of its network; what it did not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemReading {
    /// When, on the modem's clock.
    pub at: Timestamp,
    /// The link that it carries, as the gateway names it, 1 to 64 characters.
    pub link: String,
    /// The cell that it is in, 1 to 64 characters.
    pub cell: Option<String>,
    /// The power that it receives, -160..=0 dBm.
    pub signal_dbm: Option<i16>,
}

/// Reads a `position` message: `{"at": µs, "lat": 35.9, "lon": 14.5}`.
pub fn decode_position(payload: &[u8]) -> Result<(PositionReading, Vec<Complaint>), FeedError> {
    let mut fields = fields(payload)?;
    let at = clock(&mut fields)?;
    let lat = fields.needed("lat", "degrees from -90 to 90", degrees(90.0))?;
    let lon = fields.needed("lon", "degrees from -180 to 180", degrees(180.0))?;
    let position = Position::from_degrees(lat, lon).expect("both are within their ranges");
    Ok((PositionReading { at, position }, fields.into_complaints()))
}

/// Reads a `modem` message: `{"at": µs, "link": "5g-a", "cell": "278-01-4A1", "signal_dbm": -97}`.
pub fn decode_modem(payload: &[u8]) -> Result<(ModemReading, Vec<Complaint>), FeedError> {
    let mut fields = fields(payload)?;
    let at = clock(&mut fields)?;
    let link = fields.needed("link", "a name of 1 to 64 characters", name)?;
    let cell = fields.optional("cell", "a name of 1 to 64 characters", name);
    let signal_dbm = fields.optional("signal_dbm", "a whole number from -160 to 0", |value| {
        let dbm = value.as_i64().filter(|dbm| SIGNAL_DBM.contains(dbm))?;
        i16::try_from(dbm).ok()
    });
    Ok((ModemReading { at, link, cell, signal_dbm }, fields.into_complaints()))
}

fn degrees(most: f64) -> impl Fn(&Value) -> Option<f64> {
    move |value| value.as_f64().filter(|degrees| degrees.abs() <= most)
}

fn name(value: &Value) -> Option<String> {
    let name = value.as_str()?;
    let is_name =
        (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_on_earth_or_refused() {
        let read = |text: &str| decode_position(text.as_bytes());
        let (reading, complaints) =
            read(r#"{"at": 1700000000000000, "lat": 35.9, "lon": 14.5}"#).unwrap();
        assert_eq!(reading.position, Position::from_degrees(35.9, 14.5).unwrap());
        assert!(complaints.is_empty());
        for text in [
            r#"{"at": 1700000000000000, "lat": 91, "lon": 14.5}"#,
            r#"{"at": 1700000000000000, "lat": 35.9}"#,
            r#"{"lat": 35.9, "lon": 14.5}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_modem_does_not_say_is_missing_and_what_cannot_be_is_complained_about() {
        let read = |text: &str| decode_modem(text.as_bytes()).unwrap();
        let (reading, complaints) = read(r#"{"at": 1700000000000000, "link": "5g-a"}"#);
        assert_eq!((reading.cell, reading.signal_dbm, complaints), (None, None, vec![]));
        let (reading, complaints) =
            read(r#"{"at": 1700000000000000, "link": "5g-a", "cell": "x", "signal_dbm": 12}"#);
        assert_eq!((reading.cell.as_deref(), reading.signal_dbm), (Some("x"), None));
        assert_eq!(complaints.len(), 1);
    }
}
