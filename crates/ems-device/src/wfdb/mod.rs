//! WFDB recordings (WFDB Applications Guide, 10th edition: header(5), signal(5), annot(5)).

mod annotation;
mod annotation_writer;
mod flac;
mod header;
mod line;
mod packing;
mod recording;
mod recording_writer;
mod segments;
mod storage;

pub use annotation::{Annotation, annotation_hz, decode_annotations};
pub use annotation_writer::{AnnotationError, encode_annotations};
pub use header::{Header, HeaderError, MAX_SIGNALS, SignalSpec, StorageFormat};
pub use recording::{MAX_SAMPLES, Recording, RecordingError, Signal};
pub use recording_writer::{RecordNameError, encode_leads};
pub use segments::{MAX_SEGMENTS, Segment, Segments};

pub(crate) use line::shorten;
