//! The Record Access Control Point: asking a meter for what it has stored (GLS 1.0, 3.4).

use crate::bytes::Bytes;
use crate::fault::Fault;
use crate::reading::{Metric, Reading, Readings, Source, Value};

/// A request to a meter, or its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Racp {
    /// Send these records.
    Report(Records),
    /// Delete these records.
    Delete(Records),
    /// Stop sending.
    Abort,
    /// Tell how many of these there are.
    Count(Records),
    /// So many there are.
    Counted(u16),
    /// How it ended: `Ok`, or why not.
    Done {
        /// The code of what was asked.
        request: u8,
        /// What came of it.
        result: Result<(), RacpError>,
    },
}

/// Which records are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// All.
    All,
    /// Those up to and including this one.
    UpTo(Filter),
    /// Those from this one on.
    From(Filter),
    /// Those between these two, both included, both meant in the same way.
    Within(Filter, Filter),
    /// The oldest.
    First,
    /// The newest.
    Last,
}

/// How a record is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// By its sequence number.
    Sequence(u16),
    /// By its time: the seven bytes of the Date Time characteristic.
    Time([u8; 7]),
}

/// Why a meter does not do what it was asked, by the code of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the meter answers {0}: {name}", name = self.name())]
pub struct RacpError(u8);

const ANSWERS: [&str; 8] = [
    "operation not supported",
    "invalid operator",
    "operator not supported",
    "invalid operand",
    "no records found",
    "abort unsuccessful",
    "procedure not completed",
    "operand not supported",
];

impl RacpError {
    pub(super) const OPERATOR: Self = Self(4);
    pub(super) const NO_RECORDS: Self = Self(6);
    pub(super) const OPERAND: Self = Self(9);

    /// What the code stands for.
    pub fn name(self) -> &'static str {
        let name = ANSWERS.get(usize::from(self.0).wrapping_sub(2));
        name.copied().unwrap_or("a code that is not known")
    }
}

const REPORT: u8 = 1;
const DELETE: u8 = 2;
const ABORT: u8 = 3;
const COUNT: u8 = 4;
const COUNTED: u8 = 5;
const DONE: u8 = 6;
const SUCCESS: u8 = 1;
const BY_SEQUENCE: u8 = 1;
const BY_TIME: u8 = 2;

impl Racp {
    /// Reads a value of the control point.
    pub fn decode(value: &[u8]) -> Result<Self, Fault> {
        let mut bytes = Bytes::new("RACP", value);
        let (operation, operator) = (bytes.u8()?, bytes.u8()?);
        let racp = match operation {
            REPORT => Self::Report(records(operator, &mut bytes)?),
            DELETE => Self::Delete(records(operator, &mut bytes)?),
            ABORT => Self::Abort,
            COUNT => Self::Count(records(operator, &mut bytes)?),
            COUNTED => Self::Counted(bytes.u16_le()?),
            DONE => {
                let (request, code) = (bytes.u8()?, bytes.u8()?);
                let result = if code == SUCCESS { Ok(()) } else { Err(RacpError(code)) };
                Self::Done { request, result }
            }
            other => return Err(bytes.fault(other, "an operation from 1 to 6", "check the bytes")),
        };
        match bytes.len() {
            0 => Ok(racp),
            more => Err(bytes.fault(format!("{more} bytes more"), "the end", "check the bytes")),
        }
    }

    /// Writes the value, as it is written to a meter.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Report(records) => records.encode(REPORT),
            Self::Delete(records) => records.encode(DELETE),
            Self::Abort => vec![ABORT, 0],
            Self::Count(records) => records.encode(COUNT),
            Self::Counted(count) => [&[COUNTED, 0], &count.to_le_bytes()[..]].concat(),
            Self::Done { request, result } => {
                let code = result.map_or_else(|error| error.0, |()| SUCCESS);
                vec![DONE, 0, *request, code]
            }
        }
    }
}

