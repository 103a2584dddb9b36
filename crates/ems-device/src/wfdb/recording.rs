//! A whole WFDB recording: its header and the samples of its signal files.

use std::collections::BTreeMap;

use super::header::{DEFAULT_GAIN, Header, SignalSpec, modulo_65536};
use super::packing::{Packing, SUPPORTED};
use crate::complaint::Complaint;

/// A decoded recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The record's name.
    pub name: String,
    /// Frames a second; a signal may have several samples in a frame, see [`Signal::hz`].
    pub hz: f64,
    /// The signals, in the header's order.
    pub signals: Vec<Signal>,
    /// The header's comment lines.
    pub comments: Vec<String>,
}

/// One signal of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    lead: String,
    hz: f64,
    gain: f64,
    baseline: i32,
    quantity_unit: String,
    adc: Vec<i32>,
}

/// A recording that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// A storage format that is not read.
    #[error(
        "signal {lead} is stored in format {format}, only {SUPPORTED} are read: convert it with WFDB's xform"
    )]
    UnsupportedFormat {
        /// The signal's description.
        lead: String,
        /// The format's number.
        format: u16,
    },
    /// A signal file that was not given.
    #[error("signal file {file} was not given: put it beside the header")]
    FileMissing {
        /// The file's name.
        file: String,
    },
    /// Signals of one file that disagree about its format or its byte offset.
    #[error("signals of {file} disagree about its format or offset: correct the header")]
    MixedFile {
        /// The file's name.
        file: String,
    },
}

/// Marks a missing sample in `Signal::adc`.
const MISSING: i32 = i32::MIN;

impl Recording {
    /// Decodes all signals; `files` pairs each file name of the header with that file's bytes.
    ///
    /// What is cut off, does not sum up or is not calibrated is complained about, not refused.
    /// Cost: one pass over the bytes.
    pub fn decode(
        header: &Header,
        files: &[(&str, &[u8])],
    ) -> Result<(Self, Vec<Complaint>), RecordingError> {
        let mut complaints = vec![];
        let mut samples = vec![vec![]; header.signals.len()];
        for (file, members) in by_file(header) {
            let bytes = bytes_of(file, files)?;
            let packing = packing_of(file, header, &members)?;
            let layout = Layout { file, packing, members };
            layout.unpack(header, bytes, &mut samples, &mut complaints);
        }
        let signals = header.signals.iter().zip(samples);
        let signals = signals.map(|(spec, adc)| finish(spec, header.hz, adc, &mut complaints));
        let signals = signals.collect();
        let (name, comments) = (header.name.clone(), header.comments.clone());
        Ok((Self { name, hz: header.hz, signals, comments }, complaints))
    }
}

impl Signal {
    /// The lead's name as the header describes it: `MLII`.
    pub fn lead(&self) -> &str {
        &self.lead
    }

    /// Samples a second, finite and above 0.
    pub const fn hz(&self) -> f64 {
        self.hz
    }

    /// The unit of [`Self::physical`]: `mV`, `mmHg`.
    pub fn quantity_unit(&self) -> &str {
        &self.quantity_unit
    }

    /// How many samples there are, missing ones included.
    pub fn len(&self) -> usize {
        self.adc.len()
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.adc.is_empty()
    }

    /// The samples in ADC units, oldest first; `None` for a missing one.
    pub fn adc(&self) -> impl Iterator<Item = Option<i32>> + '_ {
        self.adc.iter().map(|&adc| Some(adc).filter(|&adc| adc != MISSING))
    }

    /// The samples in the signal's own quantity unit, oldest first; NaN for a missing one.
    pub fn physical(&self) -> Vec<f64> {
        self.scaled(1.0).collect()
    }

    /// The samples in microvolts, oldest first, NaN for a missing one; `None` where the signal is
    /// not a voltage.
    #[expect(clippy::cast_possible_truncation, reason = "24 bits of mantissa outdo any ECG's ADC")]
    pub fn microvolts(&self) -> Option<Vec<f32>> {
        let factor = microvolts_per(&self.quantity_unit)?;
        Some(self.scaled(factor).map(|microvolts| microvolts as f32).collect())
    }

    fn scaled(&self, factor: f64) -> impl Iterator<Item = f64> + '_ {
        let scale =
            move |adc: i32| (f64::from(adc) - f64::from(self.baseline)) / self.gain * factor;
        self.adc().map(move |adc| adc.map_or(f64::NAN, scale))
    }
}

