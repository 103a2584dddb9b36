//! What goes over a connection: JSON messages, version 3.

use ems_model::{Frame, Gap, Position, Timestamp, UnitId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The version of these messages.
pub const PROTOCOL: u32 = 3;
/// The oldest version that a centre understands: it knows no [`UplinkUp::GivenUp`].
pub const PROTOCOL_OLDEST: u32 = 2;
/// The largest message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 4 << 20;

/// From the ambulance to the centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UplinkUp {
    /// The first message of a unit on a connection.
    Hello {
        /// Who it is.
        unit: UnitId,
        /// The version it speaks, see [`PROTOCOL`].
        protocol: u32,
    },
    /// Frames, in any order.
    Frames {
        /// The frames.
        frames: Vec<Frame>,
    },
    /// Frames that will not come: acknowledged as if they had been stored.
    GivenUp {
        /// Which unit.
        unit: UnitId,
        /// Their numbers.
        gaps: Vec<Gap>,
    },
    /// Where a unit is: not kept, not repeated, the newest counts.
    Position {
        /// Which unit.
        unit: UnitId,
        /// When it was there.
        at: Timestamp,
        /// Where.
        position: Position,
    },
}

/// From the centre to the ambulance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UplinkDown {
    /// The answer to a hello: frames are taken.
    Welcome {
        /// Which unit.
        unit: UnitId,
    },
    /// Frames are stored durably, or it is that they will not come.
    Ack {
        /// Which unit.
        unit: UnitId,
        /// Ranges of their numbers, the first and the last of each.
        stored: Vec<(u64, u64)>,
    },
    /// The centre does not take what came.
    Refused {
        /// Which unit, where it is known.
        unit: Option<UnitId>,
        /// Why, and what to do.
        error: String,
    },
}

/// A message that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is larger than any message.
    #[error(
        "message of {n_bytes} bytes is larger than {MAX_MESSAGE_BYTES}: send fewer frames at once"
    )]
    TooLarge {
        /// Its length.
        n_bytes: usize,
    },
    /// It is not a message of this version.
    #[error(
        "line {line}, column {column}: {what}: use the same version of Golden Hour at both ends"
    )]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What the parser found.
        what: String,
    },
}

impl UplinkUp {
    /// The message as JSON.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Reads a message.
    pub fn from_json(bytes: &[u8]) -> Result<Self, WireError> {
        from_json(bytes)
    }
}

impl UplinkDown {
    /// The message as JSON.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Reads a message.
    pub fn from_json(bytes: &[u8]) -> Result<Self, WireError> {
        from_json(bytes)
    }
}

fn to_json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("messages have text keys and finite numbers")
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(WireError::TooLarge { n_bytes: bytes.len() });
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        WireError::Json { line: error.line(), column: error.column(), what }
    })
}

#[cfg(test)]
mod tests {
    use ems_model::{FrameBody, GapCause, WaveChunk};

    use super::*;

    fn unit() -> UnitId {
        UnitId::new("A103").unwrap()
    }

    #[test]
    fn version_3_stays_as_it_is_on_the_wire() {
        let chunk =
            WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![1, -2], beats: vec![1] };
        let frame = Frame {
            unit: unit(),
            seq: 7,
            at: Timestamp::from_micros(1_700_000_000_000_000),
            incident: None,
            clock: None,
            body: FrameBody::Wave(chunk),
        };
        let at = Timestamp::from_millis(5);
        let position = Position::from_degrees(35.9, 14.5).unwrap();
        for (message, json) in [
            (
                UplinkUp::Hello { unit: unit(), protocol: PROTOCOL },
                r#"{"type":"hello","unit":"A103","protocol":3}"#,
            ),
            (
                UplinkUp::Frames { frames: vec![frame] },
                r#"{"type":"frames","frames":[{"unit":"A103","seq":7,"at":1700000000000000,"incident":null,"body":{"kind":"wave","lead":"II","hz":250,"microvolts":[1,-2],"beats":[1]}}]}"#,
            ),
            (
                UplinkUp::GivenUp {
                    unit: unit(),
                    gaps: vec![Gap { first: 3, last: 9, cause: GapCause::NoSpace }],
                },
                r#"{"type":"given_up","unit":"A103","gaps":[{"first":3,"last":9,"cause":"no_space"}]}"#,
            ),
            (
                UplinkUp::Position { unit: unit(), at, position },
                r#"{"type":"position","unit":"A103","at":5000,"position":{"lat":35.9,"lon":14.5}}"#,
            ),
        ] {
            assert_eq!(message.to_json(), json);
            assert_eq!(UplinkUp::from_json(json.as_bytes()).unwrap(), message);
        }
        for (message, json) in [
            (UplinkDown::Welcome { unit: unit() }, r#"{"type":"welcome","unit":"A103"}"#),
            (
                UplinkDown::Ack { unit: unit(), stored: vec![(1, 3), (7, 7)] },
                r#"{"type":"ack","unit":"A103","stored":[[1,3],[7,7]]}"#,
            ),
            (
                UplinkDown::Refused { unit: None, error: "no".into() },
                r#"{"type":"refused","unit":null,"error":"no"}"#,
            ),
        ] {
            assert_eq!(message.to_json(), json);
            assert_eq!(UplinkDown::from_json(json.as_bytes()).unwrap(), message);
        }
    }

    #[test]
    fn what_is_not_a_message_is_refused_with_its_place() {
        let error = UplinkUp::from_json(b"{\"type\":\"hello\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 1, column 15: EOF while parsing an object: use the same version of Golden Hour at both ends"
        );
    }
}
