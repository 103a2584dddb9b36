//! The calls of each square of a map by hour.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ems_forecast::{CellHours, HORIZON_DAYS_MAX, PlacedCalls};
use ems_model::{Millis, Timestamp};

use super::{calendar, numbers, text_of};
use crate::say;

const EXAMPLES: &str = "\
The file has a row a call: time,lat,lon (other columns do not count), a row without lat and lon being a
call from nowhere known. Only days before TIME's are read from; all times are on the local clock.

FILE gets cell,lat,lon,from,to,mean,q025,q10,q25,q50,q75,q90,q975 for each square that had a call, and each
hour from TIME's on. --demand writes lat,lon,weight, calls of all these hours, as `golden-hour plan`
reads demand.";

const HOURS_MAX: usize = 24 * (HORIZON_DAYS_MAX - 1);

/// Which squares and hours of which file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CellsArgs {
    /// Past calls (CSV, or CSV in zstd).
    #[arg(long, value_name = "FILE")]
    calls: PathBuf,
    /// The first hour forecast, as 2018-04-26T08:00.
    #[arg(long, value_name = "TIME", value_parser = time)]
    origin: Timestamp,
    /// Hours forecast.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = hours)]
    hours: usize,
    /// How wide a square is.
    #[arg(long, value_name = "KM", default_value_t = 2.0, value_parser = cell_km)]
    cell_km: f64,
    /// Where the forecast is written (CSV).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where the calls of all hours are written, as demand to plan for (CSV).
    #[arg(long, value_name = "FILE")]
    demand: Option<PathBuf>,
    /// Public holidays, as in data/holidays, or `none` [default: those of England and Wales].
    #[arg(long, value_name = "FILE")]
    holidays: Option<PathBuf>,
}

fn time(text: &str) -> Result<Timestamp, String> {
    let time = Timestamp::from_iso8601(text);
    time.ok_or_else(|| format!("\"{text}\" is no time: write 2018-04-26T08:00"))
}

fn hours(text: &str) -> Result<usize, String> {
    let hours = text.parse().ok().filter(|hours| (1..=HOURS_MAX).contains(hours));
    hours.ok_or_else(|| format!("\"{text}\" is outside 1..={HOURS_MAX} hours"))
}

fn cell_km(text: &str) -> Result<f64, String> {
    let km = text.parse().ok().filter(|km| (0.1..=100.0).contains(km));
    km.ok_or_else(|| format!("\"{text}\" is outside 0.1..=100 km"))
}

impl CellsArgs {
    /// Writes the forecast and prints what to know of it.
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = self.calls.display();
        let calls =
            PlacedCalls::parse(&text_of(&self.calls)?).with_context(|| format!("{path}"))?;
        let calendar = calendar(self.holidays.as_deref())?;
        let cells = calls
            .forecast(&calendar, self.origin, self.hours, self.cell_km)
            .with_context(|| format!("{path}"))?;
        let written = [(Some(&self.out), rows(&cells)), (self.demand.as_ref(), demand(&cells))];
        for (file, rows) in written {
            let Some(file) = file else { continue };
            fs::write(file, rows)
                .with_context(|| format!("{} cannot be written", file.display()))?;
        }
        let sum: f64 = cells.iter().flat_map(|cell| &cell.hours).map(|hour| hour.mean).sum();
        let (n_cells, out) = (cells.len(), self.out.display());
        say::line(format!("{out}: {n_cells} cells, {} hours, {sum:.1} calls", self.hours));
        let n_lost = calls.n_without_place(self.origin);
        if n_lost > 0 {
            say::line(format!("{path}: {n_lost} calls before have no place"));
        }
        Ok(())
    }
}

fn rows(cells: &[CellHours]) -> String {
    let mut rows = "cell,lat,lon,from,to,mean,q025,q10,q25,q50,q75,q90,q975\n".to_owned();
    for CellHours { cell: [row, column], centre, hours } in cells {
        for hour in hours {
            let from = Timestamp::from_millis(i64::from(hour.date.days()) * 86_400_000)
                + Millis::from_mins(60 * i64::try_from(hour.hour).unwrap_or(0));
            let [from, to] = [from, from + Millis::from_mins(60)].map(local);
            let numbers = numbers(hour.mean, hour.quantiles, 6);
            let (lat, lon) = (centre.lat(), centre.lon());
            writeln!(rows, "{row}_{column},{lat:.6},{lon:.6},{from},{to},{numbers}")
                .expect("a string takes all that is written");
        }
    }
    rows
}

/// On the file's own clock: no zone is named.
fn local(time: Timestamp) -> String {
    time.to_rfc3339().trim_end_matches('Z').to_owned()
}

fn demand(cells: &[CellHours]) -> String {
    let mut rows = "lat,lon,weight\n".to_owned();
    for cell in cells {
        let calls: f64 = cell.hours.iter().map(|hour| hour.mean).sum();
        writeln!(rows, "{:.6},{:.6},{calls:.6}", cell.centre.lat(), cell.centre.lon())
            .expect("a string takes all that is written");
    }
    rows
}
