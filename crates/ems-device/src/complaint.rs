//! What was wrong with data that could be read all the same.

use ems_model::OutOfRange;

/// Something wrong in a recording or a device message, beside the values that were right.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Complaint {
    /// A signal file ends before the header says.
    #[error(
        "{file} holds {n_frames_found} of {n_frames_promised} frames: copy it again, the rest of the recording is missing"
    )]
    Truncated {
        /// The signal file.
        file: String,
        /// Whole frames in the file.
        n_frames_found: u64,
        /// Frames that the header promises.
        n_frames_promised: u64,
    },
    /// A signal file goes on after the header says it ends.
    #[error(
        "{file} holds {n_frames_found} frames, {n_frames_promised} were promised: the rest is left out, check the header"
    )]
    Overlong {
        /// The signal file.
        file: String,
        /// Whole frames in the file.
        n_frames_found: u64,
        /// Frames that the header promises.
        n_frames_promised: u64,
    },
    /// The samples of a signal do not add up to the header's checksum.
    #[error("signal {lead} sums to {found}, its header says {promised}: copy the recording again")]
    Checksum {
        /// The signal's description.
        lead: String,
        /// The sum of its samples, modulo 65536.
        found: u16,
        /// The header's sum, modulo 65536.
        promised: u16,
    },
    /// A FLAC file breaks off; what came before is kept.
    #[error("{file} breaks off ({what}): copy it again, the rest of the recording is missing")]
    FlacBroken {
        /// The signal file.
        file: String,
        /// Why.
        what: String,
    },
    /// A segment of a record that cannot be read, or not all of it; its samples are missing.
    #[error(
        "segment {segment}: {what}: its samples are missing, copy it again or correct its header"
    )]
    Segment {
        /// The segment's name.
        segment: String,
        /// What is wrong with it.
        what: String,
    },
    /// A signal has no gain, so that 200 ADC units per millivolt were assumed.
    #[error("signal {lead} is not calibrated, 200 per mV is assumed: do not read amplitudes")]
    Uncalibrated {
        /// The signal's description.
        lead: String,
    },
    /// An annotation file ends inside an annotation or without its end mark.
    #[error("annotations end at byte {at_byte} without an end mark: copy the file again")]
    AnnotationsTruncated {
        /// Where the bytes ran out.
        at_byte: usize,
    },
    /// A vital sign is outside its range; it is missing from the reading.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A field of a device message has the wrong type; it is missing from the reading.
    #[error("field \"{field}\" is {found}, not {expected}: correct the device profile")]
    WrongType {
        /// The field's name.
        field: String,
        /// What came, as JSON, shortened.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A field of a device message is not known; it is left out.
    #[error(
        "field \"{field}\" is not known: correct its name or take it out of the device profile"
    )]
    UnknownField {
        /// The field's name, shortened.
        field: String,
    },
    /// Samples outside ±32,767 µV; they are missing from the chunk.
    #[error(
        "{n_samples} samples of lead {lead} are outside -32767..=32767 µV: check the gain in the device profile"
    )]
    SamplesOutOfRange {
        /// The lead.
        lead: String,
        /// How many.
        n_samples: usize,
    },
    /// A place of a message does not hold what it should; the rest was read.
    #[error(transparent)]
    Fault(#[from] crate::Fault),
}
