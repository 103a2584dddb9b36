//! Counts as comma-separated values, in two layouts.
//!
//! A column a series: `date,AB,BC,…,TOTAL`, a row a day. Or a row an incident or several:
//! `date`, `incidents` (or `count`, `calls`) and columns that say of which part, in any order.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::Date;

use crate::history::{COUNT_MAX, DAYS_MAX, History, Part, SERIES_MAX, TOTAL};

const COUNT_NAMES: [&str; 3] = ["incidents", "count", "calls"];

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A column that is needed is not in the header.
    #[error("line 1: columns are \"{found}\", and there is no {missing}: name the columns")]
    Column {
        /// The header, shortened.
        found: String,
        /// What is missing.
        missing: String,
    },
    /// A column is there twice.
    #[error("line 1: two columns are named \"{name}\": leave one out or rename it")]
    Twice {
        /// Its name.
        name: String,
    },
    /// A line with more or fewer values than columns.
    #[error("line {line}: {n_values} values for {n_columns} columns: give every column a value")]
    Width {
        /// The line, from 1.
        line: usize,
        /// Its values.
        n_values: usize,
        /// The header's.
        n_columns: usize,
    },
    /// A value that is none.
    #[error("line {line}, column \"{column}\": \"{value}\" is not {wanted}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The column's name.
        column: String,
        /// What stands there, shortened.
        value: String,
        /// What should, and what to do.
        wanted: &'static str,
    },
    /// A day that two rows tell of.
    #[error("line {line}, column \"date\": {date} was on line {before} already: leave one out")]
    SameDay {
        /// The later line.
        line: usize,
        /// The earlier line.
        before: usize,
        /// The day.
        date: Date,
    },
    /// More than is read at once, or nothing.
    #[error("the file has {found} {what}, outside 1..={max}: {remedy}")]
    Size {
        /// How many.
        found: usize,
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
        /// What to do.
        remedy: &'static str,
    },
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The counts.
    pub history: History,
    /// Days on which the file's own total is not the sum of its parts; the sum is used.
    pub unequal_totals: Vec<Date>,
}

impl Table {
    /// Reads a file of either layout; rows come in any order.
    ///
    /// `by` names the columns whose values make the parts of the second layout, widest first;
    /// empty means its first column. Of the first layout every column is a part, `TOTAL` the sum.
    pub fn parse(text: &str, by: &[String]) -> Result<Self, TableError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let (_, first_line) = lines.next().unwrap_or_default();
        let header = Header::parse(first_line)?;
        let rows = lines.filter(|(_, line)| !line.trim().is_empty());
        match header.place_of(&COUNT_NAMES) {
            Some(count) => header.read_incidents(rows, count, by),
            None => header.read_columns(rows, by),
        }
    }
}

struct Header {
    names: Vec<String>,
    date: usize,
}

