//! Compares beats with a recording's annotations.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ems_device::{Annotation, Header, decode_annotations};
use ems_signal::{compare_beats, outside};
use ems_table::{Table, TableError};

use super::header_path;
use crate::say;

const NOTE: &str = "\
Beats are matched one to one, each with the nearest, within 150, 50 and 25 ms; from minute 5 on and
from the start. Episodes of ventricular flutter are left out on both sides. Se: found of those
annotated, +P: annotated of those found, DER: missed and false ones over those annotated.";

/// A day of a newborn's beats, ten times.
const BEATS_MAX: usize = 3_000_000;

/// Which beats against which recording.
#[derive(Debug, Args)]
#[command(after_help = NOTE)]
pub(super) struct ScoreArgs {
    /// The recording's header; the annotations lie beside it, with `.atr`.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Beats found, as `golden-hour ecg beats` writes them.
    #[arg(value_name = "FILE")]
    beats: PathBuf,
}

impl ScoreArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let header = Header::parse(&read(&path)?).with_context(|| path.display().to_string())?;
        let (labels, complaints) = decode_annotations(&read(&path.with_extension("atr"))?);
        for complaint in complaints {
            tracing::warn!(%complaint, "from the annotations");
        }
        let bytes = read(&self.beats)?;
        let found = beats_in(&bytes).with_context(|| self.beats.display().to_string())?;
        say::line("from s  within ms   right  missed  false     Se %     +P %     F1 %    DER %");
        for from_secs in [300, 0] {
            for reach_ms in [150, 50, 25] {
                say::line(row(header.hz, &labels, &found, from_secs, reach_ms));
            }
        }
        Ok(())
    }
}

fn read(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read: give its path", path.display()))
}

/// The samples of the beats, sorted.
fn beats_in(bytes: &[u8]) -> Result<Vec<i64>, TableError> {
    let mut table = Table::read(bytes, BEATS_MAX)?;
    let [sample] = table.columns(["sample"])?;
    let mut found = vec![];
    while let Some(row) = table.next_row()? {
        found.push(row.read(sample, "a sample: count from 0", |text| text.parse().ok())?);
    }
    found.sort_unstable();
    Ok(found)
}

#[expect(clippy::cast_possible_truncation, reason = "a few minutes of samples")]
fn row(hz: f64, labels: &[Annotation], found: &[i64], from_secs: i32, reach_ms: i32) -> String {
    let samples = |secs: f64| (secs * hz).round() as i64;
    let from = samples(f64::from(from_secs));
    let flutter = flutter(labels);
    let beats: Vec<i64> = labels.iter().filter(|it| it.is_beat()).map(|it| it.sample).collect();
    let truth = outside(&beats, from, &flutter);
    let found = outside(found, from, &flutter);
    let score = compare_beats(&truth, &found, samples(f64::from(reach_ms) / 1000.0));
    format!(
        "{from_secs:6}  {reach_ms:9}  {:6}  {:6}  {:5}  {:7.3}  {:7.3}  {:7.3}  {:7.3}",
        score.n_right,
        score.n_missed,
        score.n_false,
        score.se(),
        score.pp(),
        score.f1(),
        score.der()
    )
}

/// Episodes of ventricular flutter, from `[` to `]`.
fn flutter(labels: &[Annotation]) -> Vec<(i64, i64)> {
    let marks = |symbol| {
        labels.iter().filter(move |label| label.symbol() == symbol).map(|label| label.sample)
    };
    marks("[").zip(marks("]")).collect()
}
