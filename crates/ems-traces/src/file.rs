//! Traces as comma-separated values: `unit,time,lat,lon`, in any order, others ignored.

use std::collections::BTreeMap;

use ems_model::Timestamp;
use ems_table::{Column, Row, Table, TableError};

use crate::fix::Fix;

/// The most fixes of one file: a fleet of 100 units for a week, a fix every 10 s.
pub const FIXES_MAX: usize = 6_048_000;

/// Fixes by unit, each unit's oldest first, no two at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traces {
    by_unit: BTreeMap<String, Vec<Fix>>,
    n_repeated: usize,
}

impl Traces {
    /// Reads a file. Times are seconds since 1970 or ISO 8601 (UTC where no offset is given); of
    /// fixes of one unit at one time the first counts.
    pub fn parse(bytes: &[u8]) -> Result<Self, TableError> {
        let mut table = Table::read(bytes, FIXES_MAX)?;
        let [unit, time, lat, lon] = table.columns(["unit", "time", "lat", "lon"])?;
        let mut traces = Self::default();
        while let Some(row) = table.next_row()? {
            let (unit, fix) = (row.text(unit)?, fix(&row, time, [lat, lon])?);
            match traces.by_unit.get_mut(unit) {
                Some(fixes) => fixes.push(fix),
                None => drop(traces.by_unit.insert(unit.to_owned(), vec![fix])),
            }
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

fn fix(row: &Row<'_>, time: Column, place: [Column; 2]) -> Result<Fix, TableError> {
    let wanted = "a time: give seconds since 1970, or ISO 8601 as 2026-01-31T08:15:00Z";
    Ok(Fix { at: row.read(time, wanted, timestamp)?, position: row.position(place)? })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_are_read_by_unit_and_put_in_order() {
        let traces = Traces::parse(
            b"time,unit,lat,lon,speed\n\
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
            ("unit,time,lat,lon\nA,now,1,1\n", "line 2: time \"now\" is not a time: give seconds"),
            ("unit,time,lat,lon\nA,1704067200000,1,1\n", "line 2: time \"1704067200000\""),
            ("unit,time,lat,lon\nA,NaN,1,1\n", "line 2: time \"NaN\""),
            ("unit,time,lat,lon\nA,0,91,1\n", "line 2: lat \"91\" is not a latitude"),
            ("unit,time,lat,lon\nA,0,1,x\n", "line 2: lon \"x\" is not a longitude"),
        ] {
            let error = Traces::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
