//! The calls of coming days, and of their hours.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ems_forecast::{
    Drift, Forecast, HORIZON_DAYS_MAX, SeriesForecast, SeriesHours, Settings, Shaping, Table,
    forecast, forecast_hours,
};
use ems_model::Date;

use super::{calendar, numbers, text_of};
use crate::say;

/// Which days of which file.
#[derive(Debug, Args)]
pub(super) struct DaysArgs {
    /// Counts of past days (CSV, or CSV in zstd).
    #[arg(long, value_name = "FILE")]
    series: PathBuf,
    /// The first day forecast; only days before it are read from.
    #[arg(long, value_name = "DATE", value_parser = date)]
    origin: Date,
    /// Days forecast, the origin's among them.
    #[arg(long, value_name = "DAYS", default_value_t = 84, value_parser = horizon)]
    horizon: usize,
    /// Forecast each hour of these days, too; the file must tell hours.
    #[arg(long)]
    hourly: bool,
    /// Where the forecast is written (CSV).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Columns that name the parts in a file of incidents, widest first [default: the first one].
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    by: Vec<String>,
    /// Public holidays, as in data/holidays, or `none` [default: those of England and Wales].
    #[arg(long, value_name = "FILE")]
    holidays: Option<PathBuf>,
}

fn date(text: &str) -> Result<Date, String> {
    Date::from_iso8601(text).ok_or_else(|| format!("\"{text}\" is no date: write 2018-04-26"))
}

fn horizon(text: &str) -> Result<usize, String> {
    let days = text.parse().ok().filter(|days| (1..=HORIZON_DAYS_MAX).contains(days));
    days.ok_or_else(|| format!("\"{text}\" is outside 1..={HORIZON_DAYS_MAX} days"))
}

impl DaysArgs {
    /// Writes the forecast and prints what to know of it.
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = self.series.display();
        let table =
            Table::parse(&text_of(&self.series)?, &self.by).with_context(|| format!("{path}"))?;
        let calendar = calendar(self.holidays.as_deref())?;
        let settings = Settings::default();
        let (ahead, rows) = if self.hourly {
            let shaping = Shaping::default();
            let (origin, n_days) = (self.origin, self.horizon);
            forecast_hours(&table, &calendar, origin, n_days, &settings, &shaping)
                .map(|(ahead, hours)| (ahead, rows_of_hours(&hours)))
        } else {
            let ahead = forecast(&table.history, &calendar, self.origin, self.horizon, &settings);
            ahead.map(|ahead| {
                let rows = rows_of_days(&ahead);
                (ahead, rows)
            })
        }
        .with_context(|| format!("{path}"))?;
        fs::write(&self.out, rows)
            .with_context(|| format!("{} cannot be written", self.out.display()))?;
        for date in table.unequal_totals.iter().filter(|&&date| date < self.origin) {
            say::line(format!(
                "{path}: {date}: TOTAL is not the sum of its parts: the sum is used"
            ));
        }
        say::line(told(&ahead, &self.out, self.horizon));
        Ok(())
    }
}

fn rows_of_days(ahead: &Forecast) -> String {
    let mut rows = "series,date,mean,q025,q10,q25,q50,q75,q90,q975\n".to_owned();
    for series in &ahead.series {
        let name = quoted(&series.name);
        for day in &series.days {
            writeln!(rows, "{name},{},{}", day.date, numbers(day.mean, day.quantiles, 3))
                .expect("a string takes all that is written");
        }
    }
    rows
}

fn rows_of_hours(ahead: &[SeriesHours]) -> String {
    let mut rows = "series,date,hour,mean,q025,q10,q25,q50,q75,q90,q975\n".to_owned();
    for series in ahead {
        let name = quoted(&series.name);
        for hour in &series.hours {
            let numbers = numbers(hour.mean, hour.quantiles, 3);
            writeln!(rows, "{name},{},{},{numbers}", hour.date, hour.hour)
                .expect("a string takes all that is written");
        }
    }
    rows
}

fn quoted(name: &str) -> String {
    if name.contains(',') { format!("\"{name}\"") } else { name.to_owned() }
}

fn told(ahead: &Forecast, out: &Path, n_days: usize) -> String {
    let n_series = ahead.series.len();
    let (origin, out) = (ahead.origin, out.display());
    let mut text = format!("{out}: {n_series} series, {n_days} days from {origin}");
    for series in &ahead.series {
        if series.n_missing > 0 {
            write!(text, "\n{}: {} days before are missing", series.name, series.n_missing)
                .expect("a string takes all that is written");
        }
        text.extend(drifted(series));
    }
    text
}

fn drifted(series: &SeriesForecast) -> Option<String> {
    let (told_on, drift) = series.drift?;
    let fact = match drift {
        Drift::Above { since, .. } => format!("more calls than forecast since {since}"),
        Drift::Below { since, .. } => format!("fewer calls than forecast since {since}"),
        Drift::Narrow { since, n_within } => {
            format!("only {n_within} of 56 days within the 80 % interval since {since}")
        }
    };
    Some(format!("\n{}: {fact} (certain on {told_on}): intervals are widened", series.name))
}
