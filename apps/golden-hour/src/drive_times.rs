//! What a centre is told of its city's drive times, beside the pack.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ems_centre::DriveTimes;
use ems_traces::EtaModel;

/// What is known of drive times, beside the pack.
#[derive(Debug, Args)]
pub(crate) struct DriveTimesArgs {
    /// How drives spread around their ETA (eta.toml of `roads learn`): an ETA is then what half of
    /// the drives take, and is told with its 80 % interval.
    #[arg(long, value_name = "FILE")]
    eta_model: Option<PathBuf>,
}

impl DriveTimesArgs {
    /// Reads the files.
    pub(crate) fn read(&self) -> anyhow::Result<DriveTimes> {
        let spread = self.eta_model.as_deref().map(eta_model).transpose()?;
        Ok(DriveTimes { spread })
    }
}

fn eta_model(path: &Path) -> anyhow::Result<EtaModel> {
    EtaModel::parse(&read(path)?).with_context(|| path.display().to_string())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
