//! The waveform module of a file.

use super::dataset::{Dataset, Syntax, elements};
use super::{DicomChannel, DicomEcg, DicomGroup, MAX_DICOM_CHANNELS};
use crate::bytes::Bytes;
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::reading::clock_time;

const PREAMBLE_BYTES: usize = 128;
const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
/// The start of the names of 12-lead, general and ambulatory ECG waveform storage.
const ECG_CLASSES: &str = "1.2.840.10008.5.1.4.1.1.9.1.";
const EXPORT: &str = "export the ECG as DICOM waveform, explicit VR little endian";

const TRANSFER_SYNTAX: u32 = 0x0002_0010;
const SOP_CLASS: u32 = 0x0008_0016;
const ACQUIRED_AT: u32 = 0x0008_002a;
const CODE_VALUE: u32 = 0x0008_0100;
const CODE_MEANING: u32 = 0x0008_0104;
const N_CHANNELS: u32 = 0x003a_0005;
const N_SAMPLES: u32 = 0x003a_0010;
const FREQUENCY: u32 = 0x003a_001a;
const GROUP_LABEL: u32 = 0x003a_0020;
const CHANNELS: u32 = 0x003a_0200;
const CHANNEL_LABEL: u32 = 0x003a_0203;
const CHANNEL_SOURCE: u32 = 0x003a_0208;
const SENSITIVITY: u32 = 0x003a_0210;
const SENSITIVITY_UNIT: u32 = 0x003a_0211;
const CORRECTION: u32 = 0x003a_0212;
const BASELINE: u32 = 0x003a_0213;
const WAVEFORMS: u32 = 0x5400_0100;
const BITS: u32 = 0x5400_1004;
const INTERPRETATION: u32 = 0x5400_1006;
const PADDING: u32 = 0x5400_100a;
const DATA: u32 = 0x5400_1010;

impl DicomEcg {
    /// Reads a whole file; a group that cannot be read is complained about and left out.
    ///
    /// Takes no more memory than a small multiple of the file.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Vec<Complaint>), Fault> {
        let mut bytes = Bytes::new("DICOM file", bytes);
        let (_, mark) = (bytes.take(PREAMBLE_BYTES)?, bytes.take(4)?);
        if mark != b"DICM" {
            return Err(bytes.fault(
                "after no DICM mark",
                "after the mark of a DICOM file",
                EXPORT,
            ));
        }
        let meta = elements(&mut bytes, Syntax::Explicit, 0x0003_0000, 0)?;
        let syntax = match meta.text(TRANSFER_SYNTAX).as_str() {
            IMPLICIT => Syntax::Implicit,
            EXPLICIT => Syntax::Explicit,
            other => {
                let expected = "explicit or implicit VR little endian";
                return Err(Fault::new("transfer syntax", other, expected, EXPORT));
            }
        };
        let dataset = elements(&mut bytes, syntax, u32::MAX, 0)?;
        let class = dataset.text(SOP_CLASS);
        let waveforms = dataset.items(WAVEFORMS);
        if !class.starts_with(ECG_CLASSES) || waveforms.is_empty() {
            let found = format!("{class} with {} waveforms", waveforms.len());
            let expected = "ECG waveform storage with one or more";
            return Err(Fault::new("SOP class", found, expected, EXPORT));
        }
        let (mut groups, mut complaints) = (vec![], vec![]);
        for (waveform, idx) in waveforms.iter().zip(1..) {
            match group(waveform, idx, &mut complaints) {
                Ok(group) => groups.push(group),
                Err(fault) => complaints.push(fault.into()),
            }
        }
        Ok((Self { start: clock_time(&dataset.text(ACQUIRED_AT)), groups }, complaints))
    }
}

