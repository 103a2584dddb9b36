//! Files of JEMSS: named tables in one file of comma-separated values, parted by empty lines.
//!
//! A table is its name on one line, its columns on the next, then its rows. A line of commas alone
//! is empty. Columns are found by name; what stands beside them (notes, addresses) is not read.

use std::fmt::Display;

/// A file by its name, for messages, with what it holds.
#[derive(Debug, Clone)]
pub struct NamedFile {
    /// Its name.
    pub name: String,
    /// Its text; where it is not UTF-8, replacement characters.
    pub text: String,
}

impl NamedFile {
    /// Takes what was read; names and notes that are not UTF-8 are never read, so they may be lost.
    pub fn new(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self { name: name.into(), text: String::from_utf8_lossy(bytes).into_owned() }
    }
}

/// A table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A table that the file has not.
    #[error("{file}: table \"{table}\" is missing: put its name on a line of its own")]
    NoTable {
        /// The file.
        file: String,
        /// The table.
        table: &'static str,
    },
    /// A column that the table has not.
    #[error("{file} line {line}: column \"{column}\" is missing: name it in the header")]
    NoColumn {
        /// The file.
        file: String,
        /// The header's line, from 1.
        line: usize,
        /// The column.
        column: String,
    },
    /// A value that cannot be.
    #[error("{file} line {line}: {column} \"{value}\" is not {wanted}: correct it")]
    Value {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column.
        column: String,
        /// What stands there, shortened.
        value: String,
        /// What may stand there.
        wanted: String,
    },
    /// A table without rows.
    #[error("{file} line {line}: no row below the header: add one")]
    Empty {
        /// The file.
        file: String,
        /// The header's line, from 1.
        line: usize,
    },
}

/// One table of a file.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    file: &'a NamedFile,
    header_line: usize,
    columns: Vec<&'a str>,
    rows: Vec<(usize, &'a str)>,
}

/// A column of a table, found once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a> {
    name: &'a str,
    place: usize,
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    file: &'a NamedFile,
    /// Its line, from 1.
    pub(crate) line: usize,
    cells: Vec<&'a str>,
}

impl NamedFile {
    /// The table of that name, which has a row at least.
    pub(crate) fn table(&self, table: &'static str) -> Result<Table<'_>, TableError> {
        let mut lines = (1..).zip(self.text.lines());
        let is_name = |line: &str| cells(line).first() == Some(&table);
        let mut was_empty = true;
        let found = lines.find(|(_, line)| {
            let is_start = was_empty && is_name(line);
            was_empty = is_empty(line);
            is_start
        });
        let missing = || TableError::NoTable { file: self.name.clone(), table };
        found.ok_or_else(missing)?;
        self.rest(lines)
    }

    /// The only table of a file that has no names of tables: its header is the first line that does
    /// not begin with `#`.
    pub(crate) fn plain(&self) -> Result<Table<'_>, TableError> {
        self.rest((1..).zip(self.text.lines()).skip_while(|(_, line)| line.starts_with('#')))
    }

    fn rest<'a>(
        &'a self,
        mut lines: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<Table<'a>, TableError> {
        let (header_line, header) = lines.next().unwrap_or((1, ""));
        let rows: Vec<_> = lines.take_while(|(_, line)| !is_empty(line)).collect();
        if rows.is_empty() {
            return Err(TableError::Empty { file: self.name.clone(), line: header_line });
        }
        let header = header.trim_start_matches('\u{feff}');
        Ok(Table { file: self, header_line, columns: cells(header), rows })
    }
}

impl<'a> Table<'a> {
    pub(crate) fn column<'n>(&self, name: &'n str) -> Result<Column<'n>, TableError> {
        self.find(name).ok_or_else(|| TableError::NoColumn {
            file: self.file.name.clone(),
            line: self.header_line,
            column: name.to_owned(),
        })
    }

    /// A column that the table may leave out.
    pub(crate) fn find<'n>(&self, name: &'n str) -> Option<Column<'n>> {
        let place = self.columns.iter().position(|column| *column == name)?;
        Some(Column { name, place })
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'a>> + '_ {
        self.rows.iter().map(|&(line, text)| Row { file: self.file, line, cells: cells(text) })
    }

    /// Its rows, which `index` must number from 1 on.
    pub(crate) fn numbered(
        &self,
        index: Column<'a>,
    ) -> impl Iterator<Item = Result<Row<'a>, TableError>> + '_ {
        (1..).zip(self.rows()).map(move |(number, row)| {
            let is_next = integer(row.text(index)) == Some(number);
            if is_next { Ok(row) } else { Err(row.wrong(index, format!("{number}, the next"))) }
        })
    }

    /// Its first row: that of a table of one row.
    pub(crate) fn first(&self) -> Row<'a> {
        let (line, text) = self.rows[0];
        Row { file: self.file, line, cells: cells(text) }
    }
}

