//! Decodes recordings and device messages into samples and readings.
//!
//! Bytes in, values and [`Complaint`]s out: wrong data is a value, and only what cannot be read at
//! all is an error. No decoder panics, and none takes more memory than a small multiple of its
//! input, or than the limit that its documentation states. It opens no file and no socket, and it
//! judges no reading beyond the range of its quantity.
//!
//! Read [`Recording`] and [`Reading`] first. A module each: WFDB, EDF and DICOM recordings;
//! Bluetooth health profiles, IEEE 11073-20601, HL7 version 2, SenML and Sparkplug B messages; and
//! the device feed of our own, JSON over MQTT, see [`decode_topic`]. What each follows, and what it
//! refuses, stands in `docs/devices.md`.

mod bytes;
mod complaint;
mod dicom;
mod edf;
mod fault;
mod feed;
mod gatt;
mod hl7;
mod medical_float;
mod phd;
mod reading;
mod senml;
mod sparkplug;
mod wfdb;

pub use complaint::Complaint;
pub use dicom::{DicomChannel, DicomEcg, DicomGroup, MAX_DICOM_CHANNELS};
pub use edf::{Edf, EdfAnnotation, EdfKind, EdfSignal, MAX_EDF_SIGNALS};
pub use fault::Fault;
pub use feed::{
    EcgChunk, FeedError, FeedMessage, MAX_CHUNK_SAMPLES, MAX_LEAD_CHARS, MAX_PAYLOAD_BYTES,
    ModemReading, PositionReading, VitalsReading, WaveKind, WavePiece, decode_ecg, decode_modem,
    decode_position, decode_topic, decode_vitals, decode_wave,
};
pub use gatt::{
    Filter, GattDialogue, GattStep, Racp, RacpError, Records, decode_characteristic,
    decode_notifications,
};
pub use hl7::{
    Alarm, MAX_HL7_BYTES, Message, MllpReader, Observations, Segment as Hl7Segment, acknowledge,
    decode_observations, escape as escape_hl7, frame as frame_mllp, unescape as unescape_hl7,
};
pub use medical_float::MedicalFloat;
pub use phd::{Apdu, Association, Attribute, PhdHeard, PhdManager, PhdSession, Protocol, Service};
pub use reading::{
    Absence, Metric, Moment, Reading, Readings, Source, Value, Wave, vitals_of, waves_of,
};
pub use senml::{
    MAX_SENML_BYTES, SenmlRecord, SenmlValue, decode_senml_cbor, decode_senml_json,
    encode_senml_cbor, encode_senml_json, senml_readings,
};
pub use sparkplug::{SparkplugMetric, SparkplugPayload, SparkplugSession, SparkplugValue};
pub use wfdb::{
    Annotation, AnnotationError, Header, HeaderError, MAX_SAMPLES, MAX_SEGMENTS, MAX_SIGNALS,
    RecordNameError, Recording, RecordingError, Segment, Segments, Signal, SignalSpec,
    StorageFormat, annotation_hz, decode_annotations, encode_annotations, encode_leads,
};
