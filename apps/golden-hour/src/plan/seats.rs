//! `golden-hour plan seats`: call-takers for a load of calls, or for each hour of a forecast.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ems_plan::CallLoad;
use ems_table::{Table, TableError};
use serde_json::json;

use crate::say;

/// Seats for call-takers (Erlang C).
#[derive(Debug, Args)]
pub(super) struct SeatsArgs {
    /// Calls in an hour, on average.
    #[arg(long, value_name = "CALLS", required_unless_present = "forecast")]
    calls_per_hour: Option<f64>,
    /// Hours to come, as `golden-hour forecast --hourly` writes them, in place of one load.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "calls_per_hour")]
    forecast: Option<PathBuf>,
    /// Which series of the forecast calls here.
    #[arg(long, value_name = "NAME", default_value = "TOTAL", requires = "forecast")]
    series: String,
    /// Which column of the forecast is the load: mean, or a quantile such as q75.
    #[arg(long, value_name = "COLUMN", default_value = "q90", requires = "forecast")]
    load: String,
    /// How long a call keeps its taker busy, on average, with what is to do after it.
    #[arg(long, value_name = "SECONDS")]
    handling_s: f64,
    /// What counts as answered in time.
    #[arg(long, value_name = "SECONDS")]
    answer_within_s: f64,
    /// The share of calls to answer in time, such as 0.9.
    #[arg(long, value_name = "SHARE")]
    share: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Seats beside the number needed that are told, too.
const N_BESIDE: u32 = 2;

impl SeatsArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match (&self.forecast, self.calls_per_hour) {
            (Some(file), _) => self.run_hours(file),
            (None, Some(calls_per_hour)) => self.run_one(calls_per_hour),
            (None, None) => bail!("no calls to answer: give --calls-per-hour or --forecast"),
        }
    }

    fn run_hours(&self, file: &Path) -> anyhow::Result<()> {
        let shown = file.display();
        let bytes = fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
        let mut hours = self.hours(&bytes).with_context(|| shown.to_string())?;
        if hours.is_empty() {
            bail!("{shown} has no hour of {}: name another --series", self.series);
        }
        for hour in &mut hours {
            let load = CallLoad::new(hour.calls, self.handling_s)?;
            hour.seats = load.seats_for(self.share, self.answer_within_s)?;
        }
        let seat_hours: u32 = hours.iter().map(|hour| hour.seats).sum();
        let most = hours.iter().map(|hour| hour.seats).max().unwrap_or(0);
        if self.json {
            say::line(json!({ "seat_hours": seat_hours, "seats_max": most, "hours": hours }));
            return Ok(());
        }
        say::line(format!(
            "{seat_hours} hours of call-takers in {}, at most {most} at once",
            hours.len()
        ));
        for Staffed { date, hour, calls, seats } in hours {
            say::line(format!("  {date} {hour:>2} h: {calls:7.1} calls, {seats:>4} seats"));
        }
        Ok(())
    }

    /// The hours of a forecast's series, seats still to be found.
    fn hours(&self, bytes: &[u8]) -> Result<Vec<Staffed>, TableError> {
        let mut table = Table::read(bytes, HOURS_MAX)?;
        let [series, date, hour, load] =
            table.columns(["series", "date", "hour", self.load.as_str()])?;
        let mut hours = Vec::new();
        while let Some(row) = table.next_row()? {
            if row.text(series)? == self.series {
                let calls = row.number(load, 0.0..=f64::MAX)?;
                let [date, hour] = [row.text(date)?.to_owned(), row.text(hour)?.to_owned()];
                hours.push(Staffed { date, hour, calls, seats: 0 });
            }
        }
        Ok(hours)
    }

    fn run_one(&self, calls_per_hour: f64) -> anyhow::Result<()> {
        let load = CallLoad::new(calls_per_hour, self.handling_s)?;
        let needed = load.seats_for(self.share, self.answer_within_s)?;
        let around = needed.saturating_sub(N_BESIDE)..=needed.saturating_add(N_BESIDE);
        let rows: Vec<Row> = around.filter_map(|seats| self.row(&load, seats)).collect();
        if self.json {
            let told = json!({ "erlangs": load.erlangs(), "seats": needed, "around": rows });
            say::line(told);
            return Ok(());
        }
        let (within, share) = (self.answer_within_s, 100.0 * self.share);
        say::line(format!(
            "{needed} seats answer at least {share:.1} % of calls within {within} s ({:.2} Erlangs)",
            load.erlangs()
        ));
        for row in rows {
            say::line(format!(
                "  {:>4} seats: {:6.2} % within {within} s, {:6.2} % wait, mean wait {:.1} s",
                row.seats,
                100.0 * row.answered_share,
                100.0 * row.waiting_share,
                row.mean_wait_s
            ));
        }
        Ok(())
    }

    /// What some seats do; nothing where the queue grows without end.
    fn row(&self, load: &CallLoad, seats: u32) -> Option<Row> {
        Some(Row {
            seats,
            answered_share: load.answered_share(seats, self.answer_within_s)?,
            waiting_share: load.waiting_share(seats)?,
            mean_wait_s: load.mean_wait_s(seats)?,
        })
    }
}

/// Two years of hours of a forecast's most series.
const HOURS_MAX: usize = 40_000_000;

#[derive(serde::Serialize)]
struct Staffed {
    date: String,
    hour: String,
    calls: f64,
    seats: u32,
}

#[derive(serde::Serialize)]
struct Row {
    seats: u32,
    answered_share: f64,
    waiting_share: f64,
    mean_wait_s: f64,
}
