//! Takes the samples of a header's signals out of their files.

use std::collections::BTreeMap;

use super::flac;
use super::header::{Header, SignalSpec, modulo_65536};
use super::packing::Packing;
use super::recording::{MAX_SAMPLES, RecordingError};
use crate::complaint::Complaint;

/// Marks a missing sample.
pub(super) const MISSING: i32 = i32::MIN;

/// Whether the signal is only described, and stored nowhere.
pub(super) const fn is_null(spec: &SignalSpec) -> bool {
    spec.format.0 == 0
}

/// The samples of each signal, `MISSING` for a missing one, in ADC units.
pub(super) fn samples(
    header: &Header,
    files: &[(&str, &[u8])],
    complaints: &mut Vec<Complaint>,
) -> Result<Vec<Vec<i32>>, RecordingError> {
    let mut samples = vec![vec![]; header.signals.len()];
    for (file, members) in by_file(header) {
        let bytes = bytes_of(file, files)?;
        let packing = packing_of(file, header, &members)?;
        let group = Group { header, file, packing, members };
        group.unpack(bytes, &mut samples, complaints)?;
    }
    fill_null_signals(header, &mut samples)?;
    let finished = header.signals.iter().zip(samples);
    Ok(finished.map(|(spec, raw)| finish(spec, raw, complaints)).collect())
}

fn by_file(header: &Header) -> BTreeMap<&str, Vec<usize>> {
    let mut files = BTreeMap::<_, Vec<_>>::new();
    let stored = header.signals.iter().enumerate().filter(|(_, spec)| !is_null(spec));
    for (idx, spec) in stored {
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

fn fill_null_signals(header: &Header, samples: &mut [Vec<i32>]) -> Result<(), RecordingError> {
    let nulls = || header.signals.iter().zip(0..).filter(|(spec, _)| is_null(spec));
    let n_frames = header.n_frames.unwrap_or(0);
    let per_frame: u128 = nulls().map(|(spec, _)| u128::from(spec.samples_per_frame)).sum();
    check_length(per_frame * u128::from(n_frames))?;
    for (spec, idx) in nulls() {
        let n_samples = n_frames * u64::from(spec.samples_per_frame);
        let n_samples = usize::try_from(n_samples).expect("it was checked to be short");
        samples[idx] = vec![MISSING; n_samples];
    }
    Ok(())
}

pub(super) fn check_length(n_samples: u128) -> Result<(), RecordingError> {
    let is_short = n_samples <= MAX_SAMPLES as u128;
    if is_short { Ok(()) } else { Err(RecordingError::TooLong { n_samples }) }
}

/// The signals of one file.
struct Group<'a> {
    header: &'a Header,
    file: &'a str,
    packing: Packing,
    members: Vec<usize>,
}

impl Group<'_> {
    /// Fills `samples` of this file's signals with raw ADC values, missing marks included.
    fn unpack(
        &self,
        bytes: &[u8],
        samples: &mut [Vec<i32>],
        complaints: &mut Vec<Complaint>,
    ) -> Result<(), RecordingError> {
        if let Packing::Flac(bits) = self.packing {
            return self.unpack_flac(bits, bytes, samples, complaints);
        }
        self.unpack_frames(bytes, samples, complaints);
        Ok(())
    }

    fn specs(&self) -> impl Iterator<Item = &SignalSpec> {
        self.members.iter().map(|&member| &self.header.signals[member])
    }

    /// Bytes before the first sample; in a FLAC file, samples.
    fn offset(&self) -> usize {
        let offset = self.header.signals[self.members[0]].offset_bytes;
        usize::try_from(offset).unwrap_or(usize::MAX)
    }

    /// The signals of a frame follow each other.
    fn unpack_frames(
        &self,
        bytes: &[u8],
        samples: &mut [Vec<i32>],
        complaints: &mut Vec<Complaint>,
    ) {
        let bytes = bytes.get(self.offset()..).unwrap_or_default();
        let per_frame: u64 = self.specs().map(|spec| u64::from(spec.samples_per_frame)).sum();
        let n_frames_found = self.packing.n_samples(bytes.len()) as u64 / per_frame;
        let mut next = 0;
        for _ in 0..self.n_frames(n_frames_found, complaints) {
            for &member in &self.members {
                for _ in 0..self.header.signals[member].samples_per_frame {
                    samples[member].push(self.packing.sample(bytes, next));
                    next += 1;
                }
            }
        }
        for &member in &self.members {
            add_up(&self.header.signals[member], self.packing, &mut samples[member]);
        }
    }

    /// Each signal is a channel.
    fn unpack_flac(
        &self,
        bits: u32,
        bytes: &[u8],
        samples: &mut [Vec<i32>],
        complaints: &mut Vec<Complaint>,
    ) -> Result<(), RecordingError> {
        let error = |what| RecordingError::Flac { file: self.file.to_owned(), what };
        let per_frame = self.header.signals[self.members[0]].samples_per_frame;
        if self.specs().any(|spec| spec.samples_per_frame != per_frame) {
            return Err(error("has signals of different rates, which FLAC cannot hold".to_owned()));
        }
        let wanted =
            flac::Wanted { bits, n_channels: self.members.len(), n_skipped: self.offset() };
        let stream = flac::decode(bytes, &wanted).map_err(error)?;
        if let Some(what) = stream.broken_off {
            complaints.push(Complaint::FlacBroken { file: self.file.to_owned(), what });
        }
        let n_frames_found = stream.channels[0].len() as u64 / u64::from(per_frame);
        let n_samples = self.n_frames(n_frames_found, complaints) * u64::from(per_frame);
        for (&member, mut channel) in self.members.iter().zip(stream.channels) {
            channel.truncate(usize::try_from(n_samples).unwrap_or(usize::MAX));
            samples[member] = channel;
        }
        Ok(())
    }

    /// Whole frames to read: as many as there are, and no more than were promised.
    fn n_frames(&self, n_frames_found: u64, complaints: &mut Vec<Complaint>) -> u64 {
        let Some(n_frames_promised) = self.header.n_frames else { return n_frames_found };
        let file = self.file.to_owned();
        if n_frames_found < n_frames_promised {
            complaints.push(Complaint::Truncated { file, n_frames_found, n_frames_promised });
        } else if n_frames_found > n_frames_promised {
            complaints.push(Complaint::Overlong { file, n_frames_found, n_frames_promised });
        }
        n_frames_found.min(n_frames_promised)
    }
}

/// Adds up differences.
fn add_up(spec: &SignalSpec, packing: Packing, samples: &mut [i32]) {
    if packing == Packing::Differences {
        let mut level = spec.first_value.unwrap_or(spec.adc_zero);
        for sample in samples {
            level = level.wrapping_add(*sample);
            *sample = level;
        }
    }
}

/// Checks the sum, which counts missing marks as they are stored, then marks what is missing.
fn finish(spec: &SignalSpec, raw: Vec<i32>, complaints: &mut Vec<Complaint>) -> Vec<i32> {
    if is_null(spec) {
        return raw;
    }
    let lead = || spec.description.clone();
    let found = modulo_65536(raw.iter().map(|&adc| i64::from(adc)).sum());
    let is_cut = complaints.iter().any(
        |complaint| matches!(complaint, Complaint::Truncated { file, .. } if *file == spec.file),
    );
    if let Some(promised) = spec.checksum.filter(|&promised| promised != found && !is_cut) {
        complaints.push(Complaint::Checksum { lead: lead(), found, promised });
    }
    if spec.gain.is_none() {
        complaints.push(Complaint::Uncalibrated { lead: lead() });
    }
    deskew(spec, mark_missing(spec, raw))
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
