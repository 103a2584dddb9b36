//! Counts as comma-separated values, in three layouts.
//!
//! A column a series: `date,AB,BC,…,TOTAL`, a row a day. Or a row an incident or several: `date`,
//! `incidents` (or `count`, `calls`) and columns that say of which part, in any order. Both may
//! have an `hour`, 0 to 23. Or a row a call, with its `time` (`date_time`).

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{Date, Timestamp};
use ems_table::{Column, Row, Table as Rows};

use crate::history::{COUNT_MAX, DAYS_MAX, History, Part, SERIES_MAX, TOTAL};
use crate::hours::{DayOfHours, Hours};

const COUNT_NAMES: [&str; 3] = ["incidents", "count", "calls"];
/// Rows of a file: a call every five seconds for a decade.
pub(crate) const ROWS_MAX: usize = 60_000_000;

/// Counts that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No table, or a value that is none.
    #[error(transparent)]
    Rows(#[from] ems_table::TableError),
    /// A column that says of which part, or counts to go with it.
    #[error("the file has no {missing}: add it, or name other columns to group by")]
    Column {
        /// What is missing.
        missing: String,
    },
    /// A day, or an hour of it, that two rows tell of.
    #[error("line {line}: {date} was on line {before} already: leave one out")]
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
    /// The counts of days. A day that lacks an hour is missing.
    pub history: History,
    /// The counts of hours, where the file tells them.
    pub hours: Option<Hours>,
    /// Days on which the file's own total is not the sum of its parts; the sum is used.
    pub unequal_totals: Vec<Date>,
}

impl Table {
    /// Reads a file of any layout; rows come in any order.
    ///
    /// `by` names the columns whose values make the parts where a row is an incident, widest first;
    /// empty means its first column, and of rows with a time no parts. Where a column is a series
    /// every one is a part, `TOTAL` the sum.
    pub fn parse(text: &str, by: &[String]) -> Result<Self, TableError> {
        let rows = Rows::read(text.as_bytes(), ROWS_MAX)?;
        let when = When::of(&rows)?;
        let mut count = None;
        for name in COUNT_NAMES {
            count = count.or(rows.column(name)?);
        }
        match (count, when) {
            (None, When::Day(_) | When::Hour(..)) => read_columns(rows, when, by),
            _ => read_incidents(rows, when, count, by),
        }
    }
}

/// The columns that say when.
#[derive(Clone, Copy)]
enum When {
    Day(Column),
    Hour(Column, Column),
    Time(Column),
}

impl When {
    fn of(rows: &Rows<'_>) -> Result<Self, TableError> {
        let sets: [&[&str]; 4] = [&["date", "hour"], &["date"], &["time"], &["date_time"]];
        let (set, columns) = rows.one_of(&sets)?;
        Ok(match set {
            0 => Self::Hour(columns[0], columns[1]),
            1 => Self::Day(columns[0]),
            _ => Self::Time(columns[0]),
        })
    }

    fn is(self, column: Column) -> bool {
        match self {
            Self::Day(own) | Self::Time(own) => column == own,
            Self::Hour(date, hour) => column == date || column == hour,
        }
    }

    /// Hours that a whole day has in such a file.
    fn n_hours(self) -> usize {
        if matches!(self, Self::Day(_)) { 1 } else { 24 }
    }

    /// The day, and the hour on the file's own clock; 0 in a file of days.
    fn read(self, row: &Row<'_>) -> Result<(Date, usize), TableError> {
        let date = |column| row.read(column, "a date: write 2018-04-26", Date::from_iso8601);
        match self {
            Self::Day(day) => Ok((date(day)?, 0)),
            Self::Hour(day, column) => {
                let hour = |text: &str| text.parse().ok().filter(|hour| *hour < 24);
                Ok((date(day)?, row.read(column, "an hour: write 0 to 23", hour)?))
            }
            Self::Time(column) => {
                let wanted = "a time: write 2018-04-26T08:15:00, on the local clock";
                let time = row.read(column, wanted, Timestamp::from_iso8601)?;
                Ok(date_and_hour(time))
            }
        }
    }
}

