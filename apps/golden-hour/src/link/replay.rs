//! A drive in virtual time.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ems_drive::{Profile, Run, Strategy};
use ems_model::Micros;

use super::{report, trace};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour link replay --trace cork_uplink_3modems.csv --profile data/link/ambulance-three-modems.toml
  golden-hour link replay --trace drives.csv.xz --drive 3 --profile mine.toml --json
  golden-hour link replay --profile steady.toml --seconds 60             links of constant rate
  golden-hour link replay --trace ATT-LTE-driving.up --profile mine.toml Mahimahi: network \"trace\"
  golden-hour link replay ... --strategy duplicate                       everything over every link

A trace has the columns t_s and NETWORK_kbps for each network, and drive where it holds several; it
may be packed with xz. Same seed, same result.";

/// Which drive, and what is sent.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReplayArgs {
    /// The measured drive; without it, links have the rates of the profile.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Which drive of the file, by its name; the first where it is left out.
    #[arg(long, value_name = "NAME", requires = "trace")]
    drive: Option<String>,
    /// Links and flows, as TOML.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// For how long frames are sent; the whole drive where it is left out.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u32>,
    /// Which links carry what.
    #[arg(long, value_enum, default_value_t = StrategyName::Session)]
    strategy: StrategyName,
    /// What chance follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StrategyName {
    /// One session over all links.
    Session,
    /// The first link alone.
    First,
    /// Every frame over every link.
    Duplicate,
}

impl ReplayArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let shown = self.profile.display();
        let text = std::fs::read_to_string(&self.profile)
            .with_context(|| format!("{shown} cannot be read: give a profile's path"))?;
        let profile = Profile::parse(&text).with_context(|| shown.to_string())?;
        let drive = match &self.trace {
            Some(path) => Some(trace::read(path, self.drive.as_deref())?),
            None => None,
        };
        let seconds = self.seconds.map(|seconds| Micros::from_millis(i64::from(seconds) * 1000));
        let Some(length) = seconds.or(drive.as_ref().map(|drive| drive.length)) else {
            bail!("nothing tells how long to drive: give --trace or --seconds");
        };
        let strategy = match self.strategy {
            StrategyName::Session => Strategy::Session,
            StrategyName::First => Strategy::Single(0),
            StrategyName::Duplicate => Strategy::Duplicate,
        };
        let run = Run::new(&profile, drive.as_ref(), length, strategy, self.seed);
        let outcome = run.with_context(|| shown.to_string())?.drive();
        let names: Vec<String> = profile.link.iter().enumerate().map(link_name).collect();
        say::line(if self.json {
            report::json(&outcome, &names)
        } else {
            report::text(&outcome, &names)
        });
        Ok(())
    }
}

fn link_name((idx, link): (usize, &ems_drive::LinkProfile)) -> String {
    link.network.clone().unwrap_or_else(|| format!("link {idx}"))
}
