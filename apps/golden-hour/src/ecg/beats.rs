//! Finds the beats of a recording.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_signal::BeatFinder;

use super::header_path;
use crate::recordings::{LeadSamples, read_leads};
use crate::say;

/// Which lead of which recording.
#[derive(Debug, Args)]
pub(super) struct BeatsArgs {
    /// The recording's header.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// The ECG lead by its place among those of the recording, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    lead: usize,
    /// Where the beats are written (CSV).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl BeatsArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let leads = read_leads(&path)?;
        let Some(lead) = leads.get(self.lead) else {
            let n_leads = leads.len();
            bail!(
                "lead {} is not among the {n_leads} of {}: they count from 0",
                self.lead,
                path.display()
            );
        };
        let beats = beats_of(lead)?;
        let mut table = "sample,class\n".to_owned();
        for sample in &beats {
            let _ = writeln!(table, "{sample},N");
        }
        let out = self.out.display();
        std::fs::write(&self.out, table).with_context(|| format!("{out} cannot be written"))?;
        say::line(format!("{} beats of lead {} in {out}", beats.len(), lead.lead));
        Ok(())
    }
}

fn beats_of(lead: &LeadSamples) -> anyhow::Result<Vec<u64>> {
    let mut finder = BeatFinder::new(lead.hz)?;
    lead.microvolts.iter().for_each(|&sample| finder.push(sample));
    finder.finish();
    Ok(std::iter::from_fn(|| finder.poll_output()).map(|beat| beat.sample).collect())
}