impl Row<'_> {
    pub(crate) fn text(&self, column: Column<'_>) -> &str {
        self.cells.get(column.place).copied().unwrap_or("")
    }

    /// A finite number within `min..=max`.
    pub(crate) fn number(&self, column: Column<'_>, min: f64, max: f64) -> Result<f64, TableError> {
        let number = self.text(column).parse::<f64>().ok();
        let fits = |number: &f64| number.is_finite() && (min..=max).contains(number);
        number.filter(fits).ok_or_else(|| {
            let wanted = if max < f64::MAX {
                format!("a number from {min} to {max}")
            } else if min > f64::MIN {
                format!("a number of at least {min}")
            } else {
                "a number".to_owned()
            };
            self.wrong(column, wanted)
        })
    }

    /// A whole number within `1..=n`, as `3` or `3.0`, counted from 0.
    pub(crate) fn place(&self, column: Column<'_>, n: usize) -> Result<usize, TableError> {
        let whole = integer(self.text(column)).and_then(|whole| usize::try_from(whole).ok());
        let place = whole.filter(|whole| (1..=n).contains(whole)).map(|whole| whole - 1);
        place.ok_or_else(|| self.wrong(column, format!("a whole number from 1 to {n}")))
    }

    /// A whole number up to `max`, as `3` or `3.0`.
    pub(crate) fn whole(&self, column: Column<'_>, max: u32) -> Result<u32, TableError> {
        let whole = integer(self.text(column)).and_then(|whole| u32::try_from(whole).ok());
        let wrong = || self.wrong(column, format!("a whole number from 0 to {max}"));
        whole.filter(|whole| *whole <= max).ok_or_else(wrong)
    }

    /// `1` or `0`, also as `1.0`, `true` or `false`.
    pub(crate) fn flag(&self, column: Column<'_>) -> Result<bool, TableError> {
        match self.text(column) {
            "1" | "1.0" | "true" => Ok(true),
            "0" | "0.0" | "false" => Ok(false),
            _ => Err(self.wrong(column, "1 or 0")),
        }
    }

    pub(crate) fn wrong(&self, column: Column<'_>, wanted: impl Display) -> TableError {
        TableError::Value {
            file: self.file.name.clone(),
            line: self.line,
            column: column.name.to_owned(),
            value: self.text(column).chars().take(40).collect(),
            wanted: wanted.to_string(),
        }
    }
}

fn integer(text: &str) -> Option<u64> {
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

fn is_empty(line: &str) -> bool {
    line.chars().all(|c| c == ',' || c.is_whitespace())
}

/// The cells of a line; a comma within quotes parts nothing.
fn cells(line: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let is_border = |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    };
    line.split(is_border).map(unquote).collect()
}

fn unquote(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(cell).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}miscData,2,\r\nnumModes,note\r\n2.0,\"a, b\"\r\n,,\r\narcs,,\r\nindex,t\r\n1.0,3e-6\r\n2,-1\r\nx,nan\r\n";

    fn file() -> NamedFile {
        NamedFile::new("arcs.csv", FILE.trim_start_matches('\u{feff}').as_bytes())
    }

    #[test]
    fn tables_are_found_by_name_and_columns_by_theirs() {
        let file = file();
        let misc = file.table("miscData").unwrap();
        assert_eq!(misc.rows().count(), 1);
        assert_eq!(misc.first().place(misc.column("numModes").unwrap(), 9), Ok(1));
        assert_eq!(misc.first().text(misc.column("note").unwrap()), "a, b");
        let arcs = file.table("arcs").unwrap();
        let index = arcs.column("index").unwrap();
        let places: Vec<_> = arcs.rows().map(|row| row.place(index, 2).ok()).collect();
        assert_eq!(places, [Some(0), Some(1), None]);
    }

    #[test]
    fn an_error_names_file_line_value_and_remedy() {
        let file = file();
        let arcs = file.table("arcs").unwrap();
        let t = arcs.column("t").unwrap();
        let errors = arcs.rows().map(|row| row.number(t, 0.0, f64::MAX).map_err(|e| e.to_string()));
        let errors: Vec<_> = errors.collect();
        assert_eq!(errors[0], Ok(3e-6));
        let second = "arcs.csv line 8: t \"-1\" is not a number of at least 0: correct it";
        assert_eq!(errors[1], Err(second.to_owned()));
        assert!(errors[2].as_ref().is_err_and(|e| e.contains("\"nan\"")), "{errors:?}");
        for (error, text) in [
            (
                file.table("nodes").unwrap_err(),
                "arcs.csv: table \"nodes\" is missing: put its name on a line of its own",
            ),
            (
                arcs.column("x").unwrap_err(),
                "arcs.csv line 6: column \"x\" is missing: name it in the header",
            ),
            (
                NamedFile::new("a", b"a\nb,c\n").table("a").unwrap_err(),
                "a line 2: no row below the header: add one",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
