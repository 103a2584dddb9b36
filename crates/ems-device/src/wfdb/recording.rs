//! A whole WFDB recording: its signals, with missing samples told apart from zero.

use std::ops::Range;

use super::header::{DEFAULT_GAIN, Header, HeaderError, SignalSpec};
use super::packing::SUPPORTED;
use super::segments::{Segments, assemble};
use super::storage::{self, MISSING};
use crate::complaint::Complaint;
use crate::reading::Moment;

/// The most samples that a recording may have, over all signals, where its files do not hold them
/// one by one (FLAC, gaps between segments).
pub const MAX_SAMPLES: usize = 1 << 26;

/// A decoded recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The record's name.
    pub name: String,
    /// Frames a second; a signal may have several samples in a frame, see [`Signal::hz`].
    pub hz: f64,
    /// When its first frame was taken, where the header gives date and time.
    pub start: Option<Moment>,
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
    quantity_unit: String,
    /// From which sample on which scale holds, in order; the first holds from 0.
    scales: Vec<(usize, Scale)>,
    adc: Vec<i32>,
}

/// What an ADC unit is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    gain: f64,
    baseline: i32,
}

/// A recording that cannot be decoded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecordingError {
    /// A header that cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
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
    #[error("file {file} was not given: put it beside the header")]
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
    /// A FLAC file that does not hold what the header says.
    #[error("{file} {what}: correct the header, or copy the file again")]
    Flac {
        /// The file's name.
        file: String,
        /// What it holds, and what the header says.
        what: String,
    },
    /// More samples than are decoded at once.
    #[error(
        "the record has {n_samples} samples, at most {MAX_SAMPLES} are read at once: ask for fewer frames"
    )]
    TooLong {
        /// Samples of all signals.
        n_samples: u128,
    },
}

