//! Traces as comma-separated values: `unit,time,lat,lon`, in any order, others ignored.

use std::collections::BTreeMap;

use ems_model::{Position, Timestamp};

use crate::fix::Fix;

/// The most fixes of one file: a fleet of 100 units for a week, a fix every 10 s.
pub const FIXES_MAX: usize = 6_048_000;

/// Fixes by unit, each unit's oldest first, no two at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traces {
    by_unit: BTreeMap<String, Vec<Fix>>,
    n_repeated: usize,
}

/// A file of traces that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceFileError {
    /// A column is not named in the first line.
    #[error(
        "line 1: columns are \"{found}\", and \"{missing}\" is missing: name unit, time, lat and lon in any order"
    )]
    Column {
        /// What is there, shortened.
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
        "line {line}: time \"{value}\" is neither seconds since 1970 nor ISO 8601 as 2026-01-31T08:15:00Z: correct it"
    )]
    Time {
        /// The line, from 1.
        line: usize,
        /// What stands there, shortened.
        value: String,
    },
    /// A coordinate that is no number or not on Earth.
    #[error(
        "line {line}: position \"{value}\" is not on Earth: give degrees of WGS 84, latitude within ±90, longitude within ±180"
    )]
    Degrees {
        /// The line, from 1.
        line: usize,
        /// What stands there, shortened.
        value: String,
    },
    /// More fixes than are read at once.
    #[error("line {line}: more than {FIXES_MAX} fixes: split the file")]
    TooMany {
        /// The line, from 1.
        line: usize,
    },
}

const COLUMNS: [&str; 4] = ["unit", "time", "lat", "lon"];

impl Traces {
    /// Reads a file. Times are seconds since 1970 or ISO 8601 (UTC where no offset is given); of
    /// fixes of one unit at one time the first counts.
    pub fn parse(text: &str) -> Result<Self, TraceFileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let header = lines.next().map_or("", |(_, line)| line);
        let (places, n_columns) = places(header)?;
        let mut traces = Self::default();
        let filled = lines.filter(|(_, values)| !values.trim().is_empty());
        for (n_fixes, (line, values)) in filled.enumerate() {
            if n_fixes == FIXES_MAX {
                return Err(TraceFileError::TooMany { line });
            }
            let values: Vec<&str> = values.split(',').map(unquoted).collect();
            if values.len() < n_columns {
                return Err(TraceFileError::Short { line, n_values: values.len(), n_columns });
            }
            let [unit, time, lat, lon] = places.map(|place| values[place]);
            let fix = fix(line, time, [lat, lon])?;
            traces.by_unit.entry(unit.to_owned()).or_default().push(fix);
        }
        traces.put_in_order();
        Ok(traces)
    }

    /// Each unit's name and fixes, by name.
    pub fn units(&self) -> impl Iterator<Item = (&str, &[Fix])> {
        self.by_unit.iter().map(|(unit, fixes)| (unit.as_str(), fixes.as_slice()))
    }

    /// How many fixes there are.
    pub fn n_fixes(&self) -> usize {
        self.by_unit.values().map(Vec::len).sum()
    }

    /// How many fixes were left out, their unit having another at the same time.
    pub fn n_repeated(&self) -> usize {
        self.n_repeated
    }

    fn put_in_order(&mut self) {
        for fixes in self.by_unit.values_mut() {
            let n_read = fixes.len();
            fixes.sort_by_key(|fix| fix.at);
            fixes.dedup_by_key(|fix| fix.at);
            self.n_repeated += n_read - fixes.len();
        }
    }
}

/// Where the columns stand, and how many there are.
fn places(header: &str) -> Result<([usize; 4], usize), TraceFileError> {
    let names: Vec<String> =
        header.split(',').map(|name| unquoted(name).to_ascii_lowercase()).collect();
    let mut places = [0; 4];
    for (place, missing) in places.iter_mut().zip(COLUMNS) {
        let found = names.iter().position(|name| name == missing);
        *place = found.ok_or(TraceFileError::Column { found: shorten(header), missing })?;
    }
    Ok((places, names.len()))
}

fn fix(line: usize, time: &str, degrees: [&str; 2]) -> Result<Fix, TraceFileError> {
    let at = timestamp(time).ok_or(TraceFileError::Time { line, value: shorten(time) })?;
    let off_earth = || TraceFileError::Degrees { line, value: shorten(&degrees.join(",")) };
    let [lat, lon] = degrees.map(str::parse::<f64>);
    let (lat, lon) = lat.ok().zip(lon.ok()).ok_or_else(off_earth)?;
    let position = Position::from_degrees(lat, lon).map_err(|_| off_earth())?;
    Ok(Fix { at, position })
}

/// The end of the year 2199 in seconds: later is not a time but a mistake, as milliseconds are.
const SECS_MAX: f64 = 7_258_118_399.0;

fn timestamp(text: &str) -> Option<Timestamp> {
    let Ok(secs) = text.parse::<f64>() else { return Timestamp::from_iso8601(text) };
    (0.0..=SECS_MAX).contains(&secs).then(|| Timestamp::from_micros(micros(secs)))
}

#[expect(clippy::cast_possible_truncation, reason = "at most the year 2199")]
fn micros(secs: f64) -> i64 {
    (secs * 1e6).round() as i64
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches('"').trim()
}

fn shorten(value: &str) -> String {
    value.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_are_read_by_unit_and_put_in_order() {
        let traces = Traces::parse(
            "time,unit,lat,lon,speed\n\
             1704067210,A1,35.9,14.5,12\n\
             2024-01-01T00:00:05Z,A1,35.8,14.4,\n\
             2024-01-01T01:00:05+01:00,A1,35.7,14.4,\n\n\
             \"1704067200.5\",\"B 2\",-35,-14.5,0\n",
        )
        .unwrap();
        let units: Vec<(&str, Vec<i64>)> = traces
            .units()
            .map(|(unit, fixes)| (unit, fixes.iter().map(|fix| fix.at.as_micros()).collect()))
            .collect();
        let start = 1_704_067_200_000_000;
        let want =
            [("A1", vec![start + 5_000_000, start + 10_000_000]), ("B 2", vec![start + 500_000])];
        assert_eq!(units, want);
        assert_eq!((traces.n_fixes(), traces.n_repeated()), (3, 1));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_with_its_remedy() {
        for (text, want) in [
            ("", "line 1: columns are \"\", and \"unit\" is missing"),
            ("unit,time,lat\n", "line 1: columns are \"unit,time,lat\", and \"lon\" is missing"),
            ("unit,time,lat,lon\nA,0,1\n", "line 2: 3 values for 4 columns"),
            ("unit,time,lat,lon\nA,now,1,1\n", "line 2: time \"now\" is neither"),
            ("unit,time,lat,lon\nA,1704067200000,1,1\n", "line 2: time \"1704067200000\""),
            ("unit,time,lat,lon\nA,NaN,1,1\n", "line 2: time \"NaN\""),
            ("unit,time,lat,lon\nA,0,91,1\n", "line 2: position \"91,1\" is not on Earth"),
            ("unit,time,lat,lon\nA,0,x,1\n", "line 2: position \"x,1\" is not on Earth"),
        ] {
            let error = Traces::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