fn microvolts_per(quantity_unit: &str) -> Option<f64> {
    match quantity_unit.to_ascii_lowercase().as_str() {
        "v" => Some(1e6),
        "mv" => Some(1e3),
        "uv" | "µv" | "μv" => Some(1.0),
        "nv" => Some(1e-3),
        _ => None,
    }
}

fn by_file(header: &Header) -> BTreeMap<&str, Vec<usize>> {
    let mut files = BTreeMap::<_, Vec<_>>::new();
    for (idx, spec) in header.signals.iter().enumerate() {
        files.entry(spec.file.as_str()).or_default().push(idx);
    }
    files
}

fn bytes_of<'a>(file: &str, files: &[(&str, &'a [u8])]) -> Result<&'a [u8], RecordingError> {
    let found = files.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes);
    found.ok_or_else(|| RecordingError::FileMissing { file: file.to_owned() })
}

fn packing_of(file: &str, header: &Header, members: &[usize]) -> Result<Packing, RecordingError> {
    let first = &header.signals[members[0]];
    let agrees = |&idx: &usize| {
        let spec = &header.signals[idx];
        (spec.format, spec.offset_bytes) == (first.format, first.offset_bytes)
    };
    if !members.iter().all(agrees) {
        return Err(RecordingError::MixedFile { file: file.to_owned() });
    }
    Packing::of(first.format).ok_or_else(|| RecordingError::UnsupportedFormat {
        lead: first.description.clone(),
        format: first.format.0,
    })
}

/// How the signals of one file take turns.
struct Layout<'a> {
    file: &'a str,
    packing: Packing,
    members: Vec<usize>,
}

impl Layout<'_> {
    /// Fills `samples` of this file's signals with raw ADC values, missing marks included.
    fn unpack(
        &self,
        header: &Header,
        bytes: &[u8],
        samples: &mut [Vec<i32>],
        complaints: &mut Vec<Complaint>,
    ) {
        let offset = usize::try_from(header.signals[self.members[0]].offset_bytes);
        let bytes = offset.ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
        let n_frames = self.n_frames(header, bytes, complaints);
        let mut next = 0;
        for _ in 0..n_frames {
            for &member in &self.members {
                for _ in 0..header.signals[member].samples_per_frame {
                    samples[member].push(self.packing.sample(bytes, next));
                    next += 1;
                }
            }
        }
        for &member in &self.members {
            settle(&header.signals[member], self.packing, &mut samples[member]);
        }
    }

    /// Whole frames to read: as many as there are, and no more than were promised.
    fn n_frames(&self, header: &Header, bytes: &[u8], complaints: &mut Vec<Complaint>) -> u64 {
        let per_frame =
            self.members.iter().map(|&idx| u64::from(header.signals[idx].samples_per_frame));
        let n_frames_found = self.packing.n_samples(bytes.len()) as u64 / per_frame.sum::<u64>();
        let Some(n_frames_promised) = header.n_frames else { return n_frames_found };
        let file = self.file.to_owned();
        if n_frames_found < n_frames_promised {
            complaints.push(Complaint::Truncated { file, n_frames_found, n_frames_promised });
        } else if n_frames_found > n_frames_promised {
            complaints.push(Complaint::Overlong { file, n_frames_found, n_frames_promised });
        }
        n_frames_found.min(n_frames_promised)
    }
}

/// Adds up differences. The missing marks stay as they are until the checksum is taken.
fn settle(spec: &SignalSpec, packing: Packing, samples: &mut [i32]) {
    if packing == Packing::Differences {
        let mut level = spec.first_value.unwrap_or(spec.adc_zero);
        for sample in samples {
            level = level.wrapping_add(*sample);
            *sample = level;
        }
    }
}

