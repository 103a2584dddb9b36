//! Services whose calls have their hours, as tables that `ems-forecast` reads.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use ems_forecast::{Calendar, Table};
use ems_model::{Date, Timestamp};

use crate::cells::rio_calls;
use crate::data;

pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) table: Table,
    pub(crate) calendar: Calendar,
    pub(crate) origins: Vec<Date>,
    pub(crate) n_days: i32,
}

const NEW_YORK: [&str; 6] = ["BRONX", "BROOKLYN", "MANHATTAN", "QUEENS", "RICHMOND", "UNKNOWN"];
const NEW_YORK_COLUMNS: usize = 7;

/// Hourly calls of the boroughs, 2010 to 2018. A day that lacks an hour is missing.
pub(crate) fn new_york() -> Result<Service> {
    let mut text = format!("date,hour,{}\n", NEW_YORK.join(","));
    for line in data::text("nyc_hourly_by_borough.csv.zst")?.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        let date = Date::new(values[2].parse()?, values[3].parse()?, values[4].parse()?);
        let date = date.with_context(|| format!("a date in {line}"))?;
        writeln!(text, "{date},{},{}", values[5], values[NEW_YORK_COLUMNS..].join(","))?;
    }
    let first = Date::new(2012, 1, 2).context("a date")?;
    Ok(Service {
        name: "New York, boroughs",
        table: Table::parse(&text, &[])?,
        calendar: Calendar::parse(include_str!("../../../data/holidays/usa.toml"))?,
        origins: (0..24).map(|nth| first + nth * 98).collect(),
        n_days: 84,
    })
}

/// Calls by urgency. The file has 30 weeks under the dates of one, in no known order: they are put
/// one after another as they are numbered.
pub(crate) fn friuli() -> Result<Service> {
    let mut text = "time,urgency\n".to_owned();
    for line in data::text("friuli_emergencies.csv.zst")?.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        let at =
            Timestamp::from_iso8601(values[7]).with_context(|| format!("time {}", values[7]))?;
        let week: i64 = values[0].parse()?;
        let at = Timestamp::from_micros(at.as_micros() + week * 7 * 86_400_000_000);
        writeln!(text, "{},{}", at.to_rfc3339(), values[4])?;
    }
    let first = Date::new(2022, 4, 4).context("a date")?;
    Ok(Service {
        name: "Friuli, urgencies",
        table: Table::parse(&text, &["urgency".to_owned()])?,
        calendar: Calendar::default(),
        origins: (12..=26).map(|week| first + 7 * week).collect(),
        n_days: 28,
    })
}

/// Calls by priority. Which sample was which week is not told: each gets one by seed.
pub(crate) fn rio() -> Result<Service> {
    let mut text = "time,priority\n".to_owned();
    for (priority, at) in rio_calls()? {
        writeln!(text, "{},{priority}", at.to_rfc3339())?;
    }
    let first = Date::from_days(4);
    Ok(Service {
        name: "Rio, priorities",
        table: Table::parse(&text, &["priority".to_owned()])?,
        calendar: Calendar::default(),
        origins: (0..14).map(|nth| first + 364 + 21 * nth).collect(),
        n_days: 84,
    })
}