pub(crate) fn date_and_hour(time: Timestamp) -> (Date, usize) {
    const HOUR_MICROS: i64 = 3_600_000_000;
    let hours = time.as_micros().div_euclid(HOUR_MICROS);
    let days = i32::try_from(hours.div_euclid(24)).expect("a time is read of years up to 2199");
    let hour = usize::try_from(hours.rem_euclid(24)).expect("of a day");
    (Date::from_days(days), hour)
}

/// A whole number of incidents; `None` where none is given.
fn count(row: &Row<'_>, column: Column, max: u32) -> Result<Option<u32>, TableError> {
    let Some(value) = row.given(column).filter(|value| !["NA", "NaN"].contains(value)) else {
        return Ok(None);
    };
    let count: Option<u32> = value.strip_suffix(".0").unwrap_or(value).parse().ok();
    let wanted = || format!("a number of incidents: write a whole number, 0 to {max}, or nothing");
    let count = count.filter(|&count| count <= max).ok_or_else(|| row.wrong(column, &wanted()))?;
    Ok(Some(count))
}

/// Rows of one day by hour: the line and its counts.
type HoursOfDay = BTreeMap<usize, (usize, Vec<Option<u32>>)>;

fn read_columns(mut rows: Rows<'_>, when: When, by: &[String]) -> Result<Table, TableError> {
    if let Some(column) = by.first() {
        let missing = format!("column of counts to go with \"{column}\"");
        return Err(TableError::Column { missing });
    }
    let (columns, names): (Vec<Column>, Vec<String>) = rows
        .all_columns()
        .filter(|(column, _)| !when.is(*column))
        .map(|(column, name)| (column, name.to_owned()))
        .unzip();
    let remedy = "name 1 or more, leave out the smallest";
    check_size(columns.len(), "series", SERIES_MAX, remedy)?;
    for name in &names {
        rows.column(name)?;
    }
    let most = if when.n_hours() == 1 { COUNT_MAX } else { COUNT_MAX / 24 };
    let mut days: BTreeMap<Date, HoursOfDay> = BTreeMap::new();
    while let Some(row) = rows.next_row()? {
        let ((date, hour), line) = (when.read(&row)?, row.line());
        let counts = columns.iter().map(|&column| count(&row, column, most));
        let counts = counts.collect::<Result<_, _>>()?;
        if let Some((before, _)) = days.entry(date).or_default().insert(hour, (line, counts)) {
            return Err(TableError::SameDay { line, before, date });
        }
    }
    let span = Span::of(days.keys().copied())?;
    let mut parts = Vec::new();
    let mut stated = None;
    for (column, name) in names.iter().enumerate() {
        let own = days.iter().filter_map(|(&date, day)| {
            whole_day(day, when.n_hours(), column).map(|hours| (date, hours))
        });
        let own: BTreeMap<Date, DayOfHours> = own.collect();
        if name.eq_ignore_ascii_case(TOTAL) && names.len() > 1 {
            stated = Some(span.counts(&BTreeSet::new(), &own));
        } else {
            parts.push((vec![name.clone()], own));
        }
    }
    Ok(Table::new(&span, when, &BTreeSet::new(), parts, stated.as_deref()))
}

/// A column's hours of a day, if none is missing.
fn whole_day(day: &HoursOfDay, n_hours: usize, column: usize) -> Option<DayOfHours> {
    let mut hours = [0; 24];
    for (hour, count) in hours.iter_mut().enumerate().take(n_hours) {
        *count = day.get(&hour)?.1[column]?;
    }
    Some(hours)
}

