//! `golden-hour simulate`: a whole service in virtual time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write, sink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use ems_model::{Millis, Timestamp, UnitId};
use ems_sim::{ArrivalErrors, Faults, Progress, Simulation, SimulationPlan, Summary, Traced};
use ems_store::pack::CityPack;

use crate::fleet::{FleetArgs, Shared};
use crate::packs::centre_config;
use crate::say;
use crate::up::CityArgs;

const EXAMPLES: &str = "\
Examples:
  golden-hour simulate --city var/malta --hours 24 --seed 7
  golden-hour simulate --city var/malta --hours 168 --units 40 --rate 12 --faults none
  golden-hour simulate --city var/malta --hours 1 --out events.jsonl
  golden-hour simulate --city var/malta --driven var/slower --faults none --traces traces.csv
  golden-hour simulate --jemss cities/auckland --calls calls.csv --policy dmexclp:0.5 --out var/run
  golden-hour simulate --jemss cities/auckland --generate 1 --replications 20 \
      --policy none --policy dmexclp:0.4 --policy nested:0.2+late+exchange
  golden-hour simulate --jemss cities/auckland --generate 0.1 --move-max 15 \
      --policy redeploy:0.2:40+survival:larsen+exchange:1

The same city, seed and arguments give the same log and the same hash. Promises are checked on the
way: a broken one ends the run with the command that shows it again.
With --jemss a fleet alone is run: --calls, --seed and --out (a folder) then belong to it.";

/// When every simulated day begins: Monday 2024-01-01 00:00 UTC.
const START: Timestamp = Timestamp::from_millis(1_704_067_200_000);

/// Run a service in virtual time, as fast as it goes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SimulateArgs {
    #[command(flatten)]
    city: CityArgs,
    /// How long, in hours of virtual time.
    #[arg(long, default_value_t = 24.0)]
    hours: f64,
    /// What goes wrong: none, or default.
    #[arg(long, default_value = "default")]
    faults: String,
    /// Write the event log here, an event a line; with --jemss, the folder for calls.csv and
    /// stats.csv.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Leave out waveforms: faster, and vital signs stay.
    #[arg(long)]
    no_ecg: bool,
    /// Drive at the speeds of this pack, which the centre does not know: another import of the same
    /// city, such as with another profile.
    #[arg(long, value_name = "DIR")]
    driven: Option<PathBuf>,
    /// Write where units were on their way to scenes and hospitals here, for `roads learn`: CSV, a
    /// position of a unit every 5 s.
    #[arg(long, value_name = "FILE")]
    traces: Option<PathBuf>,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Positions of a unit nearer in time than this are left out of `--traces`.
const TRACED_EVERY: Millis = Millis::from_secs(5);

impl SimulateArgs {
    /// Runs to the end and prints what came of it.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let shared = Shared {
            calls: self.city.calls.as_deref(),
            seed: self.city.seed,
            out: self.out.as_deref(),
        };
        if let Some(result) = self.fleet.run(&shared) {
            return result;
        }
        let config = centre_config(&self.city.scheme, self.fleet.service_policy()?)?;
        let mut plan = self.city.plan(START, 0, &config)?;
        plan.has_ecg = !self.no_ecg;
        if let Some(dir) = &self.driven {
            plan.driven = Some(Arc::clone(CityPack::open(dir)?.roads()));
        }
        let faults = Faults::named(&self.faults).context("--faults")?;
        let span = span_of(self.hours)?;
        let opened = self.city.open()?;
        let mut log: Box<dyn Write> = match &self.out {
            Some(path) => Box::new(BufWriter::new(File::create(path).with_context(|| {
                format!("{} cannot be written: give another --out", path.display())
            })?)),
            None => Box::new(sink()),
        };
        let plan = SimulationPlan { city: plan, span, faults, keeps_traces: self.traces.is_some() };
        let simulation = Simulation::new(plan, opened.city, config)?;
        let start = Instant::now();
        let mut told = start;
        let mut tell = |progress: Progress| {
            if told.elapsed().as_secs() >= 2 {
                told = Instant::now();
                say::line(progress_line(&progress));
            }
        };
        let summary = simulation.run(&mut log, &mut tell)?;
        print_summary(&summary, start.elapsed().as_secs_f64());
        if let Some(path) = &self.traces {
            write_traces(path, &summary.traces)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be at most ten years")]
fn span_of(hours: f64) -> anyhow::Result<Millis> {
    let is_span = (0.001..=87_600.0).contains(&hours);
    if !is_span {
        bail!(
            "--hours {hours} is outside 0.001..=87600: give some seconds at least, ten years at most"
        );
    }
    Ok(Millis::new((hours * 3_600_000.0) as i64))
}

fn progress_line(progress: &Progress) -> String {
    let hours = |span: Millis| span.as_secs_f64() / 3600.0;
    let Progress { elapsed, span, n_calls, n_events } = *progress;
    format!(
        "{:6.1} of {:.1} hours, {n_calls} calls, {n_events} events",
        hours(elapsed),
        hours(span)
    )
}

fn write_traces(path: &Path, traces: &[Traced]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "unit,time,lat,lon")?;
    let mut last: BTreeMap<&UnitId, Timestamp> = BTreeMap::new();
    for Traced { unit, at, position } in traces {
        if last.get(unit).is_some_and(|last| at.since(*last) < TRACED_EVERY) {
            continue;
        }
        last.insert(unit, *at);
        let secs = at.since(Timestamp::default()).as_secs_f64();
        writeln!(file, "{unit},{secs:.3},{:.7},{:.7}", position.lat(), position.lon())?;
    }
    file.flush()
}

/// How far arrivals were from what was told.
fn told_arrivals(arrivals: &ArrivalErrors) -> String {
    let Some(mean) = arrivals.mean else { return "none".into() };
    let off = format!("off by {:.1} s in the mean of {}", mean.as_secs_f64(), arrivals.n);
    match (100 * arrivals.n_within).checked_div(arrivals.n_likely) {
        Some(percent) => format!("{off}, {percent} % within the 80 % interval"),
        None => off,
    }
}

fn print_summary(summary: &Summary, took_s: f64) {
    let faults = &summary.faults;
    let or_none = |span: Option<Millis>| span.map_or("none".into(), |span| span.to_string());
    let rows: [(&str, String); 14] = [
        ("calls", summary.n_calls.to_string()),
        ("handed over", summary.n_handed_over.to_string()),
        ("ended on scene", summary.n_on_scene.to_string()),
        ("cancelled", summary.n_cancelled.to_string()),
        ("ring to scene, mean", or_none(summary.response_mean)),
        ("ring to scene, p90", or_none(summary.response_p90)),
        ("ring to ALS, mean", or_none(summary.als_mean)),
        ("units a call", summary.units_per_call.map_or("-".into(), |n| format!("{n:.2}"))),
        ("arrivals", told_arrivals(&summary.arrivals)),
        ("commands", summary.n_commands.to_string()),
        ("frames", summary.n_frames.to_string()),
        (
            "faults",
            format!(
                "{} links, {} centre ({} torn), {} gateways, {} clocks, {} messages",
                faults.link_losses,
                faults.centre_crashes,
                faults.torn_commits,
                faults.gateway_crashes,
                faults.clock_jumps,
                faults.lost_messages
            ),
        ),
        ("times real time", format!("{:.0}", summary.span.as_secs_f64() / took_s.max(1e-9))),
        ("events", summary.n_events.to_string()),
    ];
    for (name, value) in rows {
        say::line(format!("  {name:<22}{value}"));
    }
    say::line(format!("hash {}", summary.hash));
}
