//! Readings out of logs of drives.

use std::collections::BTreeMap;

use ems_table::{Column, Table};

use crate::coverage::{Quantity, Reading};
use crate::error::CoverageError;

const ROWS_MAX: usize = 10_000_000;
/// The largest numbers that a log may hold: kbit/s, ms.
const KBPS_MAX: f64 = 1e8;
const DELAY_MS_MAX: f64 = 1e6;

/// What was read on one drive: each reading with its network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CoverageDrive {
    /// Its name in the log; empty where the log holds one.
    pub name: String,
    /// In the log's order.
    pub readings: Vec<(String, Reading)>,
}

/// Reads a log: `lat`, `lon`, and for each network `NETWORK_kbps` or `NETWORK_delay_ms`; `drive`
/// where there are several, and `hour` (0 to 23) where it is known. Rows without position, and
/// values that are left out, are passed over.
pub fn read_drives(bytes: &[u8]) -> Result<Vec<CoverageDrive>, CoverageError> {
    let mut table = Table::read(bytes, ROWS_MAX)?;
    let place = table.columns(["lat", "lon"])?;
    let (drive, hour) = (table.column("drive")?, table.column("hour")?);
    let columns: Vec<_> = table.all_columns().filter_map(|(at, name)| of_name(at, name)).collect();
    if columns.is_empty() {
        return Err(CoverageError::NoNetwork);
    }
    let mut drives: BTreeMap<String, CoverageDrive> = BTreeMap::new();
    while let Some(row) = table.next_row()? {
        if place.iter().any(|column| row.given(*column).is_none()) {
            continue;
        }
        let position = row.position(place)?;
        let name = drive.and_then(|column| row.given(column)).unwrap_or_default();
        let hour = match hour.filter(|column| row.given(*column).is_some()) {
            Some(column) => Some(whole(row.number(column, 0.0..=23.0)?)),
            None => None,
        };
        let drive = drives.entry(name.to_owned()).or_default();
        for (column, network, quantity) in &columns {
            if row.given(*column).is_some() {
                let max = if *quantity == Quantity::Delay { DELAY_MS_MAX } else { KBPS_MAX };
                let value = row.number(*column, 0.0..=max)?;
                let quantity = *quantity;
                let reading = Reading { position, hour, quantity, value, is_at_least: false };
                drive.readings.push((network.clone(), reading));
            }
        }
    }
    Ok(drives.into_iter().map(|(name, drive)| CoverageDrive { name, ..drive }).collect())
}

fn of_name(column: Column, name: &str) -> Option<(Column, String, Quantity)> {
    let delay = name.strip_suffix("_delay_ms").map(|network| (network, Quantity::Delay));
    let rate = name.strip_suffix("_kbps").map(|network| (network, Quantity::Throughput));
    let (network, quantity) = delay.or(rate)?;
    Some((column, network.to_owned(), quantity))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 23")]
fn whole(hour: f64) -> u8 {
    hour as u8
}
