//! Sets a recording on the shared timeline by when its samples arrived, and reads it on a grid.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ems_model::Timestamp;
use ems_signal::{Regrid, SourceClock};

use super::header_path;
use crate::recordings::{LeadSamples, read_leads};
use crate::say;

const EXAMPLES: &str = "\
Example:
  golden-hour ecg align 100.hea --arrivals arrivals.csv --hz 250 --out aligned.csv

arrivals.csv has sample,arrived_us: the number of a sample, counted from 0, and when it arrived, in
microseconds of the shared timeline, a row each time something arrived. The clock is followed as the
rows come, so a value is where it was held to be then. FILE gets time_us,sd_us,LEAD,...: times of the
grid, the standard deviation of the clock, microvolts; empty where samples were missing. The shortest
way of a sample to where it arrived is not known and stays in the times.";

/// Which recording, when it arrived, and which grid.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AlignArgs {
    /// The recording's header.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// When samples arrived (CSV).
    #[arg(long, value_name = "FILE")]
    arrivals: PathBuf,
    /// Samples a second of the grid, on whole multiples of whose interval it lies: 1 to 2000.
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(1..=2000))]
    hz: u32,
    /// Where the leads on the grid are written (CSV).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl AlignArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let leads = read_leads(&path)?;
        let hz = leads[0].hz;
        if let Some(other) = leads.iter().find(|lead| lead.hz != hz) {
            let shown = path.display();
            bail!("{shown} has leads of {hz} and {} samples a second: give one with one", other.hz);
        }
        let mut aligner = Aligner::new(&leads, self.hz);
        for (sample, at) in arrivals(&self.arrivals)? {
            aligner.arrived(sample, at);
        }
        let shown = self.out.display();
        std::fs::write(&self.out, &aligner.table)
            .with_context(|| format!("{shown} cannot be written"))?;
        let drift = aligner.clock.drift();
        let drift = drift.map_or("not told".to_owned(), |it| format!("{:.1} ppm slow", it * 1e6));
        let (n_rows, n_jumps) = (aligner.n_rows, aligner.clock.n_jumps());
        say::line(format!("{n_rows} values in {shown}; drift {drift}; set {n_jumps} times"));
        Ok(())
    }
}

/// The rows of a file of arrivals.
fn arrivals(path: &Path) -> anyhow::Result<Vec<(u64, Timestamp)>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    let row = |line: &str| {
        let (sample, micros) = line.split_once(',')?;
        let micros = micros.trim().parse().ok()?;
        Some((sample.trim().parse().ok()?, Timestamp::from_micros(micros)))
    };
    let lines = text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    let rows = lines.map(|(at, line)| {
        row(line).with_context(|| {
            format!("{shown}, line {}: \"{line}\" is not sample,arrived_us", at + 1)
        })
    });
    rows.collect()
}

/// Reads leads on the grid as they arrive.
struct Aligner<'a> {
    leads: &'a [LeadSamples],
    grids: Vec<Regrid>,
    clock: SourceClock,
    n_pushed: u64,
    step_us: f64,
    /// The next place of the grid, in steps.
    next: Option<f64>,
    table: String,
    n_rows: usize,
}

impl<'a> Aligner<'a> {
    fn new(leads: &'a [LeadSamples], hz: u32) -> Self {
        let from_hz = f64::from(leads[0].hz);
        let mut table = "time_us,sd_us".to_owned();
        for LeadSamples { lead, .. } in leads {
            let _ = write!(table, ",{lead}");
        }
        table.push('\n');
        Self {
            leads,
            grids: leads.iter().map(|_| Regrid::new(from_hz, f64::from(hz))).collect(),
            clock: SourceClock::new(from_hz),
            n_pushed: 0,
            step_us: 1e6 / f64::from(hz),
            next: None,
            table,
            n_rows: 0,
        }
    }

    /// All samples up to this one are here.
    fn arrived(&mut self, sample: u64, at: Timestamp) {
        self.clock.arrived(sample, at);
        while self.n_pushed <= sample {
            for (grid, lead) in self.grids.iter_mut().zip(self.leads) {
                let place = usize::try_from(self.n_pushed).ok();
                let own = place.and_then(|it| lead.microvolts.get(it));
                grid.push(own.copied().unwrap_or(f32::NAN));
            }
            self.n_pushed += 1;
            self.read();
        }
    }

    /// Writes what can be read of the grid by now.
    #[expect(clippy::cast_precision_loss, reason = "samples of months")]
    fn read(&mut self) {
        let newest = self.n_pushed as f64 - self.grids[0].delay_samples() as f64;
        let Some(until) = self.clock.time_of(newest) else { return };
        let mut next = self.next.unwrap_or((until.us / self.step_us).ceil());
        while next * self.step_us < until.us {
            let us = next * self.step_us;
            let Some(place) = self.clock.sample_at(us) else { return };
            let _ = write!(self.table, "{us:.0},{:.0}", until.sd_us);
            for grid in &self.grids {
                let _ = match grid.at(place) {
                    Some(microvolts) => write!(self.table, ",{microvolts:.1}"),
                    None => write!(self.table, ","),
                };
            }
            self.table.push('\n');
            self.n_rows += 1;
            next += 1.0;
        }
        self.next = Some(next);
    }
}
