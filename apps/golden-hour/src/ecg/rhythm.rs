//! Follows the rhythm of a recording.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_ecg::{RhythmRules, RhythmStatement, RhythmWatch};
use ems_signal::{Classes, Painter, QualityMeter};

use super::header_path;
use crate::recordings::{LeadSamples, read_leads};
use crate::say;

const NOTE: &str = "\
Examples:
  golden-hour ecg rhythm 203.hea                     a line for each change
  golden-hour ecg rhythm 203.hea --out rhythm.csv    from_s,until_s,told_s,rhythm,rate_per_min

Each is told as on a monitor, from what came before told_s; from_s and until_s say when it began and ended.
In one lead P waves cannot be trusted: a usual rate is not called sinus rhythm. The rules are in
data/ecg/rhythm.toml, how often they err in docs/ecg.md.";

/// Which lead of which recording.
#[derive(Debug, Args)]
#[command(after_help = NOTE)]
pub(super) struct RhythmArgs {
    /// The recording's header.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// The ECG lead by its place among those of the recording, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    lead: usize,
    /// Where the rhythms are written (CSV); without it they are printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl RhythmArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let leads = read_leads(&path)?;
        let Some(lead) = leads.get(self.lead) else {
            let n_leads = leads.len();
            let shown = path.display();
            bail!("lead {} is not among the {n_leads} of {shown}: they count from 0", self.lead);
        };
        let table = table(lead, &statements(lead)?);
        let Some(out) = &self.out else {
            say::line(table.trim_end());
            return Ok(());
        };
        std::fs::write(out, table).with_context(|| format!("{} cannot be written", out.display()))
    }
}

fn statements(lead: &LeadSamples) -> anyhow::Result<Vec<RhythmStatement>> {
    let classes = Classes::learnt();
    let mut watch = RhythmWatch::new(lead.hz, RhythmRules::standard());
    let mut painter = Painter::new(lead.hz, 1)?;
    let mut meter = QualityMeter::new(lead.hz)?;
    let mut statements = vec![];
    for &sample in &lead.microvolts {
        watch.push(sample);
        painter.push(&[sample]);
        meter.push(sample);
        while let Some(beat) = painter.poll_beat() {
            watch.on_beat(beat.sample);
        }
        while let Some(portrait) = painter.poll_output() {
            watch.on_class(portrait.sample, classes.tell(&portrait));
        }
        if let Some(quality) = meter.poll_output() {
            watch.on_state(quality.state);
        }
        statements.extend(std::iter::from_fn(|| watch.poll_output()));
    }
    Ok(statements)
}

#[expect(clippy::cast_precision_loss, reason = "samples of a recording stay below 2^52")]
fn table(lead: &LeadSamples, statements: &[RhythmStatement]) -> String {
    let secs = |sample: u64| sample as f64 / f64::from(lead.hz);
    let end = lead.microvolts.len() as u64;
    let ends = statements.iter().skip(1).map(|next| next.since).chain([end]);
    let mut table = "from_s,until_s,told_s,rhythm,rate_per_min\n".to_owned();
    for (it, until) in statements.iter().zip(ends) {
        let rate = it.rate.map_or(String::new(), |rate| format!("{rate:.0}"));
        let (from, until, told) = (secs(it.since), secs(until), secs(it.told_at));
        let _ = writeln!(table, "{from:.2},{until:.2},{told:.2},{},{rate}", it.rhythm.code());
    }
    table
}
