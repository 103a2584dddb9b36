//! `golden-hour matrix`: the times between all of some places and all of others.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use ems_model::Millis;

use super::places::{open_roads, snap_places, write_out};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour matrix --city var/malta --from stations.csv --to hospitals.csv --out times.csv
  golden-hour matrix --city var/malta --from places.csv --to places.csv --out square.csv

FROM and TO have a first line that names their columns, lat and lon among them. The file written
has a row for each line of FROM and in it a column for each line of TO: seconds, to the
millisecond, and nothing where there is no way. It has no header.";

/// Write the drive times between many places.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MatrixArgs {
    /// The city pack; without it, the demo city.
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Where drives start: a CSV file with columns lat,lon.
    #[arg(long, value_name = "A.csv")]
    from: PathBuf,
    /// Where they end: a CSV file with columns lat,lon.
    #[arg(long, value_name = "B.csv")]
    to: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "M.csv")]
    out: PathBuf,
}

/// So many rows are worked out at once.
const N_ROWS: usize = 512;

impl MatrixArgs {
    /// Works out and writes.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let roads = open_roads(self.city.as_ref())?;
        let (from, to) = (snap_places(&roads, &self.from)?, snap_places(&roads, &self.to)?);
        let start = Instant::now();
        let (mut told, mut n_done) = (start, 0);
        let mut table = String::new();
        for some in from.chunks(N_ROWS) {
            for row in roads.matrix(some, &to) {
                add_row(&mut table, &row);
            }
            n_done += some.len();
            if told.elapsed().as_secs() >= 2 {
                told = Instant::now();
                say::line(format!("{n_done} of {} rows", from.len()));
            }
        }
        write_out(&self.out, &table)?;
        let (rows, columns, secs) = (from.len(), to.len(), start.elapsed().as_secs_f64());
        say::line(format!("{rows} x {columns} times in {secs:.3} s: {}", self.out.display()));
        Ok(())
    }
}

fn add_row(table: &mut String, row: &[Option<Millis>]) {
    for (idx, time) in row.iter().enumerate() {
        if idx > 0 {
            table.push(',');
        }
        if let Some(time) = time {
            let millis = time.get();
            write!(table, "{}.{:03}", millis / 1000, millis % 1000).expect("a string takes all");
        }
    }
    table.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_way_a_cell_is_empty() {
        let mut table = String::new();
        add_row(&mut table, &[Some(Millis::new(61_005)), None, Some(Millis::ZERO)]);
        add_row(&mut table, &[None]);
        assert_eq!(table, "61.005,,0.000\n\n");
    }
}
