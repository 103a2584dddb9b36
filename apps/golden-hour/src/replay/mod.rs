//! `golden-hour replay`: a recorded day under other policies.

mod log;
mod table;
mod words;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use ems_model::Millis;
use ems_sim::{Counterfactual, RecordedLog, ReplayProgress};

use crate::drive_times::DriveTimesArgs;
use crate::packs::{centre_config, open_city};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour simulate --city var/malta --hours 24 --faults none --out day.jsonl
  golden-hour replay day.jsonl --city var/malta --policy keep-cover/1
  golden-hour replay var/centre --last 24 --policy keep-cover/1 --policy urgent-first/1 \\
      --csv calls.csv
  golden-hour replay day.jsonl --policy closest-eta/3 --all --json day.json

LOG is the --data folder of a centre that does not run, its events.db, or a file of events a line.
Calls, shifts, hospitals' reports and all durations are the recorded ones; units, hospitals and posts
are decided again. The line that begins with \"trust\" says how many decisions the same engine gives
back under the recorded policies: docs/replay.md tells what a log cannot.";

/// Run a recorded day again under another policy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReplayArgs {
    /// The recorded day.
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// Decide by this policy, as keep-cover/1; may be given more than once.
    #[arg(long, value_name = "NAME", required = true)]
    policy: Vec<String>,
    /// The log's own city pack; without it, var/malta.
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// The priority scheme that was in force: china, arp or esi.
    #[arg(long, default_value = "china")]
    scheme: String,
    /// Report the calls of so many hours before the log's end, 0.1 to 87600; without it, all.
    #[arg(long, value_name = "HOURS", value_parser = parse_hours)]
    last: Option<f64>,
    /// Print every call that differs, not the first twenty.
    #[arg(long)]
    all: bool,
    /// Decides the draws behind the intervals.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write all of it here: a JSON list, a policy an entry.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the calls here, a call and policy a row.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    drive_times: DriveTimesArgs,
}

fn parse_hours(text: &str) -> Result<f64, String> {
    let hours = text.parse().ok().filter(|hours| (0.1..=87_600.0).contains(hours));
    hours
        .ok_or_else(|| "it is no number in 0.1..=87600: give hours before the log's end".to_owned())
}

impl ReplayArgs {
    /// Runs every policy and prints what would have changed.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let reference = centre_config(&self.scheme, None)?.reference;
        for policy in &self.policy {
            reference.policy_named(policy).context("--policy")?;
        }
        let events = log::read(&self.log)?;
        let (drive_times, demand) = (self.drive_times.read()?, self.drive_times.demand()?);
        let city = open_city(self.city.as_deref(), drive_times, demand)?.city;
        let last = self.last.map(span_of);
        let at = || format!("{} on {}", self.log.display(), city.name);
        let tell = &mut teller("the recorded policies");
        let day = RecordedLog::read(&events, Arc::clone(&city), reference, last, tell);
        let day = day.with_context(at)?;
        drop(events);
        let replayed = self
            .policy
            .iter()
            .map(|policy| Ok(day.replay(policy, self.seed, &mut teller(policy))?));
        let replayed: Vec<Counterfactual> = replayed.collect::<anyhow::Result<_>>()?;
        table::trust(&day.likeness());
        for counterfactual in &replayed {
            table::tell(counterfactual, self.all);
        }
        self.write(&replayed)
    }

    fn write(&self, replayed: &[Counterfactual]) -> anyhow::Result<()> {
        if let Some(path) = &self.json {
            save(path, &serde_json::to_vec_pretty(replayed)?)?;
        }
        if let Some(path) = &self.csv {
            let mut csv = Vec::new();
            table::write_csv(&mut csv, replayed)?;
            save(path, &csv)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be at most ten years")]
fn span_of(hours: f64) -> Millis {
    Millis::new((hours * 3_600_000.0) as i64)
}

/// Tells now and then how far a rerun has come.
fn teller(name: &str) -> impl FnMut(ReplayProgress) -> ControlFlow<()> {
    let mut told = Instant::now();
    move |ReplayProgress { n_done, n_calls }| {
        if told.elapsed().as_secs() >= 2 {
            told = Instant::now();
            say::progress(format!("{name}: {n_done} of {n_calls} calls"));
        }
        ControlFlow::Continue(())
    }
}

fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{} is a folder: give the name of a file", path.display());
    }
    let mut file =
        fs::File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(bytes).with_context(|| format!("{} cannot be written", path.display()))
}