fn read_incidents(
    mut rows: Rows<'_>,
    when: When,
    counted: Option<Column>,
    by: &[String],
) -> Result<Table, TableError> {
    let keys = keys(&rows, when, counted, by)?;
    let mut days = BTreeSet::new();
    let mut sums: BTreeMap<Vec<String>, BTreeMap<Date, DayOfHours>> = BTreeMap::new();
    while let Some(row) = rows.next_row()? {
        let (date, hour) = when.read(&row)?;
        let number = match counted {
            None => 1,
            Some(column) => count(&row, column, COUNT_MAX)?.ok_or_else(|| {
                row.wrong(column, "a number of incidents: write a whole number, 0 to 1000000")
            })?,
        };
        let key = |&column: &Column| row.text(column).map(str::to_owned);
        let mut key: Vec<String> = keys.iter().map(key).collect::<Result<_, _>>()?;
        if key.is_empty() {
            key.push(TOTAL.to_owned());
        }
        days.insert(date);
        let hours = sums.entry(key).or_default().entry(date).or_insert([0; 24]);
        hours[hour] += number;
        let found = usize::try_from(hours.iter().sum::<u32>()).expect("of millions");
        let remedy = "give fewer";
        check_size(found.max(1), "incidents of one part on one day", COUNT_MAX as usize, remedy)?;
    }
    let span = Span::of(days.iter().copied())?;
    check_size(sums.len(), "series", SERIES_MAX, "group by a wider column (--by)")?;
    Ok(Table::new(&span, when, &days, sums.into_iter().collect(), None))
}

fn keys(
    rows: &Rows<'_>,
    when: When,
    counted: Option<Column>,
    by: &[String],
) -> Result<Vec<Column>, TableError> {
    let says_part = |column: &Column| Some(*column) != counted && !when.is(*column);
    let named = |name: &String| {
        let missing = || TableError::Column { missing: format!("\"{name}\" to group by") };
        rows.column(name)?.filter(says_part).ok_or_else(missing)
    };
    if !by.is_empty() || matches!(when, When::Time(_)) {
        return by.iter().map(named).collect();
    }
    let first = rows.all_columns().map(|(column, _)| column).find(says_part);
    let missing = || TableError::Column { missing: "column that says of which part".to_owned() };
    Ok(vec![first.ok_or_else(missing)?])
}

impl Table {
    /// `days`: those of which something is told; a part without a count has none then.
    fn new(
        span: &Span,
        when: When,
        days: &BTreeSet<Date>,
        mut parts: Vec<(Vec<String>, BTreeMap<Date, DayOfHours>)>,
        stated: Option<&[Option<u32>]>,
    ) -> Self {
        parts.sort();
        let of_days = |(names, hours): &(Vec<String>, _)| (names.clone(), span.counts(days, hours));
        let by_day: Vec<Part> = parts.iter().map(of_days).collect();
        let history = History::new(span.first, by_day, stated);
        let unequal_totals = unequal_totals(&history, stated.unwrap_or_default());
        let hours = parts.into_iter().map(|(_, hours)| hours).collect();
        let hours = (when.n_hours() > 1).then_some(Hours::new(hours));
        Self { history, hours, unequal_totals }
    }
}

fn unequal_totals(history: &History, stated: &[Option<u32>]) -> Vec<Date> {
    let total = history.series().last().map_or(&[][..], |total| &total.counts);
    let is_unequal = |(sum, stated): (&Option<u32>, &Option<u32>)| {
        stated.is_some() && sum.is_some() && sum != stated
    };
    (0..)
        .zip(total.iter().zip(stated))
        .filter(|&(_, pair)| is_unequal(pair))
        .map(|(day, _)| history.first() + day)
        .collect()
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
    fn counts(
        &self,
        days: &BTreeSet<Date>,
        hours: &BTreeMap<Date, DayOfHours>,
    ) -> Vec<Option<u32>> {
        let mut counts = vec![None; self.n_days];
        for date in days {
            counts[self.place(*date)] = Some(0);
        }
        for (date, hours) in hours {
            counts[self.place(*date)] = Some(hours.iter().sum());
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
