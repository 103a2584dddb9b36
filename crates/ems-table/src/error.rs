//! What can be wrong with a table.

/// A table that cannot be used. Lines are counted from 1; texts of the file are shortened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Another encoding than UTF-8.
    #[error(
        "line {line}: byte {value:#04x} is not UTF-8: save the file as \"CSV UTF-8\", not in the system's own encoding"
    )]
    Encoding {
        /// The line.
        line: usize,
        /// The first byte that does not fit.
        value: u8,
    },
    /// A column that is needed is not in the header.
    #[error("line {line}: columns are \"{found}\", and \"{missing}\" is missing: name {wanted}")]
    Column {
        /// The header's line.
        line: usize,
        /// The header.
        found: String,
        /// What is missing.
        missing: String,
        /// Which columns there should be.
        wanted: String,
    },
    /// A column that is needed is there twice.
    #[error("line {line}: two columns are named \"{name}\": leave one out or rename it")]
    Twice {
        /// The header's line.
        line: usize,
        /// The column.
        name: String,
    },
    /// More values than columns, or none for a column that is needed.
    #[error(
        "line {line}: {n_values} values for {n_columns} columns: give every column one, in quotes where it holds a comma"
    )]
    Width {
        /// The line.
        line: usize,
        /// Its values.
        n_values: usize,
        /// The header's columns.
        n_columns: usize,
    },
    /// A value in quotes that does not end on its line.
    #[error("line {line}: a quotation mark is not closed: close it on that line, or take it out")]
    Quote {
        /// The line.
        line: usize,
    },
    /// A value that is not understood.
    #[error("line {line}: {column} \"{value}\" is not {wanted}")]
    Value {
        /// The line.
        line: usize,
        /// The column, as the header writes it.
        column: String,
        /// What stands there.
        value: String,
        /// What may stand there, and how to mend it.
        wanted: String,
    },
    /// More rows than are taken.
    #[error("line {line}: more than {n_rows_max} rows: split the file")]
    TooMany {
        /// The line of the first row too many.
        line: usize,
        /// The most rows.
        n_rows_max: usize,
    },
}

/// At most 60 characters of what a file holds.
pub(crate) fn shorten(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(CHARS_MAX).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Sets of columns in words: "a and b, or c and d".
pub(crate) fn listed(sets: &[&[&str]]) -> String {
    let in_words = |names: &&[&str]| match names.split_last() {
        Some((last, before @ [_, ..])) => format!("{} and {last}", before.join(", ")),
        _ => names.join(""),
    };
    let sets: Vec<String> = sets.iter().map(in_words).collect();
    format!("{} in any order", sets.join(", or "))
}
