//! WFDB recordings (WFDB Applications Guide, 10th edition: header(5), signal(5), annot(5)).

mod annotation;
mod annotation_writer;
mod header;
mod packing;
mod recording;

pub use annotation::{Annotation, decode_annotations};
pub use annotation_writer::{AnnotationError, encode_annotations};
pub use header::{Header, HeaderError, MAX_SIGNALS, SignalSpec, StorageFormat};
pub use recording::{Recording, RecordingError, Signal};

pub(crate) use header::shorten;
