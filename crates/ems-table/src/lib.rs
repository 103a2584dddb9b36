//! Tables as comma-separated values, by RFC 4180 but for two things: a value ends on its line, for
//! else a quotation mark that was never closed would swallow rows; and lines that say nothing
//! (blanks and commas alone) are passed over.
//!
//! The first line names the columns, in any order and case; a caller asks for those that it reads,
//! the others are left alone. Text is UTF-8, with or without a byte-order mark; lines end with LF or
//! CRLF; blanks around values do not count; quotes begin right after the comma. Values left out at
//! the end of a line are missing. Values beyond the columns are an error: a comma parted one.
//!
//! ```
//! let mut table = Table::read(b"name,lon,lat\n\"Mater Dei, Msida\",14.476,35.901\n", 1000)?;
//! let place = table.columns(["lat", "lon"])?;
//! while let Some(row) = table.next_row()? {
//!     places.push(row.position(place)?);
//! }
//! ```
//!
//! Read [`Table`] first, then [`Row`]. Nothing is written here, and no type of a column is guessed.

mod decimal;
mod error;
mod row;
mod split;

pub use decimal::{decimal, whole};
pub use error::TableError;
pub use row::{Column, Row};

use error::{listed, shorten};
use split::Lines;

/// A table of which the header is read, and rows one by one.
#[derive(Debug)]
pub struct Table<'a> {
    lines: Lines<'a>,
    header_line: usize,
    names: Vec<String>,
    n_rows: usize,
    n_rows_max: usize,
}

impl<'a> Table<'a> {
    /// Reads the header of a file, of which at most `n_rows_max` rows are taken. All of it must be
    /// UTF-8.
    pub fn read(bytes: &'a [u8], n_rows_max: usize) -> Result<Self, TableError> {
        Self::read_part(bytes, 1, n_rows_max)
    }

    /// Reads a table out of a file that holds more: `bytes` are its lines alone, `first_line` is
    /// the number of the first of them in the file.
    pub fn read_part(
        bytes: &'a [u8],
        first_line: usize,
        n_rows_max: usize,
    ) -> Result<Self, TableError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let (before, rest) = bytes.split_at(error.valid_up_to());
            let line = first_line + before.split(|&byte| byte == b'\n').count() - 1;
            TableError::Encoding { line, value: rest.first().copied().unwrap_or_default() }
        })?;
        let mut lines = Lines::new(text, first_line);
        let (header_line, names) = if lines.next()? {
            (lines.number(), lines.values().map(str::to_owned).collect())
        } else {
            (first_line, Vec::new())
        };
        Ok(Self { lines, header_line, names, n_rows: 0, n_rows_max })
    }

    /// The rows left to read in two tables, about equally long, each of which counts its own.
    /// Cost: the lines of the first are counted.
    pub fn halves(self) -> [Self; 2] {
        self.lines.halves().map(|lines| Self {
            lines,
            header_line: self.header_line,
            names: self.names.clone(),
            n_rows: 0,
            n_rows_max: self.n_rows_max,
        })
    }

    /// Every column with its name, as they stand.
    pub fn all_columns(&self) -> impl Iterator<Item = (Column, &str)> {
        self.names.iter().enumerate().map(|(place, name)| (Column { place }, name.as_str()))
    }

    /// A column that may be left out, but not be there twice.
    pub fn column(&self, name: &str) -> Result<Option<Column>, TableError> {
        let mut found = self.all_columns().filter(|(_, found)| found.eq_ignore_ascii_case(name));
        let first = found.next().map(|(column, _)| column);
        match found.next() {
            Some(_) => Err(TableError::Twice { line: self.header_line, name: shorten(name) }),
            None => Ok(first),
        }
    }

    /// The columns of these names, each there once.
    pub fn columns<const N: usize>(&self, names: [&str; N]) -> Result<[Column; N], TableError> {
        let (_, columns) = self.one_of(&[&names])?;
        Ok(columns.try_into().expect("a column is found for every name"))
    }

    /// The columns of the first set that is there as a whole, and which set that is, from 0. Where
    /// none is, the error names what the set lacks of which most is there.
    pub fn one_of(&self, sets: &[&[&str]]) -> Result<(usize, Vec<Column>), TableError> {
        let mut nearest = (None, "");
        for (idx, names) in sets.iter().enumerate() {
            let found = names.iter().map(|name| self.column(name));
            let found = found.collect::<Result<Vec<Option<Column>>, _>>()?;
            let n_found = found.iter().flatten().count();
            let Some(lacking) = found.iter().position(Option::is_none) else {
                return Ok((idx, found.into_iter().flatten().collect()));
            };
            if Some(n_found) > nearest.0 {
                nearest = (Some(n_found), names[lacking]);
            }
        }
        let (found, missing) = (shorten(&self.names.join(",")), nearest.1.to_owned());
        Err(TableError::Column { line: self.header_line, found, missing, wanted: listed(sets) })
    }

    /// The next row that says something; `None` at the end. Cost: its length; nothing is allocated.
    #[inline]
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, TableError> {
        if !self.lines.next()? {
            return Ok(None);
        }
        if self.n_rows == self.n_rows_max {
            let line = self.lines.number();
            return Err(TableError::TooMany { line, n_rows_max: self.n_rows_max });
        }
        self.n_rows += 1;
        let row = Row { lines: &self.lines, names: &self.names };
        row.check_width()?;
        Ok(Some(row))
    }

    /// How many rows were read so far.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }
}

#[cfg(test)]
mod tests;
