//! The map as a table that can be read again.

use std::fmt::Write;

use ems_table::{Table, decimal};

use crate::coverage::{Cell, Coverage, Quantity};
use crate::error::CoverageError;
use crate::grid::{Grid, Square};
use crate::sketch::Sketch;

const ROWS_MAX: usize = 10_000_000;
const HEADER: &str = "metres,network,row,column,hour,quantity,zeros,buckets\n";

impl Coverage {
    /// Writes the map as a table: a row a square, network, hour and quantity; `buckets` holds pairs
    /// of bucket and count.
    pub fn to_csv(&self) -> String {
        let mut text = HEADER.to_owned();
        for cell in self.cells() {
            let Square { row, column } = cell.square;
            let hour = cell.hour.map(|hour| hour.to_string()).unwrap_or_default();
            let (n_zeros, buckets) = cell.sketch.parts();
            let buckets: Vec<_> =
                buckets.iter().map(|(bucket, n)| format!("{bucket}:{n}")).collect();
            let _ = writeln!(
                text,
                "{},\"{}\",{row},{column},{hour},{},{n_zeros},{}",
                self.grid().metres(),
                cell.network.replace('"', "\"\""),
                cell.quantity.name(),
                buckets.join(" "),
            );
        }
        text
    }

    /// Reads a map that was written; one without rows has squares of 250 m.
    pub fn from_csv(bytes: &[u8]) -> Result<Self, CoverageError> {
        let mut table = Table::read(bytes, ROWS_MAX)?;
        let [metres, network, row_at, column_at, hour, quantity, zeros, buckets] =
            table.columns([
                "metres", "network", "row", "column", "hour", "quantity", "zeros", "buckets",
            ])?;
        let mut coverage: Option<Self> = None;
        while let Some(row) = table.next_row()? {
            let metres = whole(row.number(metres, 50.0..=10_000.0)?);
            let grid = Grid::new(u32::try_from(metres).expect("within range"))?;
            let coverage = coverage.get_or_insert_with(|| Self::new(grid));
            let own = coverage.grid().metres();
            if own != grid.metres() {
                return Err(CoverageError::OtherGrid { own, other: grid.metres() });
            }
            let place = |column| row.number(column, -1e6..=1e6).map(whole);
            let square = Square { row: place(row_at)?, column: place(column_at)? };
            let hour = match row.given(hour) {
                Some(_) => u8::try_from(whole(row.number(hour, 0.0..=23.0)?)).ok(),
                None => None,
            };
            let quantity = Quantity::by_name(row.text(quantity)?)
                .ok_or_else(|| row.wrong(quantity, "\"throughput\" or \"delay\""))?;
            let mut sketch = Sketch::default();
            sketch.put_zeros(whole(row.number(zeros, 0.0..=2e9)?).unsigned_abs());
            for pair in row.given(buckets).unwrap_or_default().split_whitespace() {
                let (bucket, n) = bucket(pair)
                    .ok_or_else(|| row.wrong(buckets, "pairs such as \"12:3 15:1\""))?;
                sketch.put(bucket, n);
            }
            let network = row.text(network)?;
            coverage.put(&Cell { network, square, hour, quantity, sketch: &sketch });
        }
        Ok(coverage.unwrap_or(Self::new(Grid::new(250)?)))
    }
}

impl Quantity {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Delay => "delay",
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        [Self::Throughput, Self::Delay].into_iter().find(|it| it.name() == name)
    }
}

/// A bucket that a sketch can have, and its count.
fn bucket(pair: &str) -> Option<(i16, u32)> {
    let (bucket, n) = pair.split_once(':')?;
    let (bucket, n) = (decimal(bucket)?, decimal(n)?);
    let is_real = (-70.0..=350.0).contains(&bucket) && (1.0..=2e9).contains(&n);
    is_real.then(|| Some((i16::try_from(whole(bucket)).ok()?, whole(n).unsigned_abs())))?
}

#[expect(clippy::cast_possible_truncation, reason = "every caller checks a range within i32")]
fn whole(value: f64) -> i32 {
    value as i32
}
