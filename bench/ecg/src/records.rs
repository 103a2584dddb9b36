//! The recordings of `../shared/data/ecg`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ems_device::{Header, Recording, decode_annotations};

use crate::mat;

/// A recording and what people saw in it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its name: `101`, `118e06`.
    pub name: String,
    /// Samples a second.
    pub hz: u32,
    /// Microvolts of each lead.
    pub leads: Vec<Vec<f32>>,
    /// Annotated beats and their symbols, without those in ventricular flutter.
    pub beats: Vec<(i64, &'static str)>,
    /// Episodes of ventricular flutter.
    pub flutter: Vec<(i64, i64)>,
}

impl Record {
    /// The samples of the beats.
    pub fn truth(&self) -> Vec<i64> {
        self.beats.iter().map(|beat| beat.0).collect()
    }
}

/// Where the data lie.
pub fn data_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ecg")
}

/// All annotated records of a folder, by name.
pub fn annotated(folder: &str) -> anyhow::Result<Vec<Record>> {
    let mut paths = files(folder, "atr")?;
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn files(folder: &str, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let folder = data_root().join(folder);
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == extension));
    Ok(paths)
}

/// A record by any of its files; without annotations it has no beats.
pub fn read(path: &Path) -> anyhow::Result<Record> {
    let header = Header::parse(&fs::read(path.with_extension("hea"))?)?;
    let file = header.signals[0].file.clone();
    let bytes = fs::read(path.with_file_name(&file))?;
    let (recording, _) = Recording::decode(&header, &[(&file, &bytes)])?;
    let leads = recording.signals.iter().filter_map(|signal| signal.microvolts()).collect();
    let labels = fs::read(path.with_extension("atr")).unwrap_or_default();
    let (labels, _) = decode_annotations(&labels);
    let at = |symbol| labels.iter().filter(move |it| it.symbol() == symbol).map(|it| it.sample);
    let flutter: Vec<_> = at("[").zip(at("]")).collect();
    let is_outside = |at: i64| !flutter.iter().any(|&(from, to)| (from..=to).contains(&at));
    let beats = labels.iter().filter(|label| label.is_beat() && is_outside(label.sample));
    let beats = beats.map(|label| (label.sample, label.symbol())).collect();
    Ok(Record { name: recording.name, hz: recording.hz.round() as u32, leads, beats, flutter })
}

/// The 10-s strips of CPSC2019, in whatever unit they are in, taken as millivolts.
pub fn strips() -> anyhow::Result<Vec<Record>> {
    let mut paths = files("strips", "mat")?;
    paths
        .retain(|path| path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("data")));
    paths.sort();
    paths.iter().map(|path| strip(path)).collect()
}

fn strip(path: &Path) -> anyhow::Result<Record> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().replace("data_", "");
    let samples = mat::numbers(&fs::read(path)?)?;
    let beats = mat::numbers(&fs::read(path.with_file_name(format!("R_{name}.mat")))?)?;
    let beats = beats.iter().map(|&at| (at as i64, "N")).collect();
    let lead = samples.iter().map(|&sample| 1000.0 * sample as f32).collect();
    Ok(Record { name, hz: 500, leads: vec![lead], beats, flutter: vec![] })
}
