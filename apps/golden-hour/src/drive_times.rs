//! What a centre is told of its city's drive times, beside the pack.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use ems_centre::{Demand, DriveTimes, EtaSpread, NamedWeek};
use ems_roads::Week;
use ems_traces::EtaModel;

/// What is known of drive times, beside the pack.
#[derive(Debug, Args)]
pub(crate) struct DriveTimesArgs {
    /// How drives spread around their ETA (eta.toml of `roads learn`): an ETA is then what half of
    /// the drives take, and is told with its 80 % interval.
    #[arg(long, value_name = "FILE")]
    eta_model: Option<PathBuf>,
    /// Speeds by hour of the week (TOML, as data/profiles/week.toml): times are then those of the
    /// present hour; without it, the map's at every hour. The shipped file is an assumption.
    #[arg(long, value_name = "FILE")]
    week: Option<PathBuf>,
    /// Whether roads are believed to flow as units on their way to scenes and hospitals found them
    /// in the last ten minutes.
    #[arg(long, value_name = "on|off", value_enum, default_value_t = Switch::Off)]
    fleet_speeds: Switch,
    /// Where calls are expected, for policies that weigh cover (CSV: lat,lon,weight); without it,
    /// alike along all streets.
    #[arg(long, value_name = "FILE")]
    demand: Option<PathBuf>,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl DriveTimesArgs {
    /// Reads the files.
    pub(crate) fn read(&self) -> anyhow::Result<DriveTimes> {
        Ok(DriveTimes {
            spread: self.eta_model.as_deref().map(eta_model).transpose()?.map(EtaSpread::from),
            week: self.week.as_deref().map(week).transpose()?,
            believes_fleet: self.fleet_speeds == Switch::On,
        })
    }
}

impl DriveTimesArgs {
    /// Reads where calls are expected.
    pub(crate) fn demand(&self) -> anyhow::Result<Demand> {
        let Some(path) = &self.demand else { return Ok(Demand::Streets) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let demand = Demand::parse(&name, read(path)?.as_bytes());
        demand.with_context(|| path.display().to_string())
    }
}

fn eta_model(path: &Path) -> anyhow::Result<EtaModel> {
    EtaModel::parse(&read(path)?).with_context(|| path.display().to_string())
}

fn week(path: &Path) -> anyhow::Result<NamedWeek> {
    let week = Week::parse(&read(path)?).with_context(|| path.display().to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(NamedWeek { name, week })
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
