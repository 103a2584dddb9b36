//! A list of calls as comma-separated values: `time,lat,lon,complaint`.

use ems_model::{Millis, Position, Timestamp};
use ems_roads::{OffMap, Roads};

/// The most calls of one list.
const LISTED_CALLS_MAX: usize = 1_000_000;

/// A call of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedCall {
    /// When it rings, from the start of the rehearsal.
    pub rings_after: Millis,
    /// Where help is needed.
    pub position: Position,
    /// Its complaint card.
    pub complaint: String,
    /// Its line of the file, from 1.
    pub line: usize,
}

/// A list of calls, earliest first.
#[derive(Debug, Clone, PartialEq)]
pub struct CallList(Vec<ListedCall>);

/// A list of calls that cannot be played.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallFileError {
    /// Another encoding than UTF-8.
    #[error(
        "line {line}: byte {value:#04x} is not UTF-8: save the file as \"CSV UTF-8\", not in the system's own encoding"
    )]
    Encoding {
        /// The line, from 1.
        line: usize,
        /// The first byte that does not fit.
        value: u8,
    },
    /// No header line.
    #[error(
        "line 1: columns are \"{found}\", and \"{missing}\" is missing: name time, lat, lon and complaint in any order"
    )]
    Column {
        /// What is there.
        found: String,
        /// What is not.
        missing: &'static str,
    },
    /// A line with fewer values than columns.
    #[error("line {line}: {n_values} values for {n_columns} columns: give every column a value")]
    Short {
        /// The line, from 1.
        line: usize,
        /// Its values.
        n_values: usize,
        /// The header's.
        n_columns: usize,
    },
    /// A time that cannot be read.
    #[error(
        "line {line}: time \"{value}\" is neither seconds from the start (0 to 31536000) nor ISO 8601 as 2026-01-31T08:15:00+01:00: correct it"
    )]
    Time {
        /// The line, from 1.
        line: usize,
        /// What stands there, shortened.
        value: String,
    },
    /// Both kinds of time in one list.
    #[error(
        "line {line}: time \"{value}\" is of another kind than the lines before: use seconds or ISO 8601 throughout"
    )]
    MixedTimes {
        /// The line, from 1.
        line: usize,
        /// What stands there, shortened.
        value: String,
    },
    /// A coordinate that is no number or not on Earth.
    #[error(
        "line {line}: {column} \"{value}\" is not a number of degrees within ±{limit}: correct it, latitude and longitude in WGS 84"
    )]
    Degrees {
        /// The line, from 1.
        line: usize,
        /// `lat` or `lon`.
        column: &'static str,
        /// What stands there, shortened.
        value: String,
        /// The largest number of degrees.
        limit: u8,
    },
    /// A complaint without a card.
    #[error("line {line}: complaint \"{value}\" has no card: use one of {known}")]
    Complaint {
        /// The line, from 1.
        line: usize,
        /// What stands there, shortened.
        value: String,
        /// The cards there are.
        known: String,
    },
    /// A place that is not in the city.
    #[error("line {line}: {source}")]
    OffMap {
        /// The line, from 1.
        line: usize,
        /// Where, and how far off.
        source: OffMap,
    },
    /// More calls than a rehearsal takes.
    #[error("line {line}: more than {LISTED_CALLS_MAX} calls: split the file")]
    TooMany {
        /// The line, from 1.
        line: usize,
    },
    /// No calls.
    #[error("the file has no call below its header: add lines of time,lat,lon,complaint")]
    Empty,
}

const COLUMNS: [&str; 4] = ["time", "lat", "lon", "complaint"];
/// A year of seconds.
const SECS_MAX: f64 = 31_536_000.0;

#[derive(Debug, Clone, Copy, PartialEq)]
enum CallTime {
    /// Milliseconds from the start.
    FromStart(i64),
    /// Milliseconds since 1970.
    Absolute(i64),
}

impl CallList {
    /// The text of a file, which is UTF-8.
    pub fn text(bytes: &[u8]) -> Result<&str, CallFileError> {
        std::str::from_utf8(bytes).map_err(|error| {
            let (before, rest) = bytes.split_at(error.valid_up_to());
            let line = before.split(|byte| *byte == b'\n').count();
            CallFileError::Encoding { line, value: rest.first().copied().unwrap_or_default() }
        })
    }