impl Header {
    fn parse(line: &str) -> Result<Self, TableError> {
        let names: Vec<String> = values(line).map(|name| name.trim().to_owned()).collect();
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err(TableError::Twice { name: shorten(name) });
            }
        }
        let mut header = Self { names, date: 0 };
        header.date = header.place_of(&["date"]).ok_or_else(|| header.lacks("\"date\""))?;
        Ok(header)
    }

    fn lacks(&self, missing: &str) -> TableError {
        TableError::Column { found: shorten(&self.names.join(",")), missing: missing.to_owned() }
    }

    fn place_of(&self, wanted: &[&str]) -> Option<usize> {
        let is_it = |name: &String| wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
        self.names.iter().position(is_it)
    }

    fn row<'a>(&self, (line, text): (usize, &'a str)) -> Result<Vec<&'a str>, TableError> {
        let row: Vec<&str> = values(text).collect();
        let (n_values, n_columns) = (row.len(), self.names.len());
        let is_whole = n_values == n_columns;
        is_whole.then_some(row).ok_or(TableError::Width { line, n_values, n_columns })
    }

    fn date(&self, line: usize, row: &[&str]) -> Result<Date, TableError> {
        let date = Date::from_iso8601(row[self.date].trim());
        date.ok_or_else(|| self.wrong(line, self.date, row, "a date: write 2018-04-26"))
    }

    /// A whole number of incidents; `None` where none is given.
    fn count(&self, line: usize, at: usize, row: &[&str]) -> Result<Option<u32>, TableError> {
        let value = row[at].trim();
        if ["", "NA", "NaN"].contains(&value) {
            return Ok(None);
        }
        let count: Option<u32> = value.strip_suffix(".0").unwrap_or(value).parse().ok();
        let count = count.filter(|&count| count <= COUNT_MAX);
        let wanted = "a number of incidents: write a whole number, 0 to 1000000, or nothing";
        count.map(Some).ok_or_else(|| self.wrong(line, at, row, wanted))
    }

    fn wrong(&self, line: usize, at: usize, row: &[&str], wanted: &'static str) -> TableError {
        let (column, value) = (self.names[at].clone(), shorten(row[at]));
        TableError::Value { line, column, value, wanted }
    }

    fn read_columns<'a>(
        &self,
        rows: impl Iterator<Item = (usize, &'a str)>,
        by: &[String],
    ) -> Result<Table, TableError> {
        if let Some(column) = by.first() {
            return Err(self.lacks(&format!("column of counts to go with \"{column}\"")));
        }
        let mut days: BTreeMap<Date, (usize, Vec<Option<u32>>)> = BTreeMap::new();
        for (line, text) in rows {
            let row = self.row((line, text))?;
            let date = self.date(line, &row)?;
            let columns = (0..row.len()).filter(|&at| at != self.date);
            let counts = columns.map(|at| self.count(line, at, &row)).collect::<Result<_, _>>()?;
            if let Some((before, _)) = days.insert(date, (line, counts)) {
                return Err(TableError::SameDay { line, before, date });
            }
        }
        self.table_of_columns(&days)
    }

    fn table_of_columns(
        &self,
        days: &BTreeMap<Date, (usize, Vec<Option<u32>>)>,
    ) -> Result<Table, TableError> {
        let span = Span::of(days.keys().copied())?;
        let names = self.names.iter().enumerate().filter(|&(at, _)| at != self.date);
        let mut parts: Vec<Part> = Vec::new();
        let mut stated = None;
        let n_columns = self.names.len() - 1;
        for (column, (_, name)) in names.enumerate() {
            let mut counts = vec![None; span.n_days];
            for (date, (_, row)) in days {
                counts[span.place(*date)] = row[column];
            }
            if name.eq_ignore_ascii_case(TOTAL) && n_columns > 1 {
                stated = Some(counts);
            } else {
                parts.push((vec![name.clone()], counts));
            }
        }
        check_size(parts.len(), "series", SERIES_MAX, "name 1 or more, leave out the smallest")?;
        Ok(Table::new(span.first, parts, stated.as_deref()))
    }

    fn read_incidents<'a>(
        &self,
        rows: impl Iterator<Item = (usize, &'a str)>,
        count: usize,
        by: &[String],
    ) -> Result<Table, TableError> {
        let keys = self.keys(count, by)?;
        let mut days = BTreeSet::new();
        let mut sums: BTreeMap<Vec<String>, BTreeMap<Date, u32>> = BTreeMap::new();
        for (line, text) in rows {
            let row = self.row((line, text))?;
            let date = self.date(line, &row)?;
            let wrong = |wanted| self.wrong(line, count, &row, wanted);
            let number = self.count(line, count, &row)?.ok_or_else(|| {
                wrong("a number of incidents: write a whole number, 0 to 1000000")
            })?;
            let key: Vec<String> = keys.iter().map(|&at| row[at].trim().to_owned()).collect();
            days.insert(date);
            let sum = sums.entry(key).or_default().entry(date).or_default();
            *sum += number;
            if *sum > COUNT_MAX {
                return Err(wrong("credible: with it a day has more than 1000000 incidents"));
            }
        }
        let span = Span::of(days.iter().copied())?;
        let remedy = "group by a wider column (--by)";
        check_size(sums.len(), "series", SERIES_MAX, remedy)?;
        let parts = sums.into_iter().map(|(key, sums)| (key, span.counts(&days, &sums)));
        Ok(Table::new(span.first, parts.collect(), None))
    }

    fn keys(&self, count: usize, by: &[String]) -> Result<Vec<usize>, TableError> {
        let place = |name: &String| {
            let place = self.place_of(&[name]).filter(|&at| at != count && at != self.date);
            place.ok_or_else(|| self.lacks(&format!("\"{name}\" to group by")))
        };
        if !by.is_empty() {
            return by.iter().map(place).collect();
        }
        let first = (0..self.names.len()).find(|&at| at != count && at != self.date);
        first.map(|at| vec![at]).ok_or_else(|| self.lacks("column that says of which part"))
    }
}

impl Table {
    fn new(first: Date, parts: Vec<Part>, stated: Option<&[Option<u32>]>) -> Self {
        let history = History::new(first, parts, stated);
        let total = history.series().last().map_or(&[][..], |total| &total.counts);
        let is_unequal = |(sum, stated): (&Option<u32>, &Option<u32>)| {
            stated.is_some() && sum.is_some() && sum != stated
        };
        let stated = stated.unwrap_or_default();
        let unequal_totals = (0..)
            .zip(total.iter().zip(stated))
            .filter(|&(_, pair)| is_unequal(pair))
            .map(|(day, _)| first + day)
            .collect();
        Self { history, unequal_totals }
    }
}

struct Span {
    first: Date,
    n_days: usize,
}

impl Span {
    fn of(mut dates: impl DoubleEndedIterator<Item = Date>) -> Result<Self, TableError> {
        let first = dates.next();
        let last = dates.next_back().or(first);
        let n_days = first.zip(last).map_or(0, |(first, last)| last.since(first) + 1);
        let n_days = usize::try_from(n_days).expect("dates come in order");
        check_size(n_days, "days", DAYS_MAX, "give a century at most, from the first day on")?;
        Ok(Self { first: first.unwrap_or(Date::from_days(0)), n_days })
    }

    fn place(&self, date: Date) -> usize {
        usize::try_from(date.since(self.first)).expect("the span begins with the first day")
    }

    /// A day of which the file tells nothing is missing; one on which others are told of is zero.
    fn counts(&self, days: &BTreeSet<Date>, sums: &BTreeMap<Date, u32>) -> Vec<Option<u32>> {
        let mut counts = vec![None; self.n_days];
        for date in days {
            counts[self.place(*date)] = Some(sums.get(date).copied().unwrap_or(0));
        }
        counts
    }
}

fn check_size(
    found: usize,
    what: &'static str,
    max: usize,
    remedy: &'static str,
) -> Result<(), TableError> {
    let is_right = (1..=max).contains(&found);
    is_right.then_some(()).ok_or(TableError::Size { found, what, max, remedy })
}

/// The values of a line; one in quotes may hold commas.
fn values(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let quoted = text.strip_prefix('"').and_then(|text| text.split_once('"'));
        let (value, after) =
            quoted.unwrap_or_else(|| text.split_at(text.find(',').unwrap_or(text.len())));
        rest = after.find(',').map(|comma| &after[comma + 1..]);
        Some(value)
    })
}

fn shorten(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut short: String = text.chars().take(CHARS_MAX).collect();
    if text.chars().count() > CHARS_MAX {
        short.push('…');
    }
    short
}
