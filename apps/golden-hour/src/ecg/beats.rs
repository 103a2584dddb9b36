//! Finds the beats of a recording.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_signal::{BeatClass, Classes, LeadsFinder, Painter, Portrait, pair_beats};

use super::header_path;
use crate::recordings::{LeadSamples, read_leads};
use crate::say;

/// Which lead of which recording.
#[derive(Debug, Args)]
pub(super) struct BeatsArgs {
    /// The recording's header.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Use this ECG lead alone, by its place among those of the recording counted from 0; without
    /// it, the beats are the first one's and their classes are told by all of its sampling rate.
    #[arg(long, value_name = "N")]
    lead: Option<usize>,
    /// Find the beats in all leads together; their classes are told as without this.
    #[arg(long)]
    fused: bool,
    /// Where the beats are written (CSV).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl BeatsArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let leads = read_leads(&path)?;
        let at = self.lead.unwrap_or(0);
        let Some(lead) = leads.get(at) else {
            let n_leads = leads.len();
            bail!("lead {at} is not among the {n_leads} of {}: they count from 0", path.display());
        };
        let others = leads.iter().filter(|_| self.lead.is_none()).skip(1);
        let mut seen = vec![lead];
        seen.extend(others.filter(|other| other.hz == lead.hz));
        let mut beats = beats_of(&seen)?;
        if self.fused {
            beats = classed(&fused(&leads)?, &beats, lead.hz);
        }
        let mut table = "sample,class\n".to_owned();
        for (sample, class) in &beats {
            let class = class.map_or(String::new(), |class| class.letter().to_string());
            let _ = writeln!(table, "{sample},{class}");
        }
        let out = self.out.display();
        std::fs::write(&self.out, table).with_context(|| format!("{out} cannot be written"))?;
        say::line(format!("{} beats of lead {} in {out}", beats.len(), lead.lead));
        Ok(())
    }
}

/// The R wave of a beat, and its class if it is known.
pub(super) type ClassedBeat = (i64, Option<BeatClass>);

/// The beats of the first of these leads, with the classes that all of them tell.
pub(super) fn beats_of(leads: &[&LeadSamples]) -> anyhow::Result<Vec<ClassedBeat>> {
    let classes = Classes::learnt();
    let classed = |it: Portrait| (it.sample.cast_signed(), Some(classes.tell(&it)));
    let mut painter = Painter::new(leads[0].hz, leads.len())?;
    let mut beats = vec![];
    for at in 0..leads[0].microvolts.len() {
        let sample = |lead: &&LeadSamples| lead.microvolts.get(at).copied().unwrap_or(f32::NAN);
        painter.push(&leads.iter().map(sample).collect::<Vec<_>>());
        beats.extend(std::iter::from_fn(|| painter.poll_output()).map(classed));
    }
    painter.finish();
    beats.extend(std::iter::from_fn(|| painter.poll_output()).map(classed));
    Ok(beats)
}

/// The beats of all leads together.
fn fused(leads: &[LeadSamples]) -> anyhow::Result<Vec<i64>> {
    let hz = leads[0].hz;
    if let Some(other) = leads.iter().find(|lead| lead.hz != hz) {
        bail!(
            "lead {} has {} samples a second, others {hz}: leave out --fused",
            other.lead,
            other.hz
        );
    }
    let mut finder = LeadsFinder::new(hz, leads.len())?;
    let n_samples = leads.iter().map(|lead| lead.microvolts.len()).max().unwrap_or(0);
    for at in 0..n_samples {
        let sample = |lead: &LeadSamples| lead.microvolts.get(at).copied().unwrap_or(f32::NAN);
        finder.push(&leads.iter().map(sample).collect::<Vec<_>>());
    }
    finder.finish();
    Ok(std::iter::from_fn(|| finder.poll_output()).map(|beat| beat.sample.cast_signed()).collect())
}

/// Gives beats the classes of the same ones in one lead.
fn classed(beats: &[i64], of_lead: &[ClassedBeat], hz: u32) -> Vec<ClassedBeat> {
    let samples: Vec<_> = of_lead.iter().map(|beat| beat.0).collect();
    let mut classed: Vec<_> = beats.iter().map(|&sample| (sample, None)).collect();
    for (beat, same) in pair_beats(beats, &samples, i64::from(hz) * 150 / 1000) {
        classed[beat].1 = of_lead[same].1;
    }
    classed
}
