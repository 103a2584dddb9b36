//! The map as a table that can be read again.

use std::collections::BTreeMap;
use std::fmt::Write;

use ems_table::{Table, decimal};

use crate::coverage::{Cell, Coverage, Quantity};
use crate::error::CoverageError;
use crate::grid::{Grid, Square};
use crate::sketch::Sketch;

const ROWS_MAX: usize = 10_000_000;
const HEADER: &str = "metres,network,row,column,hour,quantity,zeros,buckets,at_least\n";

impl Coverage {
    /// Writes the map as a table: a row a square, network, hour and quantity; `buckets` holds pairs
    /// of bucket and count, `at_least` those of lower bounds.
    pub fn to_csv(&self) -> String {
        let mut text = HEADER.to_owned();
        for cell in self.cells() {
            let Square { row, column } = cell.square;
            let hour = cell.hour.map(|hour| hour.to_string()).unwrap_or_default();
            let (n_zeros, buckets) = cell.sketch.parts();
            let [buckets, at_least] = buckets.map(pairs);
            let _ = writeln!(
                text,
                "{},\"{}\",{row},{column},{hour},{},{n_zeros},{buckets},{at_least}",
                self.grid().metres(),
                cell.network.replace('"', "\"\""),
                cell.quantity.name(),
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
        // Maps that were written before bounds were told have none.
        let at_least = table.column("at_least")?;
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
            let counted = |column| {
                let pairs = row.given(column).unwrap_or_default().split_whitespace();
                let counted: Option<Vec<_>> = pairs.map(bucket).collect();
                counted.ok_or_else(|| row.wrong(column, "pairs such as \"12:3 15:1\""))
            };
            counted(buckets)?.into_iter().for_each(|(bucket, n)| sketch.put(bucket, n));
            let bounds = at_least.map(counted).transpose()?.unwrap_or_default();
            for (bucket, n) in bounds {
                sketch.put_at_least(bucket, n);
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

/// Buckets with their counts.
fn pairs(buckets: &BTreeMap<i16, u32>) -> String {
    let pairs: Vec<_> = buckets.iter().map(|(bucket, n)| format!("{bucket}:{n}")).collect();
    pairs.join(" ")
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