impl Recording {
    /// Reads a record of one or several segments, frames `frames` of it; `files` gives a file's
    /// bytes by its name, headers of segments included.
    ///
    /// What is cut off, missing, does not sum up or is not calibrated is complained about, not
    /// refused. Cost: one pass over the bytes of the segments that have such frames.
    pub fn read(
        header: &[u8],
        frames: Range<u64>,
        files: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<(Self, Vec<Complaint>), RecordingError> {
        match Header::parse(header) {
            Ok(header) => {
                let (mut recording, complaints) = Self::gather(&header, files)?;
                recording.keep(&header, frames);
                Ok((recording, complaints))
            }
            Err(HeaderError::Segmented { .. }) => {
                assemble(&Segments::parse(header)?, frames, files)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Decodes all signals; `files` pairs each file name of the header with that file's bytes.
    pub fn decode(
        header: &Header,
        files: &[(&str, &[u8])],
    ) -> Result<(Self, Vec<Complaint>), RecordingError> {
        let mut complaints = vec![];
        let samples = storage::samples(header, files, &mut complaints)?;
        let signals = header.signals.iter().zip(samples);
        let signals = signals.map(|(spec, adc)| Signal::of(spec, header.hz, adc)).collect();
        let (name, comments) = (header.name.clone(), header.comments.clone());
        Ok((Self { name, hz: header.hz, start: header.start, signals, comments }, complaints))
    }

    /// As [`Self::decode`], with the files of the header fetched by name.
    pub(super) fn gather(
        header: &Header,
        files: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<(Self, Vec<Complaint>), RecordingError> {
        let stored = header.signals.iter().filter(|spec| !storage::is_null(spec));
        let names: std::collections::BTreeSet<_> = stored.map(|spec| spec.file.as_str()).collect();
        let given = names.into_iter().filter_map(|name| Some((name, files(name)?)));
        let given: Vec<_> = given.collect();
        let given: Vec<_> = given.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        Self::decode(header, &given)
    }

    /// Leaves out what is not within `frames`.
    fn keep(&mut self, header: &Header, frames: Range<u64>) {
        for (signal, spec) in self.signals.iter_mut().zip(&header.signals) {
            let n_samples = signal.adc.len();
            let at = |frame: u64| {
                let sample = frame.saturating_mul(spec.samples_per_frame.into());
                usize::try_from(sample).unwrap_or(usize::MAX).min(n_samples)
            };
            signal.adc.truncate(at(frames.end));
            signal.adc.drain(..at(frames.start).min(signal.adc.len()));
        }
        self.start = self.start.map(|start| start.after(frames_us(frames.start, self.hz)));
    }
}

/// How long so many frames last, in microseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "2^53 frames are centuries, and a cast that saturates is meant"
)]
pub(super) fn frames_us(n_frames: u64, hz: f64) -> i64 {
    (n_frames as f64 / hz * 1e6).round() as i64
}

impl Signal {
    pub(super) fn of(spec: &SignalSpec, frames_hz: f64, adc: Vec<i32>) -> Self {
        let gain = spec.gain.unwrap_or(DEFAULT_GAIN);
        Self {
            lead: spec.description.clone(),
            hz: frames_hz * f64::from(spec.samples_per_frame),
            quantity_unit: spec.quantity_unit.clone(),
            scales: vec![(0, Scale { gain, baseline: spec.baseline })],
            adc,
        }
    }

    /// Lays a piece of the same quantity over the samples from `at` on.
    pub(super) fn lay(&mut self, at: usize, piece: &Self, samples: Range<usize>) {
        let adc = piece.adc.get(samples).unwrap_or_default();
        let n_samples = adc.len().min(self.adc.len().saturating_sub(at));
        if n_samples > 0 {
            self.adc[at..at + n_samples].copy_from_slice(&adc[..n_samples]);
            self.scales.push((at, piece.scales[0].1));
        }
    }

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
        let mut scales = self.scales.iter().copied().peekable();
        let mut scale = self.scales[0].1;
        self.adc().enumerate().map(move |(idx, adc)| {
            while let Some((_, next)) = scales.next_if(|&(from, _)| from <= idx) {
                scale = next;
            }
            let scaled = |adc| (f64::from(adc) - f64::from(scale.baseline)) / scale.gain * factor;
            adc.map_or(f64::NAN, scaled)
        })
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
    fn segments_are_laid_by_description_and_gaps_are_missing() {
        let files: &[(&str, &[u8])] = &[
            ("lay.hea", b"lay 2 250 0\n~ 0 200/mV 8 0 0 0 0 II\n~ 0 200/mV 8 0 0 0 0 V"),
            ("one.hea", b"one 1 250 2\none.dat 80 100/mV 8 0 1 3 0 V"),
            ("one.dat", &[129, 130]),
            (
                "two.hea",
                b"two 2 250 2\ntwo.dat 80 50/mV 8 0 3 8 0 V\ntwo.dat 80 200/uV 8 0 4 10 0 II",
            ),
            ("two.dat", &[131, 132, 133, 134]),
        ];
        let mut fetch = |name: &str| {
            let found = files.iter().find(|(file, _)| *file == name);
            found.map(|(_, bytes)| bytes.to_vec())
        };
        let master = b"r/5 2 250 8 0:0:1 2/1/2000\nlay 0\n~ 2\none 2\ntwo 2\ngone 2";
        let (recording, complaints) = Recording::read(master, 1..8, &mut fetch).unwrap();
        assert_eq!(recording.start.unwrap().to_string(), "2000-01-02T00:00:01.004");
        let adc: Vec<_> = recording.signals[1].adc().collect();
        assert_eq!(adc, [None, Some(1), Some(2), Some(3), Some(5), None, None]);
        let millivolts = recording.signals[1].physical();
        assert!((millivolts[2] - 0.02).abs() < 1e-9 && (millivolts[3] - 0.06).abs() < 1e-9);
        assert!(recording.signals[0].adc().all(|adc| adc.is_none()));
        let complaints: Vec<_> = complaints.iter().map(ToString::to_string).collect();
        assert_eq!(
            complaints,
            [
                "segment two: signal II has 1 samples a frame in uV, the layout 1 in mV: its samples are missing, copy it again or correct its header",
                "segment gone: file gone.hea was not given: put it beside the header: its samples are missing, copy it again or correct its header",
            ]
        );
    }

    #[test]
    fn a_format_that_is_not_read_is_named() {
        let header = Header::parse(b"r 1 250 2\na.dat 517 200 16 0 0 0 0 II").unwrap();
        let error = Recording::decode(&header, &[("a.dat", &[])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "signal II is stored in format 517, only 0, 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516, 524 are read: convert it with WFDB's xform"
        );
        let error = Recording::decode(&header, &[]).unwrap_err();
        assert_eq!(error, RecordingError::FileMissing { file: "a.dat".into() });
    }
}
