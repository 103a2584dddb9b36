//! A list of calls as comma-separated values: `time,lat,lon,complaint`.

use ems_model::{Millis, Position, Timestamp};
use ems_roads::{OffMap, Roads};
use ems_table::{Column, Row, Table, TableError};

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
    /// No table, or a value that cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A place that is not in the city.
    #[error("line {line}: {source}")]
    OffMap {
        /// The line, from 1.
        line: usize,
        /// Where, and how far off.
        source: OffMap,
    },
    /// No calls.
    #[error("the file has no call below its header: add lines of time,lat,lon,complaint")]
    Empty,
}

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
    /// Reads a list. Times are seconds from the start, or ISO 8601 (UTC where no offset is given),
    /// which are counted from the earliest of them. `known` are the complaints that have cards.
    pub fn parse(bytes: &[u8], known: &[&str]) -> Result<Self, CallFileError> {
        let mut table = Table::read(bytes, LISTED_CALLS_MAX)?;
        let columns = table.columns(["time", "lat", "lon", "complaint"])?;
        let mut calls: Vec<(CallTime, ListedCall)> = Vec::new();
        while let Some(row) = table.next_row()? {
            let (time, call) = call(&row, columns, known)?;
            let first = calls.first().map(|(time, _)| std::mem::discriminant(time));
            if first.is_some_and(|kind| kind != std::mem::discriminant(&time)) {
                let wanted = "of the kind of the lines before: use seconds or ISO 8601 throughout";
                return Err(row.wrong(columns[0], wanted).into());
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

fn call(
    row: &Row<'_>,
    [time, lat, lon, complaint]: [Column; 4],
    known: &[&str],
) -> Result<(CallTime, ListedCall), TableError> {
    let wanted = "a time: give seconds from the start (0 to 31536000), or ISO 8601 as 2026-01-31T08:15:00+01:00";
    let time = row.read(time, wanted, call_time)?;
    let position = row.position([lat, lon])?;
    let text = row.text(complaint)?;
    if !known.contains(&text) {
        let wanted = format!("a complaint with a card: use one of {}", known.join(", "));
        return Err(row.wrong(complaint, &wanted));
    }
    let (complaint, line) = (text.to_owned(), row.line());
    Ok((time, ListedCall { rings_after: Millis::ZERO, position, complaint, line }))
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
        CallList::parse(text.as_bytes(), &KNOWN)
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
            "line 2: lat \"35,9\" is not a latitude: give degrees of WGS 84 within ±90"
        );
    }

    #[test]
    fn a_file_in_another_encoding_is_told_by_its_line() {
        let gbk = b"time,lat,lon,complaint,note\n0,35.9,14.5,fall,\xd0\xd8\xcd\xb4\n";
        assert_eq!(
            CallList::parse(gbk, &KNOWN).unwrap_err().to_string(),
            "line 2: byte 0xd0 is not UTF-8: save the file as \"CSV UTF-8\", not in the system's own encoding"
        );
        let utf8 = "\u{feff}time,lat,lon,complaint,note\n0,35.9,14.5,fall,胸痛\n";
        assert_eq!(parse(utf8).unwrap().calls().len(), 1);
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
                "line 2: 2 values for 4 columns: give every column one, in quotes where it holds a comma",
            ),
            (
                "time,lat,lon,complaint\n0,35.9,14.5,fall\n-5,35.9,14.5,fall\n",
                "line 3: time \"-5\" is not a time: give seconds from the start (0 to 31536000), or ISO 8601 as 2026-01-31T08:15:00+01:00",
            ),
            (
                "time,lat,lon,complaint\n0,35.9,14.5,fall\n2026-01-01T00:00:00Z,35.9,14.5,fall\n",
                "line 3: time \"2026-01-01T00:00:00Z\" is not of the kind of the lines before: use seconds or ISO 8601 throughout",
            ),
            (
                "time,lat,lon,complaint\n0,95,14.5,fall\n",
                "line 2: lat \"95\" is not a latitude: give degrees of WGS 84 within ±90",
            ),
            (
                "time,lat,lon,complaint\n0,35,nan,fall\n",
                "line 2: lon \"nan\" is not a longitude: give degrees of WGS 84 within ±180",
            ),
            (
                "time,lat,lon,complaint\n0,35,14,toothache\n",
                "line 2: complaint \"toothache\" is not a complaint with a card: use one of chest-pain, fall",
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