    /// Reads a list. Times are seconds from the start, or ISO 8601 (UTC where no offset is given),
    /// which are counted from the earliest of them. `known` are the complaints that have cards.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, CallFileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let header = lines.next().map_or("", |(_, line)| line);
        let columns = columns(header)?;
        let mut calls: Vec<(CallTime, ListedCall)> = Vec::new();
        for (line, values) in lines.filter(|(_, values)| !values.trim().is_empty()) {
            let (time, call) = columns.call(line, values, known)?;
            let first = calls.first().map(|(time, _)| std::mem::discriminant(time));
            if first.is_some_and(|kind| kind != std::mem::discriminant(&time)) {
                let value = shorten(columns.values(values)[columns.places[0]]);
                return Err(CallFileError::MixedTimes { line, value });
            }
            if calls.len() == LISTED_CALLS_MAX {
                return Err(CallFileError::TooMany { line });
            }
            calls.push((time, call));
        }
        in_order(calls).ok_or(CallFileError::Empty)
    }

    /// Checks that each call is on the map of a city.
    pub fn check_on(&self, roads: &Roads) -> Result<(), CallFileError> {
        let check = |call: &ListedCall| {
            let off_map = |source| CallFileError::OffMap { line: call.line, source };
            roads.snap(call.position).map(drop).map_err(off_map)
        };
        self.0.iter().try_for_each(check)
    }

    /// The calls, earliest first.
    pub fn calls(&self) -> &[ListedCall] {
        &self.0
    }
}

/// Counts absolute times from the earliest and sorts.
fn in_order(calls: Vec<(CallTime, ListedCall)>) -> Option<CallList> {
    let absolute = calls.iter().filter_map(|(time, _)| match time {
        CallTime::Absolute(ms) => Some(*ms),
        CallTime::FromStart(_) => None,
    });
    let first = absolute.min().unwrap_or(0);
    let from_start = |(time, call): (CallTime, ListedCall)| {
        let (CallTime::FromStart(ms) | CallTime::Absolute(ms)) = time;
        ListedCall { rings_after: Millis::new(ms - first), ..call }
    };
    let mut calls: Vec<_> = calls.into_iter().map(from_start).collect();
    calls.sort_by_key(|call| call.rings_after);
    (!calls.is_empty()).then_some(CallList(calls))
}

/// Where each of [`COLUMNS`] stands.
struct Columns {
    places: [usize; 4],
    n_columns: usize,
}

fn columns(header: &str) -> Result<Columns, CallFileError> {
    let names: Vec<_> = header.split(',').map(|name| unquote(name).to_lowercase()).collect();
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = names
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| CallFileError::Column { found: shorten(header), missing: column })?;
    }
    Ok(Columns { places, n_columns: names.len() })
}

impl Columns {
    fn values<'a>(&self, line: &'a str) -> Vec<&'a str> {
        let mut is_quoted = false;
        let is_border = |c: char| {
            is_quoted ^= c == '"';
            c == ',' && !is_quoted
        };
        line.splitn(self.n_columns, is_border).map(unquote).collect()
    }

    fn call(
        &self,
        line: usize,
        text: &str,
        known: &[&str],
    ) -> Result<(CallTime, ListedCall), CallFileError> {
        let values = self.values(text);
        let (n_values, n_columns) = (values.len(), self.n_columns);
        if n_values < n_columns {
            return Err(CallFileError::Short { line, n_values, n_columns });
        }
        let [time, lat, lon, complaint] = self.places.map(|place| values[place]);
        let bad_time = || CallFileError::Time { line, value: shorten(time) };
        let time = call_time(time).ok_or_else(bad_time)?;
        let (lat, lon) = (degrees(line, "lat", lat, 90)?, degrees(line, "lon", lon, 180)?);
        let position = Position::from_degrees(lat, lon).expect("both are within their limits");
        if !known.contains(&complaint) {
            let (value, known) = (shorten(complaint), known.join(", "));
            return Err(CallFileError::Complaint { line, value, known });
        }
        let complaint = complaint.to_owned();
        Ok((time, ListedCall { rings_after: Millis::ZERO, position, complaint, line }))
    }
}

fn unquote(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)
}

/// At most 40 characters of what a file holds, for a message.
fn shorten(value: &str) -> String {
    value.chars().take(40).collect()
}

fn degrees(
    line: usize,
    column: &'static str,
    value: &str,
    limit: u8,
) -> Result<f64, CallFileError> {
    let degrees = value.parse::<f64>().ok().filter(|v| v.abs() <= f64::from(limit));
    degrees.ok_or_else(|| CallFileError::Degrees { line, column, value: shorten(value), limit })
}

