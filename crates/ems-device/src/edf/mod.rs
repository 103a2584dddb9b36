//! European Data Format: EDF (Kemp et al., 1992) and EDF+ (Kemp and Olivan, 2003), read and
//! written. BDF, with samples of 24 bits, is refused.

mod decode;
mod encode;
mod fields;
mod tal;

use ems_model::Private;

use crate::reading::Moment;

/// The most signals of a file.
pub const MAX_EDF_SIGNALS: usize = 1024;

/// A recording in EDF or EDF+.
#[derive(Debug, Clone, PartialEq)]
pub struct Edf {
    /// Plain EDF, or EDF+ without or with gaps.
    pub kind: EdfKind,
    /// Who was recorded, as the header says it.
    pub patient: Private<String>,
    /// How it was recorded: in EDF+ it starts with the date.
    pub recording: Private<String>,
    /// When it started, on a clock whose zone is not known; `None` where the header gives no date.
    pub start: Option<Moment>,
    /// Seconds in a data record, not negative.
    pub record_secs: f64,
    /// When each data record starts, in seconds since `start`.
    pub record_starts: Vec<f64>,
    /// The signals in order, annotations left out.
    pub signals: Vec<EdfSignal>,
    /// The annotations in order; always empty in plain EDF.
    pub annotations: Vec<EdfAnnotation>,
}

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdfKind {
    /// EDF.
    Plain,
    /// EDF+C: data records follow each other without gaps.
    Continuous,
    /// EDF+D: there may be gaps between data records.
    Discontinuous,
}

/// One signal.
#[derive(Debug, Clone, PartialEq)]
pub struct EdfSignal {
    /// Its name: `EEG Fpz-Cz`.
    pub label: String,
    /// What it was taken with.
    pub transducer: String,
    /// The unit of [`Self::physical`].
    pub unit: String,
    /// The physical values of the two digital ones.
    pub physical_range: (f64, f64),
    /// The smallest and the largest digital value.
    pub digital_range: (i32, i32),
    /// How it was filtered.
    pub prefilter: String,
    /// Samples in a data record.
    pub samples_per_record: usize,
    /// The samples as stored, oldest first, gaps left out.
    pub samples: Vec<i16>,
}

/// Something that was noted at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct EdfAnnotation {
    /// Seconds since the start.
    pub onset_secs: f64,
    /// Seconds that it lasted, where that is said.
    pub duration_secs: Option<f64>,
    /// What was noted.
    pub text: String,
}

impl EdfSignal {
    /// The samples in the signal's unit; NaN where the header gives no scale.
    pub fn physical(&self) -> impl Iterator<Item = f64> + '_ {
        let (low, high) = self.digital_range;
        let per_step =
            (self.physical_range.1 - self.physical_range.0) / f64::from(high.saturating_sub(low));
        let scale = move |digital: &i16| {
            if low == high {
                return f64::NAN;
            }
            (f64::from(*digital) - f64::from(low)) * per_step + self.physical_range.0
        };
        self.samples.iter().map(scale)
    }

    /// Samples a second in a file of such data records; `None` where their length is not known.
    #[expect(clippy::cast_precision_loss, reason = "a data record has fewer than 2^52 samples")]
    pub fn hz(&self, record_secs: f64) -> Option<f64> {
        (record_secs > 0.0).then(|| self.samples_per_record as f64 / record_secs)
    }
}
