//! DICOM ECG waveforms: 12-lead, general and ambulatory ECG waveform storage (PS3.3, A.34 and
//! C.10.9; PS3.5, 7.1; PS3.10, 7.1), in explicit and implicit VR little endian. Images, compressed
//! and big endian files are refused.

mod dataset;
mod waveform;

use crate::reading::Moment;

/// The most channels of a multiplex group.
pub const MAX_DICOM_CHANNELS: usize = 512;

/// The waveforms of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct DicomEcg {
    /// When it was acquired.
    pub start: Option<Moment>,
    /// Channels that were sampled together, each group at its own rate.
    pub groups: Vec<DicomGroup>,
}

/// A multiplex group.
#[derive(Debug, Clone, PartialEq)]
pub struct DicomGroup {
    /// Its name: `RHYTHM`, `MEDIAN BEAT`.
    pub label: String,
    /// Samples a second of each channel, above 0.
    pub hz: f64,
    /// The channels in order.
    pub channels: Vec<DicomChannel>,
}

/// One channel.
#[derive(Debug, Clone, PartialEq)]
pub struct DicomChannel {
    /// The lead, by the meaning of its code, else its label.
    pub lead: String,
    /// The unit in UCUM: `uV`; empty where the file gives none.
    pub unit: String,
    /// Units for a step of the samples, with the correction; `None` where it is not calibrated.
    pub sensitivity: Option<f64>,
    /// The value of a sample of 0, in units.
    pub baseline: f64,
    /// The samples as stored, oldest first.
    pub samples: Vec<i32>,
    /// What stands for a missing sample.
    pub padding: Option<i32>,
}

impl DicomChannel {
    /// The samples in the channel's unit, oldest first; NaN for a missing one, and for all where
    /// the channel is not calibrated.
    pub fn physical(&self) -> impl Iterator<Item = f64> + '_ {
        let sensitivity = self.sensitivity.unwrap_or(f64::NAN);
        self.samples.iter().map(move |&sample| {
            if Some(sample) == self.padding {
                return f64::NAN;
            }
            f64::from(sample) * sensitivity + self.baseline
        })
    }
}
