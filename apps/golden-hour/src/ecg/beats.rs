//! Finds the beats of a recording.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_signal::{BeatClass, BeatFinder, Classes, LeadsFinder, Portrait, pair_beats};

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
    /// Find the beats in all leads together, and tell their classes by this one.
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
        let Some(lead) = leads.get(self.lead) else {
            let n_leads = leads.len();
            bail!(
                "lead {} is not among the {n_leads} of {}: they count from 0",
                self.lead,
                path.display()
            );
        };
        let mut beats = beats_of(lead)?;
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

pub(super) fn beats_of(lead: &LeadSamples) -> anyhow::Result<Vec<ClassedBeat>> {
    let classes = Classes::learnt();
    let classed = |it: Portrait| (it.sample.cast_signed(), Some(classes.tell(&it)));
    let mut finder = BeatFinder::new(lead.hz)?;
    let mut beats = vec![];
    for &sample in &lead.microvolts {
        finder.push(sample);
        beats.extend(finder.poll_portrait().map(classed));
    }
    finder.finish();
    beats.extend(std::iter::from_fn(|| finder.poll_portrait()).map(classed));
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