fn records(operator: u8, bytes: &mut Bytes<'_>) -> Result<Records, Fault> {
    Ok(match operator {
        1 => Records::All,
        2 => Records::UpTo(filter(bytes)?),
        3 => Records::From(filter(bytes)?),
        4 => {
            let first = filter(bytes)?;
            let last = match first {
                Filter::Sequence(_) => Filter::Sequence(bytes.u16_le()?),
                Filter::Time(_) => Filter::Time(bytes.array()?),
            };
            Records::Within(first, last)
        }
        5 => Records::First,
        6 => Records::Last,
        other => return Err(bytes.fault(other, "an operator from 1 to 6", "check the bytes")),
    })
}

fn filter(bytes: &mut Bytes<'_>) -> Result<Filter, Fault> {
    match bytes.u8()? {
        BY_SEQUENCE => bytes.u16_le().map(Filter::Sequence),
        BY_TIME => bytes.array().map(Filter::Time),
        other => Err(bytes.fault(other, "filter 1 (sequence) or 2 (time)", "check the bytes")),
    }
}

impl Records {
    fn encode(&self, operation: u8) -> Vec<u8> {
        let (operator, operand) = match self {
            Self::All => (1, vec![]),
            Self::UpTo(filter) => (2, filter.encode()),
            Self::From(filter) => (3, filter.encode()),
            // The kind of filter stands once.
            Self::Within(first, last) => (4, [&first.encode()[..], &last.encode()[1..]].concat()),
            Self::First => (5, vec![]),
            Self::Last => (6, vec![]),
        };
        [&[operation, operator], &operand[..]].concat()
    }
}

impl Filter {
    fn encode(self) -> Vec<u8> {
        match self {
            Self::Sequence(number) => [&[BY_SEQUENCE], &number.to_le_bytes()[..]].concat(),
            Self::Time(time) => [&[BY_TIME], &time[..]].concat(),
        }
    }
}

/// What a meter answers as readings; requests give none.
pub(super) fn readings(value: &[u8]) -> Result<Readings, Fault> {
    let (name, value) = match Racp::decode(value)? {
        Racp::Counted(count) => ("stored records", Value::of(count.into())),
        Racp::Done { result: Ok(()), .. } => ("record access", Value::Text("done".to_owned())),
        Racp::Done { result: Err(error), .. } => ("record access", Value::text(error.name())),
        _ => return Ok(Readings::default()),
    };
    let source = Source { protocol: "GATT", device: None, place: "2A52".to_owned() };
    let metric = Metric::named(name);
    Ok((vec![Reading { metric, value, unit: None, at: None, source }], vec![]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_are_written_as_they_are_read() {
        for (bytes, racp) in [
            (&[1, 1][..], Racp::Report(Records::All)),
            (&[1, 3, 1, 0x2c, 0x01], Racp::Report(Records::From(Filter::Sequence(300)))),
            (
                &[4, 4, 1, 1, 0, 9, 0],
                Racp::Count(Records::Within(Filter::Sequence(1), Filter::Sequence(9))),
            ),
            (
                &[2, 2, 2, 1, 2, 3, 4, 5, 6, 7],
                Racp::Delete(Records::UpTo(Filter::Time([1, 2, 3, 4, 5, 6, 7]))),
            ),
            (&[3, 0], Racp::Abort),
            (&[5, 0, 12, 0], Racp::Counted(12)),
            (&[6, 0, 1, 1], Racp::Done { request: 1, result: Ok(()) }),
            (&[6, 0, 1, 6], Racp::Done { request: 1, result: Err(RacpError(6)) }),
        ] {
            assert_eq!(Racp::decode(bytes).unwrap(), racp);
            assert_eq!(racp.encode(), bytes);
        }
        assert_eq!(RacpError(6).to_string(), "the meter answers 6: no records found");
        assert_eq!(
            Racp::decode(&[9, 0]).unwrap_err().to_string(),
            "RACP, byte 2 is 9, not an operation from 1 to 6: check the bytes"
        );
    }
}
