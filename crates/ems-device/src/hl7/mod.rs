//! HL7 version 2 as monitors speak it: IHE Patient Care Device, PCD-01 (observations, ORU^R01) and
//! PCD-04 of Alert Communication Management (ORU^R40), over MLLP (HL7 Transport Specification,
//! release 1; IHE PCD Technical Framework, volume 2).
//!
//! [`MllpReader`] cuts a stream into messages, [`Message`] takes one apart, [`decode_observations`]
//! gives readings and alarms, [`acknowledge`] the answer.

mod acknowledge;
mod alarm;
mod message;
mod mllp;
mod observation;
mod text;
mod time;
mod wave;

pub use acknowledge::acknowledge;
pub use alarm::Alarm;
pub use message::{MAX_HL7_BYTES, Message, Segment};
pub use mllp::{MllpReader, frame};
pub use observation::{Observations, decode_observations};
pub use text::{escape, unescape};
