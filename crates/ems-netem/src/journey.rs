//! Journeys with measured round trips.

use ems_model::Micros;
use ems_table::{Column, Row, Table, TableError};

use crate::drive::{ROWS_MAX, seconds};

/// The round trips of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// The run's name.
    pub name: String,
    /// Its round trips, in the file's order.
    pub trips: Vec<RoundTrip>,
}

/// One round trip, and the radio while it lasted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundTrip {
    /// When it began, since the start of the run.
    pub at: Micros,
    /// How long it took.
    pub rtt: Micros,
    /// The signal's ratio to interference and noise, in dB, where it was measured.
    pub sinr_db: Option<f64>,
    /// The received power of the reference signal, in dBm, where it was measured.
    pub rsrp_dbm: Option<f64>,
}

impl Journey {
    /// Reads runs from a table with `run`, `t_s` (seconds), `rtt_ms`, and where there are
    /// `sinr_db` and `rsrp_dbm`. The rows of a run stand together.
    pub fn parse(bytes: &[u8]) -> Result<Vec<Self>, TableError> {
        let mut table = Table::read(bytes, ROWS_MAX)?;
        let [run, time, rtt] = table.columns(["run", "t_s", "rtt_ms"])?;
        let radio = [table.column("sinr_db")?, table.column("rsrp_dbm")?];
        let mut journeys: Vec<Self> = Vec::new();
        while let Some(row) = table.next_row()? {
            let name = row.text(run)?;
            let trip = trip(&row, [time, rtt], radio)?;
            match journeys.last_mut().filter(|last| last.name == name) {
                Some(last) => last.trips.push(trip),
                None => journeys.push(Self { name: name.to_owned(), trips: vec![trip] }),
            }
        }
        Ok(journeys)
    }
}

fn trip(
    row: &Row<'_>,
    [time, rtt]: [Column; 2],
    radio: [Option<Column>; 2],
) -> Result<RoundTrip, TableError> {
    let measured = |column: Option<Column>| match column {
        Some(column) if row.given(column).is_some() => row.number(column, -300.0..=300.0).map(Some),
        _ => Ok(None),
    };
    Ok(RoundTrip {
        at: seconds(row.number(time, 0.0..=1e9)?),
        rtt: seconds(row.number(rtt, 0.0..=1e8)? / 1000.0),
        sinr_db: measured(radio[0])?,
        rsrp_dbm: measured(radio[1])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_apart_and_a_missing_signal_stays_missing() {
        let text = b"run,t_s,rtt_ms,sinr_db\na,0,22.5,1\na,0.05,14,\nb,0,9,-2\n";
        let journeys = Journey::parse(text).unwrap();
        assert_eq!(journeys.len(), 2);
        let second = journeys[0].trips[1];
        assert_eq!((second.at, second.rtt), (Micros::from_millis(50), Micros::from_millis(14)));
        assert_eq!((second.sinr_db, second.rsrp_dbm), (None, None));
    }
}
