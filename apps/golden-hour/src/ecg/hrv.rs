//! Tells the heart rate variability of a recording.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ems_device::{Header, annotation_hz, decode_annotations};
use ems_signal::{BeatClass, Hrv, hrv};
use serde_json::json;

use super::beats::beats_of;
use super::header_path;
use crate::recordings::read_leads;
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour ecg hrv 100.hea                      of the beats that are found in its first lead
  golden-hour ecg hrv 100.hea --lead 1 --json
  golden-hour ecg hrv 100.hea --annotator atr      of the beats of 100.atr

An interval counts between two normal beats that follow each other (NN, Task Force 1996). Under a minute
nothing is told, under two no LF, under twenty no triangular index.";

/// Which beats of which recording.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HrvArgs {
    /// The recording's header.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// The ECG lead by its place among those of the recording, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    lead: usize,
    /// Take annotated beats in place of found ones, from the file of this suffix.
    #[arg(long, value_name = "SUFFIX")]
    annotator: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl HrvArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let beats = match &self.annotator {
            Some(suffix) => annotated(&path, suffix)?,
            None => self.found(&path)?,
        };
        let told = hrv(&beats).with_context(|| path.display().to_string())?;
        if self.json {
            say::line(as_json(&told));
        } else {
            lines(&told).iter().for_each(say::line);
        }
        Ok(())
    }

    /// Beats as they are found; one without a class counts as not normal.
    #[expect(clippy::cast_precision_loss, reason = "samples are counted in millions")]
    fn found(&self, path: &Path) -> anyhow::Result<Vec<(f64, bool)>> {
        let leads = read_leads(path)?;
        let Some(lead) = leads.get(self.lead) else {
            bail!("lead {} is not among the {}: they count from 0", self.lead, leads.len());
        };
        let seconds = |sample: i64| sample as f64 / f64::from(lead.hz);
        let beats = beats_of(&[lead])?.into_iter();
        Ok(beats.map(|(at, class)| (seconds(at), class == Some(BeatClass::Normal))).collect())
    }
}

/// Beats as somebody annotated them: normal, and bundle branch blocks, which the sinus node paces
/// too.
#[expect(clippy::cast_precision_loss, reason = "samples are counted in millions")]
fn annotated(path: &Path, suffix: &str) -> anyhow::Result<Vec<(f64, bool)>> {
    let header = Header::parse(&std::fs::read(path).with_context(|| path.display().to_string())?)?;
    let file = path.with_extension(suffix);
    let bytes = std::fs::read(&file)
        .with_context(|| format!("{} cannot be read: keep it beside the header", file.display()))?;
    let (labels, complaints) = decode_annotations(&bytes);
    for complaint in complaints {
        tracing::warn!(%complaint, file = %file.display(), "from the annotations");
    }
    let hz = annotation_hz(&labels).unwrap_or(header.hz);
    let beats = labels.iter().filter(|label| label.is_beat());
    let is_normal = |symbol: &str| matches!(symbol, "N" | "L" | "R");
    Ok(beats.map(|label| (label.sample as f64 / hz, is_normal(label.symbol()))).collect())
}

fn as_json(told: &Hrv) -> serde_json::Value {
    json!({
        "n_intervals": told.n_intervals, "left_out": told.left_out, "length_s": told.length_s,
        "mean_nn_ms": told.mean_nn, "sdnn_ms": told.sdnn, "rmssd_ms": told.rmssd,
        "pnn50_percent": told.pnn50, "triangular_index": told.triangular_index,
        "sd1_ms": told.sd1, "sd2_ms": told.sd2, "lf_ms2": told.lf, "hf_ms2": told.hf,
        "lf_over_hf": told.lf_over_hf(), "sample_entropy": told.sample_entropy,
    })
}

fn lines(told: &Hrv) -> Vec<String> {
    let row = |name: &str, value: Option<f64>, unit: &str| {
        let value = value.map_or("not told".to_owned(), |value| format!("{value:.2} {unit}"));
        format!("{name:20} {value}")
    };
    let length = told.length_s / 60.0;
    vec![
        format!(
            "{} NN intervals in {length:.1} min, {:.1} % of all left out",
            told.n_intervals,
            100.0 * told.left_out
        ),
        row("mean NN", Some(told.mean_nn), "ms"),
        row("SDNN", Some(told.sdnn), "ms"),
        row("RMSSD", Some(told.rmssd), "ms"),
        row("pNN50", Some(told.pnn50), "%"),
        row("triangular index", told.triangular_index, ""),
        row("SD1", Some(told.sd1), "ms"),
        row("SD2", Some(told.sd2), "ms"),
        row("LF", told.lf, "ms²"),
        row("HF", Some(told.hf), "ms²"),
        row("LF/HF", told.lf_over_hf(), ""),
        row("sample entropy", told.sample_entropy, ""),
    ]
}
