//! Demand over a grid of cells: where calls come from.
//!
//! JEMSS reads `GeoTIFF`; here the cells are rows of `ix,iy,z`, below a comment that says
//! `dx= dy= x0= y0=`: cell (ix, iy) has its centre at x0 + (ix + ½) dx, y0 − (iy + ½) dy.

use super::table::{NamedFile, TableError};

/// Demand by cell.
#[derive(Debug, Clone)]
pub struct Raster {
    corner: [f64; 2],
    size: [f64; 2],
    /// Column and row from the north-western corner.
    cells: Vec<[u32; 2]>,
    /// By cell: its demand and that of all cells before it.
    up_to: Vec<f64>,
}

/// The most columns and rows.
const SIDE_MAX: u32 = 1 << 24;

impl Raster {
    /// Reads cells with their demand, in any quantity.
    pub fn read(file: &NamedFile) -> Result<Self, TableError> {
        let table = file.plain()?;
        let head = file.text.lines().next().unwrap_or("");
        let fact = |name: &'static str| {
            let value = head.split_whitespace().find_map(|word| word.strip_prefix(name));
            let number = value.and_then(|value| value.trim_end_matches(';').parse::<f64>().ok());
            number.filter(|number| number.is_finite()).ok_or_else(|| TableError::NoColumn {
                file: file.name.clone(),
                line: 1,
                column: format!("# {name}"),
            })
        };
        let (corner, size) = ([fact("x0=")?, fact("y0=")?], [fact("dx=")?, fact("dy=")?]);
        let (ix, iy, z) = (table.column("ix")?, table.column("iy")?, table.column("z")?);
        let (mut cells, mut up_to, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for row in table.rows() {
            let place = |column| row.whole(column, SIDE_MAX);
            cells.push([place(ix)?, place(iy)?]);
            sum += row.number(z, 0.0, f64::MAX)?;
            up_to.push(sum);
        }
        Ok(Self { corner, size, cells, up_to })
    }

    /// The place, `[longitude, latitude]`, that three shares (0..1) pick: a cell by demand, and a
    /// point of it.
    pub(crate) fn place(&self, [cell, x, y]: [f64; 3]) -> [f64; 2] {
        let sought = cell * self.total();
        let idx = self.up_to.partition_point(|up_to| *up_to <= sought).min(self.cells.len() - 1);
        self.within(idx, [x, y])
    }

    /// Each cell's demand, shared out among points in so many columns and rows.
    pub(crate) fn points(
        &self,
        columns: u32,
        rows: u32,
    ) -> impl Iterator<Item = (f64, [f64; 2])> + '_ {
        let before = std::iter::once(&0.0).chain(&self.up_to);
        let demand = self.up_to.iter().zip(before).map(|(up_to, before)| up_to - before);
        let share = 1.0 / (f64::from(columns) * f64::from(rows));
        let middle = |at: u32, n: u32| (f64::from(at) + 0.5) / f64::from(n);
        demand.enumerate().flat_map(move |(idx, demand)| {
            let places = (0..columns).flat_map(move |x| (0..rows).map(move |y| [x, y]));
            places.map(move |[x, y]| {
                (demand * share, self.within(idx, [middle(x, columns), middle(y, rows)]))
            })
        })
    }

    /// The demand of all cells.
    pub(crate) fn total(&self) -> f64 {
        self.up_to.last().copied().unwrap_or(0.0)
    }

    fn within(&self, idx: usize, [x, y]: [f64; 2]) -> [f64; 2] {
        let [ix, iy] = self.cells[idx].map(f64::from);
        [self.corner[0] + (ix + x) * self.size[0], self.corner[1] - (iy + y) * self.size[1]]
    }
}
