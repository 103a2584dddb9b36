//! Drives with several networks at once.

use std::collections::BTreeMap;

use ems_model::Micros;
use ems_table::{Column, Row, Table, TableError};

use crate::steps::{Steps, StepsError};

/// The most rows of a file: a day of seconds.
pub(crate) const ROWS_MAX: usize = 1_000_000;
/// The largest rate that a file may name, in bit/s.
const BPS_MAX: f64 = 1e11;

/// What networks carried along a drive.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// Its name in the file; empty where the file holds one.
    pub name: String,
    /// Each network.
    pub networks: Vec<Network>,
    /// How long a row holds.
    pub row: Micros,
    /// How long it took, its last row included.
    pub length: Micros,
}

/// A network along a drive.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its name in the file's header.
    pub name: String,
    /// What it carried, in bits a second.
    pub rate_bps: Steps<u64>,
}

/// A file of drives that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DriveError {
    /// As a table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No column says what a network carried.
    #[error(
        "no column is named \"…_kbps\" or \"…throughput_mbps\": name one for each network, as in \"lte_up_kbps\""
    )]
    NoNetwork,
    /// The rows of a drive are not in order.
    #[error("drive \"{name}\": {source}")]
    Steps {
        /// Which drive.
        name: String,
        /// What is wrong.
        source: StepsError,
    },
}

impl Drive {
    /// Reads drives from a table with `t_s` (seconds), a column `…_kbps` for each network, and
    /// `drive` where there are several. Times of a drive count from its first row. A rate that is
    /// left out stays what it was, at first 0.
    ///
    /// 5Gophers' drives are read too: `seq_num` counts their seconds (unverified),
    /// and rates are in columns `…_throughput_mbps`, or `throughput_mbps` of a network that is
    /// called "trace".
    pub fn parse(bytes: &[u8]) -> Result<Vec<Self>, DriveError> {
        let mut table = Table::read(bytes, ROWS_MAX)?;
        let time = match table.column("seq_num")? {
            Some(time) if table.column("t_s")?.is_none() => time,
            _ => table.columns(["t_s"])?[0],
        };
        let drive = table.column("drive")?;
        let networks: Vec<Rated> =
            table.all_columns().filter_map(|(column, name)| Rated::of(column, name)).collect();
        if networks.is_empty() {
            return Err(DriveError::NoNetwork);
        }
        let mut drives: BTreeMap<(usize, String), Rows> = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        while let Some(row) = table.next_row()? {
            let name = drive.and_then(|column| row.given(column)).unwrap_or_default();
            let idx = names.iter().rposition(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
            drives.entry((idx, name.to_owned())).or_default().read(&row, time, &networks)?;
        }
        drives.into_iter().map(|((_, name), rows)| rows.drive(name, &networks)).collect()
    }
}

/// A column that holds a network's rate.
#[derive(Debug)]
struct Rated {
    column: Column,
    network: String,
    /// Bits a second, in one of its unit.
    unit: f64,
}

impl Rated {
    fn of(column: Column, name: &str) -> Option<Self> {
        let (network, unit) = match name.strip_suffix("_kbps") {
            Some(network) => (network, 1e3),
            None => (name.strip_suffix("throughput_mbps")?, 1e6),
        };
        let network = match network.trim_end_matches('_') {
            "" => "trace",
            network => network,
        };
        Some(Self { column, network: network.to_owned(), unit })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=1e11 fits")]
    fn bps(&self, row: &Row<'_>) -> Result<u64, TableError> {
        Ok((row.number(self.column, 0.0..=BPS_MAX / self.unit)? * self.unit) as u64)
    }
}

/// The rows of one drive, while they are read.
#[derive(Debug, Default)]
struct Rows {
    at: Vec<f64>,
    /// The rates of each row, network by network.
    bps: Vec<Vec<u64>>,
}

impl Rows {
    fn read(&mut self, row: &Row<'_>, time: Column, networks: &[Rated]) -> Result<(), TableError> {
        let before = self.bps.last().cloned().unwrap_or_else(|| vec![0; networks.len()]);
        self.at.push(row.number(time, 0.0..=1e9)?);
        let rates = networks
            .iter()
            .zip(before)
            .map(|(rated, before)| row.given(rated.column).map_or(Ok(before), |_| rated.bps(row)));
        self.bps.push(rates.collect::<Result<_, _>>()?);
        Ok(())
    }

    fn drive(self, name: String, networks: &[Rated]) -> Result<Drive, DriveError> {
        let first = self.at.first().copied().unwrap_or_default();
        let at: Vec<Micros> = self.at.iter().map(|at| seconds(at - first)).collect();
        let row = middle_gap(&at);
        let length = at.last().copied().unwrap_or_default() + row;
        let network = |(idx, rated): (usize, &Rated)| {
            let steps = at.iter().zip(&self.bps).map(|(at, rates)| (*at, rates[idx])).collect();
            let rate_bps = Steps::new(steps)
                .map_err(|source| DriveError::Steps { name: name.clone(), source })?;
            Ok(Network { name: rated.network.clone(), rate_bps })
        };
        let networks =
            networks.iter().enumerate().map(network).collect::<Result<_, DriveError>>()?;
        Ok(Drive { name, networks, row, length })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 1e9 s")]
pub(crate) fn seconds(seconds: f64) -> Micros {
    Micros::new((seconds * 1e6).round() as i64)
}

/// The median time between rows; a second where there are fewer than two.
fn middle_gap(at: &[Micros]) -> Micros {
    let mut gaps: Vec<Micros> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or(Micros::from_millis(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_two_drives_gives_each_its_own_start() {
        let text = b"drive,t_s,a_kbps,b_kbps,speed_mph\nx,5,100,,3\nx,6,,7,3\ny,5,1,2,3\n";
        let drives = Drive::parse(text).unwrap();
        assert_eq!(drives.iter().map(|drive| drive.name.as_str()).collect::<Vec<_>>(), ["x", "y"]);
        let steps = |idx: usize| drives[0].networks[idx].rate_bps.iter().collect::<Vec<_>>();
        let second = Micros::from_millis(1000);
        assert_eq!(steps(0), [(Micros::ZERO, 100_000), (second, 100_000)]);
        assert_eq!(steps(1), [(Micros::ZERO, 0), (second, 7000)]);
        assert_eq!(drives[0].length, Micros::from_millis(2000));
    }

    #[test]
    fn a_drive_of_5gophers_has_seconds_by_number_and_rates_in_mbps() {
        let text =
            b"protocol,num_tcp_conn,seq_num,Sprint_throughput_mbps\nTCP,8,0,25.5\nTCP,8,1,2\n";
        let drives = Drive::parse(text).unwrap();
        let network = &drives[0].networks[0];
        assert_eq!(network.name, "Sprint");
        let second = Micros::from_millis(1000);
        let steps = network.rate_bps.iter().collect::<Vec<_>>();
        assert_eq!(steps, [(Micros::ZERO, 25_500_000), (second, 2_000_000)]);
        let walk = Drive::parse(b"seq_num,throughput_mbps\n1,9\n").unwrap();
        assert_eq!(walk[0].networks[0].name, "trace");
    }

    #[test]
    fn a_file_without_networks_or_order_says_so() {
        assert_eq!(Drive::parse(b"t_s,a\n1,2\n").unwrap_err(), DriveError::NoNetwork);
        let error = Drive::parse(b"t_s,a_kbps\n1,2\n1,3\n").unwrap_err().to_string();
        assert_eq!(
            error,
            "drive \"\": step 1 is at 0 µs, the one before at 0 µs: put them in order"
        );
    }
}
