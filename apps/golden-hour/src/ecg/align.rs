//! Sets a recording on the shared timeline by when its samples arrived, and reads it on a grid.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use ems_model::Timestamp;
use ems_signal::{Regrid, SourceClock};
use ems_table::{Table, TableError};

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

/// Rows in one file at most.
const ARRIVALS_MAX: usize = 100_000_000;

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
        for (sample, at) in arrivals(&self.arrivals, leads[0].microvolts.len())? {
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

/// The rows of a file of arrivals of a recording of so many samples.
fn arrivals(path: &Path, n_samples: usize) -> anyhow::Result<Vec<(u64, Timestamp)>> {
    let shown = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
    let rows = rows(&bytes, n_samples).with_context(|| shown.to_string())?;
    ensure!(!rows.is_empty(), "{shown} has no row below its header: add when samples arrived");
    Ok(rows)
}

fn rows(bytes: &[u8], n_samples: usize) -> Result<Vec<(u64, Timestamp)>, TableError> {
    let mut table = Table::read(bytes, ARRIVALS_MAX)?;
    let [sample, arrived] = table.columns(["sample", "arrived_us"])?;
    let mut rows = vec![];
    while let Some(row) = table.next_row()? {
        let own = |text: &str| {
            let own = text.parse::<u64>().ok()?;
            usize::try_from(own).is_ok_and(|own| own < n_samples).then_some(own)
        };
        let own = row.read(sample, "the number of a sample of this recording, from 0", own)?;
        let micros = |text: &str| text.parse().ok().map(Timestamp::from_micros);
        rows.push((own, row.read(arrived, "whole microseconds", micros)?));
    }
    Ok(rows)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_of_samples_that_are_there() {
        let read = |text: &str| rows(text.as_bytes(), 5).map_err(|error| error.to_string());
        let at = |micros| Timestamp::from_micros(micros);
        assert_eq!(read("arrived_us,sample\n7,0\n9,4\n"), Ok(vec![(0, at(7)), (4, at(9))]));
        for text in ["sample,arrived_us\n5,1\n", "sample,arrived_us\n18446744073709551615,1\n"] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with("line 2: sample"), "{error}");
        }
    }
}
