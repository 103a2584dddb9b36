//! Files of JEMSS: named tables in one file of comma-separated values, parted by empty lines.
//!
//! A table is its name on one line, its columns on the next, then its rows, up to a line whose first
//! cell is empty. Beside the name may stand how many rows there are. Columns are found by name; what
//! stands beside them (notes, addresses) is not read. What is refused is what JEMSS.jl's
//! `readTablesFromData` asserts (`src/file/file_io.jl`), with a message.

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
    /// Takes what was read, but for a byte order mark; names and notes that are not UTF-8 are never
    /// read, so they may be lost.
    pub fn new(name: impl Into<String>, bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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
    /// A column that stands twice in a header.
    #[error("{file} line {line}: column \"{column}\" stands twice: rename one")]
    Twice {
        /// The file.
        file: String,
        /// The header's line, from 1.
        line: usize,
        /// The column.
        column: String,
    },
    /// Another number of rows than the table says it has.
    #[error("{file} line {line}: {found} rows, but {said} stands beside the name: correct it")]
    Count {
        /// The file.
        file: String,
        /// The line of the name, from 1.
        line: usize,
        /// Rows that are there.
        found: usize,
        /// Rows that there should be.
        said: u64,
    },
    /// Rows go on below a line that ends their table.
    #[error(
        "{file} line {line}: the first cell is empty, but rows follow: fill it, or drop the line"
    )]
    Torn {
        /// The file.
        file: String,
        /// The line, from 1.
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
        let mut was_empty = true;
        let found = lines.find(|(_, line)| {
            let is_start = was_empty && first_cell(line) == table;
            was_empty = ends_table(line);
            is_start
        });
        let missing = || TableError::NoTable { file: self.name.clone(), table };
        let (line, name) = found.ok_or_else(missing)?;
        let table = self.rest(lines)?;
        let said = cells(name).get(1).copied().and_then(integer);
        match said.filter(|said| *said != table.rows.len() as u64) {
            Some(said) => {
                let (file, found) = (self.name.clone(), table.rows.len());
                Err(TableError::Count { file, line, found, said })
            }
            None => Ok(table),
        }
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
        let mut end = None;
        let is_row = |&(line, text): &(usize, &str)| {
            end = ends_table(text).then_some(line);
            end.is_none()
        };
        let rows: Vec<_> = lines.by_ref().take_while(is_row).collect();
        let next = lines.find(|(_, line)| !ends_table(line));
        let file = self.name.clone();
        match (end, next) {
            (Some(line), Some((_, text))) if first_cell(text).parse::<f64>().is_ok() => {
                Err(TableError::Torn { file, line })
            }
            _ if rows.is_empty() => Err(TableError::Empty { file, line: header_line }),
            _ => Table { file: self, header_line, columns: cells(header), rows }.checked(),
        }
    }
}

impl<'a> Table<'a> {
    fn checked(self) -> Result<Self, TableError> {
        let named = self.columns.split(|column| column.is_empty()).next().unwrap_or(&[]);
        let is_again = |place: &usize| named[..*place].contains(&named[*place]);
        match (0..named.len()).find(is_again) {
            Some(place) => Err(TableError::Twice {
                file: self.file.name.clone(),
                line: self.header_line,
                column: named[place].to_owned(),
            }),
            None => Ok(self),
        }
    }

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

    /// `1` or `0`, also as `1.0`, `true` or `false`, these as spreadsheets write them, too.
    pub(crate) fn flag(&self, column: Column<'_>) -> Result<bool, TableError> {
        let text = self.text(column);
        match integer(text) {
            Some(1) => Ok(true),
            Some(0) => Ok(false),
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(self.wrong(column, "1, 0, true or false")),
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

fn first_cell(line: &str) -> &str {
    split(line).next().unwrap_or("")
}

fn ends_table(line: &str) -> bool {
    first_cell(line).is_empty()
}

fn cells(line: &str) -> Vec<&str> {
    split(line).collect()
}

/// The cells of a line; a comma within quotes parts nothing.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let is_border = move |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    };
    line.split(is_border).map(unquote)
}

fn unquote(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(cell).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}miscData,1,\r\nnumModes,note\r\n2.0,\"a, b\"\r\n,,seen\r\narcs,,\r\nindex,t,,t\r\n1.0,3e-6\r\n2,-1\r\nx,nan\r\n";

    fn file() -> NamedFile {
        NamedFile::new("arcs.csv", FILE.as_bytes())
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
    fn flags_are_read_as_people_and_spreadsheets_write_them() {
        let file = NamedFile::new("a", b"a\nf\n1.0\nTRUE\nfalse\n0\nyes\n2\n");
        let table = file.table("a").unwrap();
        let f = table.column("f").unwrap();
        let flags: Vec<_> = table.rows().map(|row| row.flag(f).ok()).collect();
        assert_eq!(flags, [Some(true), Some(true), Some(false), Some(false), None, None]);
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
            (
                NamedFile::new("a", b"a\nb,c,b\n1,2,3\n").table("a").unwrap_err(),
                "a line 2: column \"b\" stands twice: rename one",
            ),
            (
                NamedFile::new("a", b"a,3\nb\n1\n2\n").table("a").unwrap_err(),
                "a line 1: 2 rows, but 3 stands beside the name: correct it",
            ),
            (
                NamedFile::new("a", b"a\nb,c\n1,2\n,2\n3,4\n").table("a").unwrap_err(),
                "a line 4: the first cell is empty, but rows follow: fill it, or drop the line",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
