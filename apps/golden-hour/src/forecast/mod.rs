//! `golden-hour forecast`: the calls of coming days and hours.

mod cells;
mod days;

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ems_forecast::Calendar;

const EXAMPLES: &str = "\
Examples:
  golden-hour forecast --series calls.csv --origin 2018-04-26 --horizon 84 --out ahead.csv
  golden-hour forecast --series incidents.csv.zst --by lhb_code,category --origin 2018-04-26 --out ahead.csv
  golden-hour forecast --series calls.csv --hourly --origin 2018-04-26 --horizon 14 --out hours.csv
  golden-hour forecast cells --calls calls.csv --origin 2018-04-26T08:00 --hours 12 --out cells.csv

DATE is the first day forecast; days of the file from DATE on are not used. The file is one of

  date,AB,BC,TOTAL                      a row a day, a column a part; TOTAL may be left out
  lhb_code,category,date,incidents      rows of incidents of one day, their part in other columns
  time,lhb_code                         a row a call, at 2018-04-25T23:15:00 on the local clock

as it is or compressed with zstd; the first two may have a column hour, 0 to 23. A value that is empty,
NA or on a day without a row is missing. In rows of incidents and calls a part without a row on a day
that others have is zero. Zero in a series whose median is 20 or more is a day that was not recorded:
missing, not zero.

FILE gets series,date,mean,q025,q10,q25,q50,q75,q90,q975: parts by name, then their sums, TOTAL last; with
--hourly a column hour after the date.";

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Ten times the incidents of Wales in a century.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// Forecast the calls of coming days and hours.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ForecastArgs {
    #[command(subcommand)]
    command: Option<ForecastCommand>,
    #[command(flatten)]
    days: Option<days::DaysArgs>,
}

#[derive(Debug, Subcommand)]
enum ForecastCommand {
    /// Forecast the calls of each square of a map by hour.
    Cells(cells::CellsArgs),
}

impl ForecastArgs {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match (self.command, self.days) {
            (Some(ForecastCommand::Cells(cells)), _) => cells.run(),
            (None, Some(days)) => days.run(),
            (None, None) => bail!("nothing to forecast: give --series, --origin and --out"),
        }
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
        None => include_str!("../../../../data/holidays/england-wales.toml").to_owned(),
        Some(path) if path.as_os_str() == "none" => return Ok(Calendar::default()),
        Some(path) => text_of(path).context("--holidays")?,
    };
    Calendar::parse(&text).context("--holidays")
}

/// A mean and its quantiles as a row ends.
fn numbers(mean: f64, quantiles: [f64; 7], digits: usize) -> String {
    format!("{mean:.digits$},{}", quantiles.map(|quantile| format!("{quantile:.3}")).join(","))
}