fn finish(spec: &SignalSpec, hz: f64, raw: Vec<i32>, complaints: &mut Vec<Complaint>) -> Signal {
    let lead = spec.description.clone();
    let found = modulo_65536(raw.iter().map(|&adc| i64::from(adc)).sum());
    let is_cut = complaints.iter().any(
        |complaint| matches!(complaint, Complaint::Truncated { file, .. } if *file == spec.file),
    );
    if let Some(promised) = spec.checksum.filter(|&promised| promised != found && !is_cut) {
        complaints.push(Complaint::Checksum { lead: lead.clone(), found, promised });
    }
    if spec.gain.is_none() {
        complaints.push(Complaint::Uncalibrated { lead: lead.clone() });
    }
    Signal {
        lead,
        hz: hz * f64::from(spec.samples_per_frame),
        gain: spec.gain.unwrap_or(DEFAULT_GAIN),
        baseline: spec.baseline,
        quantity_unit: spec.quantity_unit.clone(),
        adc: deskew(spec, mark_missing(spec, raw)),
    }
}

fn mark_missing(spec: &SignalSpec, mut raw: Vec<i32>) -> Vec<i32> {
    let missing = Packing::of(spec.format).and_then(Packing::missing);
    for adc in raw.iter_mut().filter(|adc| Some(**adc) == missing) {
        *adc = MISSING;
    }
    raw
}

/// Takes off the frames by which the signal was stored late; its end is then missing.
fn deskew(spec: &SignalSpec, mut samples: Vec<i32>) -> Vec<i32> {
    let late = u64::from(spec.skew_frames) * u64::from(spec.samples_per_frame);
    let late = usize::try_from(late).unwrap_or(usize::MAX).min(samples.len());
    samples.rotate_left(late);
    let n_kept = samples.len() - late;
    samples[n_kept..].fill(MISSING);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(header: &str, bytes: &[u8]) -> (Recording, Vec<Complaint>) {
        let header = Header::parse(header.as_bytes()).unwrap();
        Recording::decode(&header, &[("a.dat", bytes)]).unwrap()
    }

    #[test]
    fn signals_of_one_file_take_turns_and_missing_samples_are_not_zero() {
        let bytes: Vec<u8> =
            [100i16, 1, -32768, 2, 300, 3].iter().flat_map(|v| v.to_le_bytes()).collect();
        let (recording, complaints) =
            decode("r 2 250 3\na.dat 16 200(100)/mV\na.dat 16 1/mmHg 16 0 1 6 0 ABP", &bytes);
        assert_eq!(complaints, []);
        let adc: Vec<_> = recording.signals[0].adc().collect();
        assert_eq!(adc, [Some(100), None, Some(300)]);
        let microvolts = recording.signals[0].microvolts().unwrap();
        assert!(microvolts[0].abs() < 0.1 && (microvolts[2] - 1000.0).abs() < 0.1);
        assert!(microvolts[1].is_nan());
        assert_eq!(recording.signals[1].microvolts(), None);
        assert_eq!(recording.signals[1].physical(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_cut_file_gives_what_is_there_and_says_how_much() {
        let (recording, complaints) =
            decode("r 1 250 9000000000000000000\na.dat 16 200 16 0 0 77", &[1; 7]);
        assert_eq!(recording.signals[0].len(), 3);
        assert_eq!(
            complaints[0].to_string(),
            "a.dat holds 3 of 9000000000000000000 frames: copy it again, the rest of the recording is missing"
        );
        assert_eq!(complaints.len(), 1, "a cut signal's checksum says nothing new");
    }

    #[test]
    fn a_wrong_checksum_and_a_missing_gain_are_complained_about() {
        let (_, complaints) = decode("r 1 250 2\na.dat 16 0 16 0 0 77 0 II", &[1, 0, 2, 0]);
        let expected = [
            Complaint::Checksum { lead: "II".into(), found: 3, promised: 77 },
            Complaint::Uncalibrated { lead: "II".into() },
        ];
        assert_eq!(complaints, expected);
    }

    #[test]
    fn a_skewed_signal_is_put_back_in_time() {
        let (recording, _) = decode("r 1 250 4\na.dat 80:1", &[128, 129, 130, 131]);
        let adc: Vec<_> = recording.signals[0].adc().collect();
        assert_eq!(adc, [Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn a_format_that_is_not_read_is_named() {
        let header = Header::parse(b"r 1 250 2\na.dat 516 200 16 0 0 0 0 II").unwrap();
        let error = Recording::decode(&header, &[("a.dat", &[])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "signal II is stored in format 516, only 8, 16, 24, 32, 61, 80, 160, 212, 310, 311 are read: convert it with WFDB's xform"
        );
        let error = Recording::decode(&header, &[]).unwrap_err();
        assert_eq!(error, RecordingError::FileMissing { file: "a.dat".into() });
    }
}
