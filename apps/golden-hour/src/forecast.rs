//! `golden-hour forecast`: the calls of coming days.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ems_forecast::{
    Calendar, Drift, Forecast, HORIZON_DAYS_MAX, SeriesForecast, Settings, Table, forecast,
};
use ems_model::Date;

use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour forecast --series calls.csv --origin 2018-04-26 --horizon 84 --out ahead.csv
  golden-hour forecast --series incidents.csv.zst --by lhb_code,category --origin 2018-04-26 --out ahead.csv

DATE is the first day forecast; days of the file from DATE on are not used. The file is one of

  date,AB,BC,TOTAL                      a row a day, a column a part; TOTAL may be left out
  lhb_code,category,date,incidents      rows of incidents of one day, their part in other columns

as it is or compressed with zstd. A value that is empty, NA or on a day without a row is missing. In
the second layout a part without a row on a day that others have is zero. Zero in a series whose
median is 20 or more is a day that was not recorded: missing, not zero.

FILE gets series,date,mean,q025,q10,q25,q50,q75,q90,q975: parts by name, then their sums, TOTAL last.";

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Ten times the incidents of Wales in a century.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// Forecast the calls of coming days.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ForecastArgs {
    /// Counts of past days (CSV, or CSV in zstd).
    #[arg(long, value_name = "FILE")]
    series: PathBuf,
    /// The first day forecast; only days before it are read from.
    #[arg(long, value_name = "DATE", value_parser = date)]
    origin: Date,
    /// Days forecast, the origin's among them.
    #[arg(long, value_name = "DAYS", default_value_t = 84, value_parser = horizon)]
    horizon: usize,
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

impl ForecastArgs {
    /// Writes the forecast and prints what to know of it.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let path = self.series.display();
        let table =
            Table::parse(&text_of(&self.series)?, &self.by).with_context(|| format!("{path}"))?;
        let calendar = calendar(self.holidays.as_deref())?;
        let settings = Settings::default();
        let ahead = forecast(&table.history, &calendar, self.origin, self.horizon, &settings)
            .with_context(|| format!("{path}"))?;
        fs::write(&self.out, rows(&ahead))
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

fn text_of(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let bytes = fs::read(path).with_context(|| format!("{name} cannot be read"))?;
    let mut text = String::new();
    if bytes.starts_with(&ZSTD_MAGIC) {
        let decoder = ruzstd::decoding::StreamingDecoder::new(bytes.as_slice())
            .with_context(|| format!("{name} is damaged: compress it again"))?;
        let n_bytes = decoder
            .take(FILE_BYTES_MAX)
            .read_to_string(&mut text)
            .with_context(|| format!("{name} is damaged, or not text in UTF-8"))?;
        if n_bytes as u64 == FILE_BYTES_MAX {
            bail!("{name} holds more than {FILE_BYTES_MAX} bytes: split it");
        }
        return Ok(text);
    }
    String::from_utf8(bytes).with_context(|| format!("{name} is not text in UTF-8: convert it"))
}

fn calendar(file: Option<&Path>) -> anyhow::Result<Calendar> {
    let text = match file {
        None => include_str!("../../../data/holidays/england-wales.toml").to_owned(),
        Some(path) if path.as_os_str() == "none" => return Ok(Calendar::default()),
        Some(path) => text_of(path).context("--holidays")?,
    };
    Calendar::parse(&text).context("--holidays")
}

fn rows(ahead: &Forecast) -> String {
    let mut rows = "series,date,mean,q025,q10,q25,q50,q75,q90,q975\n".to_owned();
    for series in &ahead.series {
        let name = quoted(&series.name);
        for day in &series.days {
            let quantiles = day.quantiles.map(|quantile| format!("{quantile:.3}")).join(",");
            writeln!(rows, "{name},{},{:.3},{quantiles}", day.date, day.mean)
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