fn group(
    waveform: &Dataset<'_>,
    idx: usize,
    complaints: &mut Vec<Complaint>,
) -> Result<DicomGroup, Fault> {
    let place = |field: &str| format!("waveform {idx}, {field}");
    let hz = waveform.decimal(FREQUENCY).filter(|hz| *hz > 0.0);
    let hz = hz.ok_or_else(|| {
        Fault::new(place("sampling frequency"), waveform.text(FREQUENCY), "above 0 Hz", EXPORT)
    })?;
    let definitions = waveform.items(CHANNELS);
    let n_channels = waveform.whole(N_CHANNELS).unwrap_or(0);
    if !(1..=MAX_DICOM_CHANNELS).contains(&n_channels) || n_channels != definitions.len() {
        let found = format!("{n_channels} for {} definitions", definitions.len());
        let expected = "1 to 512, as many as definitions";
        return Err(Fault::new(place("number of channels"), found, expected, EXPORT));
    }
    let coding = Coding::of(waveform).ok_or_else(|| {
        let found = format!("{} bits, {}", waveform.text(BITS), waveform.text(INTERPRETATION));
        let found = found.replace(|it: char| it.is_control(), "?");
        Fault::new(place("coding"), found, "SB, UB, SS, US or SL of its bits", EXPORT)
    })?;
    let data = waveform.bytes(DATA).unwrap_or_default();
    let found = data.len() / coding.n_bytes / n_channels;
    let promised = waveform.whole(N_SAMPLES).unwrap_or(found);
    // A byte may fill up the last sample to an even length.
    if found < promised {
        let expected = format!("the {promised} that were promised");
        let remedy = "copy the file again";
        complaints.push(Fault::new(place("samples"), found, expected, remedy).into());
    }
    let padding = waveform.bytes(PADDING).filter(|it| it.len() >= coding.n_bytes);
    let padding = padding.map(|it| coding.sample(it, 0));
    let channel = |(at, definition): (usize, &Dataset<'_>)| DicomChannel {
        padding,
        samples: (0..found.min(promised))
            .map(|sample| coding.sample(data, sample * n_channels + at))
            .collect(),
        ..channel(definition)
    };
    let channels: Vec<_> = definitions.iter().enumerate().map(channel).collect();
    for channel in channels.iter().filter(|channel| channel.sensitivity.is_none()) {
        complaints.push(Complaint::Uncalibrated { lead: channel.lead.clone() });
    }
    Ok(DicomGroup { label: waveform.text(GROUP_LABEL), hz, channels })
}

/// What is said of a channel, without its samples.
fn channel(definition: &Dataset<'_>) -> DicomChannel {
    let first = |tag| definition.items(tag).first();
    let meaning = first(CHANNEL_SOURCE).map(|source| source.text(CODE_MEANING));
    let meaning = meaning.filter(|meaning| !meaning.is_empty());
    let correction = definition.decimal(CORRECTION).unwrap_or(1.0);
    DicomChannel {
        lead: meaning.unwrap_or_else(|| definition.text(CHANNEL_LABEL)),
        unit: first(SENSITIVITY_UNIT).map(|unit| unit.text(CODE_VALUE)).unwrap_or_default(),
        sensitivity: definition.decimal(SENSITIVITY).map(|it| it * correction),
        baseline: definition.decimal(BASELINE).unwrap_or(0.0),
        samples: vec![],
        padding: None,
    }
}

/// How a sample is stored.
#[derive(Debug, Clone, Copy)]
struct Coding {
    n_bytes: usize,
    is_signed: bool,
}

impl Coding {
    fn of(waveform: &Dataset<'_>) -> Option<Self> {
        let (n_bytes, is_signed) = match waveform.text(INTERPRETATION).as_str() {
            "SB" => (1, true),
            "UB" => (1, false),
            "SS" => (2, true),
            "US" => (2, false),
            "SL" => (4, true),
            _ => return None,
        };
        (waveform.whole(BITS) == Some(8 * n_bytes)).then_some(Self { n_bytes, is_signed })
    }

    /// Sample `idx`; the bytes must reach so far.
    fn sample(self, data: &[u8], idx: usize) -> i32 {
        let bytes = &data[idx * self.n_bytes..][..self.n_bytes];
        let bits = bytes.iter().rev().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let shift = 32 - 8 * self.n_bytes;
        let high = bits << shift;
        if self.is_signed { high.cast_signed() >> shift } else { (high >> shift).cast_signed() }
    }
}