#[expect(clippy::cast_possible_truncation, reason = "checked to lie within a year")]
fn call_time(value: &str) -> Option<CallTime> {
    match value.parse::<f64>() {
        Ok(secs) if (0.0..=SECS_MAX).contains(&secs) => {
            Some(CallTime::FromStart((secs * 1000.0).round() as i64))
        }
        Ok(_) => None,
        Err(_) => {
            let at = Timestamp::from_iso8601(value)?;
            Some(CallTime::Absolute(at.as_micros() / 1000))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = ["chest-pain", "fall"];

    fn parse(text: &str) -> Result<CallList, CallFileError> {
        CallList::parse(text, &KNOWN)
    }

    #[test]
    fn columns_come_in_any_order_and_lines_are_sorted_by_time() {
        let list = parse(
            "note,complaint,LON,lat,time\r\nx,fall,14.5,35.9,90.5\r\n\r\ny,chest-pain,14.4,35.8,3\n",
        );
        let list = list.unwrap();
        let times: Vec<_> = list.calls().iter().map(|call| call.rings_after.get()).collect();
        assert_eq!(times, [3000, 90_500]);
        assert_eq!(list.calls()[0].complaint, "chest-pain");
    }

    #[test]
    fn a_comma_in_quotes_parts_no_values() {
        let list = parse("address,time,lat,lon,complaint\n\"Triq il-Kbira, 5\",1,35.9,14.5,fall\n");
        assert_eq!(list.unwrap().calls()[0].rings_after.get(), 1000);
        assert_eq!(
            parse("time,lat,lon,complaint\n1,\"35,9\",14.5,fall\n").unwrap_err().to_string(),
            "line 2: lat \"35,9\" is not a number of degrees within ±90: correct it, latitude and longitude in WGS 84"
        );
    }

    #[test]
    fn a_file_in_another_encoding_is_told_by_its_line() {
        let gbk = b"time,lat,lon,complaint,note\n0,35.9,14.5,fall,\xd0\xd8\xcd\xb4\n";
        assert_eq!(
            CallList::text(gbk).unwrap_err().to_string(),
            "line 2: byte 0xd0 is not UTF-8: save the file as \"CSV UTF-8\", not in the system's own encoding"
        );
        let utf8 = "\u{feff}time,lat,lon,complaint,note\n0,35.9,14.5,fall,胸痛\n";
        let text = CallList::text(utf8.as_bytes()).unwrap();
        assert_eq!(parse(text).unwrap().calls().len(), 1);
    }

    #[test]
    fn iso_times_count_from_the_earliest_whatever_their_zone() {
        let list = parse(
            "time,lat,lon,complaint\n2026-03-01T09:00:00+01:00,35.9,14.5,fall\n2026-02-28T23:59:30.250Z,35.9,14.5,fall\n",
        );
        let times: Vec<_> = list.unwrap().calls().iter().map(|c| c.rings_after.get()).collect();
        assert_eq!(times, [0, 8 * 3_600_000 + 29_750]);
    }

    #[test]
    fn an_error_names_line_value_limit_and_remedy() {
        for (text, message) in [
            (
                "time,lat,lon\n",
                "line 1: columns are \"time,lat,lon\", and \"complaint\" is missing: name time, lat, lon and complaint in any order",
            ),
            (
                "",
                "line 1: columns are \"\", and \"time\" is missing: name time, lat, lon and complaint in any order",
            ),
            (
                "time,lat,lon,complaint\n1,35.9\n",
                "line 2: 2 values for 4 columns: give every column a value",
            ),
            (
                "time,lat,lon,complaint\n0,35.9,14.5,fall\n-5,35.9,14.5,fall\n",
                "line 3: time \"-5\" is neither seconds from the start (0 to 31536000) nor ISO 8601 as 2026-01-31T08:15:00+01:00: correct it",
            ),
            (
                "time,lat,lon,complaint\n0,35.9,14.5,fall\n2026-01-01T00:00:00Z,35.9,14.5,fall\n",
                "line 3: time \"2026-01-01T00:00:00Z\" is of another kind than the lines before: use seconds or ISO 8601 throughout",
            ),
            (
                "time,lat,lon,complaint\n0,95,14.5,fall\n",
                "line 2: lat \"95\" is not a number of degrees within ±90: correct it, latitude and longitude in WGS 84",
            ),
            (
                "time,lat,lon,complaint\n0,35,nan,fall\n",
                "line 2: lon \"nan\" is not a number of degrees within ±180: correct it, latitude and longitude in WGS 84",
            ),
            (
                "time,lat,lon,complaint\n0,35,14,toothache\n",
                "line 2: complaint \"toothache\" has no card: use one of chest-pain, fall",
            ),
            (
                "time,lat,lon,complaint\n\n",
                "the file has no call below its header: add lines of time,lat,lon,complaint",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message);
        }
    }
}
