//! Reading WFDB recordings from disk.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ems_device::{Header, MAX_LEAD_CHARS, Recording, Segments, WaveKind};

/// One lead of a recording.
#[derive(Debug, Clone)]
pub(crate) struct LeadSamples {
    pub(crate) lead: String,
    /// Samples a second.
    pub(crate) hz: u32,
    /// Microvolts, oldest first; NaN where a sample is missing.
    pub(crate) microvolts: Vec<f32>,
}

/// One wave of a recording that is no ECG.
#[derive(Debug, Clone)]
pub(crate) struct WaveSamples {
    pub(crate) channel: String,
    pub(crate) kind: WaveKind,
    /// Samples a second.
    pub(crate) hz: u32,
    /// In the unit of its kind, oldest first; NaN where a sample is missing.
    pub(crate) samples: Vec<f32>,
}

/// The leads of a recording by its header file; what was odd about it is logged.
pub(crate) fn read_leads(header_path: &Path) -> anyhow::Result<Vec<LeadSamples>> {
    let leads = leads_of(&read_recording(header_path)?);
    if leads.is_empty() {
        bail!(
            "{} has no ECG lead in volts of 100 to 2000 samples a second: give an ECG",
            header_path.display()
        );
    }
    Ok(leads)
}

/// A recording by its header file; what was odd about it is logged.
pub(crate) fn read_recording(header_path: &Path) -> anyhow::Result<Recording> {
    let shown = header_path.display();
    let text = std::fs::read(header_path).with_context(|| {
        format!("{shown} cannot be read: give the .hea file of a WFDB recording")
    })?;
    let folder = header_path.parent().unwrap_or(Path::new("."));
    if Segments::parse(&text).is_ok() {
        return read_segments(&text, folder).with_context(|| shown.to_string());
    }
    let header = Header::parse(&text).with_context(|| shown.to_string())?;
    let mut files: Vec<(&str, Vec<u8>)> = Vec::new();
    for signal in &header.signals {
        let name = signal.file.as_str();
        if files.iter().any(|(known, _)| *known == name) {
            continue;
        }
        if Path::new(name).file_name() != Some(name.as_ref()) {
            bail!("{shown} names the signal file \"{name}\": keep it beside the header");
        }
        let path = folder.join(name);
        let bytes = std::fs::read(&path).with_context(|| {
            format!("{} cannot be read: keep it beside {shown}", path.display())
        })?;
        files.push((name, bytes));
    }
    let files: Vec<_> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let (recording, complaints) =
        Recording::decode(&header, &files).with_context(|| shown.to_string())?;
    for complaint in complaints {
        tracing::warn!(%complaint, recording = %shown, "from the recording");
    }
    Ok(recording)
}

/// A recording of several segments, whose files lie in a folder; one that is missing is a gap.
fn read_segments(text: &[u8], folder: &Path) -> anyhow::Result<Recording> {
    // A header names files beside it, never others.
    let is_beside = |name: &str| Path::new(name).file_name() == Some(name.as_ref());
    let mut files = |name: &str| std::fs::read(folder.join(name)).ok().filter(|_| is_beside(name));
    let (recording, complaints) = Recording::read(text, 0..u64::MAX, &mut files)?;
    for complaint in complaints {
        tracing::warn!(%complaint, "from the recording");
    }
    Ok(recording)
}

/// Its ECG leads that beats are found in.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the rate was checked to lie in 100..=2000"
)]
pub(crate) fn leads_of(recording: &Recording) -> Vec<LeadSamples> {
    let signals = recording.signals.iter();
    let signals =
        signals.filter(|signal| is_ecg(signal.lead()) && (100.0..=2000.0).contains(&signal.hz()));
    let lead = |signal: &ems_device::Signal| {
        let microvolts = signal.microvolts().filter(|samples| !samples.is_empty())?;
        let hz = signal.hz().round() as u32;
        Some(LeadSamples { lead: signal.lead().to_owned(), hz, microvolts })
    };
    signals.filter_map(lead).collect()
}

/// Its waves of blood and breath that virtual sensors are made for;
/// a pressure only in mmHg.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the rate was checked to lie in 10..=2000, and samples have 24 bits"
)]
pub(crate) fn waves_of(recording: &Recording) -> Vec<WaveSamples> {
    let wave = |signal: &ems_device::Signal| {
        let kind = WaveKind::of_name(signal.lead())?;
        let is_pressure = matches!(kind, WaveKind::ArterialPressure | WaveKind::Co2);
        let has_unit = !is_pressure || signal.quantity_unit().eq_ignore_ascii_case("mmHg");
        let is_fit = has_unit && (10.0..=2000.0).contains(&signal.hz());
        is_fit.then(|| WaveSamples {
            channel: signal.lead().chars().take(MAX_LEAD_CHARS).collect(),
            kind,
            hz: signal.hz().round() as u32,
            samples: signal.physical().into_iter().map(|value| value as f32).collect(),
        })
    };
    recording.signals.iter().filter_map(wave).collect()
}

/// Signals of monitors that are no ECG; where a header leaves out their unit, WFDB says millivolts.
const OTHER_SIGNALS: [&str; 10] =
    ["RESP", "PLETH", "PPG", "ABP", "ART", "PAP", "CVP", "ICP", "CO2", "SPO2"];

fn is_ecg(name: &str) -> bool {
    let first_word = name.split([' ', ',', '_']).next().unwrap_or_default();
    !OTHER_SIGNALS.iter().any(|other| first_word.eq_ignore_ascii_case(other))
}

/// The header files of a folder, by name.
pub(crate) fn headers_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!("{shown} cannot be read: give --ecg a folder of WFDB recordings")
    })?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>().with_context(|| shown.to_string())?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "hea"));
    paths.sort();
    if paths.is_empty() {
        bail!("{shown} has no .hea file: give --ecg a folder of WFDB recordings");
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_read_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        for (name, sample) in [("a", 200_i16), ("b", 400)] {
            let header = format!("{name} 1 250 2\n{name}.dat 16 200/mV 16 0 0 0 0 II\n");
            write(&format!("{name}.hea"), header.as_bytes());
            write(&format!("{name}.dat"), &[sample.to_le_bytes(); 2].concat());
        }
        write("day.hea", b"day/3 1 250 6\na 2\n~ 2\nb 2\n");
        let leads = read_leads(&folder.path().join("day.hea")).unwrap();
        let microvolts: Vec<String> = leads[0].microvolts.iter().map(f32::to_string).collect();
        assert_eq!(microvolts, ["1000", "1000", "NaN", "NaN", "2000", "2000"]);
    }

    #[test]
    fn breaths_and_pulses_are_no_heart_beats() {
        for (name, is_lead) in [
            ("II", true),
            ("MLII", true),
            ("avr", true),
            ("", true),
            ("RESP", false),
            ("Resp, impedance", false),
            ("PLETH", false),
            ("ABP", false),
        ] {
            assert_eq!(is_ecg(name), is_lead, "{name}");
        }
    }
}
